import numpy as np

from edgebert.augment import distinct
from edgebert.tasks.rows import Row


def test_the_first_of_each_content_that_is_not_known_is_new():
    parts = [[Row("a b"), Row("A  b"), Row("c")], [], [Row("c"), Row("a", "b"), Row("d"), Row("e")]]
    known = [[Row("D")], [Row("x"), Row("e", None, 1)]]
    found = distinct.new([distinct.keys(rows) for rows in parts], [distinct.keys(rows) for rows in known])
    assert found.tolist() == [True, False, True, False, True, False, False]


def test_no_rows_at_all():
    assert distinct.new([], []).tolist() == []
    assert distinct.keys([]).dtype == np.uint64
