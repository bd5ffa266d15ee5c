"""verify asks MediaPipe itself; MediaPipe is a function of ours here."""

from types import SimpleNamespace

import numpy as np
import pytest
from classifier_files import write_tokenizer

from edgebert.runtimes import mediapipe
from edgebert.runtimes.runtime import RuntimeFailure
from edgebert.tasks.rows import Row
from edgebert.verify.mediapipe import check_mediapipe

TEXTS = ["a good film", "bad film", "Café", "un\0able", "films"]
IN_LITERT = np.float32([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.5, 0.5], [0.4996, 0.5004]])


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What is found where MediaPipe gives these scores, or fails."""
    write_tokenizer(tmp_path / "tokenizer.json")
    monkeypatch.setattr(mediapipe, "ENVIRONMENT", SimpleNamespace(version=lambda package: "1"))
    file = SimpleNamespace(path=tmp_path / "x.tflite", artefact=SimpleNamespace(path="x.tflite", length=8))
    dev = SimpleNamespace(rows=[Row(text, None) for text in TEXTS], max_length=8)

    def found(answer):
        def classify(path, texts):
            assert texts == [text for text in TEXTS if "\0" not in text]
            if isinstance(answer, Exception):
                raise answer
            return np.float32(answer)

        monkeypatch.setattr(mediapipe, "classify", classify)
        return check_mediapipe([(file, IN_LITERT)], dev, tmp_path / "tokenizer.json")[0]

    return found


def test_a_text_that_is_read_otherwise_and_a_tie_may_get_another_label(check):
    found = check([[0.1, 0.9], [0.8, 0.2], [0.9, 0.1], [0.5001, 0.4999]])
    assert (found.rows, found.split_otherwise, found.other_label, found.reason) == (4, 1, 0, None)
    assert found.max_difference == pytest.approx(0.0005, abs=1e-5)


def test_another_label_for_the_same_tokens_is_a_reason_to_reject(check):
    found = check([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.5, 0.5]])
    assert found.other_label == 1
    assert "1 of 3 texts" in found.reason


def test_a_file_that_does_not_load_is_rejected_with_what_mediapipe_says(check):
    assert "no vocabulary" in check(RuntimeFailure("x.tflite: no vocabulary")).reason
