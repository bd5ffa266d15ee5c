"""Does MediaPipe's Text Classifier, which has a tokenizer of its own, answer as LiteRT does with the model's?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from edgebert import console
from edgebert.files import read_json
from edgebert.runtimes import mediapipe
from edgebert.runtimes.jobs import ModelFile
from edgebert.runtimes.runtime import RuntimeFailure
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.mediapipe import MediaPipeTokenizer
from edgebert.verify.dev import Dev
from edgebert.verify.scores import MediaPipeCheck

Probabilities = npt.NDArray[np.float32]

ROWS = 500
TIE = 1e-3
"""Two scores so near each other may change places from one build of the runtime to another."""


def check_mediapipe(
    files: Sequence[tuple[ModelFile, Probabilities]], dev: Dev, tokenizer_json: Path
) -> list[MediaPipeCheck]:
    """Ask MediaPipe some of the dev texts.

    Args:
        files: made for MediaPipe, and their probabilities of all dev rows in LiteRT [rows, labels], two at least.
        dev: the dev rows.
        tokenizer_json: of the model.
    """
    places = np.unique(np.linspace(0, len(dev.rows) - 1, min(ROWS, len(dev.rows))).astype(int))
    places = np.array([place for place in places if "\0" not in dev.rows[int(place)].text], int)
    texts = [dev.rows[int(place)] for place in places]
    found = []
    for file, outputs in console.track(files, "asking MediaPipe"):
        blank = MediaPipeCheck(
            file=file.artefact.path, version=mediapipe.ENVIRONMENT.version("mediapipe"), rows=len(places)
        )
        try:
            scores = mediapipe.classify(file.path, [row.text for row in texts])
        except RuntimeFailure as failure:
            found.append(replace(blank, failure=str(failure)))
            continue
        length = int(file.artefact.length or dev.max_length)
        ours, theirs = TextEncoder(tokenizer_json, length), MediaPipeTokenizer(read_json(tokenizer_json), length)
        pairs = zip(texts, ours.encode(texts), strict=True)
        same = np.array([theirs.ids(row.text) == tokens.input_ids for row, tokens in pairs], bool)
        found.append(_compared(blank, scores, outputs[places], same))
    return found


def _compared(
    blank: MediaPipeCheck, scores: Probabilities, expected: Probabilities, same: npt.NDArray[np.bool_]
) -> MediaPipeCheck:
    scores, expected = scores[same], expected[same]
    ordered = np.sort(expected, axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > TIE
    return replace(
        blank,
        split_otherwise=int((~same).sum()),
        other_label=int((clear & (scores.argmax(1) != expected.argmax(1))).sum()),
        max_difference=float(np.abs(scores - expected).max(initial=0)),
    )
