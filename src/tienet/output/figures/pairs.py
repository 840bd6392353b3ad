"""Figures of paired estimates: differences between slopes, and interactions with and without squares."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from tienet.base.wording import lower
from tienet.output.figures import _style as style
from tienet.output.figures._labels import human, per_unit, plain, slope_name, term_label
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import Intervals, draw_row, draw_whiskers, name_rows, zero_line
from tienet.output.figures.whiskers import covariance_note
from tienet.regression.model.quadratics import WithAndWithoutQuadratics
from tienet.regression.probes.differences import SlopeDifferences


def _names(found: SlopeDifferences) -> list[str]:
    """'north − east', or with several moderators '(+1 SD, −1 SD) − (…)' in the order on the axis."""
    pairs = [(_bare(a, found.moderators), _bare(b, found.moderators)) for a, b in zip(found.label, found.against, strict=True)]
    joint = " − " if max(len(a) + len(b) for a, b in pairs) < 26 else "\n− "
    return [f"{a}{joint}{b}" for a, b in pairs]


def _bare(label: str, moderators: tuple[str, ...]) -> str:
    for name in moderators if len(moderators) > 1 else ():
        label = label.replace(f"{name} ", "")
    shown = plain(label, 30).replace("-", "−")
    return f"({shown})" if "SD" in label else shown


def _differences_size(found: SlopeDifferences) -> style.Size:
    lines = max(name.count("\n") + 1 for name in _names(found))
    return style.COLUMN, 1.4 + (0.26 if lines == 1 else 0.36) * len(found.label)


@plot.register(SlopeDifferences)
@style.styled(_differences_size)
def draw_differences(found: SlopeDifferences, ax: Axes) -> None:
    """Draw a dot and whiskers per pair of slopes, the first pair on top."""
    draw_whiskers(ax, _names(found)[::-1], Intervals(found.estimate[::-1], found.conf_low[::-1], found.conf_high[::-1]))
    style.name_axes(
        ax, slope_name(found.focal, found.outcome, "Difference in slopes of", found.measured, base=found.base), _moderators(found)
    )
    style.settle(ax)
    several = "; not adjusted for multiple comparisons" if len(found.label) > 1 else ""
    style.note(ax, covariance_note(found.alpha, found.n, found.covariance.label) + several)


def _moderators(found: SlopeDifferences) -> str:
    names = [human(name) for name in found.moderators]
    return ", ".join([names[0], *map(lower, names[1:])])


def _specifications_size(found: WithAndWithoutQuadratics) -> style.Size:
    return style.COLUMN, 1.6 + 0.5 * len(found.terms)


@plot.register(WithAndWithoutQuadratics)
@style.styled(_specifications_size)
def draw_specifications(found: WithAndWithoutQuadratics, ax: Axes) -> None:
    """Draw each interaction twice: with squares above, without squares below."""
    places = np.arange(len(found.terms))[::-1].astype(float)
    zero_line(ax)
    first = draw_row(ax, places + 0.16, Intervals(found.estimate, found.conf_low, found.conf_high), 0, "with squares")
    without = Intervals(found.estimate_without, found.conf_low_without, found.conf_high_without)
    second = draw_row(ax, places - 0.16, without, 1, "without")
    name_rows(ax, places, [term_label(term) for term in found.terms])
    style.name_axes(ax, per_unit(found.outcome), "")
    style.settle(ax)
    above = style.key(ax, [first, second], "Interactions")
    style.note(ax, covariance_note(found.alpha, found.n, found.covariance.label), above=above)
