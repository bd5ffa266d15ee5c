import flatbuffers
import numpy as np
import pytest
from tiny_classifiers import classifier, spec_for, tokens

from converters import convert, hugging_face
from converters.tflite_sharing import ALIGNMENT, share

pytest.importorskip("ai_edge_litert")
LENGTHS = (8, 16, 24)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """A converted file of three signatures."""
    folder, model = tmp_path_factory.mktemp("shared"), classifier("bert")
    [artefact] = convert(
        hugging_face.deploy(model, spec_for(model, "litert", LENGTHS, layout="signatures")), folder, "tiny"
    )
    return folder / artefact.path


def read(content):
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(content, 0)


def apart(content, outside=False):
    """The same file with a buffer of its own for every constant; ``outside`` puts all behind the flatbuffer."""
    from ai_edge_litert import schema_py_generated as schema

    model = read(content)
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        if model.buffers[tensor.buffer].data is None:
            continue
        own = schema.BufferT()
        own.data = model.buffers[tensor.buffer].data
        tensor.buffer = len(model.buffers)
        model.buffers.append(own)
    behind = b""
    if outside:
        full = [buffer for buffer in model.buffers if buffer.data is not None]
        values = [buffer.data.tobytes() for buffer in full]
        for buffer in full:
            buffer.data, buffer.offset, buffer.size = None, 2, 1  # written in any case: the size stays the same
        size = -(-len(packed(model)) // ALIGNMENT) * ALIGNMENT
        for buffer, value in zip(full, values, strict=True):
            buffer.offset, buffer.size = size + len(behind), len(value)
            behind += value + bytes(-len(value) % ALIGNMENT)
        return packed(model).ljust(size, b"\0") + behind
    return packed(model)


def packed(model):
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def answers(content):
    """Logits of every signature."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=bytes(content))
    found = {}
    for length in LENGTHS:
        feeds = {name: value.numpy() for name, value in tokens(classifier("bert"), [length - 2], length).items()}
        found[length] = interpreter.get_signature_runner(f"classify_{length}")(**feeds)["logits"]
    return found


@pytest.mark.parametrize("outside", [False, True])
def test_constants_stored_again_and_again_are_stored_once(file, outside):
    content = file.read_bytes()
    wasteful = apart(content, outside)
    assert len(wasteful) > 2 * len(content)
    found = bytes(share(wasteful))
    assert len(found) < 1.02 * len(content), "an emptied buffer takes a few bytes"
    before, after = answers(wasteful), answers(found)
    assert all(np.array_equal(before[length], after[length]) for length in LENGTHS)
    assert np.ptp(list(after.values())) > 0.1


def test_three_signatures_are_hardly_larger_than_one(file, tmp_path):
    model = classifier("bert")
    [one] = convert(hugging_face.deploy(model, spec_for(model, "litert", LENGTHS[-1:])), tmp_path, "one")
    weights = {len(b.data) for b in read((tmp_path / one.path).read_bytes()).buffers if b.data is not None}
    graphs = read(file.read_bytes())
    assert len(graphs.subgraphs) == len(LENGTHS)
    stored = [b.data.tobytes() for b in graphs.buffers if b.data is not None and len(b.data) == max(weights)]
    assert len(stored) == len(set(stored)) == 1, "the word embeddings"


def test_a_tensor_shares_only_with_its_like(file):
    """The same bytes in another shape are other weights to a runtime that packs them."""
    model = read(file.read_bytes())
    words = next(t for t in model.subgraphs[0].tensors if tuple(t.shape) == (97, 30))
    twin = next(t for t in model.subgraphs[1].tensors if t.buffer == words.buffer)
    twin.shape = twin.shape[::-1].copy()
    found = read(share(apart(packed(model))))
    places = [
        {t.buffer for g in found.subgraphs for t in g.tensors if tuple(t.shape) == s} for s in ((97, 30), (30, 97))
    ]
    assert [len(place) for place in places] == [1, 1] and places[0] != places[1]
    one, other = (found.buffers[place.pop()].data for place in places)
    assert np.array_equal(one, other)


def test_weights_lie_aligned(file):
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(share(apart(file.read_bytes())), 0)
    buffers = [model.Buffers(place) for place in range(model.BuffersLength())]
    starts = [b._tab.Vector(b._tab.Offset(4)) for b in buffers if b.DataLength()]
    assert len(starts) > 20
    assert not [start for start in starts if start % ALIGNMENT]
