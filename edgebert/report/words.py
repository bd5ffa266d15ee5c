"""Numbers and conditions in words, the same on the terminal and on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from edgebert.profile.latency import Latency
from edgebert.quantize.choice import Attempt, Choice
from edgebert.tasks.mediapipe import Splits
from edgebert.verify.interval import LEVEL, RESAMPLES, SEED, Kept
from edgebert.verify.scores import MediaPipeCheck
from edgebert.verify.text_input import Agreement

Value = TypeVar("Value", int, float)

BASELINES = {"teacher": "teacher", "bert-base": "BERT-base"}
"""What a baseline is called in tables."""
TEXT_SHOWN = 100
"""Characters of a user's text in tables."""
FORMATS = {"onnx": "ONNX", "tflite": "TFLite"}
"""What a format is called in running text."""
INTERVAL = (
    f"in brackets the {LEVEL} % interval: a paired bootstrap over the dev rows, {RESAMPLES:,} resamples, seed {SEED}."
)
"""How the intervals of `kept` came about."""


def optional(words: Callable[[Value], str], value: Value | None) -> str:
    """``words`` of a value, nothing of None."""
    return "" if value is None else words(value)


def points(value: float) -> str:
    """A metric, in points of 100."""
    return f"{value:.2f}"


def drop(value: float) -> str:
    """A loss in points; a gain has a plus."""
    return f"{-value:+.2f}" if round(value, 2) else "0.00"


def kept(found: Kept | None) -> str:
    """What is kept of another model's score, with its interval; nothing of None."""
    return "" if found is None else f"{found.percent:.1f} % ({found.low:.1f} to {found.high:.1f})"


def change(value: float) -> str:
    """A difference of probabilities, which may be tiny."""
    return f"{value:.0e}" if 0 < value < 0.001 else f"{value:.3f}"


def percent(value: float) -> str:
    """A share in percent."""
    return f"{value:.2f}"


def mebibytes(value: float) -> str:
    """Memory."""
    return f"{value:.0f}"


def megabytes(size: int) -> str:
    """Bytes, in millions."""
    return f"{size / 1e6:.1f}"


def millions(count: int) -> str:
    """Parameters or multiply-adds."""
    return f"{count / 1e6:.1f} M" if count < 1e9 else f"{count / 1e9:.2f} G"


def ms(value: float) -> str:
    """Milliseconds, three digits that count."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def ratio(value: float) -> str:
    """How many times faster or smaller."""
    return f"{value:.1f}x" if value >= 1 else f"{value:.2f}x"


def threads(count: int) -> str:
    """A number of threads."""
    return "1 thread" if count == 1 else f"{count} threads"


def machine(processor: str, cores: int) -> str:
    """A machine as far as latencies depend on it."""
    return f"{processor}, {cores} cores"


def listed(words: Iterable[str]) -> str:
    """Different words, each once, in order of appearance."""
    return ", ".join(dict.fromkeys(words))


def choice(found: Choice) -> str:
    """What became of a precision that was asked for, and why."""
    tried = "; ".join(_attempt(attempt) for attempt in found.attempts)
    if found.as_asked and len(found.attempts) == 1:
        return f"{found.format} {found.asked}: {tried}."
    return (
        f"{found.format}: asked for {found.asked}, shipped {found.final.name}; {found.max_loss:g} points may be lost. "
        f"Tried: {tried}. {found.runs} sets of files were scored for it."
    )


def _attempt(attempt: Attempt) -> str:
    left = f" (in float32: {', '.join(attempt.in_float)})" if attempt.in_float else ""
    size = f"{attempt.name}{left}, {megabytes(attempt.bytes)} MB"
    if attempt.loss is None:
        return f"{size}, not scored, for want of selection rows"
    if attempt.loss.failure:
        return f"{size}, failed: {attempt.loss.failure}"
    return f"{size}, {drop(attempt.loss.drop)} points against fp32 on the selection rows"


def shortened(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 3]}..."


def splits(found: Splits) -> str:
    """What MediaPipe's own tokenizer makes of the dev texts."""
    if not found.different:
        return (
            f"MediaPipe's tokenizer reads all {found.rows} dev texts as the model does, cut at {found.length} tokens."
        )
    examples = "; ".join(f"'{shortened(text)}'" for text in found.examples)
    return (
        f"MediaPipe's tokenizer splits {found.different} of {found.rows} dev texts otherwise than the model's own, cut "
        f"at {found.length} tokens, so that its Text Classifier may answer these otherwise: {examples}."
    )


def text_input(found: Agreement) -> str:
    """What the tokenizer inside the files that take a text makes of the dev texts."""
    examples = "; ".join(f"'{shortened(text)}'" for text in found.examples)
    return (
        f"Files that take a text, by {found.library}: {found.different} of {found.rows} dev texts are split otherwise "
        f"than by the model's own tokenizer, cut at {found.length} tokens{f' ({examples})' if examples else ''}; of "
        f"{found.strange} made-up texts of strange Unicode {found.strange_different}."
    )


def asked(found: MediaPipeCheck) -> str:
    """What MediaPipe's own classifier made of a file."""
    if found.failure:
        return found.failure
    same = found.rows - found.split_otherwise
    return (
        f"{found.file} in the Text Classifier of MediaPipe {found.version}, {found.rows} dev texts: {same} are read as "
        f"the model does; of these {same - found.other_label} get the label that LiteRT gives, scores differ by at "
        f"most {change(found.max_difference)}."
    )


def conditions(latencies: Sequence[Latency]) -> str:
    """What holds for all these latencies: under a table of them, never left out."""
    found = [latency.conditions for latency in latencies]
    engines = listed(sorted(f"{c.engine} {c.engine_version}" for c in found))
    machines = listed(machine(c.processor, c.cores) for c in found)
    batch, calls = _span([c.batch for c in found]), _span([c.runs for c in found], "call", "calls")
    return f"Measured: {engines}; {machines}; batch {batch}; {calls} each, without tokenising."


def conditions_in_full(latencies: Sequence[Latency]) -> str:
    """The rest of the conditions, for those who want to measure again."""
    found = [latency.conditions for latency in latencies]
    rounds, warmup = _span([c.rounds for c in found], "process", "processes"), _span([c.warmup for c in found])
    busy = [c.others_busy for c in found if c.others_busy is not None]
    loads = [c.load_average for c in found if c.load_average is not None]
    return (
        f"Calls spread over {rounds} for each file and setting, between those of the others, each after {warmup} to "
        f"warm up; {listed(c.system for c in found)}"
        + (f"; load average up to {max(loads):.1f}" if loads else "")
        + (f", other processes used up to {100 * max(busy):.0f} % of the cores" if busy else "")
        + "."
    )


def _span(values: Sequence[int], one: str = "", many: str = "") -> str:
    low, high = min(values), max(values)
    span = f"{low}" if low == high else f"{low} to {high}"
    return f"{span} {one if span == '1' else many}".rstrip()
