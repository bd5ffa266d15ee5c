import subprocess
import sys

import pytest

from edgebert import runtimes
from edgebert.errors import UserError


def test_every_engine_is_found_by_the_name_of_its_file():
    assert {"ort", "litert", "tf", "tflite-runtime"} == set(runtimes.names())
    for name in runtimes.names():
        assert runtimes.get(name).name == name
    assert "onnx" in runtimes.for_format("onnx").formats
    assert "tflite" in runtimes.for_format("tflite").formats


def test_an_unknown_engine_names_the_nearest():
    with pytest.raises(UserError, match="Did you mean 'litert'"):
        runtimes.get("litrt")


def test_looking_an_engine_up_loads_none():
    code = (
        "import sys; from edgebert import runtimes; found = [runtimes.get(name) for name in runtimes.names()];"
        "[runtimes.for_format(name).version() for name in ('onnx', 'tflite')];"
        "sys.exit(bool({'onnxruntime', 'ai_edge_litert', 'torch', 'transformers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_engine_that_is_not_installed_says_how_to_install_it(monkeypatch):
    engine = runtimes.get("ort")
    monkeypatch.setattr(type(engine), "module", "no_such_module")
    with pytest.raises(UserError, match=r"pip install 'edgebert\[onnx\]'"):
        engine.version()
