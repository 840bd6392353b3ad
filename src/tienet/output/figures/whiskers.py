"""Figures of estimates with intervals: coefficients of a fit, and simple slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes

from tienet.base.checks import choice
from tienet.base.numbers import category_of, coverage, listed, many_categories, n_text, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import SLOPE_OF, at_value, axis_name, human, measured_name, per_unit, slope_name, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_whiskers, height_of
from tienet.regression.core.formula import INTERCEPT
from tienet.regression.dependence.autocorrelation import NetworkAutocorrelation
from tienet.regression.dependence.random_intercepts import RandomIntercept
from tienet.regression.model.absorbed_fit import AbsorbedFit
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.ordinal import AtLeast
from tienet.regression.model.pooling import PooledFit
from tienet.regression.probes.effects_at_values import AverageEffects
from tienet.regression.probes.second_differences import SecondDifference
from tienet.regression.probes.slopes import SimpleSlopes

_SECOND = {"average cross-partial": "Cross-partial", "second difference": "Second difference"}
Per: TypeAlias = Literal["unit", "sd"]


def _slopes_size(slopes: SimpleSlopes | AverageEffects | SecondDifference) -> style.Size:
    return style.COLUMN, 1.3 + 0.3 * len(slopes.label)


@plot.register(AverageEffects)
@plot.register(SimpleSlopes)
@style.styled(_slopes_size)
def draw_slopes(slopes: SimpleSlopes | AverageEffects, ax: Axes) -> None:
    """Draw a dot with whiskers per value of the moderator, the lowest at the bottom."""
    names = [at_value(slopes.moderator or "", label, float(at)) for label, at in zip(slopes.label, slopes.at, strict=True)]
    draw_whiskers(ax, names, Intervals(slopes.estimate, slopes.conf_low, slopes.conf_high))
    style.name_axes(
        ax,
        slope_name(slopes.focal, slopes.outcome, SLOPE_OF[slopes.scale], slopes.measured, base=slopes.base),
        axis_name(slopes.moderator) if slopes.moderator else "",
    )
    style.settle(ax)
    known = np.isfinite(slopes.conf_low).any()
    unknown = f"No intervals (standard errors not known); {n_text(slopes.n)}"
    note = covariance_note(slopes.alpha, slopes.n, slopes.covariance.label) if known else unknown
    product = getattr(slopes, "product", None)  # average effects have none
    style.note(ax, f"{product.note}; {note[:1].lower()}{note[1:]}" if product else note)


def _named(terms: Sequence[str]) -> list[str]:
    """Terms without the categories of a column that has many, such as persons."""
    many = many_categories(terms)
    return [term for term in terms if category_of(term) not in many]


@plot.register(SecondDifference)
@style.styled(_slopes_size)
def draw_second_difference(found: SecondDifference, ax: Axes) -> None:
    """Draw a dot with whiskers per measure of the interaction on the scale of the expected outcome; the note has the product's own test."""
    names = [_SECOND.get(label, "High less low") for label in found.label][::-1]
    draw_whiskers(ax, names, Intervals(found.estimate[::-1], found.conf_low[::-1], found.conf_high[::-1]))
    between = f"Interaction of {lower(human(found.focal))} and {lower(human(str(found.moderator)))}"
    style.name_axes(ax, f"{between} ({measured_name(found.measured, found.outcome) or lower(human(found.outcome))})", "")
    style.settle(ax)
    note = covariance_note(found.alpha, found.n, found.covariance.label)
    style.note(ax, f"{found.product.note}; {note[:1].lower()}{note[1:]}" if found.product else note)


def _fit_size(fit: ModerationFit | GeneralisedFit) -> style.Size:
    return style.COLUMN, height_of(_named(fit.terms[1:]), 1.06)


@plot.register(GeneralisedFit)
@plot.register(ModerationFit)
@style.styled(_fit_size)
def draw_fit(fit: ModerationFit | GeneralisedFit, ax: Axes, *, per: Per = "unit", intercept: bool = False) -> None:
    """Draw the coefficients, the first term on top; ``per="sd"`` gives each per standard deviation of its term."""
    choice("per", per, get_args(Per))
    table = fit._columns()
    own = len(fit.terms) == len(fit.design.terms)  # ordered categories have thresholds instead of an intercept
    spread = np.ones(len(fit.terms))
    if per == "sd":
        spread[own:] = fit.design.columns(fit.design.centers).std(axis=0, ddof=1)
    named = _named(fit.terms[0 if intercept else int(own) :])
    kept = [fit.terms.index(term) for term in named][::-1]
    estimate, low, high = ((table[name] * spread)[kept] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in named][::-1], Intervals(estimate, low, high))
    style.name_axes(ax, per_unit(fit.outcome, "unit" if per == "unit" else "SD of the term", fit.polynomial.response.on_link), "")
    style.note(ax, covariance_note(fit.alpha, fit.n, fit.covariance.label))


