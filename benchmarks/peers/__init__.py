"""edgebert's files beside what other tools make of the same weights: the same rows, in one run, in turn.

An engine is one file of `engines`; `setup` makes the environments that some need. A process each serves one variant of
one engine, and all are asked in turn, round by round: `python -m benchmarks.peers`.
"""
