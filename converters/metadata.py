"""TFLite metadata of a text classifier, by which MediaPipe and the Task Library run a file without any code of its own.

The public schema is mediapipe/tasks/metadata/metadata_schema.fbs, version 1.5.0, of
https://github.com/google-ai-edge/mediapipe; the places of its fields are the numbers below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from converters.errors import ConversionError

NAME, IDENTIFIER = b"TFLITE_METADATA", b"M001"
MIN_PARSER_VERSION = "1.1.0"
"""The first with a tokenizer for BERT; so are all other fields here."""

INPUT_NAMES = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "segment_ids"}
"""What the inputs of a BERT are called in metadata."""
VOCABULARY, LABELS = "vocab.txt", "labels.txt"
TENSOR_AXIS_LABELS, VOCABULARY_FILE = 2, 5
"""Kinds of `AssociatedFile`."""
FEATURE_PROPERTIES, BERT_TOKENIZER_OPTIONS = 1, 4
"""Members of the unions `ContentProperties` and `ProcessUnitOptions`."""


@dataclass(frozen=True, kw_only=True)
class TextClassifier:
    """What a reader of metadata needs beside the graph.

    Attributes:
        name: of the model.
        description: what it does, for people.
        vocabulary: WordPiece tokens in the order of their ids.
        labels: in the order of the outputs.
    """

    name: str
    description: str
    vocabulary: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def files(self) -> dict[str, bytes]:
        """The files that the metadata names, to go behind the model, see `converters.associated_files`."""
        lists = {VOCABULARY: self.vocabulary, LABELS: self.labels}
        return {name: "".join(f"{line}\n" for line in lines).encode() for name, lines in lists.items()}


def write(path: Path, classifier: TextClassifier) -> None:
    """Put metadata into a TFLite file of one function, as `converters.tflite` writes it.

    Do so before quantising: quantisers keep it, and lay out their own files in a way that cannot be packed again.

    Raises:
        ConversionError: if the file has more than one subgraph.
    """
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    if len(model.subgraphs) != 1:
        raise ConversionError(f"{path.name} has {len(model.subgraphs)} subgraphs; metadata describe one.")
    graph, (signature,) = model.subgraphs[0], model.signatureDefs
    names = {port.tensorIndex: _text(port.name) for port in (*signature.inputs, *signature.outputs)}
    buffer, entry = schema.BufferT(), schema.MetadataT()
    inputs, outputs = ([names[tensor] for tensor in tensors] for tensors in (graph.inputs, graph.outputs))
    buffer.data = list(_flatbuffer(classifier, inputs, outputs))
    entry.name, entry.buffer = NAME.decode(), len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or ()), entry]
    path.write_bytes(_finished(model.Pack, b"TFL3"))


def _flatbuffer(classifier: TextClassifier, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """A `ModelMetadata`; inputs and outputs in the order of the subgraph."""

    def pack(builder: Any) -> int:
        new = _Tables(builder)
        content = new.table({0: _Byte(FEATURE_PROPERTIES), 1: new.table({})})
        tokenizer = new.table({0: new.tables([new.file(VOCABULARY, VOCABULARY_FILE)])})
        labels = new.tables([new.file(LABELS, TENSOR_AXIS_LABELS)])
        tensors = [new.table({0: new.text(INPUT_NAMES[name]), 1: new.text(name), 3: content}) for name in inputs]
        results = [new.table({0: new.text(name), 3: content, 6: labels}) for name in outputs]
        unit = new.table({0: _Byte(BERT_TOKENIZER_OPTIONS), 1: tokenizer})
        graph = new.table({2: new.tables(tensors), 3: new.tables(results), 5: new.tables([unit])})
        texts = {0: classifier.name, 1: classifier.description, 7: MIN_PARSER_VERSION}
        return new.table({place: new.text(text) for place, text in texts.items()} | {3: new.tables([graph])})

    return _finished(pack, IDENTIFIER)


class _Byte(int):
    """A field of one byte; other numbers are offsets."""


class _Tables:
    """Flatbuffer tables by the places of their fields, children first."""

    def __init__(self, builder: Any) -> None:
        self._builder = builder

    def text(self, value: str) -> int:
        return int(self._builder.CreateString(value))

    def file(self, name: str, kind: int) -> int:
        return self.table({0: self.text(name), 2: _Byte(kind)})

    def table(self, fields: Mapping[int, int]) -> int:
        self._builder.StartObject(max(fields, default=-1) + 1)
        for place, value in fields.items():
            if isinstance(value, _Byte):
                self._builder.PrependUint8Slot(place, int(value), 0)
            else:
                self._builder.PrependUOffsetTRelativeSlot(place, value, 0)
        return int(self._builder.EndObject())

    def tables(self, offsets: Sequence[int]) -> int:
        self._builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self._builder.PrependUOffsetTRelative(offset)
        return int(self._builder.EndVector())


def _finished(pack: Any, identifier: bytes) -> bytes:
    import flatbuffers

    builder = flatbuffers.Builder(1024)
    builder.Finish(pack(builder), identifier)
    return bytes(builder.Output())


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
