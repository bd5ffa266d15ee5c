import time
import tracemalloc

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from edgebert.errors import UserError
from edgebert.tasks import encoder as encoder_module
from edgebert.tasks.builtin import encoder_folder
from edgebert.tasks.encoder import TextEncoder, Tokens, pad
from edgebert.tasks.rows import Row


def test_texts_and_pairs_get_ids_and_types(encoder):
    text, pair = encoder.encode([Row("Good film"), Row("good film", "bad")])
    assert text == Tokens((2, 30, 32, 3), (0, 0, 0, 0))
    assert pair == Tokens((2, 30, 32, 3, 31, 3), (0, 0, 0, 0, 1, 1))


def test_rows_are_cut_at_the_length_the_longer_text_first(encoder):
    long, pair = encoder.encode([Row("a " * 5000), Row("a b c d e f g h", "x y")])
    assert (len(long), long.input_ids[-1]) == (8, 3)
    assert pair.token_type_ids == (0, 0, 0, 0, 0, 1, 1, 1)


def test_lengths_are_those_before_cutting(encoder):
    assert encoder.lengths([Row("a " * 5000), Row("a b", "c"), Row("")]).tolist() == [5002, 6, 2]


def test_padding_and_cutting_that_the_file_asks_for_are_ignored(tokenizer_json, tmp_path):
    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.enable_padding(length=20)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    encoder = TextEncoder(tmp_path / "tokenizer.json", 8)
    assert encoder.encode([Row("a b c")])[0].input_ids == (2, 4, 5, 6, 3)
    assert encoder.lengths([Row("a b c")]).tolist() == [5]


def test_the_padding_id_is_the_tokenizers_own(tokenizer_json, tmp_path):
    text = tokenizer_json.read_text()
    assert TextEncoder(tokenizer_json, 8).pad_id == 0
    renamed = tmp_path / "roberta.json"
    renamed.write_text(text.replace('"[PAD]":0', '"<s>":0').replace('"[PAD]": 0', '"<s>": 0').replace('"z"', '"<pad>"'))
    assert TextEncoder(renamed, 8).pad_id == Tokenizer.from_file(str(tokenizer_json)).token_to_id("z")
    none = tmp_path / "none.json"
    none.write_text(text.replace("[PAD]", "[FILL]"))
    with pytest.raises(UserError, match=r"none\.json has no padding token"):
        TextEncoder(none, 8)


def test_a_file_that_is_no_tokenizer_is_named(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UserError, match=r"tokenizer\.json is not a readable tokenizer"):
        TextEncoder(tmp_path / "tokenizer.json", 8)


def test_pad_fills_behind_each_row():
    rows = [Tokens((5, 6, 7), (0, 0, 1)), Tokens((8,), (0,))]
    arrays = pad(rows, 4, pad_id=1)
    assert {name: array.dtype for name, array in arrays.items()} == dict.fromkeys(arrays, np.int32)
    assert arrays["input_ids"].tolist() == [[5, 6, 7, 1], [8, 1, 1, 1]]
    assert arrays["attention_mask"].tolist() == [[1, 1, 1, 0], [1, 0, 0, 0]]
    assert arrays["token_type_ids"].tolist() == [[0, 0, 1, 0], [0, 0, 0, 0]]
    assert pad(rows, None, pad_id=1)["input_ids"].shape == (2, 3)
    with pytest.raises(ValueError, match="3 tokens does not fit into 2"):
        pad(rows, 2, pad_id=1)


def test_ids_are_those_of_transformers():
    from transformers import AutoTokenizer

    folder = encoder_folder()
    rows = [
        Row("It's a charming, naïve film."),
        Row("Ünïcode 映画 🎬 \u00ad soft", "no " * 40),
        Row("word " * 30, "other " * 30),
        Row(""),
    ]
    reference = AutoTokenizer.from_pretrained(folder)
    encoder = TextEncoder(folder / "tokenizer.json", 24)
    for row, tokens in zip(rows, encoder.encode(rows), strict=True):
        expected = reference(row.text, row.pair, truncation=True, max_length=24)
        assert list(tokens.input_ids) == expected["input_ids"]
        assert list(tokens.token_type_ids) == expected["token_type_ids"]
    assert encoder.pad_id == reference.pad_token_id


