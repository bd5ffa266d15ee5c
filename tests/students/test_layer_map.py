import pytest

from edgebert.errors import UserError
from edgebert.students.layer_map import layer_map


@pytest.mark.parametrize(
    ("student", "teacher", "layers"),
    [
        (4, 12, (2, 5, 8, 11)),
        (4, 6, (1, 2, 4, 5)),
        (3, 6, (1, 3, 5)),
        (6, 12, (1, 3, 5, 7, 9, 11)),
        (6, 6, (0, 1, 2, 3, 4, 5)),
        (1, 12, (11,)),
        (4, 2, (0, 0, 1, 1)),
    ],
)
def test_uniform_layers_are_evenly_spaced_and_the_last_is_among_them(student, teacher, layers):
    assert layer_map("uniform", student, teacher) == layers


def test_top_bottom_and_a_list():
    assert layer_map("top", 4, 12) == (8, 9, 10, 11)
    assert layer_map("bottom", 4, 12) == (0, 1, 2, 3)
    assert layer_map("3,6,9,12", 4, 12) == (2, 5, 8, 11)


@pytest.mark.parametrize("name", ["1,2", "1,2,3,4,5", "1,2,3,7"])
def test_a_list_that_does_not_fit_is_refused_with_one_that_does(name):
    with pytest.raises(UserError) as error:
        layer_map(name, 4, 6)
    assert error.value.what.startswith(f"--layer-map {name} does not fit: it names a teacher layer, 1 to 6, for each")
    assert error.value.fix == "For example: --layer-map 2,3,5,6"


@pytest.mark.parametrize("name", ["top", "bottom"])
def test_more_layers_than_the_teacher_has(name):
    with pytest.raises(UserError, match=f"--layer-map {name} takes 6 layers, and the teacher has 2"):
        layer_map(name, 6, 2)
