"""What every probe shares: the face of its result, where the other variables stand, and the values asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, choice
from tienet.base.errors import ArgumentError, ModelError, OutsideSupport, warn
from tienet.base.frames import Backend, Columns
from tienet.base.numbers import as_typed, df_text, level_text, n_text, range_text, value_text
from tienet.base.record import Fixed, Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.least_squares import estimate_columns, lincom
from tienet.regression.core.polynomial import Polynomial, Variable

Values: TypeAlias = Any  # a number, a sequence of numbers, the name of a rule, or a mapping {variable: one of these}
# How numpy's quantile takes each rule: PROCESS puts its percentiles at p (n + 1), which is type 6 of Hyndman & Fan.
RULES = {"sd": "", "percentiles": "linear", "process": "weibull"}
PERCENTILES = (16, 50, 84)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Probe(Record):
    """The part common to all results made from a model.

    Parameters
    ----------
    outcome, focal, moderator
        Names; the moderator is None where there is none.
    n, df, alpha
        Cases, degrees of freedom of every t (under CR2 each has its own; this is then the smallest of a coefficient), level.
    covariance
        The covariance of the model they come from, with its kind, degrees of freedom and clusters.
    held
        Values, on their own scale, at which the other variables that matter were held.
    backend
        The kind of frame `frame` gives.
    """

    outcome: str
    focal: str
    moderator: str | None
    n: int
    df: float
    alpha: float
    covariance: Covariance
    held: Mapping[str, float]
    backend: Backend

    def _works(self) -> tuple[str, ...]:
        return self.covariance._works()

    @property
    def level(self) -> str:
        """'p < .05'."""
        return level_text(self.alpha)

    def _tests(self) -> Columns:
        """The columns of the fields that `tested` makes."""
        names = ("estimate", "std_error", "statistic", "dfs", "p_value", "conf_low", "conf_high")
        return {"df" if name == "dfs" else name: getattr(self, name) for name in names}

    def _note(self) -> str:
        held = ", ".join(f"{name} = {value_text(value)}" for name, value in self.held.items())
        known = f", df = {df_text(self.df)}" if np.isfinite(self.df) else ", normal distribution since df is not known"
        df = f", {self.covariance.estimator.df_name} df" if self.covariance.own_df else known
        return f"Outcome {self.outcome}, {self.covariance.label}, {n_text(self.n)}{df}" + (f", with {held}" if held else "")


def common(surface: Polynomial, focal: str, moderator: str | None, alpha: float | None, held: Mapping[str, float]) -> dict[str, Any]:
    """Fields of `Probe`."""
    return {
        "outcome": surface.outcome,
        "focal": focal,
        "moderator": moderator,
        "n": surface.n,
        "df": surface.df,
        "alpha": level(surface, alpha),
        "covariance": surface.covariance,
        "held": Fixed(dict(held)),
        "backend": surface.backend,
    }


def level(surface: Polynomial, alpha: float | None) -> float:
    """Level asked for, or the model's."""
    return checked_level(surface.alpha if alpha is None else alpha)


def pair(surface: Polynomial, focal: str, moderator: str) -> tuple[Variable, Variable]:
    """Two variables, refused unless the slope of the one depends on the other.

    Raises
    ------
    ModelError
        For a name the model does not have, or when no term holds both.
    """
    first, second = surface.variable(focal), surface.variable(moderator)
    if second.name not in partners(surface, first.name):
        wanted = f"{first.name}^2" if first.name == second.name else f"{first.name}:{second.name}"
        raise ModelError(
            f"the slope of {first.name} does not depend on {second.name} in this model of {surface.outcome}; "
            f"add {wanted} to the formula, or choose another moderator"
        )
    return first, second


def partners(surface: Polynomial, focal: str) -> list[str]:
    """Variables on which the slope of the focal one depends, itself included where it is squared."""
    inside = [term for term in surface.terms if term.power(focal)]
    found = [name for term in inside for name in term.names if name != focal or term.power(focal) > 1]
    return list(dict.fromkeys(found))


def split_values(surface: Polynomial, moderator: str | None, at: Values) -> tuple[Values, dict[str, Values]]:
    """Split `at` into what it says about the moderator, and about the others (by the names of the model's variables)."""
    if not isinstance(at, Mapping):
        if at is not None and moderator is None:
            raise ArgumentError("at needs names where there is no moderator; write at={'variable': value}")
        return at, {}
    named: dict[str, Values] = {}
    for name, value in at.items():
        category = isinstance(value, str) and not (value in RULES and name in surface.variables)
        named |= _level_values(surface, name, value) if category else {surface.variable(name).name: value}
    return named.pop(moderator, None) if moderator else None, named


def _level_values(surface: Polynomial, factor: str, chosen: str) -> dict[str, float]:
    """Write a category as 0 and 1 for the dummies of its factor; the base is all 0."""
    dummies = surface.dummies(factor)
    if not dummies:
        raise ArgumentError(f"at[{factor!r}]={chosen!r} is a text, but {factor!r} is not categorical in this model; give a number")
    return {dummy.name: float(dummy.name == f"{factor}[{chosen}]") for dummy in dummies}


