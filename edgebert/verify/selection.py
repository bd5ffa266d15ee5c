"""What quantised files lose on held-out train rows, so that precisions can be chosen without a look at dev."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from converters.artefact import Artefact, load_list
from edgebert import runtimes
from edgebert.quantize.choice import Loss
from edgebert.runtimes.jobs import ModelFile, RunJob
from edgebert.runtimes.runtime import RuntimeFailure
from edgebert.runtimes.token_file import TokenFile
from edgebert.store import machine
from edgebert.tasks import kinds
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.task import Task
from edgebert.verify.compare import as_logits, as_values, compare

MOST_ROWS = 512
"""A search scores dozens of candidates: more rows cost more than they tell."""

TOTAL = Loss(drop=100.0, change=1.0)


class Selection:
    """At most `MOST_ROWS` of the selection rows, evenly from all over the split, and what fp32 files answer on them.

    Args:
        task: the task.
        tokenizer: `tokenizer.json` of the student.
        source: folder of the fp32 files, which others are held against.
        longest: where rows are cut, in tokens.
        scratch: where tokens and outputs are kept meanwhile.
    """

    def __init__(self, task: Task, tokenizer: Path, source: Path, longest: int, scratch: Path) -> None:
        rows = task.rows("select")
        places = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(np.intp))
        encoder = TextEncoder(tokenizer, longest)
        self._tokens = encoder.encode([rows[int(place)] for place in places])
        self._targets, self._kind, self._pad_id = rows.targets[places], kinds.get(task.kind), encoder.pad_id
        self._source, self._scratch = source, scratch
        scratch.mkdir(parents=True, exist_ok=True)
        self._expected: dict[str, npt.NDArray[np.float32]] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def loss(self, folder: Path, files: Sequence[Artefact]) -> Loss:
        """What the files of one format lose against the fp32 ones, used as their driver says, in their usual engine."""
        format, output = files[0].format, files[0].output.name
        if format not in self._expected:
            fp32 = [file for file in load_list(self._source) if file.format == format]
            self._expected[format] = self._outputs(self._source, fp32)
        expected = self._expected[format]
        try:
            outputs = self._outputs(folder, files)
        except RuntimeFailure as failure:
            return Loss(TOTAL.drop, TOTAL.change, failure.what)
        if not np.isfinite(outputs).all():
            return Loss(TOTAL.drop, TOTAL.change, "It gives numbers that are not finite.")
        found = compare(outputs, output, as_logits(expected, output, self._kind), self._targets, self._kind)
        one, other = (as_values(some, output, self._kind) for some in (outputs, expected))
        return Loss(found.drop, float(np.abs(one - other).mean()) / self._kind.unit(self._targets))

    def _outputs(self, folder: Path, files: Sequence[Artefact]) -> npt.NDArray[np.float32]:
        """Outputs [rows, labels]: each row through the shortest file that it fits in."""
        outputs = np.zeros((len(self), int(files[0].output.shape[-1])), np.float32)
        above = 0
        functions = [function for file in files for function in file.each()]
        for file in sorted(functions, key=lambda function: function.length or 0):
            upto = file.length or max(map(len, self._tokens))
            places = [place for place, row in enumerate(self._tokens) if above < len(row) <= upto]
            if places:
                out = self._scratch / "outputs.npy"
                job = RunJob(ModelFile(folder, file), self._rows(places, above, upto), out, int(machine()["cores"]))
                runtimes.for_format(file.format).run(job)
                outputs[places] = np.load(out)
            above = upto
        return outputs

    def _rows(self, places: Sequence[int], above: int, upto: int) -> Path:
        folder = self._scratch / f"rows-{above}-{upto}"
        if not folder.exists():
            TokenFile.write(folder, (self._tokens[place] for place in places), self._pad_id)
        return folder
