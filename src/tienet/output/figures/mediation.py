"""Figure of indirect effects: conditional effects with intervals, a single effect with its bootstrap distribution."""

from __future__ import annotations

from matplotlib.axes import Axes

from tienet.base.numbers import coverage, interval_text, minus, printed
from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import at_value, human, per_unit, plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_whiskers
from tienet.output.figures.bootstraps import bars
from tienet.regression.resampling.indirect_effects import Mediation
from tienet.regression.resampling.several_mediators import SeveralMediators


def _size(result: Mediation) -> style.Size:
    return style.COLUMN, 2.8 if result.moderator is None else 1.45 + 0.3 * result.effect.count("indirect")


@plot.register(Mediation)
@style.styled(_size)
def draw_mediation(result: Mediation, ax: Axes) -> None:
    """Draw the effect and its interval per value of the moderator; without a moderator, the distribution of the effect."""
    low, high = result.limits
    title = f"Indirect effect of {lower(human(result.focal))} through {lower(human(result.mediator))}"
    if result.moderator is None:
        estimate, wide = float(result.estimate[0]), float(high[0] - low[0])
        bars(ax, result.estimates[:, 0], (min(float(low[0]) - wide / 2, estimate), max(float(high[0]) + wide / 2, estimate)))
        ax.axvspan(float(low[0]), float(high[0]), color=style.COLORS[0], alpha=0.12, linewidth=0, gid="interval")
        ax.axvline(estimate, color=style.INK, linewidth=1.2, linestyle="--", gid="estimate")
        ax.axvline(0, color=style.MUTED, linewidth=0.8, linestyle=":", gid="zero")
        style.name_axes(ax, title, "Resamples")
        style.note(ax, _note(result, "; dashed: the estimate, dotted: zero"))
        return
    kept = [place for place, effect in enumerate(result.effect) if effect == "indirect"]
    names = [at_value(result.moderator, result.label[place], float(result.at[place])) for place in kept]
    draw_whiskers(ax, names, Intervals(result.estimate[kept], low[kept], high[kept]))
    style.name_axes(ax, title, human(result.moderator))
    style.settle(ax)
    index = ""
    if result.effect[-1] == "index":
        limits = minus(interval_text(float(low[-1]), float(high[-1]), 2))
        index = f"\nIndex: {printed(float(result.estimate[-1]))} {limits}"
    style.note(ax, _note(result, f"; filled: the interval leaves out zero{index}"))


def _note(result: Mediation, tail: str) -> str:
    return f"{coverage(result.alpha)} {'BCa' if result.interval == 'bca' else 'percentile'} intervals, {result.design}{tail}"


_WORDS = {"total indirect": "all paths", "direct": "direct", "total": "total"}


def _rows(result: SeveralMediators) -> list[int]:
    """Everything but differences, the first on top."""
    return [place for place, effect in enumerate(result.effect) if effect != "difference"][::-1]


def _several_size(result: SeveralMediators) -> style.Size:
    return style.COLUMN, 1.45 + 0.28 * len(_rows(result))


@plot.register(SeveralMediators)
@style.styled(_several_size)
def draw_several(result: SeveralMediators, ax: Axes) -> None:
    """Draw the effect through each path, their total, the direct and the total effect, with bootstrap intervals."""
    low, high = result.limits
    kept = _rows(result)
    draw_whiskers(ax, [_row_name(result, place) for place in kept], Intervals(result.estimate[kept], low[kept], high[kept]))
    style.name_axes(ax, per_unit(result.outcome), "")
    style.settle(ax)
    kind = "BCa" if result.interval == "bca" else "percentile"
    style.note(ax, f"{coverage(result.alpha)} {kind} intervals, {result.design}; filled: the interval leaves out zero")


def _row_name(result: SeveralMediators, place: int) -> str:
    through = ", then ".join(lower(human(name)) for name in result.label[place].split(" -> "))
    what = _WORDS.get(result.effect[place]) or f"through {through}"
    level = result.level[place]
    return f"{plain(level)}: {what}" if level else f"{what[:1].upper()}{what[1:]}"
