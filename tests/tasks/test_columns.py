import pytest

from edgebert.errors import UserError
from edgebert.recipes.options import Source
from edgebert.tasks.columns import Columns, find_columns, find_texts
from edgebert.tasks.readers.table import Table


def table(*columns):
    return Table("t.csv", columns, lambda wanted: iter(()))


@pytest.mark.parametrize(
    ("columns", "found"),
    [
        (("sentence", "label"), Columns("sentence", None, "label")),
        (("", "Review", "Sentiment"), Columns("Review", None, "Sentiment")),
        (("label", "id1", "id2", "sentence1", "sentence2"), Columns("sentence1", "sentence2", "label")),
        (("index", "question", "sentence", "label"), Columns("question", "sentence", "label")),
        (("premise", "label"), Columns("premise", None, "label")),
        (("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"), Columns("#1 String", "#2 String", "Quality")),
    ],
)
def test_usual_names_are_found(columns, found):
    assert find_columns(table(*columns), Source()) == found


def test_named_columns_win():
    source = Source(text_column="b", pair_column="text", label_column="mood")
    assert find_columns(table("text", "b", "label", "mood"), source) == Columns("b", "text", "mood")


def test_a_named_text_alone_is_a_single_text():
    source = Source(text_column="sentence2")
    assert find_columns(table("sentence1", "sentence2", "label"), source).pair is None


@pytest.mark.parametrize("option", ["text_column", "pair_column", "label_column"])
def test_a_wrong_name_is_told_with_the_nearest_and_all_there_are(option):
    with pytest.raises(UserError) as error:
        find_columns(table("text", "labels", "pairs"), Source(**{option: "lables"}))
    assert error.value.what == f"--{option.replace('_', '-')} lables: t.csv has no such column."
    assert error.value.fix == "Did you mean 'labels'? Its columns are: text, labels, pairs."


@pytest.mark.parametrize(
    ("columns", "missing", "option"),
    [(("gj04", "1"), "label", "--label-column"), (("foo", "label"), "text", "--text-column")],
)
def test_no_usual_name_is_told_with_the_option(columns, missing, option):
    with pytest.raises(UserError) as error:
        find_columns(table(*columns), Source())
    assert f"usual name for the {missing}" in error.value.what
    assert f"Name it with {option}. Its columns are: {', '.join(columns)}." in error.value.fix


def test_one_column_cannot_be_two_things():
    with pytest.raises(UserError, match="one column was given two roles"):
        find_columns(table("text", "label"), Source(text_column="label"))


def test_an_unlabelled_table_may_be_named_otherwise():
    source = Source(text_column="review")
    assert find_texts(table("review", "text"), source, has_pair=False).text == "review"
    assert find_texts(table("id", "text"), source, has_pair=False).text == "text"
    assert find_texts(table("whatever"), source, has_pair=False).text == "whatever"
    assert find_texts(table("sentence1", "sentence2"), source, has_pair=True).pair == "sentence2"


def test_unlabelled_texts_for_pairs_must_be_pairs():
    with pytest.raises(UserError, match="second text"):
        find_texts(table("text"), Source(), has_pair=True)
