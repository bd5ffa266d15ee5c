"""The inference graph of MobileBERT classifiers (Sun et al. 2020): the same function, in less work.

It serves every shape of the family, IB-BERT included: with and without bottlenecks, NoNorm or LayerNorm, any number of
FFNs, attention that reads the body, a bottleneck, or a bottleneck of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from converters.blocks import activation, probabilities, table
from converters.encoder_weights import Dense
from converters.graph_spec import Output, Probability
from converters.no_norm import Basis, behind, folds, norm_module, product, residual

MASKED = -1e9
"""Added to the scores of padding. Without normalisation scores can be far beyond the 1e4 that other families mask by;
in float16, where 1e9 is infinite, such activations do not fit anyway."""


@dataclass(frozen=True)
class Reductions:
    """What makes the graph cheaper than the training module; every one leaves the function as it is."""

    first_row: bool = True
    """Compute the last layer for the first token only, which is all that the head reads."""
    fold_norms: bool = True
    """Fold NoNorms into the products around them, see `converters.no_norm`."""
    fuse_reads: bool = True
    """Make one product of those that read the same tensor."""
    fold_attention: bool = True
    """Scale of the scores into the queries; no bias of keys, which softmax does not see; that of values, which the
    softmax's rows of sum 1 hand on, into the output's."""


class LeanMobileBert(nn.Module):
    """A MobileBERT and its classification head, for export.

    Args:
        model: a `MobileBertForSequenceClassification`, or IB-BERT's.
        output: what `forward` gives back.
        probability: what makes probabilities of logits.
        reductions: of work.

    Attributes:
        max_length: longest input, in tokens.
    """

    def __init__(
        self, model: Any, output: Output = "logits", probability: Probability | None = "softmax",
        reductions: Reductions | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        reductions = reductions or Reductions()
        base = model.mobilebert
        self.embeddings = Embeddings(base.embeddings, reductions)
        basis, layers = self.embeddings.basis, []
        for index, layer in enumerate(base.encoder.layer):
            last = index == len(base.encoder.layer) - 1
            layers.append(Layer(layer, model.config, basis, reductions, last and reductions.first_row))
            basis = layers[-1].basis
        self.layers = nn.ModuleList(layers)
        dense = [_dense(model.classifier)]
        if base.pooler.do_activate:
            dense.insert(0, _dense(base.pooler.dense))
        steps: list[nn.Module] = [product(basis.read(dense[0]))]
        for more in dense[1:]:
            steps += [nn.Tanh(), product(more)]
        if output == "probabilities":
            steps.append(probabilities(probability))
        self.head = nn.Sequential(*steps)
        self.max_length = int(model.config.max_position_embeddings)
        self.eval()

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        """Logits or probabilities, float32 [batch, labels]; inputs int32 [batch, length], as in `LeanBert`."""
        x = self.embeddings(input_ids, token_type_ids)
        mask = (1.0 - attention_mask[:, None, None, :].float()) * MASKED
        for layer in self.layers:
            x = layer(x, mask)
        logits: Tensor = self.head(x[:, 0])
        return logits


class Embeddings(nn.Module):
    """Words, with their neighbours where the model reads trigrams, positions and token types; then the norm.

    Attributes:
        basis: of what comes out.
    """

    def __init__(self, embeddings: Any, reductions: Reductions) -> None:
        super().__init__()
        self.trigram = embeddings.trigram_input
        self.word = table(embeddings.word_embeddings.weight.detach().float())
        changes = self.trigram or embeddings.embedding_size != embeddings.hidden_size
        dense = _dense(embeddings.embedding_transformation)
        self.transform = product(dense, bias=False) if changes else nn.Identity()
        position = embeddings.position_embeddings.weight.detach().float()
        types = embeddings.token_type_embeddings.weight.detach().float()
        self.token_type = table(types) if len(types) > 1 else None
        position = position if len(types) > 1 else position + types
        norm, bias = embeddings.LayerNorm, dense.bias if changes else torch.zeros_like(dense.bias)
        if folds(norm, reductions.fold_norms):
            weight = norm.weight.detach().double()
            self.after, self.basis = Basis(weight, weight * bias + norm.bias.detach().double()).settled()
        else:
            self.after, self.basis, position = norm_module(norm), Basis.plain(len(bias)), position + bias.float()
        self.position = nn.Buffer(position)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor | None) -> Tensor:
        """Vectors [batch, length, body] of tokens [batch, length]."""
        x = self.transform(self._words(input_ids)) + self.position[: input_ids.shape[1]]
        if self.token_type is not None:
            x = x + (self.token_type.weight[0] if token_type_ids is None else self.token_type(token_type_ids))
        out: Tensor = self.after(x)
        return out

    def _words(self, ids: Tensor) -> Tensor:
        """[batch, length, embedding], of trigrams three times as wide: the next, the token itself, the one before."""
        x: Tensor = self.word(ids)
        if not self.trigram:
            return x
        none = torch.zeros_like(x[:, :1])
        return torch.cat([torch.cat([x[:, 1:], none], 1), x, torch.cat([none, x[:, :-1]], 1)], dim=2)


class Products(nn.Module):
    """Products that read one tensor, by name, each with what is to follow it; made in one where ``fuse``."""

    def __init__(self, parts: Mapping[str, tuple[Dense, nn.Module]], fuse: bool, no_bias: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.names, self.sizes = tuple(parts), [len(dense.bias) for dense, _ in parts.values()]
        self.after = nn.ModuleList(after for _, after in parts.values())
        if fuse and len(parts) > 1:
            weight, bias = (torch.cat([getattr(d, kind) for d, _ in parts.values()]) for kind in ("weight", "bias"))
            self.dense = nn.ModuleList([product(Dense(weight, bias))])
        else:
            self.dense = nn.ModuleList(product(d, name not in no_bias) for name, (d, _) in parts.items())

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Each [batch, length, its width]."""
        out = [dense(x) for dense in self.dense]
        out = list(out[0].split(self.sizes, dim=-1)) if len(out) < len(self.names) else out
        return {name: after(y) for name, after, y in zip(self.names, self.after, out, strict=True)}


