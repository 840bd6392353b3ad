"""Figures of the input: the log by reason code and week, and people by function."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from tienet.base.frames import collect
from tienet.base.numbers import counted
from tienet.base.time import WEEK, day_text
from tienet.network.reading.engine import whole_units
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import REASONS, Ledger
from tienet.network.reading.people import People
from tienet.output.figures import _style as style
from tienet.output.figures._labels import plain
from tienet.output.figures._plot import plot
from tienet.output.figures._rows import name_ruled_rows

_FACES = {
    "used": (style.COLORS[0], ""),
    "excluded": (style.COLORS[5], "////"),
    "duplicate": (style.COLORS[4], "...."),
    "rejected": (style.COLORS[1], "xxxx"),
}


def _ledger_size(ledger: Ledger) -> style.Size:
    return style.COLUMN, 1.2 + 0.27 * len(ledger.counts)


@plot.register(Ledger)
@style.styled(_ledger_size)
def draw_ledger(ledger: Ledger, ax: Axes) -> None:
    """Draw the number of rows per reason code."""
    _draw_codes(ledger, ax)
    style.note(ax, f"{counted(ledger.rows_in, ledger.unit)} read")


def _draw_codes(ledger: Ledger, ax: Axes) -> None:
    codes = list(ledger.counts)[::-1]
    rows = np.array([ledger.counts[code] for code in codes], dtype=float)
    faces = [_FACES[REASONS[code][0]] for code in codes]
    bars = ax.barh(np.arange(len(codes)), rows, height=0.62, color=[face for face, _ in faces], edgecolor="white", linewidth=0, gid="rows")
    for bar, (_, hatch) in zip(bars, faces, strict=True):
        bar.set_hatch(hatch)
    top = float(rows.max(initial=1.0))
    for place, count in enumerate(rows):
        ax.text(count + 0.02 * top, place, f"{count:,.0f}", va="center", fontsize=style.SMALL, gid="count")
    names = [f"{code.replace('_', ' ')}" + ("" if REASONS[code][0] == "used" else f"\n({REASONS[code][0]})") for code in codes]
    name_ruled_rows(ax, names)
    ax.grid(visible=False)
    ax.set_xlim(0, 1.28 * top)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    style.name_axes(ax, "Rows", "")


def _log_size(log: InteractionLog) -> style.Size:
    return style.COLUMN, 1.2 + 0.27 * len(log.ledger.counts) + (1.7 if "time" in log.has else 0.0)


@plot.register(InteractionLog)
@style.styled(_log_size)
def draw_log(log: InteractionLog, ax: Axes) -> None:
    """Draw the rows per reason code, and if the log has times, the rows used per week above them."""
    if "time" not in log.has or log.first is None or log.last is None:
        _draw_codes(log.ledger, ax)
        style.note(ax, f"{counted(log.ledger.rows_in, log.ledger.unit)} read, without times")
        return
    ax.set_axis_off()
    share = 1.5 / (1.5 + 0.5 + 0.27 * len(log.ledger.counts))
    upper, lower = ax.inset_axes((0, 1 - 0.8 * share, 1, 0.8 * share)), ax.inset_axes((0, 0, 1, 1 - share - 0.06))
    for each in (upper, lower):
        style.clean(each)
    _draw_weeks(log, upper)
    _draw_codes(log.ledger, lower)
    style.note(ax, f"{counted(log.ledger.rows_in, log.ledger.unit)} read, {log.ledger.used:,} used; {_period(log.first, log.last)}")


def _period(first: int, last: int) -> str:
    """The days of the first and last row as people write them."""
    start, end = (date.fromisoformat(day_text(moment)) for moment in (first, last))
    if start == end:
        return f"{end.day} {end:%B %Y}"
    year = "" if start.year == end.year else f" {start.year}"
    return f"{start.day} {start:%B}{year} to {end.day} {end:%B %Y}"


def _draw_weeks(log: InteractionLog, ax: Axes) -> None:
    start, rows = weekly_rows(log)
    weeks = start.astype("datetime64[us]")
    ax.stairs(rows, np.append(weeks, weeks[-1] + np.timedelta64(7, "D")), fill=True, color=style.COLORS[0], alpha=0.85, gid="weeks")
    ax.set_ylim(0, 1.1 * float(rows.max(initial=1)))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4, steps=[1, 2, 5, 10]))
    name_days(ax)
    style.name_axes(ax, "", "Rows used per week")


def name_days(ax: Axes) -> None:
    """Use the shortest date labels that are still distinct."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    ax.xaxis.get_offset_text().set_fontsize(style.SMALL)


def weekly_rows(log: InteractionLog) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The start of each seven-day week counted from the first row, in microseconds UTC, and its number of rows, (w,) each."""
    import narwhals.stable.v2 as nw

    first, last = log.first or 0, log.last or 0
    counted_ = collect(log.rows.with_columns(week=whole_units(nw.col("time") - first, WEEK)).group_by("week").agg(nw.len().alias("rows")))
    weeks: Any = counted_["week"].to_numpy().astype(np.int64)
    rows = np.zeros(int((last - first) // WEEK) + 1, dtype=np.int64)
    rows[weeks - int(weeks.min())] = counted_["rows"].to_numpy()
    return first + WEEK * np.arange(len(rows), dtype=np.int64), rows


def _people_size(people: People) -> style.Size:
    return style.COLUMN, 1.1 + 0.26 * len(people.functions)


@plot.register(People)
@style.styled(_people_size)
def draw_people(people: People, ax: Axes) -> None:
    """Draw the number of people per function, the largest on top."""
    names = sorted(people.functions, key=lambda name: (int(np.sum(people.function == name)), name))
    counts = np.array([np.sum(people.function == name) for name in names])
    ax.barh(np.arange(len(names)), counts, height=0.62, color=style.COLORS[0], gid="people")
    for place, count in enumerate(counts):
        ax.text(count + 0.015 * counts.max(), place, f"{count:,}", va="center", fontsize=style.SMALL, gid="count")
    name_ruled_rows(ax, [plain(people.labels[name], 26) for name in names])
    ax.grid(visible=False)
    ax.set_xlim(0, 1.14 * counts.max())
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6, steps=[1, 2, 5, 10]))
    style.name_axes(ax, "People", "")
    last = "; people who changed function count in their last one" if people.spells is not None else ""
    style.note(ax, f"{counted(len(people), 'person', 'people')} in {counted(len(names), 'function')}{last}")