def _at_least_size(fit: AtLeast) -> style.Size:
    return style.COLUMN, height_of(fit.terms[1:], 1.06)


@plot.register(AtLeast)
@style.styled(_at_least_size)
def draw_at_least(fit: AtLeast, ax: Axes) -> None:
    """Draw the coefficients of one split of ordered categories, the first term on top."""
    table = fit._columns()
    estimate, low, high = (table[name][:0:-1] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in fit.terms[:0:-1]], Intervals(estimate, low, high))
    style.name_axes(ax, per_unit(fit.outcome, measured=fit.polynomial.response.on_link), "")
    style.note(ax, covariance_note(fit.alpha, fit.n, fit.covariance.label))


def _pooled_size(fit: PooledFit) -> style.Size:
    return style.COLUMN, height_of(_named(fit.terms[1:]), 1.21)  # a line more than a single fit: its note is longer


@plot.register(PooledFit)
@style.styled(_pooled_size)
def draw_pooled(fit: PooledFit, ax: Axes, *, intercept: bool = False) -> None:
    """Draw the pooled coefficients, the first term on top, each with the interval of its own Barnard-Rubin degrees of freedom."""
    table, named = fit._columns(), _named([term for term in fit.terms if intercept or term != INTERCEPT])
    kept = [fit.terms.index(term) for term in named][::-1]
    estimate, low, high = (table[name][kept] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in named][::-1], Intervals(estimate, low, high))
    style.name_axes(ax, per_unit(fit.outcome, measured=fit.polynomial.response.on_link), "")
    style.note(ax, covariance_note(fit.alpha, fit.n, fit.covariance.label))


def _absorbed_size(fit: AbsorbedFit) -> style.Size:
    return style.COLUMN, height_of(_named(fit.terms), 1.21)


@plot.register(AbsorbedFit)
@style.styled(_absorbed_size)
def draw_absorbed(fit: AbsorbedFit, ax: Axes) -> None:
    """Draw the coefficients, the first term on top; the note names the effects taken out."""
    table, named = fit._columns(), _named(fit.terms)
    kept = [fit.terms.index(term) for term in named][::-1]
    draw_whiskers(
        ax, [term_label(term) for term in named][::-1], Intervals(*(table[name][kept] for name in ("estimate", "conf_low", "conf_high")))
    )
    style.name_axes(ax, per_unit(fit.outcome), "")
    out = listed(f"{lower(human(name))} ({groups:,})" for name, groups in zip(fit.absorbed, fit.groups, strict=True))
    style.note(ax, f"{covariance_note(fit.alpha, fit.n, fit.covariance.label)}; {out} absorbed")


def _autocorrelation_size(result: NetworkAutocorrelation) -> style.Size:
    return style.COLUMN, height_of(result.terms[2:], 1.22)


@plot.register(NetworkAutocorrelation)
@style.styled(_autocorrelation_size)
def draw_autocorrelation(result: NetworkAutocorrelation, ax: Axes, *, intercept: bool = False) -> None:
    """Draw the coefficients, with rho, which has no unit, on top."""
    table = result._columns()
    kept = [row for row, term in enumerate(result.terms) if intercept or term != "(Intercept)"][::-1]
    names = ["ρ (network)" if row == 0 else term_label(result.terms[row]) for row in kept]
    draw_whiskers(ax, names, Intervals(*(table[name][kept] for name in ("estimate", "conf_low", "conf_high"))))
    style.name_axes(ax, f"{per_unit(result.outcome)}; ρ without unit", "")
    style.note(ax, covariance_note(result.alpha, result.n, "maximum likelihood"))


def _random_size(result: RandomIntercept) -> style.Size:
    return style.COLUMN, height_of(result.terms[1:], 1.21)


@plot.register(RandomIntercept)
@style.styled(_random_size)
def draw_random_intercept(result: RandomIntercept, ax: Axes) -> None:
    """Draw the coefficients, the first term on top; the note gives the share of variance between units."""
    table = result._columns()
    estimate, low, high = (table[name][:0:-1] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in result.terms[:0:-1]], Intervals(estimate, low, high))
    style.name_axes(ax, per_unit(result.outcome), "")
    between = f"{result.units} random intercepts by {lower(human(result.unit))} ({result.method.upper()}), ICC = {printed(result.icc)}"
    style.note(ax, f"{coverage(result.alpha)} intervals, {n_text(result.n)}, {between}; filled: the interval leaves out zero")


def covariance_note(alpha: float, n: int, covariance: str) -> str:
    """The note of a figure with intervals: level, n and covariance."""
    return f"{coverage(alpha)} intervals, {n_text(n)}, {covariance}; filled: the interval leaves out zero"
