"""What the comparison found, as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.peers.engine import OWN, PRECISIONS
from benchmarks.peers.families import SIZES
from benchmarks.peers.measured import REFERENCE
from benchmarks.views.result import Result, busy, held
from edgebert.report import words
from edgebert.report.tables import Table

EQUAL = 0.3
"""Points that a file may score below what it is held against and still count as equally accurate: edgebert's below the
PyTorch module, a peer's below edgebert's."""
TFLITE = ("litert-torch", "onnx2tf")
"""Peers that make TFLite files."""
AT = {"full": "full length", "padded": "padded", "own": "own lengths"}


def summary(result: Result) -> Table:
    """Edgebert's fastest file against the fastest peer of equal accuracy, a row a model, precision, and lengths."""
    return _fastest("Against other tools", result, _threads(result), lambda one: True, _notes(result))


def one_thread(result: Result) -> Table:
    """The summary's rows of one thread."""
    return _fastest("Against other tools", result, [1], lambda one: True, _notes(result))


def tflite(result: Result) -> Table:
    """TFLite files against TFLite files, as the summary."""
    note = "As above, but of edgebert's files and of the peers' those of TFLite alone."
    return _fastest("TFLite files", result, _threads(result), _is_tflite, [note])


def _notes(result: Result) -> list[str]:
    return [
        f"Batch 1, without tokenising; full length: texts of {_listed(result, _longest)} tokens; padded: shorter ones, "
        "padded to that, where edgebert's ONNX files of BERTs and TFLite files of BiLSTMs compute nothing behind the "
        f"last token; own lengths: the same unpadded, or padded to the next of {_listed(result, _lengths)} tokens by "
        "formats of fixed length. Each engine in a process of its own, all open at once and asked in turn, "
        f"{_listed(result, _rounds)} rounds; ms: the rounds' median. times faster: "
        f"median of the ratios of each round, with the 95 % interval of a bootstrap over rounds. The fastest of "
        f"edgebert's files against the fastest of all peers{_equality(result)}.",
        f"Models are raced one by one; {held(result['contests'], 'name')}.",
        *busy(result["contests"]),
    ]


def _fastest(
    title: str, result: Result, threads: Sequence[int], takes_part: Callable[[Result], bool], notes: list[str]
) -> Table:
    rows = [
        [
            f"{ratio['model']}, {ratio['precision']}, {AT[ratio['at']]}", str(ratio["threads"]), _engine(ratio),
            words.ms(_timing(contest, ratio)["ms"]), _engine(ratio["against"]),
            words.ms(_timing(contest, {**ratio, **ratio["against"]})["ms"]), _times(ratio),
        ]
        for contest in _races(result)
        for ratio in decisive(contest, takes_part)
        if ratio["threads"] in threads
    ]  # fmt: skip
    columns = ["model, precision, rows", "threads", "edgebert", "ms", "fastest peer", "ms", "times faster"]
    return Table(title, columns, rows, notes)


def everyone(result: Result) -> Table:
    """Every engine: a row a variant, a column a setting."""
    settings = [(threads, at) for threads in _threads(result) for at in AT]
    rows = [
        [
            f"{one['model']}, {one['precision']}, {_engine(one)}", *_cells(contest, one, settings),
            *_worth(result, contest, one),
        ]
        for contest in _races(result)
        for one in sorted(contest["scores"], key=lambda one: (one["model"], PRECISIONS.index(one["precision"])))
    ]  # fmt: skip
    heads = [f"{AT[at]}, {threads} thread{'s' if threads > 1 else ''}" for threads, at in settings]
    counted = max((one["rows"] for contest in _races(result) for one in contest["scores"]), default=0)
    worth = (
        f"score: in points on {counted} rows" if _trained(result)
        else f"difference: the largest of a logit to PyTorch's on {counted} rows, of random weights"
    )  # fmt: skip
    note = f"ms; {worth}; limit: percent of the fastest matrix products below, at full length and with 1 thread."
    columns = ["engine", *heads, "score" if _trained(result) else "difference", "limit %"]
    return Table("Every engine", columns, rows, [note, *_limits(result)])


def sizes(result: Result) -> Table:
    """Small models against large ones, in one engine."""
    rows = [
        [
            f"{ratio['model']} {ratio['precision']} / {large['model']} {large['precision']}",
            f"{ratio['engine']} {ratio['variant'].split('-')[0]}", str(ratio["threads"]),
            words.ms(_timing(contest, ratio)["ms"]), words.ms(_timing(contest, {**ratio, **large})["ms"]),
            _times(ratio),
        ]
        for contest in result["contests"]
        if contest["name"] == SIZES
        for ratio in contest["ratios"]
        for large in [ratio["against"]]
    ]  # fmt: skip
    notes = [
        "ms of the small model and of the large one at full length, each in a process of its own, in the same engine "
        "and run; times faster: as above. Weights are random. int8 against fp32 is not like with like."
    ]
    return Table("Small against large", ["models", "engine", "threads", "ms", "ms", "times faster"], rows, notes)


def settings(result: Result) -> Table:
    """How each engine was set, and where that is documented."""
    found: dict[tuple[str, str], Result] = {}
    for contest in result["contests"]:
        for one in contest["scores"]:
            found.setdefault((one["engine"], one["variant"]), one)
    rows = [[_engine(one), one["precision"], one["setting"], one["source"]] for one in found.values()]
    return Table("Settings", ["engine", "precision", "setting", "documented at"], rows)


