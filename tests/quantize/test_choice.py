"""Sensitivity and fallback, on a model in which int8 destroys just one block."""

import numpy as np
import pytest
import torch
from small_files import bert, calibration, driven, labels, score_against, tokens, write

from converters import load_list, save_list
from edgebert import quantize
from edgebert.quantize.blocks import blocks
from edgebert.quantize.choice import Choice, Loss, load_choices
from edgebert.quantize.workshop import Workshop
from edgebert.recipes.options import QuantizeOptions


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """One huge activation, which nothing reads, takes up the whole 8-bit range of what the last `down` reads."""
    model = bert()
    with torch.no_grad():
        model.bert.encoder.layer[1].intermediate.dense.bias[0] = 2e4
        model.bert.encoder.layer[1].output.dense.weight[:, 0] = 0
    return write(model, tmp_path_factory.mktemp("spoilt"))


@pytest.mark.parametrize(("scheme", "format"), [("int8", "onnx"), ("int8", "tflite"), ("int8-static", "onnx")])
def test_just_the_block_that_costs_the_metric_stays_in_float(scheme, format, spoilt, tmp_path):
    (tmp_path / "fp32").mkdir()
    spoilt = only(format, spoilt, tmp_path / "fp32")
    options = QuantizeOptions(schemes=(scheme,), max_loss=15)
    files = quantize.quantize(spoilt, options, tmp_path, calibration, score_against(spoilt))
    [choice] = load_choices(tmp_path)
    plain, last = choice.attempts
    assert plain.loss.drop > choice.max_loss, "the block does harm"
    assert choice.final == last and last.name == f"{scheme}-mixed"
    assert last.in_float == ({"onnx": "layers.1/down", "tflite": "layer.1/down"}[format],)
    assert last.loss.drop <= choice.max_loss
    assert plain.bytes < last.bytes < 1.5 * plain.bytes
    assert choice.runs == len(choice.attempts) + blocks_of(spoilt, format)
    assert {file.scheme for file in files} == {f"{scheme}-mixed"}
    assert all(f"-{scheme}-mixed." in file.path and "down" in file.quantization["in_float"] for file in files)
    rows = tokens(seed=2)
    expected, found = driven(spoilt, load_list(spoilt), rows), driven(tmp_path, files, rows)
    assert (labels(found, expected) == labels(expected, expected)).mean() > 0.8, "on rows that nothing was chosen on"


@pytest.mark.parametrize("format", ["onnx", "tflite"])
@pytest.mark.parametrize("scheme", ["int8", "int8-static"])
def test_every_block_can_be_left_in_float(scheme, format, source, tmp_path):
    """Quantising nothing but one block changes the answers; quantising none gives those of the fp32 file."""
    (tmp_path / "fp32").mkdir()
    fp32 = only(format, source, tmp_path / "fp32")
    [file], rows = load_list(fp32), tokens(rows=8)
    expected = driven(fp32, [file], rows)
    shop = Workshop(fp32, tmp_path / "scratch", calibration, None, seven_bits=False)
    names = tuple(blocks(fp32 / file.path, format))
    for left in (names, *((tuple(n for n in names if n != name)) for name in ("word", names[-2]))):
        taken = shop.take(shop.attempt(scheme, format, left), format, tmp_path)
        difference = np.abs(driven(tmp_path, taken, rows) - expected).max()
        assert difference < 1e-5 if left == names else difference > 1e-5


def blocks_of(folder, format):
    return len(blocks(folder / next(f.path for f in load_list(folder) if f.format == format), format))


def losses(**drops):
    """A score that loses what is said of a scheme, and 0 where nothing is; counts its calls."""

    def score(folder, files):
        score.calls.append(files[0].scheme)
        drop = drops.get(files[0].scheme.replace("-", "_"), 0.0)
        return Loss(drop, drop / 100)

    score.calls = []
    return score


def only(format, source, folder):
    """The last fp32 file of a format, in a folder of its own with its list."""
    file = next(file for file in load_list(source)[::-1] if file.format == format)
    for path in filter(None, (file.path, file.to_quantize)):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes((source / path).read_bytes())
    save_list([file], folder)
    return folder


