"""Files that take a text, in ONNX Runtime with onnxruntime-extensions: their driver in Python."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import numpy as np
import numpy.typing as npt

from converters.text_input import IDS, TEXT
from edgebert.errors import require

PACKAGE = "onnxruntime-extensions"


def version() -> str:
    """Version of the extensions.

    Raises:
        UserError: if they are not installed, with the command that installs them.
    """
    require("onnxruntime_extensions", "text-input")
    return metadata.version(PACKAGE)


class TextSession:
    """A file that takes a text.

    Args:
        path: made by `converters.text_input.write`.
        output: name of its answer; "" for a file that has none but the token ids.

    Raises:
        UserError: if the extensions are not installed.
    """

    def __init__(self, path: Path, output: str = "") -> None:
        version()
        import onnxruntime as ort
        import onnxruntime_extensions as extensions

        options = ort.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = 1, 3
        options.register_custom_ops_library(extensions.get_library_path())
        self._session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._outputs = [IDS, *filter(None, [output])]

    def run(self, text: str) -> tuple[tuple[int, ...], npt.NDArray[np.float32]]:
        """The token ids of a text, cut, and the answer [labels]; an empty one where the file has none."""
        ids, *answer = self._session.run(self._outputs, {TEXT: np.array([text], object)})
        return tuple(int(one) for one in ids[0]), answer[0][0] if answer else np.zeros(0, np.float32)
