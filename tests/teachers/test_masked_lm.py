import pytest
import tiny
import torch
from transformers import AutoModelForMaskedLM, BertConfig, BertForMaskedLM

from edgebert.errors import UserError
from edgebert.files import sha256
from edgebert.models.masked_lm import HEADS, load
from edgebert.models.masked_lm_scores import MaskedLMScores
from edgebert.recipes.options import DataOptions, DistillOptions, Source
from edgebert.tasks import prepare
from edgebert.tasks.encoder import TextEncoder
from edgebert.tasks.vocabulary import Vocabulary
from edgebert.teachers import masked_lm
from edgebert.teachers.checkpoint import look
from edgebert.teachers.masked_lm import HeadLoss, fit
from edgebert.teachers.masking import Masking
from edgebert.training import loop
from edgebert.training.batches import Batch

STEPS = 40


@pytest.fixture(scope="module")
def task(encoder_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    table = tiny.write_table(folder / "train.csv", tiny.reviews())
    (folder / "tokenizer.json").write_bytes((encoder_folder / "tokenizer.json").read_bytes())
    encoder = TextEncoder(folder / "tokenizer.json", 16)
    return prepare(Source(train=str(table)), DataOptions(), folder, labels=None, encoder=encoder, lengths=(16,))


def fitted(checkpoint, task, folder, steps=STEPS, layers=0):
    folder.mkdir(exist_ok=True)
    options = DistillOptions(mlm_epochs=50, mlm_steps=steps, mlm_layers=layers)
    return fit(look(str(checkpoint)), task, options, 16, folder)


@pytest.fixture(scope="module")
def whole(encoder_folder, task, tmp_path_factory):
    """A head fitted to the tiny encoder: its folder, and its scores."""
    folder = tmp_path_factory.mktemp("mlm")
    return folder, fitted(encoder_folder, task, folder)


def batch_of(ids):
    ids = torch.tensor(ids)
    return Batch(ids, (ids != 0).long(), torch.zeros_like(ids), torch.zeros(len(ids)), torch.arange(len(ids)))


def test_fifteen_tokens_of_a_hundred_are_hidden(encoder_folder):
    vocabulary = Vocabulary.read(encoder_folder / "tokenizer.json")
    masking, word = Masking(vocabulary), vocabulary.words["film"]
    batch = batch_of([[2, *[word] * 500, 3, *[0] * 20]] * 100)
    hidden = masking(batch, torch.Generator().manual_seed(0))
    assert not hidden.at[:, 0].any() and not hidden.at[:, 501:].any()
    assert hidden.at.sum().item() / 50_000 == pytest.approx(0.15, abs=0.005)
    seen = hidden.batch.input_ids[hidden.at]
    assert (seen == masking.mask_id).float().mean().item() == pytest.approx(0.8, abs=0.02)
    assert (seen == word).float().mean().item() == pytest.approx(0.1, abs=0.02)
    assert (hidden.tokens == word).all()
    assert torch.equal(hidden.batch.input_ids[~hidden.at], batch.input_ids[~hidden.at])
    assert not torch.equal(masking(batch).at, masking(batch).at)  # anew at every step


def test_the_loss_of_held_out_rows_falls_and_is_said(whole, task):
    folder, scores = whole
    assert scores.fitted and scores.rows == task.sizes["train"] and scores.steps == STEPS
    assert scores.loss < scores.loss_before - 0.05
    assert MaskedLMScores.load(folder) == scores
    assert f"loss {scores.loss_before:.2f} before, {scores.loss:.2f} nats" in str(scores)


def test_the_checkpoint_is_transformers_own_and_its_encoder_the_same(whole, encoder_folder):
    found, lost = AutoModelForMaskedLM.from_pretrained(whole[0], output_loading_info=True)
    assert isinstance(found, BertForMaskedLM) and not lost["missing_keys"]
    assert found.cls.predictions.decoder.weight is found.get_input_embeddings().weight
    before = AutoModelForMaskedLM.from_pretrained(encoder_folder)
    for name, values in before.bert.state_dict().items():
        assert torch.equal(values, found.bert.state_dict()[name]), name
    assert look(str(whole[0])).has_masked_lm and not look(str(encoder_folder)).has_masked_lm


@torch.no_grad()
def test_the_loss_is_that_of_transformers(whole):
    model, own = load(whole[0])
    assert own
    reference = AutoModelForMaskedLM.from_pretrained(whole[0]).eval()
    masking = Masking(Vocabulary.read(whole[0] / "tokenizer.json"))
    batch = batch_of([[2, *range(10, 30), 3], [2, *range(8, 18), 3, *[0] * 10]])
    torch.manual_seed(1)
    loss = HeadLoss(model, masking, 0)(batch)
    torch.manual_seed(1)
    hidden = masking(batch)
    labels = batch.input_ids.where(hidden.at, -100)
    assert hidden.at.any()
    assert loss.item() == pytest.approx(reference(**hidden.batch.inputs(), labels=labels).loss.item(), abs=1e-5)


def test_layers_learn_where_they_are_to(encoder_folder, task, tmp_path):
    fitted(encoder_folder, task, tmp_path / "mlm", steps=3, layers=1)
    before = AutoModelForMaskedLM.from_pretrained(encoder_folder).bert.state_dict()
    after = AutoModelForMaskedLM.from_pretrained(tmp_path / "mlm").bert.state_dict()
    changed = {name.split(".layer.")[1][0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"1"}


def test_a_head_of_its_own_is_taken_as_it_is(encoder_folder, task, tmp_path):
    folder = tiny.save_checkpoint(tmp_path / "own")
    model = BertForMaskedLM(BertConfig.from_pretrained(folder))
    model.save_pretrained(folder)
    scores = fitted(folder, task, tmp_path / "mlm")
    assert not scores.fitted and scores.loss_before is None and scores.loss > 0
    after = AutoModelForMaskedLM.from_pretrained(tmp_path / "mlm").state_dict()
    assert all(torch.equal(values, after[name]) for name, values in model.state_dict().items())


def test_killed_it_ends_with_the_same_weights(whole, encoder_folder, task, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    real, calls = HeadLoss.forward, []

    def killed(self, batch):
        if len(calls) == STEPS // 2:
            raise KeyboardInterrupt
        calls.append(batch)
        return real(self, batch)

    monkeypatch.setattr(masked_lm.HeadLoss, "forward", killed)
    with pytest.raises(KeyboardInterrupt):
        fitted(encoder_folder, task, tmp_path / "mlm")
    monkeypatch.setattr(masked_lm.HeadLoss, "forward", lambda self, batch: calls.append(batch) or real(self, batch))
    fitted(encoder_folder, task, tmp_path / "mlm")
    assert len(calls) == STEPS
    assert sha256(tmp_path / "mlm" / "model.safetensors") == sha256(whole[0] / "model.safetensors")


@pytest.mark.parametrize("family", ["distilbert", "roberta", "electra", "mobilebert"])
@torch.no_grad()
def test_logits_of_other_families_are_transformers_own(tmp_path, family):
    folder = tiny.save_checkpoint(tmp_path, family)
    AutoModelForMaskedLM.from_pretrained(folder).save_pretrained(folder)
    model, own = load(folder)
    assert own and family in HEADS
    batch = batch_of([[5, 6, 7, 8, 9], [9, 8, 7, 6, 5]])
    at = torch.tensor([[False, True, False, False, True], [True, False, False, False, False]])
    expected = AutoModelForMaskedLM.from_pretrained(folder).eval()(**{n: getattr(batch, n) for n in model.graph_inputs})
    assert torch.allclose(model(batch.inputs(), at), expected.logits[at], atol=1e-5)
    assert len(model.layers) == 2


def test_a_family_without_masked_lm(tmp_path):
    from transformers import GPT2Config, GPT2LMHeadModel

    GPT2LMHeadModel(GPT2Config(n_layer=1, n_embd=8, n_head=1, vocab_size=50)).save_pretrained(tmp_path)
    with pytest.raises(UserError) as error:
        load(tmp_path)
    assert "masked language model" in error.value.what and "--candidates neighbours" in error.value.fix