@pytest.mark.parametrize("length", [5, 8, 9, 16, 33])
@pytest.mark.parametrize("shape", ["bert", "roberta"])
def test_ids_are_those_of_the_library_cutting_longest_first(tokenizer_json, tmp_path, shape, length):
    library = Tokenizer.from_file(str(tokenizer_json))
    if shape == "roberta":
        library.post_processor = processors.RobertaProcessing(("[SEP]", 3), ("[CLS]", 2), add_prefix_space=False)
    library.save(str(tmp_path / "tokenizer.json"))
    encoder = TextEncoder(tmp_path / "tokenizer.json", length)
    library.enable_truncation(length, strategy="longest_first")
    random = np.random.default_rng(length)

    def text():
        return " ".join(random.choice(["a", "b", "good", "zz"], random.integers(0, 20)))

    rows = [Row(text(), text() if random.random() < 0.7 else None) for _ in range(300)]
    for row, tokens in zip(rows, encoder.encode(rows), strict=True):
        expected = library.encode(row.text) if row.pair is None else library.encode(row.text, row.pair)
        assert (list(tokens.input_ids), list(tokens.token_type_ids)) == (expected.ids, expected.type_ids)


def test_a_pair_of_very_long_texts_needs_no_more_than_their_tokens(encoder):
    tracemalloc.start()
    (tokens,) = encoder.encode([Row("a " * 50_000, "b " * 50_000)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Cut by the library, these give (50,000 / 3) squared pieces: it does not end.
    assert len(tokens) == 8
    assert peak < 50e6


def test_pieces_of_a_long_text_are_its_tokens(tokenizer_json, monkeypatch):
    """Byte-level tokenizers see the space before a word: pieces end before it."""
    byte_level = Tokenizer(models.BPE({chr(i): i for i in range(33, 123)} | {"Ġ": 0}, []))
    byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    random = np.random.default_rng(0)
    text = "".join(random.choice(["good", "a", " ", "  \n ", " film", "!"], 3000))
    for library in (byte_level, Tokenizer.from_file(str(tokenizer_json))):
        whole = library.encode(text, add_special_tokens=False).ids
        pieces, at = [], 0
        monkeypatch.setattr(encoder_module, "PIECE", 100)
        while at < len(text):
            end = encoder_module.piece_end(text, at)
            pieces += library.encode(text[at:end], add_special_tokens=False).ids
            at = end
        assert pieces == whole


@pytest.mark.parametrize("unit", ["good film ", "x", " "], ids=["words", "word", "space"])
def test_a_row_of_ten_million_characters_costs_no_more_than_its_beginning(encoder, unit):
    text = unit * (10_000_000 // len(unit))
    begun = time.process_time()
    (single,) = encoder.encode([Row(text)])
    assert time.process_time() - begun < 5  # to the end: a minute, and gigabytes
    assert single.input_ids[:2] == encoder.encode([Row(text[:50_000])])[0].input_ids[:2]
    assert len(single) <= 8


def test_the_longer_of_two_very_long_texts_is_known(encoder):
    long, longer = "a " * 10_000, "b " * 10_001
    five = TextEncoder(encoder.path, 8)  # room for five tokens
    a, b = 4, 5
    one, other = five.encode([Row(long, longer), Row(longer, long)])
    assert (one.input_ids.count(a), one.input_ids.count(b)) == (2, 3)
    assert (other.input_ids.count(b), other.input_ids.count(a)) == (3, 2)
    assert five.lengths([Row(long, longer)]).tolist() == [20_004]
