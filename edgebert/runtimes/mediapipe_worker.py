"""The process that MediaPipe runs in: `python -m edgebert.runtimes.mediapipe_worker JOB.json SCORES.npy`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from edgebert.files import atomic, read_json


def main(ask: Path, answer: Path) -> None:
    """Classify the texts in ``ask`` and write their scores in the order of the file's outputs."""
    from mediapipe.tasks.python import text
    from mediapipe.tasks.python.core.base_options import BaseOptions

    job = read_json(ask)
    options = text.TextClassifierOptions(base_options=BaseOptions(model_asset_path=job["model"]))
    with text.TextClassifier.create_from_options(options) as classifier:
        rows = [classifier.classify(one).classifications[0].categories for one in job["texts"]]
    scores = np.zeros((len(rows), max(map(len, rows), default=0)), np.float32)
    for place, categories in enumerate(rows):
        for category in categories:
            scores[place, category.index] = category.score
    with atomic(answer) as temporary, temporary.open("wb") as file:
        np.save(file, scores)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
