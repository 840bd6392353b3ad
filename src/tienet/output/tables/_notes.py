"""Title and note of a regression table: each model's standard errors, scaling and rows, stated once if all models agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.numbers import UNKNOWN, cell, coverage, df_text, many_categories
from tienet.base.wording import lower
from tienet.output.tables.column import ModelColumn
from tienet.output.tables.grid import label_of, legend
from tienet.regression.core.covariance_matrix import CovarianceEstimator
from tienet.regression.core.design import Design
from tienet.regression.model.absorbed_fit import AbsorbedFit
from tienet.regression.model.fit import ModerationFit

Show: TypeAlias = Literal["std_error", "interval", "statistic", "p_value"]

_SHOWN = {
    "std_error": "Standard errors in parentheses",
    "interval": "Intervals in brackets",
    "statistic": "t statistics in parentheses",
    "p_value": "p-values in parentheses",
}


def title(columns: Sequence[ModelColumn], labels: Mapping[str, str]) -> str:
    """'Regression of sales growth'."""
    outcomes = {_outcome(column, labels) for column in columns}
    return f"Regression of {outcomes.pop()}" if len(outcomes) == 1 and "" not in outcomes else "Regression models"


def _outcome(column: ModelColumn, labels: Mapping[str, str]) -> str:
    name = getattr(column.model, "outcome", "")
    if not isinstance(name, str) or not name:
        return ""
    return labels[name] if name in labels else lower(label_of(name, {}))


def note(columns: Sequence[ModelColumn], labels: Mapping[str, str], show: Show, stars: Sequence[float], changed: bool) -> tuple[str, ...]:
    """The sentences of the note under the table."""
    outcomes = {column.name: _outcome(column, labels) for column in columns}
    bases = {column.name: _bases(column, labels) for column in columns}
    several = len(set(outcomes.values())) > 1
    unknown = any(np.isnan(column.numbers[name]).any() for column in columns for name in ("estimate", "std_error"))
    said = (
        _grouped({name: f"Outcome {outcome}" if outcome else "" for name, outcome in outcomes.items()}) if several else "",
        _SHOWN[show] + (_levels(columns) if show == "interval" else ""),
        _grouped({column.name: _errors(column) for column in columns}),
        _degrees(columns),
        _centring(columns, labels),
        _grouped({name: said for name, said in bases.items() if said}),
        _grouped({column.name: _scale(column, labels) for column in columns}),
        "ΔR² and its F compare with the column to the left" if changed else "",
        _grouped({column.name: said for column in columns if (said := _cautions(column))}),
        f"{UNKNOWN} = not known" if unknown else "",
        *legend(stars),
    )
    return tuple(filter(None, said))


def _grouped(said: Mapping[str, str]) -> str:
    """One sentence if all models agree, else each statement after the names of its models."""
    texts = dict.fromkeys(filter(None, said.values()))
    if len(texts) == 1 and all(said.values()):
        (text,) = texts
        return text[:1].upper() + text[1:] if text[1:2].islower() else text
    return "; ".join(f"{', '.join(name for name, own in said.items() if own == text)}: {text}" for text in texts)


def _levels(columns: Sequence[ModelColumn]) -> str:
    levels = {coverage(column.ask("alpha")) for column in columns if not np.isnan(column.ask("alpha"))}
    return f" ({', '.join(sorted(levels))})" if levels else ""


def _errors(column: ModelColumn) -> str:
    """'HC3 standard errors'."""
    covariance = column.covariance
    return "" if covariance is None else "standard errors not known" if covariance.kind == "unknown" else covariance.label


def _degrees(columns: Sequence[ModelColumn]) -> str:
    """'df = 81 (a), 73 (b)'."""
    texts = {column.name: _df_of(column) for column in columns}
    if len(set(texts.values())) == 1:
        (text,) = set(texts.values())
        return f"df = {text}" if text[:1].isdigit() else text[:1].upper() + text[1:]
    return f"df: {', '.join(f'{text} {_in_brackets(name)}' for name, text in texts.items() if text)}"


def _df_of(column: ModelColumn) -> str:
    df = column.numbers["df"]
    finite = df[np.isfinite(df)]
    if not len(finite):
        estimator = column.covariance.estimator if column.covariance else CovarianceEstimator()
        said = estimator.infinite_df.replace(" because df is not known", ", df not known")
        return said if np.isfinite(column.numbers["std_error"]).any() else ""
    low, high = df_text(float(finite.min())), df_text(float(finite.max()))
    return low if low == high else f"{low} to {high}"


def _in_brackets(name: str) -> str:
    return name if name.startswith("(") and name.endswith(")") else f"({name})"


def _centring(columns: Sequence[ModelColumn], labels: Mapping[str, str]) -> str:
    """The variables centred in products and squares, stated once if all models agree, else per model."""
    centers = {column.name: _centers(column) for column in columns}
    merged: dict[str, set[float]] = {}
    for own in centers.values():
        for name, center in own.items():
            merged.setdefault(name, set()).add(center)
    if all(len(values) == 1 for values in merged.values()):
        return _centred({name: min(values) for name, values in merged.items()}, labels)
    return _grouped({name: _centred(own, labels) or ("not centred" if own else "") for name, own in centers.items()})


def _centers(column: ModelColumn) -> dict[str, float]:
    """The value subtracted from each variable in a product or a square."""
    design = getattr(column.model, "design", None)
    if not isinstance(design, Design) or (isinstance(column.model, ModerationFit) and column.model.sample.standardised):
        return {}
    inside = {name for term in design.terms if term.order > 1 for name in term.names}
    return {name: variable.center for name, variable in design.variables.items() if name in inside and variable.factor is None}


def _centred(centers: Mapping[str, float], labels: Mapping[str, str]) -> str:
    named = [f"{label_of(name, labels)} (at {cell(center)})" for name, center in centers.items() if center]
    return f"Centred in products and squares: {', '.join(named)}" if named else ""


def _bases(column: ModelColumn, labels: Mapping[str, str]) -> str:
    """The reference categories of factors, such as 'reference category Region: north'."""
    design = getattr(column.model, "design", None)
    variables = design.variables.values() if isinstance(design, Design) else ()
    many = many_categories([variable.name for variable in variables])
    bases = dict.fromkeys((each.factor, each.base) for each in variables if each.factor and each.base and each.factor not in many)
    named = [f"{label_of(factor, labels)}: {base}" for factor, base in bases if factor and base]
    return f"reference {'category' if len(named) == 1 else 'categories'} {', '.join(named)}" if named else ""


def _cautions(column: ModelColumn) -> str:
    """What limits the errors of a model, as its fit warned."""
    model = column.model
    return "; ".join(f"caution: {said}" for said in getattr(model, "cautions", ()))


def _scale(column: ModelColumn, labels: Mapping[str, str]) -> str:
    """A statement on z-scores and weights, or on what is left of the terms within absorbed effects."""
    model = column.model
    if column.measured:
        return f"coefficients in {column.measured}"
    if isinstance(model, AbsorbedFit):
        return _within(model, labels)
    if not isinstance(model, ModerationFit):
        return ""
    said = ["outcome and numeric variables as z-scores, their standard deviations taken as known"] if model.sample.standardised else []
    return "; ".join(said + ([f"weighted by {model.covariance.names.spoken(model.model.weights)}"] if model.model.weights else []))


def _within(model: AbsorbedFit, labels: Mapping[str, str]) -> str:
    """Which terms were swallowed, what products are made of, and weights."""
    gone = f"no variation within the absorbed effects: {', '.join(label_of(name, labels) for name in model.swallowed)}"
    double = f"products are of deviations from the mean of each {lower(label_of(model.absorbed[0], labels))}"
    weighted = f"weighted by {model.covariance.names.spoken(model.model.weights or '')}"
    return "; ".join(
        said for said, there in ((gone, model.swallowed), (double, model.deviations), (weighted, model.model.weights)) if there
    )
