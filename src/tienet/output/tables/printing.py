"""Tables with four output formats: Markdown, HTML, LaTeX and Word."""

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
    """Base of results with text cells; adds the four output formats."""

    __slots__ = ()

    @property
    def grid(self) -> Grid:
        """The text cells."""
        raise NotImplementedError

    def markdown(self) -> str:
        """Return the table in Markdown, with title and note."""
        return to_markdown(self.grid)

    def html(self) -> str:
        """Return the table as an HTML fragment with its own styles."""
        return to_html(self.grid)

    def latex(self) -> str:
        """Return the table in LaTeX; the document must load the package booktabs."""
        return to_latex(self.grid)

    def docx(self, path: PathSpec) -> Path:
        """Write the table to a Word document and return its path.

        Raises
        ------
        OutputError
            If python-docx is not installed or the file cannot be written.
        """
        return to_docx(self.grid, path)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table(Printable, Record):
    """A table for publication, with the numbers behind it.

    Parameters
    ----------
    cells
        The text cells.
    columns
        The numbers, as `frame` gives them.
    about
        What the table contains, in words.
    works
        Keys of the works the numbers are based on.
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
        return f"{self.about}; write it with .markdown(), .html(), .latex() or .docx(path)"

    def _repr_html_(self) -> str:
        return Record._repr_html_(self) if any(map(_names_people, self.columns)) else self.html()


def _names_people(column: str) -> bool:
    from tienet.output.glossary import describe

    try:
        return describe(column).unit == "id"
    except DataError:
        return False
