from hypothesis import given
from hypothesis import strategies as st

from edgebert.augment.words import Words, bears_meaning


@given(st.text())
def test_a_text_stays_whole(text):
    assert Words.of(text).replaced({}) == text


def test_words_are_replaced_and_all_else_stays():
    words = Words.of('  "Don\'t go," she said -- 3 times, écoutez-moi!')
    assert words.words == ("Don't", "go", "she", "said", "times", "écoutez", "moi")
    assert words.replaced({1: "run", 6: "[MASK]"}) == '  "Don\'t run," she said -- 3 times, écoutez-[MASK]!'


def test_a_stretch_has_what_stands_inside():
    words = Words.of("one, two - three; four.")
    assert words.part(1, 2, {0: "x", 2: "tree"}) == "two - tree"
    assert words.part(3, 1, {}) == "four"


def test_words_that_bear_meaning():
    found = [
        word for word in Words.of("The film isn't as good as they say in 1999 they'd").words if bears_meaning(word)
    ]
    assert found == ["film", "good", "say"]
