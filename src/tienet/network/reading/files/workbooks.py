"""Read a sheet of an Excel or OpenDocument workbook: cells keep their types, so dates are moments and whole numbers are whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from tienet.base.errors import DataError, shown
from tienet.network.reading.files.csv_files import refuse_repeated_names
from tienet.network.reading.sql import identifier, quoted

DEEPEST_HEADER = 100  # rows that are searched for the names of columns
WHOLE = 2**63
_Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its name, and its rows from the header on."""

    name: str
    rows: list[_Row]


def workbook_as_parquet(
    name: str, place: str, connection: duckdb.DuckDBPyConnection, *, wanted: Collection[str] = (), skip: int | None = None
) -> None:
    """Write the sheet that has the wanted columns, or the only sheet, to a Parquet file.

    Raises
    ------
    DataError
        The workbook cannot be read, or not one sheet but several have the columns, or none of several.
    """
    sheet = _chosen(name, _sheets(name, wanted, skip), wanted)
    header = ["" if value is None else _as_text(value).strip() for value in sheet.rows[0]]
    columns = [list(column) for column in zip(*sheet.rows[1:], strict=True)] if len(sheet.rows) > 1 else [[] for _ in header]
    held = {title: column for title, column in zip(header, columns, strict=True) if title}
    refuse_repeated_names(name, header)
    if not held:
        raise DataError.no_rows(Path(name).name, f"the sheet {shown(sheet.name)} has no names of columns")
    _write(held, place, connection)


def _sheets(name: str, wanted: Collection[str], skip: int | None) -> list[Sheet]:
    """The sheets that hold anything; hidden ones only if no other does."""
    if not find_spec("python_calamine"):
        raise DataError(
            f"cannot read {Path(name).name!r}: it is an Excel workbook, which needs pip install 'tienet[excel]'; or save the sheet as CSV"
        )
    from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        with Path(name).open("rb") as handle, load_workbook(handle) as book:  # by its name it would be taken for another kind
            kinds = {
                one.name: one.visible == SheetVisibleEnum.Visible for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet
            }
            found = {title: rows for title in kinds if (rows := _from_header(_cells(book.get_sheet_by_name(title)), wanted, skip))}
    except PasswordError:
        raise DataError(f"cannot read {Path(name).name!r}: the workbook has a password; save it without one") from None
    except (CalamineError, OSError, ValueError):
        raise DataError(
            f"cannot read {Path(name).name!r}: it is not readable as an Excel workbook, and may be damaged or another document; "
            "open it in Excel and save the sheet as CSV or .xlsx"
        ) from None
    visible = {title: rows for title, rows in found.items() if kinds[title]}
    return [Sheet(title, rows) for title, rows in (visible or found).items()]


def _cells(sheet: Any) -> list[_Row]:
    """The rows of a sheet with a value in them; None where a cell is empty."""
    rows = ([None if value == "" else value for value in row] for row in sheet.to_python())
    return [row for row in rows if any(value is not None for value in row)]


def _from_header(rows: list[_Row], wanted: Collection[str], skip: int | None) -> list[_Row]:
    """The rows from the one with the wanted names on; titles may stand above it."""
    if skip is not None:
        return rows[skip:]
    start = next((at for at, row in enumerate(rows[:DEEPEST_HEADER]) if wanted and _has(row, wanted)), 0)
    return rows[start:]


def _has(header: _Row, wanted: Collection[str]) -> bool:
    return {str(name) for name in wanted} <= {value.strip() for value in header if isinstance(value, str)}


def _chosen(name: str, sheets: list[Sheet], wanted: Collection[str]) -> Sheet:
    if not sheets:
        raise DataError.no_rows(Path(name).name, "its sheets are empty")
    fitting = [sheet for sheet in sheets if wanted and _has(sheet.rows[0], wanted)]
    if len(fitting) == 1 or len(sheets) == 1:
        return (fitting or sheets)[0]
    several = fitting or sheets
    listed = ", ".join(shown(sheet.name) for sheet in several[:6]) + (", ..." if len(several) > 6 else "")
    names = " and ".join(map(repr, sorted(wanted)[:3]))
    fault = f"the sheets {listed} all have the columns {names}" if fitting else f"the workbook has the sheets {listed}"
    if wanted and not fitting:
        fault += f", none of them with the columns {names}"
    raise DataError(f"{Path(name).name}: {fault}; save the one you mean as CSV, or as a workbook of its own")


def _write(held: dict[str, list[Any]], place: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Write columns of cells to Parquet: as text first, which DuckDB then casts to the type that all cells of a column share."""
    import pandas as pd

    kinds = {title: _type_of(column) for title, column in held.items()}
    texts = {f"c{at}": [None if value is None else _as_text(value) for value in column] for at, column in enumerate(held.values())}
    parts = [f"cast(c{at} as {kind}) as {identifier(title)}" for at, (title, kind) in enumerate(kinds.items())]
    connection.register("tienet_cells", pd.DataFrame(texts, dtype=object))
    cells = f"select {', '.join(parts)} from tienet_cells"  # noqa: S608 - quoted above
    connection.execute(f"copy ({cells}) to {quoted(place)} (format parquet)")
    connection.unregister("tienet_cells")


def _type_of(column: list[Any]) -> str:
    """The SQL type that all cells of a column share; VARCHAR if they share none."""
    classes = {type(value) for value in column if value is not None}
    if not classes:
        return "varchar"
    if classes <= {int, float}:
        whole = all(value is None or (float(value).is_integer() and abs(value) < WHOLE) for value in column)
        return "bigint" if whole else "double"
    if classes == {dt.date}:
        return "date"
    if classes <= {dt.date, dt.datetime}:  # midnight comes as a date
        return "timestamp"
    return {dt.time: "time", bool: "boolean"}.get(classes.pop(), "varchar") if len(classes) == 1 else "varchar"


def _as_text(value: Any) -> str:
    """A cell as text: a whole number without a decimal point, a moment in ISO form, a time span as hours, minutes and seconds."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < WHOLE else repr(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600:02d}:{abs(seconds) // 60 % 60:02d}:{abs(seconds) % 60:02d}"
    return str(value)
