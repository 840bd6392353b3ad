"""What the strength of a tie means: a number of the tie, or the composite of frequency, importance and closeness."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import text
from tienet.base.errors import ArgumentError, DataError, offer
from tienet.network.ties.given import GivenName
from tienet.network.ties.network import BOTH_WAYS, Ties


def strength_values(ties: Ties, strength: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strength of each tie as its `a` end and as its `b` end sees it.

    "frequency", "interactions" or another number of the tie look alike from both ends. "composite" is the mean of three
    z-scores over all ends of all ties: frequency; importance, the tie's share of that end's interactions; closeness, the
    mean of reciprocity and regularity. "survey" and "calibrated" are what the ties brought along, each end's own.
    """
    if text("strength", strength) in get_args(GivenName):
        return _given(ties, strength)
    if ties.given is not None and ties.given.answers is not None and strength in ("composite", "frequency", "regularity", "channels"):
        raise DataError(f"strength={strength!r} cannot be had from a survey; use strength='survey'")
    if strength != "composite":
        if strength not in BOTH_WAYS:
            raise ArgumentError(f"strength={strength!r} is not known{offer(strength, ('composite', *get_args(GivenName), *BOTH_WAYS))}")
        values: NDArray[np.float64] = getattr(ties, strength)
        if len(values) and np.isnan(values).all():
            raise DataError(
                f"strength={strength!r} cannot be had from this log (it states no times or channels for it); use strength='interactions'"
            )
        return values, values
    return _composite(ties)


def _given(ties: Ties, strength: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if ties.given is None or ties.given.name != strength:
        maker = "read_survey" if strength == "survey" else "calibrated"
        raise DataError(f"strength={strength!r} needs ties made by {maker}, which these are not")
    return ties.given.as_a, ties.given.as_b


def _composite(ties: Ties) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if ties.window is None:
        raise DataError(
            "strength='composite' needs times (frequency and regularity), which the log does not state; use strength='interactions'"
        )
    importance = np.concatenate([ties.importance_a, ties.importance_b])
    closeness = (ties.reciprocity + ties.regularity) / 2.0
    parts = (np.tile(ties.frequency, 2), importance, np.tile(closeness, 2))
    composite = np.mean([_z(part) for part in parts], axis=0)
    return composite[: len(ties)], composite[len(ties) :]


def _z(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard scores with the n - 1 standard deviation; all zero where nothing varies."""
    spread = values.std(ddof=1) if len(values) > 1 else 0.0
    if spread <= 1e-12 * max(1.0, float(np.abs(values).max(initial=0.0))):
        return np.zeros_like(values)
    standard: NDArray[np.float64] = (values - values.mean()) / spread
    return standard
