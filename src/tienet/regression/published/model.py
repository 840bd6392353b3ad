"""A model rebuilt from a published table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level, choice, mapping, names
from tienet.base.errors import ModelError, offer
from tienet.base.frames import Columns
from tienet.base.numbers import df_text, listed, n_text, number
from tienet.base.record import Fixed, Record, locked
from tienet.regression.core.covariance_matrix import Covariance
from tienet.regression.core.formula import Term
from tienet.regression.core.least_squares import estimate_columns
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.published._matrix import cases, check_covariance, finite, half_units, placed, read_matrix, read_term
from tienet.regression.published._printed_errors import derived_errors

__all__ = ["PublishedModel"]


Known: TypeAlias = Literal["covariance", "errors", "nothing"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PublishedModel(Record):
    r"""A moderated regression rebuilt from a published table, for use with every probe and figure.

    With the covariance of the coefficients, all probes are as from the original fit. With standard errors only, a slope has an error
    between :math:`|s_1 - |z| s_3|` and :math:`s_1 + |z| s_3` (z from the center), and results show what holds for any covariance. With
    neither, there are only estimates and lines.

    Parameters
    ----------
    coefficients
        {term: coefficient}; write products "x:z", squares "x^2", also "x:z:w" and "x^2:z". Use None for a coefficient that is not printed,
        0 for a term that the model left out.
    covariance
        {("x", "x"): v, ("x", "x:z"): v, ...}, each pair once, or a square data frame labelled by the terms. A result needs only the entries
        that enter it.
    std_errors
        {term: standard error}.
    t_values, p_values
        {term: t} or {term: two-sided p} for terms whose standard error is not printed; it is computed from the coefficient and, for p, df.
    means, sds, ranges
        {variable: mean}, {variable: standard deviation} and {variable: (low, high)}, on the variables' own scale, which is also that of
        `at=`.
    n, df
        Number of observations, and degrees of freedom of every t. By default df = n - k; without n, results use the normal distribution
        and say so.
    intercept
        The constant, unless it is among the coefficients. Without it lines are drawn up to an unknown constant.
    center
        "none" (the coefficients are for products of the variables on the scale of `means` and `at=`), "mean" (each variable in a product or
        square was first centred), or {variable: value subtracted}. For centred variables with unknown means give a mean of 0 and center
        "none"; `at=` then counts from the mean.
    binary
        Variables with the values 0 and 1; dummies written ``region[north]`` are binary automatically.
    outcome
        Name of the outcome.
    alpha
        Significance level of the intervals.
    polynomial
        Surface used by the probes; computed, not an argument.

    Raises
    ------
    ModelError
        If a term cannot be read, a product lacks its lower-order terms, n is not above the number of coefficients, the covariance is
        impossible or does not agree with the standard errors, or a mean that is needed is not given.
    ArgumentError
        If `center` is unknown, or alpha is not between 0 and 1.

    References
    ----------
    Dawson, J. F. (2014). Journal of Business and Psychology 29, 1-19.

    Examples
    --------
    >>> from tienet.regression.probes import simple_slopes
    >>> model = PublishedModel(
    ...     coefficients={"x": 0.5, "z": 0.1, "x:z": 0.3},
    ...     covariance={("x", "x"): 0.01, ("x", "x:z"): 0.001, ("x:z", "x:z"): 0.004},
    ...     means={"x": 0, "z": 0},
    ...     sds={"x": 1, "z": 1},
    ...     n=120,
    ... )
    >>> simple_slopes(model, focal="x", moderator="z").std_error.round(3)
    array([0.11 , 0.1  , 0.126])
    """

    coefficients: Mapping[str, float | None]
    _: KW_ONLY
    covariance: Any = None
    std_errors: Mapping[str, float] | None = None
    means: Mapping[str, float] = field(default_factory=dict)
    sds: Mapping[str, float] = field(default_factory=dict)
    n: int | None = None
    df: float | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    intercept: float | None = None
    center: str | Mapping[str, float] = "none"
    binary: tuple[str, ...] = ()
    outcome: str = "y"
    alpha: float = 0.05
    t_values: Mapping[str, float] | None = None
    p_values: Mapping[str, float] | None = None
    polynomial: Polynomial = field(init=False)

    def __post_init__(self) -> None:
        for name in ("means", "sds", "ranges", "coefficients"):
            object.__setattr__(self, name, Fixed(mapping(name, getattr(self, name))))
        object.__setattr__(self, "binary", tuple(names("binary", self.binary, single=True)))
        object.__setattr__(self, "polynomial", _rebuilt(self))

    def _works(self) -> tuple[str, ...]:
        return ("aiken_west_1991", "dawson_2014")

    @property
    def terms(self) -> tuple[str, ...]:
        """Names of the k coefficients, the intercept first if it is known."""
        return tuple(map(str, self.polynomial.terms))

    @property
    def estimate(self) -> Vector:
        """(k,) coefficients, NaN for those not printed."""
        return self.polynomial.estimate

    @property
    def std_error(self) -> Vector:
        """(k,) standard errors, NaN if not known."""
        return np.sqrt(np.diag(self.polynomial.matrix))

    @property
    def known(self) -> Known:
        """Whether a "covariance" of at least two coefficients, only "errors", or "nothing" is known."""
        finite_ = np.isfinite(self.polynomial.matrix)
        if np.triu(finite_, 1).any():
            return "covariance"
        return "errors" if finite_.any() else "nothing"

    def _columns(self) -> Columns:
        df = np.full(len(self.terms), self.polynomial.df)
        return {"term": np.array(self.terms, dtype=object), **estimate_columns(self.estimate, self.std_error, df, self.alpha)}

    def __str__(self) -> str:
        known = {
            "covariance": "with covariances of its coefficients",
            "errors": "with standard errors only, so errors of slopes lie in a range",
            "nothing": "without standard errors, so there are lines but no tests",
        }[self.known]
        df = self.polynomial.df
        spread = f"df = {df_text(df)}" if np.isfinite(df) else "df not known, so the normal distribution is used"
        parts = ", ".join(f"{term} {number(b)}" for term, b in zip(self.terms, self.estimate, strict=True))
        return f"A published model of {self.outcome} {known}: {parts}. {n_text(self.n or 0)}, {spread}.{self._coding()}"

    def _coding(self) -> str:
        """Which coding of the variables the coefficients are taken to have; it matters only where there is a product or square."""
        higher = [term for term in self.polynomial.terms if term.order > 1]
        if not higher:
            return ""
        names = dict.fromkeys(name for term in higher for name in term.names)
        centers = {name: self.polynomial.centers[name] for name in names}
        if not any(centers.values()):
            return " Products and squares are taken to be of variables as they are given here, not centred (center='none')."
        where = listed([f"{name} at {number(value)}" if value else f"{name} not" for name, value in centers.items()])
        return f" Products and squares are taken to be of centred variables ({where})."


def _rebuilt(model: PublishedModel) -> Polynomial:
    checked_level(model.alpha)
    terms, estimate = _coefficients(model)
    names = tuple(dict.fromkeys(name for term in terms for name in term.names))
    for label, given in (("means", model.means), ("sds", model.sds), ("ranges", model.ranges), ("binary", model.binary)):
        for name in given:
            if name not in names:
                raise ModelError(f"{label} names {name!r}, which is not in the coefficients{offer(str(name), names)}")
    centers = _centers(model, terms, names)
    df = _degrees(model, len(terms) + (Term() not in terms))
    matrix = _errors(model, terms, derived_errors(model.t_values, model.p_values, terms, estimate, df))
    n = int(model.n or 0)
    # unknown degrees of freedom are infinite
    kind = Covariance("printed" if np.isfinite(matrix).any() else "unknown", matrix, cast("int", df), None, 1.0, tuple(map(str, terms)))
    variables = Fixed({name: _variable(model, name, centers[name]) for name in names})
    return Polynomial(terms, Fixed(centers), estimate, matrix, variables, model.outcome, n, df, kind, model.alpha)


def _coefficients(model: PublishedModel) -> tuple[tuple[Term, ...], Vector]:
    """Terms, the intercept first if it is known, and their coefficients."""
    found: dict[Term, float] = {}
    for text, value in model.coefficients.items():
        term = read_term(text)
        if term in found:
            raise ModelError(f"coefficients: {text!r} is given twice, in two spellings; keep one")
        found[term] = np.nan if value is None else finite(value, f"coefficients[{text!r}]")
    if model.intercept is not None:
        if Term() in found:
            raise ModelError("the intercept is given twice, in intercept= and in coefficients; keep one")
        found = {Term(): finite(model.intercept, "intercept"), **found}
    if not any(term.order for term in found):
        raise ModelError("coefficients must have at least one term; give {'x': ..., 'z': ..., 'x:z': ...}")
    for term in found:
        for part in term.divisors():
            if part not in found:
                raise ModelError(f"coefficients: {term} needs {part}; give {part}: 0 if the model left it out, None if it is not printed")
    ordered = sorted(found, key=lambda term: term.order > 0)
    return tuple(ordered), locked([found[term] for term in ordered], float)


def _centers(model: PublishedModel, terms: tuple[Term, ...], names: tuple[str, ...]) -> dict[str, float]:
    if isinstance(model.center, Mapping):
        for name in model.center:
            if name not in names:
                raise ModelError(f"center names {name!r}, which is not in the coefficients{offer(str(name), names)}")
        return {name: finite(model.center.get(name, 0.0), f"center[{name!r}]") for name in names}
    choice("center", model.center, ("none", "mean"))
    if model.center == "none":
        return dict.fromkeys(names, 0.0)
    moderated = {name for term in terms if term.order > 1 for name in term.names}
    missing = [name for name in names if name in moderated and name not in model.means]
    if missing:
        raise ModelError(f"center='mean' needs the mean of {', '.join(missing)}; give it in means=, or 0 with center='none'")
    return {name: finite(model.means.get(name, 0.0), f"means[{name!r}]") if name in moderated else 0.0 for name in names}


def _variable(model: PublishedModel, name: str, center: float) -> Variable:
    dummy = name in model.binary or "[" in name
    low, high = _range(model, name, (0.0, 1.0) if dummy else (np.nan, np.nan))
    known = (("means", model.means), ("sds", model.sds))
    mean, sd = (finite(given[name], f"{label}[{name!r}]") if name in given else np.nan for label, given in known)
    if not np.isnan(sd) and not 0 < sd < np.inf:
        raise ModelError(f"sds[{name!r}] must be above zero, got {sd:g}")
    if not np.isnan([low, mean]).any() and not low <= mean <= high:
        raise ModelError(f"the mean of {name}, {mean:g}, lies outside its range [{low:g}, {high:g}]; give both on the same scale")
    factor = name.split("[")[0] if "[" in name else None
    return Variable(name, mean, sd, float(low), float(high), center, "binary" if dummy else "continuous", factor=factor)


def _range(model: PublishedModel, name: str, default: tuple[float, float]) -> tuple[float, float]:
    if name not in model.ranges:
        return default
    found = np.ravel(model.ranges[name])
    ends = [finite(end, f"ranges[{name!r}]") for end in found]
    if len(ends) != 2 or not ends[0] < ends[1]:
        raise ModelError(f"ranges[{name!r}] must be the lowest and the highest value in this order, got {model.ranges[name]!r}")
    return ends[0], ends[1]


def _errors(model: PublishedModel, terms: tuple[Term, ...], derived: Mapping[int, float]) -> Vector:
    """(k, k) covariance, NaN if not known."""
    matrix, half = np.full((len(terms),) * 2, np.nan), np.zeros((len(terms),) * 2)
    if model.covariance is not None:
        matrix, half = read_matrix(model.covariance, terms)
    errors = {
        placed(text, terms, "std_errors"): finite(value, f"std_errors[{text!r}]")
        for text, value in mapping("std_errors", model.std_errors).items()
    }
    decimals = max((-np.log10(2 * half_units([error])[0]) for error in errors.values()), default=0.0)
    for j, error in errors.items():
        if error < 0:
            raise ModelError(f"the standard error of {terms[j]} must not be below zero, got {error:g}")
        unit = (2 * error + 0.5 * 10.0**-decimals) * 0.5 * 10.0**-decimals  # largest rounding error of its square
        if np.isnan(matrix[j, j]):
            matrix[j, j], half[j, j] = error**2, unit
        elif abs(matrix[j, j] - error**2) > half[j, j] + unit + 1e-9 * error**2:
            raise ModelError(
                f"{terms[j]}: the standard error {error:g} and the variance {matrix[j, j]:g} (its root is {matrix[j, j] ** 0.5:g}) "
                "do not agree within rounding; check the table"
            )
    for j, error in derived.items():
        if j in errors:
            raise ModelError(f"{terms[j]} has a standard error and a t or p; keep one")
        matrix[j, j] = error**2 if np.isnan(matrix[j, j]) else matrix[j, j]
    check_covariance(matrix, half, terms)
    return locked(matrix)


def _degrees(model: PublishedModel, k: int) -> float:
    n = np.inf if model.n is None else cases(model.n, k)
    if model.df is None:
        return float(n - k)
    df = np.inf if isinstance(model.df, float) and model.df == np.inf else finite(model.df, "df")
    if not df > 0:
        raise ModelError(f"df must be above zero, got {model.df!r}")
    return df
