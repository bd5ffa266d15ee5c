import copy

import numpy as np
import pytest
import torch

from converters import GraphSpec, convert, save_list
from converters.lint import inspect
from edgebert import quantize
from edgebert.models.families.bilstm import BiLstm, BiLstmConfig, BiLstmForSequenceClassification
from edgebert.models.load import load
from edgebert.recipes.options import QuantizeOptions

LENGTH = 16


def build(siamese, **more):
    torch.manual_seed(0)
    shape = {"vocab_size": 97, "embedding_size": 24, "hidden_size": 10, "head_size": 12, "num_labels": 3}
    config = BiLstmConfig(**(shape | {"type_vocab_size": 1 + siamese} | more))
    return BiLstm(BiLstmForSequenceClassification(config).eval())


def rows(model, padded=LENGTH):
    """Four rows as int32 arrays: with padding, full, of one token, and short; of a pair, one with an empty text."""
    ids = np.random.default_rng(0).integers(5, 97, (4, padded)).astype(np.int32)
    mask, types = np.ones_like(ids), np.zeros_like(ids)
    for row, (first, total) in enumerate([(4, 9), (LENGTH, LENGTH), (1, 1), (3, 6)]):
        ids[row, total:], mask[row, total:], types[row, first:total] = 0, 0, 1
    feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
    return {name: feeds[name] for name in model.graph_inputs}


@torch.no_grad()
def logits(model, feeds):
    return model.model(**{name: torch.from_numpy(value) for name, value in feeds.items()}).logits.numpy()


@pytest.fixture(scope="module", params=[False, True], ids=["text", "pair"])
def made(request, tmp_path_factory):
    """A model and its fp32 files in both formats."""
    folder, model = tmp_path_factory.mktemp("bilstm"), build(request.param)
    files = []
    for target, lengths in (("onnx", ()), ("litert", (LENGTH,))):
        spec = GraphSpec(target=target, lengths=lengths, inputs=model.graph_inputs, num_labels=3)
        files += convert(model.deploy(spec), folder, "bilstm")
    return folder, model, *files


def run_onnx(path, feeds):
    import onnxruntime

    return onnxruntime.InferenceSession(path).run(None, feeds)[0]


def runner(path):
    from ai_edge_litert.interpreter import Interpreter

    signature = Interpreter(str(path)).get_signature_runner("classify")
    return lambda feeds: np.concatenate(
        [signature(**{k: v[i : i + 1] for k, v in feeds.items()})["logits"] for i in range(len(feeds["input_ids"]))]
    )


def test_files_answer_as_the_model_call_after_call(made):
    folder, model, onnx, tflite = made
    feeds = rows(model)
    expected = logits(model, feeds)
    assert np.abs(expected - expected[:1]).max() > 1e-2
    np.testing.assert_allclose(run_onnx(folder / onnx.path, feeds), expected, atol=1e-6, rtol=0)
    run = runner(folder / tflite.path)
    for _ in range(3):  # the operator keeps its state between calls: it must not show
        np.testing.assert_allclose(run(feeds), expected, atol=1e-6, rtol=0)
    assert list(model.graph_inputs) == [tensor.name for tensor in tflite.inputs]
    assert sum(inspect(folder / tflite.path).operators.values()) < 50


def test_padding_changes_nothing(made):
    folder, model, onnx, tflite = made
    long = rows(model, 24)
    alone = logits(model, {name: value[:1, :9] for name, value in long.items()})
    for length in (10, 16, 24):
        padded = {name: value[:1, :length].copy() for name, value in long.items()}
        for pad in (0, 42):  # whatever stands there
            padded["input_ids"][:, 9:] = pad
            np.testing.assert_allclose(logits(model, padded), alone, atol=1e-6, rtol=0)
            np.testing.assert_allclose(run_onnx(folder / onnx.path, padded), alone, atol=1e-6, rtol=0)
            if length == LENGTH:
                np.testing.assert_allclose(runner(folder / tflite.path)(padded), alone, atol=1e-6, rtol=0)


def test_int8_files_answer_nearly_as_the_model(made, tmp_path):
    folder, model, *files = made
    feeds = rows(model)
    save_list(files, folder)
    for small in quantize.quantize(folder, QuantizeOptions(schemes=("int8",)), tmp_path):
        path = tmp_path / small.path
        found = run_onnx(path, feeds) if small.format == "onnx" else runner(path)(feeds)
        assert 0 < np.abs(found - logits(model, feeds)).max() < 0.02


