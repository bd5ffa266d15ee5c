"""Files for MediaPipe: what is inside, and that every other reader takes them as before."""

import zipfile

import numpy as np
import pytest
from classifier_files import LABELS, VOCABULARY, described, write_echo, write_net

from converters import ConversionError, Deployment, GraphSpec, associated_files, convert, metadata
from converters.artefact import digest
from converters.graph_spec import BERT
from converters.lint import inspect
from edgebert import quantize
from edgebert.recipes.options import QuantizeOptions
from edgebert.runtimes.mediapipe import classify

SCHEMES = ("fp16", "int8", "int8-weights")
TEXTS = ["a good film", "a bad film!", "GOOD, unable", "", "bad " * 40]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of the fp32 file and of the smaller ones."""
    folder = tmp_path_factory.mktemp("net")
    [artefact] = write_net(folder)
    made = quantize.quantize(folder, QuantizeOptions(schemes=SCHEMES), folder / "small")
    assert [one.sha256 for one in made] == [digest(folder / "small" / one.path) for one in made]
    return [folder / artefact.path, *(folder / "small" / one.path for one in made)]


def answers(path, ids):
    """Probabilities of LiteRT for one row of token ids."""
    from ai_edge_litert.interpreter import Interpreter

    row, mask = np.zeros((2, 1, 16), np.int32)
    row[0, : len(ids)], mask[0, : len(ids)] = ids, 1
    runner = Interpreter(str(path)).get_signature_runner("classify")
    return runner(input_ids=row, attention_mask=mask, token_type_ids=row * 0)["probabilities"][0]


def test_every_file_carries_metadata_vocabulary_and_labels(files):
    for path in files:
        assert "TFLITE_METADATA" in inspect(path).metadata
        assert associated_files.read(path)["labels.txt"].decode().splitlines() == list(LABELS)
        assert associated_files.read(path)["vocab.txt"].decode().splitlines() == list(VOCABULARY)
        with zipfile.ZipFile(path) as archive:  # a phone maps it, and reads the files where they lie
            assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


def test_an_interpreter_reads_them_like_any_other_file(files):
    text = [2, VOCABULARY.index("film"), VOCABULARY.index("good"), 3]
    for path in files:
        np.testing.assert_allclose(answers(path, text), answers(files[0], text), atol=0.03)
        assert answers(path, text).argmax() == LABELS.index("good")


def test_files_without_an_archive_have_no_associated_files(tmp_path):
    (tmp_path / "bare.tflite").write_bytes(bytes(100))
    assert associated_files.read(tmp_path / "bare.tflite") == {}


def test_what_mediapipe_could_not_read_is_not_written(tmp_path):
    asked = {"target": "mediapipe", "lengths": (8,), "inputs": BERT, "num_labels": 2}
    for more in ({"output": "logits"}, {"output": "probabilities", "inputs": BERT[:2]},
                 {"output": "probabilities", "layout": "signatures"}):  # fmt: skip
        with pytest.raises(ConversionError, match="MediaPipe"):
            GraphSpec(**(asked | more))
    deployment = Deployment.of(__import__("torch").nn.Identity(), GraphSpec(**asked, output="probabilities"))
    with pytest.raises(ConversionError, match="metadata"):
        convert(deployment, tmp_path, "net")


def test_metadata_are_of_one_subgraph(tmp_path):
    from converters.tflite_graph import TfliteFile

    file = TfliteFile()
    for name in ("one", "two"):
        graph = file.graph()
        ids = graph.tensor((1, 4), np.int32)
        file.sign(graph, name, {"input_ids": ids}, {"probabilities": graph.op("CAST", (ids,), (1, 4))})
    (tmp_path / "two.tflite").write_bytes(file.content())
    with pytest.raises(ConversionError, match="2 subgraphs"):
        metadata.write(tmp_path / "two.tflite", described())


@pytest.mark.slow
def test_mediapipe_loads_every_file_and_answers_as_litert_does(files, with_mediapipe, tmp_path):
    echo = tmp_path / "echo.tflite"
    write_echo(echo, VOCABULARY, 16)
    read = classify(echo, TEXTS).astype(int)
    for path in files:
        found = classify(path, TEXTS)
        expected = [answers(path, [*row[: row.tolist().index(3) + 1]]) for row in read]
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found[:2].argmax(1).tolist() == [LABELS.index("good"), LABELS.index("bad")]
