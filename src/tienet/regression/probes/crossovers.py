"""Where the lines of an interaction cross."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from tienet.base.errors import ArgumentError, ModelError, OutsideSupport
from tienet.base.frames import Columns
from tienet.base.numbers import count, number, range_text
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.probes._stretches import observed_range
from tienet.regression.probes.predicted_surfaces import Surface, predict_surface
from tienet.regression.probes.probe import Probe, Values, common, held_values, level, pair, partners, placed, split_values, standing
from tienet.regression.probes.zeros import FiellerKind, Zero, zeros_of

__all__ = ["Crossing", "Crossover", "crossover"]


Order: TypeAlias = Literal["ordinal", "disordinal"]


@dataclass(frozen=True, slots=True, eq=False)
class Crossing(Sealed):
    """One value of a variable at which the lines of the other cross.

    Parameters
    ----------
    variable
        The variable on whose axis they cross.
    zero
        The value, with its delta-method error and interval and its Fieller set.
    observed
        Observed range of the variable; infinite where it is not known.
    inside
        Whether the value lies in it.
    below, above
        Rows with smaller values, and with larger ones; NaN without data.
    """

    variable: str
    zero: Zero
    observed: tuple[float, float]
    inside: bool
    below: float
    above: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Crossover(Probe):
    """The values at which the lines of an interaction cross, on both axes.

    `estimate`, `std_error`, `delta`, `fieller`, `kind` and `inside` are those of the crossing on the focal variable's axis, of two the one
    nearer to its mean.

    Parameters
    ----------
    on_focal
        Crossings of the lines over the focal variable, one for each value of the moderator: where the slope of the moderator is zero. Two
        if the focal variable's square is multiplied by the moderator, none if that slope is never zero.
    on_moderator
        Crossings of the lines over the moderator, one for each value of the focal variable; empty for a moderator with two values.
    place
        Which of `on_focal` the properties refer to.
    lines
        Predicted lines for a figure; None if they cannot be drawn.
    """

    on_focal: tuple[Crossing, ...]
    on_moderator: tuple[Crossing, ...]
    place: int
    lines: Surface | None

    @property
    def estimate(self) -> float:
        """Where the lines cross on the focal variable's axis; NaN if they do not."""
        return self._zero.estimate if self.on_focal else float("nan")

    @property
    def std_error(self) -> float:
        """Delta-method error."""
        return self._zero.std_error if self.on_focal else float("nan")

    @property
    def delta(self) -> tuple[float, float]:
        """Delta interval; unreliable when the product is less than about three standard errors from zero."""
        return self._zero.delta if self.on_focal else (float("nan"), float("nan"))

    @property
    def fieller(self) -> tuple[float, ...]:
        """Limits of the Fieller set, the values at which the slope of the moderator does not differ from zero."""
        return self._zero.fieller if self.on_focal else ()

    @property
    def kind(self) -> FiellerKind:
        """Between the limits ("bounded"), outside them ("two_rays"), "whole_line", or "not known"."""
        return self._zero.kind if self.on_focal else "not known"

    @property
    def inside(self) -> bool:
        """Whether the lines cross in the observed range of the focal variable (disordinal) or not (ordinal)."""
        return any(crossing.inside for crossing in self.on_focal)

    @property
    def order(self) -> Order:
        """Whether the lines cross in the observed range of the focal variable ("disordinal") or keep their order there ("ordinal")."""
        return "disordinal" if self.inside else "ordinal"

    @property
    def settled(self) -> bool:
        """Whether all values in the Fieller sets agree on the order: all inside the observed range, or all outside."""
        if not self.on_focal:
            return False
        inside = any(crossing.inside and _within(crossing) for crossing in self.on_focal)
        return inside or all(_beyond(crossing) for crossing in self.on_focal)

    @property
    def _zero(self) -> Zero:
        return self.on_focal[self.place].zero

    def _works(self) -> tuple[str, ...]:
        return ("widaman_et_al_2012", "fieller_1954", *self.covariance._works())

    def _columns(self) -> Columns:
        rows = [*self.on_focal, *self.on_moderator]
        numeric: dict[str, list[float]] = {
            "estimate": [row.zero.estimate for row in rows],
            "std_error": [row.zero.std_error for row in rows],
            "std_error_low": [row.zero.std_error_low for row in rows],
            "std_error_high": [row.zero.std_error_high for row in rows],
            "delta_low": [row.zero.delta[0] for row in rows],
            "delta_high": [row.zero.delta[1] for row in rows],
            "fieller_low": [row.zero.limits[0] for row in rows],
            "fieller_high": [row.zero.limits[1] for row in rows],
        }
        if all(row.zero.is_exact for row in rows):
            del numeric["std_error_low"], numeric["std_error_high"]
        return {
            "variable": np.array([row.variable for row in rows], dtype=object),
            **{name: np.array(values, dtype=float) for name, values in numeric.items()},
            "kind": np.array([row.zero.kind for row in rows], dtype=object),
            "inside": np.array([row.inside for row in rows], dtype=bool),
            "n_below": np.array([row.below for row in rows], dtype=float),
            "n_above": np.array([row.above for row in rows], dtype=float),
        }

    @property
    def sentence(self) -> str:
        """What was found, without outcome, errors and sample."""
        here = self._axis(self.on_focal, self._focal, self._moderator)
        there = self._axis(self.on_moderator, self._moderator, self._focal)
        return " ".join(filter(None, [self._caveat(), here or self._parallel(), self._order(), there]))

    def _parallel(self) -> str:
        return f"The lines of {self._outcome} over {self._focal} at different {self._moderator} cross nowhere."

    def _caveat(self) -> str:
        """The reservation to read before the estimate."""
        unsure = bool(self.on_focal) and self.kind in ("two_rays", "whole_line")
        return f"The data do not show that the lines cross over {self._focal}." if unsure else ""

    def _order(self) -> str:
        if not self.on_focal or not np.isfinite(self.on_focal[0].observed).all():
            return ""
        meaning = "which line is higher changes within" if self.inside else "the lines keep their order within"
        if self.settled:
            return f"The interaction is {self.order}: {meaning} the observed range of {self._focal}."
        other = "ordinal" if self.inside else "disordinal"
        return f"By the estimate the interaction is {self.order} ({meaning} the observed range of {self._focal}); {other} is not ruled out."

    def _axis(self, crossings: tuple[Crossing, ...], along: str, other: str) -> str:
        if not crossings:
            return ""
        said = [f"{number(crossing.zero.estimate)} ({_where(crossing)}; {self._interval(crossing.zero)})" for crossing in crossings]
        return f"The lines of {self._outcome} over {along} at different {other} cross at {' and at '.join(said)}."

    def _interval(self, zero: Zero) -> str:
        return f"{zero.interval_text(self.alpha)}{zero.error_text()}"