@pytest.mark.parametrize("scheme", ["fp16", "int8", "int8-tensor", "int8-static"])
def test_one_tflite_file_of_two_lengths_in_every_precision(scheme, tmp_path):
    from ai_edge_litert.interpreter import Interpreter

    model, lengths = build(True), (12, LENGTH)
    spec = GraphSpec(target="litert", lengths=lengths, layout="signatures", inputs=model.graph_inputs, num_labels=3)
    files = convert(model.deploy(spec), tmp_path, "bilstm")
    save_list(files, tmp_path)
    feeds = rows(model)
    one = {name: value[:1] for name, value in feeds.items()}

    def calibration(length):
        return ({name: value[row : row + 1, :length] for name, value in feeds.items()} for row in range(4))

    folder = tmp_path / "smaller"
    files += quantize.quantize(tmp_path, QuantizeOptions(schemes=(scheme,)), folder, calibration)
    for file, tolerance in zip(files, (1e-6, 5e-3), strict=True):
        path = (tmp_path if file.scheme == "fp32" else folder) / file.path
        interpreter = Interpreter(str(path))
        for length in lengths:
            run = interpreter.get_signature_runner(f"classify_{length}")
            answer = run(**{name: value[:, :length] for name, value in one.items()})["logits"]
            np.testing.assert_allclose(answer, logits(model, one), atol=tolerance, rtol=0)
    if scheme.startswith("int8"):  # the LSTM too
        weights = inspect(path).weights
        assert weights["float32"] < 0.4 * weights["int8"]


def test_the_two_texts_of_a_pair_are_read_apart_by_one_lstm():
    model = build(True)
    encoder = model.model.encoder
    ids, mask = torch.tensor([[5, 6, 7, 8, 9]]), torch.ones(1, 5, dtype=torch.long)
    types = torch.tensor([[0, 0, 0, 1, 1]])
    features = encoder(ids, mask, types).pooler_output
    first = encoder.last_states(ids[:, :3], torch.ones(1, 3).bool())
    second = encoder.last_states(ids[:, 3:], torch.ones(1, 2).bool())
    expected = torch.cat([first, second, (first - second).abs(), first * second], dim=1)
    torch.testing.assert_close(features, expected)
    swapped = encoder(ids[:, [3, 4, 0, 1, 2]], mask, torch.tensor([[0, 0, 1, 1, 1]])).pooler_output
    torch.testing.assert_close(swapped[:, 40:], features[:, 40:])
    torch.testing.assert_close(swapped[:, :20], features[:, 20:40])


def test_an_lstm_run_by_hand_gives_the_same():
    model = build(False)
    encoder, ids = model.model.encoder, torch.tensor([[5, 6, 7]])
    _, (last, _) = encoder.lstm(encoder.embedding(ids))
    torch.testing.assert_close(encoder.last_states(ids, torch.ones(1, 3).bool()), last.transpose(0, 1).flatten(1))


def test_it_comes_back_from_the_disk(tmp_path):
    model = build(True)
    model.save(tmp_path)
    found = load(tmp_path)
    assert isinstance(found, BiLstm) and found.graph_inputs == model.graph_inputs
    np.testing.assert_allclose(logits(found, rows(model)), logits(model, rows(model)), atol=1e-6, rtol=0)


def test_counts_are_the_papers():
    # 0.96 M printed (Tang et al. 2019): 150 units, head of 200, two channels of 300, embeddings not counted.
    model = build(False, vocab_size=1, embedding_size=600, hidden_size=150, head_size=200, num_labels=2)
    assert model.counts(1).parameters - 600 == 963_002
    assert model.counts(128).macs == 128 * 2 * 4 * 150 * (600 + 150) + 300 * 200 + 200 * 2
    pair = copy.copy(model.config)
    pair.type_vocab_size = 2
    siamese = BiLstm(BiLstmForSequenceClassification(pair))
    assert siamese.counts(128).macs == model.counts(128).macs + 900 * 200


def test_it_provides_logits_alone(teacher_folder):
    from edgebert.distill.method import Setting, phases
    from edgebert.errors import UserError
    from edgebert.recipes.options import DistillOptions
    from edgebert.tasks.kinds import classes

    student, teacher = build(False), load(teacher_folder)

    def of(method):
        options = DistillOptions(student="bilstm", method=method)
        setting = Setting(options=options, kind=classes, depth=student.depth, widths=(student.width, teacher.width))
        return phases(setting, student, teacher)

    assert [phase.name for phase in of("logits-mse")] == ["logits-mse"]
    with pytest.raises(UserError, match=r"--method hidden needs hidden_states, which --student bilstm does not"):
        of("hidden")


def test_word_vectors_are_the_teachers(teacher_folder):
    from edgebert import students

    teacher = load(teacher_folder)
    found = students.architecture("bilstm")
    student = found.build("bilstm", students.Context(teacher_folder, ("a", "b")))
    assert student.input_embeddings.weight.shape == teacher.input_embeddings.weight.shape
    found.start(student, teacher, (0,), list)
    ours, theirs = (torch.pdist(m.input_embeddings.weight.detach()) for m in (student, teacher))
    torch.testing.assert_close(ours / ours.mean(), theirs / theirs.mean(), atol=1e-4, rtol=1e-4)
