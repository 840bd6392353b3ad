"""Partial residuals: the observations on the scale of the interaction figure, adjusted for all other terms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import counted, n_text, number
from tienet.base.record import locked
from tienet.regression.checks._shared import needs_cases, row_numbers
from tienet.regression.core.polynomial import columns_of
from tienet.regression.model.fit import ModerationFit
from tienet.regression.probes.predicted_surfaces import Surface, predict_surface
from tienet.regression.probes.probe import Probe, Values, common, standing

__all__ = ["PartialResiduals", "partial_residuals"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class PartialResiduals(Probe):
    """Partial residuals: the prediction at each observation's focal variable and moderator, all else at its mean, plus its residual.

    Parameters
    ----------
    numbers
        (n,) row of the data, counted from 1.
    focal_observed, moderator_observed
        (n,) observed values (NaN for the moderator if there is none).
    partial_residual
        (n,) height of the point, in units of the outcome.
    nearest
        (n,) position of the line whose moderator value is closest to that of the observation.
    surface
        The lines.
    """

    numbers: NDArray[np.int64]
    focal_observed: Vector
    moderator_observed: Vector
    partial_residual: Vector
    nearest: NDArray[np.int64]
    surface: Surface

    def _works(self) -> tuple[str, ...]:
        return ("fox_weisberg_2018", "mccabe_et_al_2018")

    def _columns(self) -> Columns:
        return {
            "row": self.numbers,
            "value": self.focal_observed,
            "at": self.moderator_observed,
            "label": np.array(self.surface.label, dtype=object)[self.nearest],
            "partial_residual": self.partial_residual,
        }

    def __str__(self) -> str:
        counts = np.bincount(self.nearest, minlength=len(self.surface.label))
        near = ", ".join(
            f"{counted(int(n), 'observation')} nearest to {label}" for n, label in zip(counts, self.surface.label, strict=True)
        )
        spread = float(np.sqrt(np.mean((self.partial_residual - self.partial_residual.mean()) ** 2)))
        where = f" by {self._moderator}: {near}" if self.moderator else ""
        return f"Partial residuals of {self._outcome} along {self._focal}{where}. SD {number(spread)}, {n_text(self.n)}."


def partial_residuals(fit: ModerationFit, focal: str, moderator: str | None = None, *, moderator_at: Values = None) -> PartialResiduals:
    r"""Compute partial residuals (component plus residual) for the interaction figure.

    :math:`r_i = \hat y(x_i, z_i, \bar w) + e_i`: regressed on x, z and their products they reproduce the model's coefficients, so a curve
    in the dots that the lines do not follow is missing from the model.

    Parameters
    ----------
    fit
        The fit.
    focal, moderator
        Names of variables. Without a moderator there is one line.
    moderator_at
        Values of the moderator with a line; by default one SD to either side of its mean, or the two values of a two-valued variable.

    Returns
    -------
    PartialResiduals
        One point per observation, identified only by its row number.

    Raises
    ------
    ModelError
        If a variable is not in the model, or the slope does not depend on the moderator.

    References
    ----------
    Fox, J. & Weisberg, S. (2018). Journal of Statistical Software 87(9).

    Examples
    --------
    >>> from tienet.regression.model import Moderation
    >>> data = {"y": [1.0, 3.0, 2.0, 7.0, 4.0, 9.5], "x": [1, 2, 3, 4, 5, 6], "z": [0, 1, 0, 1, 0, 1]}
    >>> points = partial_residuals(Moderation("y ~ x + z", covariance="classical").fit(data), "x")
    >>> float(np.polyfit(points.focal_observed, points.partial_residual, 1)[0].round(4))
    1.1875
    """
    fitted = needs_cases(fit).polynomial
    surface = predict_surface(fit, focal=focal, moderator=moderator, moderator_at=moderator_at)
    first, second = fitted.variable(focal), fitted.variable(moderator) if moderator else None
    own = {variable.name: variable.values for variable in (first, second) if variable is not None}
    point = standing(fitted, {first.name: first.mean}, second.name if second else None)
    values = {name: own.get(name, np.full(fit.n, point[name])) for name in fitted.variables}
    component = columns_of(fitted.terms, values, fitted.centers) @ fitted.estimate
    seen = second.values if second else np.full(fit.n, np.nan)
    distance = np.abs(seen[:, None] - surface.moderator_values) if second else np.zeros((fit.n, 1))
    return PartialResiduals(
        **common(fitted, first.name, second.name if second else None, None, surface.held),
        numbers=locked(row_numbers(fit), np.int64),
        focal_observed=first.values,
        moderator_observed=locked(seen),
        partial_residual=locked(component + fit.residuals),
        nearest=locked(np.argmin(distance, axis=1), np.int64),
        surface=surface,
    )
