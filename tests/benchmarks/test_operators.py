"""A tiny model's files taken apart, in real processes; what an operator takes is not looked at."""

from collections import Counter

import flatbuffers
import numpy as np
import pytest
import tiny
import torch
from ai_edge_litert import schema_py_generated as schema

from benchmarks import operators, results
from benchmarks.operators import profile
from benchmarks.peers.engine import OWN, Job, load
from benchmarks.profiles import onnx, tflite
from benchmarks.profiles.turns import Plan, words
from benchmarks.render import render
from converters import Deployment, GraphSpec, convert
from converters.lint import tflite_file
from edgebert.models.families.bilstm import BiLstmConfig, BiLstmForSequenceClassification
from edgebert.models.load import load as load_model
from edgebert.runtimes.engines.ort import Kernel
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.encoder import Tokens

LENGTH = 32
SCHEMES = ("fp32", "int8", "int8-static")
PLAN = Plan(rounds=2, calls=1, seconds=0.0, whole_seconds=0.0)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Every file of a tiny model, and rows for them."""
    folder = tmp_path_factory.mktemp("made")
    checkpoint = tiny.save_checkpoint(folder / "checkpoint", labels=("negative", "positive"))
    TokenFile.write(folder / "rows", [Tokens((5,) * n, (0,) * n) for n in (3, 9, 12)], pad_id=0)
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    job = Job(checkpoint, folder / "none.onnx", inputs, (16, LENGTH), folder / "rows", True, (1,))
    load(OWN).build("litert-fp32", job, folder)
    return {(f.artefact.format, f.artefact.scheme): f for f in operators._listed(folder)}, folder / "rows"


@pytest.fixture(scope="module")
def profiles(made):
    files, rows = made
    return {key: profile(file, rows, LENGTH, PLAN) for key, file in files.items()}


def assert_computes_alone(apart, one, held, **tolerances):
    """By itself, an operator makes of what goes into it in the file what comes out of it there."""
    model = tflite.opened(apart.alone(one))
    for number in one.inputs:
        model.set_tensor(number, held[number])
    model.invoke()
    for number in one.outputs:
        np.testing.assert_allclose(model.get_tensor(number), held[number], **tolerances)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_operator_alone_computes_what_it_computes_in_the_file(made, scheme):
    file, feeds = made[0]["tflite", scheme], TokenFile(made[1]).feeds(1, LENGTH)
    signature = file.artefact.signature
    apart = tflite.Apart(file.path.read_bytes(), signature)
    wanted = Counter(one.kind for one in _graph(file, signature).operators)
    found = apart.operators()
    assert Counter({kind: sum(one.count for one in found if one.kind == kind) for kind in wanted}) == wanted
    assert len(found) < sum(wanted.values()), "equal ones are there once"
    held = tflite.activations(apart, feeds, outputs=True)
    for one in found:
        # The reference kernels round int8 products otherwise than XNNPACK's: numbers of 8 bits by one.
        is_whole = any(held[number].dtype == np.int8 for number in one.outputs)
        assert_computes_alone(apart, one, held, rtol=1e-2, atol=1 if is_whole else 2e-2 * (scheme != "fp32"))


def test_weights_behind_the_flatbuffer_are_found(made):
    file = made[0]["tflite", "int8"]
    content, signature = file.path.read_bytes(), file.artefact.signature
    found = [tflite.Apart(one, signature) for one in (content, _with_weights_behind(content))]
    models = [[apart.alone(one) for one in apart.operators()] for apart in found]
    assert models[0] == models[1]


def test_matrix_products_are_counted(made, profiles):
    width, inner = tiny.SHAPE["hidden_size"], tiny.SHAPE["intermediate_size"]
    for (kind, _), found in profiles.items():
        rows = {(one["operator"], one["shape"]): one for one in found["operators"] if one["macs"]}
        (grow,) = (one for (_, shape), one in rows.items() if shape == f"{LENGTH}x{width} > {LENGTH}x{inner}")
        assert (grow["count"], grow["macs"]) == (1, LENGTH * width * inner), kind
    assert len({_product_macs(profiles["tflite", scheme]) for scheme in SCHEMES}) == 1
    macs = [_product_macs(profiles["onnx", scheme]) for scheme in SCHEMES]
    assert macs == pytest.approx([_product_macs(profiles["tflite", "fp32"])] * len(SCHEMES), rel=0.05)


def test_weights_of_an_int8_file_are_run_by_xnnpack_as_in_the_file(profiles):
    for scheme in SCHEMES:
        fast = {one["operator"]: one["fast"] for one in profiles["tflite", scheme]["operators"]}
        assert fast["FULLY_CONNECTED"] and fast["BATCH_MATMUL"] and not fast["EMBEDDING_LOOKUP"]
    assert all(one["fast"] is None for one in profiles["onnx", "int8"]["operators"])


def test_sums_add_up(profiles):
    assert set(profiles) == {(format, scheme) for format in ("onnx", "tflite") for scheme in SCHEMES}
    for (format, scheme), found in profiles.items():
        rows = found["operators"]
        assert found["whole_ms"] > 0 and found["operators_ms"] == pytest.approx(sum(r["ms"] for r in rows), abs=1e-3)
        assert sum(one["share"] for one in rows) == pytest.approx(100, abs=0.5)
        assert [one["ms"] for one in rows] == sorted((one["ms"] for one in rows), reverse=True)
        assert (found["empty_ms"] is None) == (format == "onnx")
        assert (found["precision"], found["length"]) == (scheme, LENGTH)


def test_a_loop_is_taken_along_whole(tmp_path):
    config = BiLstmConfig(vocab_size=50, embedding_size=12, hidden_size=10, head_size=8, num_labels=3)
    tiny.save_checkpoint(tmp_path / "x")  # for its tokenizer
    torch.manual_seed(0)
    BiLstmForSequenceClassification(config).save_pretrained(tmp_path / "x")
    model = load_model(tmp_path / "x")
    spec = GraphSpec(target="litert", lengths=(16,), inputs=model.graph_inputs, num_labels=3)
    deployment = model.deploy(spec)
    assert isinstance(deployment, Deployment)
    (artefact,) = convert(deployment, tmp_path / "files", "x")
    apart = tflite.Apart((tmp_path / "files" / artefact.path).read_bytes(), artefact.signature)
    ids = np.full((1, 16), 7, np.int32)
    held = tflite.activations(apart, {"input_ids": ids, "attention_mask": np.ones_like(ids)}, outputs=True)
    loops = [one for one in apart.operators() if one.is_loop]
    assert [one.kind for one in loops] == ["WHILE"]
    for one in loops:
        assert_computes_alone(apart, one, held, atol=1e-4)


def test_nodes_of_a_profile_are_their_timed_calls_medians_added_up():
    kernels = [
        Kernel("MatMul", ((4, 8),), ((4, 2),), (9.0, 1.0, 2.0, 3.0)),
        Kernel("MatMul", ((4, 8),), ((4, 2),), (9.0, 5.0, 5.0, 50.0)),
        Kernel("Add", ((4, 2), (2,)), ((4, 2),), (9.0, 0.5, 0.5, 0.5)),
    ]
    found = onnx.rows(kernels, [False, True, True, True])
    assert [(one.operator, one.shape, one.count, one.ms, one.macs) for one in found] == [
        ("MatMul", "4x8 > 4x2", 2, 7.0, 128),
        ("Add", "4x2", 1, 0.5, 0),
    ]
    assert found[0].to_dict(10.0)["share"] == 70 and found[0].to_dict(10.0)["gops"] == 0.0


def test_shapes_in_words():
    assert words([(3, 4), (3, 4)], (3, 4)) == "3x4"
    assert words([(3, 4), (4, 2)], (3, 2)) == "3x4, 4x2 > 3x2"
    assert words([], (3,)) == "3"
    assert words([()], (1,)) == "scalar > 1"


def test_the_table_shows_each_file_and_what_makes_up_most_of_its_time(profiles, tmp_path, monkeypatch):
    monkeypatch.setattr(operators, "_inputs", lambda *_: type("Given", (), {"rows": tmp_path}))
    monkeypatch.setattr(operators, "_files", lambda *_: list(profiles))
    monkeypatch.setattr(operators, "profile", lambda file, *_: profiles[file])
    for family in ("tinybert-4", "bilstm", "tinybert-4"):
        operators.main(family, work=tmp_path, results_in=tmp_path)
    result = results.read("operators", tmp_path)
    assert [one["family"] for one in result["files"]] == ["bilstm"] * len(profiles) + ["tinybert-4"] * len(profiles)
    table = render(result)
    heads = [place for place, row in enumerate(table.rows) if not row[0].startswith("·")]
    assert len(heads) == 2 * len(profiles) == 4 * len(SCHEMES)
    for file, start, end in zip(result["files"], heads, [*heads[1:], len(table.rows)], strict=True):
        name, *whole = table.rows[start]
        assert name.startswith(f"{file['family']} {file['precision']}, {operators_runtime(file)}: the whole file")
        shown = table.rows[start + 1 : end]
        assert sum(int(row[1]) for row in shown) == int(whole[0]) == sum(one["count"] for one in file["operators"])
        assert sum(float(row[3]) for row in shown) == pytest.approx(100, abs=1)
        assert sum(float(row[3]) for row in shown if "others" not in row[0]) > 94
    assert any("sum of the operators is not the file's ms" in note for note in table.notes)


def operators_runtime(file):
    return {"litert": "LiteRT", "ort": "ONNX Runtime"}[file["runtime"]]


def _with_weights_behind(content):
    """As AI Edge Quantizer writes large files: first packed with places to come, then with the right ones."""
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    moved = [(one, bytes(one.data)) for one in model.buffers if one.data is not None and len(one.data) > 64]
    assert moved
    start = 2
    for _ in range(2):
        place = start
        for buffer, data in moved:
            buffer.data, buffer.offset, buffer.size = None, place, len(data)
            place += len(data)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        start = len(builder.Output())
    return bytes(builder.Output()) + b"".join(data for _, data in moved)


def _graph(file, signature):
    return next(one for one in tflite_file.read(file.path).graphs if one.function.signature == signature)


def _product_macs(found):
    return sum(one["macs"] for one in found["operators"])
