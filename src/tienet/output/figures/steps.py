"""Figure of a hierarchical regression: what each block adds to R2."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.numbers import minus, p_text, statistic_text
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, plain
from tienet.output.figures._plot import plot
from tienet.regression.model.steps import Steps


def _size(steps: Steps) -> style.Size:
    return style.COLUMN, 1.0 + 0.5 * len(steps.step)


@plot.register(Steps)
@style.styled(_size)
def draw_steps(steps: Steps, ax: Axes) -> None:
    """Draw a bar per block from R2 before to R2 after it, the first block on top, with the change and its test below the bar."""
    places = np.arange(len(steps.step))[::-1].astype(float)
    before = steps.r_squared - steps.delta_r_squared
    ax.barh(places + 0.14, steps.r_squared, height=0.34, color=style.FAINT, linewidth=0, gid="before")
    bars = ax.barh(places + 0.14, steps.delta_r_squared, left=before, height=0.34, color=style.COLORS[0], linewidth=0, gid="added")
    for bar in bars:
        bar.set_gid("added")
    ax.set_yticks(places + 0.14, [_step_name(steps, i) for i in range(len(steps.step))], fontsize=style.SMALL, color=style.INK)
    ax.set_ylim(-0.6, len(places) - 0.5)
    ax.set_xlim(0, 1.08 * float(steps.r_squared.max()) or 1.0)
    ax.tick_params(axis="y", length=0)
    style.settle(ax)
    for i, place in enumerate(places):
        ax.annotate(_test(steps, i), (0, place - 0.1), (2, 0), textcoords="offset points", va="top", fontsize=style.SMALL, gid="test")
    style.name_axes(ax, "R²", "")
    few = "; –: too few clusters to test" if np.isnan(steps.f_change).any() else ""
    style.note(ax, f"Dark: added by the block, tested with {steps.covariance.label}{few}")


def _step_name(steps: Steps, i: int) -> str:
    """The name of a block in plain words; own names of blocks stay."""
    name = steps.step[i]
    ties = all(term.startswith(("total_ties_", "tie_strength_", "no_ties_")) for term in steps.terms[i])
    said = {"main": "Ties" if ties and steps.terms[i] else "Main terms", "quadratic": "Squares", "interactions": "Products"}
    return plain(said.get(name, human(name)), 24)


def _test(steps: Steps, i: int) -> str:
    added = minus(f"{steps.delta_r_squared[i]:+.3f}")
    if np.isnan(steps.f_change[i]):
        return f"{added}, –"
    return f"{added}, {statistic_text('F', steps.f_change[i], steps.df1[i], steps.df2[i])}, {p_text(steps.p_change[i])}"
