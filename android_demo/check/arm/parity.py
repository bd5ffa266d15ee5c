"""What a bundle's files answer on arm64, beside what they answer here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from android_demo.check.arm.emulator import engines
from edgebert import console, runtimes
from edgebert.bundle import answers, check
from edgebert.bundle.manifest import Entry, Manifest, Model, ModelFile
from edgebert.errors import GateError
from edgebert.files import read_json, sha256, write_json
from edgebert.tasks import kinds
from edgebert.tasks.encoder import Tokens
from edgebert.tasks.kinds import Floats
from edgebert.verify.compare import as_logits

CLOSE = 1e-4
"""Of what fp32 files give; int8 kernels round in their own ways, and must only choose the same label."""
Share = tuple[Entry, list[Tokens]]
"""A function of a file, and the texts that go through it."""


@dataclass(frozen=True, kw_only=True)
class Parity:
    """A file on a processor, held against the same file, in the same version of the same engine, on this machine.

    Attributes:
        file: its name.
        scheme: its precision.
        processor: the emulated one.
        engine: name and version.
        texts: goldens that it was asked, each in the function that the file's driver takes for it.
        max_difference: the largest of an output.
        agreement: percent of texts with the same answer; None for numbers.
    """

    file: str
    scheme: str
    processor: str
    engine: str
    texts: int
    max_difference: float
    agreement: float | None

    @property
    def is_right(self) -> bool:
        """Whether nobody would notice the difference."""
        return self.agreement in (None, 100.0) and (self.scheme != "fp32" or self.max_difference <= CLOSE)


def compare(bundle: Path, processors: Sequence[str], work: Path) -> list[Parity]:
    """Ask every file of a bundle its goldens, here and on each emulated processor.

    Args:
        bundle: as `edgebert export` leaves it.
        processors: names of emulated ones.
        work: keeps what was found of each file: a killed call goes on there.

    Raises:
        UserError: if the bundle is not whole, or the emulator not set up.
        RuntimeFailure: if an engine cannot run a file.
    """
    check(bundle)
    manifest = Manifest.load(bundle)
    kind, texts = kinds.get(manifest.kind), read_json(bundle / manifest.golden)["texts"]
    emulated = {processor: engines(processor) for processor in processors}
    found = []
    goldens = sha256(bundle / manifest.golden)[:12]
    files = [(model, file) for model in manifest.models for file in model.files]
    for model, file in console.track(files, "asking the files on arm64"):
        shares = list(_shares(manifest, file, texts))
        usual = runtimes.for_format(model.format)
        for processor in processors:
            runtime = emulated[processor][model.format]
            kept = work / f"{file.sha256[:12]}-{goldens}-{processor}-{runtime.version()}.json"
            if kept.is_file():
                found.append(Parity(**read_json(kept)))
                continue
            here = _ask(bundle, manifest, model, file, usual, shares)
            there = _ask(bundle, manifest, model, file, runtime, shares)
            logits = [as_logits(outputs, file.output.name, kind) for outputs in (there, here)]
            found.append(Parity(
                file=file.path, scheme=model.scheme, processor=processor, engine=f"{runtime.name} {runtime.version()}",
                texts=len(here), max_difference=float(np.abs(there - here).max()), agreement=kind.agreement(*logits),
            ))  # fmt: skip
            write_json(kept, asdict(found[-1]))
    return found


def gate(found: Sequence[Parity]) -> None:
    """Make sure that the files answer on arm64 as they do here.

    Raises:
        GateError: naming those that do not.
    """
    wrong = [f"{one.file} on {one.processor} is {one.max_difference:.2g} off." for one in found if not one.is_right]
    if wrong:
        raise GateError(" ".join(wrong), "Do not ship them.")


def _ask(
    bundle: Path, manifest: Manifest, model: Model, file: ModelFile, runtime: runtimes.Runtime, shares: Sequence[Share]
) -> Floats:
    """Outputs of all texts [texts, outputs]."""
    return np.concatenate([
        answers.ask(bundle, manifest, model, file, entry, runtime, tokens) for entry, tokens in shares
    ])  # fmt: skip


def _shares(manifest: Manifest, file: ModelFile, texts: Sequence[dict[str, Any]]) -> Iterator[Share]:
    """For each function of a file the texts that go through it: the shortest that they fit in, else the longest."""
    longest = file.entries[-1]
    for entry in file.entries:
        cuts = [
            next(cut for cut in text["cuts"] if cut["length"] == (entry.length or manifest.tokenizer.max_length))
            for text in texts
            if entry == next((one for one in file.entries if text["tokens"] <= (one.length or text["tokens"])), longest)
        ]
        if cuts:
            yield entry, [answers.golden_tokens(cut) for cut in cuts]
