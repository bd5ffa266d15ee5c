import pytest
import tiny

from edgebert.errors import UserError
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row
from edgebert.tasks.vocabulary import Vocabulary


@pytest.mark.parametrize(("family", "mask"), [("bert", "[MASK]"), ("roberta", "<mask>")])
def test_words_and_special_tokens(tmp_path, family, mask):
    found = Vocabulary.read(tiny.save_checkpoint(tmp_path, family) / "tokenizer.json")
    assert {"film", "superb", "music"} <= set(found.words)
    assert all(word.isalpha() for word in found.words)
    assert found.mask is not None and found.mask[0] == mask
    assert found.mask[1] in found.special_ids and not set(found.special_ids) & set(found.words.values())
    assert found.id_of("film") == found.words["film"] and found.id_of("xyzzy") is None


def test_words_are_as_the_model_sees_them(tmp_path):
    found = Vocabulary.read(tiny.save_checkpoint(tmp_path) / "tokenizer.json")
    assert found.id_of("FÍLM") == found.words["film"]
    assert not any(word.startswith("##") for word in found.words)


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_a_mask_in_a_text_is_one_token(tmp_path, family):
    path = tiny.save_checkpoint(tmp_path, family) / "tokenizer.json"
    mask, mask_id = Vocabulary.read(path).required_mask("this test")
    (tokens,) = TextEncoder(path, 16).encode([Row(f"the {mask}, was ({mask})")])
    assert tokens.input_ids.count(mask_id) == 2


def test_no_mask_token(tokenizer_json):
    found = Vocabulary.read(tokenizer_json)
    assert found.mask is None
    with pytest.raises(UserError) as error:
        found.required_mask("--augment tang")
    assert "--augment tang" in error.value.what and "[MASK]" in error.value.what
