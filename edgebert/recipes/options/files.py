"""Which files are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from edgebert import registry
from edgebert.errors import UserError

Format = Literal["onnx", "tflite"]
Layout = Literal["files", "signatures"]
Output = Literal["logits", "probabilities"]
Target = Literal["litert", "onnx-mobile", "mediapipe"]
Isa = Literal["arm", "vnni", "avx2"]
TextInput = Literal["no", "exact", "close"]

FORMAT_OF: dict[Target, Format] = {"litert": "tflite", "onnx-mobile": "onnx", "mediapipe": "tflite"}
"""What the runtime of each target reads."""


@dataclass(frozen=True, kw_only=True)
class ConvertOptions:
    """Which files are made."""

    target: Target | None = None
    """The one runtime that the files are for: `litert`; `onnx-mobile`, ONNX Runtime; or `mediapipe`, whose Text
    Classifier loads the TFLite files as they are: probabilities, a file for each length, vocabulary and labels inside.
    Without it, files for LiteRT and ONNX Runtime."""

    formats: tuple[Format, ...] = ("onnx", "tflite")
    """File formats; with --target, the one that its runtime reads."""

    lengths: tuple[int | Literal["auto"], ...] = (32, 64, 128)
    """Token lengths of the TFLite files; texts are cut at the longest, in training too. ONNX takes any length. `auto`
    chooses up to 4 of at most 128 tokens, with which the train rows are padded least and 99 % of them are not cut."""

    tflite_layout: Layout | None = None
    """TFLite: one file with a signature for each length, which share the weights (`signatures`, unless --target wants
    it otherwise), or a file for each length (`files`), for an engine without signatures."""

    output: Output | None = None
    """What the files give back, `logits` unless --target wants probabilities: a softmax of classes, a sigmoid of each
    of several labels; a number has none, its one logit is the number itself."""

    text_input: TextInput = "no"
    """With --target onnx-mobile: beside each file one that takes the text itself, split inside by
    onnxruntime-extensions, which the app must then bring. `exact`: refused where one of your dev texts is split
    otherwise than by the model's own tokenizer; `close`: also then, and the report counts them."""

    def __post_init__(self) -> None:
        self._check_target()
        if self.is_auto:
            return
        lengths = [length for length in self.lengths if isinstance(length, int)]
        if not lengths or min(lengths) < 4 or len(set(lengths)) != len(self.lengths):
            raise UserError(
                f"--lengths {' '.join(map(str, self.lengths))}: lengths are different numbers of at least 4 tokens.",
                "For example: --lengths 32 64 128",
            )
        object.__setattr__(self, "lengths", tuple(sorted(lengths)))

    def _check_target(self) -> None:
        if self.target and not self.file_formats:
            raise UserError(
                f"--target {self.target} reads {FORMAT_OF[self.target]} files, not --formats {' '.join(self.formats)}.",
                "Leave --formats out.",
            )
        if self.text_input != "no" and self.target != "onnx-mobile":
            raise UserError(
                f"--text-input {self.text_input} is for files of --target onnx-mobile.", "Add --target onnx-mobile."
            )
        if self.target == "mediapipe" and self.output == "logits":
            raise UserError("--target mediapipe reads probabilities, not --output logits.", "Leave --output out.")
        if self.target == "mediapipe" and self.tflite_layout == "signatures":
            raise UserError(
                "--target mediapipe reads files of one length, not --tflite-layout signatures.",
                "Leave --tflite-layout out.",
            )

    @property
    def is_auto(self) -> bool:
        """Whether the lengths are to be chosen by the train rows."""
        return self.lengths == ("auto",)

    @property
    def fixed_lengths(self) -> tuple[int, ...]:
        """The lengths, ascending.

        Raises:
            UserError: if they are still to be chosen.
        """
        if self.is_auto:
            raise UserError(
                "--lengths auto is by the train rows, which were not read yet.",
                "Start with: edgebert finetune, or export.",
            )
        return tuple(length for length in self.lengths if isinstance(length, int))

    @property
    def max_length(self) -> int:
        """Where texts are cut: the longest of the lengths, in tokens."""
        return self.fixed_lengths[-1]

    @property
    def file_formats(self) -> tuple[Format, ...]:
        """The formats that are made."""
        return tuple(one for one in self.formats if self.target is None or one == FORMAT_OF[self.target])

    @property
    def file_layout(self) -> Layout:
        """How lengths share TFLite files."""
        return self.tflite_layout or ("files" if self.target == "mediapipe" else "signatures")

    @property
    def file_output(self) -> Output:
        """What the files give back."""
        return self.output or ("probabilities" if self.target == "mediapipe" else "logits")


@dataclass(frozen=True, kw_only=True)
class QuantizeOptions:
    """Which smaller files are made of the fp32 ones."""

    schemes: tuple[str, ...] = ("fp32", "int8")
    """Precisions to ship: `fp32`, `fp16`, `int8` (scaled at run time), `int8-static` (scaled by calibration),
    `int8-tensor` and `int8-weights` (TFLite, also for runtimes as old as 2.14), `int4` (smallest: 4-bit embeddings).
    fp32 files are always made, as the reference; they are left out of the bundle when not named here."""

    isa: Isa = "arm"
    """Instruction set that int8 ONNX files are for: `arm` and `vnni` multiply 8-bit integers exactly; `avx2` (x86
    without VNNI) saturates, so weights keep to 7 bits."""

    max_loss: float = 1.0
    """Points (of 100) of the metric that a quantised file may lose on held-out train rows. Beyond, its worst layers
    stay in float32; where that is not enough, a safer precision takes its place, and the report says so."""

    def __post_init__(self) -> None:
        known = ["fp32", *registry.names("quantize/schemes")]
        for name in self.schemes:
            if name not in known:
                raise registry.unknown("--schemes", name, known)

    @property
    def smaller(self) -> tuple[str, ...]:
        """The precisions that are made of the fp32 files, each once."""
        return tuple(dict.fromkeys(scheme for scheme in self.schemes if scheme != "fp32"))
