"""Files that take a text, beside those that take token ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from converters import text_input
from edgebert.bundle.manifest import TextModel
from edgebert.errors import GateError
from edgebert.files import sha256
from edgebert.runtimes.text_input import TextSession
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.verify.text_input import Agreement, tokenizer_of

SAME = 1e-5
"""Two runs of one graph on the same ids differ by no more."""


def text_models(
    models: Mapping[str, Path], found: Agreement, tokenizer_json: Path, output: str, texts: Sequence[Row], folder: Path
) -> Iterator[TextModel]:
    """Write a file that takes a text for each that takes token ids, and make sure that it answers as that does.

    Args:
        models: ONNX files of any length, by their names in the bundle.
        found: how the tokenizer in the graph splits the dev texts.
        tokenizer_json: of the model.
        output: name of the files' output.
        texts: to ask both files, those that are split alike.
        folder: gets the files.

    Raises:
        GateError: if an answer differs.
    """
    encoder = TextEncoder(tokenizer_json, found.length)
    for name, model in models.items():
        path = folder / f"{Path(name).stem}-text.onnx"
        text_input.write(model, path, tokenizer_of(tokenizer_json, found.length))
        check_answers(model, path, encoder, output, texts)
        yield TextModel(
            path=path.name, sha256=sha256(path), bytes=path.stat().st_size, of=name, input=text_input.TEXT,
            outputs=(output, text_input.IDS), library=found.library, rows=found.rows, different=found.different,
        )  # fmt: skip


def check_answers(model: Path, path: Path, encoder: TextEncoder, output: str, texts: Sequence[Row]) -> None:
    """Hold a file that takes a text against the one that takes token ids.

    Args:
        model: takes token ids.
        path: takes a text.
        encoder: the model's own tokenizer, cut as the file cuts.
        output: name of both files' output.
        texts: to ask both, those that are split alike.

    Raises:
        GateError: if an answer differs.
    """
    import onnxruntime as ort

    session, plain = TextSession(path, output), ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    wanted = {value.name for value in plain.get_inputs()}
    for row, tokens in zip(texts, encoder.encode(texts), strict=True):
        ids, answer = session.run(row.text)
        if ids != tokens.input_ids:
            continue
        whole = {"input_ids": ids, "token_type_ids": tokens.token_type_ids, "attention_mask": [1] * len(ids)}
        feeds = {name: np.array([values], np.int32) for name, values in whole.items() if name in wanted}
        difference = float(np.abs(plain.run([output], feeds)[0][0] - answer).max())
        if not difference <= SAME:
            raise GateError(f"{path.name} is {difference:.2g} off {model.name} for {row.text[:80]!r}.")
