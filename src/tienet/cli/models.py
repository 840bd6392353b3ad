"""The `fit` command: a moderated regression on a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tienet.base.errors import ArgumentError
from tienet.cli.options import in_options
from tienet.cli.session import JsonOption, QuietOption, examples, refuse_place, session

if TYPE_CHECKING:
    from tienet.output.tables.grid import Grid
    from tienet.regression.model.fit import ModerationFit
    from tienet.regression.model.generalised import GeneralisedFit

Delimiter = Annotated[str | None, typer.Option("--delimiter", help="Delimiter of a CSV file, if it is not detected correctly.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of a CSV file that is not UTF-8, such as cp1252.")]
Clusters = Annotated[list[str] | None, typer.Option("--cluster", metavar="COLUMN", help="Cluster column; repeat for two-way clusters.")]


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command(
        epilog=examples(
            "tienet fit data.csv --formula 'growth ~ tenure + ties*strength + ties^2'",
            "tienet fit data.csv --formula 'growth ~ ties*strength' --cluster team -o fit.csv",
            "tienet fit data.csv --formula 'won ~ ties*strength' --family logit",
        )
    )(fit)


def fit(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="One row per case: CSV, Excel, JSON, Parquet or Arrow.")],
    formula: Annotated[
        str, typer.Option("--formula", help="For example 'y ~ tenure + x*z + x^2' or 'y ~ log(x)*C(team)'; text columns are categorical.")
    ],
    covariance: Annotated[
        str | None,
        typer.Option("--covariance", help="Standard errors: HC3 (default), classical, ...; with --cluster: CR1 (default), CR2, ..."),
    ] = None,
    cluster: Clusters = None,
    weights: Annotated[str | None, typer.Option("--weights", help="Weight column.")] = None,
    family: Annotated[
        str | None,
        typer.Option("--family", help="Kind of outcome: logit, probit, poisson, negative_binomial, gamma or ordinal; linear by default."),
    ] = None,
    exposure: Annotated[str | None, typer.Option("--exposure", help="For counts: the column of time or size they came about in.")] = None,
    event: Annotated[str | None, typer.Option("--event", help="For yes-or-no outcomes in words: the value that counts as yes.")] = None,
    center: Annotated[str, typer.Option("--center", help="Centring of variables in products and squares: mean or none.")] = "mean",
    alpha: Annotated[float, typer.Option("--alpha", help="Significance level; 0.05 gives 95% intervals.")] = 0.05,
    delimiter: Delimiter = None,
    encoding: Encoding = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write the coefficients to a .csv, or to stdout with -. By default, print a readable table."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Estimate a moderated regression on a table."""
    from tienet.base.frames import rows
    from tienet.network.reading.small_tables import load_table
    from tienet.output.tables.records import table
    from tienet.regression.model.moderation import Moderation

    if out is not None:
        refuse_place(out)
    with session("fit", as_json=as_json, quiet=quiet) as say:
        groups = tuple(cluster or ())
        try:
            model = Moderation(
                formula,
                covariance=covariance,
                cluster=None if not groups else groups[0] if len(groups) == 1 else groups,  # type: ignore[arg-type]
                weights=weights,
                family=family,
                exposure=exposure,
                event=event,
                center=center,  # type: ignore[arg-type]
                alpha=alpha,
            )
        except ArgumentError as problem:
            raise typer.BadParameter(in_options(str(problem))) from None
        read = load_table(data, where="the data", encoding=encoding, delimiter=delimiter)
        fitted = model.fit({name: read.values(name) for name in read.names})
        summary = {
            "formula": str(fitted.formula),
            "covariance": fitted.covariance.kind,
            "n": fitted.n,
            "dropped": fitted.n_dropped,
            "missing": fitted.dropped,
            **fit_numbers(fitted),
        }
        if out is not None:
            say.give_table(fitted._columns(), out, summary, str(fitted))
            return
        say.note(str(fitted))
        say.give(*_aligned(table(fitted).grid, _centred(fitted)), **summary, coefficients=rows(fitted._columns()))


def fit_numbers(fitted: ModerationFit | GeneralisedFit) -> dict[str, float]:
    """How well a model fits: R2, or log-likelihood and AIC where there is none."""
    names = ("r_squared",) if hasattr(fitted, "r_squared") else ("log_likelihood", "aic")
    return {name: getattr(fitted, name) for name in names}


def _centred(fitted: ModerationFit) -> list[str]:
    """For each term, the value subtracted from its variable in products and squares, in words; "" if there is none."""
    from tienet.base.numbers import number

    inside = {name for term in fitted.design.terms if term.order > 1 for name in term.names}
    variables = {name: one for name, one in fitted.design.variables.items() if name in inside and one.factor is None and one.center}
    return [f" (centred at {number(variables[term].center)})" if term in variables else "" for term in fitted.terms]


def _aligned(grid: Grid, more: list[str]) -> list[str]:
    """The cells as aligned text columns, with more text behind the first cell of each row."""
    lines = [grid.header, *((row[0] + text, *row[1:]) for row, text in zip(grid.rows, more, strict=True))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))])
        for line in lines
    ]
