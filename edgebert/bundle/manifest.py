"""What an app has to know of a bundle. `manifest.json` is a `Manifest`: an app reads it and nothing else first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.deployment import Driver
from converters.graph_spec import Format, TensorSpec
from edgebert.errors import UserError
from edgebert.files import read_json
from edgebert.report.codec import decode

FILE = "manifest.json"
SCHEMA = 3


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file of the bundle that is no model.

    Attributes:
        path: in the bundle.
        sha256: hex digest.
        bytes: size.
    """

    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Quality:
    """What was measured on the dev rows in the model's own engine.

    Attributes:
        metric: its name.
        value: points of 100.
        drop: the PyTorch student's value at the same cut minus this one.
        agreement: percent of rows with the student's answer; null for the kind "number".
        max_change: against the student, over all rows and outputs, of a probability, or of a number in `unit`.
        unit: 1 for probabilities; the standard deviation of the dev column for a number.
        rows: dev rows.
        cut_rows: rows that were cut, at `cut_at` tokens.
        cut_at: tokens.
    """

    metric: str
    value: float
    drop: float
    agreement: float | None
    max_change: float
    unit: float
    rows: int
    cut_rows: int
    cut_at: int


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A function of a model file.

    Attributes:
        signature: name of the TFLite signature; null for ONNX.
        length: tokens it takes, padded; null: any number up to `Tokenizer.max_length`.
        inputs: name, dtype and shape of each; bind them by name. "batch" and "length" in a shape are free.
        quality: of this function on all dev rows, cut at its length, in the model's own engine.
    """

    signature: str | None
    length: int | None
    inputs: tuple[TensorSpec, ...]
    quality: Quality


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """A runtime by name and version.

    Attributes:
        name: "ort", "litert", "tf" (TensorFlow's own), "tflite-runtime".
        version: its version.
    """

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class RuntimeCheck:
    """What a function of a file answered on the dev rows in a runtime.

    Attributes:
        runtime: which one.
        length: tokens of the function; null for any.
        value: the metric, points of 100; null where it did not run.
        drop: the student's value at the same cut minus this one; null likewise.
        reasons: why the file is refused for this runtime; empty where it is right there.
    """

    runtime: Runtime
    length: int | None
    value: float | None
    drop: float | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model file.

    Attributes:
        path: in the bundle.
        sha256: hex digest.
        bytes: size.
        entries: its functions, the shortest first; they share the weights.
        output: name, dtype and shape [batch, labels] of every function's output.
        runtimes: every runtime that the file was run in, and what came out; nothing is claimed of any other.
        minimum_runtime: the oldest of them in which all functions are right.
    """

    path: str
    sha256: str
    bytes: int
    entries: tuple[Entry, ...]
    output: TensorSpec
    runtimes: tuple[RuntimeCheck, ...]
    minimum_runtime: Runtime


@dataclass(frozen=True, kw_only=True)
class Model:
    """Files that are one model: choose one of the bundle's by format and precision.

    Attributes:
        format: "onnx" or "tflite".
        scheme: precision: "fp32", "fp16", "int8", "int8-static", ...; "-mixed" behind it: some layers in float32.
        driver: how to use the files. "single": there is one; "by-length": run the shortest that the text fits in, the
            longest with the text cut to it where none is long enough; "by-signature": likewise, of the entries of the
            one file.
        engine: the runtime that decided that the files may ship; for others see `ModelFile.runtimes`.
        engine_version: its version.
        quantization: how the numbers are kept, in words ("weights", "activations", ...); empty for fp32.
        output: "logits" or "probabilities", see `Manifest.kind`; golden.json has logits in either case.
        lengths: tokens of the files' functions, ascending; empty where one file takes any length.
        quality: of the driver with all these files on the dev rows; null if just that was not measured.
        files: shortest first.
    """

    format: Format
    scheme: str
    driver: Driver
    engine: str
    engine_version: str
    quantization: dict[str, str]
    output: str
    lengths: tuple[int, ...]
    quality: Quality | None
    files: tuple[ModelFile, ...]


@dataclass(frozen=True, kw_only=True)
class TextModel:
    """A file that takes a text and splits it itself, made of a model file, whose answers it gives.

    Attributes:
        path: in the bundle.
        sha256: hex digest.
        bytes: size.
        of: `path` of the model file.
        input: name of its one input, string [1].
        outputs: the model file's own, and "input_ids", int32 [1, length]: how the text was split.
        library: name and version of the operators that the runtime must be given, as they were checked.
        rows: dev texts.
        different: of these, texts that it splits otherwise than `Tokenizer` says.
    """

    path: str
    sha256: str
    bytes: int
    of: str
    input: str
    outputs: tuple[str, ...]
    library: str
    rows: int
    different: int


@dataclass(frozen=True, kw_only=True)
class Tokenizer:
    """How a text becomes token ids.

    Attributes:
        model: kind of tokenizer in `file`: "WordPiece", "BPE", "Unigram", ...
        file: Hugging Face `tokenizer.json`; the rules (lower case, accents, ...) are read from it, but for its own
            cutting and padding, which are not used.
        vocabulary: one token a line in id order; null where the tokenizer is no WordPiece.
        max_length: tokens at most, special tokens included.
        truncation: "longest_first": of a pair, the longer text loses tokens from its end first.
        pad_id: fills `input_ids` up to a file's length; `attention_mask` and `token_type_ids` are filled with 0.
    """

    model: str
    file: str
    vocabulary: str | None
    max_length: int
    truncation: str
    pad_id: int


@dataclass(frozen=True, kw_only=True)
class Licence:
    """Whose terms hold for a part of the bundle.

    Attributes:
        part: which part.
        source: where it comes from.
        licence: its name, as its source says; "unknown: ..." and what to do, where the source says nothing.
    """

    part: str
    source: str
    licence: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The bundle.

    Attributes:
        schema: version of the shape of this file.
        name: of the student; "none" for the user's own model as it is.
        task: name of the task.
        kind: kind of task, and what an app makes of the output:
            "classes": one label of several, that of the largest value; probabilities are the softmax of the logits.
            "labels": any number of labels, those whose logit is above 0 or whose probability is above 0.5;
                probabilities are the sigmoid of each logit, 1 / (1 + exp(-z)), and need not sum to 1.
            "number": the one logit is the number, in the unit of the user's table; there are no probabilities.
        labels: in the order of the outputs, as in labels.txt; of a number the name of what it measures.
        has_pair: whether the model reads two texts.
        models: to choose from, the smallest first.
        text_models: files that do without `tokenizer`, where they were asked for.
        tokenizer: how a text becomes token ids.
        golden: file of texts with their token ids and logits, to check an app against.
        report: file of the run's report, without times and without texts or paths of its own: an app puts its device's
            times into it for `edgebert compare`.
        assets: all files beside the models.
        student: the PyTorch student's own `metric`, `value` on dev (null if not known) and `parameters`.
        licences: whose terms hold.
        versions: of Python and libraries that made the files.
        revision: git revision of edgebert, where it ran from a checkout.
    """

    schema: int = SCHEMA
    name: str
    task: str
    kind: str
    labels: tuple[str, ...]
    has_pair: bool
    models: tuple[Model, ...]
    text_models: tuple[TextModel, ...] = ()
    tokenizer: Tokenizer
    golden: str
    report: str
    assets: tuple[Asset, ...]
    student: dict[str, Any]
    licences: tuple[Licence, ...]
    versions: dict[str, str]
    revision: str | None

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of every file of the bundle but the manifest itself."""
        files: list[Asset | ModelFile | TextModel] = [*self.assets, *self.text_models]
        files += (file for model in self.models for file in model.files)
        return {file.path: file.sha256 for file in files}

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def load(cls, folder: Path) -> Manifest:
        """Read the manifest of a bundle.

        Raises:
            UserError: if there is none, or it cannot be read.
        """
        path = folder / FILE
        if not path.is_file():
            raise UserError(f"{folder} is no bundle: it has no {FILE}.", "Write one with: edgebert report")
        try:
            manifest = decode(cls, read_json(path))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(f"{path} cannot be read: {error}", "Write it again with: edgebert report") from error
        if elsewhere := [name for name in manifest.digests if Path(name).name != name]:
            raise UserError(f"{path} names files outside its folder: {', '.join(elsewhere)}.")
        return manifest
