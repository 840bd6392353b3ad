"""Write the report of a study as one self-contained page, or as a folder with figures and tables.

The page loads nothing from elsewhere. It contains counts, coefficients and drawings, and persons only if the study asks for them.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tienet.base.paths import PathSpec
from tienet.base.writing import make_folder, write_csv, write_text
from tienet.output.figures.saving import figure_svg, save
from tienet.study.page.contents import drawn, records, tabled
from tienet.study.page.material import Material, material_of, with_people
from tienet.study.page.network.view import Shown
from tienet.study.page.rendering import rendered

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

__all__ = ["render", "save_study", "write_report"]


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A drawn figure of the folder."""

    record: Any
    axes: Any
    svg: str


def write_report(
    result: StudyFindings, path: PathSpec, *, names: bool | None = None, key: bytes | None = None, people: Shown | None = None
) -> Path:
    """Write the report as one HTML file and return its path."""
    return write_text(path, render(result, names=names, key=key, people=people))


def save_study(result: StudyFindings, folder: PathSpec) -> list[Path]:
    """Write report.html, figures/*.svg and *.png, and tables/*.csv; return the paths written."""
    place = make_folder(folder)
    material = with_people(material_of(result), people=None, key=None)
    written = [write_text(place / "report.html", rendered(material))]
    figures, tables = make_folder(place / "figures"), make_folder(place / "tables")
    for name, figure in _figures(material).items():
        written += [write_text(figures / f"{name}.svg", figure.svg), save(figure.axes, figures / f"{name}.png")]
    return written + [
        write_csv(tables / f"{name}.csv", columns) for name, columns in tabled(result, material.shown, material.rules).items()
    ]


def render(result: StudyFindings, *, names: bool | None = None, key: bytes | None = None, people: Shown | None = None) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    result
        The results of the study.
    names
        The older way to ask for people by name: True is ``people="names"``.
    key
        The secret key behind the pseudonyms, from `pseudonym_key`; by default that of the study, else a new key that is not stored.
    people
        Who is drawn in the network: "groups", "pseudonyms" or "names" (column `name` of the people table, else their ids); by default as
        the study specifies.
    """
    asked: Shown | None = people if people is not None else "names" if names else None
    return rendered(with_people(material_of(result), people=asked, key=key))


def _figures(material: Material) -> Mapping[str, Drawing]:
    return {name: _figure(record) for name, record in records(material.result, material.shown).items()}


def _figure(record: Any) -> Drawing:
    axes = drawn(record)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # characters that the font lacks
        return Drawing(record, axes, figure_svg(axes))
