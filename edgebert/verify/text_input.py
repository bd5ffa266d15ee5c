"""Does the tokenizer inside a file that takes a text split texts as the model's own does?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from converters import text_input
from edgebert.errors import UserError
from edgebert.files import read_json, write_json
from edgebert.runtimes.text_input import PACKAGE, TextSession, version
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.tasks.strange_texts import rows as strange
from edgebert.tasks.task import Task
from edgebert.tasks.vocabulary import CONTINUES, wordpieces

FILE = "text-input.json"
STRANGE = 2000
SENTENCES = 200
"""Of the dev rows, of which strange texts are partly made."""
EXAMPLES = 5
BATCH_ROWS = 1024


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How many texts the tokenizer in the graph splits otherwise than the model's own.

    Attributes:
        library: name and version of the tokenizer's.
        length: tokens that both were cut at.
        rows: dev texts.
        different: of these, texts that came out with other ids.
        examples: the first few of them.
        strange: made-up texts, of strange Unicode.
        strange_different: of these, likewise.
    """

    library: str
    length: int
    rows: int
    different: int
    examples: tuple[str, ...]
    strange: int
    strange_different: int

    def save(self, folder: Path) -> None:
        """Write `text-input.json`."""
        write_json(folder / FILE, asdict(self))

    @classmethod
    def load(cls, folder: Path) -> Agreement | None:
        """What `save` left in ``folder``; None where no such files were asked for."""
        if not (folder / FILE).is_file():
            return None
        values = read_json(folder / FILE)
        return cls(**{**values, "examples": tuple(values["examples"])})


def compare(task: Task, tokenizer_json: Path, length: int) -> Agreement:
    """Split the dev texts, and strange ones, both ways.

    Raises:
        UserError: if the extensions are not installed, or the task or its tokenizer is not one for them.
    """
    if task.has_pair:
        raise UserError("--text-input: the tokenizer in the graph does not cut pairs.", "Leave --text-input out.")
    dev, encoder = task.rows("dev"), TextEncoder(tokenizer_json, length)
    some = [row.text for row in islice(dev, SENTENCES)]
    made_up = [Row(text) for text, _, _ in islice(strange(STRANGE + len(some), 0, some), len(some), None)]
    with tempfile.TemporaryDirectory(prefix="edgebert-") as name:
        session = TextSession(_tokenizer_alone(tokenizer_json, length, Path(name)))
        odd, _ = _different(session, encoder, made_up)
        different, examples = _different(session, encoder, dev)
    return Agreement(
        library=f"{PACKAGE} {version()}", length=length, rows=len(dev), different=different,
        examples=examples, strange=len(made_up), strange_different=odd,
    )  # fmt: skip


def need_exact(found: Agreement) -> None:
    """Refuse a tokenizer that splits one of the user's own texts otherwise.

    Raises:
        UserError: naming one.
    """
    if found.different:
        raise UserError(
            f"--text-input exact: {found.library} splits {found.different} of {found.rows} dev texts otherwise than "
            f"the model's tokenizer, such as {found.examples[0]!r}.",
            "Leave --text-input out, or accept that with: --text-input close",
        )


def _different(session: TextSession, encoder: TextEncoder, rows: Iterable[Row]) -> tuple[int, tuple[str, ...]]:
    """How many rows come out otherwise, and the first of them."""
    count, source = 0, iter(rows)
    examples: list[str] = []
    while batch := list(islice(source, BATCH_ROWS)):
        for row, tokens in zip(batch, encoder.encode(batch), strict=True):
            if session.run(row.text)[0] != tokens.input_ids:
                count += 1
                examples += [row.text] if len(examples) < EXAMPLES else []
    return count, tuple(examples)


def _tokenizer_alone(tokenizer_json: Path, length: int, folder: Path) -> Path:
    """A file that does nothing but split."""
    import onnx

    nothing = onnx.helper.make_model(
        onnx.helper.make_graph([], "tokenizer", [], []), opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.save(nothing, folder / "nothing.onnx")
    text_input.write(folder / "nothing.onnx", folder / "tokenizer.onnx", tokenizer_of(tokenizer_json, length))
    return folder / "tokenizer.onnx"


def tokenizer_of(tokenizer_json: Path, length: int) -> text_input.BertTokenizer:
    """What goes into the graph.

    Raises:
        UserError: if the model's tokenizer is another than BERT's.
    """
    stored = read_json(tokenizer_json)
    rules, splitter, words = stored["normalizer"] or {}, stored["pre_tokenizer"] or {}, wordpieces(stored)
    kinds = (rules.get("type"), splitter.get("type"))
    if not words or stored["model"]["continuing_subword_prefix"] != CONTINUES or kinds != (
        "BertNormalizer", "BertPreTokenizer",
    ):  # fmt: skip
        raise UserError(
            "--text-input: the tokenizer in the graph is BERT's, and this model has another.", "Leave --text-input out."
        )
    if missing := [token for token in text_input.SPECIAL if token not in words]:
        raise UserError(
            f"--text-input: the tokenizer in the graph wants the tokens {', '.join(missing)}.",
            "Leave --text-input out.",
        )
    accents = rules["lowercase"] if rules["strip_accents"] is None else rules["strip_accents"]
    return text_input.BertTokenizer(
        vocabulary=words, lowercase=rules["lowercase"], strip_accents=accents,
        split_chinese=rules["handle_chinese_chars"], max_length=length,
    )  # fmt: skip
