"""tflite-runtime 2.14 (October 2023), the last of its name: what an app with an old TensorFlow Lite would answer.

It takes int8 files whose weights are scaled per channel (dynamic) without a word, and answers zeros.
"""

from __future__ import annotations

from edgebert.runtimes.environment import Environment
from edgebert.runtimes.tflite import TfLite


class TfLiteRuntime(TfLite):
    """The interpreter of the package tflite-runtime; built for NumPy 1, and for Python up to 3.11."""

    name = "tflite-runtime"
    module, package = "tflite_runtime.interpreter", "tflite-runtime"
    environment = Environment("tflite-runtime", ("tflite-runtime==2.14.0", "numpy==1.26.4"), python="3.11")


RUNTIME = TfLiteRuntime()
