import itertools
import json
import shutil
import tracemalloc

import pytest
import tiny

from edgebert.augment import stage
from edgebert.augment.result import ROWS, Augmented
from edgebert.augment.stage import augment
from edgebert.errors import UserError
from edgebert.files import sha256
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.split import content_key
from edgebert.tasks.task import SPLITS, Task


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(stage, "CHUNK", 16)


@pytest.fixture
def run(task, checkpoint, options, tmp_path):
    """Augment a task; gives the rows."""

    def run(way="tang", of=task, into="out", **more):
        (tmp_path / into).mkdir(exist_ok=True)
        augment(of, checkpoint, None, options(way, **more), tmp_path / into)
        return list(Rows.open(tmp_path / into / ROWS))

    return run


def content(rows):
    return [content_key(row.text, row.pair) for row in rows]


@pytest.mark.parametrize("way", ["tang", "tinybert"])
def test_rows_are_new_distinct_and_without_labels(run, task, way, tmp_path):
    # Words of the few frames make many a dev row: they must all be left out.
    rows = run(way, augment_copies=30)
    keys = content(rows)
    assert len(set(keys)) == len(keys) > 300
    for split in SPLITS:
        if task.sizes.get(split):
            assert not set(keys) & set(content(task.rows(split))), split
    assert rows == [Row(row.text) for row in rows]
    facts = Augmented.load(tmp_path / "out")
    assert (facts.rows, facts.train, facts.copies, facts.way) == (len(rows), task.sizes["train"], 30, way)
    assert facts.varied > facts.rows


def test_dev_rows_would_come_out_if_they_were_not_held_back(run, task, checkpoint, options, tmp_path):
    """The test above can fail: with the held-out splits forgotten, their rows are made."""
    forgetful = Task(task.folder, task.name, task.kind, task.labels, task.has_pair, {"train": task.sizes["train"]})
    rows = run("tinybert", of=forgetful, augment_copies=30)
    assert set(content(rows)) & set(content(task.rows("dev")))


def test_the_seed_alone_decides(run, tmp_path):
    first, again, other = run(), run(into="again"), run(into="other", seed=1)
    assert first == again != other
    assert sha256(tmp_path / "out" / ROWS) == sha256(tmp_path / "again" / ROWS)


@pytest.mark.parametrize("way", ["tang", "tinybert"])
def test_of_a_pair_one_text_then_the_other_then_both(run, pair_task, way):
    known = {(row.text, row.pair) for split in SPLITS for row in pair_task.rows(split)}
    firsts, seconds = {first for first, _ in known}, {second for _, second in known}
    rows = run(way, of=pair_task, augment_copies=9)
    changed = {(row.text not in firsts, row.pair not in seconds) for row in rows}
    assert changed >= {(True, False), (False, True), (True, True)}
    assert all(row.pair for row in rows)


def test_a_second_text_is_paired_with_the_first_it_came_with(options, checkpoint, make_task, run):
    # The authors' code pairs every variant of a second text with the last variant of the first.
    both = enumerate(itertools.product(tiny.NOUNS, tiny.GOOD + tiny.BAD))
    rows = [(f"the {noun} was {word}", f"a {noun} so {word}", "x" if i % 2 else "y") for i, (noun, word) in both]
    made = run("tang", of=make_task(rows, ("premise", "hypothesis", "label")), augment_swap=0.0, augment_ngram=0.0)
    originals = {(first, second) for first, second, _ in rows}

    def fits(hidden, text):
        return all(a in ("[MASK]", b) for a, b in zip(hidden.split(), text.split(), strict=True))

    for row in made:
        assert any(fits(row.text, first) and fits(row.pair, second) for first, second in originals)
    assert any("[MASK]" not in row.text for row in made) and any("[MASK]" not in row.pair for row in made)


def test_killed_it_goes_on_and_ends_with_the_same_bytes(run, tmp_path, monkeypatch):
    run("tinybert", into="whole")
    real, chunks = stage._vary, []

    def killed(chunk, first, *rest):
        if len(chunks) == 3:
            raise KeyboardInterrupt
        chunks.append(first)
        return real(chunk, first, *rest)

    monkeypatch.setattr(stage, "_vary", killed)
    with pytest.raises(KeyboardInterrupt):
        run("tinybert", into="killed")
    assert not (tmp_path / "killed" / ROWS).exists()
    monkeypatch.setattr(stage, "_vary", lambda chunk, first, *rest: chunks.append(first) or real(chunk, first, *rest))
    run("tinybert", into="killed")
    assert len(chunks) == len(set(chunks)) > 6  # none twice
    for name in (ROWS, "augmented.json"):
        assert sha256(tmp_path / "killed" / name) == sha256(tmp_path / "whole" / name)


def test_a_tokenizer_without_a_mask(run, task, tmp_path):
    bare = shutil.copytree(task.folder, tmp_path / "bare")
    tokenizer = json.loads((bare / "tokenizer.json").read_text())
    tokenizer["added_tokens"] = [token for token in tokenizer["added_tokens"] if token["content"] != "[MASK]"]
    tokenizer["model"]["vocab"]["<hidden>"] = tokenizer["model"]["vocab"].pop("[MASK]")
    (bare / "tokenizer.json").write_text(json.dumps(tokenizer))
    with pytest.raises(UserError) as error:
        run("tang", of=Task.load(bare))
    assert "--augment tang" in error.value.what and "[MASK]" in error.value.what
    assert not any("[MASK]" in row.text for row in run("tang", of=Task.load(bare), into="swap", augment_mask=0.0))


def test_a_very_long_text_passes_through(run, make_task):
    rows = [*tiny.reviews(), ("film " * 20_000 + "superb", "positive")]
    assert max(len(row.text) for row in run(of=make_task(rows), augment_copies=2, augment_ngram=0.0)) > 90_000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(make_task, checkpoint, options, tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "CHUNK", 256)
    peaks = []
    for size in (3_000, 12_000):
        texts = (
            f"the {tiny.NOUNS[i % 5]} number {'abcdefghij'[i % 10] * (i // 10 % 50 + 1)} was {i}" for i in range(size)
        )
        task = make_task([(text, "x" if i % 2 else "y") for i, text in enumerate(texts)])
        (tmp_path / str(size)).mkdir()
        tracemalloc.start()
        augment(task, checkpoint, None, options("tang", augment_copies=4), tmp_path / str(size))
        peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        tracemalloc.stop()
    # Keys alone: 8 bytes a row, a few times over while they are sorted.
    assert peaks[1] - peaks[0] < 9_000 * 4 * 8 * 8 / 1e6, peaks
