"""The table of a family in `benchmarks.reductions`."""

from __future__ import annotations

from statistics import median

from benchmarks.views.result import Result
from edgebert.report.tables import Table

NAMES = {
    "": "every reduction",
    "first_row": "last layer for all tokens",
    "absorbed": "keys and values of all tokens in the last layer",
    "biases": "biases of keys and values",
    "flat": "tokens not in rows",
    "norms": "weights of normalisations apart",
    "cut": "products beyond a cache whole",
    "padding": "padding computed too, in ONNX",
    "length_first": "tokens as [batch, length], in ONNX",
    "joined": "queries, keys and values apart in 8 bits",
    "fold_norms": "normalisations apart",
    "fuse_reads": "products of the same tensor apart",
    "fold_attention": "scale of scores, biases of keys and values",
    "all": "no reduction",
}
"""What a graph has that is left out of others; a reduction that is not here goes by its own name."""
Key = tuple[str, str, int]


def table(result: Result) -> Table:
    """A row a variant, a column each format, precision and length: ms, and times as long as with every reduction."""
    rounds = {(_key(one), one["without"]): one["round_p50_ms"] for one in result["settings"]}
    columns = sorted({key for key, _ in rounds})
    rows = []
    for missing in dict.fromkeys(missing for _, missing in rounds):
        differences = [one["largest"] for one in result["exactness"] if one["without"] == missing]
        cells = [_cell(rounds.get((key, missing)), rounds[key, ""], missing) for key in columns]
        rows.append([NAMES.get(missing, missing), *cells, f"{max(differences):.0e}" if differences else ""])
    allowed = min(one["allowed"] for one in result["exactness"])
    whole, less = (
        max(one["rows"] for one in result["exactness"] if bool(one["without"]) == left_out)
        for left_out in (False, True)
    )
    fewer = "" if less == whole else f" ({less:,} of them where something is left out)"
    note = (
        f"{result['family']}, ms of a text without padding, 1 thread: median of {result['rounds']} rounds, and how "
        "many times as long that is as with every reduction, the median of the rounds' ratios with the smallest and "
        "the largest; a padded text shows more of what padding costs; empty where the file is the same. Last column: "
        "largest difference of a logit between the float32 files, those that int8 is made of among them, and the "
        f"training module over {whole:,} texts and pairs{fewer} at each length; allowed are {allowed:.0e} and more."
    )
    heads = [f"{format} {scheme}, {length}" for format, scheme, length in columns]
    return Table("Reductions", ["", *heads, "difference"], rows, [note])


def _key(one: Result) -> Key:
    return one["format"], one["scheme"], one["length"]


def _cell(own: list[float] | None, base: list[float], missing: str) -> str:
    if own is None:
        return ""
    if not missing:
        return f"{median(own):.2f}"
    ratios = [mine / theirs for mine, theirs in zip(own, base, strict=True)]
    return f"{median(own):.2f}, {median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f})"
