"""Johnson-Neyman regions of a model published without the covariances of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import number, range_text
from tienet.base.record import locked
from tienet.regression.core.polynomial import Polynomial, Variable
from tienet.regression.probes._critical import Critical
from tienet.regression.probes._roots import inner_points
from tienet.regression.probes._stretches import described
from tienet.regression.probes.products import after
from tienet.regression.probes.regions import Band, JohnsonNeyman

__all__ = ["BoundedRegions"]


Verdict: TypeAlias = Literal["yes", "no", "not known"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class BoundedRegions(JohnsonNeyman):
    """Johnson-Neyman regions of a model published without covariances: what is certain and what is not known.

    `bounds`, `significant`, `sign` and `kind` describe what holds for any covariance; `slope_covariance` is NaN.

    Parameters
    ----------
    verdict
        (r,) whether the slope differs from zero in each region: "yes" and "no" hold for any covariance, "not known" depends on it.
    error
        (3,) coefficients of the largest possible error: ``error @ [1, |m - center|, (m - center)**2]``.
    """

    verdict: tuple[Verdict, ...]
    error: Vector

    def _columns(self) -> Columns:
        return {**JohnsonNeyman._columns(self), "verdict": np.array(self.verdict, dtype=object)}

    def curve(self, values: Any) -> Band:
        """Return the slope and its widest possible band at values of the moderator."""
        away = np.atleast_1d(np.asarray(values, dtype=float)) - self.center
        estimate: Vector = np.asarray(np.polynomial.polynomial.polyval(away, self.slope), dtype=float)
        half = self.critical * np.polynomial.polynomial.polyval(np.abs(away), self.error)
        return Band(estimate, estimate - half, estimate + half)

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        said = {"yes": "differs from zero", "no": "does not differ from zero"}
        found = [
            f"{said[word]} {_between(low, high)}" for word, low, high in zip(self.verdict, self.low, self.high, strict=True) if word in said
        ]
        slope = f"the slope of {self._focal}{self._on}"
        certain = f"Whatever the covariances are, {slope} {'; it '.join(found)}" if found else "Nothing is certain"
        open_ = "; elsewhere it cannot be known" if "not known" in self.verdict else ""
        seen = f"; observed range {range_text(*self.observed)}" if np.isfinite(self.observed).all() else ""
        return after(self.product, f"{certain}{open_} ({self._moderator}; {self.level}, {self.control}){seen}.")


def _between(low: float, high: float) -> str:
    if np.isinf(low) and np.isinf(high):
        return "everywhere"
    if np.isinf(low):
        return f"below {number(high)}"
    return f"above {number(low)}" if np.isinf(high) else f"between {number(low)} and {number(high)}"


def bounded_regions(
    shared: dict[str, Any], surface: Polynomial, moderator: Variable, rows: Vector, criterion: Critical, control: Any
) -> BoundedRegions:
    """Find the regions in which the slope does, or does not, differ from zero under any covariance.

    Every coefficient enters the slope with one power of the moderator, so on either side of the center both bounds of the error are
    polynomials in the distance from it, and the borders are roots of polynomials of degree two.

    Parameters
    ----------
    shared
        Fields of `Probe`.
    surface, moderator
        The model, and the variable that varies.
    rows
        (3, k) rows of the slope.
    criterion
        Critical value of t.
    control
        As in `johnson_neyman`.
    """
    if control == "fdr":
        raise ModelError("control='fdr' needs p-values, which need covariances; use 'pointwise' or 'simultaneous'")
    used = rows.any(axis=0)
    slope = rows[:, used] @ surface.estimate[used]
    parts = np.abs(rows[:, used]) * np.sqrt(np.diag(surface.matrix)[used])
    center = surface.centers[moderator.name]
    borders, verdicts = judged(slope, parts, criterion.constant)
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


def judged(slope: Vector, parts: Vector, critical: float) -> tuple[Vector, list[Verdict]]:
    """Borders (distances from the center) and the verdict on each stretch; neighbours with the same verdict are merged."""
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
