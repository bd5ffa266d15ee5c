"""Does MediaPipe's Text Classifier, which has a tokenizer of its own, answer as LiteRT does with the model's?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebert import console
from edgebert.files import read_json
from edgebert.runtimes import mediapipe
from edgebert.runtimes.jobs import ModelFile
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.mediapipe import MediaPipeTokenizer
from edgebert.verify.dev import Dev
from edgebert.verify.scores import MediaPipeCheck

ROWS = 500
TIE = 1e-3
"""Two scores so near each other may change places from one build of the runtime to another."""


def check_mediapipe(
    files: Sequence[tuple[ModelFile, npt.NDArray[np.float32]]], dev: Dev, tokenizer_json: Path
) -> list[MediaPipeCheck]:
    """Ask MediaPipe some of the dev texts.

    Args:
        files: made for MediaPipe, and their probabilities of all dev rows in LiteRT [rows, labels], two at least.
        dev: the dev rows.
        tokenizer_json: of the model.

    Raises:
        RuntimeFailure: if MediaPipe does not load a file.
    """
    places = np.unique(np.linspace(0, len(dev.rows) - 1, min(ROWS, len(dev.rows))).astype(int))
    places = np.array([place for place in places if "\0" not in dev.rows[int(place)].text], int)
    rows = [dev.rows[int(place)] for place in places]
    found = []
    for file, outputs in console.track(files, "asking MediaPipe"):
        length = int(file.artefact.length or dev.max_length)
        theirs = MediaPipeTokenizer(read_json(tokenizer_json), length)
        ours = TextEncoder(tokenizer_json, length).encode(rows)
        same = np.array([theirs.ids(row.text) == one.input_ids for row, one in zip(rows, ours, strict=True)])
        expected = outputs[places][same]
        scores = mediapipe.classify(file.path, [row.text for row in rows])[same]
        best, rest = expected.argmax(1), np.sort(expected, axis=1)
        clear = rest[:, -1] - rest[:, -2] > TIE
        found.append(
            MediaPipeCheck(
                file=file.artefact.path,
                version=mediapipe.ENVIRONMENT.version("mediapipe"),
                rows=len(rows),
                split_otherwise=int((~same).sum()),
                other_label=int((clear & (scores.argmax(1) != best)).sum()),
                max_difference=float(np.abs(scores - expected).max(initial=0)),
            )
        )
    return found
