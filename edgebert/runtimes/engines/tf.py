"""TensorFlow's own `tf.lite.Interpreter`, in an environment of its own: 1.6 GB that nothing else needs."""

from __future__ import annotations

from edgebert.runtimes.environment import Environment
from edgebert.runtimes.tflite import TfLite


class TensorFlow(TfLite):
    """`tf.lite.Interpreter`, by the module that it is defined in."""

    name = "tf"
    module, package = "tensorflow.lite.python.interpreter", "tensorflow-cpu"
    environment = Environment("tf", ("tensorflow-cpu==2.21.0", "numpy==2.4.6"))


RUNTIME = TensorFlow()
