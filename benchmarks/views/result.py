"""What a benchmark wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]
"""The values of a result file, or a part of them."""
