"""A tokenizer of fewer pieces: the same tokens for the texts it was cut for, known ones for all others."""

import numpy as np
import pytest
import tiny

from edgebert.errors import UserError
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.pruning import needed, write_pruned
from edgebert.tasks.rows import Row

LETTERS = 2 * 26
SPECIAL = len(tiny.SPECIAL)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return tiny.save_checkpoint(tmp_path_factory.mktemp("whole") / "encoder") / "tokenizer.json"


def counts_of(tokenizer, texts):
    encoder = TextEncoder(tokenizer, 32)
    counts = np.zeros(encoder._whole.get_vocab_size(), np.int64)
    for tokens in encoder.encode([Row(text) for text in texts]):
        np.add.at(counts, list(tokens.input_ids), 1)
    return counts


def test_texts_it_was_cut_for_are_split_as_before_and_others_into_letters(tokenizer, tmp_path):
    texts = [text for text, label in tiny.reviews() if label == "positive"]
    kept = needed(tokenizer, counts_of(tokenizer, texts), 10_000)
    whole, path = TextEncoder(tokenizer, 32), tmp_path / "tokenizer.json"
    write_pruned(tokenizer, kept, path)
    pruned = TextEncoder(path, 32)
    assert len(kept) == pruned._whole.get_vocab_size() < whole._whole.get_vocab_size()
    rows = [Row(texts[0], texts[1]), *(Row(text) for text in texts)]
    for before, after in zip(whole.encode(rows), pruned.encode(rows), strict=True):
        assert tuple(kept[i] for i in after.input_ids) == before.input_ids
        assert after.token_type_ids == before.token_type_ids
    (tokens,) = pruned.encode([Row("the plot was clumsy")])
    assert [pruned._whole.id_to_token(i) for i in tokens.input_ids] == [
        "[CLS]", "the", "plot", "was", "c", "##l", "##u", "##m", "##s", "##y", "[SEP]",
    ]  # fmt: skip
    assert kept[pruned.pad_id] == whole.pad_id


def test_the_most_frequent_words_stay(tokenizer):
    texts = ["the film was good", "the film was bad", "the cast was good"]
    counts = counts_of(tokenizer, texts)
    least = len(needed(tokenizer, np.zeros_like(counts), 10_000))
    assert least == LETTERS + SPECIAL + len(",:")
    two = set(needed(tokenizer, counts, least + 2)) - set(needed(tokenizer, counts, least))
    encoder = TextEncoder(tokenizer, 32)
    assert {encoder._whole.id_to_token(i) for i in two} == {"the", "was"}
    with pytest.raises(UserError, match=f"--vocabulary {least - 1} is too few"):
        needed(tokenizer, counts, least - 1)


def test_another_kind_of_tokenizer_is_refused(tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "roberta", "roberta")
    with pytest.raises(UserError, match="this is a BPE"):
        needed(folder / "tokenizer.json", np.ones(400, np.int64), 100)
