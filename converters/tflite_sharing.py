"""Equal constants of a TFLite file kept once, whoever wrote them: the same function in fewer bytes.

Exporters fold constants once for each signature, and quantisers write a tensor's scales again wherever it is used. What
is equal to the last bit is shared here, and every weight lies aligned inside the flatbuffer.
"""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ALIGNMENT = 16
"""Of the bytes of a buffer, as the schema demands it."""


def share(content: bytes) -> bytes:
    """A TFLite file with equal constants shared.

    Tensors with the same bytes, type, shape and quantisation read one buffer: that is what a runtime that packs weights
    recognises them by. Equal lists within the file (bytes, scales, zero points, shapes) are written once.

    Args:
        content: the file; weights may lie behind the flatbuffer, as AI Edge Quantizer leaves them.
    """
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for buffer in model.buffers:
        if buffer.offset > 1:  # by the schema, up to 1 there is no such place
            buffer.data = np.frombuffer(content, np.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    digests = [_digest(buffer.data) for buffer in model.buffers]
    first: dict[bytes, int] = {}
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        if digest := digests[tensor.buffer]:
            tensor.buffer = first.setdefault(digest + _kind(tensor), tensor.buffer)
    named = {entry.buffer for entry in model.metadata or []}
    read = {tensor.buffer for graph in model.subgraphs for tensor in graph.tensors} | named
    for place, buffer in enumerate(model.buffers):
        if place not in read:
            buffer.data = None  # not removed: metadata and tensors know buffers by number
    builder = _Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _kind(tensor: Any) -> bytes:
    """All that the schema says of a tensor but its name and its place."""
    alike = copy.copy(tensor)
    alike.name, alike.buffer = None, 0
    builder = flatbuffers.Builder(1024)
    builder.Finish(alike.Pack(builder))
    return hashlib.sha256(builder.Output()).digest()


def _digest(data: Any) -> bytes:
    """Of a buffer's bytes; none of one that holds nothing."""
    return b"" if data is None or not len(data) else hashlib.sha256(np.ascontiguousarray(data).data).digest()


class _Builder(flatbuffers.Builder):  # type: ignore[misc]
    """Writes equal lists of numbers once, and bytes aligned."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: np.ndarray) -> int:
        """What `Pack` calls for a list of numbers."""
        key = x.dtype.str, hashlib.sha256(np.ascontiguousarray(x).data).digest()
        if key not in self._written:
            if x.dtype == np.uint8:
                self.Prep(ALIGNMENT, x.nbytes)
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]
