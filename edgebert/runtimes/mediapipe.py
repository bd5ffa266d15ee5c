"""MediaPipe's Text Classifier, which runs a file by its metadata: texts in, labels out, no tokenizer of ours."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edgebert import console
from edgebert.files import write_json
from edgebert.runtimes.environment import Environment, variables
from edgebert.runtimes.runtime import RuntimeFailure

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

ENVIRONMENT = Environment("mediapipe", ("mediapipe==1.2.2", "numpy==2.4.6"))
MODULE = "mediapipe.tasks.python.text"
LAST_LINES = 12


def set_up() -> bool:
    """Whether it can be asked; if not, say how."""
    if ENVIRONMENT.record:
        return True
    console.say("MediaPipe itself is not asked: to have it check its files, run edgebert setup-runtime mediapipe.")
    return False


def classify(model: Path, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """Scores of texts, float32 [texts, labels], in a process of MediaPipe's own environment.

    Args:
        model: a TFLite file with metadata.
        texts: without null characters, where MediaPipe's Python interface ends a text.

    Raises:
        UserError: if the environment is not set up.
        RuntimeFailure: if MediaPipe does not take the file.
    """
    import numpy as np

    version = ENVIRONMENT.version("mediapipe")
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        ask, answer = Path(name) / "job.json", Path(name) / "scores.npy"
        write_json(ask, {"model": str(model.resolve()), "texts": list(texts)})
        command = [str(ENVIRONMENT.interpreter), "-m", "edgebert.runtimes.mediapipe_worker", str(ask), str(answer)]
        done = subprocess.run(command, env=variables(Path(name)), capture_output=True, text=True, errors="replace")
        if done.returncode or not answer.is_file():
            said = "\n".join(done.stderr.strip().splitlines()[-LAST_LINES:])
            raise RuntimeFailure(f"{model.name}: the Text Classifier of mediapipe {version} does not run it.", said)
        scores: npt.NDArray[np.float32] = np.load(answer)
        return scores
