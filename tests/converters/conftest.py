import functools

import pytest
from tiny_classifiers import classifier, spec_for

from converters import convert, hugging_face


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """family -> (folder, ONNX artefact, TFLite artefact of length 16), made once."""

    @functools.cache
    def make(family):
        folder, model = tmp_path_factory.mktemp(family), classifier(family)
        made = []
        for target, lengths in (("onnx", ()), ("litert", (16,))):
            made += convert(hugging_face.deploy(model, spec_for(model, target, lengths)), folder, family)
        return folder, *made

    return make
