"""The inference graph of a family with reductions left out: how it is built, and the files it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from torch import nn

from converters import Deployment, GraphSpec, convert, encoder_weights, lean_mobilebert, reductions, save_list
from converters.artefact import digest, load_list
from converters.graph_spec import Target
from converters.lean_bert import LeanBert
from edgebert import quantize
from edgebert.models.load import load
from edgebert.recipes.options import QuantizeOptions
from edgebert.runtimes.jobs import ModelFile


@dataclass(frozen=True)
class Way:
    """How a family's graph is built.

    Attributes:
        every: its reductions, a dataclass of switches, all of them on.
        build: the graph of a classifier with the reductions that are given.
    """

    every: Any
    build: Callable[[Any, Any], nn.Module]


BERT = Way(
    reductions.ALL, lambda model, chosen: LeanBert(encoder_weights.read(model), probability=None, reductions=chosen)
)
MOBILEBERT = Way(
    lean_mobilebert.Reductions(),
    lambda model, chosen: lean_mobilebert.LeanMobileBert(model, probability=None, reductions=chosen),
)
WAYS = {**dict.fromkeys(encoder_weights.FAMILIES, BERT), "mobilebert": MOBILEBERT}
"""By `config.model_type`."""


def variants(every: Any) -> dict[str, Any]:
    """All reductions, all but one, and none, by the name of what is missing ("" for nothing)."""
    names = [field.name for field in fields(every)]
    one_off = {name: replace(every, **{name: False}) for name in names}
    return {"": every, **one_off, "all": replace(every, **dict.fromkeys(names, False))}


TO_8_BITS = "to 8 bits"
"""In place of a scheme: the float32 file that int8 is made of, where that is another one; it is compared, not timed."""


def write(checkpoint: Path, lengths: tuple[int, ...], folder: Path) -> dict[str, list[ModelFile]]:
    """For each variant its files, fp32, `TO_8_BITS` and int8; those that a variant before has too are left out."""
    model: Any = load(checkpoint)
    way, known, found = WAYS[model.config.model_type], set[str](), dict[str, list[ModelFile]]()
    for missing, chosen in variants(way.every).items():
        graph, made = way.build(model.model, chosen), []
        fp32, int8 = folder / f"{missing}-fp32", folder / f"{missing}-int8"
        targets: dict[Target, tuple[int, ...]] = {"onnx": (), "litert": lengths}
        for target, at in targets.items():
            spec = GraphSpec(
                target=target, lengths=at, inputs=model.graph_inputs, num_labels=model.config.num_labels
            )  # fmt: skip
            made += convert(Deployment.of(graph, spec), fp32, "x")
        own = [ModelFile(fp32, one) for one in made if one.sha256 not in known]
        sources = {one.path: digest(fp32 / (one.to_quantize or one.path)) for one in made}
        known |= {one.sha256 for one in made}
        if new := [one for one in made if f"{sources[one.path]} in 8 bits" not in known]:
            own += [
                ModelFile(fp32, replace(one, path=one.to_quantize, scheme=TO_8_BITS)) for one in new if one.to_quantize
            ]
            save_list(new, fp32)
            quantize.quantize(fp32, QuantizeOptions(schemes=("int8",)), int8)
            own += [ModelFile(int8, one) for one in load_list(int8)]
            known |= {f"{sources[one.path]} in 8 bits" for one in new}
        if own:
            found[missing] = own
    return found
