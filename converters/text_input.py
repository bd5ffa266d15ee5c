"""An ONNX file that takes a text: BERT's tokenizer, an operator of onnxruntime-extensions, before the graph.

The operator: https://github.com/microsoft/onnxruntime-extensions, operators/tokenizer/bert_tokenizer.hpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from converters.graph_spec import BERT

DOMAIN, OPERATOR = "ai.onnx.contrib", "BertTokenizer"
TEXT, IDS = "text", "input_ids"
SPECIAL = ("[UNK]", "[CLS]", "[SEP]", "[PAD]")
"""Tokens that the operator wants to be in the vocabulary."""
OUTPUTS = (IDS, "token_type_ids", "attention_mask")
"""In the operator's order."""


@dataclass(frozen=True, kw_only=True)
class BertTokenizer:
    """How a text is split.

    Attributes:
        vocabulary: the tokens, in id order.
        lowercase: whether texts are lower-cased.
        strip_accents: whether accents are taken off.
        split_chinese: whether each Chinese character is a word.
        max_length: where a text is cut, in tokens, those at both ends included.
    """

    vocabulary: Sequence[str]
    lowercase: bool
    strip_accents: bool
    split_chinese: bool
    max_length: int


def write(source: Path, target: Path, tokenizer: BertTokenizer) -> None:
    """Put a tokenizer before a graph.

    Args:
        source: an ONNX file of any length, with inputs of a `BERT`, int32 [batch, length].
        target: gets the file that takes `text`, string [1], and gives, beside what ``source`` gives for it,
            `input_ids`, int32 [1, length]: an app can see how its text was split.
        tokenizer: that ``source`` was trained with.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(source)
    graph = model.graph
    wanted = [value.name for value in graph.input if value.name in BERT]
    nodes = [helper.make_node(
        OPERATOR, [TEXT], [f"flat_{name}" for name in OUTPUTS], domain=DOMAIN,
        vocab_file="\n".join(tokenizer.vocabulary), do_lower_case=int(tokenizer.lowercase),
        strip_accents=int(tokenizer.strip_accents), tokenize_chinese_chars=int(tokenizer.split_chinese),
        max_length=tokenizer.max_length, mask_token=SPECIAL[0],  # it must be there, and masks nothing
    )]  # fmt: skip
    for name in dict.fromkeys((IDS, *wanted)):
        nodes += [
            helper.make_node("Cast", [f"flat_{name}"], [f"narrow_{name}"], to=TensorProto.INT32),
            helper.make_node("Unsqueeze", [f"narrow_{name}", "first_axis"], [name]),
        ]
    whole = helper.make_graph(
        [*nodes, *graph.node],
        graph.name,
        [helper.make_tensor_value_info(TEXT, TensorProto.STRING, [1])],
        [*graph.output, helper.make_tensor_value_info(IDS, TensorProto.INT32, [1, "length"])],
        [*graph.initializer, helper.make_tensor("first_axis", TensorProto.INT64, [1], [0])],
    )
    opsets = [*model.opset_import, helper.make_opsetid(DOMAIN, 1)]
    onnx.save(helper.make_model(whole, opset_imports=opsets, ir_version=model.ir_version), target)
