import pytest

from edgebert.errors import UserError
from edgebert.tasks.cells import label_name
from edgebert.tasks.labels import map_labels


@pytest.mark.parametrize(
    ("value", "name"),
    [(1, "1"), (1.0, "1"), ("1.0", "1"), ("007", "007"), (" good ", "good"), (True, "True"), (0.5, "0.5"),
     ("", None), ("  ", None), (None, None), (float("nan"), None)],
)  # fmt: skip
def test_cells_become_names(value, name):
    assert label_name(value) == name


def test_class_ids_become_their_names():
    assert [label_name(value, ("neg", "pos")) for value in (0, 1, -1, None)] == ["neg", "pos", None, None]


@pytest.mark.parametrize(
    ("found", "order", "names"),
    [
        ({"10", "9", "-1"}, None, ("-1", "9", "10")),
        ({"pos", "neg"}, None, ("neg", "pos")),
        ({"pos", "neg"}, ("pos", "neg"), ("pos", "neg")),
    ],
)
def test_without_a_teacher_the_tables_labels_count(found, order, names):
    assert map_labels(found, None, order, "t.csv").names == names


def test_names_are_mapped_in_whatever_order_case_and_spacing():
    mapped = map_labels({"not entailment", "Entailment"}, ("not_entailment", "entailment"), None, "t.csv")
    assert mapped.names == ("not_entailment", "entailment")
    assert mapped.ids == {"not entailment": 0, "Entailment": 1}
    assert "otherwise than the table: its ids 0 to 1 are 'not_entailment', 'entailment'" in mapped.notes[0]


def test_the_same_order_needs_no_note():
    assert map_labels({"NEGATIVE", "POSITIVE"}, ("negative", "positive"), None, "t.csv").notes == ()


def test_a_teachers_label_that_does_not_occur_is_said():
    mapped = map_labels({"a", "c"}, ("a", "b", "c"), None, "t.csv")
    assert mapped.ids == {"a": 0, "c": 2}
    assert mapped.notes == ("1 of the teacher's labels occur nowhere in the table: 'b'.",)


def test_numbers_are_the_teachers_ids():
    mapped = map_labels({"0", "2"}, ("bad", "so-so", "good"), None, "t.csv")
    assert (mapped.names, mapped.ids) == (("bad", "so-so", "good"), {"0": 0, "2": 2})
    assert "0 = bad, 1 = so-so, 2 = good" in mapped.notes[0]


def test_a_teacher_whose_labels_are_numbers_is_matched_by_name():
    assert map_labels({"0", "1"}, ("1", "0"), None, "t.csv").ids == {"0": 1, "1": 0}


@pytest.mark.parametrize(("order", "names"), [(None, ("neg", "pos")), (("pos", "neg"), ("pos", "neg"))])
def test_a_teacher_without_names_takes_the_tables(order, names):
    mapped = map_labels({"pos", "neg"}, ("LABEL_0", "LABEL_1"), order, "t.csv")
    assert mapped.names == names
    assert f"0 = {names[0]}, 1 = {names[1]}" in mapped.notes[0]


@pytest.mark.parametrize(
    "found",
    [{"0", "1"}, {"1", "2", "3"}, {"a", "b", "d"}, {"a", "b", "c", "d"}, {"-1", "2"}],
    ids=["fewer numbers", "numbers from one", "another name", "another number of labels", "negative"],
)
def test_other_labels_than_the_teachers_are_refused(found):
    with pytest.raises(UserError) as error:
        map_labels(found, ("a", "b", "c"), None, "t.csv")
    assert "t.csv" in error.value.what
    assert "the teacher's 3 are 'a', 'b', 'c'" in error.value.what
    assert all(f"'{name}'" in error.value.what for name in found)


def test_a_nameless_teacher_with_another_number_of_labels_is_refused():
    with pytest.raises(UserError, match="its 3 labels are 'x', 'y', 'z'; the teacher's 2"):
        map_labels({"x", "y", "z"}, ("LABEL_0", "LABEL_1"), None, "t.csv")


def test_one_label_only_is_refused():
    with pytest.raises(UserError, match=r"t\.csv: every row has the same label, 'good'"):
        map_labels({"good"}, None, None, "t.csv")
