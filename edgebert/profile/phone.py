"""Time the TFLite files on a phone: one process of `benchmark_model` for each file, thread count and delegate.

What comes of it is never put beside times of this machine: it has classes, folders and tables of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import TypeVar

from converters import lint
from converters.artefact import Artefact, load_list
from edgebert import console
from edgebert.files import atomic, read_json, sha256, write_json
from edgebert.profile.latency import Basis
from edgebert.profile.ready import Ready
from edgebert.profile.sample import Sample
from edgebert.runtimes import phone
from edgebert.runtimes.adb import Adb
from edgebert.runtimes.benchmark_model import BenchmarkModel, PhoneJob, installed
from edgebert.runtimes.benchmark_output import Benchmarked, Incomplete, parse, parse_operators
from edgebert.runtimes.jobs import OperatorTime
from edgebert.runtimes.phone import Phone, State
from edgebert.runtimes.runtime import RuntimeFailure
from edgebert.runtimes.token_file import TokenFile
from edgebert.tasks.task import Task

SCHEMA = 1
FILE, LOGS = "latency.json", "logs"
WARMUP, TAIL = 5, 400
MOST_THREADS = 4
NAMES = {"gpu": ("Gpu", "LITERT_CL"), "nnapi": ("Nnapi",), "xnnpack": ("XNNPack",)}
"""What the engine calls the nodes of a delegate."""

Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class PhoneLatency:
    """Milliseconds of one call on a phone, as `benchmark_model` tells them: the times of single calls it does not.

    Attributes:
        file: name of the file.
        format: "tflite".
        scheme: precision.
        sha256: of the file.
        bytes: its size.
        length: tokens of every row.
        basis: how the numbers came about.
        threads: of the engine.
        delegate: that was asked for; None for what the engine does of itself.
        nodes: operators that this delegate took over, of all functions of the file; None where none was asked for.
        of: operators that it was offered; None where none was asked for, or the build does not tell.
        left_behind: operators that did not go to this delegate, where any stayed.
        measured: times, memory, placement.
        operators: each kind of operator, the longest first, in a process of its own: being watched takes time.
        before: how the phone fared before.
        after: how it fared after.
    """

    file: str
    format: str
    scheme: str
    sha256: str
    bytes: int
    length: int
    basis: Basis
    threads: int
    delegate: str | None
    nodes: int | None
    of: int | None
    left_behind: tuple[str, ...]
    measured: Benchmarked
    operators: tuple[OperatorTime, ...]
    before: State
    after: State


@dataclass(frozen=True, kw_only=True)
class PhoneLatencies:
    """All that was measured on a phone.

    Attributes:
        phone: which.
        mask: cores that the program was pinned to, hexadecimal, the lowest bit is core 0.
        program_sha256: of `benchmark_model`, which tells no version.
        latencies: of each file, thread count and delegate.
    """

    phone: Phone
    mask: str
    program_sha256: str
    latencies: tuple[PhoneLatency, ...]

    def save(self, folder: Path) -> None:
        """Write `latency.json` into ``folder``."""
        write_json(folder / FILE, {"schema": SCHEMA, **asdict(self)})


def profile_on_phone(
    there: Ready, folders: Sequence[Path], task: Task, tokenizer: Path, calls: int, out: Path
) -> PhoneLatencies:
    """Time every TFLite file at its own length, filled with tokens of the dev rows.

    Args:
        there: the phone, and what to do on it.
        folders: of the files, with their `artefacts.json`.
        task: the task whose dev rows are the input.
        tokenizer: `tokenizer.json` of the student.
        calls: timed calls of each.
        out: folder for `latency.json` and what the program printed; a killed call goes on with what it finds there.

    Raises:
        UserError: if the phone is full, or the program is the wrong one for it.
        RuntimeFailure: if the program crashed or told no times, or the phone went away.
    """
    settings = list(_settings(folders, there.mask, there.delegates))
    adb, found = there.adb, there.phone
    latencies = []
    with (
        tempfile.TemporaryDirectory(prefix="edgebert-") as scratch,
        installed(adb, found, there.program, there.mask) as benchmark,
        console.bar(f"timing on {found.name}", len(settings)) as bar,
    ):
        sample = Sample(task, tokenizer, rows=calls, rounds=1, scratch=Path(scratch))
        bench = _Bench(adb, benchmark, sample, calls, Path(scratch), out / LOGS)
        for setting in settings:
            latencies.append(bench.latency(setting))
            bar.advance()
    made = PhoneLatencies(
        phone=found, mask=there.mask, program_sha256=sha256(there.program), latencies=tuple(latencies)
    )
    hot = {one.after.thermal for one in made.latencies} - {None, "none"}
    if hot:
        console.warn(f"{found.name} got hot ({', '.join(sorted(map(str, hot)))}): it may have slowed down.")
    made.save(out)
    return made


@dataclass(frozen=True)
class _Setting:
    """What one process times."""

    path: Path
    artefact: Artefact
    threads: int
    delegate: str | None

    @property
    def key(self) -> str:
        """A file name that no other setting has."""
        file = self.artefact
        return f"{file.path}-s{file.length}-t{self.threads}-{self.delegate or 'default'}"


def _settings(folders: Sequence[Path], mask: str, delegates: Sequence[str]) -> Iterator[_Setting]:
    """Each function of each TFLite file: with 1 thread and one a big core, without a delegate and with each."""
    counts = sorted({1, min(MOST_THREADS, int(mask, 16).bit_count())})
    for folder in folders:
        for file in load_list(folder):
            for one in file.each() if file.format == "tflite" else ():
                for delegate, threads in product((None, *delegates), counts):
                    yield _Setting(folder / file.path, one, threads, delegate)


@dataclass(frozen=True)
class _Bench:
    """A phone with the program on it."""

    adb: Adb
    benchmark: BenchmarkModel
    sample: Sample
    calls: int
    scratch: Path
    logs: Path

    def latency(self, setting: _Setting) -> PhoneLatency:
        """Time a setting, then its operators in a process of their own."""
        file = setting.artefact
        measured, (before, after) = self._timed(setting)
        operators = self._told(setting, True, parse_operators)
        nodes, of = _nodes(setting.delegate, measured)
        left = _left_behind(setting, nodes, of, measured, operators)
        if left:
            where = f"{nodes} of {of or 'its'} operators run there" if nodes else "none of its operators runs there"
            console.warn(
                f"{file.path} with the {setting.delegate} delegate, threads: {setting.threads}: {where}, the processor "
                f"runs {', '.join(left)}."
            )
        return PhoneLatency(
            file=file.path, format=file.format, scheme=file.scheme, sha256=file.sha256, bytes=file.bytes,
            length=file.length or 0, basis="measured", threads=setting.threads, delegate=setting.delegate,
            nodes=nodes, of=of, left_behind=left, measured=measured, operators=operators, before=before, after=after,
        )  # fmt: skip

    def _timed(self, setting: _Setting) -> tuple[Benchmarked, tuple[State, State]]:
        """Times, and how the phone fared before and after."""
        path = self.logs / f"{setting.key}.json"
        if path.is_file():
            before, after = (State(thermal=one["thermal"], khz=tuple(one["khz"])) for one in read_json(path))
            return self._told(setting, False, parse), (before, after)
        before = phone.state(self.adb)
        found = self._told(setting, False, parse)
        after = phone.state(self.adb)
        write_json(path, [asdict(before), asdict(after)])
        return found, (before, after)

    def _told(self, setting: _Setting, is_traced: bool, reader: Callable[[str], Found]) -> Found:
        """What the program tells; from `logs` where it has told it before."""
        path = self.logs / (setting.key + ("-operators.txt" if is_traced else ".txt"))
        if path.is_file():
            return reader(path.read_text(encoding="utf-8"))
        text = self.benchmark.run(self._job(setting, is_traced), setting.path, self.scratch)
        try:
            found = reader(text)
        except Incomplete as error:
            raise RuntimeFailure(f"benchmark_model, {setting.artefact.path}: {error}.", text[-TAIL:].strip()) from error
        with atomic(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return found

    def _job(self, setting: _Setting, is_traced: bool) -> PhoneJob:
        """One row of exactly as many tokens as the file takes, in the order in which its graph lists its inputs."""
        file = setting.artefact
        functions = lint.inspect(setting.path).functions
        (graph,) = (one for one in functions if one.signature == file.signature)
        feeds = TokenFile(self.sample.full(file.length or 0)).feeds(0, file.length)
        return PhoneJob(
            file=file.path,
            signature=file.signature if len(functions) > 1 else None,
            inputs={port.name: feeds[port.name] for port in graph.inputs},
            threads=setting.threads,
            delegate=setting.delegate,
            calls=self.calls,
            warmup=WARMUP,
            is_traced=is_traced,
        )


def _nodes(delegate: str | None, measured: Benchmarked) -> tuple[int | None, int | None]:
    """Operators that a delegate took over, and of how many."""
    if delegate is None:
        return None, None
    own = [one for one in measured.placements if any(name in one.delegate for name in NAMES[delegate])]
    # NNAPI says that it took operators over and then that it will not run them.
    nodes = 0 if measured.declined else sum(one.nodes for one in own)
    offered = [one.of for one in own or measured.placements[:1]]
    return nodes, sum(of for of in offered if of) if offered and all(offered) else None


def _left_behind(
    setting: _Setting, nodes: int | None, of: int | None, measured: Benchmarked, operators: Sequence[OperatorTime]
) -> tuple[str, ...]:
    """Names of the operators that did not go to the delegate asked for."""
    if setting.delegate is None or (nodes and nodes == of):
        return ()
    if not nodes:
        return tuple(lint.inspect(setting.path).operators)
    names = [line.partition(":")[0] for line in measured.refused]
    own = NAMES[setting.delegate]
    return tuple(names or [one.name for one in operators if not any(name in one.name for name in own)])
