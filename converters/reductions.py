"""What the inference graph of a BERT-like classifier leaves out; the function it computes stays the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reductions:
    """Exact algebra, all of it on by default; `benchmarks.reductions` turns one off at a time.

    Attributes:
        first_row: the last layer is computed for the first token alone, which is all that the head reads.
        absorbed: nor does that one row need keys and values of all tokens, see `blocks.AbsorbedAttention`.
        biases: none for keys, which softmax does not see; that of values goes through the output projection into its
            bias, since probabilities sum to 1.
        flat: in ONNX, tokens in rows [batch * length, width], as TFLite files have them in any case: a linear layer is
            one Gemm with its bias, and ONNX Runtime does not fuse the sum after it with the normalisation, which takes
            longer than the two.
        norms: in TFLite, weight and bias of a normalisation go into the linear layers that read it; an ONNX operator
            has them at no cost.
        cut: in TFLite with float32 weights, a product whose weights are more than a cache holds is cut, see `cutting`:
            FFNs by hidden units, attention by heads, and what their output projections give is summed.
        joined: in TFLite with 8-bit weights, where a cache holds those of queries, keys and values, these are one
            product: what it reads is quantised once, and a wider product is faster.
        padding: in ONNX, what lies behind the last token of the longest text is cut off before anything is computed.
        length_first: in ONNX, tokens as [length, batch]: ONNX Runtime then turns queries, keys and values within its
            products, FusedMatMul with transBatchA and transBatchB, where it has to copy them from [batch, length].
    """

    first_row: bool = True
    absorbed: bool = True
    biases: bool = True
    flat: bool = True
    norms: bool = True
    cut: bool = True
    joined: bool = True
    padding: bool = True
    length_first: bool = True


ALL = Reductions()
