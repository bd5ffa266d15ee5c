"""A tiny classifier and its tokenised rows."""

import pytest
import tiny

from edgebert.models.load import load
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.tokens import TokenRows


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return tiny.save_checkpoint(tmp_path_factory.mktemp("classifier"), labels=("negative", "positive"))


@pytest.fixture
def model(checkpoint):
    return load(checkpoint)


@pytest.fixture(scope="session")
def encoder(checkpoint):
    return TextEncoder(checkpoint / "tokenizer.json", 16)


@pytest.fixture(scope="session")
def rows(checkpoint, encoder, tmp_path_factory):
    """100 tokenised reviews."""
    folder = tmp_path_factory.mktemp("rows")
    labelled = (Row(text, None, (float(label == "positive"),)) for text, label in tiny.reviews()[:100])
    return TokenRows.write(folder / "tokens.arrow", Rows.write(folder / "rows.arrow", labelled), encoder)
