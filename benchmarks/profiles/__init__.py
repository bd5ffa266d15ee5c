"""Where the time of a file goes, operator by operator: what `benchmarks.operators` measures with.

`tflite` takes a file apart, for LiteRT's Python package tells no times of operators; `onnx` asks ONNX Runtime's own
profiler. `worker` is the process that times one file and nothing else.
"""
