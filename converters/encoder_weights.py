"""The weights of any BERT-like Hugging Face encoder or classifier, under one set of names.

BERT (Devlin et al. 2019), RoBERTa, ELECTRA and DistilBERT compute the same function up to names, the position
offset, the projection of narrow embeddings and the head; this is where those differences end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from converters.errors import UnsupportedModel

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Dense:
    """A linear map: ``weight`` [out, in], ``bias`` [out], float32."""

    weight: Tensor
    bias: Tensor

    def rows(self, units: range) -> Dense:
        """Some of its outputs."""
        return Dense(self.weight[units.start : units.stop], self.bias[units.start : units.stop])

    def columns(self, units: range) -> Dense:
        """What some of its inputs add; the bias belongs to the first."""
        bias = self.bias if units.start == 0 else self.bias * 0
        return Dense(self.weight[:, units.start : units.stop], bias)


@dataclass(frozen=True)
class Norm:
    """A layer normalisation: ``weight`` and ``bias`` [width], float32."""

    weight: Tensor
    bias: Tensor


@dataclass(frozen=True)
class LayerWeights:
    """One encoder layer, post-norm: attention (q, k, v, o, attn_norm), then the FFN (up, down, out_norm)."""

    q: Dense
    k: Dense
    v: Dense
    o: Dense
    attn_norm: Norm
    up: Dense
    down: Dense
    out_norm: Norm


@dataclass(frozen=True)
class HeadLayer:
    """One layer of the classification head, read off the first token; ``activation`` is None for the last."""

    dense: Dense
    activation: str | None


@dataclass(frozen=True)
class EncoderWeights:
    """A whole encoder; tensors are views of the model's own parameters wherever these are float32.

    Attributes:
        word: [vocabulary, embedding width].
        position: [positions, embedding width]; row 0 belongs to the first token, in every family.
        token_type: [types, embedding width]; None where the family has no token types.
        embed_norm: over the sum of the three.
        projection: embedding width to hidden width, where they differ (ELECTRA small).
        layers: from the input up.
        heads: attention heads of each layer.
        activation: of the FFN, by its Hugging Face name.
        eps: of every layer normalisation.
        head: classification head; empty for a bare encoder.
        pad_id: token id of padding.
    """

    word: Tensor
    position: Tensor
    token_type: Tensor | None
    embed_norm: Norm
    projection: Dense | None
    layers: tuple[LayerWeights, ...]
    heads: int
    activation: str
    eps: float
    head: tuple[HeadLayer, ...]
    pad_id: int

    @property
    def width(self) -> int:
        """Width of the residual stream."""
        return self.embed_norm.weight.shape[0] if self.projection is None else self.projection.weight.shape[0]


BERT_LIKE = ("bert", "electra", "roberta", "xlm-roberta", "camembert")
FAMILIES = (*BERT_LIKE, "distilbert")
"""Families that `read` knows, by `config.model_type`."""


def supports(model: nn.Module) -> bool:
    """Whether `read` knows this model's family and variant."""
    config = getattr(model, "config", None)
    return (
        getattr(config, "model_type", None) in FAMILIES
        and not getattr(config, "is_decoder", False)
        and getattr(config, "position_embedding_type", None) in (None, "absolute")
    )


def read(model: nn.Module) -> EncoderWeights:
    """Read the weights of a Hugging Face encoder or sequence classifier.

    Args:
        model: for example `BertModel` or `RobertaForSequenceClassification`.

    Raises:
        UnsupportedModel: for a family that computes something else.
    """
    family = getattr(getattr(model, "config", None), "model_type", type(model).__name__)
    if not supports(model):
        raise UnsupportedModel(f"'{family}' is not one of the BERT-like families: {', '.join(FAMILIES)}.")
    return _read_distilbert(model) if family == "distilbert" else _read_bert(model)


def _read_bert(model: Any) -> EncoderWeights:
    config, base = model.config, getattr(model, model.base_model_prefix, model)
    embeddings = base.embeddings
    positions = embeddings.position_embeddings.weight
    # RoBERTa counts positions from pad_id + 1: its first rows belong to no token.
    offset = config.pad_token_id + 1 if config.model_type in ("roberta", "xlm-roberta", "camembert") else 0
    projection = getattr(base, "embeddings_project", None)
    return EncoderWeights(
        word=_plain(embeddings.word_embeddings.weight),
        position=_plain(positions)[offset:],
        token_type=_plain(embeddings.token_type_embeddings.weight),
        embed_norm=_norm(embeddings.LayerNorm),
        projection=_dense(projection) if projection is not None else None,
        layers=tuple(_bert_layer(layer) for layer in base.encoder.layer),
        heads=config.num_attention_heads,
        activation=config.hidden_act,
        eps=config.layer_norm_eps,
        head=_bert_head(model, base),
        pad_id=config.pad_token_id or 0,
    )


def _bert_layer(layer: Any) -> LayerWeights:
    attention = layer.attention
    inner = attention.self
    return LayerWeights(
        q=_dense(inner.query),
        k=_dense(inner.key),
        v=_dense(inner.value),
        o=_dense(attention.output.dense),
        attn_norm=_norm(attention.output.LayerNorm),
        up=_dense(layer.intermediate.dense),
        down=_dense(layer.output.dense),
        out_norm=_norm(layer.output.LayerNorm),
    )


def _bert_head(model: Any, base: Any) -> tuple[HeadLayer, ...]:
    if model is base:
        return ()
    classifier = getattr(model, "classifier", None)
    if classifier is None:
        raise UnsupportedModel(f"{type(model).__name__} has no classification head that edgebert knows.")
    if hasattr(classifier, "weight"):  # one linear layer. BERT: the pooler stands in the encoder
        return (HeadLayer(_dense(base.pooler.dense), "tanh"), HeadLayer(_dense(classifier), None))
    activation = "gelu" if model.config.model_type == "electra" else "tanh"
    return (HeadLayer(_dense(classifier.dense), activation), HeadLayer(_dense(classifier.out_proj), None))


def _read_distilbert(model: Any) -> EncoderWeights:
    config, base = model.config, getattr(model, "distilbert", model)
    head: Iterable[HeadLayer] = ()
    if model is not base:
        head = (HeadLayer(_dense(model.pre_classifier), "relu"), HeadLayer(_dense(model.classifier), None))
    return EncoderWeights(
        word=_plain(base.embeddings.word_embeddings.weight),
        position=_plain(base.embeddings.position_embeddings.weight),
        token_type=None,
        embed_norm=_norm(base.embeddings.LayerNorm),
        projection=None,
        layers=tuple(
            LayerWeights(
                q=_dense(layer.attention.q_lin),
                k=_dense(layer.attention.k_lin),
                v=_dense(layer.attention.v_lin),
                o=_dense(layer.attention.out_lin),
                attn_norm=_norm(layer.sa_layer_norm),
                up=_dense(layer.ffn.lin1),
                down=_dense(layer.ffn.lin2),
                out_norm=_norm(layer.output_layer_norm),
            )
            for layer in base.transformer.layer
        ),
        heads=config.n_heads,
        activation=config.activation,
        eps=base.embeddings.LayerNorm.eps,
        head=tuple(head),
        pad_id=config.pad_token_id or 0,
    )


def _plain(parameter: Tensor) -> Tensor:
    return parameter.detach().float().cpu()


def _dense(linear: Any) -> Dense:
    return Dense(_plain(linear.weight), _plain(linear.bias))


def _norm(norm: Any) -> Norm:
    return Norm(_plain(norm.weight), _plain(norm.bias))
