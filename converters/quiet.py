"""Exporters talk a lot, and none of it is about the user's model."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

SILENT = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0", "LITERT_TORCH_SHOW_PROGRESS": "n"}
"""Read by C++ code when it is loaded; a value that the user has set stays."""


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Python warnings and log messages below errors to ourselves; import the exporter inside the block."""
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)
    before = logging.root.manager.disable
    logging.disable(max(before, logging.WARNING))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
