import numpy as np
import pytest
import tiny

from edgebert.augment import way
from edgebert.augment.lexical import lexical
from edgebert.augment.masked_words import MaskedWords
from edgebert.augment.sources import Neighbours, source
from edgebert.augment.vectors import embeddings, file_vectors
from edgebert.augment.words import Words, bears_meaning
from edgebert.errors import UserError

TEXTS = [text for text, _ in tiny.reviews()]


def test_words_used_alike_stand_beside_the_same_words():
    found = lexical(lambda: iter(TEXTS), 4)
    assert set(found("film")) == set(tiny.NOUNS) - {"film"}
    assert set(found("good")) <= set(tiny.GOOD + tiny.BAD) - {"good"}
    assert found("Film") == tuple(word.title() for word in found("film"))
    assert found("never-seen") == ()


def test_nearest_embeddings_are_those_of_the_teacher(checkpoint, vocabulary):
    from transformers import AutoModel

    found = embeddings(checkpoint, vocabulary, 3)
    table = AutoModel.from_pretrained(checkpoint).get_input_embeddings().weight.detach().double().numpy()
    table /= np.linalg.norm(table, axis=1, keepdims=True).clip(min=1e-12)
    near = {word: float(table[i] @ table[vocabulary.words["film"]]) for word, i in vocabulary.words.items()}
    expected = sorted(near, key=lambda word: -near[word])[1:4]
    assert list(found("film")) == expected
    assert list(found("FILM")) == expected  # the tokenizer lowers case
    assert found("filming") == ()  # several tokens


def write_vectors(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_word_vectors_of_a_file(tmp_path):
    path = write_vectors(tmp_path / "v.txt", "4 2", "good 1 0.1", "great 1 0.2", "film 0 1", "movie 0.1 1")
    found = file_vectors(path, 1)
    assert found("good") == ("great",) and found("Movie") == ("Film",)


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (("good 1 0.1", "great 1"), "line 2: 1 numbers"),
        (("good 1 0.1", "great 1 x"), "line 2: could not convert"),
        (("good 1 1",), "fewer than two words"),
    ],
)
def test_word_vectors_that_are_none(tmp_path, lines, named):
    with pytest.raises(UserError) as error:
        file_vectors(write_vectors(tmp_path / "v.txt", *lines), 1)
    assert named in error.value.what and "v.txt" in error.value.what


@pytest.fixture(scope="module")
def masked_lm(tmp_path_factory):
    """A masked language model of random weights, far from uniform."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    folder = tiny.save_checkpoint(tmp_path_factory.mktemp("mlm"))
    torch.manual_seed(3)
    config = BertConfig.from_pretrained(folder)
    model = BertForMaskedLM(config)
    model.get_input_embeddings().weight.data.mul_(30)
    model.save_pretrained(folder)
    return folder


def test_candidates_are_the_likeliest_words_that_bear_meaning(masked_lm, vocabulary):
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    text = "The film was superb, filming"
    others = Neighbours([lexical(lambda: ["a filming", "a filming", "a filming", "a plot"] * 3, 2)], "words used alike")
    (found,) = MaskedWords(masked_lm, vocabulary, others, 3)([Words.of(text)], bears_meaning)
    assert [bool(words) for words in found] == [False, True, False, True, True]
    assert set(found[4]) <= {"a", "plot"}
    model, tokenizer = AutoModelForMaskedLM.from_pretrained(masked_lm).eval(), AutoTokenizer.from_pretrained(masked_lm)
    for place, hidden in ((1, "The [MASK] was superb, filming"), (3, "The film was [MASK], filming")):
        inputs = tokenizer(hidden, text, return_tensors="pt")
        with torch.no_grad():
            logits = model(**inputs).logits[inputs["input_ids"] == tokenizer.mask_token_id][0]
        order = [tokenizer.convert_ids_to_tokens(int(i)) for i in logits.argsort(descending=True)]
        words = [word for word in order if bears_meaning(word) and word != Words.of(text).words[place]]
        assert set(found[place]) <= set(words[:5]) and len(found[place]) == 3  # bf16 may swap words that are close


def test_a_mask_in_the_text_itself_gives_no_candidates(masked_lm, vocabulary):
    (found,) = MaskedWords(masked_lm, vocabulary, Neighbours([], ""), 3)([Words.of("film [MASK] plot")], bears_meaning)
    assert found == [(), (), ()]


def chosen(task, checkpoint, vocabulary, options):
    return source(way(options.augment), options, task, checkpoint, None, vocabulary).description


def test_what_is_at_hand_decides(task, make_task, checkpoint, vocabulary, options, tmp_path):
    vectors = write_vectors(tmp_path / "glove.txt", "good 1 0", "film 0 1")
    assert chosen(task, checkpoint, vocabulary, options("tinybert")).startswith("the teacher's word embeddings")
    assert chosen(task, checkpoint, vocabulary, options("tang")) == "words used alike in the task's own texts"
    assert chosen(task, checkpoint, vocabulary, options("tinybert", word_vectors=str(vectors))).startswith(
        "the nearest words of glove.txt"
    )
    foreign = make_task([(f"{'xyzzy' * (i % 3 + 1)} plugh{'q' * (i % 9)} frobnicate {i}", i % 2) for i in range(60)])
    assert chosen(foreign, checkpoint, vocabulary, options("tinybert")) == "words used alike in the task's own texts"
