"""Write the report of a study as one self-contained page, or as a folder with figures and tables.

The page loads nothing from elsewhere. It contains counts, coefficients and figures, and people under pseudonyms unless names are requested.
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

from tienet import __version__
from tienet.base.numbers import cell, count, coverage, df_text, number, p_cell, p_text, percent
from tienet.base.paths import PathSpec
from tienet.base.wording import visible
from tienet.base.writing import make_folder, write_csv, write_text
from tienet.network.measures.tie_rules import TieRuleSensitivity
from tienet.network.privacy import pseudonym_key
from tienet.network.ties.strengths import find_strength
from tienet.output.figures.saving import figure_svg, save
from tienet.output.tables.regression import step_fits
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.refits import drop_terms
from tienet.study.page.contents import Protected, described, drawn, protected, records, tabled
from tienet.study.page.exports import export_parts, people_found
from tienet.study.page.network import NetworkView, network_view
from tienet.study.page.robustness import by_function, other_rules, rows, timed, with_and_without
from tienet.study.page.sentences import label, period, sample, spoken, summary, ties_each
from tienet.study.page.texts import centring, methods, privacy_sheet, references
from tienet.study.releasing import told_probes, told_rules, told_to

if TYPE_CHECKING:
    from tienet.study.findings import Probes, StudyFindings


CLAIM = (
    "tienet implements the model class of Claro & Ramos (2018) as described in its abstract, and reproduces the form of its two "
    "interaction figures on simulated data with the signs reported in the abstract. "
    "The estimates of the paper are not public and are not reproduced."
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure of the report: file name, data URI and alternative text."""

    name: str
    uri: str
    alt: str


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A drawn figure, used for both the page and the files."""

    record: Any
    axes: Any
    svg: str


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What the page and the folder have in common."""

    rules: TieRuleSensitivity | None
    shown: Protected
    figures: Mapping[str, Drawing]


def write_report(result: StudyFindings, path: PathSpec, *, names: bool | None = None, key: bytes | None = None) -> Path:
    """Write the report as one HTML file and return its path."""
    return write_text(path, render(result, names=names, key=key))


def save_study(result: StudyFindings, folder: PathSpec) -> list[Path]:
    """Write report.html, figures/*.svg and *.png, and tables/*.csv; return the paths written."""
    place = make_folder(folder)
    held = _contents(result)
    written = [write_text(place / "report.html", _rendered(result, held, names=None, key=None))]
    figures, tables = make_folder(place / "figures"), make_folder(place / "tables")
    for name, figure in held.figures.items():
        written += [write_text(figures / f"{name}.svg", figure.svg), save(figure.axes, figures / f"{name}.png")]
    return written + [write_csv(tables / f"{name}.csv", columns) for name, columns in tabled(result, held.shown, held.rules).items()]


def render(result: StudyFindings, *, names: bool | None = None, key: bytes | None = None) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    result
        The results of the study.
    names
        Whether to show people by name (column `name` of the people table, else their ids) instead of pseudonyms; by default as the study
        specifies.
    key
        The secret key behind the pseudonyms, from `pseudonym_key`; by default a new key that is not stored.
    """
    return _rendered(result, _contents(result), names=names, key=key)


def _contents(result: StudyFindings) -> Contents:
    shown = protected(result)
    rules = other_rules(result)
    if rules is not None:
        rules = told_rules(rules, result.study.floor, told_to(result, shown.matrix))
    return Contents(rules, shown, {name: _figure(record) for name, record in records(result, shown).items()})


def _figure(record: Any) -> Drawing:
    axes = drawn(record)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # characters that the font lacks
        return Drawing(record, axes, figure_svg(axes))


def _rendered(result: StudyFindings, held: Contents, *, names: bool | None, key: bytes | None) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    page = Environment(
        loader=PackageLoader("tienet.study.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Labels must not change the text direction of the words around them.
        finalize=lambda value: value if isinstance(value, Markup) else visible(str(value)),
    )
    page.filters |= {
        "num": number,
        "p": p_text,
        "p_cell": p_cell,
        "fixed": cell,
        "count": count,
        "percent": percent,
        "coverage": coverage,
        "df": df_text,
        "spoken": lambda text: spoken(result, str(text)),
    }
    told = result.study.names if names is None else names
    style, script = _part_of_page("report.css"), _part_of_page("report.js")
    security = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    fixed = {"style": Markup(style), "script": Markup(script), "security": security}  # noqa: S704 - the package's own files
    return page.get_template("report.html").render(**fixed, **_context(result, held, names=told, key=key or pseudonym_key()))


@cache
def _part_of_page(name: str) -> str:
    from importlib.resources import files

    return "\n" + files("tienet.study.page").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The hash with which the content security policy allows this style or script."""
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _data_block(view: NetworkView) -> Any:
    """The data of the network as JSON that cannot close its script element."""
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


def _context(result: StudyFindings, held: Contents, *, names: bool, key: bytes) -> dict[str, Any]:
    shown, fit = held.shown, result.fit
    pictures = {name: _picture(result, name, figure) for name, figure in held.figures.items()}
    view = network_view(result, shown.ties, shown.matrix, key=key, names=names)
    return {
        "shown": shown,
        "view": view,
        "data_block": _data_block(view),
        "strength": find_strength(result.egos.strength),
        "named": names,
        "ties_each": ties_each(shown.ties, result.study.floor),
        "methods": methods(result),
        "references": references(result),
        "privacy": privacy_sheet(result, view, merged=[result.label(name) for name in shown.merged], names=names),
        "result": result,
        "study": result.study,
        "title": result.study.title,
        "version": __version__,
        "claim": CLAIM,
        "period": period(result),
        "sample": sample(result),
        "centring": centring(result),
        "summary": summary(result),
        "ledger": rows(result.ties.ledger._columns()),
        "exports": export_parts(result),
        "people_found": people_found(result),
        "people_ledger": rows(result.people.ledger._columns()),
        "descriptives": described(result, shown),
        "names": [label(result, name) for name in described(result, shown).names],
        "steps": rows(fit.steps._columns()),
        "regression": _regression(result),
        "parts": [_part(result, name, probes, pictures) for name, probes in told_probes(result).items()],
        "both": with_and_without(result),
        "rules": by_function(result, held.rules),
        "timed": timed(result),
        "pictures": pictures,
        "f2": _f2(fit),
        "label": lambda term: label(result, term),
    }


def _picture(result: StudyFindings, name: str, figure: Drawing) -> Picture:
    encoded = base64.b64encode(figure.svg.encode()).decode()
    return Picture(name, f"data:image/svg+xml;base64,{encoded}", spoken(result, str(figure.record)))


def _regression(result: StudyFindings) -> dict[str, Any]:
    """The regression table: one column per step, one row per term."""
    fits = step_fits(result.fit)
    columns = [{row["term"]: row for row in rows(fit._columns())} for fit in fits.values()]
    dfs = ", ".join(df_text(fit.df) for fit in fits.values())
    return {
        "steps": list(fits),
        "dfs": dfs,
        "rows": [(label(result, term), [column.get(term) for column in columns]) for term in result.fit.terms],
    }


def _part(result: StudyFindings, name: str, probes: Probes, pictures: Mapping[str, Picture]) -> dict[str, Any]:
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
    """Observed f2 of each product: its increase in R2, divided by the variance the full model leaves unexplained."""
    products = [term for term in fit.terms if ":" in term]
    return [(term, max(0.0, float((fit.r_squared - drop_terms(fit, [term]).r_squared) / (1.0 - fit.r_squared)))) for term in products]
