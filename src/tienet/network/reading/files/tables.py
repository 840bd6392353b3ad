"""From the files that were found to the tables in them: archives unpacked, and what is no table passed over and counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from tienet.base.errors import DataError, FilesPassedOver, warn
from tienet.network.reading.files.connections import shown_place
from tienet.network.reading.files.finding import Found, is_named_as_text
from tienet.network.reading.files.job import unreadable
from tienet.network.reading.files.kinds import EMPTY, GZIP, TEXT, ZIP, Kind, kind_of, kind_of_bytes, no_table
from tienet.network.reading.files.packed import Member, copied, extracted, first_bytes, members, unpacked

DEEPEST = 3  # a table may be packed so many times
# DuckDB would unpack a file that is named so, and takes what follows a question mark for no part of the name.
_UNPACKED_BY_NAME = re.compile(r"\.(gz|zst)(\?|$)", re.IGNORECASE)
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")
_PROMISES = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".gz": "gzip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
    ".zip": "ZIP",
    ".xlsx": "an Excel workbook",
    ".xlsb": "an Excel workbook",
    ".ods": "an OpenDocument workbook",
    ".arrow": "Arrow",
    ".feather": "Feather",
}
_NESTED = Kind("a ZIP in a ZIP", "other", "unpack the outer one, and pass the inner one")
_OTHER_TEXT = Kind("text that is not named as a table", "other", "give it the ending .csv")
_FAMILIES = {"text": "CSV", "json": "JSON", "parquet": "Parquet", "arrow": "Arrow", "excel": "Excel"}


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file with a table, or a file that is none.

    Parameters
    ----------
    name
        Its name, or the name in its archive.
    kind
        Its kind.
    place
        The path that is read: the file itself, or what was unpacked from it.
    stated
        The names of folders that state columns, such as channel=mail.
    """

    name: str
    kind: Kind
    place: str
    stated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables to read, of one family, and a sentence about the files passed over."""

    tables: tuple[TableFile, ...]
    notes: tuple[str, ...]


def tables_in(found: Found, path: str, scratch: Path, *, encoding: str | None = None) -> Tables:
    """The tables in the files that were found.

    Raises
    ------
    DataError
        A file cannot be read or unpacked, no file is a table, or tables are of different kinds.
    """
    alone = found.by == "file"
    every: list[TableFile] = []
    for at, name in enumerate(found.files):
        every += _tables(
            name, found.stated(name), scratch / "unpacked" / str(at), explicit=found.by != "folder", encoded=encoding is not None
        )
    tables = [table for table in every if table.kind.family != "other"]
    if not tables:
        raise _none(every, path, alone=alone)
    if alone and len(every) == 1:
        _refuse_broken_promise(tables[0])
    families = list(dict.fromkeys(table.kind.family for table in tables))
    if {"text", "parquet"} <= set(families):
        raise DataError(f"{shown_place(path)!r} matches Parquet and other files; choose one kind, such as '*.parquet'")
    main = next((family for family in ("text", "parquet") if family in families), families[0])
    if main not in ("text", "parquet") and len(families) > 1:
        listed = " and ".join(sorted(_FAMILIES[family] for family in families))
        raise DataError(f"{shown_place(path)!r} matches {listed} files; choose one kind, such as '*.json'")
    read = tuple(table for table in tables if table.kind.family == main)
    others = [table for table in tables if table.kind.family != main]
    notes = _passed_over([table for table in every if table not in read], path)
    if others or (found.by == "pattern" and notes):
        for note in notes:
            warn(f"{note}; what is read is {_FAMILIES[main]}", FilesPassedOver)
    return Tables(read, notes)


def _tables(name: str, stated: tuple[str, ...], folder: Path, *, explicit: bool, encoded: bool, depth: int = 1) -> Iterator[TableFile]:
    """What is in a file: itself, or the files that are packed in it. Where it is not named explicitly, text needs an ending of tables."""
    try:
        kind = kind_of(name)
    except OSError as problem:
        raise unreadable((name,), problem) from None
    shown = Path(name).name
    if kind.family in ("text", "json") and _UNPACKED_BY_NAME.search(name):
        name = copied(name, folder.joinpath("packed", *stated))
    if kind.family != "packed":
        yield TableFile(
            shown, _as_text(kind, encoded) if explicit or is_named_as_text(shown) or kind is not TEXT else _OTHER_TEXT, name, stated
        )
        return
    if depth > DEEPEST:
        yield TableFile(shown, Kind("packed many times over", "other", "unpack it, and pass the table in it"), name, stated)
        return
    if kind is not ZIP:
        inner = kind_of_bytes(first_bytes(name, kind))
        if inner.family == "other" or (inner is TEXT and not explicit and not is_named_as_text(shown)):
            yield TableFile(shown, inner if inner.family == "other" else _OTHER_TEXT, name, stated)
        elif inner is TEXT and kind is GZIP and name.lower().endswith(".gz") and "?" not in name:
            yield TableFile(shown, TEXT, name, stated)  # DuckDB unpacks it while it reads
        else:
            place = unpacked(name, kind, folder.joinpath("packed", *stated))
            yield from _tables(place, stated, folder / "inner", explicit=True, encoded=encoded, depth=depth + 1)
        return
    held = members(name)
    chosen = _chosen(held)
    for at, member in enumerate(held):
        if at not in chosen:
            kind = member.kind if member.kind.family == "other" else _NESTED if member.kind is ZIP else _OTHER_TEXT
            yield TableFile(PurePosixPath(member.name).name, kind, name, stated)
            continue
        own = folder.joinpath(str(at), *stated)
        place = extracted(name, member, own)
        inside = (*stated, *Path(place).relative_to(own).parent.parts)
        yield from _tables(place, inside, folder / f"{at} inner", explicit=True, encoded=encoded, depth=depth + 1)


def _chosen(held: Sequence[Member]) -> set[int]:
    """The positions of the files of an archive that may be tables; text by its ending, unless there is nothing else."""
    may = {at: member for at, member in enumerate(held) if member.kind.family != "other"}
    may = {at: member for at, member in may.items() if member.kind is not ZIP or member.name.lower().endswith(_WORKBOOKS)}
    named = {at for at, member in may.items() if member.kind is not TEXT or is_named_as_text(member.name)}
    return named or set(may)


def _as_text(kind: Kind, encoded: bool) -> Kind:
    """Text where an encoding is given: some have control characters, or letters at the places of JSON's signs."""
    return TEXT if encoded and kind.family == "other" and kind.name.startswith("neither") else kind


