"""Figures of published models: coefficients, the range left by rounding, and slopes and regions with bounded errors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from tienet.base.numbers import coverage, n_text, printed
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value, axis_name, human, per_unit, slope_name, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_whiskers, height_of
from tienet.output.figures.floodlight import draw_stretches
from tienet.regression.core.least_squares import t_critical
from tienet.regression.probes.bounded_regions import BoundedRegions
from tienet.regression.probes.slopes import BoundedSlopes
from tienet.regression.published.correlations import CorrelationRegression
from tienet.regression.published.model import PublishedModel

_FACE = {"yes": ("#d6e6f2", "#9fb8cc", "///", "differs"), "no": ("#ececec", "#c4c4c4", "...", "does not differ")}


def _model_size(model: PublishedModel) -> style.Size:
    return style.COLUMN, height_of(model.terms, 1.1)


@plot.register(PublishedModel)
@style.styled(_model_size)
def draw_published(model: PublishedModel, ax: Axes, *, intercept: bool = False) -> None:
    """Draw the printed coefficients, the first on top; only dots if no standard errors are known."""
    table = model._columns()
    kept = [i for i, term in enumerate(model.polynomial.terms) if (term.order or intercept) and np.isfinite(model.estimate[i])][::-1]
    rows = Intervals(*(table[name][kept] for name in ("estimate", "conf_low", "conf_high")))
    draw_whiskers(ax, [term_label(model.terms[i]) for i in kept], rows)
    style.name_axes(ax, per_unit(model.outcome), "")
    drawn = np.isfinite(rows.low).any()
    errors = (
        f"{coverage(model.alpha)} intervals from printed errors; filled: the interval leaves out zero" if drawn else "no errors are printed"
    )
    style.note(ax, f"{n_text(model.polynomial.n)}, {errors}")


def _correlation_size(result: CorrelationRegression) -> style.Size:
    return style.COLUMN, 1.4 + 0.3 * len(result.predictors)


@plot.register(CorrelationRegression)
@style.styled(_correlation_size)
def draw_correlations(result: CorrelationRegression, ax: Axes) -> None:
    """Draw the standardised coefficients with their intervals, and the range left by rounding as a broad bar."""
    half = t_critical(result.alpha, result.df) * result.beta_error
    labels = [term_label(name) for name in result.predictors][::-1]
    low, high = result.beta_rounding.beta_low[::-1], result.beta_rounding.beta_high[::-1]
    shown = result.decimals is not None and np.isfinite(low).all()
    if shown:
        ax.hlines(np.arange(len(labels)), low, high, color=style.COLORS[4], linewidth=13, alpha=0.6, gid="rounding")
    draw_whiskers(ax, labels, Intervals(result.beta[::-1], (result.beta - half)[::-1], (result.beta + half)[::-1]))
    style.name_axes(ax, f"{human(result.outcome)}: SD per SD", "")
    broad = f"; broad bars: range left by {result.decimals}-decimal correlations" if shown else ""
    style.note(
        ax,
        f"{coverage(result.alpha)} intervals, {n_text(result.n)}, classical standard errors; filled: the interval leaves out zero{broad}",
    )


def _slopes_size(slopes: BoundedSlopes) -> style.Size:
    return style.COLUMN, 1.6 + 0.3 * len(slopes.label)


@plot.register(BoundedSlopes)
@style.styled(_slopes_size)
def draw_bounded_slopes(slopes: BoundedSlopes, ax: Axes) -> None:
    """Draw the slopes with the widest possible intervals, and the narrowest possible ones as broad bars."""
    names = [at_value(slopes.moderator or "", label, float(at)) for label, at in zip(slopes.label, slopes.at, strict=True)]
    share = np.divide(slopes.std_error_low, slopes.std_error_high, out=np.ones(len(names)), where=slopes.std_error_high > 0)
    least = (slopes.conf_high - slopes.estimate) * share
    places = np.arange(len(names))
    ax.hlines(places, slopes.estimate - least, slopes.estimate + least, color=style.COLORS[0], linewidth=6, alpha=0.3, gid="narrowest")
    draw_whiskers(ax, names, Intervals(slopes.estimate, slopes.conf_low, slopes.conf_high))
    style.name_axes(
        ax,
        slope_name(slopes.focal, slopes.outcome, measured=slopes.measured, base=slopes.base),
        axis_name(slopes.moderator) if slopes.moderator else "",
    )
    style.settle(ax)
    widest = f"Widest and narrowest (broad) possible {coverage(slopes.alpha)} intervals, covariances not printed"
    tested = f"; {slopes.product.note}" if slopes.product else ""
    style.note(ax, f"{widest}; {n_text(slopes.n)}; filled: even the widest interval leaves out zero{tested}")


@plot.register(BoundedRegions)
@style.styled((style.COLUMN, 3.2))
def draw_bounded_regions(regions: BoundedRegions, ax: Axes) -> None:
    """Draw the slope with its widest possible band; shaded where the result holds for any covariance."""
    draw_stretches(regions, ax, [_shade(word) for word in regions.verdict])
    above = style.key(ax, _handles(regions), "Slope and zero, whatever the covariances")
    band = f"widest possible {coverage(regions.alpha)} band"
    tested = f"{regions.product.note}; " if regions.product else ""
    style.note(ax, f"{tested}{n_text(regions.n)}, {band}, {regions.level}, bounds {_spoken(regions)}", above=above)


def _shade(word: str) -> dict[str, Any] | None:
    if word not in _FACE:
        return None
    face, edge, hatch, _ = _FACE[word]
    return {"facecolor": face, "edgecolor": edge, "hatch": hatch, "gid": word}


def _handles(regions: BoundedRegions) -> list[Patch | Line2D]:
    words = dict.fromkeys(regions.verdict)
    shades: list[Patch | Line2D] = [
        Patch(facecolor=face, edgecolor=edge, hatch=hatch, linewidth=0, label=label)
        for word, (face, edge, hatch, label) in _FACE.items()
        if word in words
    ]
    return [*shades, *([Patch(facecolor="white", edgecolor=style.FAINT, label="not known")] if "not known" in words else [])]


def _spoken(regions: BoundedRegions) -> str:
    return ", ".join(printed(bound) for bound in regions.bounds) or "none"
