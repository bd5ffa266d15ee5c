import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgebert.tasks.rows import Row
from edgebert.tasks.split import Sample, content_key, rank


def test_case_spacing_and_unicode_form_do_not_count():
    assert content_key("A  naïve film \n", None) == content_key("a nai\u0308ve FILM", None)
    assert content_key("ab", "c") != content_key("a", "bc")
    assert content_key("a", "b") != content_key("b", "a")


def test_splits_are_the_same_on_every_machine():
    # printf 'good film\n' | sha256sum; then the same of "dev" and these 16 bytes.
    key = content_key("good film", None)
    assert key.hex() == "e14908675d1ea33d91bf82dfbb34c94d"
    assert rank(key, "dev") == 0x6640912E43C9 / 2**48


def test_shares_are_kept_and_purposes_independent():
    keys = [content_key(str(i), None) for i in range(4000)]
    dev = [key for key in keys if rank(key, "dev") < 0.2]
    assert len(dev) == pytest.approx(800, abs=80)
    assert sum(rank(key, "select") < 0.1 for key in dev) == pytest.approx(80, abs=27)


@given(st.permutations(range(30)), st.integers(0, 40))
def test_a_sample_is_the_same_in_any_order_and_holds_no_duplicates(order, size):
    def sample(numbers):
        kept = Sample(size, "x")
        for i in numbers:
            kept.add(content_key(str(i % 20), None), Row(str(i % 20)))
        return kept.rows()

    assert sample(order) == sample(range(30))
    assert len({row.text for row in sample(order)}) == len(sample(order)) == min(size, 20)
