"""LiteRT for the core's program, which asks a JSON line and gets one: python -m android_demo.check.litert."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from typing import Any

import numpy as np


def main() -> None:
    """Answer until the questions end."""
    from ai_edge_litert.interpreter import Interpreter

    interpreters: dict[int, Any] = {}

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        if asked["ask"] == "version":
            return {"version": version("ai-edge-litert")}
        if asked["ask"] == "open":
            interpreters[number := len(interpreters)] = Interpreter(asked["path"], num_threads=asked["threads"])
            return {"session": number}
        if asked["ask"] == "close":
            interpreters[asked["session"]] = None
            return {}
        runner = interpreters[asked["session"]].get_signature_runner(asked["signature"])
        inputs = {name: np.array([row], np.int32) for name, row in asked["inputs"].items()}
        (output,) = runner(**inputs).values()
        return {"output": output[0].tolist()}

    for line in sys.stdin:
        try:
            found = answer(json.loads(line))
        except (ValueError, RuntimeError) as failure:  # what LiteRT raises of a file or an input that it cannot use
            found = {"failure": str(failure)}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
