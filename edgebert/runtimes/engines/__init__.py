"""One file an engine, each with a `RUNTIME`; the file's name is the engine's name."""
