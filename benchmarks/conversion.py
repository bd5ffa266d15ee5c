"""Time and memory from given weights to all files: both formats, fp32 and int8, in one fresh process.

Run: python -m benchmarks.conversion        (about a minute a repeat)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import process, results, script
from edgebert import console

CHECKPOINTS = """
from pathlib import Path
from benchmarks.shapes import write_student, write_teacher
write_teacher(Path({teacher!r}))
write_student({student!r}, Path({teacher!r}), Path({folder!r}))
"""
FILES = """
from pathlib import Path
from benchmarks.shapes import write_all_files
from edgebert.recipes.options import ConvertOptions
write_all_files(Path({checkpoint!r}), {student!r}, ConvertOptions(lengths={lengths!r}), Path({folder!r}))
"""


def main(
    *,
    student: str = "tinybert-4",
    lengths: tuple[int, ...] = (32, 64, 128),
    repeats: int = 3,
    results_in: Path = results.FOLDER,
) -> None:
    """Convert and quantise a student of the built-in encoder, whose weights are random.

    Args:
        student: its shape.
        lengths: token lengths of the TFLite file.
        repeats: how often.
        results_in: folder of the result file.
    """
    watch = results.Watch()
    costs, sizes = [], {}
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        teacher, checkpoint, files = (Path(name) / part for part in ("teacher", "student", "files"))
        process.measure(
            process.python(CHECKPOINTS.format(teacher=str(teacher), student=student, folder=str(checkpoint)))
        )
        for number in range(repeats):
            out = files / str(number)
            code = FILES.format(checkpoint=str(checkpoint), student=student, lengths=lengths, folder=str(out))
            costs.append(process.measure(process.python(code)))
            console.say(f"  {costs[-1].seconds:.1f} s, {costs[-1].peak_mb:.0f} MiB")
            made = sorted(path for path in out.glob("*/*") if path.suffix in (".onnx", ".tflite"))
            sizes = {path.name: path.stat().st_size for path in made}
    results.write(
        "conversion", "conversion", results.command("conversion", sys.argv[1:]), watch,
        {
            "student": student, "lengths": lengths, "repeats": repeats, "files": sizes,
            "seconds": {"median": median(c.seconds for c in costs), "all": [c.seconds for c in costs]},
            "peak_mb": {"max": max(c.peak_mb for c in costs), "all": [c.peak_mb for c in costs]},
        },
        results_in,
    )  # fmt: skip


if __name__ == "__main__":
    script.run(main)
