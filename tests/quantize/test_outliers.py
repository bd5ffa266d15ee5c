"""A unit that is huge in a few tokens takes up a fixed scale: such products get theirs at run time."""

import numpy as np
import pytest
import torch
from small_files import answers, bert, calibration, tokens, write

from converters import load_list
from edgebert import quantize
from edgebert.quantize import outliers
from edgebert.recipes.options import QuantizeOptions

HUGE, STEEP = 30000.0, 100.0


def with_outlier():
    """A small BERT whose first FFN writes one huge unit where it meets one token, and next to nothing elsewhere."""
    model, ids = bert(), torch.tensor(np.stack([row[:4] for row in tokens()]))
    seen = []
    up = model.bert.encoder.layer[0].intermediate.dense
    hook = up.register_forward_hook(
        lambda _, inputs, __: seen.append(inputs[0].detach().reshape(-1, inputs[0].shape[-1]))
    )
    with torch.no_grad():
        model(input_ids=ids, attention_mask=torch.ones_like(ids))
        hook.remove()
        middle = seen[0].mean(0)
        met = STEEP * (seen[0][0] - middle)
        likeness = (seen[0] - middle) @ met
        up.weight[0], up.bias[0] = met, -middle @ met - likeness.topk(5).values[-1]  # positive for few tokens alone
        down = model.bert.encoder.layer[0].output.dense
        down.weight[:, 0] = 0.0
        down.weight[3, 0] = HUGE / likeness.max()
    return model


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write(with_outlier(), tmp_path_factory.mktemp("converted"))


def lost(source, folder):
    """How far an int8-static file's logits are from the float32 file's, and what it says of itself."""
    made = quantize.quantize(source, QuantizeOptions(schemes=("int8-static",)), folder, calibration)
    file = next(file for file in made if file.format == "tflite" and file.length == 16)
    float_file = next(one for one in load_list(source) if one.format == "tflite" and one.length == 16)
    rows = tokens(seed=3)
    wanted = answers(source / float_file.path, rows, 16)
    return np.abs(answers(folder / file.path, rows, 16) - wanted).mean(), file.quantization


def test_outliers_are_scaled_at_run_time_and_the_other_units_keep_their_values(source, tmp_path, monkeypatch):
    kept, details = lost(source, tmp_path / "found")
    monkeypatch.setattr(outliers, "MOST", np.inf)
    drowned, plain = lost(source, tmp_path / "ignored")
    assert kept < drowned / 2
    assert details["scaled_at_run_time"] == "layer.0/down"
    assert "scaled_at_run_time" not in plain


def test_a_model_without_outliers_has_fixed_scales_alone(tmp_path):
    found = write(bert(), tmp_path / "converted")
    assert "scaled_at_run_time" not in lost(found, tmp_path / "quantized")[1]


def test_rounding_is_the_share_of_each_tokens_squared_length():
    x = np.array([[1.0, 0.0], [100.0, 0.4]], np.float32)
    # A step of 100/255 = 0.392: 1.0 becomes 1.176, 0.4 becomes 0.392.
    assert outliers.rounding(x, 0.0, 100.0) == pytest.approx([0.0311, 6.1e-9], rel=0.02)
    assert outliers.rounding(np.zeros((2, 3), np.float32), 0.0, 0.0).tolist() == [0.0, 0.0]
