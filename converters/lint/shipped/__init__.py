"""What the runtimes that Android apps take have kernels for: operators, versions, and the types of their inputs.

`litert.json` and `onnxruntime.json` are of the versions that `android_demo/app/build.gradle.kts` pins, made by
`converters.lint.shipped.write` from the runtimes' own lists, which they name as `source`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from converters.graph_spec import Format

FILES: dict[Format, str] = {"tflite": "litert.json", "onnx": "onnxruntime.json"}


@dataclass(frozen=True)
class Kernel:
    """An implementation of an operator.

    Attributes:
        since: first version of the operator that it is for; in ONNX, of the operator set.
        until: last one.
        inputs: data types that each input may have, the last for all that follow; empty where versions tell them.
    """

    since: int
    until: int
    inputs: tuple[frozenset[str], ...]

    def takes(self, dtypes: Sequence[str | None]) -> bool:
        """Whether integers of these types may go in; None is no integer, or not known."""
        return all(
            dtype is None or not self.inputs or dtype in self.inputs[min(place, len(self.inputs) - 1)]
            for place, dtype in enumerate(dtypes)
        )


@dataclass(frozen=True)
class Shipped:
    """What a build of a runtime has.

    Attributes:
        runtime: name and version.
        source: of this list.
        newest_ir: newest version of ONNX's file format that it reads; None for TFLite, which has one.
        kernels: by operator; "com.microsoft:NAME" outside ONNX's own, "custom:NAME" outside TFLite's.
    """

    runtime: str
    source: str
    newest_ir: int | None
    kernels: Mapping[str, tuple[Kernel, ...]]

    def lacks(self, kind: str, version: int, dtypes: Sequence[str | None]) -> str | None:
        """What is missing for an operator, in words; None where nothing is."""
        known = self.kernels.get(kind)
        if known is None:
            return kind
        fitting = [kernel for kernel in known if kernel.since <= version <= kernel.until]
        if not fitting:
            return f"{kind} version {version}"
        if not any(kernel.takes(dtypes) for kernel in fitting):
            return f"{kind} of {', '.join(dtype for dtype in dtypes if dtype)}"
        return None


@cache
def by(format: Format) -> Shipped:
    """What the runtime of a file format ships."""
    stored = json.loads(Path(__file__).with_name(FILES[format]).read_text(encoding="utf-8"))
    types = [frozenset(names) for names in stored["types"]]
    return Shipped(
        runtime=stored["runtime"],
        source=stored["source"],
        newest_ir=stored["newest_ir"],
        kernels={
            kind: tuple(Kernel(since, until, tuple(types[n] for n in inputs)) for since, until, inputs in kernels)
            for kind, kernels in stored["operators"].items()
        },
    )
