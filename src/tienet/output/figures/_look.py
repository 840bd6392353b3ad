"""What every drawing obeys besides its own options: names, title, note, legend, style, and the fonts that its letters need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any, TypeAlias
from unicodedata import name as letter_name

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.text import Text

from tienet.base.checks import checked_labels, flag, mapping, text
from tienet.base.errors import ArgumentError, MissingLetters, shown, warn
from tienet.base.naming import UNNAMED, Names
from tienet.base.numbers import listed
from tienet.base.record import Fixed
from tienet.network.reading.people import People
from tienet.output.figures.styles import Style, chosen_style
from tienet.output.known import refuse_misspelt_of
from tienet.regression.core.covariance_matrix import Covariance

Legend: TypeAlias = bool | str | None
COMMON = ("labels", "units", "unit", "title", "note", "legend", "style")
PLACES = tuple(f"{up} {side}" for up in ("upper", "center", "lower") for side in ("left", "center", "right"))
_INNER = ("fit", "model", "ties", "base", "surface", "vif")  # fields whose names a result without its own takes over
# Families that have many letters, looked at before all others.
_FIRST = ("Noto Sans CJK", "Noto Sans", "Source Han Sans", "Microsoft YaHei", "PingFang", "Hiragino", "WenQuanYi", "Arial Unicode MS")
_SCRIPTS = {"CJK": "Chinese characters", "HIRAGANA": "Japanese kana", "KATAKANA": "Japanese kana", "HANGUL": "Korean"}


@dataclass(frozen=True, slots=True)
class Look:
    """The common options of one drawing."""

    names: Names = UNNAMED
    title: str = ""
    note: bool = True
    legend: Legend = None
    style: Style = field(default_factory=Style)
    order: tuple[str, ...] = ()  # functions in the order of the people table, for their colours
    more: list[str] = field(default_factory=list)  # families beyond the style's own
    axes: list[Axes] = field(default_factory=list)  # drawn on, once the settings of matplotlib are those of the drawing
    said: list[str] = field(default_factory=list)  # the notes, also those not shown
    lacking: set[str] = field(default_factory=set)  # scripts without a font


_LOOK: ContextVar[Look | None] = ContextVar("look", default=None)


def look() -> Look:
    """The options of the drawing under way."""
    found = _LOOK.get()
    return Look(style=chosen_style(None)) if found is None else found


@contextmanager
def looked(result: Any, options: Mapping[str, Any]) -> Iterator[Look]:
    """Draw with these options; a drawing within another takes over what is not given."""
    outer = _LOOK.get()
    token = _LOOK.set(_made(result, options, outer))
    try:
        yield look()
        if outer is None:
            _warn_lacking(look())
    finally:
        _LOOK.reset(token)


def _made(result: Any, options: Mapping[str, Any], outer: Look | None) -> Look:
    names = names_of(result) | _named(result, options)
    order = tuple(name for name in names_of(result).labels)
    chosen = chosen_style(options.get("style", None if outer is None else outer.style))
    note, legend = options.get("note"), options.get("legend")
    if not (legend is None or isinstance(legend, bool) or legend in PLACES):
        raise ArgumentError(f"legend must be True, False or a place such as 'upper right', got {shown(legend)}")
    if note is not None:
        flag("note", note)
    title = text("title", options["title"]) if options.get("title") is not None else ""
    if outer is not None:
        note, legend = outer.note if note is None else bool(note), outer.legend if legend is None else legend
        names, order = outer.names | names, order or outer.order
        return replace(outer, names=names, title=title, note=note, legend=legend, style=chosen, order=order)
    return Look(names, title, chosen.note if note is None else bool(note), legend, chosen, order)


def _named(result: Any, options: Mapping[str, Any]) -> Names:
    """Names given with the call."""
    given = options.get("labels")
    labels = checked_labels(given) if not isinstance(given, bool) else {}
    units = {name: text(f"units[{name!r}]", unit) for name, unit in mapping("units", options.get("units")).items()}
    if options.get("unit") is not None:
        outcome = getattr(result, "outcome", None)
        if not isinstance(outcome, str):
            raise ArgumentError(
                f"unit is that of an outcome, which a {type(result).__name__} does not have; use units={{'column': 'unit'}}"
            )
        units[outcome] = text("unit", options["unit"])
    for argument, names in (("labels", labels), ("units", units)):
        refuse_misspelt_of(result, argument, names)
    return Names(Fixed(labels), Fixed(units))


def names_of(result: Any, depth: int = 2) -> Names:
    """The names that a result carries: of its model, or of the people table."""
    if isinstance(result, Mapping | list | tuple):
        found = UNNAMED
        for one in result.values() if isinstance(result, Mapping) else result:
            found = found | names_of(one, depth)
        return found
    if isinstance(covariance := getattr(result, "covariance", None), Covariance):
        return covariance.names
    if isinstance(called := getattr(result, "called", None), Names):
        return called
    people = result if isinstance(result, People) else getattr(result, "people", None)
    if isinstance(people, People):
        return Names(people.labels)
    labels, functions = getattr(result, "labels", None), getattr(result, "functions", None)
    if isinstance(labels, tuple) and isinstance(functions, tuple) and len(labels) == len(functions):
        named = dict(zip(functions, labels, strict=True))
        order = [name for name in getattr(result, "order", ()) if name in named]
        return Names(Fixed({name: named[name] for name in (*order, *(name for name in functions if name not in order))}))
    if isinstance(labels, Mapping) and labels:
        return Names(Fixed(dict(labels)))
    if depth and is_dataclass(result):
        inner = [getattr(result, one.name) for one in fields(result) if one.name in _INNER]
        return next((found for one in inner if (found := names_of(one, depth - 1)) != UNNAMED), UNNAMED)
    return UNNAMED


def place_of(function: str, otherwise: int) -> int:
    """The place of a function in the people table, which gives its colour and shape in every figure."""
    order = look().order
    return order.index(function) if function in order else otherwise


def families() -> list[str]:
    """The font families of the drawing under way."""
    found = look()
    return [*found.style.font, *found.more]


def has_letter(letter: str) -> bool:
    """Whether some font can draw the letter; the first one that does joins the drawing."""
    code, found = ord(letter), look()
    if any(code in _letters(family) for family in (*found.style.font, *found.more)):
        return True
    family = _family_with(code)
    if family is None:
        found.lacking.add(_script(letter))
        return False
    found.more.append(family)
    if found.axes:
        mpl.rcParams["font.family"] = families()  # within the drawing's own settings, which end with it
        for written in (text for ax in found.axes for text in ax.findobj(Text)):
            written.set_fontfamily(families())
    return True


@cache
def _letters(family: str) -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    return frozenset(get_font(findfont(FontProperties(family=[family]))).get_charmap())


@cache
def _family_with(code: int) -> str | None:
    """An installed family with this letter, those with many letters first."""
    from matplotlib.font_manager import fontManager, get_font

    def rank(name: str) -> tuple[int, str]:
        return next((place for place, start in enumerate(_FIRST) if name.startswith(start)), len(_FIRST)), name

    for entry in sorted(fontManager.ttflist, key=lambda entry: (rank(entry.name), entry.style != "normal", entry.fname)):
        if entry.name.startswith("Last Resort"):  # draws boxes for all letters
            continue
        try:
            if code in get_font(entry.fname).get_charmap():
                return entry.name
        except (OSError, RuntimeError):  # a font file that is gone or damaged
            continue
    return None


def _script(letter: str) -> str:
    first = letter_name(letter, "").partition(" ")[0]
    return _SCRIPTS.get(first, first.capitalize()) if letter.isalpha() and first else "signs"


def _warn_lacking(drawn: Look) -> None:
    if drawn.lacking:
        scripts = listed(sorted(drawn.lacking))
        warn(
            f"no installed font has the letters of some names ({scripts}), which are drawn as boxes; install one such as Noto Sans, or "
            "name it: plot(..., style=tienet.output.figures.style(font='...'))",
            MissingLetters,
        )
