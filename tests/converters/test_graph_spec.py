import json

import pytest

from converters import ConversionError, GraphSpec, TensorSpec


def test_spec_survives_json():
    spec = GraphSpec(target="litert", lengths=(32, 64), inputs=("input_ids", "attention_mask"), num_labels=2)
    assert GraphSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_shapes_follow_the_target():
    onnx = GraphSpec(target="onnx", inputs=("input_ids",), num_labels=4)
    tflite = GraphSpec(target="litert", lengths=(32,), inputs=("input_ids",), num_labels=4, output="probabilities")
    assert onnx.input_specs(None) == (TensorSpec("input_ids", "int32", ("batch", "length")),)
    assert onnx.output_spec() == TensorSpec("logits", "float32", ("batch", 4))
    assert tflite.input_specs(32) == (TensorSpec("input_ids", "int32", (1, 32)),)
    assert tflite.output_spec() == TensorSpec("probabilities", "float32", (1, 4))


def test_unknown_target_and_tflite_without_length_are_refused():
    with pytest.raises(ConversionError, match="coreml"):
        GraphSpec(target="coreml", inputs=("input_ids",), num_labels=2)
    with pytest.raises(ConversionError, match="length"):
        GraphSpec(target="litert", inputs=("input_ids",), num_labels=2)
