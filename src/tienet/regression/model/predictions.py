"""Predictions of a fit for new data."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import checked_level
from tienet.regression.core.least_squares import lincom, t_critical
from tienet.regression.core.new_data import read_exposure, read_new_data
from tienet.regression.core.polynomial import Polynomial

_MANY = 1000  # use the compact form from this number of rows
_MOST_TERMS = 40  # the compact form has k^4 numbers
_ROOM = 4_000_000  # numbers in one batch of rows


def expected(surface: Polynomial, rows: Vector) -> tuple[Vector, Vector, Vector]:
    """(m,) expected outcomes, standard errors and degrees of freedom at (m, k) rows of the design; NaN for rows of NaN."""
    known = ~np.isnan(rows).any(axis=1)
    found = np.full((3, len(rows)), np.nan)
    if known.any():
        found[:2, known] = lincom(rows[known], surface.estimate, surface.matrix)
        found[2, known] = _degrees(surface, rows[known])
    return found[0], found[1], found[2]


def _degrees(surface: Polynomial, rows: Vector) -> Vector:
    """(m,) degrees of freedom; for many rows, the cost does not grow with the number of clusters."""
    own, k = surface.own_degrees, rows.shape[1]
    if own is None or len(rows) < _MANY or k > _MOST_TERMS:
        return surface.df_of(rows)
    compact = own.compact()
    return np.concatenate([compact.of(part) for part in np.array_split(rows, 1 + len(rows) * k**2 // _ROOM)])


def predict_rows(surface: Polynomial, data: object, alpha: float | None, case_sd: float) -> Any:
    """The table that `predict` of a fit returns.

    Parameters
    ----------
    surface
        The fitted surface.
    data
        The new data.
    alpha
        Level of the intervals; by default the model's.
    case_sd
        Standard deviation of one observation around its expected outcome; NaN if unknown.
    """
    level = checked_level(surface.alpha if alpha is None else alpha)
    new = read_new_data(data, surface)
    estimate, std_error, df = expected(surface, new.rows)
    critical = t_critical(level, df)
    mean, case = critical * std_error, critical * np.hypot(std_error, case_sd)
    return new.frame(
        {
            "estimate": estimate,
            "std_error": std_error,
            "df": df,
            "conf_low": estimate - mean,
            "conf_high": estimate + mean,
            "prediction_low": estimate - case,
            "prediction_high": estimate + case,
        }
    )


def predict_response(surface: Polynomial, data: object, alpha: float | None, exposure: str | None) -> Any:
    r"""The table that `predict` of a fit with a link returns: :math:`g(\eta)`, with the interval of :math:`\eta` through g.

    Parameters
    ----------
    surface
        The fitted surface.
    data
        The new data.
    alpha
        Level of the intervals; by default the model's.
    exposure
        Column of the exposure of counts, or None.
    """
    level = checked_level(surface.alpha if alpha is None else alpha)
    new = read_new_data(data, surface)
    eta, error, df = expected(surface, new.rows)
    if exposure is not None:
        eta = eta + read_exposure(data, exposure)
    half, link = t_critical(level, df) * error, surface.response.link
    return new.frame(
        {
            "estimate": link.mean(eta),
            "std_error": link.first(eta) * error,
            "df": df,
            "conf_low": link.mean(eta - half),
            "conf_high": link.mean(eta + half),
            "link": eta,
            "link_std_error": error,
        }
    )
