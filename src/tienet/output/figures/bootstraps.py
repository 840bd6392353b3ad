"""Figures of bootstraps: estimates with intervals, one distribution, and the t of the wild bootstrap."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from tienet.base.errors import ArgumentError, offer
from tienet.base.numbers import coverage, n_text, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, per_unit, plain, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_whiskers, height_of
from tienet.regression.resampling.bootstrapping import Bootstrap
from tienet.regression.resampling.wild_cluster import WildBootstrap

_BARS = 40


def _bootstrap_size(result: Bootstrap) -> style.Size:
    return style.COLUMN, 2.8 if len(result.term) == 1 else height_of(result.term, 1.1)


@plot.register(Bootstrap)
@style.styled(_bootstrap_size)
def draw_bootstrap(result: Bootstrap, ax: Axes, *, term: str | None = None) -> None:
    """Draw each quantity with its interval, or the distribution of one of them."""
    if term is not None and not (isinstance(term, str) and term in result.term):
        raise ArgumentError(f"term={term!r} was not bootstrapped{offer(term, result.term)}")
    if term is None and len(result.term) > 1:
        _draw_all(result, ax)
    else:
        _draw_one(result, ax, 0 if term is None else result.term.index(term))


def _draw_all(result: Bootstrap, ax: Axes) -> None:
    kept = [place for place, name in enumerate(result.term) if name != "(Intercept)"][::-1]
    low, high = result.limits
    draw_whiskers(ax, [_name(result, place) for place in kept], Intervals(result.estimate[kept], low[kept], high[kept]))
    style.name_axes(ax, _axis(result), human(result.moderator) if result.moderator else "")
    style.note(ax, _note(result, "; filled: the interval leaves out zero"))


def _draw_one(result: Bootstrap, ax: Axes, place: int) -> None:
    low, high = (float(ends[place]) for ends in result.limits)
    estimate, wide = float(result.estimate[place]), high - low
    bars(ax, result.estimates[:, place], (min(low - wide / 2, estimate), max(high + wide / 2, estimate)))
    ax.axvspan(low, high, color=style.COLORS[0], alpha=0.12, linewidth=0, gid="interval")
    ax.axvline(estimate, color=style.INK, linewidth=1.2, linestyle="--", gid="estimate")
    name = _name(result, place).replace("\n", " ")
    label = {"coefficients": f"Coefficient: {lower(name)}", "slopes": f"{_axis(result)}, {name}"}.get(result.quantity, _axis(result))
    style.name_axes(ax, label, "Resamples")
    style.note(ax, _note(result, "; dashed: the estimate"))


def _name(result: Bootstrap, place: int) -> str:
    name = result.term[place]
    return term_label(name) if result.quantity == "coefficients" else plain(name, 40).replace("-", "−")


def _axis(result: Bootstrap) -> str:
    if result.quantity == "coefficients":
        return per_unit(result.outcome)
    return {"slopes": "Slope", "turning point": "Turning point", "R2": "R²"}[result.quantity] + (
        f" of {lower(human(result.focal))}" if result.focal else ""
    )


def _note(result: Bootstrap, tail: str) -> str:
    return f"{coverage(result.alpha)} {'BCa' if result.interval == 'bca' else 'percentile'} intervals, {result.design}{tail}"


@plot.register(WildBootstrap)
@style.styled()
def draw_wild(result: WildBootstrap, ax: Axes) -> None:
    """Draw the bootstrap t under the null, with the observed t and its mirror image."""
    values = result.distribution[np.isfinite(result.distribution)]
    observed = abs(result.statistic)
    far = max(1.05 * observed, float(np.quantile(np.abs(values), 0.995)))
    bars(ax, values, (-far, far))
    for side in (-1.0, 1.0):
        solid = side * result.statistic >= 0
        ax.axvline(
            side * observed, color=style.COLORS[1], linewidth=1.4, linestyle="-" if solid else "--", gid="observed" if solid else "mirror"
        )
    style.name_axes(ax, f"Bootstrap t under the null of {result.null:g}", "Draws")
    style.settle(ax)
    height = style.key(
        ax,
        [
            Line2D([], [], color=style.COLORS[1], linewidth=1.4, label=f"observed, {printed(result.statistic)}"),
            Line2D([], [], color=style.COLORS[1], linewidth=1.4, linestyle="--", label="mirrored"),
        ],
        "",
    )
    drawn = f"all {result.draws:,} sign patterns" if result.enumerated else f"{result.draws:,} {result.weights.title()} draws"
    name = plain(result.term, 80) if result.term.startswith("slope of ") else term_label(result.term).replace("\n", " ")
    text = f"{name}: {result.p_text}, {drawn}, {result.clusters} clusters, {n_text(result.n)}"
    style.note(ax, text, above=height - style.SMALL)


def bars(ax: Axes, values: NDArray[np.float64], shown: tuple[float, float]) -> None:
    """Draw a histogram over the range shown; values beyond it go into the first and last bar."""
    low, high = shown if shown[1] > shown[0] else (shown[0] - 0.5, shown[1] + 0.5)
    ax.hist(
        np.clip(values, low, high), bins=np.linspace(low, high, _BARS + 1).tolist(), color=style.COLORS[5], edgecolor="white", linewidth=0.4
    )
