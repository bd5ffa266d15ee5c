"""What can go wrong, by whose doing: the exit code follows from the class."""

from __future__ import annotations

import importlib.util


class EdgebertError(Exception):
    """Base of every error that edgebert raises on purpose; the command line prints it without a traceback.

    Args:
        what: what is wrong and where (file, row, column, option), one or two sentences.
        fix: what to do about it, if there is one thing to say.
    """

    exit_code = 1

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}\n{fix}" if fix else what)
        self.what = what
        self.fix = fix


class UserError(EdgebertError):
    """The input is wrong: a file, a column, an option. Exit code 2."""

    exit_code = 2


class GateError(EdgebertError):
    """Everything ran, and a promise was not kept: a metric dropped, files disagree. Exit code 1."""


def require(module: str, extra: str) -> None:
    """Raise a `UserError` naming the extra to install when ``module`` is missing."""
    if importlib.util.find_spec(module) is None:
        raise _missing(module, extra)


EXTRAS = {
    "train": ("torch", "transformers", "accelerate", "datasets", "pyarrow", "safetensors", "huggingface_hub"),
    "onnx": ("onnx", "onnxruntime", "onnx_ir"),
    "tflite": ("litert_torch", "ai_edge_litert", "ai_edge_quantizer"),
    "text-input": ("onnxruntime_extensions",),
}
"""The packages that each extra brings, by the names they are imported by."""


def not_installed(error: ModuleNotFoundError) -> UserError | None:
    """What to tell the user of an import that failed; None where it is no package of ours to install."""
    name = (error.name or "").split(".")[0]
    extra = next((extra for extra, packages in EXTRAS.items() if name in packages), None)
    return _missing(name, extra) if extra else None


def _missing(package: str, extra: str) -> UserError:
    return UserError(
        f"This step needs the Python package '{package}', which is not installed.",
        f"Install it with: pip install 'edgebert[{extra}]'",
    )
