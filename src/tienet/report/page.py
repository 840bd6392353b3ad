"""The study as one self-contained page, and as a folder with figures and tables.

The page fetches nothing and, unless it is told to, names nobody: it holds counts, coefficients and figures, and people under pseudonyms.
"""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tienet import __version__
from tienet._files import PathSpec
from tienet._frames import Columns
from tienet._out import make_folder, write_csv, write_text
from tienet._record import counted, number, p_text
from tienet._time import day_text
from tienet.errors import ModelError
from tienet.figures import figure_svg, plot, save, sheet
from tienet.measures.functions import function_matrix
from tienet.measures.sensitivity import TieRuleSensitivity
from tienet.moderation import ModerationFit, drop_terms
from tienet.privacy import SuppressedMatrix, merge_small, pseudonym_key, small_functions, suppress
from tienet.probes import ResponseSurface, response_surface
from tienet.report.network import NetworkView, network_view, strength_words
from tienet.report.robustness import by_function, other_rules, rows, with_and_without
from tienet.report.texts import centring, methods, privacy_sheet, references
from tienet.tables import Descriptives, descriptives, step_fits
from tienet.ties import Ties
from tienet.wording import lower, term_label, visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tienet.study import Probes, StudyResult

CLAIM = (
    "tienet implements the model class of Claro & Ramos (2018) as its abstract describes it, and reproduces the form of its two "
    "interaction figures on simulated data with the sign pattern that the abstract reports; "
    "its estimates are not public and are not reproduced."
)


_TWO_LINES = "see also whether two straight lines, one on each side of the turn, slope in opposite directions"


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the page: its file name, its data URI, and what it says to those who cannot see it."""

    name: str
    uri: str
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """What of the network may be shown: small functions merged, small cells hidden."""

    ties: Ties
    matrix: SuppressedMatrix
    merged: tuple[str, ...]


def protected(result: StudyResult) -> Protected:
    """Merge functions below the study's floor, and hide cells below it."""
    ties = merge_small(result.ties, floor=result.study.floor)
    matrix = result.matrix if ties is result.ties else function_matrix(ties)
    return Protected(ties, suppress(matrix, floor=result.study.floor), small_functions(result.ties, result.study.floor))


def write_report(result: StudyResult, path: PathSpec, *, names: bool | None = None, key: bytes | None = None) -> Path:
    """Render the page and write it; returns where it is."""
    return write_text(path, render(result, names=names, key=key))


def save_study(result: StudyResult, folder: PathSpec) -> list[Path]:
    """Write report.html, figures/*.svg and *.png, and tables/*.csv; returns what was written."""
    place = make_folder(folder)
    rules = other_rules(result)
    written = [write_text(place / "report.html", _rendered(result, rules, names=None, key=None))]
    figures, tables = make_folder(place / "figures"), make_folder(place / "tables")
    shown = protected(result)
    for name, record in _records(result, shown).items():
        written += [save(_drawn(record), figures / f"{name}{ending}") for ending in (".svg", ".png")]
    return written + [write_csv(tables / f"{name}.csv", columns) for name, columns in _tables(result, shown, rules).items()]


def _drawn(record: Any) -> Axes:
    """A figure that no notebook shows. Terms differ in their units, so coefficients are drawn per standard deviation."""
    return plot(record, sheet(record), per="sd") if isinstance(record, ModerationFit) else plot(record, sheet(record))


def render(result: StudyResult, *, names: bool | None = None, key: bytes | None = None) -> str:
    """Give the page as text.

    Parameters
    ----------
    result
        What the study found.
    names
        Whether people are called by their names (column `name` of the people table, else their ids) instead of pseudonyms; what the study
        says, where left out.
    key
        The secret behind the pseudonyms, from `pseudonym_key`; a new one that is not kept, where left out.
    """
    return _rendered(result, other_rules(result), names=names, key=key)


