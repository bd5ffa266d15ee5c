"""Does a bundle answer as its goldens say? All that an app team can check, who have the folder and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import converters
from converters.artefact import Artefact
from edgebert import console, runtimes
from edgebert.bundle.folder import check
from edgebert.bundle.manifest import FILE, Entry, Manifest, Model, ModelFile
from edgebert.bundle.text_input import check_answers
from edgebert.errors import GateError
from edgebert.files import read_json
from edgebert.recipes.options import VerifyOptions
from edgebert.runtimes.jobs import ModelFile as JobFile
from edgebert.runtimes.jobs import RunJob
from edgebert.runtimes.runtime import Runtime, RuntimeFailure
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder, Tokens
from edgebert.tasks.rows import Row
from edgebert.verify.compare import as_values

SLACK = 0.01
"""How much more than on the dev rows a quantised file may change a value: another processor rounds otherwise."""


def verify(folder: Path, options: VerifyOptions) -> None:
    """Check that a bundle is whole, reads texts as its goldens say, and that every model answers as they say.

    An fp32 file keeps each value within the tolerance on every golden text; another file, on those that are dev
    rows, within the largest change that the manifest says was seen there.

    Args:
        folder: the bundle.
        options: the runtimes to run the files in, but for those that the manifest refuses them for; the tolerance.

    Raises:
        UserError: if files are missing or are others than the manifest says, or a runtime is not installed.
        GateError: naming every answer that is wrong.
    """
    check(folder)
    manifest = Manifest.load(folder)
    golden = read_json(folder / manifest.golden)
    wrong = [*_labels(folder, manifest, golden), *_tokens(folder, manifest, golden)]
    runs = [
        (model, file, runtime)
        for model in manifest.models
        for runtime in runtimes.choose(options.runtimes, model.format)
        for file in model.files
        if not any(one.reasons for one in file.runtimes if one.runtime.name == runtime.name)
    ]
    for model, file, runtime in console.track(runs, "asking the files"):
        wrong += _answers(folder, manifest, golden["texts"], model, file, runtime, options)
    encoder, rows = TextEncoder(folder / manifest.tokenizer.file, manifest.tokenizer.max_length), _rows(golden)
    for one in manifest.text_models:
        check_answers(folder / one.of, folder / one.path, encoder, one.outputs[0], rows)
    if wrong:
        raise GateError(f"The bundle {folder} does not answer as it should: {' '.join(wrong)}", "Do not ship it.")
    console.say(
        f"{folder}: whole, and {len(runs)} times a file in a runtime all goldens are answered as they should be."
    )


def _labels(folder: Path, manifest: Manifest, golden: dict[str, Any]) -> Iterator[str]:
    named = (folder / "labels.txt").read_text(encoding="utf-8").splitlines()
    own, goldens = list(manifest.labels), golden["labels"]
    if not own == goldens == named:
        yield f"The labels are {own} in {FILE}, {goldens} in {manifest.golden}, {named} in labels.txt."


def _tokens(folder: Path, manifest: Manifest, golden: dict[str, Any]) -> Iterator[str]:
    tokenizer = folder / manifest.tokenizer.file
    rows = _rows(golden)
    for place, length in enumerate(cut["length"] for cut in golden["texts"][0]["cuts"]):
        for text, found in zip(golden["texts"], TextEncoder(tokenizer, length).encode(rows), strict=True):
            if found != golden_tokens(text["cuts"][place]):
                yield f"{tokenizer.name} gives other token ids than the golden '{text['name']}' at {length} tokens."
                return
    if manifest.tokenizer.vocabulary:
        words = (folder / manifest.tokenizer.vocabulary).read_text(encoding="utf-8").split("\n")[:-1]
        stored = read_json(tokenizer)
        ids = dict(stored["model"]["vocab"]) | {token["content"]: token["id"] for token in stored["added_tokens"]}
        if {word: place for place, word in enumerate(words)} != ids:
            yield f"{manifest.tokenizer.vocabulary} is not the vocabulary of {tokenizer.name}."


def _rows(golden: dict[str, Any]) -> list[Row]:
    return [Row(text["text"], text["pair"]) for text in golden["texts"]]


def _answers(
    folder: Path,
    manifest: Manifest,
    texts: Sequence[dict[str, Any]],
    model: Model,
    file: ModelFile,
    runtime: Runtime,
    options: VerifyOptions,
) -> Iterator[str]:
    kind = kinds.get(manifest.kind)
    for entry in file.entries:
        at = entry.length or manifest.tokenizer.max_length
        cuts = [next(cut for cut in text["cuts"] if cut["length"] == at) for text in texts]
        label = f"{file.path} at {at} tokens in {runtime.name} {runtime.version()}"
        try:
            outputs = ask(folder, manifest, model, file, entry, runtime, [golden_tokens(cut) for cut in cuts])
        except RuntimeFailure as failure:
            yield str(failure)
            continue
        expected = kind.values(np.array([cut["logits"] for cut in cuts], np.float32))
        change = np.abs(as_values(outputs, file.output.name, kind) - expected).max(axis=1) / entry.quality.unit
        exact = model.scheme == "fp32"
        limit = options.fp32_tolerance if exact else entry.quality.max_change + SLACK
        looked_at = np.array([exact or text["label"] is not None for text in texts])
        worst = int(np.argmax(np.where(looked_at, np.nan_to_num(change, nan=np.inf), -1)))
        if not np.isfinite(outputs).all():
            yield f"{label} gives numbers that are not finite."
        elif change[worst] > limit:
            name = texts[worst]["name"]
            yield f"{label} is {change[worst]:.2g} off the golden '{name}' ({kind.VALUE}); {limit:.2g} is allowed."


def ask(
    folder: Path,
    manifest: Manifest,
    model: Model,
    file: ModelFile,
    entry: Entry,
    runtime: Runtime,
    tokens: Sequence[Tokens],
) -> npt.NDArray[np.float32]:
    """Run a function of a file.

    Args:
        folder: the bundle.
        manifest: of the bundle.
        model: one of its models.
        file: one of the model's files.
        entry: one of the file's functions.
        runtime: what it runs in.
        tokens: texts, no longer than the function takes.

    Returns:
        Its outputs [texts, labels].

    Raises:
        RuntimeFailure: if the runtime cannot run the file.
    """
    artefact = Artefact(
        path=file.path, format=model.format, scheme=model.scheme, driver=model.driver,
        entries=(converters.Entry(signature=entry.signature, length=entry.length, inputs=entry.inputs),),
        output=file.output, sha256=file.sha256, bytes=file.bytes,
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        rows, out = Path(name) / "rows", Path(name) / "outputs.npy"
        TokenFile.write(rows, tokens, manifest.tokenizer.pad_id)
        runtime.run(RunJob(JobFile(folder, artefact), rows, out, threads=1))
        outputs: npt.NDArray[np.float32] = np.load(out)
        return outputs


def golden_tokens(cut: dict[str, Any]) -> Tokens:
    """The tokens of a golden at one of its lengths."""
    return Tokens(tuple(cut["input_ids"]), tuple(cut["token_type_ids"]))
