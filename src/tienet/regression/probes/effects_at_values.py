"""Average effects on the scale of the expected outcome, at values of a moderator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tienet.base.arrays import Vector
from tienet.base.frames import Columns
from tienet.base.numbers import counted, number, p_text, percent
from tienet.base.record import locked
from tienet.regression.core.least_squares import lincom
from tienet.regression.core.polynomial import Model, Polynomial, surface_of
from tienet.regression.probes._levels import Levels, at_level, category_levels, is_factor, number_levels, place_label, places_of, split_at
from tienet.regression.probes._mean_effects import effect_parts, effects, gradient, require_level, settings
from tienet.regression.probes.probe import Probe, Values, common, level, placed, tested_with
from tienet.regression.probes.products import ProductTest, after, product_test
from tienet.regression.probes.second_differences import SecondDifference, second_difference

__all__ = ["AverageEffects", "average_effects"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class AverageEffects(Probe):
    """Slopes of the focal variable in the expected outcome, averaged over the observations, at values of the moderator.

    Parameters
    ----------
    at, label, others
        Values of the moderator, their labels, and values of further variables that were given several, as in `SimpleSlopes`.
    estimate, std_error, dfs, statistic, p_value, conf_low, conf_high
        (r,) each, in units of the expected outcome per unit of the focal variable.
    smallest, largest
        (r,) smallest and largest effect over the observations.
    share_opposite
        (r,) share of the observations whose effect has the sign opposite to the average.
    interaction
        The test of the interaction on both scales; None without a moderator, or for one with several categories.
    products
        The joint test of the products with the categories of a moderator, on the scale of the link; None for other moderators.
    """

    at: Vector
    label: tuple[str, ...]
    others: Mapping[str, Vector]
    estimate: Vector
    std_error: Vector
    statistic: Vector
    p_value: Vector
    conf_low: Vector
    conf_high: Vector
    dfs: Vector
    smallest: Vector
    largest: Vector
    share_opposite: Vector
    interaction: SecondDifference | None = None
    products: ProductTest | None = None

    def _works(self) -> tuple[str, ...]:
        return ("mize_2019", *self.covariance._works())

    def _columns(self) -> Columns:
        rows = {"smallest": self.smallest, "largest": self.largest, "share_opposite": self.share_opposite}
        return {"label": np.array(self.label, dtype=object), "at": self.at, **self._tests(), **rows}

    @property
    def sentence(self) -> str:
        """The average effects, then the interaction's test on both scales."""
        where = f" at {self._moderator}" if self.moderator else ""
        parts = [
            f"{at_level(label, m) if self.moderator else 'overall'}: {number(b)} (SE {number(s)}, {p_text(p)}{self._opposite(i)})"
            for i, (label, m, b, s, p) in enumerate(zip(self.label, self.at, self.estimate, self.std_error, self.p_value, strict=True))
        ]
        on = self._measured or f"expected {self._outcome}"
        found = f"Average slope of {self._focal} in the {on}{where}, over {counted(self.n, 'observation')}: {'; '.join(parts)}."
        return after(self.product, found)

    @property
    def product(self) -> ProductTest | None:
        """The interaction's test on both scales; of a category, that of the products."""
        return self.interaction.product if self.interaction else self.products

    def _opposite(self, i: int) -> str:
        share = self.share_opposite[i]
        return f", {percent(share, 0)} of observations with the opposite sign" if share > 0 else ""


