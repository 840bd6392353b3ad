"""Write the report of a study as one self-contained page.

The page loads nothing from elsewhere. It contains counts, coefficients and drawings, and persons only if the study asks for them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tienet.base.paths import PathSpec
from tienet.base.writing import write_text
from tienet.study.page.material import material_of, with_people
from tienet.study.page.network.view import Shown
from tienet.study.page.rendering import rendered

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


def write_report(
    result: StudyFindings, path: PathSpec, *, names: bool | None = None, key: bytes | None = None, people: Shown | None = None
) -> Path:
    """Write the report as one HTML file and return its path."""
    return write_text(path, render(result, names=names, key=key, people=people))


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
