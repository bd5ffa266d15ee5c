"""--target: what it decides, and what does not go with it."""

import pytest

from edgebert.errors import UserError
from edgebert.recipes.options import ConvertOptions


@pytest.mark.parametrize(
    ("target", "formats", "output"),
    [
        (None, ("onnx", "tflite"), "logits"),
        ("litert", ("tflite",), "logits"),
        ("onnx-mobile", ("onnx",), "logits"),
        ("mediapipe", ("tflite",), "probabilities"),
    ],
)
def test_a_target_decides_format_and_output(target, formats, output):
    options = ConvertOptions(target=target)
    assert (options.file_formats, options.file_output) == (formats, output)
    if target != "mediapipe":
        assert ConvertOptions(target=target, output="probabilities").file_output == "probabilities"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"target": "mediapipe", "formats": ("onnx",)}, "--formats onnx"),
        ({"target": "onnx-mobile", "formats": ("tflite",)}, "--formats tflite"),
        ({"target": "mediapipe", "output": "logits"}, "--output logits"),
        ({"target": "litert", "text_input": "exact"}, "--text-input exact"),
        ({"target": "mediapipe", "tflite_layout": "signatures"}, "--tflite-layout signatures"),
    ],
)
def test_what_contradicts_a_target_is_refused_with_both_flags(more, named):
    with pytest.raises(UserError) as error:
        ConvertOptions(**more)
    assert f"--target {more['target']}" in error.value.what or "--target onnx-mobile" in error.value.what
    assert named in error.value.what
