"""Shared parts of the probes: the base class of their results, and the values at which variables are held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

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
from tienet.regression.core.response import LINEAR, Response, Scale

Values: TypeAlias = Any  # a number, a sequence of numbers, the name of a rule, or a mapping {variable: one of these}
# numpy's name of each rule: PROCESS takes its percentiles at p (n + 1), type 6 of Hyndman & Fan
RULES = {"sd": "", "percentiles": "linear", "process": "weibull"}
PERCENTILES = (16, 50, 84)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Probe(Record):
    """Base of all results computed from a model.

    Parameters
    ----------
    outcome, focal, moderator
        Names of variables; the moderator is None if there is none.
    n, df, alpha
        Number of observations, degrees of freedom of every t (under CR2, where each t has its own, the smallest of a coefficient), and
        significance level.
    covariance
        Covariance of the model, with its kind, degrees of freedom and clusters.
    held
        Values, on their own scale, at which the other variables that matter were held.
    backend
        Kind of data frame that `frame` returns.
    base
        Base category if the focal variable is a dummy, whose slope is a difference from it; else None.
    response, scale
        The outcome's scale in the model, and whether the numbers are on the scale of its link or of the expected outcome.
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
    base: str | None = None
    response: Response = LINEAR
    scale: Scale = "link"

    def _works(self) -> tuple[str, ...]:
        return self.covariance._works()

    @property
    def level(self) -> str:
        """'p < .05'."""
        return level_text(self.alpha)

    @property
    def measured(self) -> str:
        """What the numbers measure, 'log odds of won' or 'probability of won'; empty for a linear model."""
        return self.response.on_link if self.scale == "link" else self.response.on_response

    @property
    def _on(self) -> str:
        """' on the log-odds scale'; empty for a linear model and for numbers on the scale of the expected outcome."""
        link = self.response.link
        return "" if link.is_identity or self.scale == "response" else f" on the {link.scale}"

    @property
    def _expected(self) -> str:
        """'Expected sales' of a linear model; 'Log odds of won' or 'Probability of won' of others."""
        return f"{self._measured[0].upper()}{self._measured[1:]}" if self.measured else f"Expected {self._outcome}"

    @property
    def _measured(self) -> str:
        """What the numbers measure, with the outcome by its label."""
        return self.measured.replace(self.outcome, self._outcome)

    def _tests(self) -> Columns:
        """Columns of the fields that `tested` returns."""
        names = ("estimate", "std_error", "statistic", "dfs", "p_value", "conf_low", "conf_high")
        return {"df" if name == "dfs" else name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        held = f", with {self.held_words}" if self.held else ""
        return f"{self.sentence} {self.setting}{held}."

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        raise NotImplementedError

    @property
    def setting(self) -> str:
        """Outcome, errors and sample: the same for all probes of a model."""
        known = f", df = {df_text(self.df)}" if np.isfinite(self.df) else f", {self.covariance.estimator.infinite_df}"
        df = f", {self.covariance.estimator.df_name} df" if self.covariance.own_df else known
        return f"Outcome {self._outcome}, {self.covariance.label}, {n_text(self.n)}{df}"

    @property
    def held_words(self) -> str:
        """The other variables that matter with their values: "ties = 4.2"; empty without any."""
        return ", ".join(f"{self._word(name)} = {value_text(value)}" for name, value in self.held.items())

    @property
    def _outcome(self) -> str:
        return self._word(self.outcome)

    @property
    def _focal(self) -> str:
        """The focal variable in a sentence; a dummy with its base, 'g: meet less chat' for ``g[meet]``."""
        word = self._word(self.focal)
        if self.base is None:
            return word
        factor, _, category = self.focal.partition("[")
        return f"{f'{factor}: {category[:-1]}' if word == self.focal else word} less {self.base}"

    @property
    def _moderator(self) -> str:
        return self._word(self.moderator)

    def _word(self, name: str | None) -> str:
        """A variable or term by its label, if the model has one."""
        return self.covariance.names.spoken(name or "")


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
        "base": surface.variables[focal].base if focal in surface.variables else None,
        "response": surface.response,
    }


