"""A student of fewer word pieces: the same answers on what it learnt from, and a checkpoint that transformers reads."""

import pytest
import tiny
import torch

from edgebert.distill.vocabulary import compare, prune
from edgebert.files import read_json
from edgebert.models.evaluate import Evaluation
from edgebert.models.load import load
from edgebert.recipes.options import DistillOptions
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.rows import Row, Rows
from edgebert.tasks.tokens import TokenRows
from edgebert.training.batches import Collate


@torch.no_grad()
def logits(model, encoder, texts):
    tokens = encoder.encode([Row(text) for text in texts])
    return model(Collate(encoder.pad_id)([(i, t, -1) for i, t in enumerate(tokens)])).logits


def test_answers_stay_where_the_tokens_do(teacher, teacher_folder, encoder, rows, tmp_path):
    Evaluation.save_tokenizer(teacher_folder, tmp_path)
    texts = [text for text, _ in tiny.reviews()]
    before, pieces = logits(teacher, encoder, texts), teacher.config.vocab_size
    kept = prune(teacher, teacher_folder / "tokenizer.json", rows, 10_000, tmp_path / "tokenizer.json")
    teacher.save(tmp_path)
    assert len(kept) < pieces and teacher.input_embeddings.weight.shape == (len(kept), 32)
    own, saved = TextEncoder(tmp_path / "tokenizer.json", 16), load(tmp_path)
    assert saved.config.vocab_size == len(kept) and saved.config.pad_token_id == own.pad_id
    assert torch.equal(logits(saved, own, texts), before)

    from transformers import AutoTokenizer

    theirs = AutoTokenizer.from_pretrained(tmp_path)(texts[0])["input_ids"]
    assert tuple(theirs) == own.encode([Row(texts[0])])[0].input_ids

    new = Rows.write(tmp_path / "new.arrow", (Row(text) for text in (texts[0], "a local plot", "the usual cast")))
    found = compare(*(TokenRows.write(tmp_path / f"{i}.arrow", new, e) for i, e in enumerate((encoder, own))),
                    kept, pieces, 32)  # fmt: skip
    assert found.rows == pytest.approx(100 / 3) and found.tokens > 100
    assert (found.pieces, found.bytes_saved) == (len(kept), 4 * 32 * (pieces - len(kept)))


def test_a_student_without_it_is_the_same_stage_as_before():
    assert "vocabulary" not in DistillOptions().training
    assert DistillOptions(vocabulary=100).training["vocabulary"] == 100


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_run_ships_the_smaller_vocabulary(teacher_folder, reviews_csv, tmp_path, capsys):
    out = tmp_path / "run"
    arguments = ("export", "--teacher", teacher_folder, "--train", reviews_csv, "--student", "bert-1-16", "--epochs", 2,
                 "--lengths", 16, "--formats", "onnx", "--runtimes", "ort", "--schemes", "fp32", "--no-baselines",
                 "--timed-calls", 2, "--timed-rows", 2, "--vocabulary", 70, "--out", out)  # fmt: skip
    assert tiny.call(*arguments) == 0
    assert "vocabulary: 70 of" in capsys.readouterr().out
    found = read_json(out / "report.json")["student"]["vocabulary"]
    assert found["pieces"] == 70 and found["rows"] < 100 < found["tokens"]
    assert "vocabulary: 70 of" in (out / "report.md").read_text()
    assert len((out / "bundle" / "vocab.txt").read_text().splitlines()) == 70
    assert load(out / "student").config.vocab_size == 70
    assert tiny.call("verify", out / "bundle") == 0


def test_a_vocabulary_that_cannot_be_pruned_is_refused_before_training(reviews_csv, tmp_path, capsys):
    teacher = tiny.save_checkpoint(tmp_path / "roberta", "roberta", labels=("negative", "positive"))
    more = ("--student", "bert-1-16", "--lengths", 16, "--vocabulary", 100, "--out", tmp_path / "run")
    assert tiny.call("export", "--teacher", teacher, "--train", reviews_csv, *more) == 2
    assert "--vocabulary prunes WordPiece tokenizers" in capsys.readouterr().err
    assert not (tmp_path / "run" / "teacher").exists()
