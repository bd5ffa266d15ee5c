import numpy as np
import pytest

from edgebert.errors import UserError
from edgebert.recipes.options import DataOptions, Source
from edgebert.tasks import builtin, prepare
from edgebert.tasks.encoder import TextEncoder


def test_the_built_in_task_is_all_of_rotten_tomatoes(tmp_path):
    encoder = TextEncoder(builtin.encoder_folder() / "tokenizer.json", 128)
    task = prepare(Source(), DataOptions(), tmp_path, labels=None, encoder=encoder, lengths=(32, 64))
    assert (task.name, task.labels, task.has_pair) == ("rotten-tomatoes", ("negative", "positive"), False)
    assert task.sizes["train"] + task.sizes["select"] + task.sizes["dev"] == 8530
    assert task.sizes["dev"] == pytest.approx(0.2 * 8530, rel=0.05)
    assert (task.sizes["calibration"], task.sizes["unlabelled"]) == (256, 20_000)
    labels = np.concatenate([task.rows(split).targets[:, 0] for split in ("train", "select", "dev")])
    assert np.bincount(labels.astype(int)).tolist() == [4265, 4265]
    by_text = {row.text: row.targets[0] for row in task.rows("train")}
    assert by_text["a noble failure ."] == 0
    transfer = [row.text for row in task.rows("unlabelled")]
    assert len(set(transfer)) == 20_000
    assert not any("<br" in text for text in transfer)
    assert {len(text.split()) for text in transfer} <= set(range(4, 61))


def test_other_weights_than_those_known_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.safetensors").write_bytes(b"others")
    monkeypatch.setattr(builtin, "_package", lambda name: tmp_path)
    with pytest.raises(UserError, match=r"model\.safetensors is not the file that edgebert knows"):
        builtin.encoder_folder()


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"edgebert\[demo\]"):
        builtin.encoder_folder()
