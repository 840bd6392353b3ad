"""Figure of sensitivity: the estimate of a term over the strength of an omitted variable."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from tienet.base.checks import real
from tienet.base.errors import ArgumentError
from tienet.base.numbers import n_text, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, term_label
from tienet.output.figures._plot import plot
from tienet.regression.endogeneity.sensitivities import Sensitivity


@plot.register(Sensitivity)
@style.styled((style.COLUMN, 3.4))
def draw_sensitivity(found: Sensitivity, ax: Axes, *, limit: float | None = None) -> None:
    """Draw lines of equal estimate over the two partial R2s, with a thick line at zero and benchmarks as dots.

    ``limit`` is the end of both axes; the default shows the robustness value and the benchmarks.
    """
    if limit is not None and not 0 < real("limit", limit) < 1:
        raise ArgumentError(f"limit={limit!r} is not a partial R2; use a number between 0 and 1")
    right, top = (limit, limit) if limit else _limits(found)
    x, y = np.linspace(0, right, 161), np.linspace(0, top, 161)
    estimate = found.at(*np.meshgrid(x, y))
    drawn = []
    if levels := _levels(found.estimate, estimate):
        lines = ax.contour(x, y, estimate, levels=levels, colors=style.MUTED, linewidths=0.8, linestyles="-")
        lines.set_gid("estimates")
        drawn.append((lines, levels))
    if estimate.min() < 0 < estimate.max():
        zero = ax.contour(x, y, estimate, levels=[0.0], colors=style.COLORS[1], linewidths=1.8)
        zero.set_gid("zero")
        drawn.append((zero, [0.0]))
    ax.plot(0, 0, "^", color=style.INK, markersize=5, clip_on=False, zorder=4, gid="fit")
    if found.robustness <= min(right, top):
        ax.plot(found.robustness, found.robustness, "D", color=style.COLORS[1], markersize=4.5, zorder=4, gid="robustness")
    taken = _draw_benchmarks(found, ax, right, top)
    ax.set_xlim(0, right)
    ax.set_ylim(0, top)
    term = lower(term_label(found.term).replace("\n", " "))
    style.name_axes(ax, f"Partial R² of an omitted variable with {term}", f"Partial R² with {lower(human(found.outcome))}")
    style.settle(ax)
    _label_lines(found, ax, drawn, (right, top), [*taken, (found.robustness, found.robustness)])
    style.note(
        ax,
        f"Lines: estimate with the omitted variable; {printed(found.estimate)} without it (triangle), zero at "
        f"{found.robustness:.3f} of both (diamond); {n_text(found.n)}",
    )


def _limits(found: Sensitivity) -> style.Size:
    """Ends of the axes, with room for everything marked."""
    right = np.nanmax([1.5 * found.robustness, *(1.35 * found.bound_term), 0.02])
    top = np.nanmax([1.5 * found.robustness, *(1.15 * found.bound_outcome), 0.02])
    return min(float(right), 0.95), min(float(top), 1.0)


def _levels(start: float, estimate: np.ndarray) -> list[float]:
    """Round levels on both sides of zero; zero itself is drawn separately, and a level at the start would lie on the axes."""
    from matplotlib.ticker import MaxNLocator

    end = float(np.quantile(estimate, 0.01 if start > 0 else 0.99))
    ticks = MaxNLocator(nbins=8, steps=[1, 2, 2.5, 5, 10]).tick_values(min(start, end), max(start, end))
    inside = [float(tick) for tick in ticks if estimate.min() < tick < estimate.max()]
    return [tick for tick in inside if abs(tick) > 1e-9 * abs(start) and abs(tick - start) > 0.08 * abs(start)]


def _label_lines(found: Sensitivity, ax: Axes, drawn: list[tuple[Any, list[float]]], ends: style.Size, taken: list[style.Size]) -> None:
    """Write the estimate of each line where it crosses a ray through the figure, and only where nothing else is written."""
    along = np.linspace(0.03, 0.97, 400)
    wide, tall = style.inches(ax)
    free = [(x / ends[0] * wide, y / ends[1] * tall) for x, y in taken]
    for lines, levels in reversed(drawn):  # zero first
        for level in sorted(levels, key=lambda one: abs(one - found.estimate), reverse=True):
            for lean in (0.8, 1.0, 0.62):  # rays of different slopes
                x, y = along * ends[0] * min(1.0, lean), along * ends[1] * min(1.0, 1.62 - lean)
                height = found.at(x, y)
                passed = np.flatnonzero(np.diff(np.sign(height - level)))
                if not len(passed):
                    continue
                spot = float(x[passed[0]]), float(y[passed[0]])
                place = spot[0] / ends[0] * wide, spot[1] / ends[1] * tall
                if all(np.hypot(place[0] - other[0], (place[1] - other[1]) * 1.6) > 0.34 for other in free):
                    free.append(place)
                    said = {"fontsize": style.SMALL - 0.5, "inline_spacing": 3, "manual": [spot]}
                    for text in ax.clabel(lines, [level], fmt=lambda value: printed(value) if value else "0", **said):
                        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8})
                    break


def _draw_benchmarks(found: Sensitivity, ax: Axes, right: float, top: float) -> list[style.Size]:
    """Draw a dot per multiple of a covariate, the largest first, and label those with enough room; return where the labels are."""
    named: list[tuple[float, float]] = []
    rows = list(zip(found.covariate, found.times, found.bound_term, found.bound_outcome, strict=True))
    for name, times, x, y in reversed(rows):
        if not (x <= right and y <= top):
            continue
        ax.plot(x, y, "o", color=style.COLORS[0], markersize=4, zorder=4, clip_on=False, gid="benchmark")
        if any(abs(y - other) < 0.05 * top and abs(x - place) < 0.5 * right for place, other in named):
            continue
        named.append((float(x), float(y)))
        left = x > 0.6 * right
        ax.annotate(
            f"{times:g}× {lower(term_label(name))}".replace("\n", " "),
            (x, y),
            (-5 if left else 5, 3 if y < 0.03 * top else 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center" if y >= 0.03 * top else "bottom",
            fontsize=style.SMALL - 0.5,
            color=style.COLORS[0],
            bbox={"facecolor": "white", "alpha": 0.8, "edgecolor": "none", "pad": 0.6},
        )
    wide = 0.3 * right  # about the width of a label
    return [
        place for x, y in named for place in [(x, y), *((x + (-1 if x > 0.6 * right else 1) * share * wide, y) for share in (0.5, 1.0))]
    ]
