"""One file an engine, see `benchmarks.peers.engine.Engine`; the file's name is the engine's name."""