def _within(crossing: Crossing) -> bool:
    """Whether the whole Fieller set lies inside the observed range."""
    (start, end), (low, high) = crossing.zero.limits, crossing.observed
    return crossing.zero.kind == "bounded" and low <= start and end <= high


def _beyond(crossing: Crossing) -> bool:
    """Whether the whole Fieller set lies outside the observed range."""
    (start, end), (low, high) = crossing.zero.limits, crossing.observed
    if crossing.zero.kind == "two_rays":
        return start < low and high < end
    return crossing.zero.kind == "bounded" and (end < low or high < start)


def _where(crossing: Crossing) -> str:
    """'inside the observed range [0, 5], 12 rows below and 88 above'."""
    if not np.isfinite(crossing.observed).all():
        return "the observed range is not known"
    place = f"{'inside' if crossing.inside else 'outside'} the observed range {range_text(*crossing.observed)}"
    if np.isnan(crossing.below) or not crossing.inside:
        return place
    return f"{place}, with {count(crossing.below)} rows below it and {count(crossing.above)} above"


def crossover(model: Model, *, focal: str, moderator: str, at: Values = None, alpha: float | None = None) -> Crossover:
    r"""Find where the lines of an interaction cross.

    For :math:`y = b_0 + b_1 x + b_2 z + b_3 xz` the lines over x at all values of z cross at :math:`x^* = -b_2/b_3`, where the slope of z
    is zero; the lines over z at all values of x cross at :math:`z^* = -b_1/b_3`. In a three-way model at v,
    :math:`x^* = -(b_2 + b_{zv} v)/(b_3 + b_{xzv} v)`. With :math:`x^2` the lines still cross where the slope of z is zero; with
    :math:`x^2 z` that is the case at two points, or at none. With :math:`z^2` the lines at two values of z cross where the slope of z
    midway between them is zero: z is then held at its mean, for lines at the same distance on both sides of it, or at the value in `at`.

    Parameters
    ----------
    model
        A fit, or a model rebuilt from a published table.
    focal, moderator
        Names of variables; the focal one has more than two values. For a category with several levels name one dummy, ``region[north]``:
        its line against that of the base.
    at
        Values at which to hold other variables, {variable: value}; by default their means.
    alpha
        Significance level of the intervals; by default the model's.

    Returns
    -------
    Crossover
        Includes delta intervals and Fieller sets, which are the complements of the Johnson-Neyman regions of the other variable's slope.
        Whatever the size of the product, a Fieller set covers as often as its level says; it need not be bounded.

    Raises
    ------
    ModelError
        If a variable is not in the model, there is no product of the two, it is exactly zero, or the focal variable has two values.

    References
    ----------
    Widaman, K. F. et al. (2012). Psychological Methods 17, 615-622.
    Fieller, E. C. (1954). Journal of the Royal Statistical Society B 16, 175-185.

    Examples
    --------
    >>> from tienet.regression.published import PublishedModel
    >>> model = PublishedModel({"x": 0.2, "z": -0.6, "x:z": 0.3}, means={"x": 2.5, "z": 0}, sds={"x": 1, "z": 1}, ranges={"x": (0, 5)})
    >>> found = crossover(model, focal="x", moderator="z")
    >>> round(found.estimate, 3), found.inside
    (2.0, True)
    """
    surface = surface_of(model)
    first, second = _two(surface, focal, moderator)
    if at is not None and not isinstance(at, Mapping):
        raise ArgumentError(f"at={at!r} must name its variables; write at={{'variable': value}}")
    others = split_values(surface, None, at)[1]
    _refuse_free(surface, first, second, others)
    a = level(surface, alpha)
    point = standing(surface, placed(surface, others), first.name)
    over_focal = _crossings(surface, first, second, point, a)
    over_moderator = () if second.kind == "binary" else _crossings(surface, second, first, point, a)
    if not over_focal and not surface.slope_rows(second.name, first.name, point)[2].any():
        raise ModelError(f"the product of {first.name} and {second.name} is exactly zero here, so the lines are parallel")
    middle = [abs(crossing.zero.estimate - np.nan_to_num(first.mean)) for crossing in over_focal]
    held = held_values(surface, first.name, second.name, point) | held_values(surface, second.name, first.name, point)
    return Crossover(
        **common(surface, first.name, second.name, alpha, held),
        on_focal=over_focal,
        on_moderator=over_moderator,
        place=int(np.argmin(middle)) if middle else 0,
        lines=_lines(model, first, second, others, over_focal, alpha),
    )


