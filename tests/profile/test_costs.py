import dataclasses
import json

import numpy as np
import onnx
import pytest
import tiny

import device_profiles
from converters.errors import ConversionError
from device_profiles import Engine, Fit
from edgebert.errors import GateError, UserError
from edgebert.profile.costs import formula
from edgebert.profile.costs.coefficients import FITTED, SHARES, coefficients_of
from edgebert.profile.costs.fit import Row, fit, nonnegative
from edgebert.profile.costs.known import work_of
from edgebert.profile.costs.steps import steps
from edgebert.profile.micro.grid import micros
from edgebert.profile.micro.onnx import OnnxWriter
from edgebert.profile.micro.tflite import TfliteWriter
from edgebert.profile.predict import cost, predict
from edgebert.profile.prediction import Prediction

WRITERS = {"litert": TfliteWriter, "ort": OnnxWriter}
MODELS = ("dense-12-340-340-340-5", "shared-40-280-280-2", "products-24-12-24-24-3", "softmax-24-12-24-48-3",
          "gelu-20-360-1", "normalise-20-360-1", "lstm-24-24-100-90-3", "look-up-20-360-1")  # fmt: skip
DEVICE = device_profiles.load("pixel4")


def write(name, engine, folder):
    """A micro-model's file."""
    (micro,) = (one for one in micros(1 << 20) if one.name == name)
    writer = WRITERS[engine]()
    path = folder / f"{name}.{writer.format}"
    writer.save(micro.write(writer), path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("micro")
    return {(name, engine): write(name, engine, folder) for name in MODELS for engine in WRITERS}


def two_layers(writer, path):
    """[16, 24] through layers of 40 and 8."""
    writer.save(writer.dense(writer.dense(writer.begin(16, 24), 40), 8), path)
    return path


@pytest.mark.parametrize("engine", WRITERS)
def test_products_are_counted_as_by_hand(tmp_path, engine):
    writer = WRITERS[engine]()
    path = two_layers(writer, tmp_path / f"two.{writer.format}")
    found = predict(path, DEVICE, engine=engine, threads=1, length=None)
    products = {one.shape: (one.macs, one.bytes) for one in found.operators if one.macs}
    assert products == {
        "fp32 1 x 16 x 24 x 40": (16 * 24 * 40, 4 * (16 * 24 + 24 * 40 + 16 * 40)),
        "fp32 1 x 16 x 40 x 8": (16 * 40 * 8, 4 * (16 * 40 + 40 * 8 + 16 * 8)),
    }
    assert (found.length, found.coverage, found.unknown) == (16, 1, ())


def test_every_operator_of_the_micro_models_is_known(files):
    for (_, engine), path in files.items():
        _, nodes = steps(path, None)
        assert [node.kind for node in nodes if work_of(node) is None] == []


def test_attention_has_the_same_products_in_both_formats(files):
    sizes = {
        engine: sorted(
            (work.batch, work.m, work.k, work.n)
            for node in steps(files["products-24-12-24-24-3", engine], 24)[1]
            for work in work_of(node)
            if work.kind == "matmul"
        )
        for engine in WRITERS
    }
    assert sizes["litert"] == sizes["ort"] == [(12, 24, 24, 24)] * 6


def test_an_lstm_has_the_same_products_as_one_operator_and_as_a_loop(files):
    macs = {
        engine: sum(
            work.macs * work.times * node.times
            for node in steps(files["lstm-24-24-100-90-3", engine], 24)[1]
            for work in work_of(node)
        )
        for engine in WRITERS
    }
    assert macs["litert"] == macs["ort"] == 2 * 24 * 4 * 90 * (100 + 90)


def test_an_unknown_operator_is_named_and_refused(tmp_path):
    path = two_layers(OnnxWriter(), tmp_path / "two.onnx")
    model = onnx.load(path)
    first = next(node for node in model.graph.node if node.op_type == "MatMul")
    model.graph.node.insert(
        list(model.graph.node).index(first) + 1, onnx.helper.make_node("Cos", [first.output[0]], ["turned"])
    )
    next(node for node in model.graph.node if first.output[0] in node.input and node.op_type == "MatMul").input[0] = (
        "turned"
    )
    onnx.save(model, path)
    with pytest.raises(GateError, match=r"known; not of Cos\."):
        predict(path, DEVICE, engine="ort", threads=1, length=16)


@pytest.mark.parametrize("engine", WRITERS)
def test_the_fit_finds_planted_coefficients(files, engine):
    using = coefficients_of(DEVICE, engine)
    rows = []
    for (name, of), path in files.items():
        if of == engine:
            nodes = steps(path, None)[1]
            rows += [Row(name, nodes, threads, cost(nodes, DEVICE, using, threads).ms) for threads in (1, 2, 4)]
    free = {"fp32_efficiency", "gelu_ns", "softmax_ns", "op_us", "parallel_share", "element_parallel_share", "sync_us"}
    held = {name: value for name, value in using.values.items() if name not in free}
    found = fit(rows, DEVICE, held)
    assert np.max(np.abs(found.errors)) < 1e-6
    for name in free:
        assert found.coefficients[name] == pytest.approx(using.values[name], rel=1e-3), name


def test_no_fitted_cost_is_below_zero():
    table = np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    assert nonnegative(table, table @ [2, 3]) == pytest.approx([2, 3])
    assert nonnegative(table, np.array([3.0, 2.0, 1.0])) == pytest.approx([2, 0])


@pytest.mark.parametrize("engine", WRITERS)
def test_more_threads_are_not_slower_and_more_tokens_not_faster(tmp_path, engine):
    device = dataclasses.replace(DEVICE, engines={})
    times = {}
    for rows in (64, 128, 256):
        writer = WRITERS[engine]()
        path = tmp_path / f"{rows}.{writer.format}"
        writer.save(writer.dense(writer.dense(writer.begin(rows, 400), 1600), 400), path)
        nodes = steps(path, rows)[1]
        for threads in (1, 2, 4):
            times[rows, threads] = cost(nodes, device, coefficients_of(device, engine), threads).ms
    assert all(times[rows, 1] > times[rows, 2] > times[rows, 4] for rows in (64, 128, 256))
    assert all(times[64, threads] < times[128, threads] < times[256, threads] for threads in (1, 2, 4))


def test_a_device_that_was_not_measured_gets_a_range(files):
    found = predict(files["gelu-20-360-1", "litert"], DEVICE, engine="litert", threads=4, length=None)
    assert found.basis == "spec"
    assert found.low_ms < 0.7 * found.ms and found.high_ms > 1.5 * found.ms
    assert "nothing measured" in found.rests_on


def test_measured_coefficients_count_and_bring_their_own_interval(files, tmp_path):
    engine = Engine(
        version="1", coefficients=SHARES | FITTED["litert"],
        fit=Fit(how="by hand", on="nothing", when="2026-11-20", rows=3, median_error=0.04, error_90=0.1),
    )  # fmt: skip
    device = dataclasses.replace(DEVICE, basis="measured", engines={"litert": engine})
    device_profiles.write(device, tmp_path / "mine.toml")
    assert device_profiles.load(str(tmp_path / "mine.toml")) == device
    found = predict(files["gelu-20-360-1", "litert"], device, engine="litert", threads=1, length=None)
    assert (found.basis, found.high_ms) == ("measured", pytest.approx(1.1 * found.ms))
    found.save(tmp_path / "found.json")
    assert Prediction.load(tmp_path / "found.json") == found


def test_every_profile_that_comes_along_survives_being_written(tmp_path):
    for name in device_profiles.names():
        device = device_profiles.load(name)
        if name != "host":
            device_profiles.write(device, tmp_path / f"{name}.toml")
            assert device_profiles.load(str(tmp_path / f"{name}.toml")) == device


def test_units_and_coefficients_are_each_others_inverse():
    values = {"fp32_efficiency": 0.5, "bandwidth_efficiency": 0.4, "cache_gbs": 20, "op_us": 2, "gelu_ns": 1}
    assert formula.coefficients_of(DEVICE, formula.unit_costs(DEVICE, values)) == pytest.approx(values)
    unknown = dataclasses.replace(
        DEVICE, memory=None, clusters=tuple(dataclasses.replace(one, fp32=None) for one in DEVICE.clusters)
    )
    values = {"fp32_gmacs": 12, "memory_gbs": 9, "weights_gbs": 20, "near_gbs": 30}
    assert formula.coefficients_of(unknown, formula.unit_costs(unknown, values)) == pytest.approx(values)


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    for path in (tmp_path / "text.onnx", tmp_path / "missing.tflite"):
        with pytest.raises(UserError, match=path.name) as refused:
            predict(path, DEVICE, engine="ort", threads=1, length=None)
        assert isinstance(refused.value.__cause__, ConversionError)


def test_the_command_line_predicts(files, tmp_path):
    path = files["dense-12-340-340-340-5", "litert"]
    done = tiny.edgebert("predict", str(path), "--device", "pixel4", "--threads", "4", "--json", f"{tmp_path}/it.json")
    assert done.returncode == 0, done.stderr
    assert "FULLY_CONNECTED" in done.stdout and "coverage: 100.0%" in done.stdout and "basis: spec" in done.stdout
    assert json.loads((tmp_path / "it.json").read_text())["threads"] == 4
    wrong = tiny.edgebert("predict", str(path), "--device", "pixel4", "--length", "13")
    assert wrong.returncode == 2
    assert "has no function for 13 tokens." in wrong.stderr and "12" in wrong.stderr
