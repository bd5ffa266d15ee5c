"""What a student of another make takes over from its teacher: the word vectors, in fewer dimensions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from converters.encoder_weights import EncoderWeights
from edgebert.students.transplant import embedding_tables


def principal(vectors: Tensor, width: int) -> tuple[Tensor, Tensor, Tensor]:
    """Principal components: ``vectors`` [n, d] are nearly mean + coordinates @ basis.

    Returns:
        Mean [d], coordinates [n, width], basis [width, d] of orthonormal rows, that of most variance first.
    """
    mean = vectors.mean(0)
    centred = vectors - mean
    basis = torch.linalg.eigh(centred.T @ centred).eigenvectors.flip(1)[:, :width].T
    return mean, centred @ basis.T, basis


@torch.no_grad()
def take_word_vectors(embedding: torch.nn.Embedding, teacher: Tensor) -> None:
    """Fill a table [vocabulary, width] with the principal components of the teacher's, of deviation 1 over all."""
    _, coordinates, _ = principal(teacher.detach().float(), embedding.embedding_dim)
    embedding.weight.copy_(coordinates / coordinates.std())


@torch.no_grad()
def take_mobilebert_embeddings(model: Any, teacher: EncoderWeights) -> None:
    """Make the embedding output of a MobileBERT or IB-BERT classifier nearly its teacher's, in place.

    The narrow word vectors are principal components, and the centre of the three-token window maps them back into
    the first dimensions of the body (the teacher's of most variance, where it is wider than the body); what dimensions
    are left keep their random window. BERT's LayerNorm g (x - mean(x)) / s(x) + b becomes NoNorm: taking the mean off
    is linear and goes into the tables, s(x) is taken as its average over the vocabulary.
    """
    target, width = model.base_model.embeddings, model.config.embedding_size
    word, position, types, norm = embedding_tables(teacher)
    types = word.new_zeros(1, word.shape[1]) if types is None else types
    word, position, types = (table - table.mean(1, keepdim=True) for table in (word, position, types))
    scale = (word + position.mean(0) + types[0]).std(1).mean()
    mean, coordinates, basis = principal(word / scale, width)
    spread = coordinates.std()
    energy = (coordinates @ basis).var(0) * norm.weight**2
    kept = energy.topk(min(model.config.hidden_size, len(energy))).indices.sort().values
    body = slice(len(kept))
    target.word_embeddings.weight.copy_(coordinates / spread)
    target.word_embeddings.weight[model.config.pad_token_id] = 0.0
    window = target.embedding_transformation
    window.weight[body] = 0.0
    window.weight[body, width : 2 * width] = basis.T[kept] * spread
    window.bias[body] = mean[kept]
    for ours, theirs in ((target.position_embeddings, position), (target.token_type_embeddings, types)):
        rows = min(len(ours.weight), len(theirs))
        ours.weight[:rows, body] = theirs[:rows, kept] / scale
        ours.weight[rows:, body] = 0.0
    target.LayerNorm.weight[body] = norm.weight[kept]
    target.LayerNorm.bias[body] = norm.bias[kept]