def average_effects(
    model: Model, *, focal: str, moderator: str | None = None, at: Values = None, alpha: float | None = None
) -> AverageEffects:
    r"""Average the slope of the focal variable on the expected outcome over the observations.

    For a number it is the mean of :math:`g'(\eta_i) \, \partial\eta_i / \partial x`, squares and products of x included; for a two-valued
    variable or a category the mean of :math:`g(\eta_{i1}) - g(\eta_{i0})`. With a moderator, every row keeps its own values except that the
    moderator is set to each value in turn.

    Parameters
    ----------
    model
        A fit with its observations, of a `Moderation(family=...)` or another package.
    focal, moderator
        Names of variables; the moderator may be categorical.
    at
        Values of the moderator, the name of a rule, or a mapping {variable: value or values}, as in `simple_slopes`.
    alpha
        Significance level; by default the model's.

    Returns
    -------
    AverageEffects
        In units of the expected outcome (probability, count, amount) per unit of the focal variable, with errors by the delta method that
        take the covariates as fixed.

    Raises
    ------
    ModelError
        If the model came without its observations, or has no intercept (an ordinal outcome needs a category).

    Notes
    -----
    This is the average over the observations, not the effect at their means, which can be 15% off. Delta intervals are good from about
    n = 200; `second_difference` has a bootstrap beside them in smaller samples. With an exposure the effect is in counts at each row's own.

    References
    ----------
    Mize, T. D. (2019). Sociological Science 6, 81-117.

    Examples
    --------
    >>> import tienet as tn
    >>> rng = np.random.default_rng(3)
    >>> x = rng.normal(size=300)
    >>> won = (rng.uniform(size=300) < 1 / (1 + np.exp(-x))).astype(int)
    >>> effect = tn.average_effects(tn.Moderation("won ~ x", family="logit").fit({"won": won, "x": x}), focal="x")
    >>> bool(0.1 < effect.estimate[0] < 0.3)
    True
    """
    surface = surface_of(model)
    first = surface.variable(focal)
    require_level(surface)
    own, others = split_at(surface, moderator, at)
    axes, several = _axes(surface, moderator, own, others)
    parts = [effect_parts(surface, first, fixed) for fixed in settings([levels.points for levels in axes.values()])]
    rows = np.array([gradient(surface, each) for each in parts])
    values = np.array([effects(surface, each) for each in parts])
    std_error = lincom(rows, surface.estimate, surface.matrix)[1]
    places = places_of(axes)
    mine = next(iter(axes)) if moderator is not None else None
    mean = values.mean(axis=1)
    single = {name: float(levels.at[0]) for name, levels in axes.items() if name != mine and len(levels.label) == 1}
    kept = mine is not None and not is_factor(surface, mine) and mine != first.name and not several
    both = second_difference(model, focal=focal, moderator=str(moderator), at=single, draws=0, alpha=alpha) if kept else None
    return AverageEffects(
        **{**common(surface, first.name, mine, alpha, single), "scale": "response"},
        at=locked([axes[mine].at[place[0]] if mine else np.nan for place in places]),
        label=tuple(place_label(axes, place, mine, several) or "overall" for place in places),
        others={name: locked([axes[name].at[place[list(axes).index(name)]] for place in places]) for name in several},
        **tested_with(mean, std_error, surface.df_of(rows), level(surface, alpha)),
        smallest=locked(values.min(axis=1)),
        largest=locked(values.max(axis=1)),
        share_opposite=locked(np.mean(np.sign(values) == -np.sign(mean)[:, None], axis=1)),
        interaction=both,
        products=product_test(surface, first.name, mine, level(surface, alpha)) if mine is not None and is_factor(surface, mine) else None,
    )


def _axes(surface: Polynomial, moderator: str | None, own: Values, others: Mapping[str, Values]) -> tuple[dict[str, Levels], list[str]]:
    """Levels of the moderator, first, and of the other variables given; and the others with several."""
    axes: dict[str, Levels] = {}
    if moderator is not None:
        # on this scale an effect depends on every variable of the model, with or without a product
        factor = is_factor(surface, moderator)
        levels = category_levels(surface, moderator, own) if factor else number_levels(surface.variable(moderator), own)
        axes[levels.name] = levels
    more = {name: number_levels(surface.variable(name), values) for name, values in others.items()}
    placed(surface, {name: values for name, values in others.items() if np.ndim(values) == 0 and not isinstance(values, str)})
    return {**axes, **more}, [name for name, levels in more.items() if len(levels.label) > 1]
