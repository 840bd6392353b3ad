"""The look of figures: `style("journal")` for papers, and fonts, widths and colours of one's own."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from tienet.base.checks import choice, real
from tienet.base.errors import ArgumentError, shown

__all__ = ["Style", "style"]

StyleName: TypeAlias = Literal["report", "journal"]
Width: TypeAlias = Literal["single", "double"]
_INCHES: dict[str, float] = {"single": 3.35, "double": 7.0}  # 85 and 178 mm, columns of most journals
# Okabe & Ito (2008): distinguishable with any colour vision. Yellow is last because it is weak on white.
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
# Steps of lightness (CIE L* 25, 65, 45, 80, 35, 72, 90), so that a copy in grey still tells them apart.
GREY_SAFE = ("#163a63", "#dc8a3c", "#2f7a5c", "#e7bbd2", "#7a3466", "#8fb6d9", "#f2e3a0")


@dataclass(frozen=True, slots=True)
class Style:
    """How figures look; made by `style`, given to `plot(..., style=)`, or used as ``with style(...):``.

    Parameters
    ----------
    name
        "report" or "journal".
    font
        Families in the order in which they are looked for.
    width
        Width of one column in inches.
    note
        Whether figures have the small text over the axes, unless `plot` says otherwise.
    colors
        Seven colours.
    """

    name: StyleName = "report"
    font: tuple[str, ...] = ("DejaVu Sans",)
    width: float = 3.5
    note: bool = True
    colors: tuple[str, ...] = OKABE_ITO

    def __enter__(self) -> Style:
        _ENTERED.set((*_ENTERED.get(), self))
        return self

    def __exit__(self, *_: object) -> None:
        _ENTERED.set(_ENTERED.get()[:-1])


_ENTERED: ContextVar[tuple[Style, ...]] = ContextVar("styles", default=(Style(),))
_JOURNAL = Style("journal", width=_INCHES["single"], note=False, colors=GREY_SAFE)
# Families with the same widths, so that a figure made elsewhere keeps its layout.
_ALIKE: dict[str, tuple[str, ...]] = {
    "helvetica": ("Helvetica", "Helvetica Neue", "Arial", "Liberation Sans", "Nimbus Sans", "DejaVu Sans"),
    "arial": ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "DejaVu Sans"),
    "times": ("Times", "Times New Roman", "Liberation Serif", "Nimbus Roman", "DejaVu Serif"),
    "times new roman": ("Times New Roman", "Times", "Liberation Serif", "Nimbus Roman", "DejaVu Serif"),
}
_ALIKE |= {"sans": _ALIKE["arial"], "sans-serif": _ALIKE["arial"], "serif": _ALIKE["times new roman"]}


def style(name: StyleName = "report", *, font: str | None = None, width: float | Width | None = None, note: bool | None = None) -> Style:
    """Choose how figures look.

    Parameters
    ----------
    name
        "report", the style of the page; or "journal": as wide as a column, without the note over the axes (say it in the caption), and with
        colours that a copy in grey still tells apart. Lines also differ in their dashes, dots in their shape.
    font
        An installed font, such as "Helvetica", or "sans" or "serif". Fonts of the same widths replace one that is not installed: Arial and
        Liberation Sans for Helvetica, Liberation Serif for Times.
    width
        "single" (85 mm), "double" (178 mm), or inches of one column.
    note
        Whether figures have the small text over the axes.

    Returns
    -------
    Style
        For ``plot(result, style=...)``, or for all figures of a block: ``with style("journal"): ...``.

    Raises
    ------
    ArgumentError
        If the name is unknown, the width is not from 1 to 20 inches, or the font and all like it are not installed.

    Examples
    --------
    >>> style("journal").width, style("journal", width="double").width
    (3.35, 7.0)
    """
    choice("name", name, get_args(StyleName))
    made = _JOURNAL if name == "journal" else Style()
    if isinstance(width, str):
        choice("width", width, _INCHES)
        made = replace(made, width=_INCHES[width])
    elif width is not None:
        if not 1 <= real("width", width) <= 20:
            raise ArgumentError(f"width is in inches, from 1 to 20, or 'single' or 'double'; got {shown(width)}")
        made = replace(made, width=float(width))
    if font is not None:
        made = replace(made, font=_installed(font))
    return made if note is None else replace(made, note=bool(note))


def chosen_style(given: object) -> Style:
    """The style given by name or as such, or that of the block."""
    if given is None:
        return _ENTERED.get()[-1]
    if isinstance(given, Style):
        return given
    if isinstance(given, str):
        choice("style", given, get_args(StyleName))
        return _JOURNAL if given == "journal" else Style()
    raise ArgumentError(f"style must be 'report', 'journal' or a tienet.output.figures.style(...), got {shown(given)}")


def _installed(font: object) -> tuple[str, ...]:
    """The families that are installed among the one asked for and those like it."""
    from matplotlib.font_manager import fontManager

    if not isinstance(font, str) or not font.strip():
        raise ArgumentError(f"font must be the name of a font, such as 'Helvetica', got {shown(font)}")
    known = {entry.name.casefold(): entry.name for entry in fontManager.ttflist}
    wanted = _ALIKE.get(font.strip().casefold(), (font.strip(),))
    found = tuple(known[name.casefold()] for name in wanted if name.casefold() in known)
    if not found:
        raise ArgumentError(f"the font {font!r} is not installed; install it, or use 'sans', 'serif' or the name of an installed font")
    return found if "DejaVu Sans" in found else (*found, "DejaVu Sans")  # which has most signs, such as arrows
