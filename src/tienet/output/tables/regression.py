"""Regression tables: models in columns, terms in rows, and fit statistics below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

import numpy as np

from tienet.base.checks import checked_labels, choice, flag
from tienet.base.errors import ArgumentError
from tienet.base.frames import Columns
from tienet.base.numbers import bare, category_of, cell, count, counted, df_text, many_categories, p_cell
from tienet.base.wording import names_in
from tienet.output.known import refuse_misspelt_of
from tienet.output.tables._notes import Show, note, title
from tienet.output.tables.column import NUMBERS, ModelColumn, StepChange, change, read_column
from tienet.output.tables.grid import STARS, Grid, checked_digits, checked_stars, clean, label_of, starred
from tienet.output.tables.printing import Table
from tienet.regression.model.fit import ModerationFit, least_squares_fit
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.refits import drop_terms

__all__ = ["compare", "step_fits"]


def compare(
    models: Mapping[str, Any],
    *,
    labels: Mapping[str, str] | None = None,
    show: Show = "std_error",
    stars: Sequence[float] = STARS,
    digits: int = 3,
    criteria: bool = False,
) -> Table:
    r"""Compare models side by side in a table for publication.

    The categories of a column that has more than 20, such as persons, are one line that says how many there are.

    Below the coefficients are n, the rows dropped, R2 and adjusted R2; for absorbed effects their columns and the R2 within; for a model
    with a family, log-likelihood and AIC instead. If a model of least squares contains all terms of the previous one and uses the same
    rows, the change in R2 and the test of the added terms follow, with the covariance of the larger model:

    .. math:: \Delta R^2 = R^2_m - R^2_{m-1}, \qquad F = b_2' V_{22}^{-1} b_2 / q

    Parameters
    ----------
    models
        Column name -> model: fits, published models, or any object whose `frame` has a row per term (term, estimate, std_error,
        statistic, df, p_value, conf_low, conf_high). `step_fits` gives the steps of a fit.
    labels
        Labels for variables or whole terms: ``{"total_ties_marketing": "Total ties, marketing"}``; those of products and squares are
        made from them. They come before the `labels` of the models. Other names are put into words automatically.
    show
        Shown below each estimate: "std_error", "interval", "statistic" (t) or "p_value".
    stars
        Levels of p below which an estimate gets another star; () for no stars.
    digits
        Decimals; a number that would round to zero keeps three significant digits.
    criteria
        Whether to show AIC and BIC.

    Returns
    -------
    Table
        With `.markdown()`, `.html()`, `.latex()` and `.docx(path)`. Its frame has the numbers of all models, one row per model and term.
        A blank cell is a term not in the model; "–" is a number that is not known.

    Raises
    ------
    ArgumentError
        If there are no models, an object has no terms, or an option is not known.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.4, 2.9, 4.2, 4.8, 6.1], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 1, 0, 0, 1]}
    >>> fits = {name: Moderation(formula, covariance="classical").fit(data) for name, formula in (("(1)", "y ~ x"), ("(2)", "y ~ x + z"))}
    >>> print("\n".join(compare(fits, labels={"x": "Ties"}).markdown().splitlines()[2:8]))
    |  | (1) | (2) |
    | --- | ---: | ---: |
    | Intercept | 0.167 | 0.109 |
    |  | (0.218) | (0.247) |
    | Ties | 0.971\*\*\* | 0.967\*\*\* |
    |  | (0.056) | (0.060) |
    """
    if not isinstance(models, Mapping) or not models:
        raise ArgumentError('compare needs models by name: compare({"(1)": fit1, "(2)": fit2})')
    choice("show", show, get_args(Show))
    flag("criteria", criteria)
    columns = [read_column(clean(name), model) for name, model in models.items()]
    carried = {name: label for column in columns for name, label in column.labels.items()}
    spoken, levels, places = carried | checked_labels(labels), checked_stars(stars), checked_digits(digits)
    terms = _terms(columns)
    refuse_misspelt_of(models, "labels", checked_labels(labels), {*carried, *(name for term in terms for name in (term, *names_in(term)))})
    many = many_categories(terms)
    kept = [term for term in terms if category_of(term) not in many]
    body = [line for term in kept for line in _lines(term, columns, spoken, show, levels, places)]
    body += [_of_many(name, columns, spoken) for name in many]
    changes = [change(before, column) for before, column in zip([None, *columns], columns, strict=False)]
    foot = _foot(columns, changes, criteria, spoken)
    grid = Grid(
        title=title(columns, spoken),
        header=("", *(column.name for column in columns)),
        rows=(*body, *foot),
        note=note(columns, spoken, show, levels, any(changes)),
        align="l" + "r" * len(columns),
        foot=len(body) if foot else None,
    )
    works = tuple(dict.fromkeys(key for column in columns for key in column.works))
    return Table(grid, _stacked(columns), f"Regression table of {counted(len(columns), 'model')} and {counted(len(terms), 'term')}", works)


def step_fits(fit: ModerationFit | GeneralisedFit) -> Mapping[str, Any]:
    """Fit the model of each step, all on the rows of the full model: step -> fit.

    A first step without terms is omitted.

    Parameters
    ----------
    fit
        The fit of a `Moderation`, also one with a family.

    Examples
    --------
    >>> import tienet as tn
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> list(step_fits(tn.Moderation("y ~ x*z", covariance="classical").fit(data)))
    ['main', 'interactions']
    """
    steps: Any = fit.steps if isinstance(fit, GeneralisedFit) else least_squares_fit(fit, "step_fits").steps
    fits: dict[str, Any] = {}
    for place, name in enumerate(steps.step):
        later = [term for added in steps.terms[place + 1 :] for term in added]
        fits[name] = drop_terms(fit, _sources(fit, later)) if later else fit
    return fits


def _sources(fit: ModerationFit | GeneralisedFit, terms: Sequence[str]) -> list[str]:
    """The formula terms behind design columns: `region` for `region[North]`."""
    source = {str(term): str(origin) for term, origin in zip(fit.design.terms, fit.design.sources, strict=True)}
    return list(dict.fromkeys(source[term] for term in terms))


def _terms(columns: Sequence[ModelColumn]) -> tuple[str, ...]:
    """All terms in the order of the largest model, then those only in other models."""
    ordered = sorted(columns, key=lambda column: -len(column.terms))
    return tuple(dict.fromkeys(term for column in ordered for term in column.terms))


def _lines(
    term: str, columns: Sequence[ModelColumn], labels: Mapping[str, str], show: Show, levels: Sequence[float], digits: int
) -> list[tuple[str, ...]]:
    """Two rows of cells: the estimates, and below them what `show` asks for."""
    upper, under = [label_of(term, labels)], [""]
    for column in columns:
        if term not in column.terms:
            upper.append("")
            under.append("")
            continue
        at = {name: float(values[column.terms.index(term)]) for name, values in column.numbers.items()}
        upper.append(cell(at["estimate"], digits) + starred(at["p_value"], levels))
        under.append(_under(at, show, digits))
    return [tuple(upper), tuple(under)]


def _under(at: Mapping[str, float], show: Show, digits: int) -> str:
    if show == "interval":
        return f"[{cell(at['conf_low'], digits)}, {cell(at['conf_high'], digits)}]"
    return f"({p_cell(at['p_value']) if show == 'p_value' else cell(at[show], digits if show == 'std_error' else 2)})"


def _of_many(name: str, columns: Sequence[ModelColumn], labels: Mapping[str, str]) -> tuple[str, ...]:
    """The line that stands for a column with many categories."""
    counts = [sum(category_of(term) == name and ":" not in term.partition("[")[0] for term in column.terms) for column in columns]
    return (label_of(name, labels), *(f"{count + 1} categories" if count else "" for count in counts))


def _foot(
    columns: Sequence[ModelColumn], changes: Sequence[StepChange | None], criteria: bool, labels: Mapping[str, str]
) -> list[tuple[str, ...]]:
    """The rows of fit statistics; rows that no model can fill are omitted."""
    lines: list[tuple[str, ...]] = [
        _line("n", columns, "n", count),
        _line("Rows dropped", columns, "n_dropped", count),
        ("Effects absorbed", *(", ".join(label_of(name, labels) for name in column.absorbed) for column in columns)),
        ("Products", *("double-demeaned" if column.double_demeaned else "" for column in columns)),
        _line("Within R²", columns, "within_r_squared", lambda value: bare(value, 3)),
        _line("R²", columns, "r_squared", lambda value: bare(value, 3)),
        _line("Adjusted R²", columns, "adj_r_squared", lambda value: bare(value, 3)),
        ("ΔR²", *("" if step is None else bare(step.r_squared, 3) for step in changes)),
        ("F of ΔR² (df)", *("" if step is None else f"{cell(step.f, 2)} ({df_text(step.df1)}, {df_text(step.df2)})" for step in changes)),
        ("p of ΔR²", *("" if step is None else p_cell(step.p_value) for step in changes)),
    ]
    likely = [isinstance(column.model, GeneralisedFit) for column in columns]
    if any(likely):
        lines.append(_line("Log likelihood", columns, "log_likelihood", lambda value: cell(value, 2), likely))
    shown = ("aic", "bic") if criteria else ("aic",) if any(likely) else ()
    lines += [_line(name.upper(), columns, name, lambda value: cell(value, 2), None if criteria else likely) for name in shown]
    return [line for line in lines if any(line[1:])]


def _line(
    label: str, columns: Sequence[ModelColumn], what: str, write: Callable[[float], str], only: Sequence[bool] | None = None
) -> tuple[str, ...]:
    values = [column.ask(what) if shown else np.nan for column, shown in zip(columns, only or [True] * len(columns), strict=True)]
    return (label, *("" if np.isnan(value) else write(value) for value in values))


def _stacked(columns: Sequence[ModelColumn]) -> Columns:
    """The numbers of all models, stacked."""
    names = [column.name for column in columns for _ in column.terms]
    terms = [term for column in columns for term in column.terms]
    numbers = {name: np.concatenate([column.numbers[name] for column in columns]) for name in NUMBERS}
    return {"model": np.array(names, dtype=object), "term": np.array(terms, dtype=object), **numbers}
