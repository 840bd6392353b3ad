"""Tell what a file is by its first bytes, whatever its name says."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias
from zipfile import BadZipFile, ZipFile

from tienet.base.errors import DataError

Family: TypeAlias = Literal["text", "json", "parquet", "arrow", "excel", "packed", "other"]
HEAD = 4096  # bytes that are looked at
LEAST_STRANGE = 0.05  # from this share of control characters on, bytes are no text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file.

    Parameters
    ----------
    name
        Its name in messages, such as "a PDF".
    family
        How it is read; "packed" is unpacked first, "other" is no table.
    advice
        For a file that is no table: what to do.
    """

    name: str
    family: Family
    advice: str = ""


TEXT = Kind("text", "text")
JSON = Kind("JSON", "json")
PARQUET = Kind("Parquet", "parquet")
ARROW = Kind("Arrow", "arrow")
ARROW_STREAM = Kind("an Arrow stream", "arrow")
EXCEL = Kind("Excel", "excel")
GZIP, BZIP2, XZ, ZSTD, ZIP = (Kind(name, "packed") for name in ("gzip", "bzip2", "xz", "zstd", "ZIP"))
EMPTY = Kind("empty", "other", "export it again")

_EXPORT = "export the table from it as CSV"
_UNPACK = "unpack it, and pass the table in it"
_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"PAR1", PARQUET),
    (b"PARE", Kind("encrypted Parquet", "other", "write it without encryption")),
    (b"ARROW1\x00\x00", ARROW),
    (b"\xff\xff\xff\xff", ARROW_STREAM),
    (b"FEA1", Kind("Feather of version 1", "other", "write it as version 2 or as Parquet")),
    (b"\x1f\x8b", GZIP),
    *((b"BZh%d1AY&SY" % level, BZIP2) for level in range(1, 10)),
    (b"\xfd7zXZ\x00", XZ),
    (b"\x28\xb5\x2f\xfd", ZSTD),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", EXCEL),  # the container of .xls; other documents in it are refused when they are read
    (b"\x09\x08", EXCEL),  # .xls before that container
    (b"%PDF-", Kind("a PDF", "other", "export the table as CSV or Excel instead")),
    (b"SQLite format 3\x00", Kind("an SQLite database", "other", _EXPORT)),
    (b"7z\xbc\xaf\x27\x1c", Kind("a 7z archive", "other", _UNPACK)),
    (b"Rar!\x1a\x07", Kind("a RAR archive", "other", _UNPACK)),
    (b"!BDN", Kind("an Outlook data file", "other", _EXPORT)),
    (b"{\\rtf", Kind("an RTF document", "other", "save the table as CSV")),
    (b"ORC", Kind("ORC", "other", "write it as Parquet")),
    (b"Obj\x01", Kind("Avro", "other", "write it as Parquet")),
    (b"\x89HDF", Kind("HDF5", "other", "write it as Parquet or CSV")),
    (b"$FL2@(#)", Kind("an SPSS file", "other", "save it as CSV, or pass the frame of pandas.read_spss")),
    (b"<stata_dta>", Kind("a Stata file", "other", "save it as CSV, or pass the frame of pandas.read_stata")),
    (b"RDX3\n", Kind("an R workspace", "other", "write the table as CSV in R, with row.names = FALSE")),
    (b"RDX2\n", Kind("an R workspace", "other", "write the table as CSV in R, with row.names = FALSE")),
    (b"X\n\x00\x00\x00", Kind("an R object", "other", "write the table as CSV in R, with row.names = FALSE")),
    (b"\x80\x04\x95", Kind("a Python pickle", "other", "write the table as CSV or Parquet")),
    (b"\x80\x05\x95", Kind("a Python pickle", "other", "write the table as CSV or Parquet")),
    (b"\x89PNG", Kind("a picture", "other", "export the table as CSV")),
    (b"\xff\xd8\xff", Kind("a picture", "other", "export the table as CSV")),
    (b"GIF89a", Kind("a picture", "other", "export the table as CSV")),
    (b"version https://git-lfs", Kind("a pointer of Git LFS", "other", "fetch the file itself with git lfs pull")),
)
_CONTROLS = bytes((*range(9), *range(14, 32)))
_TAR = Kind("a tar archive", "other", _UNPACK)
_BINARY = Kind("neither text nor a known kind of table", "other", "export the table as CSV, Excel or Parquet")
_NULS = Kind("full of NUL bytes", "other", "it was not saved completely; export it again")
_WORDS: tuple[tuple[str, Kind], ...] = (
    (
        r"<(!doctype html|html|head|body|table|meta|style|div)\b",
        Kind("an HTML page", "other", "open it in Excel or a browser and save the table as CSV or .xlsx"),
    ),
    (r"<(\?xml|workbook)\b", Kind("XML", "other", "open it in Excel and save the table as CSV or .xlsx")),
    (r"BEGIN:VCALENDAR", Kind("a calendar", "other", _EXPORT)),
    (r"From \S+ (mon|tue|wed|thu|fri|sat|sun) ", Kind("a mailbox", "other", _EXPORT)),
    (r"\[\s*\[", Kind("a JSON array of arrays", "other", "write each row as an object, with the names of its columns")),
    (r"\[\s*(\{|\])|\{\s*[\"}]", JSON),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Documents that are ZIP archives, by a member that each of them has.
_DOCUMENTS: tuple[tuple[str, Kind], ...] = (
    (r"xl/workbook\.(xml|bin)", EXCEL),
    (r"word/document.*", Kind("a Word document", "other", "save the table as CSV")),
    (r"ppt/presentation.*", Kind("a presentation", "other", "save the table as CSV")),
    (r"Index/Document\.iwa|Index\.zip", Kind("a Numbers or Pages document", "other", "export it as CSV or Excel")),
    (r"META-INF/MANIFEST\.MF", Kind("a Java archive", "other", "pass a table")),
)


def kind_of(name: str) -> Kind:
    """The kind of a file; OSError if it cannot be opened."""
    with Path(name).open("rb") as handle:
        kind = kind_of_bytes(handle.read(HEAD))
    return document_kind(name) if kind is ZIP else kind


def kind_of_bytes(head: bytes) -> Kind:
    """The kind of a file that begins with these bytes (at least `HEAD` of them, or all)."""
    if not head:
        return EMPTY
    for start, kind in _STARTS:
        # A column may be called ORC, or begin with it: then text follows.
        if head.startswith(start) and not (start.isalnum() and len(head) > 8 and head[:64].translate(None, _CONTROLS) == head[:64]):
            return kind
    if head[257:262] == b"ustar":
        return _TAR
    if not head.strip(b"\x00"):
        return _NULS
    encoding = marked_encoding(head)
    if encoding is None and _is_strange(head):
        return _BINARY
    shown = head.decode(encoding or "latin-1", "ignore").lstrip("\ufeff \t\r\n")
    return next((kind for words, kind in _WORDS if re.match(words, shown, re.IGNORECASE)), TEXT)


def marked_encoding(head: bytes) -> str | None:
    """The encoding of text that its first bytes state: by a byte-order mark, or by the NUL bytes of UTF-16 without one."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    pairs = len(head) // 2
    if pairs < 2:
        return None
    even, odd = (head[start : 2 * pairs : 2].count(0) / pairs for start in (0, 1))
    if odd > 0.5 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.5 and odd < 0.05 else None


def _is_strange(head: bytes) -> bool:
    """Whether bytes are no text in any encoding: too many control characters."""
    text = head.translate(None, b"\t\n\x0b\x0c\r\x1a\x1b")  # as they stand in texts, with the marks of old editors and ISO-2022
    return sum(text.count(code) for code in (*range(32), 127)) > LEAST_STRANGE * len(head)


def document_kind(name: str) -> Kind:
    """The kind of a ZIP file: a workbook or another document, or an archive."""
    try:
        with ZipFile(name) as archive:
            members = archive.namelist()
            spreadsheet = "mimetype" in members and archive.getinfo("mimetype").file_size < 200
            kind_stated = archive.read("mimetype").decode("ascii", "replace") if spreadsheet else ""
    except (BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError, EOFError):
        return ZIP  # said when it is unpacked
    if kind_stated.startswith("application/vnd.oasis.opendocument"):
        if kind_stated.strip() in (
            "application/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.oasis.opendocument.spreadsheet-template",
        ):
            return EXCEL
        return Kind("an OpenDocument text", "other", "save the table as CSV")
    return next((kind for member, kind in _DOCUMENTS if any(re.fullmatch(member, one) for one in members)), ZIP)


def no_table(name: str, kind: Kind) -> DataError:
    """The error for a file that is no table."""
    return DataError(f"cannot read {Path(name).name!r}: the file is {kind.name}, not a table; {kind.advice}")
