"""Prepared tasks of tiny reviews, and a teacher of random weights."""

import pytest
import tiny

from edgebert.recipes.options import DataOptions, DistillOptions, Source
from edgebert.tasks import prepare
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    return tiny.save_checkpoint(tmp_path_factory.mktemp("classifier"), labels=("negative", "positive"))


@pytest.fixture(scope="session")
def vocabulary(checkpoint):
    return Vocabulary.read(checkpoint / "tokenizer.json")


@pytest.fixture(scope="session")
def make_task(checkpoint, tmp_path_factory):
    """Prepare a task of ``rows``, and unlabelled texts if there are any."""

    def make(rows, columns=("text", "label"), unlabelled=None, tokenizer=checkpoint / "tokenizer.json"):
        folder = tmp_path_factory.mktemp("task")
        tables = {"train": str(tiny.write_table(folder / "train.csv", rows, columns))}
        if unlabelled:
            tables["unlabelled"] = str(tiny.write_table(folder / "more.csv", [[text] for text in unlabelled], ["text"]))
        task = folder / "task"
        task.mkdir()
        (task / "tokenizer.json").write_bytes(tokenizer.read_bytes())
        encoder = TextEncoder(tokenizer, 16)
        return prepare(Source(**tables), DataOptions(), task, labels=None, encoder=encoder, lengths=(16,))

    return make


@pytest.fixture(scope="session")
def task(make_task):
    return make_task(tiny.reviews())


@pytest.fixture(scope="session")
def pair_task(make_task):
    return make_task(tiny.pairs(), ("premise", "hypothesis", "label"))


@pytest.fixture(scope="session")
def options():
    """`DistillOptions` of an augmentation."""
    return lambda augment, **more: DistillOptions(augment=augment, **more)
