"""The regions of a moderator in which a slope differs from zero, and those in which it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import count, interval_text, number, percent, range_text
from tienet.regression.core.least_squares import lincom
from tienet.regression.probes._along import powers
from tienet.regression.probes._critical import Critical
from tienet.regression.probes._stretches import RegionKind
from tienet.regression.probes.probe import Probe, Values, numbers

__all__ = ["Band", "JohnsonNeyman"]


Control: TypeAlias = Literal["pointwise", "fdr", "simultaneous"]


_CONTROL_WORKS: dict[str, tuple[str, ...]] = {
    "pointwise": ("bauer_curran_2005",),
    "fdr": ("esarey_sumner_2018",),
    "simultaneous": ("working_hotelling_1929",),
}


class Band(NamedTuple):
    """A slope with its band over v values of the moderator: (v,) each."""

    estimate: Vector
    conf_low: Vector
    conf_high: Vector


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class JohnsonNeyman(Probe):
    """The regions of the moderator in which the slope of the focal variable does and does not differ from zero.

    Parameters
    ----------
    kind
        What holds *in the observed range*: significant "outside" the bounds, "between" them, "everywhere", "nowhere".
    line_kind
        The same for the whole line, bounds outside the data included.
    bounds
        All the bounds, increasing, on the moderator's own scale.
    bounds_inside
        Those within the observed range.
    low, high
        (r,) limits of the regions, from minus to plus infinity.
    significant
        (r,) whether the slope differs from zero there.
    sign
        (r,) sign of the slope where it does, 0 where it does not.
    share
        (r,) share of the cases in each region; NaN when the cases are not known.
    share_significant
        Share of the cases in significant regions.
    observed
        Observed range of the moderator (infinite when it is not known).
    control
        "pointwise", "fdr" or "simultaneous".
    critical
        The critical value of ``|t|`` used; NaN when the false-discovery rule finds no region and hence has none, and under CR2, where the
        degrees of freedom, and so the critical value, change with the moderator: `critical_at` gives it there.
    criterion
        Half the width of the band in standard errors at each value of the moderator: the critical value, or where the false-discovery rule
        finds no region its strictest one.
    grid
        Points of the moderator the false-discovery rule looked at; 0 for the others.
    passed
        How many of them passed.
    moderator_observed
        (n,) the cases, for a rug; empty when they are not known.
    slope, slope_covariance, center
        (3,) and (3, 3): the slope is ``slope @ [1, m - center, (m - center)**2]``.
    """

    kind: RegionKind
    line_kind: RegionKind
    bounds: tuple[float, ...]
    bounds_inside: tuple[float, ...]
    low: Vector
    high: Vector
    significant: NDArray[np.bool_]
    sign: NDArray[np.int64]
    share: Vector
    share_significant: float
    observed: tuple[float, float]
    control: Control
    critical: float
    criterion: Critical
    grid: int
    passed: int
    moderator_observed: Vector
    slope: Vector
    slope_covariance: Vector
    center: float

    def _works(self) -> tuple[str, ...]:
        return ("johnson_neyman_1936", *_CONTROL_WORKS[self.control], *self.covariance._works())

    def _columns(self) -> Columns:
        return {"low": self.low, "high": self.high, "significant": self.significant, "sign": self.sign, "share": self.share}

    def curve(self, values: Values) -> Band:
        """Slope and its band at values of the moderator, the numbers behind a floodlight figure.

        Parameters
        ----------
        values
            (v,) values on the moderator's own scale.

        Returns
        -------
        Band
            estimate, conf_low, conf_high; the band leaves zero out exactly in the significant regions.
        """
        rows = powers(self._spots(values) - self.center)
        estimate, std_error = lincom(rows, self.slope, self.slope_covariance)
        half = self.criterion.of(rows) * std_error
        return Band(estimate, estimate - half, estimate + half)

    def _spots(self, values: Values) -> Vector:
        """Values of the moderator, none among them where there is no bound to ask for."""
        return numbers(self.moderator or "", values) if np.size(values) else np.zeros(0)

    def critical_at(self, values: Values) -> Vector:
        """Critical value of ``|t|``, half the width of the band in standard errors, at values of the moderator."""
        return self.criterion.of(powers(self._spots(values) - self.center))

    def __str__(self) -> str:
        known_range = np.isfinite(self.observed).all()
        seen = f"observed range {range_text(*self.observed)}" if known_range else "observed range not known"
        known = self.kind != "nowhere" and not np.isnan(self.share_significant)
        cases = f"; {percent(self.share_significant, 1)} of the {count(self.n)} cases are where it does" if known else ""
        return f"{self._finding()} ({self.level}, {self.control}); {seen}{cases}. {self._note()}."

    def _finding(self) -> str:
        slope = f"the slope of {self.focal}"
        if self.kind == "everywhere":
            return f"{slope[0].upper()}{slope[1:]} differs from zero everywhere in the observed range of {self.moderator}"
        if self.kind == "nowhere":
            return f"{slope[0].upper()}{slope[1:]} differs from zero nowhere in the observed range of {self.moderator}"
        return f"When {self.moderator} is {self._where()}, {slope} differs from zero"

    def _where(self) -> str:
        """The bounds as they are; where one of them lies outside the data, what is left of the region inside."""
        if len(self.bounds_inside) == len(self.bounds) == 2:
            return f"{self.kind} {interval_text(*self.bounds)}"
        inside = self._inside()
        if len(self.bounds) == 2 and self.kind == self.line_kind:
            return f"{self.kind} {interval_text(*self.bounds)} (in the data: {inside})"
        return inside

    def _inside(self) -> str:
        low, high = self.observed
        edges = zip(self.low, self.high, self.significant, strict=True)
        seen = [(start, end) for start, end, yes in edges if yes and start < high and end > low]
        return " or ".join(_stretch(start if start > low else -np.inf, end if end < high else np.inf) for start, end in seen)


def _stretch(low: float, high: float) -> str:
    if np.isinf(low):
        return f"below {number(high)}"
    return f"above {number(low)}" if np.isinf(high) else f"between {number(low)} and {number(high)}"
