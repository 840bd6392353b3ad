"""Johnson-Neyman regions: for which values of a moderator the slope differs from zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet._arguments import choice, surface_of
from tienet._frames import Columns
from tienet._ols import lincom, quadratic_form, t_ratio, two_sided
from tienet._record import locked, number
from tienet._surface import Model, Polynomial, Variable, Vector
from tienet.errors import ArgumentError, ModelError
from tienet.probes._critical import Critical, critical_along, moving_bounds
from tienet.probes._probe import (
    Probe,
    Values,
    common,
    held_values,
    level,
    numbers,
    only_errors,
    pair,
    partners,
    single,
    split_values,
    standing,
    warn_outside,
)
from tienet.probes._roots import inner_points, is_positive, margin_polynomial, real_roots

Control: TypeAlias = Literal["pointwise", "fdr", "simultaneous"]
RegionKind: TypeAlias = Literal["outside", "between", "everywhere", "nowhere"]
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
        rows = _powers(numbers(self.moderator or "", values) - self.center)
        estimate, std_error = lincom(rows, self.slope, self.slope_covariance)
        half = self.criterion.of(rows) * std_error
        return Band(estimate, estimate - half, estimate + half)

    def critical_at(self, values: Values) -> Vector:
        """Critical value of ``|t|``, half the width of the band in standard errors, at values of the moderator."""
        return self.criterion.of(_powers(numbers(self.moderator or "", values) - self.center))

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


def _powers(away: Vector) -> Vector:
    away = np.atleast_1d(away)
    return np.column_stack([np.ones_like(away), away, away**2])


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
    slope, covariance = _moments(surface, first, rows)
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


def _named(surface: Polynomial, focal: Variable, at: Values) -> Values:
    """Along a curve plain numbers are values of the one variable that moderates it."""
    if at is None or isinstance(at, Mapping):
        return at
    others = [name for name in partners(surface, focal.name) if name != focal.name]
    if len(others) != 1:
        known = f"there are {', '.join(others)}" if others else "there is none"
        raise ArgumentError(f"at={at!r} does not say of which moderator of {focal.name} ({known}); write at={{'variable': value}}")
    return {others[0]: at}


def _with_bounds(
    surface: Polynomial, pair_: tuple[Variable, Variable], rows: Vector, point: dict[str, float], alpha: float, control: Control
) -> JohnsonNeyman:
    from tienet.probes.bounds import bounded_regions  # its record is a child of the one here

    focal, moderator = pair_
    free = int(rows.any(axis=1).sum()) if control == "simultaneous" else 0
    shared = common(surface, focal.name, moderator.name, alpha, held_values(surface, focal.name, moderator.name, point))
    return bounded_regions(shared, surface, moderator, rows, Critical(alpha, free, surface.df), control)


def along(surface: Polynomial, focal: Variable, moderator: Variable, at: Values) -> tuple[Vector, Vector, dict[str, float]]:
    """Slope as a polynomial in the centred moderator: (3,) coefficients, their (3, 3) covariance, and where the others stand."""
    rows, point = slope_along(surface, focal, moderator, at)
    return (*_moments(surface, focal, rows), point)


def slope_along(surface: Polynomial, focal: Variable, moderator: Variable, at: Values) -> tuple[Vector, dict[str, float]]:
    """(3, k) rows of the slope as a polynomial in the centred moderator, and where the others stand."""
    own, others = split_values(surface, moderator.name, _named(surface, focal, at) if focal.name == moderator.name else at)
    if own is not None:
        raise ArgumentError(f"at: {moderator.name} is what varies here; hold only other variables, at={{'variable': value}}")
    given = {name: single(name, values) for name, values in others.items()}
    for name, value in given.items():
        warn_outside(surface.variables[name], [value])
    point = standing(surface, given, moderator.name)
    return surface.slope_rows(focal.name, moderator.name, point), point


def _moments(surface: Polynomial, focal: Variable, rows: Vector) -> tuple[Vector, Vector]:
    """(3,) coefficients of the slope and their (3, 3) covariance."""
    covariance = quadratic_form(rows, surface.matrix)
    if not np.isfinite(covariance).all():
        raise ModelError(f"the covariance of the coefficients that make the slope of {focal.name} is not known; give their covariances")
    return lincom(rows, surface.estimate, surface.matrix)[0], covariance


def regions_of(
    slope: Vector, covariance: Vector, critical: Critical, moderator: Variable, center: float
) -> tuple[Vector, NDArray[np.bool_]]:
    """Bounds on the moderator's own scale, and whether each stretch between them is significant; solved in units of its SD."""
    unit = moderator.sd if moderator.sd > 0 else 1.0
    scale = unit ** np.arange(3)
    if critical.moving:
        scaled = replace(critical, moving=critical.moving.along(np.diag(scale)))
        crossings, significant = moving_bounds(slope * scale, covariance * np.outer(scale, scale), scaled)
        return center + unit * crossings, significant.astype(bool)
    polynomial = margin_polynomial(slope * scale, covariance * np.outer(scale, scale), critical.constant)
    roots = real_roots(polynomial)
    return center + unit * roots, is_positive(roots, polynomial).astype(bool)


