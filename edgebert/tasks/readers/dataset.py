"""Data sets of the `datasets` library: a hub id, or a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgebert.errors import UserError, require
from edgebert.tasks.readers.table import Records, Table

HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?(:[^:@]+)?")
USUAL_SPLITS = {
    "train": ("train",),
    "dev": ("validation", "dev", "valid", "val", "validation_matched", "test"),
    "unlabelled": ("unsupervised", "unlabelled", "unlabeled", "train"),
}


def open_dataset(ref: str, role: str, option: str) -> Table:
    """Open a data set.

    Args:
        ref: `FOLDER[@SPLIT]` (what `save_to_disk` left, or data files), or a hub id, `ID[:CONFIG][@SPLIT]`.
        role: `train`, `dev` or `unlabelled`: which usual split to take when ``ref`` names none.
        option: the option that named it, for messages.

    Raises:
        UserError: when it cannot be loaded, or has no such split.
    """
    require("datasets", "train")
    where, _, split = ref.partition("@")
    folder = Path(where).expanduser()
    if not folder.is_dir() and not HUB_ID.fullmatch(where):
        raise UserError(
            f"{option} {ref}: there is no such file or folder, and a hub id has another form.",
            "A hub id is ID, ID:CONFIG, ID@SPLIT or ID:CONFIG@SPLIT, such as stanfordnlp/sst2@validation.",
        )
    try:
        found = _load_folder(folder) if folder.is_dir() else _load_hub(*where.partition(":")[::2])
    except Exception as error:  # the library and its file formats raise anything
        fix = "A folder must hold what save_to_disk wrote, or data files."
        if not folder.is_dir():
            fix = f"There is no file or folder '{where}' here, so it was looked for on the hub: check the name and the "
            fix += "network (once loaded, a data set is kept and needs none), or give a file."
        raise UserError(f"{option} {ref}: the data set could not be loaded: {error}", fix) from error
    return _table(ref, _pick(found, split, role, f"{option} {ref}"))


def _load_folder(folder: Path) -> Any:
    import datasets

    saved = (folder / "dataset_dict.json").is_file() or (folder / "state.json").is_file()
    return datasets.load_from_disk(str(folder)) if saved else datasets.load_dataset(str(folder))


def _load_hub(name: str, config: str) -> Any:
    import datasets

    return datasets.load_dataset(name, config or None)


def _pick(found: Any, split: str, role: str, what: str) -> Any:
    """One split of ``found``: the one named, else a usual one for the role, else the only one."""
    if not isinstance(found, Mapping):
        return found
    wanted = (split,) if split else USUAL_SPLITS[role]
    chosen = next((name for name in wanted if name in found), None)
    if chosen is None and not split and len(found) == 1:
        chosen = next(iter(found))
    if chosen is None:
        raise UserError(
            f"{what}: the data set has no split {' or '.join(wanted)}.",
            f"Its splits are: {', '.join(found)}. Name one behind an @.",
        )
    return found[chosen]


def _table(name: str, data: Any) -> Table:
    # A column of lists has the feature of their items.
    items = {column: getattr(feature, "feature", feature) for column, feature in data.features.items()}
    classes = {column: tuple(item.names) for column, item in items.items() if hasattr(item, "names")}

    def records(wanted: Sequence[str]) -> Records:
        for number, row in enumerate(data.select_columns(list(dict.fromkeys(wanted))), 1):
            yield number, [row[column] for column in wanted]

    return Table(name, tuple(data.column_names), records, unit="row", classes=classes)
