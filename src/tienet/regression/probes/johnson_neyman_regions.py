"""Johnson-Neyman regions."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import choice
from tienet.base.errors import ModelError
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom, t_ratio, two_sided
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.response import Scale
from tienet.regression.core.transforms import Transform
from tienet.regression.probes._along import moments, powers, slope_along
from tienet.regression.probes._critical import Critical, critical_along
from tienet.regression.probes._stretches import described_through, regions_of
from tienet.regression.probes.bounded_regions import bounded_regions
from tienet.regression.probes.probe import Values, common, held_values, level, on_response, only_errors, pair, split_values
from tienet.regression.probes.products import product_test
from tienet.regression.probes.regions import Control, JohnsonNeyman
from tienet.regression.probes.response_regions import response_regions

__all__ = ["johnson_neyman"]


GRID = 1001


def johnson_neyman(
    model: Model,
    *,
    focal: str,
    moderator: str,
    control: Control = "pointwise",
    at: Values = None,
    alpha: float | None = None,
    scale: Scale = "link",
) -> JohnsonNeyman:
    r"""Find the values of the moderator at which the slope of the focal variable differs from zero.

    With slope s(m) and critical value c, the slope is significant where :math:`s(m)^2 > c^2 \operatorname{Var} s(m)`. For a product
    :math:`b_3 xz` this is :math:`(b_3^2 - c^2 V_{33}) m^2 + 2 (b_1 b_3 - c^2 V_{13}) m + b_1^2 - c^2 V_{11} > 0`. Under CR2 the degrees
    of freedom of s(m), and so c, change with m; the bounds are then found numerically over the whole line.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of variables. The same name twice gives the regions along a curve (the focal variable is squared).
    control
        "pointwise": each value of the moderator is tested on its own, as journals print it. "fdr": Benjamini-Hochberg over 1001 evenly
        spaced points of the observed range. "simultaneous": valid for the whole line at once (Working-Hotelling, Scheffe).
        Under CR2 each uses the degrees of freedom of s(m) at every m: for the p-value and critical t of each grid point, and in
        :math:`\sqrt{r F(r, df(m))}` for r coefficients in the slope, which is only approximate for the whole line.
    at
        Values at which to hold the other variables that matter, {variable: value}; by default their means.
    alpha
        Significance level; by default the model's.
    scale
        "link": the slope of :math:`\eta`, such as log odds. "response": the average effect on the expected outcome, for which the bounds in
        the observed range are found numerically; they are others. For a linear model both are the same.

    Returns
    -------
    JohnsonNeyman
        All bounds, also those outside the data; `kind` describes the observed range. If the model has standard errors but not the
        covariances needed, a `BoundedRegions`: what holds whatever the covariances are.

    Raises
    ------
    ModelError
        If a variable is not in the model, the slope does not depend on the moderator, or the moderator has only two values.

    References
    ----------
    Johnson, P. O. & Neyman, J. (1936). Statistical Research Memoirs 1, 57-93.
    Bauer, D. J. & Curran, P. J. (2005). Multivariate Behavioral Research 40, 373-400.
    Esarey, J. & Sumner, J. L. (2018). Comparative Political Studies 51, 1144-1176.

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 2.2, 2.7, 5.4, 4.6, 9.1, 7.2], "x": [1, 2, 3, 4, 5, 6, 7], "z": [0.0, 1.1, 0.2, 2.3, 0.9, 3.1, 1.0]}
    >>> regions = johnson_neyman(Moderation("y ~ x*z", covariance="classical").fit(data), focal="x", moderator="z")
    >>> regions.kind
    'everywhere'
    """
    choice("control", control, get_args(Control))
    surface = surface_of(model)
    first, second = pair(surface, focal, moderator, columns=True)
    if second.kind == "binary":
        raise ModelError(f"{second.name} has only two values, so there are no regions to find; use simple_slopes")
    if on_response(surface, scale):
        first, second = pair(surface, focal, moderator)  # average slopes are those of the model's own variables
        return response_regions(surface, first, second, control, split_values(surface, second.name, at)[1], alpha)
    a = level(surface, alpha)
    rows, point = slope_along(surface, first, second, at)
    axis = surface.axis(first.name, second.name)  # log(z) for a column z behind it, in which the slope is a polynomial
    how = surface.moved_by(second.name)[axis.name]
    if how is not None and not np.isfinite([second.low, second.high]).all():
        raise ModelError(f"the observed range of {second.name} is not known; write moderator={axis.name!r}")
    if only_errors(surface, rows):
        return _with_bounds(surface, (first, surface.variable(second.name)), rows, point, a, control)
    slope, covariance = moments(surface, first, rows)
    free = int(np.count_nonzero(np.diag(covariance))) if control == "simultaneous" else 0
    criterion = critical_along(surface, rows, a, free)
    center = surface.centers[axis.name]
    grid, passed = 0, 0
    if control == "fdr":
        grid, passed = GRID, _passed(slope, covariance, criterion, second, how, center)
        criterion = replace(criterion, alpha=a * max(passed, 1) / GRID)
    none = control == "fdr" and not passed
    bounds, significant = (np.empty(0), np.zeros(1, dtype=bool)) if none else regions_of(slope, covariance, criterion, axis, center)
    return JohnsonNeyman(
        **common(surface, first.name, second.name, alpha, held_values(surface, first.name, second.name, point)),
        **described_through(how, axis, second, bounds, significant, slope, center),
        control=control,
        critical=float("nan") if none else criterion.constant,
        criterion=criterion,
        grid=grid,
        passed=passed,
        moderator_observed=second.values,
        slope=locked(slope),
        slope_covariance=locked(covariance),
        center=center,
        transform=None if how is None else how.name,
        product=product_test(surface, first.name, second.name, a),
    )


def _with_bounds(
    surface: Polynomial, pair_: tuple[Variable, Variable], rows: Vector, point: dict[str, float], alpha: float, control: Control
) -> JohnsonNeyman:
    focal, moderator = pair_
    free = int(rows.any(axis=1).sum()) if control == "simultaneous" else 0
    shared = common(surface, focal.name, moderator.name, alpha, held_values(surface, focal.name, moderator.name, point))
    shared["product"] = product_test(surface, focal.name, moderator.name, alpha)
    return bounded_regions(shared, surface, moderator, rows, Critical(alpha, free, surface.df), control)


def _passed(slope: Vector, covariance: Vector, critical: Critical, moderator: Variable, how: Transform | None, center: float) -> int:
    """Number of grid points over the observed range that pass the Benjamini-Hochberg rule."""
    if not np.isfinite([moderator.low, moderator.high]).all():
        raise ModelError(
            f"control='fdr' needs the observed range of {moderator.name}, which is not known; give its range, or use 'simultaneous'"
        )
    spots = np.linspace(moderator.low, moderator.high, GRID)
    rows = powers((spots if how is None else how.forward(spots)) - center)
    p = np.sort(two_sided(t_ratio(*lincom(rows, slope, covariance)), critical.df_of(rows)))
    passing = np.flatnonzero(p <= critical.alpha * np.arange(1, GRID + 1) / GRID)
    return int(passing[-1]) + 1 if passing.size else 0