def absent(result: Result) -> Table:
    """Who takes no part, and why."""
    rows = [
        [
            contest["name"],
            _engine(one),
            "failed" if one["failed"] else "not applicable",
            " ".join(one["reason"].split()),
        ]
        for contest in result["contests"]
        for one in contest["absent"]
    ]
    return Table("Not in the comparison", ["model", "engine", "", "reason"], rows)


def decisive(contest: Result, takes_part: Callable[[Result], bool]) -> Iterator[Result]:
    """For each precision, count of threads and kind of rows the ratio of the fastest file to the fastest equal peer."""
    keys = ("model", "precision", "threads", "at")
    for key in dict.fromkeys(tuple(one[name] for name in keys) for one in contest["timings"]):
        here = [one for one in contest["timings"] if tuple(one[name] for name in keys) == key and takes_part(one)]
        module = {"model": key[0], "engine": REFERENCE[0], "variant": REFERENCE[1]}
        ours = [one for one in here if one["engine"] == OWN and _equal(contest, module, one)]
        own = min(ours, key=lambda one: one["ms"], default=None)
        peers = [one for one in here if own and one["engine"] != OWN and _equal(contest, own, one)]
        if own and peers:
            best = min(peers, key=lambda one: one["ms"])
            yield next(
                ratio
                for ratio in contest["ratios"]
                if tuple(ratio[name] for name in keys) == key
                and _engine(ratio) == _engine(own)
                and _engine(ratio["against"]) == _engine(best)
            )


def _races(result: Result) -> list[Result]:
    """The contests of engines against each other."""
    return [contest for contest in result["contests"] if contest["name"] != SIZES]


def _is_tflite(one: Result) -> bool:
    return one["engine"] in TFLITE or (one["engine"] == OWN and one["variant"].startswith("litert"))


def _equal(contest: Result, one: Result, other: Result) -> bool:
    """Whether ``other`` is as good as ``one``; with random weights nothing is scored."""
    score, least = _score(contest, other)["score"], _score(contest, one)["score"]
    return least is None or score >= least - EQUAL


def _score(contest: Result, one: Result) -> Result:
    keys = ("model", "engine", "variant")
    return next(score for score in contest["scores"] if all(score[key] == one[key] for key in keys))


def _timing(contest: Result, one: Result) -> Result:
    keys = ("model", "engine", "variant", "threads", "at")
    return next(timing for timing in contest["timings"] if all(timing[key] == one[key] for key in keys))


def _cells(contest: Result, one: Result, settings: Sequence[tuple[int, str]]) -> list[str]:
    keys = ("model", "engine", "variant")
    found = {
        (timing["threads"], timing["at"]): timing["ms"]
        for timing in contest["timings"]
        if all(timing[key] == one[key] for key in keys)
    }
    return [words.optional(words.ms, found.get(setting)) for setting in settings]


def _worth(result: Result, contest: Result, one: Result) -> list[str]:
    score, difference = words.optional(words.points, one["score"]), words.optional(words.change, one["difference"])
    limit, gops = _limit(result, one["precision"], 1), _timing(contest, {**one, "threads": 1, "at": "full"})["gops"]
    return [score if _trained(result) else difference, f"{100 * gops / limit:.0f}" if limit and gops else ""]


def _limit(result: Result, precision: str, threads: int) -> float | None:
    return max(
        (one["gops"] for contest in result["contests"] for one in contest["limits"]
         if (one["precision"], one["threads"]) == (precision, threads)),
        default=None,
    )  # fmt: skip


def _limits(result: Result) -> list[str]:
    found = [
        f"{precision} {limit:.0f} GOP/s with {threads} thread{'s' if threads > 1 else ''}"
        for threads in _threads(result)
        for precision in PRECISIONS
        if (limit := _limit(result, precision, threads))
    ]
    return [f"Fastest matrix products of LiteRT and ONNX Runtime in this run: {', '.join(found)}."] if found else []


def _trained(result: Result) -> bool:
    return any(one["score"] is not None for contest in result["contests"] for one in contest["scores"])


def _equality(result: Result) -> str:
    if not _trained(result):
        return "; weights are random"
    return f" that score no more than {EQUAL} points less, as edgebert's may than PyTorch's"


def _threads(result: Result) -> list[int]:
    return sorted({threads for contest in result["contests"] for threads in contest["setting"]["threads"]})


def _listed(result: Result, of: Callable[[Result], str]) -> str:
    """What ``of`` says of the contests' settings: once, or with the names of those that it holds for."""
    found: dict[str, list[str]] = {}
    for contest in filter(lambda one: one["timings"], _races(result)):
        found.setdefault(of(contest["setting"]), []).append(contest["name"])
    if len(found) == 1:
        return next(iter(found))
    return "; ".join(f"{said} ({', '.join(names)})" for said, names in found.items())


def _lengths(setting: Result) -> str:
    return ", ".join(map(str, setting["lengths"]))


def _longest(setting: Result) -> str:
    return str(setting["lengths"][-1])


def _rounds(setting: Result) -> str:
    return str(setting["plan"]["rounds"])


def _engine(one: Result) -> str:
    return f"{one['engine']} {one['variant']}"


def _times(ratio: Result) -> str:
    return f"{ratio['median']:.2f}x ({ratio['low']:.2f} to {ratio['high']:.2f})"


VIEWS = {
    "peers": summary,
    "peers_one_thread": one_thread,
    "peers_tflite": tflite,
    "peers_all": everyone,
    "peers_sizes": sizes,
    "peers_settings": settings,
    "peers_absent": absent,
}
