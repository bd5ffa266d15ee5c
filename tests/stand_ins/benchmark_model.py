"""Speaks as benchmark_model does: checks its flags and inputs as the tool would, and prints what the test put aside."""

import os
import pathlib
import sys

PHONE = pathlib.Path(os.environ["FAKE_PHONE"])
flags = dict(argument.removeprefix("--").split("=", 1) for argument in sys.argv[1:])
with (PHONE / "flags").open("a") as calls:
    calls.write(repr(flags) + "\n")
sys.stdout.write("INFO: STARTING!\n")
for unknown in (PHONE / "unknown_flags").read_text().split() if (PHONE / "unknown_flags").exists() else ():
    if unknown in flags:
        sys.stdout.write(f"WARN: Unconsumed cmdline flags: --{unknown}={flags[unknown]}\n")
if not pathlib.Path(flags["graph"]).stat().st_size:
    sys.exit("ERROR: Failed to mmap model")
names, shapes = flags["input_layer"].split(","), flags["input_layer_shape"].split(":")
files = dict(item.split(":") for item in flags["input_layer_value_files"].split(","))
for name, shape in zip(names, shapes, strict=True):
    rows, tokens = map(int, shape.split(","))
    if pathlib.Path(files[name]).stat().st_size != 4 * rows * tokens:
        sys.exit("ERROR: Failed to load input tensor data")
delegate = next((name for name in ("gpu", "nnapi", "xnnpack") if f"use_{name}" in flags), "default")
kind = delegate + ("-operators" if "enable_op_profiling" in flags else "")
own = PHONE / "prints" / f"{pathlib.Path(flags['graph']).name}-t{flags['num_threads']}"
sys.stdout.write((own if own.exists() else PHONE / "prints" / kind).read_text())
sys.stdout.flush()
if (PHONE / "signal").exists():
    os.kill(os.getpid(), int((PHONE / "signal").read_text()))
sys.exit(int((PHONE / "code").read_text()) if (PHONE / "code").exists() else 0)