def _passed(slope: Vector, covariance: Vector, critical: Critical, moderator: Variable, center: float) -> int:
    """How many points of the even grid over the observed range pass Benjamini and Hochberg's rule."""
    if not np.isfinite([moderator.low, moderator.high]).all():
        raise ModelError(
            f"control='fdr' looks at the observed range of {moderator.name}, which is not known; give its range, or use 'simultaneous'"
        )
    rows = _powers(np.linspace(moderator.low, moderator.high, GRID) - center)
    p = np.sort(two_sided(t_ratio(*lincom(rows, slope, covariance)), critical.df_of(rows)))
    passing = np.flatnonzero(p <= critical.alpha * np.arange(1, GRID + 1) / GRID)
    return int(passing[-1]) + 1 if passing.size else 0


def described(moderator: Variable, bounds: Vector, significant: NDArray[np.bool_], slope: Vector, center: float) -> dict[str, Any]:
    """Fields of a record of regions that follow from its bounds."""
    edges = np.concatenate([[-np.inf], bounds, [np.inf]])
    low, high = observed_range(moderator)
    share = _shares(moderator.values, bounds)
    return {
        "kind": _kind(significant, (np.maximum(edges[:-1], low) < np.minimum(edges[1:], high))),
        "line_kind": _kind(significant, np.ones(len(significant), dtype=bool)),
        "bounds": tuple(map(float, bounds)),
        "bounds_inside": tuple(float(bound) for bound in bounds if low <= bound <= high),
        "low": locked(edges[:-1]),
        "high": locked(edges[1:]),
        "significant": locked(significant, bool),
        "sign": locked(_signs(bounds, significant, slope, center), np.int64),
        "share": locked(share),
        "share_significant": float(share[significant].sum()) if len(moderator.values) else float("nan"),
        "observed": (low, high),
    }


def observed_range(variable: Variable) -> tuple[float, float]:
    """Lowest and highest value, infinite where they are not known."""
    return (-np.inf if np.isnan(variable.low) else variable.low, np.inf if np.isnan(variable.high) else variable.high)


def _kind(significant: NDArray[np.bool_], looked_at: NDArray[np.bool_]) -> RegionKind:
    seen = significant[looked_at]
    if seen.all():
        return "everywhere"
    if not seen.any():
        return "nowhere"
    return "outside" if significant[0] or significant[-1] else "between"


def _shares(values: Vector, bounds: Vector) -> Vector:
    if len(values) == 0:
        return np.full(len(bounds) + 1, np.nan)
    return np.bincount(np.searchsorted(bounds, values), minlength=len(bounds) + 1) / len(values)


def _signs(bounds: Vector, significant: NDArray[np.bool_], slope: Vector, center: float) -> Vector:
    """Sign of the slope inside each significant region; it cannot change within one."""
    return np.where(significant, np.sign(_powers(inner_points(bounds - center)) @ slope), 0)