def _two(surface: Polynomial, focal: str, moderator: str) -> tuple[Variable, Variable]:
    first, second = pair(surface, focal, moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; name another moderator, or use turning_point for a curve")
    if first.kind == "binary":
        raise ModelError(
            f"{first.name} has only two values, so no lines run along it; write focal={second.name!r}, moderator={first.name!r}"
        )
    return first, second


def _refuse_free(surface: Polynomial, first: Variable, second: Variable, others: dict[str, Values]) -> None:
    """Refuse values for the two variables themselves, which matter only if one of them is squared."""
    for name in (first.name, second.name):
        if name in others and name not in partners(surface, name):
            raise ArgumentError(f"at: {name} varies here, so it cannot be held; hold only other variables, at={{'variable': value}}")


def _crossings(surface: Polynomial, along: Variable, other: Variable, point: dict[str, float], alpha: float) -> tuple[Crossing, ...]:
    """Crossings over one variable of the lines for values of the other: zeros of the slope of the other."""
    zeros = zeros_of(surface, surface.slope_rows(other.name, along.name, point), along, alpha)
    return tuple(_crossing(along, zero, surface.n) for zero in zeros)


def _crossing(along: Variable, zero: Zero, n: int) -> Crossing:
    low, high = observed_range(along)
    share = [float(np.mean(side)) for side in (along.spread < zero.estimate, along.spread > zero.estimate)] if len(along.spread) else None
    below, above = (round(part * n, 6) for part in share) if share else (float("nan"), float("nan"))
    return Crossing(along.name, zero, (low, high), bool(low <= zero.estimate <= high), below, above)


def _lines(
    model: Model, first: Variable, second: Variable, others: dict[str, Values], crossings: tuple[Crossing, ...], alpha: float | None
) -> Surface | None:
    """Lines over the observed range and, where a crossing is less than one range beyond it, as far as that."""
    low, high = first.low, first.high
    if not np.isfinite([low, high]).all():
        return None
    reach = [crossing.zero.estimate for crossing in crossings if 2 * low - high <= crossing.zero.estimate <= 2 * high - low]
    room = 0.06 * (high - low) if any(not low <= spot <= high for spot in reach) else 0.0
    over = (min([low, *(spot - room for spot in reach)]), max([high, *(spot + room for spot in reach)])) if room else None
    given: dict[str, Any] = {name: value for name, value in others.items() if name not in (first.name, second.name)}
    with warnings.catch_warnings():  # the caller has already warned about the values held
        warnings.simplefilter("ignore", OutsideSupport)
        try:
            return predict_surface(model, focal=first.name, moderator=second.name, at=Fixed(given) or None, over=over, alpha=alpha)
        except ModelError:  # values of the moderator, or a coefficient, that only the lines need are not known
            return None
