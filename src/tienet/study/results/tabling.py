"""The tables of a study as files: those of a paper in four formats, the rest as CSV."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from pathlib import Path

from tienet.base.writing import write_sheet, write_text
from tienet.output.tables.descriptive_statistics import Descriptives
from tienet.output.tables.grid import Grid
from tienet.output.tables.regression import compare, step_fits
from tienet.output.tables.word import to_docx
from tienet.output.tables.write import to_html, to_latex, to_markdown
from tienet.study.language.reading import holds, say
from tienet.study.page.contents import described, tabled
from tienet.study.page.material import Material
from tienet.study.page.texts import centring
from tienet.study.words.written import begun, observed_outcome

_OF_PERSONS = ("Min", "Max")  # values of single people


def write_tables(material: Material, folder: Path) -> list[Path]:
    """Write the paper's tables as .docx, .tex, .html and .md, the others as .csv, and a list of them; return the paths."""
    written = [*_four(paper_grid(material), folder / "paper"), *_four(descriptives_grid(material), folder / "descriptives")]
    for name, columns in tabled(material.result, material.shown, material.rules).items():
        written.append(write_sheet(folder / f"{name}.csv", columns))
    return [*written, write_text(folder / "README.md", _readme(material, [one.name for one in written]))]


def paper_grid(material: Material) -> Grid:
    """The steps of the regression side by side, as on the page."""
    result = material.result
    fit, study = result.fit, result.study
    labels = {name: material.name(name) for name in (*fit.variables, *fit.terms)} | {study.outcome: observed_outcome(study)}
    labels |= {variable.factor: material.name(variable.factor) for variable in fit.variables.values() if variable.factor}
    fits = {f"{at} {_step(name)}": one for at, (name, one) in enumerate(step_fits(fit).items(), 1)}
    grid = compare(fits, labels=labels).grid
    # The exact means of ties, times the number of people, would be the counts of ties that the page hides.
    centred = f"Variables in products and squares {centring(result)}"
    return replace(grid, note=tuple(centred if said.startswith("Centred in products") else said for said in grid.note))


def _step(name: str) -> str:
    return say(f"page.steps.{name}") if holds(f"page.steps.{name}") else begun(name)


def descriptives_grid(material: Material) -> Grid:
    """Means, standard deviations and correlations, without the values of single people."""
    found: Descriptives = described(material.result, material.shown)
    grid = replace(found, labels={name: material.name(name) for name in found.names}).grid
    kept = [at for at, name in enumerate(grid.header) if name not in _OF_PERSONS]
    return replace(
        grid,
        header=tuple(grid.header[at] for at in kept),
        rows=tuple(tuple(row[at] for at in kept) for row in grid.rows),
        align="".join(grid.align[at] for at in kept),
    )


def _four(grid: Grid, path: Path) -> list[Path]:
    return [
        to_docx(grid, path.with_suffix(".docx")),
        write_text(path.with_suffix(".tex"), to_latex(grid)),
        write_text(path.with_suffix(".html"), _document(grid)),
        write_text(path.with_suffix(".md"), to_markdown(grid)),
    ]


def _document(grid: Grid) -> str:
    """The table as a document of its own, so that a browser knows its letters."""
    head = f'<meta charset="utf-8">\n<title>{escape(grid.title)}</title>'
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{to_html(grid)}</body>\n</html>\n'


def _readme(material: Material, names: list[str]) -> str:
    lines = [f"- `{name}`: {_about(material, name.partition('.')[0])}." for name in names]
    return "\n".join([f"# {say('tables.heading')}", "", *lines, "", say("tables.about")]) + "\n"


def _about(material: Material, name: str) -> str:
    """What a table holds, in one line."""
    if holds(f"tables.{name}"):
        return say(f"tables.{name}")
    functions = {f"_{function}": function for function in material.result.probes if name.endswith(f"_{function}")}
    ending = max(functions, key=len, default="")
    kind = name.removesuffix(ending)
    if not ending or not holds(f"tables.{kind}"):
        return begun(name.replace("_", " "))
    return say(f"tables.{kind}", function=material.label(functions[ending]))