@pytest.fixture
def onnx_source(source, tmp_path):
    (tmp_path / "converted").mkdir()
    return only("onnx", source, tmp_path / "converted")


def run(source, folder, schemes, score, **more) -> tuple[list, Choice]:
    files = quantize.quantize(source, QuantizeOptions(schemes=schemes, **more), folder, calibration, score)
    return files, load_choices(folder)[0]


def test_a_scheme_that_holds_is_taken_as_it_is(onnx_source, tmp_path):
    score = losses(int8=1.0)
    files, choice = run(onnx_source, tmp_path / "out", ("int8",), score)
    assert [file.scheme for file in files] == ["int8"] and choice.as_asked
    assert score.calls == ["int8"] and choice.runs == 1


def test_what_no_block_mends_falls_back_to_the_next_safer(onnx_source, tmp_path):
    score = losses(int8_static=40.0, int8_static_mixed=30.0, int8=2.0, int8_mixed=1.5)
    files, choice = run(onnx_source, tmp_path / "out", ("int8-static",), score)
    assert [file.scheme for file in files] == ["fp16"]
    assert not choice.as_asked and (choice.asked, choice.final.name) == ("int8-static", "fp16")
    order = list(dict.fromkeys(attempt.name for attempt in choice.attempts))
    assert order == ["int8-static", "int8-static-mixed", "int8", "int8-mixed", "fp16"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"artefacts.json", "choices.json", files[0].path}


def test_a_mixed_file_is_never_larger_than_fp16_would_be(onnx_source, tmp_path):
    _, choice = run(onnx_source, tmp_path / "out", ("int8",), losses(int8=5.0, int8_mixed=5.0))
    [whole] = load_list(onnx_source)
    mixed = [attempt for attempt in choice.attempts if attempt.in_float]
    assert mixed and all(attempt.bytes <= whole.bytes / 2 * 1.05 for attempt in mixed)


def test_where_nothing_holds_the_least_loss_is_taken(onnx_source, tmp_path):
    score = losses(int8=9.0, int8_mixed=8.0, fp16=3.0)
    files, choice = run(onnx_source, tmp_path / "out", ("int8",), score)
    assert [file.scheme for file in files] == ["fp16"] and choice.final.loss.drop == 3.0


def test_files_that_take_the_place_of_others_are_made_once(onnx_source, tmp_path):
    score = losses(int8_static=9.0, int8_static_mixed=9.0)
    files, _ = run(onnx_source, tmp_path / "out", ("int8", "int8-static"), score)
    assert [file.scheme for file in files] == ["int8"] and score.calls.count("int8") == 1
    assert [c.final.name for c in load_choices(tmp_path / "out")] == ["int8", "int8"]


def test_a_file_that_its_engine_refuses_counts_as_lost(onnx_source, tmp_path):
    def score(folder, files):
        return Loss(0.0, 0.0) if files[0].scheme == "fp16" else Loss(0.0, 0.0, "the engine's process ended")

    files, choice = run(onnx_source, tmp_path / "out", ("int8",), score)
    assert [file.scheme for file in files] == ["fp16"]
    assert choice.attempts[0].loss.failure == "the engine's process ended"


def test_without_rows_to_score_on_the_scheme_is_taken_on_trust(onnx_source, tmp_path):
    files, choice = run(onnx_source, tmp_path / "out", ("int8-static",), None)
    assert [file.scheme for file in files] == ["int8-static"]
    assert choice.final.loss is None and choice.runs == 0


def test_a_killed_search_goes_on_with_what_it_knows(onnx_source, tmp_path):
    class Killed(BaseException):
        pass

    told = losses(int8=5.0, int8_mixed=0.5)

    def score(folder, files):
        if len(told.calls) == 4:
            raise Killed
        return told(folder, files)

    with pytest.raises(Killed):
        run(onnx_source, tmp_path / "out", ("int8",), score)
    files, choice = run(onnx_source, tmp_path / "out", ("int8",), told)
    _, whole = run(onnx_source, tmp_path / "whole", ("int8",), losses(int8=5.0, int8_mixed=0.5))
    assert choice == whole
    assert len(told.calls) == whole.runs, "nothing was scored twice"
    assert (tmp_path / "out" / files[0].path).is_file()
