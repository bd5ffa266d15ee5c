"""Shares are counted over many words, with a fixed seed: a standard deviation is 0.002 to 0.004."""

from collections import Counter
from random import Random

import pytest

from edgebert.augment import Choice, settings, way
from edgebert.augment.words import Words
from edgebert.errors import UserError

TEXT = Words.of(" ".join(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"] * 2) + " !")
OTHERS = [("other", "another")] * len(TEXT.words)


def varied(options, times=1500, candidates=OTHERS, text=TEXT):
    """``text`` varied ``times`` times, split into words."""
    choice = Choice(options, Random(0), "[MASK]")
    found = way(options.augment)
    return [found.vary(text, candidates, choice) for _ in range(times)]


def share(texts, *words):
    every = [word for text in texts for word in text.split() if word != "!"]
    return sum(word in words for word in every) / len(every)


def test_tinybert_replaces_four_words_of_ten(options):
    texts = varied(options("tinybert"))
    assert share(texts, "other", "another") == pytest.approx(0.4, abs=0.012)
    assert share(texts, "other") == pytest.approx(0.2, abs=0.012)
    assert all(text.endswith(" !") for text in texts)


def test_tinybert_leaves_words_without_candidates(options):
    candidates = [(), *OTHERS[1:]]
    texts = varied(options("tinybert", augment_replace=1.0), candidates=candidates, times=50)
    assert {text.split()[0] for text in texts} == {"alpha"}
    assert {word for text in texts for word in text.split()[1:-1]} == {"other", "another"}


def test_tinybert_varies_no_stop_words():
    assert [word for word in ("The", "film", "was", "very", "good", "I'm") if way("tinybert").wants(word)] == [
        "film", "good"
    ]  # fmt: skip


def test_tang_masks_and_swaps_one_word_of_ten(options):
    texts = varied(options("tang", augment_ngram=0.0))
    assert share(texts, "[MASK]") == pytest.approx(0.1, abs=0.008)
    assert share(texts, "other", "another") == pytest.approx(0.1, abs=0.008)


def test_tang_keeps_n_words_of_a_quarter_of_the_texts(options):
    texts = varied(options("tang", augment_mask=0.0, augment_swap=0.0), times=4000)
    lengths = Counter(len(Words.of(text).words) for text in texts)
    assert lengths[16] / 4000 == pytest.approx(0.75, abs=0.02)
    for n in range(1, 6):
        assert lengths[n] / 4000 == pytest.approx(0.05, abs=0.012)
    whole = " ".join(TEXT.words)
    assert all(text.removesuffix(" !") in whole for text in texts)
    assert {text for text in texts if " " not in text} == set(TEXT.words)  # the last word too


@pytest.mark.parametrize("left", ["mask", "swap", "ngram"])
def test_each_of_tangs_three_can_stand_alone(options, left):
    off = {f"augment_{name}": 0.0 for name in ("mask", "swap", "ngram") if name != left}
    texts = varied(options("tang", **off))
    assert ("[MASK]" in " ".join(texts)) == (left == "mask")
    assert ("other" in " ".join(texts)) == (left == "swap")
    assert any(len(text.split()) < 6 for text in texts) == (left == "ngram")


def test_tang_needs_a_mask_only_to_hide_words(options):
    assert way("tang").needs_mask(options("tang"))
    assert not way("tang").needs_mask(options("tang", augment_mask=0.0))


def test_a_text_without_words_stays(options):
    for name in ("tinybert", "tang"):
        assert set(varied(options(name), candidates=[], text=Words.of("1 2 3 !"), times=20)) == {"1 2 3 !"}


def test_options_of_the_other_way_change_nothing(options):
    assert settings(options("tang")) == settings(options("tang", augment_replace=0.9, candidates="lexical"))
    assert settings(options("tang")) != settings(options("tang", augment_ngram=0.0))
    assert settings(options("tinybert")) == settings(options("tinybert", augment_mask=0.9))


def test_a_way_that_is_not_there(options):
    with pytest.raises(UserError) as error:
        way("tinybrt")
    assert "tinybert" in error.value.fix


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"augment_mask": 0.6, "augment_swap": 0.6}, "--augment-mask 0.6 and --augment-swap 0.6"),
        ({"augment_replace": 1.2}, "--augment-replace 1.2"),
        ({"augment_copies": 0}, "--augment-copies 0"),
        ({"mlm_layers": -1}, "--mlm-layers -1"),
        ({"student": "none"}, "--student none"),
        ({"word_vectors": "x.txt", "candidates": "lexical"}, "--word-vectors"),
    ],
)
def test_wrong_options(options, wrong, named):
    with pytest.raises(UserError) as error:
        options("tang", **wrong)
    assert named in error.value.what
