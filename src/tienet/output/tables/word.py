"""Tables as Word documents, with the three horizontal rules that journals require."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tienet.base.errors import OutputError
from tienet.base.paths import PathSpec
from tienet.base.writing import write_bytes
from tienet.output.tables.grid import Grid
from tienet.output.tables.write import sentences

# In eighths of a point.
_THICK, _THIN = "12", "6"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of ZIP archives


def to_docx(grid: Grid, path: PathSpec) -> Path:
    """Write a Word document with title, table and note.

    Raises
    ------
    OutputError
        If python-docx is not installed or the file cannot be written.
    """
    try:
        import docx
    except ImportError:
        raise OutputError("writing a Word document needs python-docx; install it with: pip install tienet[word]") from None
    document = docx.Document()
    document.core_properties.author = "tienet"
    document.add_paragraph().add_run(grid.title).italic = True
    page = document.sections[0]
    widths = _widths(grid, (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0))
    _fill(document.add_table(rows=1 + len(grid.rows), cols=len(grid.header)), grid, widths)
    if grid.note:
        note = document.add_paragraph()
        note.add_run("Note. ").italic = True
        note.add_run(sentences(grid))
    made = BytesIO()
    document.save(made)
    return write_bytes(path, _undated(made.getvalue()))


def _undated(content: bytes) -> bytes:
    """The same ZIP archive without the time at which it was made, so that the same table gives the same bytes."""
    undated = BytesIO()
    with ZipFile(BytesIO(content)) as made, ZipFile(undated, "w", ZIP_DEFLATED) as archive:
        for name in made.namelist():
            entry = ZipInfo(name, date_time=_FIRST_DAY)
            entry.compress_type, entry.create_system, entry.external_attr = ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, made.read(name))
    return undated.getvalue()


def _widths(grid: Grid, room: int) -> list[int]:
    """Column widths in proportion to the longest text; very long texts are wrapped."""
    longest = [min(max(map(len, texts)) + 2, 36) for texts in zip(grid.header, *grid.rows, strict=True)]
    return [room * length // sum(longest) for length in longest]


def _fill(table: Any, grid: Grid, widths: list[int]) -> None:
    table.autofit = True
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    last = len(grid.rows)
    for place, (row, texts) in enumerate(zip(table.rows, (grid.header, *grid.rows), strict=True)):
        rules = {"top": _THICK, "bottom": _THIN} if place == 0 else {"bottom": _THICK} if place == last else {}
        if grid.foot is not None and place == grid.foot + 1:
            rules = {"top": _THIN, **rules}
        for cell, text, side, width in zip(row.cells, texts, grid.align, widths, strict=True):
            cell.width = width
            _write(cell, text, side)
            _rule(cell, rules)


def _write(cell: Any, text: str, side: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.text = text
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if side == "l" else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(0)


def _rule(cell: Any, rules: dict[str, str]) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if not rules:
        return
    borders = OxmlElement("w:tcBorders")
    for edge in ("top", "bottom"):
        if edge in rules:
            line = OxmlElement(f"w:{edge}")
            for name, value in {"val": "single", "sz": rules[edge], "space": "0", "color": "auto"}.items():
                line.set(qn(f"w:{name}"), value)
            borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)
