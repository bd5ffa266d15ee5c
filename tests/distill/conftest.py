"""A teacher in memory and tokenised reviews."""

import pytest
import tiny

from edgebert.models.load import load
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.tokens import TokenRows


@pytest.fixture
def teacher(teacher_folder):
    return load(teacher_folder)


@pytest.fixture(scope="session")
def encoder(teacher_folder):
    return TextEncoder(teacher_folder / "tokenizer.json", 16)


@pytest.fixture(scope="session")
def rows(encoder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    labelled = (Row(text, None, (float(label == "positive"),)) for text, label in tiny.reviews())
    return TokenRows.write(folder / "tokens.arrow", Rows.write(folder / "rows.arrow", labelled), encoder)
