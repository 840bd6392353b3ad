"""Figures of effect sizes: the share of variance that each term or block explains."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import coverage, n_text
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, plain, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import height_of, name_rows
from tienet.regression.checks.effects import EffectSizes
from tienet.regression.checks.shares import VarianceShares

_COHEN = (0.02, 0.15, 0.35)


def _sizes_size(sizes: EffectSizes) -> style.Size:
    return style.COLUMN, height_of(sizes.term, 1.0)


@plot.register(EffectSizes)
@style.styled(_sizes_size)
def draw_sizes(sizes: EffectSizes, ax: Axes) -> None:
    """Draw f2 per term and block, with its interval if there is one; dotted: .02, .15 and .35."""
    places = np.arange(len(sizes.term))[::-1]
    for mark in _COHEN:
        ax.axvline(mark, color=style.MUTED, linewidth=0.7, linestyle=style.DASHES[2], gid="mark")
    known = np.isfinite(sizes.f_squared_high)
    ax.hlines(places[known], sizes.f_squared_low[known], sizes.f_squared_high[known], color=style.COLORS[0], linewidth=1.5, gid="whiskers")
    ax.plot(sizes.f_squared, places, "o", color=style.COLORS[0], markersize=5, gid="estimates")
    ax.set_xlim(left=-0.02 * ax.get_xlim()[1])
    name_rows(ax, places, [term_label(term) for term in sizes.term])
    style.name_axes(ax, f"Cohen's f² ({lower(human(sizes.outcome))})", "")
    intervals = f"{coverage(sizes.alpha)} intervals" if known.any() else f"No closed-form intervals under {sizes.covariance.kind}"
    style.note(ax, f"{intervals}, {n_text(sizes.n)}; dotted: small, medium, large after Cohen (1988)")


def _shares_size(shares: VarianceShares) -> style.Size:
    return style.COLUMN, 1.2 + 0.3 * len(shares.block)


@plot.register(VarianceShares)
@style.styled(_shares_size)
def draw_shares(shares: VarianceShares, ax: Axes) -> None:
    """Draw a bar per block, with a hollow dot for its R2 alone and a filled dot for what it adds to all others."""
    places = np.arange(len(shares.block))[::-1]
    ax.barh(places, shares.r_squared_share, height=0.55, color=style.COLORS[0], alpha=0.45, gid="shares")
    ax.plot(shares.alone, places, "o", color=style.INK, markerfacecolor="white", markersize=5, gid="alone")
    ax.plot(shares.after_others, places, "o", color=style.INK, markersize=4, gid="after others")
    ax.set_xlim(left=min(0.0, float(shares.after_others.min())))
    name_rows(ax, places, [plain(human(name), 24) for name in shares.block])
    style.name_axes(ax, f"Share of the variance of {lower(human(shares.outcome))}", "")
    style.note(ax, f"Bars sum to R² = {shares.r_squared:.3f}, {n_text(shares.n)}; hollow: alone, filled: added to all others")
