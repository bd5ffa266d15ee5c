import pytest
import tiny
import torch
from transformers import (
    MobileBertConfig,
    MobileBertForPreTraining,
    MobileBertForSequenceClassification,
    MobileBertModel,
)

from edgebert import students
from edgebert.models.families.ib_bert import IbBertConfig, IbBertForSequenceClassification
from edgebert.models.families.mobilebert import MobileBert, initialise, macs
from edgebert.models.load import load

SMALL = {
    "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 6, "num_attention_heads": 2, "intermediate_size": 24,
    "embedding_size": 16, "intra_bottleneck_size": 16, "max_position_embeddings": 40, "classifier_activation": False,
}  # fmt: skip
KINDS = {
    "mobilebert": (MobileBertConfig, MobileBertForSequenceClassification, {}),
    "tiny": (
        MobileBertConfig, MobileBertForSequenceClassification,
        {"use_bottleneck_attention": True, "key_query_shared_bottleneck": False, "num_feedforward_networks": 2},
    ),
    "ib-bert": (
        IbBertConfig, IbBertForSequenceClassification,
        {"intra_bottleneck_size": 64, "key_query_shared_bottleneck": False, "num_feedforward_networks": 1,
         "normalization_type": "layer_norm", "hidden_act": "gelu"},
    ),
}  # fmt: skip


def small(kind="mobilebert", **more):
    config, classifier, changes = KINDS[kind]
    torch.manual_seed(0)
    model = classifier(config(**(SMALL | changes | more)))
    initialise(model)
    return model.eval()


@pytest.mark.parametrize("kind", KINDS)
def test_multiply_adds_are_those_that_are_counted_in_a_run(kind):
    model, length, counted = small(kind), 12, 0

    def count(module, inputs, output):
        nonlocal counted
        counted += output.numel() * module.in_features

    for module in model.mobilebert.modules():
        if isinstance(module, torch.nn.Linear):
            module.register_forward_hook(count)
    model(torch.ones(1, length, dtype=torch.long))
    scores = 6 * 2 * length**2 * model.config.true_hidden_size
    assert macs(model.config, length) == counted + scores


@pytest.mark.parametrize("change", [{}, {"normalization_type": "layer_norm", "hidden_act": "gelu"}])
@pytest.mark.parametrize("bf16", [False, True])
def test_24_random_layers_neither_fade_nor_explode_and_see_the_words(change, bf16):
    model = small(num_hidden_layers=24, hidden_size=128, intra_bottleneck_size=32, intermediate_size=128, **change)
    ids = torch.randint(5, 97, (8, 16), generator=torch.Generator().manual_seed(0))
    other = ids.clone()
    other[:, 7] = 3
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        found, changed = model(ids, output_hidden_states=True), model(other).logits
    sizes = [state.float().square().mean().sqrt().item() for state in found.hidden_states]
    assert min(sizes) > 0.3 and max(sizes) < 10
    assert (found.logits - changed).abs().max() > 1e-2
    torch.nn.functional.cross_entropy(found.logits.float(), ids[:, 0] % 2).backward()
    queries = [layer.attention.self.query.weight.grad.norm().item() for layer in model.mobilebert.encoder.layer]
    assert min(queries) > 1e-4 and max(queries) < 100


def test_transformers_own_start_is_blind_without_normalisation():
    torch.manual_seed(0)
    model = MobileBertForSequenceClassification(MobileBertConfig(**SMALL)).eval()
    ids = torch.randint(5, 97, (8, 16))
    other = ids.clone()
    other[:, 7] = 3
    assert (model(ids).logits - model(other).logits).abs().max() < 1e-3


def test_padding_is_a_zero_vector_before_and_after_a_training_step():
    model = small()
    model.mobilebert.embeddings.word_embeddings.weight.data[0] = 1.0
    found = MobileBert(model)
    optimizer = torch.optim.AdamW(found.parameters(), lr=1e-3, weight_decay=0.1)
    ids = torch.tensor([[5, 6, 7, 0, 0]])
    model.train()
    model(ids, attention_mask=(ids > 0).long()).logits.sum().backward()
    optimizer.step()
    assert found.input_embeddings.weight[0].abs().max() == 0
    assert found.input_embeddings.weight[5].abs().max() > 0
    model.eval()
    alone = model(ids[:, :3]).logits
    torch.testing.assert_close(model(ids, attention_mask=(ids > 0).long()).logits, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("layout", [MobileBertModel, MobileBertForPreTraining])
def test_a_pretrained_checkpoint_is_a_start_and_a_teacher(layout, tmp_path):
    from edgebert.students.init import _load_encoder

    torch.manual_seed(1)
    pretrained = layout(MobileBertConfig(**SMALL)).eval()
    pretrained.save_pretrained(tmp_path)
    encoder = getattr(pretrained, "mobilebert", pretrained)
    ids = torch.tensor([[5, 6, 7, 8]])
    expected = encoder(ids).last_hidden_state
    student = MobileBert(small())
    _load_encoder(student, tmp_path)
    torch.testing.assert_close(student.model.mobilebert(ids).last_hidden_state, expected)
    teacher = load(tmp_path, ("bad", "good"))
    assert isinstance(teacher, MobileBert) and teacher.config.num_labels == 2
    torch.testing.assert_close(teacher.model.mobilebert(ids).last_hidden_state, expected)


def test_ib_bert_comes_back_from_the_disk(tmp_path):
    model = small("ib-bert")
    model.save_pretrained(tmp_path)
    found = load(tmp_path)
    assert found.config.model_type == "edgebert-ib-bert"
    assert found.model.mobilebert.encoder.layer[0].attention.self.query.weight.shape == (64, 32)
    ids = torch.tensor([[5, 6, 7, 8]])
    torch.testing.assert_close(found.model(ids).logits, model(ids).logits)


def test_a_teachers_embeddings_are_taken_over(teacher_folder):
    from converters import encoder_weights
    from edgebert.students.embeddings import take_mobilebert_embeddings

    teacher = load(teacher_folder).model
    model = small(embedding_size=31, hidden_size=48, vocab_size=teacher.config.vocab_size)
    take_mobilebert_embeddings(model, encoder_weights.read(teacher))
    ids = torch.randint(5, 60, (4, 9), generator=torch.Generator().manual_seed(0))
    wanted = teacher.bert.embeddings(ids)
    found = model.mobilebert.embeddings(ids)[..., :32]
    # All but what the average deviation in place of each token's own leaves.
    assert torch.corrcoef(torch.stack([wanted.flatten(), found.flatten()]))[0, 1] > 0.97
    assert model.mobilebert.embeddings.word_embeddings.weight[0].abs().max() == 0


def test_names_say_norm_and_activation(teacher_folder):
    context = students.Context(teacher_folder, ("a", "b"))
    with torch.device("meta"):
        config = students.architecture("mobilebert-tiny").build("mobilebert-tiny-layernorm-gelu", context).config
    assert (config.normalization_type, config.hidden_act, config.num_feedforward_networks) == ("layer_norm", "gelu", 2)
    assert config.vocab_size == load(teacher_folder).config.vocab_size
    assert not config.classifier_activation and config.max_position_embeddings == tiny.POSITIONS
