"""Estimates with their intervals: the coefficients of a fit, and simple slopes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tienet._record import n_text
from tienet.errors import ArgumentError
from tienet.figures import _style as style
from tienet.figures._labels import at_value, human, lower, percent, short_number, term_label
from tienet.inference.autocorrelation import NetworkAutocorrelation
from tienet.inference.random_intercept import RandomIntercept
from tienet.moderation.fit import ModerationFit
from tienet.probes.slopes import SimpleSlopes

Per: TypeAlias = Literal["unit", "sd"]


class Intervals(NamedTuple):
    """Estimates and the limits of their intervals: (r,) each."""

    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def _slopes_size(slopes: SimpleSlopes) -> style.Size:
    return style.COLUMN, 1.3 + 0.3 * len(slopes.label)


@style.styled(_slopes_size)
def draw_slopes(slopes: SimpleSlopes, ax: Axes) -> None:
    """Draw a dot and whiskers per value of the moderator, the lowest at the bottom."""
    names = [at_value(slopes.moderator or "", label, float(at)) for label, at in zip(slopes.label, slopes.at, strict=True)]
    draw_whiskers(ax, names, Intervals(slopes.estimate, slopes.conf_low, slopes.conf_high))
    style.name_axes(ax, f"Slope of {lower(human(slopes.focal))}", human(slopes.moderator) if slopes.moderator else "")
    known = np.isfinite(slopes.conf_low).any()
    unknown = f"No intervals, their errors are not known; {n_text(slopes.n)}"
    style.note(ax, _covariance_note(slopes.alpha, slopes.n, slopes.covariance.label) if known else unknown)


def _fit_size(fit: ModerationFit) -> style.Size:
    lines = sum(term_label(term).count("\n") + 1 for term in fit.terms[1:])
    return style.COLUMN, 1.0 + 0.19 * lines + 0.06 * len(fit.terms)


@style.styled(_fit_size)
def draw_fit(fit: ModerationFit, ax: Axes, *, per: Per = "unit", intercept: bool = False) -> None:
    """Draw the coefficients, the first term on top; ``per="sd"`` gives each for one standard deviation of its term."""
    if per not in get_args(Per):
        raise ArgumentError.not_one_of("per", per, get_args(Per))
    table = fit._columns()
    spread = np.ones(len(fit.terms))
    if per == "sd":
        spread[1:] = fit.design.columns(fit.design.centers).std(axis=0, ddof=1)
    kept = slice(None if intercept else 1, None)
    estimate, low, high = ((table[name] * spread)[kept][::-1] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in fit.terms[kept]][::-1], Intervals(estimate, low, high))
    unit = "unit" if per == "unit" else "SD of the term"
    scale = " (z-score)" if fit.sample.standardised else ""
    style.name_axes(ax, f"{human(fit.outcome)}{scale} per {unit}", "")
    style.note(ax, _covariance_note(fit.alpha, fit.n, fit.covariance.label))


def _autocorrelation_size(result: NetworkAutocorrelation) -> style.Size:
    return style.COLUMN, 1.1 + 0.19 * sum(term_label(term).count("\n") + 1 for term in result.terms[2:]) + 0.06 * len(result.terms)


@style.styled(_autocorrelation_size)
def draw_autocorrelation(result: NetworkAutocorrelation, ax: Axes, *, intercept: bool = False) -> None:
    """Draw the coefficients with rho on top, which has no unit."""
    table = result._columns()
    kept = [row for row, term in enumerate(result.terms) if intercept or term != "(Intercept)"][::-1]
    names = ["ρ (network)" if row == 0 else term_label(result.terms[row]) for row in kept]
    draw_whiskers(ax, names, Intervals(*(table[name][kept] for name in ("estimate", "conf_low", "conf_high"))))
    style.name_axes(ax, f"{human(result.outcome)} per unit; ρ without unit", "")
    style.note(ax, _covariance_note(result.alpha, result.n, "maximum likelihood"))


def _random_size(result: RandomIntercept) -> style.Size:
    lines = sum(term_label(term).count("\n") + 1 for term in result.terms[1:])
    return style.COLUMN, 1.15 + 0.19 * lines + 0.06 * len(result.terms)


@style.styled(_random_size)
def draw_random_intercept(result: RandomIntercept, ax: Axes) -> None:
    """Draw the coefficients, the first term on top, with the share of variance between units in the note."""
    table = result._columns()
    estimate, low, high = (table[name][:0:-1] for name in ("estimate", "conf_low", "conf_high"))
    draw_whiskers(ax, [term_label(term) for term in result.terms[:0:-1]], Intervals(estimate, low, high))
    style.name_axes(ax, f"{human(result.outcome)} per unit", "")
    between = f"{result.units} random intercepts by {lower(human(result.unit))} ({result.method.upper()}), ICC = {short_number(result.icc)}"
    style.note(ax, f"{percent(result.alpha)} intervals, n = {result.n:,}, {between}; filled: zero outside")


def _covariance_note(alpha: float, n: int, covariance: str) -> str:
    return f"{percent(alpha)} intervals, {n_text(n)}, {covariance}; filled: zero outside"


def draw_whiskers(ax: Axes, names: Sequence[str], rows: Intervals) -> None:
    """One row each from the bottom up; a filled dot where the interval leaves zero out."""
    places = np.arange(len(names))
    clear = (rows.low > 0) | (rows.high < 0)
    ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="--", gid="zero")
    ax.hlines(places, rows.low, rows.high, color=style.COLORS[0], linewidth=1.5, gid="whiskers")
    face = [style.COLORS[0] if yes else "white" for yes in clear]
    ax.scatter(rows.estimate, places, s=26, c=face, edgecolors=style.COLORS[0], linewidths=1.2, zorder=3, gid="estimates")
    ax.set_yticks(places, names, fontsize=style.SMALL, linespacing=1.0, color=style.INK)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    style.settle(ax)
