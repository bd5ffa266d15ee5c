"""Make `litert.json` and `onnxruntime.json` of the runtimes' own lists of kernels.

Run: python -m converters.lint.shipped.write REGISTER_CC OPERATOR_KERNELS_MD

The files are tflite/core/kernels/register.cc of google-ai-edge/LiteRT and docs/OperatorKernels.md of
microsoft/onnxruntime, each as it was in the version below.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from converters.lint.shipped import FILES

LITERT: dict[str, Any] = {
    "runtime": "LiteRT 2.1.4",
    "source": "tflite/core/kernels/register.cc of github.com/google-ai-edge/LiteRT, tag v2.1.4",
    "newest_ir": None,
}
ORT: dict[str, Any] = {
    "runtime": "ONNX Runtime 1.22.0",
    "source": "docs/OperatorKernels.md of github.com/microsoft/onnxruntime, a4976e33, its last before 1.22",
    "newest_ir": 10,
}
NEWEST_OPSET = 22
"""Like `newest_ir`, the version of the file format, of ONNX 1.17, which ONNX Runtime 1.22 is built with."""

BUILTIN = re.compile(r"AddBuiltin\(\s*BuiltinOperator_(\w+),([^;]*)\);")
CUSTOM = re.compile(r'AddCustom\(\s*"([^"]+)"')
MAX_VERSION = re.compile(r"max_version\s*=?\s*\*/\s*(\d+)")
DOMAIN = re.compile(r"\*\*Operator Domain:\*\* \*([\w.]+)\*")
INPUT = re.compile(r"\*in\* \w+:\*\*(.+?)\*\*(?:<br>|$)")
TYPE = re.compile(r"tensor\((\w+)\)")
VERSIONS = re.compile(r"\[?(\d+)(?:, (\d+)\]|(\+))?")
NUMPY = {"float": "float32", "double": "float64"}
OR = "<br><br>or<br><br>"


def litert(code: str) -> dict[str, Any]:
    """The kernels that LiteRT registers with their versions; types are told by versions."""
    found = {}
    for name, rest in BUILTIN.findall(code):
        newest = MAX_VERSION.search(rest)
        found[name] = [[1, int(newest[1]) if newest else 1, []]]
    return {
        **LITERT,
        "types": [],
        "operators": found | {f"custom:{name}": [[1, 1, []]] for name in CUSTOM.findall(code)},
    }


def onnxruntime(page: str) -> dict[str, Any]:
    """The kernels of ONNX Runtime's processor provider, and the functions that it puts together of others."""
    section = page.split("## Operators implemented by CPUExecutionProvider")[1].split("\n## ")[0]
    operators: dict[str, list[Any]] = {}
    types: dict[tuple[str, ...], int] = {}
    domain = name = parameters = ""
    for line in section.splitlines():
        if found := DOMAIN.search(line):
            domain = "" if found[1] == "ai.onnx" else f"{found[1]}:"
        elif line.startswith("|") and len(cells := line.split("|")) == 6 and (versions := VERSIONS.fullmatch(cells[3])):
            name, parameters = cells[1] or name, cells[2] or parameters
            since = int(versions[1])
            until = NEWEST_OPSET if versions[3] else int(versions[2] or since)
            inputs = [types.setdefault(one, len(types)) for one in _inputs(parameters, cells[4])]
            operators.setdefault(domain + name, []).append([since, until, inputs])
    composed = _composed()
    operators |= {name: composed[name] for name in sorted(composed.keys() - operators.keys())}
    return {**ORT, "types": [list(names) for names in types], "operators": operators}


def _composed() -> dict[str, list[Any]]:
    """Operators that ONNX defines as a function of others."""
    from onnx import defs

    found: dict[str, int] = {}
    for schema in defs.get_all_schemas_with_history():
        function = schema.has_function or schema.has_context_dependent_function
        if function and schema.domain == "" and schema.since_version <= NEWEST_OPSET:
            found[schema.name] = min(schema.since_version, found.get(schema.name, NEWEST_OPSET))
    return {name: [[since, NEWEST_OPSET, []]] for name, since in found.items()}


def _inputs(parameters: str, constraints: str) -> list[tuple[str, ...]]:
    """Types of each input: of the longest form of the operator whose type variables this version has."""
    variables = {name: _types(of) for name, of in re.findall(r"\*\*(\w+)\*\* = (.+?)(?:<br/>|$)", constraints)}
    forms = [INPUT.findall(form) for form in parameters.split(OR)]
    fitting = [form for form in forms if all("(" in one or one in variables for one in form)]
    return [_types(one) if "(" in one else variables[one] for one in max(fitting, key=len, default=[])]


def _types(words: str) -> tuple[str, ...]:
    return tuple(NUMPY.get(name, name) for name in TYPE.findall(words))


if __name__ == "__main__":
    for file, found in zip(
        FILES.values(), (litert(Path(sys.argv[1]).read_text()), onnxruntime(Path(sys.argv[2]).read_text())), strict=True
    ):
        rows = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(of)}" for kind, of in found.pop("operators").items())
        head = "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in found.items())
        Path(__file__).with_name(file).write_text(f'{{{head}"operators": {{\n{rows}\n}}}}\n', encoding="utf-8")
