"""What is printed: a table with four outputs that show the same text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tienet.base.errors import DataError
from tienet.base.frames import Columns
from tienet.base.paths import PathSpec
from tienet.base.record import Record
from tienet.output.tables.grid import Grid
from tienet.output.tables.word import to_docx
from tienet.output.tables.write import to_html, to_latex, to_markdown

__all__ = ["Table"]


class Printable:
    """What has a grid, and so four outputs with the same text in their cells."""

    __slots__ = ()

    @property
    def grid(self) -> Grid:
        """The text cells."""
        raise NotImplementedError

    def markdown(self) -> str:
        """The table in Markdown, title and note included."""
        return to_markdown(self.grid)

    def html(self) -> str:
        """The table in HTML: a piece to put into a page, with its own style."""
        return to_html(self.grid)

    def latex(self) -> str:
        """The table in LaTeX, for a document that loads the package booktabs."""
        return to_latex(self.grid)

    def docx(self, path: PathSpec) -> Path:
        """Write the table as a Word document; returns where it is. Needs the extra: ``pip install tienet[word]``.

        Raises
        ------
        OutputError
            Without python-docx, or where the file cannot be written.
        """
        return to_docx(self.grid, path)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table(Printable, Record):
    """A table for print, with the numbers behind it.

    Parameters
    ----------
    cells
        The text cells.
    columns
        The numbers, as `frame` gives them.
    about
        What the table holds, in words.
    works
        Keys of the works behind the numbers.
    """

    cells: Grid
    columns: Columns
    about: str
    works: tuple[str, ...] = ()

    @property
    def grid(self) -> Grid:
        """The text cells."""
        return self.cells

    def _columns(self) -> Columns:
        return self.columns

    def _works(self) -> tuple[str, ...]:
        return self.works

    def __str__(self) -> str:
        return f"{self.about}; .markdown(), .html(), .latex() and .docx(path) write it"

    def _repr_html_(self) -> str:
        return Record._repr_html_(self) if any(map(_names_people, self.columns)) else self.html()


def _names_people(column: str) -> bool:
    from tienet.output.glossary import describe

    try:
        return describe(column).unit == "id"
    except DataError:
        return False