def _none(every: Sequence[TableFile], path: str, *, alone: bool) -> DataError:
    """The error where no file is a table."""
    if len(every) == 1 and alone and kind_of(path) is not ZIP:
        given = replace(every[0], name=Path(path).name)
        _refuse_broken_promise(given)
        return no_table(given.name, given.kind)
    listed = _counted(every) or "it is empty"
    return DataError(f"there is no table in {shown_place(path)!r}: {listed}; tables are CSV, Excel, JSON, Parquet and Arrow files")


def _refuse_broken_promise(table: TableFile) -> None:
    """Refuse a file whose ending promises another kind and that has nothing of a table."""
    promised = _PROMISES.get(Path(table.name).suffix.lower())
    if promised is None:
        return
    strange = table.kind.family == "other" and (table.kind is EMPTY or table.kind.name.startswith(("neither", "full")))
    if strange or (table.kind is TEXT and not _has_delimiter(table.place)):
        check = "check that the file is complete and of the type its extension says"
        raise DataError(f"cannot read {table.name!r}: it does not begin like {promised}; {check}")


def _has_delimiter(place: str) -> bool:
    with Path(place).open("rb") as handle:
        head = handle.read(1 << 16).lstrip()
    return head.startswith(b"\x1f\x8b") or any(sign in head.splitlines()[0] for sign in (b",", b";", b"\t", b"|"))


def _passed_over(rest: Iterable[TableFile], path: str) -> tuple[str, ...]:
    counted = _counted(rest)
    return (f"{shown_place(path)}: passed over {counted}",) if counted else ()


def _counted(rest: Iterable[TableFile]) -> str:
    """How many files there are by their endings, such as "3 files (2 .pdf, 1 .md)"."""
    endings = Counter(_ending(table.name) for table in rest)
    total = sum(endings.values())
    if not total:
        return ""
    ranked = sorted(endings.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = ", ".join(f"{count:,} {ending}" for ending, count in ranked[:6]) + (", ..." if len(ranked) > 6 else "")
    return f"{total:,} file{'s' * (total != 1)} ({listed})"


def _ending(name: str) -> str:
    ending = Path(name).suffix.lower()
    return ending if 1 < len(ending) <= 10 and ending[1:].isalnum() else "without ending"
