"""A tokenizer of thirty words, and tables to write and prepare."""

import json

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from edgebert.recipes.options import DataOptions, Source
from edgebert.tasks import prepare
from edgebert.tasks.encoder import TextEncoder

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = [*"abcdefghijklmnopqrstuvwxyz", "good", "bad", "film", "the"]


@pytest.fixture(scope="session")
def tokenizer_json(tmp_path_factory):
    vocabulary = {word: index for index, word in enumerate([*SPECIAL, *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.fixture
def encoder(tokenizer_json):
    return TextEncoder(tokenizer_json, 8)


@pytest.fixture
def run(tmp_path, encoder):
    """Prepare a task of the tables named; options of the source and of the splits by keyword."""

    def run(*, labels=None, kind=None, lengths=(4, 8), data=None, **source):
        source = {name: str(value) for name, value in source.items()}
        options = DataOptions(**(data or {}))
        return prepare(
            Source(**source), options, tmp_path / "task", labels=labels, encoder=encoder, lengths=lengths, kind=kind
        )

    return run


@pytest.fixture
def write_jsonl(tmp_path):
    def write(name, rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write
