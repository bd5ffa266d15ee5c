"""What an app has to know of a bundle. `manifest.json` is a `Manifest`: an app reads it and nothing else first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from converters.graph_spec import TensorSpec
from edgebert.errors import UserError
from edgebert.files import read_json
from edgebert.report.codec import decode

FILE = "manifest.json"
SCHEMA = 1


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
        max_change: against the student: of a probability over all rows and labels, of a number over all rows in
            standard deviations of the dev column.
        rows: dev rows.
        cut_rows: rows that were cut, at `cut_at` tokens.
        cut_at: tokens.
    """

    metric: str
    value: float
    drop: float
    agreement: float | None
    max_change: float
    rows: int
    cut_rows: int
    cut_at: int


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model file.

    Attributes:
        path: in the bundle.
        sha256: hex digest.
        bytes: size.
        length: tokens it takes, padded; null: any number up to `Tokenizer.max_length`.
        signature: name of the TFLite signature; null for ONNX.
        inputs: name, dtype and shape of each; bind them by name. "batch" and "length" in a shape are free.
        output: likewise, [batch, labels].
        quality: of this file on all dev rows, cut at its length.
    """

    path: str
    sha256: str
    bytes: int
    length: int | None
    signature: str | None
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    quality: Quality


@dataclass(frozen=True, kw_only=True)
class Model:
    """Files that are one model: choose one of the bundle's by format and precision.

    Attributes:
        format: "onnx" or "tflite".
        scheme: precision: "fp32", "fp16", "int8", "int8-static", ...; "-mixed" behind it: some layers in float32.
        driver: how to use the files. "single": there is one; "by-length": run the shortest that the text fits in, the
            longest with the text cut to it where none is long enough.
        engine: the runtime that the files were checked in.
        engine_version: its version.
        quantization: how the numbers are kept, in words ("weights", "activations", ...); empty for fp32.
        output: "logits" or "probabilities", see `Manifest.kind`; golden.json has logits in either case.
        lengths: tokens of the files, ascending; empty where one file takes any length.
        quality: of the driver with all these files on the dev rows; null if just that was not measured.
        files: shortest first.
    """

    format: str
    scheme: str
    driver: str
    engine: str
    engine_version: str
    quantization: dict[str, str]
    output: str
    lengths: tuple[int, ...]
    quality: Quality | None
    files: tuple[ModelFile, ...]


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
        tokenizer: how a text becomes token ids.
        golden: file of texts with their token ids and logits, to check an app against.
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
    tokenizer: Tokenizer
    golden: str
    assets: tuple[Asset, ...]
    student: dict[str, Any]
    licences: tuple[Licence, ...]
    versions: dict[str, str]
    revision: str | None

    @property
    def digests(self) -> dict[str, str]:
        """The sha256 of every file of the bundle but the manifest itself."""
        files: list[Asset | ModelFile] = [*self.assets, *(file for model in self.models for file in model.files)]
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