def on_response(surface: Polynomial, scale: Scale) -> bool:
    """Whether results are asked for on the scale of the expected outcome, and it differs from that of the link."""
    choice("scale", scale, get_args(Scale))
    return scale == "response" and not surface.response.link.is_identity


def level(surface: Polynomial, alpha: float | None) -> float:
    """Return the level given, or the model's."""
    return checked_level(surface.alpha if alpha is None else alpha)


def pair(surface: Polynomial, focal: str, moderator: str, *, columns: bool = False) -> tuple[Variable, Variable]:
    """Return two variables, checking that the slope of the first depends on the second; with `columns`, also columns behind transforms.

    Raises
    ------
    ModelError
        If a name is not in the model, or no term contains both.
    """
    found = surface.column if columns else surface.variable
    first, second = found(focal), found(moderator)
    if not set(surface.moved_by(second.name)) & set(partners(surface, first.name)):
        wanted = f"{first.name}^2" if first.name == second.name else f"{first.name}:{second.name}"
        raise ModelError(
            f"the slope of {first.name} does not depend on {second.name} in this model of {surface.outcome}; "
            f"add {wanted} to the formula, or choose another moderator"
        )
    return first, second


def partners(surface: Polynomial, focal: str) -> list[str]:
    """Variables on which the slope of the focal one depends, including itself if it is squared or a column behind a transform."""
    moved = surface.moved_by(focal)
    curved = [name for name, how in moved.items() if how]
    found = [
        name for one in moved for term in surface.terms if (power := term.power(one)) for name in term.names if name != one or power > 1
    ]
    return list(dict.fromkeys([*found, *curved]))


def split_values(surface: Polynomial, moderator: str | None, at: Values) -> tuple[Values, dict[str, Values]]:
    """Split `at` into the part for the moderator and the part for the others (by the names of the model's variables)."""
    if not isinstance(at, Mapping):
        if at is not None and moderator is None:
            raise ArgumentError("at must name its variables if there is no moderator; write at={'variable': value}")
        return at, {}
    named: dict[str, Values] = {}
    for name, value in at.items():
        category = isinstance(value, str) and not (value in RULES and surface.moved_by(name))
        named |= _level_values(surface, name, value) if category else {surface.column(name).name: value}
    return named.pop(moderator, None) if moderator else None, named


def _level_values(surface: Polynomial, factor: str, chosen: str) -> dict[str, float]:
    """Write a category as zeros and ones of its factor's dummies; the base is all 0."""
    dummies = surface.dummies(factor)
    if not dummies:
        raise ArgumentError(f"at[{factor!r}]={chosen!r} must be a number: {factor!r} is not categorical in this model")
    return {dummy.name: float(dummy.name == f"{factor}[{chosen}]") for dummy in dummies}


def numbers(name: str, values: Values) -> Vector:
    """Convert one number or several to a vector, checking that all are finite."""
    try:
        found = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError(f"at: the values of {name} must be numbers, got {values!r}") from None
    if found.size == 0 or not np.isfinite(found).all():
        raise ArgumentError(f"at: the values of {name} must be finite numbers, at least one, got {values!r}")
    return found


def single(name: str, values: Values) -> float:
    """Convert a value to one number, for a variable held at one value."""
    found = numbers(name, values)
    if found.size > 1:
        raise ArgumentError(f"at: {name} must be held at one value here, got {found.size}; call once for each value")
    return float(found[0])


def placed(surface: Polynomial, others: Mapping[str, Values]) -> dict[str, float]:
    """Return one value for each variable held, with a warning for values outside the data."""
    given = {name: single(name, values) for name, values in others.items()}
    for name, value in given.items():
        warn_outside(surface.column(name), [value])
    return given


