"""One table as every supported kind of input: frames of each library and files of each type."""

from __future__ import annotations

import csv
import gzip
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

FRAMES = ("pandas", "polars", "polars_lazy", "pyarrow", "duckdb")
FILES = ("csv", "csv_gz", "parquet", "glob")
KINDS = (*FRAMES, *FILES)
# Each way in is tried by `make test`; its neighbours, which go the same way, by `make test-sweeps`.
COMMON = ("pandas", "polars", "csv", "parquet")
EACH_KIND = tuple(kind if kind in COMMON else pytest.param(kind, marks=pytest.mark.sweep) for kind in KINDS)
# The kind of frame that comes back: the caller's own, pandas for paths and for DuckDB.
GIVEN_BACK = {"polars": pl.DataFrame, "polars_lazy": pl.DataFrame, "pyarrow": pa.Table}


def given_back(kind: str) -> type:
    """The class of the result frames for an input of this kind."""
    return GIVEN_BACK.get(kind, pd.DataFrame)


def csv_text(columns: dict[str, list[Any]]) -> str:
    """The table as CSV, None as an empty field, moments in ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([value.isoformat() if isinstance(value, date | datetime) else value for value in row])
    return out.getvalue()


def as_kind(kind: str, columns: dict[str, list[Any]], folder: Path) -> Any:
    """The table as one kind of input; files are written to `folder`."""
    if kind == "pandas":
        return pd.DataFrame(columns)
    if kind == "polars":
        return pl.DataFrame(columns)
    if kind == "polars_lazy":
        return pl.LazyFrame(columns)
    if kind == "pyarrow":
        return pa.table(columns)
    if kind == "duckdb":
        return duckdb.from_arrow(pa.table(columns))
    folder.mkdir(parents=True, exist_ok=True)
    if kind == "parquet":
        pq.write_table(pa.table(columns), folder / "table.parquet")
        return folder / "table.parquet"
    if kind == "csv":
        (folder / "table.csv").write_text(csv_text(columns), encoding="utf-8", newline="")
        return folder / "table.csv"
    if kind == "csv_gz":
        (folder / "table.csv.gz").write_bytes(gzip.compress(csv_text(columns).encode()))
        return str(folder / "table.csv.gz")
    half = len(next(iter(columns.values()))) // 2
    for place, part in enumerate((slice(None, half), slice(half, None))):
        rows = {name: values[part] for name, values in columns.items()}
        (folder / f"part{place}.csv").write_text(csv_text(rows), encoding="utf-8", newline="")
    return str(folder / "part*.csv")


def to_columns(frame: Any) -> dict[str, list[Any]]:
    """Any result frame as plain lists, missing values as None, moments as datetime."""
    if isinstance(frame, pd.DataFrame):
        frame = pa.Table.from_pandas(frame, preserve_index=False)
    columns = frame.to_dict(as_series=False) if isinstance(frame, pl.DataFrame) else frame.to_pydict()
    return {name: [None if value is None or value != value else value for value in values] for name, values in columns.items()}


def to_rows(frame: Any) -> list[dict[str, Any]]:
    """Any result frame as a list of rows."""
    columns = to_columns(frame)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Whether rows are equal in the columns of `wanted`: exactly, but floats to 1e-9 (sums of a few terms, in another order)."""
    assert len(found) == len(wanted)
    for row, other in zip(found, wanted, strict=True):
        for name, value in other.items():
            assert row[name] == (pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value), name
    return True