def numbers(name: str, values: Values) -> Vector:
    """One number or several, as a vector of finite numbers."""
    try:
        found = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"at: {values!r} is not a value of {name}; give a number or several") from None
    if found.size == 0 or not np.isfinite(found).all():
        raise ArgumentError(f"at: the values of {name} have to be finite numbers, at least one; got {values!r}")
    return found


def single(name: str, values: Values) -> float:
    """One number, where a probe holds a variable at one place."""
    found = numbers(name, values)
    if found.size > 1:
        raise ArgumentError(f"at: {name} has to be held at one value here, not {found.size}; call once for each")
    return float(found[0])


def placed(surface: Polynomial, others: Mapping[str, Values]) -> dict[str, float]:
    """One value each for variables that are held, with a warning where nobody in the data has it."""
    given = {name: single(name, values) for name, values in others.items()}
    for name, value in given.items():
        warn_outside(surface.variables[name], [value])
    return given


def ruled_values(variable: Variable, rule: str, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Values by the name of a rule: "sd", "percentiles" (numpy's type 7) or "process" (type 6); a two-valued variable at its values."""
    choice("at", rule, RULES)
    if rule == "sd" or variable.kind == "binary":
        return usual_values(variable, whole)
    if len(variable.values) == 0:
        raise ModelError(f"the percentiles of {variable.name} are not known without its cases; give its values, at=[...]")
    found = np.quantile(variable.values, [percent / 100 for percent in PERCENTILES], method=RULES[rule])  # type: ignore[call-overload]
    return found, tuple(f"{percent}th percentile" for percent in PERCENTILES)


def usual_values(variable: Variable, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Mean and one SD to either side (or only the two sides), a two-valued variable at its values."""
    if variable.kind == "binary":
        return np.array([variable.low, variable.high]), (as_typed(variable.low), as_typed(variable.high))
    if not np.isfinite([variable.mean, variable.sd]).all():
        raise ModelError(f"the mean and SD of {variable.name} are not both known; give its values in at=")
    steps, labels = ((-1.0, 0.0, 1.0), ("-1 SD", "mean", "+1 SD")) if whole else ((-1.0, 1.0), ("-1 SD", "+1 SD"))
    return variable.mean + np.array(steps) * variable.sd, labels


def chosen_values(variable: Variable, values: Values, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Values asked for, by number or by a rule's name, or the usual ones; a warning where they leave the data."""
    if values is None or isinstance(values, str):
        found, labels = ruled_values(variable, values or "sd", whole)
    else:
        found = numbers(variable.name, values)
        labels = tuple(map(as_typed, found))
    warn_outside(variable, found)
    return found, labels


def warn_outside(variable: Variable, values: Iterable[float]) -> None:
    """Say which values nobody in the data has."""
    slack = 1e-12 * max(abs(variable.low), abs(variable.high))
    far = [value for value in values if value < variable.low - slack or value > variable.high + slack]
    if far:
        shown = ", ".join(value_text(value) for value in far[:4])
        observed = range_text(variable.low, variable.high)
        warn(f"{variable.name} = {shown} lies outside the observed range {observed}: an extrapolation", OutsideSupport)


def standing(surface: Polynomial, given: Mapping[str, float], moderator: str | None = None) -> dict[str, float]:
    """Where every variable stands: where it was put, else at its mean (a dummy: its share).

    The other dummies of a factor of which one was put somewhere stand at 0, since a case has one category.
    """
    touched = {surface.variables[name].factor for name in (*given, *([moderator] if moderator else []))} - {None}
    rest = {name: 0.0 if variable.factor in touched else variable.mean for name, variable in surface.variables.items()}
    return {**rest, **given}


def held_values(surface: Polynomial, focal: str, moderator: str | None, point: Mapping[str, float]) -> dict[str, float]:
    """Values that matter for the slope of the focal variable, besides the moderator's."""
    return {name: point[name] for name in partners(surface, focal) if name != moderator}


def only_errors(surface: Polynomial, rows: Vector) -> bool:
    """Whether the rows need a covariance that is not known while all the variances they need are."""
    used = rows.any(axis=0)
    part = surface.matrix[np.ix_(used, used)]
    return bool(np.isnan(part).any() and np.isfinite(np.diag(part)).all())


def tested(surface: Polynomial, rows: Vector, alpha: float) -> dict[str, Any]:
    """Estimate, error, t, p and interval of every combination L'b, L a row, each with its own degrees of freedom."""
    return tested_with(*lincom(rows, surface.estimate, surface.matrix), surface.df_of(rows), alpha)


def tested_with(estimate: Vector, std_error: Vector, df: Vector, alpha: float) -> dict[str, Any]:
    """The fields of a record that a table of estimates has, read-only; degrees of freedom are called `dfs` there."""
    columns = estimate_columns(estimate, std_error, df, alpha)
    return {{"df": "dfs"}.get(name, name): locked(values) for name, values in columns.items()}
