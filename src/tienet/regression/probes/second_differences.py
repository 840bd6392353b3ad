"""The interaction on the scale of the expected outcome: the second difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.checks import whole
from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.base.numbers import counted, interval_text, number, p_text, percent, value_text
from tienet.regression.core.least_squares import lincom
from tienet.regression.core.polynomial import Model, Polynomial, Variable, surface_of
from tienet.regression.core.response import Reestimation
from tienet.regression.probes._levels import number_levels, split_at
from tienet.regression.probes._mean_effects import EffectPart, cross_parts, difference_parts, effects, gradient, only_at, require_level
from tienet.regression.probes.probe import Probe, Values, common, level, placed, tested_with
from tienet.regression.probes.products import ProductTest, product_test

__all__ = ["SecondDifference", "second_difference"]

SecondKind: TypeAlias = Literal["two-valued", "mixed", "numbers"]
SMALL_SAMPLE = 150
_DRAWS = 1000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SecondDifference(Probe):
    """How the average slope of the focal variable on the expected outcome differs along the moderator, beside the product's own test.

    Parameters
    ----------
    kind
        "two-valued": both have two values, and it is mean(mu11 - mu10 - mu01 + mu00). "mixed": one of them has, and it is the difference
        of the other's average slope. "numbers": two rows, the average cross-partial and the average slope of the focal variable at the
        high minus at the low value of the moderator.
    label
        What each row is.
    estimate, std_error, dfs, statistic, p_value, conf_low, conf_high
        (r,) each, by the delta method.
    boot_low, boot_high
        (r,) percentile intervals over resampled rows or clusters; NaN if none were drawn.
    draws, lost
        Number of resamples used, and of those in which the model has no estimate.
    smallest, largest, share_opposite
        (r,) smallest and largest value over the observations, and the share of them with the sign opposite to the product's coefficient.
    product
        The test of the product on the scale of the link; None if the model has none, or its error is not known.
    """

    kind: SecondKind
    label: tuple[str, ...]
    estimate: Vector
    std_error: Vector
    dfs: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    boot_low: Vector
    boot_high: Vector
    draws: int
    lost: int
    smallest: Vector
    largest: Vector
    share_opposite: Vector
    product: ProductTest | None

    def _works(self) -> tuple[str, ...]:
        return ("ai_norton_2003", "mize_2019", *self.covariance._works())

    def _columns(self) -> Columns:
        boot = {"boot_low": self.boot_low, "boot_high": self.boot_high} if self.draws else {}
        rows = {"smallest": self.smallest, "largest": self.largest, "share_opposite": self.share_opposite}
        return {"label": np.array(self.label, dtype=object), **self._tests(), **boot, **rows}

    @property
    def sentence(self) -> str:
        """The second difference, and the product on the scale of the link."""
        parts = [
            f"{label}: {number(b)} (SE {number(s)}, {p_text(p)}){self._resampled(i)}, from {number(self.smallest[i])} to "
            f"{number(self.largest[i])} over the observations{self._opposite(i)}"
            for i, (label, b, s, p) in enumerate(zip(self.label, self.estimate, self.std_error, self.p_value, strict=True))
        ]
        on = self._measured or f"expected {self._outcome}"
        link = f" {self.product.plain(self.response.link.scale)}. The two can differ, in size and in sign." if self.product else ""
        return f"Interaction of {self._focal} and {self._moderator} on the {on}: {'; '.join(parts)}.{link}"

    def _opposite(self, i: int) -> str:
        share = self.share_opposite[i]
        return "" if np.isnan(share) else f", {percent(share, 0)} of them with the sign opposite to the product's"

    def _resampled(self, i: int) -> str:
        if not self.draws:
            return ""
        lost = f", {self.lost:,} more had no estimate" if self.lost else ""
        return f", bootstrap {interval_text(self.boot_low[i], self.boot_high[i])} ({counted(self.draws, 'resample')}{lost})"


def second_difference(
    model: Model,
    *,
    focal: str,
    moderator: str,
    at: Values = None,
    draws: int | None = None,
    seed: int = 0,
    alpha: float | None = None,
) -> SecondDifference:
    r"""Test an interaction on the scale of the expected outcome: probabilities, counts or amounts.

    For two-valued variables it is the mean of :math:`\mu_{11} - \mu_{10} - \mu_{01} + \mu_{00}`; for a number and a two-valued one the
    difference of average effects; for two numbers the average cross-partial :math:`g''(\eta)\eta_x\eta_z + g'(\eta)\eta_{xz}`, and the
    average effect at the mean plus one SD of the moderator less that at minus one.

    Parameters
    ----------
    model
        A fit with its observations, of a `Moderation(family=...)` or another package. For a linear model both tests are the same.
    focal, moderator
        Names of variables.
    at
        {moderator: (low, high)} instead of the mean and one SD to either side, and values at which to hold others; all other variables
        keep their own value in every row.
    draws
        Resamples for percentile intervals beside those of the delta method; by default 1,000 below n = 150, where the latter are a little
        too narrow, and 0 from there on.
    seed
        Seed of the resamples.
    alpha
        Significance level; by default the model's.

    Returns
    -------
    SecondDifference
        It has the test of the product on the scale of the link beside it: with a product of zero the two disagree in a third of samples.

    Raises
    ------
    ModelError
        If the model came without observations, a variable is not in it, or has no intercept (an ordinal outcome needs a category).

    References
    ----------
    Ai, C. & Norton, E. C. (2003). Economics Letters 80, 123-129.
    Mize, T. D. (2019). Sociological Science 6, 81-117.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(3)
    >>> x, z = rng.normal(size=300), rng.integers(0, 2, size=300)
    >>> won = (rng.uniform(size=300) < 1 / (1 + np.exp(-x - z))).astype(int)
    >>> found = tn.second_difference(tn.Moderation("won ~ x*z", family="logit").fit({"won": won, "x": x, "z": z}), focal="x", moderator="z")
    >>> found.kind, found.label
    ('mixed', ('average slope of x at z = 1 minus at z = 0',))
    """
    surface = surface_of(model)
    first, second = surface.variable(focal), surface.variable(moderator)
    if first.name == second.name:
        raise ModelError(f"{first.name} is both focal and moderator; name two variables")
    require_level(surface)
    own, others = split_at(surface, moderator, at)
    fixed = placed(surface, others)
    kind, parts, labels = _summands(surface, first, second, own, fixed)
    a = level(surface, alpha)
    rows = np.array([gradient(surface, each) for each in parts])
    values = np.array([effects(surface, each) for each in parts])
    std_error = lincom(rows, surface.estimate, surface.matrix)[1]
    product = product_test(surface, first.name, second.name, a)
    reference = product.estimate if product and np.isfinite(product.estimate) else float("nan")
    wanted = draws if draws is not None else _DRAWS * (surface.n < SMALL_SAMPLE and surface.response.refit is not None)
    low, high, used, lost = _percentiles(surface, parts, whole("draws", wanted, 0), seed, a)
    return SecondDifference(
        **{**common(surface, first.name, second.name, alpha, fixed), "scale": "response"},
        kind=kind,
        label=labels,
        **tested_with(values.mean(axis=1), std_error, surface.df_of(rows), a),
        boot_low=low,
        boot_high=high,
        draws=used,
        lost=lost,
        smallest=values.min(axis=1),
        largest=values.max(axis=1),
        share_opposite=np.mean(np.sign(values) == -np.sign(reference), axis=1) if np.isfinite(reference) else np.full(len(values), np.nan),
        product=product,
    )


def _summands(
    surface: Polynomial, first: Variable, second: Variable, own: Values, fixed: dict[str, float]
) -> tuple[SecondKind, list[list[EffectPart]], tuple[str, ...]]:
    low, high = _ends(second, own)
    ends = difference_parts(surface, first, {**fixed, **only_at(surface, second, high)}, {**fixed, **only_at(surface, second, low)})
    category = second.factor and second.base and (low, high) == (0.0, 1.0)
    where = second.factor if category else second.name
    ends_said = (str(second.base), second.name[len(str(second.factor)) + 1 : -1]) if category else (value_text(low), value_text(high))
    said = f"average slope of {first.name} at {where} = {ends_said[1]} minus at {where} = {ends_said[0]}"
    if first.kind == second.kind == "binary":
        return "two-valued", [ends], ("second difference",)
    if "binary" in (first.kind, second.kind):
        return "mixed", [ends], (said,)
    return "numbers", [cross_parts(surface, first, second, fixed), ends], ("average cross-partial", said)


def _ends(moderator: Variable, own: Values) -> tuple[float, float]:
    levels = number_levels(moderator, own, whole=False)
    if len(levels.at) < 2:
        raise ModelError(f"at: {moderator.name} needs two values, a low and a high one")
    return float(levels.at.min()), float(levels.at.max())


def _percentiles(
    surface: Polynomial, parts: list[list[EffectPart]], draws: int, seed: int, alpha: float
) -> tuple[Vector, Vector, int, int]:
    """(r,) ends of percentile intervals, and the numbers of resamples used and lost."""
    nothing = np.full(len(parts), np.nan)
    refit = surface.response.refit
    if not draws:
        return nothing, nothing, 0, 0
    if refit is None:
        raise ModelError("this model cannot be estimated again, so it has no bootstrap; leave draws out")
    found, lost = [], 0
    for weights in _weights(refit, surface.n, draws, seed):
        b = refit.coefficients(weights)
        good = np.isfinite(b).all(axis=1)
        lost += int((~good).sum())
        share = weights[good] / weights[good].sum(axis=1, keepdims=True)
        found.append(np.array([np.sum(share * effects(surface, each, b[good]), axis=1) for each in parts]))
    values = np.concatenate(found, axis=1)
    low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2], axis=1)
    return low, high, values.shape[1], lost


def _weights(refit: Reestimation, n: int, draws: int, seed: int) -> Any:
    """Blocks of (d, n) numbers of times that each row is drawn."""
    rng = np.random.default_rng(seed)
    codes = refit.clusters
    units = n if codes is None else int(np.max(codes)) + 1
    for start in range(0, draws, 200):
        size = min(200, draws - start)
        drawn = rng.multinomial(units, np.full(units, 1 / units), size=size)
        yield (drawn if codes is None else drawn[:, np.asarray(codes)]).astype(float)
