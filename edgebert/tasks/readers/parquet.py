"""Parquet files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from edgebert.errors import UserError
from edgebert.tasks.readers.table import Records, Table

BATCH_ROWS = 4096


def open_file(path: Path) -> Table:
    """Open a Parquet file; names of classes that the `datasets` library left in it are kept.

    Raises:
        UserError: when it is no Parquet file.
    """
    try:
        schema = pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path} is not a readable Parquet file: {error}") from error

    def records(wanted: Sequence[str]) -> Records:
        number = 0
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=list(dict.fromkeys(wanted))):
                    for values in zip(*(batch[name].to_pylist() for name in wanted), strict=True):
                        number += 1
                        yield number, values
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{path} is broken after row {number}: {error}") from error
        except UnicodeDecodeError as error:
            raise UserError(f"{path}, row {number + 1} or shortly after: a text is not UTF-8: {error}") from error

    return Table(str(path), tuple(schema.names), records, unit="row", classes=_classes(schema))


def _classes(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    # `datasets` writes its column types as JSON beside the schema; a ClassLabel column holds ids, or lists of them.
    left = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
    features = left.get("info", {}).get("features", {})
    known = {name: feature for name, feature in features.items() if isinstance(feature, dict)}
    items = {name: feature.get("feature", feature) for name, feature in known.items()}
    return {
        name: tuple(item["names"])
        for name, item in items.items()
        if isinstance(item, dict) and item.get("_type") == "ClassLabel"
    }
