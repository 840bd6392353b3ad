"""The result of a Johnson-Neyman analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import count, interval_text, number, percent, range_text
from tienet.regression.core.least_squares import lincom
from tienet.regression.core.transforms import TRANSFORMS
from tienet.regression.probes._along import powers
from tienet.regression.probes._critical import Critical
from tienet.regression.probes._stretches import RegionKind
from tienet.regression.probes.probe import Probe, Values, numbers
from tienet.regression.probes.products import ProductTest, after

__all__ = ["Band", "JohnsonNeyman"]


Control: TypeAlias = Literal["pointwise", "fdr", "simultaneous"]


_CONTROL_WORKS: dict[str, tuple[str, ...]] = {
    "pointwise": ("bauer_curran_2005",),
    "fdr": ("esarey_sumner_2018",),
    "simultaneous": ("working_hotelling_1929",),
}


class Band(NamedTuple):
    """A slope and its confidence band at v values of the moderator, (v,) each."""

    estimate: Vector
    conf_low: Vector
    conf_high: Vector


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class JohnsonNeyman(Probe):
    """Regions of the moderator in which the slope of the focal variable does and does not differ from zero.

    Parameters
    ----------
    kind
        Where *in the observed range* the slope is significant: "outside" the bounds, "between" them, "everywhere" or "nowhere".
    line_kind
        The same for the whole line, including bounds outside the data.
    bounds
        All bounds in increasing order, on the moderator's own scale.
    bounds_inside
        The bounds within the observed range.
    low, high
        (r,) limits of the regions, from minus to plus infinity.
    significant
        (r,) whether the slope differs from zero in each region.
    sign
        (r,) sign of the slope in significant regions, 0 elsewhere.
    share
        (r,) share of the observations in each region; NaN without data.
    share_significant
        Share of the observations in significant regions.
    observed
        Observed range of the moderator (infinite when unknown).
    control
        "pointwise", "fdr" or "simultaneous".
    critical
        Critical value of ``|t|``. NaN when the false-discovery rule finds no region, and under CR2, where the degrees of freedom and so the
        critical value change with the moderator: see `critical_at`.
    criterion
        Half-width of the band in standard errors at each value of the moderator: the critical value, or the strictest one when the
        false-discovery rule finds no region.
    grid
        Number of grid points the false-discovery rule tested; 0 for the other controls.
    passed
        Number of grid points that passed.
    moderator_observed
        (n,) observed values, for a rug plot; empty without data.
    slope, slope_covariance, center
        (3,) and (3, 3): the slope is ``slope @ [1, m - center, (m - center)**2]``, with the transform of m if there is one.
    usual
        Mean and standard deviation of the moderator; NaN if not known.
    transform
        "log" if the model has ``log(z)`` and the moderator is the column z itself; None otherwise.
    product
        Test whether the slope depends on the moderator at all: look at it first. None if the errors of the products are not known.
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
    usual: tuple[float, float] = (np.nan, np.nan)
    transform: str | None = None
    product: ProductTest | None = None

    def _works(self) -> tuple[str, ...]:
        tested = ("gelman_stern_2006",) if self.product else ()
        return ("johnson_neyman_1936", *_CONTROL_WORKS[self.control], *tested, *self.covariance._works())

    def _columns(self) -> Columns:
        return {"low": self.low, "high": self.high, "significant": self.significant, "sign": self.sign, "share": self.share}

    def curve(self, values: Values) -> Band:
        """Return the slope and its band at values of the moderator: the numbers behind a floodlight figure.

        Parameters
        ----------
        values
            (v,) values on the moderator's own scale.

        Returns
        -------
        Band
            estimate, conf_low, conf_high. The band excludes zero exactly in the significant regions.
        """
        rows = self._rows(values)
        estimate, std_error = lincom(rows, self.slope, self.slope_covariance)
        half = self.criterion.of(rows) * std_error
        return Band(estimate, estimate - half, estimate + half)

    def _spots(self, values: Values) -> Vector:
        """Values of the moderator as an array, which may be empty (there may be no bound)."""
        return numbers(self.moderator or "", values) if np.size(values) else np.zeros(0)

    def critical_at(self, values: Values) -> Vector:
        """Return the critical value of ``|t|``, the half-width of the band in standard errors, at values of the moderator."""
        return self.criterion.of(self._rows(values))

    def _rows(self, values: Values) -> Vector:
        spots = self._spots(values)
        return powers((spots if self.transform is None else TRANSFORMS[self.transform].forward(spots)) - self.center)

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        known_range = np.isfinite(self.observed).all()
        seen = f"observed range {range_text(*self.observed)}" if known_range else "observed range not known"
        known = self.kind != "nowhere" and not np.isnan(self.share_significant)
        cases = f"; {percent(self.share_significant, 1)} of the {count(self.n)} observations lie there" if known else ""
        return after(self.product, f"{self._finding()} ({self.level}, {self.control}); {seen}{cases}.")

    def _finding(self) -> str:
        slope = self._slope
        if self.kind == "everywhere":
            return f"{slope[0].upper()}{slope[1:]} differs from zero everywhere in the observed range of {self._moderator}"
        if self.kind == "nowhere":
            return f"{slope[0].upper()}{slope[1:]} differs from zero nowhere in the observed range of {self._moderator}"
        return f"When {self._moderator} is {self._where()}, {slope} differs from zero"

    @property
    def _slope(self) -> str:
        return f"the slope of {self._focal}{self._on}"

    def _where(self) -> str:
        """The bounds; if one lies outside the data, the part of the region inside as well."""
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
