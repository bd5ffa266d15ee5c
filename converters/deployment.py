"""A student's own answer to a `GraphSpec`: the modules to convert, and how the files they become are used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from converters.graph_spec import GraphSpec

if TYPE_CHECKING:
    from torch import nn

Driver = Literal["single", "by-length", "by-signature"]
"""How the files are used: there is one; or the shortest that the text fits in is run; or there is one, and its
signature of the shortest length that the text fits in is run."""


@dataclass(frozen=True)
class Part:
    """One file to be: an inference module that takes the spec's inputs in order, int32 [batch, length].

    Attributes:
        name: part of the file's name, "" where there is nothing to tell apart.
        module: in eval mode; gives float32 [batch, num_labels].
        lengths: fixed token lengths, ascending, a signature each where they are several; empty for any length.
    """

    name: str
    module: nn.Module
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Deployment:
    """Parts that become files, and the driver that uses them."""

    parts: tuple[Part, ...]
    driver: Driver
    spec: GraphSpec

    @classmethod
    def of(cls, module: nn.Module, spec: GraphSpec) -> Deployment:
        """The usual deployment: one module, one file for each length of ``spec``, or one for all, or for any length."""
        module = module.eval()
        if not spec.lengths:
            return cls((Part("", module, ()),), "single", spec)
        if spec.layout == "signatures" and len(spec.lengths) > 1:
            return cls((Part("", module, tuple(sorted(spec.lengths))),), "by-signature", spec)
        parts = tuple(Part(f"s{length}", module, (length,)) for length in spec.lengths)
        return cls(parts, "by-length" if len(parts) > 1 else "single", spec)
