"""LiteRT (formerly TensorFlow Lite) with XNNPACK, its default on a processor."""

from __future__ import annotations

from edgebert.runtimes.tflite import TfLite


class LiteRt(TfLite):
    """LiteRT's interpreter."""

    name = "litert"
    module, package, extra = "ai_edge_litert.interpreter", "ai-edge-litert", "tflite"


RUNTIME = LiteRt()