def _rendered(result: StudyResult, rules: TieRuleSensitivity, *, names: bool | None, key: bytes | None) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    page = Environment(
        loader=PackageLoader("tienet"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What people typed into a label must not turn the direction of the words around it.
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
    )
    page.filters |= {
        "num": number,
        "p": p_text,
        "p_cell": lambda p: p_text(p).removeprefix("p ").removeprefix("= "),
        "fixed": lambda x, digits=3: f"{x:.{digits}f}",
        "rank": lambda x: "–" if np.isnan(x) else f"{x:.2f}",
        "count": lambda n: f"{n:,}",
        "pct": lambda x: f"{100 * x:.0f} %",
        "spoken": lambda text: _spoken(result, str(text)),
    }
    told = result.study.names if names is None else names
    style, script = _part_of_page("report.css"), _part_of_page("report.js")
    security = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    fixed = {"style": Markup(style), "script": Markup(script), "security": security}  # noqa: S704 - our own files
    return page.get_template("report.html").render(**fixed, **_context(result, rules, names=told, key=key or pseudonym_key()))


@cache
def _part_of_page(name: str) -> str:
    from importlib.resources import files

    return "\n" + files("tienet").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The name under which the page's security policy lets this one text through."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _data_block(view: NetworkView) -> Any:
    """The numbers of the picture as JSON that cannot end its script element."""
    from markupsafe import Markup

    numbers = {
        **view.numbers,
        "people": view.of_people,
        "levels": view.levels,
        "windows": view.windows,
        "labels": [mark.label for mark in view.marks],
        "members": [mark.members for mark in view.marks],
        "group": [mark.group for mark in view.marks],
        "x": [mark.x for mark in view.marks],
        "y": [mark.y for mark in view.marks],
        "groups": [group.label for group in view.groups],
    }
    text = json.dumps(numbers, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704 - nothing is left that HTML reads


def _records(result: StudyResult, shown: Protected) -> dict[str, Any]:
    """Everything that is drawn, by file name."""
    records: dict[str, Any] = {"function_matrix": shown.matrix, "ties": shown.ties}
    for name, probes in result.probes.items():
        records |= {f"interaction_{name}": probes.surface, f"floodlight_{name}": probes.region, f"curve_{name}": probes.turning}
        if (steering := _map(result, name)) is not None:
            records[f"map_{name}"] = steering
    return records | {"coefficients": result.fit}


def _map(result: StudyResult, name: str) -> ResponseSurface | None:
    """The outcome expected over total ties and tie strength; none where one of them takes but two values."""
    try:
        return response_surface(result.fit, focal=f"total_ties_{name}", moderator=f"tie_strength_{name}")
    except ModelError:
        return None


def _tables(result: StudyResult, shown: Protected, rules: TieRuleSensitivity) -> dict[str, Columns]:
    """Everything that is tabled, by file name."""
    tables: dict[str, Columns] = {
        "ledger": result.ties.ledger._columns(),
        "people_ledger": result.people.ledger._columns(),
        "function_matrix": shown.matrix._columns(),
        "descriptives": {name: values for name, values in _described(result)._columns().items() if name not in ("low", "high")},
        "steps": result.fit.steps._columns(),
        "coefficients": result.fit._columns(),
        "coefficients_without_quadratics": result.linear._columns(),
        "tie_rules": rules._columns(),
    }
    for name, probes in result.probes.items():
        tables |= {f"slopes_{name}": probes.slopes._columns(), f"regions_{name}": probes.region._columns()}
        tables |= {f"turning_point_{name}": probes.turning._columns(), f"u_test_{name}": probes.u._columns()}
    return tables


def _context(result: StudyResult, rules: TieRuleSensitivity, *, names: bool, key: bytes) -> dict[str, Any]:
    shown = protected(result)
    pictures = {name: _picture(result, name, record) for name, record in _records(result, shown).items()}
    fit = result.fit
    view = network_view(result, shown.ties, shown.matrix, key=key, names=names)
    return {
        "shown": shown,
        "view": view,
        "data_block": _data_block(view),
        "strength_words": strength_words(result),
        "named": names,
        "ties_each": _ties_each(shown.ties),
        "methods": methods(result),
        "references": references(result),
        "privacy": privacy_sheet(result, view, merged=[result.label(name) for name in shown.merged], names=names),
        "result": result,
        "study": result.study,
        "title": result.study.title,
        "version": __version__,
        "claim": CLAIM,
        "period": _period(result),
        "sample": _sample(result),
        "centring": centring(result),
        "summary": _summary(result),
        "ledger": rows(result.ties.ledger._columns()),
        "people_ledger": rows(result.people.ledger._columns()),
        "descriptives": _described(result),
        "names": [_label(result, name) for name in _described(result).names],
        "steps": rows(fit.steps._columns()),
        "regression": _regression(result),
        "parts": [_part(result, name, probes, pictures) for name, probes in result.probes.items()],
        "both": with_and_without(result),
        "rules": by_function(result, rules),
        "pictures": pictures,
        "f2": _f2(fit),
        "label": lambda term: _label(result, term),
    }


def _label(result: StudyResult, term: str) -> str:
    return term_label(term, result.people.labels)


def _spoken(result: StudyResult, text: str) -> str:
    """A sentence of a result with the names of columns, and of what a programmer would call next, in words."""
    fit = result.fit
    text = text.replace("look at two_lines as well", _TWO_LINES)
    for name in sorted({fit.outcome, *fit.variables}, key=len, reverse=True):
        text = text.replace(name, lower(_label(result, name)))
    return text[:1].upper() + text[1:]


def _ties_each(ties: Ties) -> str:
    """The distribution of ties per person in a sentence."""
    degree = np.bincount(np.concatenate([ties.a, ties.b]), minlength=len(ties.people))
    low, middle, high = np.quantile(degree, [0.25, 0.5, 0.75])
    none = int(np.sum(degree == 0))
    return f"Half of all people have between {low:g} and {high:g} ties, the one in the middle {middle:g}; {none:,} have none."


def _picture(result: StudyResult, name: str, record: Any) -> Picture:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a label in a script or an emoji that the font lacks
        encoded = base64.b64encode(figure_svg(_drawn(record)).encode()).decode()
    return Picture(name, f"data:image/svg+xml;base64,{encoded}", _spoken(result, str(record)))


def _period(result: StudyResult) -> str:
    window = result.ties.window
    if window is None:
        return "a log without times"
    return f"{day_text(window.start)} to {day_text(window.end - 1)}"


def _sample(result: StudyResult) -> list[str]:
    """From everyone in the function to the cases of the model, nobody lost."""
    cases, fit = result.cases, result.fit
    lines = [f"{cases.egos:,} people in {result.label(result.egos.of)}."]
    lines += [f"{count:,} without any tie to {result.label(name)}." for name, count in cases.no_ties.items() if count]
    if cases.without_outcome:
        lines.append(f"{cases.without_outcome:,} without a row in the outcomes table.")
    if cases.outcomes_of_others:
        lines.append(f"{counted(cases.outcomes_of_others, 'row')} of the outcomes table about people who are not studied here.")
    gaps = ", ".join(f"{lower(_label(result, name))} ({count:,})" for name, count in fit.dropped.items())
    left = f"; {counted(fit.n_dropped, 'person', 'people')} left out for a missing value in {gaps}" if gaps else ""
    lines.append(f"{counted(fit.n, 'person', 'people')} in the model{left}.")
    return lines


def _summary(result: StudyResult) -> list[str]:
    """What the figures show, in words that claim no more than a going together."""
    lines = []
    outcome = result.study.outcome.replace("_", " ")
    for name, probes in result.probes.items():
        slopes = probes.slopes
        low, high = (_leaning(slopes.estimate[at], slopes.p_value[at], result.study.alpha) for at in (0, -1))
        if low == high:
            found = f"at weak and at strong ties alike, one more tie goes with {low} {outcome}"
        else:
            found = f"where ties are weak, one more tie goes with {low} {outcome}; where they are strong, with {high}"
        lines.append(f"{result.label(name)}: {found}.")
    return lines


def _leaning(slope: float, p: float, alpha: float) -> str:
    if p >= alpha:
        return "neither clearly higher nor clearly lower"
    return "higher" if slope > 0 else "lower"


def _described(result: StudyResult) -> Descriptives:
    """Descriptives of the outcome and every number in the model, on the model's own cases; smallest and largest are one person's."""
    fit = result.fit
    values = {fit.outcome: fit.sample.response} | {name: variable.values for name, variable in fit.variables.items() if not variable.factor}
    return descriptives(values, list(values))


def _regression(result: StudyResult) -> dict[str, Any]:
    """The table in steps: one column a step, one row a term."""
    fits = step_fits(result.fit)
    columns = [{row["term"]: row for row in rows(fit._columns())} for fit in fits.values()]
    dfs = ", ".join(f"{fit.df:.1f}".removesuffix(".0") for fit in fits.values())
    return {
        "steps": list(fits),
        "dfs": dfs,
        "rows": [(_label(result, term), [column.get(term) for column in columns]) for term in result.fit.terms],
    }


def _part(result: StudyResult, name: str, probes: Probes, pictures: Mapping[str, Picture]) -> dict[str, Any]:
    return {
        "label": result.label(name),
        "name": name,
        "interaction": pictures[f"interaction_{name}"],
        "floodlight": pictures[f"floodlight_{name}"],
        "curve": pictures[f"curve_{name}"],
        "map": pictures.get(f"map_{name}"),
        "slopes": rows(probes.slopes._columns()),
        "region": probes.region,
        "regions": rows(probes.region._columns()),
        "turning": probes.turning,
        "u": probes.u,
    }


def _f2(fit: ModerationFit) -> Sequence[tuple[str, float]]:
    """Observed f2 of each product: what it adds to R2, over what the whole model leaves unexplained."""
    products = [term for term in fit.terms if ":" in term]
    return [(term, max(0.0, float((fit.r_squared - drop_terms(fit, [term]).r_squared) / (1.0 - fit.r_squared)))) for term in products]