def ruled_values(variable: Variable, rule: str, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Values by rule: "sd", "percentiles" (type 7, numpy's default) or "process" (type 6); both values of a two-valued variable."""
    choice("at", rule, RULES)
    if rule == "sd" or variable.kind == "binary":
        return usual_values(variable, whole)
    if len(variable.values) == 0:
        raise ModelError(f"the percentiles of {variable.name} are not known without its data; give its values, at=[...]")
    found = np.quantile(variable.values, [percent / 100 for percent in PERCENTILES], method=RULES[rule])  # type: ignore[call-overload]
    return found, tuple(f"{percent}th percentile" for percent in PERCENTILES)


def usual_values(variable: Variable, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Mean and one SD to either side (or only the two sides); both values of a two-valued variable."""
    if variable.kind == "binary":
        ends = np.array([variable.low, variable.high])
        if variable.factor and variable.base:  # 0 is the base and 1 the category of the dummy
            return ends, (variable.base, variable.name[len(variable.factor) + 1 : -1])
        return ends, (as_typed(variable.low), as_typed(variable.high))
    if not np.isfinite([variable.mean, variable.sd]).all():
        raise ModelError(f"the mean and SD of {variable.name} are not both known; give its values in at=")
    steps, labels = ((-1.0, 0.0, 1.0), ("-1 SD", "mean", "+1 SD")) if whole else ((-1.0, 1.0), ("-1 SD", "+1 SD"))
    return variable.mean + np.array(steps) * variable.sd, labels


def chosen_values(variable: Variable, values: Values, whole: bool = True) -> tuple[Vector, tuple[str, ...]]:
    """Values given as numbers or by the name of a rule, or the usual ones; warns if they lie outside the data."""
    if values is None or isinstance(values, str):
        found, labels = ruled_values(variable, values or "sd", whole)
    else:
        found = numbers(variable.name, values)
        labels = tuple(map(as_typed, found))
    warn_outside(variable, found)
    return found, labels


def warn_outside(variable: Variable, values: Iterable[float]) -> None:
    """Warn about values outside the observed range."""
    slack = 1e-12 * max(abs(variable.low), abs(variable.high))
    far = [value for value in values if value < variable.low - slack or value > variable.high + slack]
    if far:
        shown = ", ".join(value_text(value) for value in far[:4])
        observed = range_text(variable.low, variable.high)
        verb = "lies" if len(far) == 1 else "lie"
        warn(f"{variable.name} = {shown} {verb} outside the observed range {observed}: this is an extrapolation", OutsideSupport)


def standing(surface: Polynomial, given: Mapping[str, float], moderator: str | None = None) -> dict[str, float]:
    """Return a value for every variable: the one given, else its mean (for a dummy its share).

    If one dummy of a factor was given a value, the others are 0, because an observation has only one category. A transformed variable
    stands where its column does, which then has a value too.
    """
    chosen = (*given, *([moderator] if moderator else []))
    touched = {surface.variables[name].factor for name in chosen if name in surface.variables} - {None}
    rest = {name: 0.0 if variable.factor in touched else variable.mean for name, variable in surface.variables.items()}
    return {**rest, **given, **surface.settled(given)}


def held_values(surface: Polynomial, focal: str, moderator: str | None, point: Mapping[str, float]) -> dict[str, float]:
    """Values that matter for the slope of the focal variable, other than the moderator's; columns stand for their transforms."""
    moved = surface.moved_by(moderator) if moderator else {}
    return shown_values(surface, {name: point[name] for name in partners(surface, focal) if name not in moved}, point)


def shown_values(surface: Polynomial, chosen: Mapping[str, float], point: Mapping[str, float]) -> dict[str, float]:
    """Some values of a point, with the columns in place of the transforms that follow them."""
    names = [of if (of := surface.variables[name].of) in point else name for name in chosen]
    return {str(name): point[str(name)] for name in names}


def only_errors(surface: Polynomial, rows: Vector) -> bool:
    """Whether the rows need a covariance that is not known while all variances they need are known."""
    used = rows.any(axis=0)
    part = surface.matrix[np.ix_(used, used)]
    return bool(np.isnan(part).any() and np.isfinite(np.diag(part)).all())


def tested(surface: Polynomial, rows: Vector, alpha: float) -> dict[str, Any]:
    """Estimate, error, t, p and interval of every combination L'b, with L a row, each with its own degrees of freedom."""
    return tested_with(*lincom(rows, surface.estimate, surface.matrix), surface.df_of(rows), alpha)


def tested_with(estimate: Vector, std_error: Vector, df: Vector, alpha: float) -> dict[str, Any]:
    """Fields of a result from a table of estimates, read-only; its degrees of freedom are called `dfs`."""
    columns = estimate_columns(estimate, std_error, df, alpha)
    return {{"df": "dfs"}.get(name, name): locked(values) for name, values in columns.items()}