class Layer(nn.Module):
    """One layer, of the first token alone where that is asked for.

    Attributes:
        basis: of what comes out.
    """

    def __init__(self, layer: Any, config: Any, basis: Basis, reductions: Reductions, first_row: bool) -> None:
        super().__init__()
        fold = reductions.fold_norms
        self.heads, self.first_row, self.bottleneck = config.num_attention_heads, first_row, config.use_bottleneck
        steps, out, self.scale = _reads(layer, config, basis, reductions, first_row)
        self.steps = nn.ModuleList(steps.values())
        self.reads = tuple(steps)
        inner = Basis.plain(config.true_hidden_size) if self.bottleneck else basis
        self.attended, inner = residual(inner, out, layer.attention.output.LayerNorm, fold)
        ups, downs = [], []
        ffns = [(ffn.intermediate, ffn.output) for ffn in getattr(layer, "ffn", ())]
        for up, down in [*ffns, (layer.intermediate, layer.output)]:
            ups.append(nn.Sequential(product(inner.read(_dense(up.dense))), activation(config.hidden_act)))
            step, inner = residual(inner, _dense(down.dense), down.LayerNorm, fold)
            downs.append(step)
        self.ups, self.downs = nn.ModuleList(ups), nn.ModuleList(downs)
        self.basis = inner
        if self.bottleneck:
            back = layer.output.bottleneck
            self.back, self.basis = residual(basis, inner.read(_dense(back.dense)), back.LayerNorm, fold)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """The next body [batch, length or 1, body] of ``x`` [batch, length, body]."""
        found = {"body": x}
        first = {"body": x[:, :1]} if self.first_row else found
        for (source, one_row), step in zip(self.reads, self.steps, strict=True):
            new = step((first if one_row else found)[source])
            (first if one_row else found).update(new)
            if self.first_row and not one_row:
                first.update({name: new[name][:, :1] for name in ("input", "shared") if name in new})
        rows = first["input" if self.bottleneck else "body"]
        rows = self.attended(rows, self._context(first["q"], found["k"], found["v"], mask))
        for up, down in zip(self.ups, self.downs, strict=True):
            rows = down(rows, up(rows))
        out: Tensor = self.back(first["body"], rows) if self.bottleneck else rows
        return out

    def _context(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (t.view(*t.shape[:2], self.heads, -1).transpose(1, 2) for t in (q, k, v))
        scores = torch.matmul(q, k.transpose(-1, -2))
        scores = scores if self.scale is None else scores * self.scale
        return torch.matmul((scores + mask).softmax(-1), v).transpose(1, 2).flatten(2)


def _reads(
    layer: Any, config: Any, basis: Basis, reductions: Reductions, first_row: bool
) -> tuple[dict[tuple[str, bool], Products], Dense, float | None]:
    """What attention reads.

    Returns:
        Products by what they read and whether for the first row only, in order; the product behind the attention;
        the scale of the scores where the queries do not have it.
    """
    sources = _sources(config)
    parts = {"body": _bottlenecks(layer, config, basis, reductions)}
    attention, out = layer.attention.self, _dense(layer.attention.output.dense)
    q, k, v = (
        basis.read(_dense(module)) if source == "body" else _dense(module)
        for module, source in zip((attention.query, attention.key, attention.value), sources.values(), strict=True)
    )
    scale = float(attention.attention_head_size) ** -0.5
    if reductions.fold_attention:
        q = Dense(q.weight * scale, q.bias * scale)
        out = Dense(out.weight, out.bias + out.weight @ v.bias)
        k, v = (Dense(dense.weight, torch.zeros_like(dense.bias)) for dense in (k, v))
    for (name, source), dense in zip(sources.items(), (q, k, v), strict=True):
        parts.setdefault(source, {})[name] = (dense, nn.Identity())
    needed = {"k", "v", sources["k"], sources["v"]} if first_row else {"input", "shared", "q", "k", "v"}
    steps = {}
    for one_row in (False, True):
        for source, inside in parts.items():
            if some := {name: part for name, part in inside.items() if (name not in needed) == one_row}:
                no_bias = ("k", "v") if reductions.fold_attention else ()
                steps[source, one_row] = Products(some, reductions.fuse_reads, no_bias)
    return steps, out, None if reductions.fold_attention else scale


def _bottlenecks(layer: Any, config: Any, basis: Basis, reductions: Reductions) -> dict[str, tuple[Dense, nn.Module]]:
    """The products that make the body narrow, by name, with what follows them."""
    found = {}
    if config.use_bottleneck:
        found["input"] = layer.bottleneck.input
        if "shared" in _sources(config).values():
            found["shared"] = layer.bottleneck.attention
    return {
        name: behind(basis.read(_dense(narrow.dense)), narrow.LayerNorm, reductions.fold_norms)
        for name, narrow in found.items()
    }


def _sources(config: Any) -> dict[str, str]:
    """What queries, keys and values read."""
    if not config.use_bottleneck:
        return {"q": "body", "k": "body", "v": "body"}
    if config.use_bottleneck_attention:
        return {"q": "input", "k": "input", "v": "input"}
    if config.key_query_shared_bottleneck:
        return {"q": "shared", "k": "shared", "v": "body"}
    return {"q": "body", "k": "body", "v": "body"}


def _dense(linear: Any) -> Dense:
    return Dense(linear.weight.detach().double().cpu(), linear.bias.detach().double().cpu())
