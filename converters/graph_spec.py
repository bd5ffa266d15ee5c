"""What a file must look like from outside: inputs, lengths, output, and the system it is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from converters.errors import ConversionError

Target = Literal["litert", "mediapipe", "onnx"]
Format = Literal["tflite", "onnx"]
Output = Literal["logits", "probabilities"]
Probability = Literal["softmax", "sigmoid"]
Layout = Literal["files", "signatures"]
Dtype = Literal["int32", "float32"]

FORMATS: dict[Target, Format] = {"litert": "tflite", "mediapipe": "tflite", "onnx": "onnx"}
"""The file format of each target."""


BERT = ("input_ids", "attention_mask", "token_type_ids")
"""The inputs of a BERT."""


@dataclass(frozen=True)
class TensorSpec:
    """A named, typed tensor; sizes that are free at run time stand as words ("batch", "length") in ``shape``."""

    name: str
    dtype: Dtype
    shape: tuple[int | str, ...]

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TensorSpec:
        """The inverse of `dataclasses.asdict`, also after a journey through JSON."""
        return cls(values["name"], values["dtype"], tuple(values["shape"]))


@dataclass(frozen=True, kw_only=True)
class GraphSpec:
    """What to convert to.

    Attributes:
        target: the system that will run the file. Of "mediapipe", metadata make the file a whole: it has all inputs of
            a `BERT`, whether the model reads them or not.
        lengths: token lengths; empty for one file that takes any length.
        layout: a file for each length, or one file with a signature for each, which share the weights.
        inputs: names, in order; int32 [batch, length] each.
        output: logits as the head gives them, or probabilities. Also the output's name.
        probability: what makes probabilities of logits: softmax where labels exclude each other, else sigmoid; None for
            logits that are numbers.
        num_labels: width of the output.
        signature: name of the function in a TFLite file; of several "_" and their length follow.
    """

    target: Target
    lengths: tuple[int, ...] = ()
    layout: Layout = "files"
    inputs: tuple[str, ...]
    output: Output = "logits"
    probability: Probability | None = "softmax"
    num_labels: int
    signature: str = "classify"

    def __post_init__(self) -> None:
        if self.target not in get_args(Target):
            raise ConversionError(f"There is no target '{self.target}'; there are: {', '.join(get_args(Target))}.")
        if self.format == "tflite" and not self.lengths:
            raise ConversionError("A TFLite file has a fixed length: name at least one in lengths.")
        if self.layout == "signatures" and self.format == "onnx":
            raise ConversionError("An ONNX file has no signatures: leave layout out.")
        if self.target == "mediapipe" and (self.layout, self.inputs, self.output) != ("files", BERT, "probabilities"):
            raise ConversionError(
                f"MediaPipe's Text Classifier takes a file for each length, with the inputs {', '.join(BERT)} in this "
                "order, that gives probabilities."
            )

    @property
    def format(self) -> Format:
        """The file format that the target reads."""
        return FORMATS[self.target]

    def input_specs(self, length: int | None) -> tuple[TensorSpec, ...]:
        """The inputs of the file for ``length`` tokens; None for the file that takes any length."""
        shape = (self._batch, "length" if length is None else length)
        return tuple(TensorSpec(name, "int32", shape) for name in self.inputs)

    def output_spec(self) -> TensorSpec:
        """The output, float32 [batch, num_labels]."""
        return TensorSpec(self.output, "float32", (self._batch, self.num_labels))

    @property
    def _batch(self) -> int | str:
        return 1 if self.format == "tflite" else "batch"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> GraphSpec:
        """The inverse of `to_dict`, also after a journey through JSON."""
        plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**plain)
