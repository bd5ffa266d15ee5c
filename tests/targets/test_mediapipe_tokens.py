"""MediaPipe's tokenizer as we have it: by its rules, and against MediaPipe itself."""

import random
from dataclasses import replace

import pytest
from classifier_files import VOCABULARY, write_echo, write_tokenizer

from edgebert.errors import UserError
from edgebert.runtimes.mediapipe import classify
from edgebert.tasks.mediapipe import MediaPipeTokenizer, Splits, check
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.task import Task

LENGTH = 16
POOLS = [
    [chr(code) for code in range(1, 128)],
    [*"aébÉ é ", "\u0301", "\u00a0", "\u200b", "\v", "\x1c", "\u3000"],
    [chr(code) for code in range(0x2000, 0x2070)] + [*"ab "],
    [*"天cafe film!-[]() a", chr(0x2A6DF), chr(0x2F800)],
    [chr(code) for code in range(0x80, 0x3000)],
]


@pytest.fixture
def tokenizer(tmp_path):
    return write_tokenizer(tmp_path / "task" / "tokenizer.json")


def tokens(tokenizer, text):
    return [VOCABULARY[i] for i in MediaPipeTokenizer(tokenizer, LENGTH).ids(text)][1:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good  FILM!", ["good", "film", "!"]),
        ("unable-films", ["un", "##able", "-", "film", "##s"]),
        ("café", ["[UNK]"]),  # BERT's own strips the accent
        ("É é", ["[UNK]", "é"]),  # A to Z are lower-cased, nothing else
        ("good天film", ["good", "天", "film"]),
        ("good\u00a0film", ["[UNK]"]),  # no space to it
        ("good\tfilm\r\n", ["good", "film"]),
        ("[MASK]", ["[", "mask", "]"]),
        ("a" * 101, ["[UNK]"]),
        ("é" * 51, ["[UNK]"]),
        ("", []),
        ("good " * 20, ["good"] * 14),
    ],
)
def test_texts_are_split_by_its_rules(tokenizer, text, expected):
    assert tokens(tokenizer, text) == expected


def test_texts_that_come_out_otherwise_are_counted(tokenizer, tmp_path):
    texts = ["a good film", "Café", "bad!", "good\u00a0film", "", "[SEP] film"]
    rows = Rows.write(tmp_path / "dev.arrow", [Row(text, None) for text in texts])
    found = Splits.count(rows, tmp_path / "task" / "tokenizer.json", LENGTH)
    assert (found.rows, found.different, found.examples) == (6, 3, ("Café", "good\u00a0film", "[SEP] film"))
    found.save(tmp_path)
    assert Splits.load(tmp_path) == found
    assert Splits.load(tmp_path / "task") is None


@pytest.mark.parametrize(
    ("rules", "facts", "reason"),
    [
        ({"lowercase": False}, {}, "upper from lower case"),
        ({"strip_accents": False}, {}, "é from e"),
        ({}, {"has_pair": True}, "pairs"),
        ({}, {"kind": "number"}, "a number"),
    ],
)
def test_what_it_cannot_read_is_refused_with_the_reason(tmp_path, rules, facts, reason):
    write_tokenizer(tmp_path / "tokenizer.json", **rules)
    task = Task(tmp_path, "films", "classes", ("bad", "good"), False, {})
    with pytest.raises(UserError, match=reason) as error:
        check(replace(task, **facts))
    assert "--target mediapipe" in error.value.what
    write_tokenizer(tmp_path / "tokenizer.json")
    check(task)


@pytest.mark.slow
def test_mediapipe_gives_the_same_ids(tokenizer, with_mediapipe, tmp_path):
    write_echo(tmp_path / "echo.tflite", VOCABULARY, LENGTH)
    pick = random.Random(0)
    texts = ["".join(pick.choice(POOLS[i % len(POOLS)]) for _ in range(pick.randrange(60))) for i in range(500)]
    ours = MediaPipeTokenizer(tokenizer, LENGTH)
    for text, row in zip(texts, classify(tmp_path / "echo.tflite", texts), strict=True):
        ids = ours.ids(text)
        assert tuple(row.astype(int)) == (*ids, *[0] * (LENGTH - len(ids))), ascii(text)
