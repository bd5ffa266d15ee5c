import json

import pytest
from small_files import feeds, tokens

from converters import load_list
from edgebert import quantize
from edgebert.errors import UserError
from edgebert.quantize import ranges
from edgebert.recipes.options import QuantizeOptions


@pytest.mark.parametrize("format", ["onnx", "tflite"])
def test_ranges_do_not_depend_on_the_order_of_rows(format, source, tmp_path, monkeypatch):
    monkeypatch.setattr(ranges, "STRIDE", 7)
    monkeypatch.setattr(ranges, "RENEWED", 14)
    file = next(file for file in load_list(source) if file.format == format)
    rows = tokens(rows=40)
    found = []
    for name, order in (("forward", rows), ("backward", rows[::-1])):
        path = ranges.write_ranges(
            source / file.path, file, lambda length, order=order: (feeds(row, length) for row in order), tmp_path / name
        )
        found.append(json.loads(path.read_text()))
    assert found[0] == found[1]


@pytest.mark.parametrize("format", ["onnx", "tflite"])
def test_every_row_counts(format, source, tmp_path, monkeypatch):
    """One stride after another widens the ranges; the library's own way for long data would forget all but the last."""
    monkeypatch.setattr(ranges, "STRIDE", 7)
    monkeypatch.setattr(ranges, "RENEWED", 14)
    file = next(file for file in load_list(source) if file.format == format)
    widths = []
    for count in (7, 40):
        path = ranges.write_ranges(
            source / file.path,
            file,
            lambda length, count=count: (feeds(row, length) for row in tokens(rows=count)),
            tmp_path / f"{count}.json",
        )
        widths.append(total_width(json.loads(path.read_text()), format))
    assert widths[1] > widths[0] > 0


def total_width(found, format):
    if format == "onnx":

        def value(entry):
            entry = entry.get("data", entry)
            while isinstance(entry, list):
                entry = entry[0]
            return float(entry)

        return sum(value(t["highest"]) - value(t["lowest"]) for t in found["data"].values())
    import numpy as np

    return sum(np.max(t["max"]) - np.min(t["min"]) for t in found["model_qsvs"].values() if t)


def test_rows_are_asked_for_one_after_another(source, tmp_path):
    """What is held at once does not grow with the rows."""
    alive, most = set(), 0

    class Watched(dict):
        def __init__(self, number, values):
            super().__init__(values)
            self.number = number
            alive.add(number)

        def __del__(self):
            alive.discard(self.number)

    def rows(length):
        nonlocal most
        for number, row in enumerate(tokens(rows=300)):
            yield Watched(number, feeds(row, length))
            most = max(most, len(alive))

    for file in load_list(source)[:2]:
        ranges.write_ranges(source / file.path, file, rows, tmp_path / f"{file.path}.json")
    assert 0 < most <= ranges.STRIDE + 2


def test_calibrating_without_rows_says_what_to_do(source, tmp_path):
    with pytest.raises(UserError, match="no rows to calibrate on"):
        quantize.quantize(source, QuantizeOptions(schemes=("int8-static",)), tmp_path)
