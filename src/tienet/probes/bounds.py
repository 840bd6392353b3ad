r"""What standard errors without covariances still say: the error of a slope lies between two bounds, and so does its p.

For a combination with parts :math:`l_j b_j` and errors :math:`s_j` of the coefficients, the triangle inequality gives
:math:`\max(0, 2 \max_j |l_j| s_j - \sum_j |l_j| s_j) \le SE \le \sum_j |l_j| s_j`, whatever the covariances are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet._frames import Columns
from tienet._ols import lincom, t_critical, t_ratio, two_sided
from tienet._record import locked, number, p_text
from tienet._surface import Polynomial, Variable, Vector
from tienet.errors import ModelError
from tienet.probes._critical import Critical
from tienet.probes._roots import inner_points
from tienet.probes._stretches import described
from tienet.probes.regions import Band, JohnsonNeyman
from tienet.probes.slopes import SimpleSlopes

Verdict: TypeAlias = Literal["yes", "no", "not known"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class BoundedSlopes(SimpleSlopes):
    """Simple slopes of a model printed with standard errors but without the covariances between its coefficients.

    Where the error is not exactly known, `std_error`, `statistic` and `p_value` are NaN, and the interval is the widest possible one.

    Parameters
    ----------
    std_error_low, std_error_high
        (r,) smallest and largest error that any covariance could give; equal where it is known.
    p_low, p_high
        (r,) the p-values that go with them.
    """

    std_error_low: Vector
    std_error_high: Vector
    p_low: Vector
    p_high: Vector

    def _columns(self) -> Columns:
        more = {name: getattr(self, name) for name in ("std_error_low", "std_error_high", "p_low", "p_high")}
        return {**SimpleSlopes._columns(self), **more}

    def __str__(self) -> str:
        where = f" at {self.moderator}" if self.moderator else ""
        parts = [f"{label}: {number(b)} ({self._error(i)})" for i, (label, b) in enumerate(zip(self.label, self.estimate, strict=True))]
        return (
            f"Slope of {self.focal}{where} {'; '.join(parts)}. The covariances of the coefficients are not given, so errors are bounded "
            f"and the intervals are the widest possible. {self._note()}."
        )

    def _error(self, i: int) -> str:
        if np.isfinite(self.std_error[i]):
            return f"SE {number(self.std_error[i])}, {p_text(self.p_value[i])}"
        low, high = number(self.std_error_low[i]), number(self.std_error_high[i])
        return f"SE between {low} and {high}, {_p_range(self.p_low[i], self.p_high[i])}"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class BoundedRegions(JohnsonNeyman):
    """Johnson-Neyman regions of a model printed without covariances: what is certain, and what is not known.

    `bounds`, `significant`, `sign` and `kind` speak of what holds for any covariance; `slope_covariance` is NaN.

    Parameters
    ----------
    verdict
        (r,) whether the slope differs from zero in each region: "yes" and "no" hold for any covariance, "not known" depends on it.
    error
        (3,) parts of the largest error: ``error @ [1, |m - center|, (m - center)**2]``.
    """

    verdict: tuple[Verdict, ...]
    error: Vector

    def _columns(self) -> Columns:
        return {**JohnsonNeyman._columns(self), "verdict": np.array(self.verdict, dtype=object)}

    def curve(self, values: Any) -> Band:
        """Slope and its widest possible band at values of the moderator."""
        away = np.atleast_1d(np.asarray(values, dtype=float)) - self.center
        estimate: Vector = np.asarray(np.polynomial.polynomial.polyval(away, self.slope), dtype=float)
        half = self.critical * np.polynomial.polynomial.polyval(np.abs(away), self.error)
        return Band(estimate, estimate - half, estimate + half)

    def __str__(self) -> str:
        said = {"yes": "differs from zero", "no": "does not differ from zero"}
        found = [
            f"{said[word]} {_between(low, high)}" for word, low, high in zip(self.verdict, self.low, self.high, strict=True) if word in said
        ]
        certain = f"Whatever the covariances are, the slope of {self.focal} {'; it '.join(found)}" if found else "Nothing is certain"
        open_ = "; elsewhere it cannot be known" if "not known" in self.verdict else ""
        return f"{certain}{open_} ({self.moderator}; {self.level}, {self.control}). {self._note()}."


def _p_range(low: float, high: float) -> str:
    if high < 0.001:
        return p_text(high)
    smallest, largest = (f"{p:.3f}".replace("0.", ".", 1) for p in (low, high))
    return f"p between {smallest if low >= 0.001 else 'less than .001'} and {largest}"


def _between(low: float, high: float) -> str:
    if np.isinf(low) and np.isinf(high):
        return "everywhere"
    if np.isinf(low):
        return f"below {number(high)}"
    return f"above {number(low)}" if np.isinf(high) else f"between {number(low)} and {number(high)}"


def error_bounds(rows: Vector, matrix: Vector) -> tuple[Vector, Vector]:
    """Smallest and largest standard error, (r,) each, of every L'b; equal where the covariances that it needs are known.

    Examples
    --------
    >>> V = np.array([[4.0, np.nan], [np.nan, 1.0]])
    >>> [bound.tolist() for bound in error_bounds(np.array([[1.0, 0.0], [1.0, 1.0]]), V)]
    [[2.0, 1.0], [2.0, 3.0]]
    """
    used = rows.any(axis=0)
    parts = np.abs(rows[:, used]) * np.sqrt(np.diag(matrix)[used])
    high = parts.sum(axis=1)
    low = np.maximum(2 * parts.max(axis=1) - high, 0.0)
    for i, row in enumerate(rows):
        inside = row != 0
        if np.isfinite(matrix[np.ix_(inside, inside)]).all():
            low[i] = high[i] = lincom(row[None], np.zeros(len(row)), matrix)[1][0]
    return low, high


def bounded_slopes(slopes: SimpleSlopes, surface: Polynomial, rows: Vector) -> BoundedSlopes:
    """The same slopes with what their errors can be."""
    low, high = error_bounds(rows, surface.matrix)
    exact = np.where(low == high, high, np.nan)
    half = t_critical(slopes.alpha, slopes.dfs) * high
    kept = {field.name: getattr(slopes, field.name) for field in fields(SimpleSlopes)}
    told = {
        "std_error": exact,
        "statistic": t_ratio(slopes.estimate, exact),
        "p_value": two_sided(t_ratio(slopes.estimate, exact), slopes.dfs),
        "conf_low": slopes.estimate - half,
        "conf_high": slopes.estimate + half,
        "std_error_low": low,
        "std_error_high": high,
        "p_low": _p(slopes.estimate, low, slopes.dfs),
        "p_high": _p(slopes.estimate, high, slopes.dfs),
    }
    return BoundedSlopes(**{**kept, **{name: locked(values) for name, values in told.items()}})


def _p(estimate: Vector, std_error: Vector, df: Vector) -> Vector:
    """P of a slope with that error; an error of zero leaves no doubt about a slope that is not zero."""
    none = np.where(estimate == 0, 1.0, 0.0)
    return np.where(std_error > 0, two_sided(t_ratio(estimate, std_error), df), none)


def bounded_regions(
    shared: dict[str, Any], surface: Polynomial, moderator: Variable, rows: Vector, criterion: Critical, control: Any
) -> BoundedRegions:
    """Regions in which the slope differs, or does not differ, from zero under any covariance.

    Every coefficient enters the slope with one power of the moderator, so that on either side of the center both bounds of the error are
    polynomials in its distance, and the borders are roots of polynomials of degree two.

    Parameters
    ----------
    shared
        Fields of `Probe`.
    surface, moderator
        The model and what varies.
    rows
        (3, k) rows of the slope.
    criterion
        Critical value of t.
    control
        Passed on.
    """
    if control == "fdr":
        raise ModelError("control='fdr' needs p-values, and without covariances there are none; use 'pointwise' or 'simultaneous'")
    used = rows.any(axis=0)
    slope = rows[:, used] @ surface.estimate[used]
    parts = np.abs(rows[:, used]) * np.sqrt(np.diag(surface.matrix)[used])
    center = surface.centers[moderator.name]
    borders, verdicts = _judged(slope, parts, criterion.constant)
    significant = np.array([word == "yes" for word in verdicts])
    return BoundedRegions(
        **shared,
        **described(moderator, center + borders, significant, slope, center),
        control=control,
        critical=criterion.constant,
        criterion=criterion,
        grid=0,
        passed=0,
        moderator_observed=moderator.values,
        slope=locked(slope),
        slope_covariance=locked(np.full((3, 3), np.nan)),
        center=center,
        verdict=tuple(verdicts),
        error=locked(parts.sum(axis=1)),
    )


def _judged(slope: Vector, parts: Vector, critical: float) -> tuple[Vector, list[Verdict]]:
    """Borders (distances from the center) and the verdict on each stretch between them; neighbours with the same verdict are one."""
    mirror = np.array([1.0, -1.0, 1.0])
    spots = np.unique(np.concatenate([[0.0], _borders(slope, parts, critical), -_borders(slope * mirror, parts, critical)]))
    words = [_verdict(slope, parts, critical, float(spot)) for spot in inner_points(spots)]
    change = np.array([left != right for left, right in pairwise(words)], dtype=bool)
    return spots[change], [words[0], *(word for word, new in zip(words[1:], change, strict=True) if new)]


def _borders(slope: Vector, parts: Vector, critical: float) -> Vector:
    """Positive distances at which |slope| equals the critical value times either bound of its error."""
    high = parts.sum(axis=1)
    limits: list[NDArray[np.float64]] = [high, *(2 * part - high for part in parts.T)]
    roots = [np.polynomial.polynomial.polyroots(_trimmed(slope + sign * critical * limit)) for limit in limits for sign in (-1, 1)]
    found = np.concatenate([root.real[np.abs(root.imag) <= 1e-12 * (1 + np.abs(root))] for root in roots])
    return np.asarray(found[found > 0])


def _trimmed(polynomial: Vector) -> Vector:
    kept = np.trim_zeros(polynomial, "b")
    return kept if len(kept) else np.ones(1)


def _verdict(slope: Vector, parts: Vector, critical: float, away: float) -> Verdict:
    size = abs(float(np.polynomial.polynomial.polyval(away, slope)))
    each = np.polynomial.polynomial.polyval(abs(away), parts)
    high = float(each.sum())
    if size > critical * high:
        return "yes"
    return "no" if size <= critical * max(2 * float(each.max()) - high, 0.0) else "not known"
