"""The app's tokenizer against the Hugging Face library, and its Unicode tables against the library's behaviour."""

import json

import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors

from android_demo.check import jvm
from android_demo.tools import unicode_tables
from edgebert.errors import UserError
from edgebert.tasks.builtin import encoder_folder, labelled_table
from edgebert.tasks.strange_texts import rows

TEXTS = 20_000
FEWER = 3_000


def sentences():
    return [str(text) for _, (text,) in labelled_table().records(("text",))]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_unicode_tables_are_what_the_library_does():
    assert unicode_tables.FILE.read_text(encoding="ascii") == unicode_tables.tables()


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("android_tools")
def test_real_sentences_and_fuzzed_unicode_have_the_librarys_ids():
    found = list(jvm.differences(rows(TEXTS, 0, sentences()), encoder_folder() / "tokenizer.json"))
    assert not found, f"{len(found)} of {TEXTS}; the first: {found[0]!a}"


def whole_words():
    """A vocabulary with every character of the sentences, as a beginning and inside."""
    characters = sorted({character for sentence in sentences() for character in sentence})
    inside = [f"##{character}" for character in characters]
    return {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters, *inside])}


def cased(normalizer=None, processor=None):
    """A tokenizer that keeps case, with the user's own tokens, one of them as the text is written after clean-up."""
    words = whole_words()
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizer or normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processor or processors.BertProcessing(
        ("[SEP]", words["[SEP]"]), ("[CLS]", words["[CLS]"])
    )
    tokenizer.add_special_tokens(["[CLS]", "[SEP]", "[UNK]"])
    tokenizer.add_tokens(["film", "films", AddedToken("Crème", normalized=True)])
    return tokenizer


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.usefixtures("android_tools")
@pytest.mark.parametrize("normalizer", [
    normalizers.BertNormalizer(lowercase=False),
    normalizers.BertNormalizer(lowercase=True, strip_accents=False, handle_chinese_chars=False),
    normalizers.BertNormalizer(lowercase=False, strip_accents=True, clean_text=False),
], ids=["cased", "accents kept", "not cleaned"])  # fmt: skip
def test_other_rules_are_read_from_the_file(tmp_path, normalizer):
    cased(normalizer).save(str(tmp_path / "tokenizer.json"))
    some = [*sentences()[:500], "Crème et crème de films filmsfilm [CLS]film"]
    found = list(jvm.differences(rows(FEWER, 1, some), tmp_path / "tokenizer.json"))
    assert not found, f"{len(found)} of {FEWER}; the first: {found[0]!a}"


def spoilt(change):
    def spoil(path):
        cased().save(str(path))
        values = json.loads(path.read_text(encoding="utf-8"))
        change(values)
        path.write_text(json.dumps(values), encoding="utf-8")

    return spoil


REFUSED = {
    "another model": (lambda v: v["model"].update(type="BPE"), "model.type is not WordPiece"),
    "another normaliser": (lambda v: v["normalizer"].update(type="NFKC"), "normalizer.type is not BertNormalizer"),
    "a rule for spaces": (lambda v: v["added_tokens"][0].update(lstrip=True), "added_tokens[0].lstrip is not false"),
    "no unknown token": (lambda v: v["model"].update(unk_token="[OOV]"), "model.unk_token is not in the vocabulary"),
    "nothing": (lambda v: v.pop("normalizer"), "has no 'normalizer'"),
}


@pytest.mark.usefixtures("android_tools")
@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
def test_a_tokenizer_that_the_app_cannot_follow_is_refused_by_name(tmp_path, change, words):
    spoilt(change)(tmp_path / "tokenizer.json")
    with pytest.raises(UserError) as refused:
        jvm.program("tokenize", tmp_path / "tokenizer.json")
    assert words in str(refused.value)
