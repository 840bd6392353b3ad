"""Title and note of a regression table: each model's standard errors, scaling and rows, stated once if all models agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np

from tienet.base.numbers import UNKNOWN, cell, coverage, df_text
from tienet.base.wording import lower
from tienet.output.tables.column import ModelColumn
from tienet.output.tables.grid import label_of, legend
from tienet.regression.core.design import Design
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
        _grouped({column.name: _scale(column) for column in columns}),
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
        return f"df = {text}" if text[:1].isdigit() else text
    return f"df: {', '.join(f'{text} {_in_brackets(name)}' for name, text in texts.items() if text)}"


def _df_of(column: ModelColumn) -> str:
    df = column.numbers["df"]
    finite = df[np.isfinite(df)]
    if not len(finite):
        return "normal distribution, df not known" if np.isfinite(column.numbers["std_error"]).any() else ""
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
    bases = dict.fromkeys((variable.factor, variable.base) for variable in variables if variable.factor and variable.base)
    named = [f"{label_of(factor, labels)}: {base}" for factor, base in bases if factor and base]
    return f"reference {'category' if len(named) == 1 else 'categories'} {', '.join(named)}" if named else ""


def _cautions(column: ModelColumn) -> str:
    """What limits the errors of a model, as its fit warned."""
    model = column.model
    return "; ".join(f"caution: {said}" for said in model.cautions) if isinstance(model, ModerationFit) else ""


def _scale(column: ModelColumn) -> str:
    """A statement on z-scores and weights."""
    model = column.model
    if not isinstance(model, ModerationFit):
        return ""
    said = ["outcome and numeric variables as z-scores, their standard deviations taken as known"] if model.sample.standardised else []
    return "; ".join(said + ([f"weighted by {model.model.weights}"] if model.model.weights else []))
