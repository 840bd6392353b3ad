"""Johnson-Neyman regions: for which values of a moderator the slope differs from zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet._arguments import choice, surface_of
from tienet._frames import Columns
from tienet._ols import lincom, t_ratio, two_sided
from tienet._record import locked, number
from tienet._surface import Model, Polynomial, Variable, Vector
from tienet.errors import ModelError
from tienet.probes._along import moments, powers, slope_along
from tienet.probes._critical import Critical, critical_along
from tienet.probes._probe import Probe, Values, common, held_values, level, numbers, only_errors, pair
from tienet.probes._stretches import RegionKind, described, regions_of

Control: TypeAlias = Literal["pointwise", "fdr", "simultaneous"]
GRID = 1001
_CONTROL_WORKS: dict[str, tuple[str, ...]] = {
    "pointwise": ("bauer_curran_2005",),
    "fdr": ("esarey_sumner_2018",),
    "simultaneous": ("working_hotelling_1929",),
}


class Band(NamedTuple):
    """A slope with its band: (v,) each."""

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
        seen = f"observed range [{number(self.observed[0])}, {number(self.observed[1])}]" if known_range else "observed range not known"
        known = self.kind != "nowhere" and not np.isnan(self.share_significant)
        cases = f"; {100 * self.share_significant:.1f}% of the {self.n:,} cases are where it does" if known else ""
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
            return f"{self.kind} [{number(self.bounds[0])}, {number(self.bounds[1])}]"
        inside = self._inside()
        if len(self.bounds) == 2 and self.kind == self.line_kind:
            return f"{self.kind} [{number(self.bounds[0])}, {number(self.bounds[1])}] (in the data: {inside})"
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


def johnson_neyman(
    model: Model, *, focal: str, moderator: str, control: Control = "pointwise", at: Values = None, alpha: float | None = None
) -> JohnsonNeyman:
    r"""Values of the moderator at which the slope of the focal variable differs from zero.

    With slope s(m) and critical value c they are where :math:`s(m)^2 > c^2 \operatorname{Var} s(m)`: for a product
    :math:`b_3 xz`, :math:`(b_3^2 - c^2 V_{33}) m^2 + 2 (b_1 b_3 - c^2 V_{13}) m + b_1^2 - c^2 V_{11} > 0`. Under CR2 the degrees of
    freedom of s(m), and with them c, change with m: the bounds are then found numerically, on the whole line.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a printed table.
    focal, moderator
        Names; the same name twice gives the regions along a curve (the focal variable is squared).
    control
        "pointwise" (what journals print; each value of the moderator on its own), "fdr" (Benjamini-Hochberg over 1001 even points of the
        observed range) or "simultaneous" (valid for the whole line at once: Working-Hotelling, Scheffe).
        Under CR2 each takes the degrees of freedom of s(m) at every m: the p and critical t of each point of the grid, and
        :math:`\sqrt{r F(r, df(m))}` for r coefficients in the slope, which holds for the whole line only approximately.
    at
        Where the other variables that matter stand, {variable: value}; by default at their means.
    alpha
        Level; by default the model's.

    Returns
    -------
    JohnsonNeyman
        Bounds are given wherever they lie; `kind` speaks of the observed range. Where the model has standard errors but not the covariances
        they need, a `BoundedRegions`: what is certain whatever they are.

    Raises
    ------
    ModelError
        For a variable the model does not have, a moderator on which the slope does not depend, or one with only two values.

    References
    ----------
    Johnson, P. O. & Neyman, J. (1936). Statistical Research Memoirs 1, 57-93.
    Bauer, D. J. & Curran, P. J. (2005). Multivariate Behavioral Research 40, 373-400.
    Esarey, J. & Sumner, J. L. (2018). Comparative Political Studies 51, 1144-1176.

    Examples
    --------
    >>> from tienet.moderation import Moderation
    >>> data = {"y": [1.0, 2.2, 2.7, 5.4, 4.6, 9.1, 7.2], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0.0, 1.1, 0.2, 2.3, 0.9, 3.1, 1.0]}
    >>> regions = johnson_neyman(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z")
    >>> regions.kind
    'everywhere'
    """
    choice("control", control, get_args(Control))
    surface = surface_of(model)
    first, second = pair(surface, focal, moderator)
    if second.kind == "binary":
        raise ModelError(f"{second.name} takes two values, so there is no region to find between them; use simple_slopes")
    a = level(surface, alpha)
    rows, point = slope_along(surface, first, second, at)
    if only_errors(surface, rows):
        return _with_bounds(surface, (first, second), rows, point, a, control)
    slope, covariance = moments(surface, first, rows)
    free = int(np.count_nonzero(np.diag(covariance))) if control == "simultaneous" else 0
    criterion = critical_along(surface, rows, a, free)
    grid, passed = 0, 0
    if control == "fdr":
        grid, passed = GRID, _passed(slope, covariance, criterion, second, surface.centers[second.name])
        criterion = replace(criterion, alpha=a * max(passed, 1) / GRID)
    none = control == "fdr" and not passed
    bounds, significant = (
        (np.empty(0), np.zeros(1, dtype=bool)) if none else regions_of(slope, covariance, criterion, second, surface.centers[second.name])
    )
    return JohnsonNeyman(
        **common(surface, first.name, second.name, alpha, held_values(surface, first.name, second.name, point)),
        **described(second, bounds, significant, slope, surface.centers[second.name]),
        control=control,
        critical=float("nan") if none else criterion.constant,
        criterion=criterion,
        grid=grid,
        passed=passed,
        moderator_observed=second.values,
        slope=locked(slope),
        slope_covariance=locked(covariance),
        center=surface.centers[second.name],
    )


def _with_bounds(
    surface: Polynomial, pair_: tuple[Variable, Variable], rows: Vector, point: dict[str, float], alpha: float, control: Control
) -> JohnsonNeyman:
    from tienet.probes.bounds import bounded_regions  # its record is a child of the one here

    focal, moderator = pair_
    free = int(rows.any(axis=1).sum()) if control == "simultaneous" else 0
    shared = common(surface, focal.name, moderator.name, alpha, held_values(surface, focal.name, moderator.name, point))
    return bounded_regions(shared, surface, moderator, rows, Critical(alpha, free, surface.df), control)


def _passed(slope: Vector, covariance: Vector, critical: Critical, moderator: Variable, center: float) -> int:
    """How many points of the even grid over the observed range pass Benjamini and Hochberg's rule."""
    if not np.isfinite([moderator.low, moderator.high]).all():
        raise ModelError(
            f"control='fdr' looks at the observed range of {moderator.name}, which is not known; give its range, or use 'simultaneous'"
        )
    rows = powers(np.linspace(moderator.low, moderator.high, GRID) - center)
    p = np.sort(two_sided(t_ratio(*lincom(rows, slope, covariance)), critical.df_of(rows)))
    passing = np.flatnonzero(p <= critical.alpha * np.arange(1, GRID + 1) / GRID)
    return int(passing[-1]) + 1 if passing.size else 0
