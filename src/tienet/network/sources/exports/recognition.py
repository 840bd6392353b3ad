"""Tell which reader fits the files of an export: by names inside it, or by what its files begin with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tienet.base.errors import DataError
from tienet.base.numbers import counted, listed
from tienet.base.paths import PathSpec
from tienet.network.sources.exports.files import Export, ExportFile, a_titled, open_export
from tienet.network.sources.exports.tables import text_of
from tienet.network.sources.register import readers

__all__ = ["recognise"]

HEAD = 1 << 18
MOST_LOOKED_AT = 40
# Endings that messages show; what follows the last point of other names may be the name of a person.
_ENDINGS = frozenset(
    (
        "7z", "arrow", "csv", "db", "doc", "docx", "eml", "emlx", "feather", "gif", "htm", "html", "ical", "icalendar", "ics", "jpeg",
        "jpg", "json", "jsonl", "jsonocel", "log", "mbox", "mbx", "md", "msg", "ndjson", "ods", "ost", "parquet", "pdf", "png", "ppt",
        "pptx", "pst", "rar", "rtf", "sqlite", "tar", "toml", "tsv", "txt", "vcf", "vcs", "xes", "xls", "xlsx", "xml", "xmlocel", "yaml",
        "yml", "zip",
    )
)  # fmt: skip


def recognise(path: PathSpec) -> str | None:
    """The kind of reader for an export; None if no reader fits, or the path is no export.

    Parameters
    ----------
    path
        The path of a file, a folder or an archive.

    Examples
    --------
    >>> recognise("data/samples/people.csv") is None
    True
    """
    try:
        return kind_of(open_export(path, kind="unknown").files)
    except DataError:
        return None


def kind_of(files: Iterable[ExportFile]) -> str | None:
    """The kind of reader whose signs the files have."""
    held = list(files)
    signed = [reader for reader in readers().values() if reader.names or reader.heads]
    for reader in signed:
        if any(re.fullmatch(pattern, file.name, re.IGNORECASE | re.DOTALL) for pattern in reader.names for file in held):
            return reader.kind
    for file in held[:MOST_LOOKED_AT]:
        text = text_of(file.head(HEAD))[0]
        for reader in signed:
            if any(re.search(pattern, text, re.DOTALL) for pattern in reader.heads):
                return reader.kind
    return None


def not_understood(export: Export, wanted: str) -> DataError:
    """The error for an export of another kind: what was looked for, what was found, and the reader that would fit."""
    endings = Counter(_ending(file) for file in export.files)
    found = listed([f"{number:,} {ending}" for ending, number in endings.most_common(4)])
    others = " and others" if len(endings) > 4 else ""
    fits = kind_of(export.files)
    advice = f"; it looks like {a_titled(fits)} export: use the reader {fits!r}" if fits and fits != export.kind else ""
    if not advice and "zip" in endings:
        advice = "; unpack the archives in it"
    told = f"found {counted(len(export.files), 'file')} ({found}{others})"
    return DataError(f"this is not {a_titled(export.kind)} export: looked for {wanted}; {told}{advice}")


def _ending(file: ExportFile) -> str:
    ending = file.suffix.lstrip(".")
    return ending if ending in _ENDINGS else "with another ending" if ending else "without an ending"
