"""One table as bytes of every kind of file; workbooks are written out by hand, so that no reader of ours wrote what it reads."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from frames import csv_text

Columns = dict[str, list[Any]]
EPOCH = datetime(1899, 12, 30)
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="21" applyNumberFormat="1"/><xf numFmtId="46" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def _days(value: Any) -> float:
    return (value - EPOCH) / timedelta(days=1)


def _xlsx_cell(value: Any) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        return f'<c s="1"><v>{_days(value)!r}</v></c>'
    if isinstance(value, date):
        return f'<c s="2"><v>{_days(datetime.combine(value, time()))!r}</v></c>'
    if isinstance(value, time):
        return f'<c s="3"><v>{(value.hour * 3600 + value.minute * 60 + value.second) / 86400!r}</v></c>'
    if isinstance(value, timedelta):
        return f'<c s="4"><v>{value / timedelta(days=1)!r}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value!r}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def xlsx(sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> bytes:
    """A workbook with these sheets, each a list of rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"{" state=" + quoteattr("hidden") if name in hidden else ""}/>'
        for at, name in enumerate(sheets, start=1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in range(1, len(sheets) + 1)
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{types}.worksheet+xml"/>' for at in range(1, len(sheets) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    held = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        f'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{types}.styles+xml"/>{parts}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}<Relationship Id="rId99" '
        f'Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }
    for at, rows in enumerate(sheets.values(), start=1):
        lines = "".join(f"<row>{''.join(map(_xlsx_cell, row))}</row>" for row in rows)
        held[f"xl/worksheets/sheet{at}.xml"] = f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>'
    return zipped({name: f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode() for name, text in held.items()})


def ods(rows: list[list[Any]]) -> bytes:
    """An OpenDocument workbook with one sheet."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in {"office": "office", "table": "table", "text": "text"}.items()
    )
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Log">{lines}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped({"mimetype": kind.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()})


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, datetime):
        stated = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        return f"<table:table-cell {stated}><text:p>{value}</text:p></table:table-cell>"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def zipped(held: dict[str, bytes]) -> bytes:
    """A ZIP archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return out.getvalue()


def rows_of(columns: Columns) -> list[list[Any]]:
    """The header and the rows."""
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


def records_of(columns: Columns) -> list[dict[str, Any]]:
    """The rows as JSON has them: moments as text, missing values left out."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [{key: str(value) if isinstance(value, datetime) else value for key, value in row.items() if value is not None} for row in rows]


def _arrow(columns: Columns, *, stream: bool) -> bytes:
    out = pa.BufferOutputStream()
    table = pa.table(columns)
    with (ipc.new_stream if stream else ipc.new_file)(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue().to_pybytes()


def _feather(columns: Columns, version: int) -> bytes:
    out = io.BytesIO()
    feather.write_feather(pa.table(columns), out, version=version)
    return out.getvalue()


def _parquet(columns: Columns) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _zstd(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as packed:
        packed.write(data)
    return out.getvalue().to_pybytes()


def _csv(columns: Columns) -> bytes:
    return csv_text(columns).encode()


def _json_lines(columns: Columns) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in records_of(columns)).encode()


def _in_two(columns: Columns) -> bytes:
    """A ZIP with half of the rows in each of two files, and what packers and people add."""
    half = len(next(iter(columns.values()))) // 2
    halves = [{name: values[:half] for name, values in columns.items()}, {name: values[half:] for name, values in columns.items()}]
    held = {f"2024/part{at}.csv": _csv(part) for at, part in enumerate(halves) if next(iter(part.values()))}
    return zipped(
        {**held, "__MACOSX/2024/._part0.csv": b"\x00\x05\x16\x07", ".DS_Store": b"\x00\x00\x00\x01Bud1", "2024/read me.md": b"# Hello"}
    )


# Kind -> its usual name, and how it is made.
KINDS: dict[str, tuple[str, Any]] = {
    "csv": ("log.csv", _csv),
    "gzip": ("log.csv.gz", lambda columns: gzip.compress(_csv(columns))),
    "bzip2": ("log.csv.bz2", lambda columns: bz2.compress(_csv(columns))),
    "xz": ("log.csv.xz", lambda columns: lzma.compress(_csv(columns))),
    "zstd": ("log.csv.zst", lambda columns: _zstd(_csv(columns))),
    "zip": ("log.zip", lambda columns: zipped({"export/log.csv": _csv(columns)})),
    "zip of two": ("months.zip", _in_two),
    "zip of gzip": ("packed.zip", lambda columns: zipped({"log.csv.gz": gzip.compress(_csv(columns))})),
    "utf-16": ("log.txt", lambda columns: csv_text(columns).encode("utf-16")),
    "utf-16 without a mark": ("log.txt", lambda columns: csv_text(columns).encode("utf-16-le")),
    "json lines": ("log.jsonl", _json_lines),
    "json lines, gzip": ("log.jsonl.gz", lambda columns: gzip.compress(_json_lines(columns))),
    "json array": ("log.json", lambda columns: json.dumps(records_of(columns)).encode()),
    "json array, indented": ("log.json", lambda columns: b"\xef\xbb\xbf" + json.dumps(records_of(columns), indent=2).encode()),
    "json of an answer": ("page.json", lambda columns: json.dumps({"next": None, "count": 3, "value": records_of(columns)}).encode()),
    "json, indented objects": ("log.json", lambda columns: "\n".join(json.dumps(row, indent=1) for row in records_of(columns)).encode()),
    "parquet": ("log.parquet", _parquet),
    "parquet, zip": ("log.zip", lambda columns: zipped({"log.parquet": _parquet(columns)})),
    "parquet, gzip": ("log.parquet.gz", lambda columns: gzip.compress(_parquet(columns))),
    "arrow": ("log.arrow", lambda columns: _arrow(columns, stream=False)),
    "arrow stream": ("log.arrows", lambda columns: _arrow(columns, stream=True)),
    "feather": ("log.feather", lambda columns: _feather(columns, 2)),
    "xlsx": ("log.xlsx", lambda columns: xlsx({"Log": rows_of(columns)})),
    "xlsx, zip": ("log.zip", lambda columns: zipped({"log.xlsx": xlsx({"Log": rows_of(columns)})})),
    "ods": ("log.ods", lambda columns: ods(rows_of(columns))),
}
