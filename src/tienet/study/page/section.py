"""The noun of the page: a section with its heading and values, or why it is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from tienet.study.page.material import Material

Part: TypeAlias = Literal["everyone", "specialists", "review"]


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A section of the page.

    Parameters
    ----------
    key
        Its id on the page; its template is ``sections/<key>.html``.
    part
        For whom it is. Sections for specialists are folded.
    heading
        Its heading; empty for one that has none.
    rail
        Its name in the contents.
    values
        The values of its template.
    folded
        What the folded line says beside the heading.
    """

    key: str
    part: Part
    heading: str
    rail: str
    values: Mapping[str, Any] = field(default_factory=dict)
    folded: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A section that is not on the page, and why: a sentence for "Data and sample"."""

    why: str


Build: TypeAlias = "Callable[[Material], Section | LeftOut | None]"
