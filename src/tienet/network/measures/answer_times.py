"""Hand-off times: working hours from the first message of a thread to the first answer, per direction between functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by, positive, text, whole
from tienet.base.columns import Column
from tienet.base.errors import DataError
from tienet.base.frames import Backend, Columns, duckdb_in_one_line
from tienet.base.numbers import counted
from tienet.base.record import Record, locked
from tienet.network.measures._threads import NEVER, threads
from tienet.network.measures._working_hours import WorkingHours, working_hours_of
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.ties.network import Ties

__all__ = ["HandoffTimes", "handoff_times"]

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "hand-off times": (
        Column("function_from", "text", "function of the people who sent the first message of a thread"),
        Column("function_to", "text", "function of the people it went to; the same one for hand-offs within it"),
        Column("messages", "messages", "first messages whose time for an answer lies within the log"),
        Column("median_hours", "working hours", "median time to the first answer, of the messages answered in time"),
        Column("low_hours", "working hours", "first quartile of that time"),
        Column("high_hours", "working hours", "third quartile of that time"),
        Column("unanswered", "0 to 1", "share of the first messages without an answer within the time for it"),
    ),
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HandoffTimes(Record):
    """Working hours from the first message of a thread to its first answer, per direction between two functions.

    Parameters
    ----------
    of
        The function asked about, in snake_case; None for all functions.
    functions, labels
        All functions, sorted, in snake_case and as the people table writes them.
    function_from, function_to
        (d,) the functions of each direction that is shown, in snake_case; the same one for hand-offs within it.
    messages
        (d,) number of first messages.
    median_hours, low_hours, high_hours
        (d,) median, first and third quartile of the working hours to the first answer, of the messages answered in time; NaN where none
        was.
    unanswered
        (d,) share of the first messages without an answer in time.
    first_messages
        Number of first messages in all directions asked about, those not shown included.
    left_out
        Number of directions with messages that are not shown.
    no_thread
        Events in channels for which the log has no threads, of anyone.
    hours
        The working hours and days, the time zone and the days off.
    wait
        Working days within which an answer counts.
    least, floor
        First messages that a direction needs, and people on either side.
    """

    of: str | None
    functions: tuple[str, ...]
    labels: tuple[str, ...]
    function_from: NDArray[np.object_]
    function_to: NDArray[np.object_]
    messages: NDArray[np.int64]
    median_hours: NDArray[np.float64]
    low_hours: NDArray[np.float64]
    high_hours: NDArray[np.float64]
    unanswered: NDArray[np.float64]
    first_messages: int
    left_out: int
    no_thread: int
    hours: WorkingHours
    wait: float
    least: int
    floor: int
    backend: Backend = "pandas"

    @property
    def within(self) -> NDArray[np.bool_]:
        """(d,) which directions are within one function: the reference for hand-offs that leave it."""
        return np.asarray(self.function_from == self.function_to, dtype=bool)

    def reference(self, function: str) -> float:
        """The median working hours to an answer within a function, in snake_case; NaN where it is not shown."""
        found = self.median_hours[self.within & (self.function_from == function)]
        return float(found[0]) if len(found) else float("nan")

    def label(self, function: object) -> str:
        """A function as the people table writes it."""
        return self.labels[self.functions.index(str(function))]

    def _works(self) -> tuple[str, ...]:
        return ("wuchty_uzzi_2011",)

    def _columns(self) -> Columns:
        return {name: getattr(self, name) for name in ("function_from", "function_to", "messages", *_HOURS, "unanswered")}

    def __str__(self) -> str:
        kept_back = (
            f" {counted(self.left_out, 'direction')} not shown: fewer than {self.least} first messages, or {self.floor} people on a side."
            if self.left_out
            else ""
        )
        elsewhere = f" The log has no threads for {counted(self.no_thread, 'other event')}." if self.no_thread else ""
        return (
            f"{self.answer} {counted(self.first_messages, 'first message')}; working hours {self.hours}; an answer counts within "
            f"{counted(self.wait, 'working day')}.{kept_back}{elsewhere}"
        )

    @property
    def answer(self) -> str:
        """The answer to "How long do hand-offs take?", in one sentence."""
        across = np.flatnonzero(~self.within & np.isfinite(self.median_hours))
        if not across.size:
            return "No direction between two functions has enough answered messages to be shown."
        # Those who ask first: hand-offs of the function asked about, where there are any.
        ours = across[self.function_from[across] == self.of]
        across = ours if ours.size else across
        longest = int(across[np.argmax(self.median_hours[across])])
        start, end = self.label(self.function_from[longest]), self.label(self.function_to[longest])
        inside = self.reference(str(self.function_from[longest]))
        against = "" if np.isnan(inside) else f", against {inside:,.1f} within {start}"
        hours = f"{self.median_hours[longest]:,.1f}"
        return f"{start} waits longest for {end}: half of the first answers take more than {hours} working hours{against}."


_HOURS = ("median_hours", "low_hours", "high_hours")


def handoff_times(
    log: InteractionLog,
    ties: Ties,
    *,
    of: str | None = "sales",
    working_hours: tuple[str, str] = ("09:00", "17:00"),
    days: str = "Mon-Fri",
    holidays: Iterable[object] = (),
    wait: float = 3,
    least: int = 30,
    floor: int = 5,
) -> HandoffTimes:
    r"""Measure how long the first answer to a message takes in working hours, per direction between two functions.

    Parameters
    ----------
    log
        From `read_log`, with times and threads: the columns ``event`` and ``reply_to``. Mail, chat and task readers give them.
    ties
        From `build_ties` of this log; its people, window, channels and largest size apply.
    of
        The function asked about, by label or in snake_case: directions from it, to it and within it. None for all directions.
    working_hours
        Begin and end of the working day as "HH:MM", in the time zone of the log; ("00:00", "24:00") for the whole day.
    days
        Working days: "Mon-Fri", "Sun-Thu", or single ones as "Mon,Wed,Thu".
    holidays
        Days off, such as "2025-05-01" or dates.
    wait
        Number of working days within which an answer counts.
    least
        First messages that a direction needs to be shown.
    floor
        People that a direction needs on either side, senders and recipients, to be shown.

    Returns
    -------
    HandoffTimes

    Notes
    -----
    A first message is an event that answers none (`reply_to` is missing), from a person i to people of a function G. It counts once per
    function of its recipients. Its answer is the earliest later message from anyone in G to i whose `reply_to` is the event. With
    :math:`W(t)` the working time before moment t, in hours, the answer at :math:`t_1` to a message at :math:`t_0` takes

    .. math:: h = W(t_1) - W(t_0)

    so a message at night waits from the next working morning on, and an answer outside working hours takes no more than one at their
    end. Median and quartiles are those of the messages answered with :math:`h \le \text{wait} \times \text{hours of a day}`; the others
    are `unanswered`. Messages too close to the end of the window, for which that time is not over, are left out.

    Channels in which no message answers another, such as meetings, have no threads; their events are counted as `no_thread`.
    Functions are those that people held last. People without a function ("unassigned") are left out.

    Raises
    ------
    ArgumentError
        No one is in the function, or the working hours, days or numbers cannot be used.
    DataError
        The log has no times or no threads.

    References
    ----------
    Wuchty, S., & Uzzi, B. (2011). Human communication dynamics in digital footsteps. PLoS ONE 6, e26972.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({
    ...     "time": ["2025-01-06T16:00", "2025-01-07T10:00", "2025-01-14T09:00"], "event": ["m1", "m2", "m3"],
    ...     "reply_to": [None, "m1", None], "source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Finance"]})
    >>> ties = tn.build_ties(log, people, rule=tn.TieRule(min_interactions=1))
    >>> found = tn.network.measures.handoff_times(log, ties, least=1, floor=1)
    >>> found.frame[["function_from", "function_to", "messages", "median_hours", "unanswered"]]
      function_from function_to  messages  median_hours  unanswered
    0         sales     finance         1           2.0         0.0
    """
    made_by("read_log", InteractionLog, log=log)
    made_by("build_ties", Ties, ties=ties)
    function = None if of is None else ties.people.known(text("of", of))
    least, floor, wait = whole("least", least), whole("floor", floor), positive("wait", wait)
    hours = working_hours_of(working_hours, days, holidays, log.timezone)
    if ties.window is None or not {"time", "event", "reply_to"} <= log.has:
        raise DataError(
            "the log has no threads (columns time, event and reply_to), so hand-off times are not known; "
            "map these columns, or read an export that states them, such as mail or chat"
        )
    names = tuple(sorted({*ties.people.functions} - {UNASSIGNED}))
    with duckdb_in_one_line(log.origin):
        asked, reached, unthreaded = threads(log, ties, ties.window, names)
    taken, over = _taken(asked, hours, wait, ties.window.end)
    ours = over if function is None else over & ((asked["left"] == names.index(function)) | (asked["went"] == names.index(function)))
    pair = asked["left"] * len(names) + asked["went"]
    found = _summary(pair[ours], taken[ours])
    senders = _people(pair[ours], asked["person"][ours])
    receivers = _people(reached["left"] * len(names) + reached["went"], reached["receiver"])
    shown = [each for each in found if each.messages >= least and min(senders[each.pair], receivers[each.pair]) >= floor]
    ends = np.array([divmod(each.pair, len(names)) for each in shown], dtype=np.int64).reshape(-1, 2).T
    known = np.array(names, dtype=object)
    return HandoffTimes(
        of=function,
        functions=names,
        labels=tuple(ties.people.labels[name] for name in names),
        function_from=locked(known[ends[0]]),
        function_to=locked(known[ends[1]]),
        messages=locked([each.messages for each in shown], np.int64),
        **{name: locked([getattr(each, name) for each in shown], np.float64) for name in (*_HOURS, "unanswered")},
        first_messages=int(ours.sum()),
        left_out=len(found) - len(shown),
        no_thread=unthreaded,
        hours=hours,
        wait=wait,
        least=least,
        floor=floor,
        backend=ties.backend,
    )


class _Direction(NamedTuple):
    pair: int
    messages: int
    low_hours: float
    median_hours: float
    high_hours: float
    unanswered: float


def _taken(asked: Mapping[str, NDArray[Any]], hours: WorkingHours, wait: float, end: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Working hours to each answer, infinite where none came in time; and whether that time is over at the end of the window."""
    begun, limit = hours.elapsed(asked["asked"]), wait * hours.day
    never = asked["answered"] == NEVER
    taken = hours.elapsed(np.where(never, asked["asked"], asked["answered"])) - begun
    over = begun + limit <= hours.elapsed(np.array([end - 1]))[0]
    return np.where(never | (taken > limit), np.inf, taken), np.asarray(over)


def _summary(pair: NDArray[np.int64], taken: NDArray[np.float64]) -> list[_Direction]:
    """The numbers of each direction; an infinite time is that of a message without an answer."""
    order = np.argsort(pair, kind="stable")
    pairs, starts = np.unique(pair[order], return_index=True)
    found = []
    # Without a pair there is one empty part, which `zip` drops.
    for one, times in zip(pairs.tolist(), np.split(taken[order], starts[1:]), strict=False):
        answered = times[np.isfinite(times)]
        low, median, high = np.quantile(answered, [0.25, 0.5, 0.75]).tolist() if len(answered) else [np.nan] * 3
        found.append(_Direction(one, len(times), low, median, high, 1.0 - len(answered) / len(times)))
    return found


def _people(pair: NDArray[np.int64], person: NDArray[np.int64]) -> dict[int, int]:
    """Number of different people per pair."""
    pairs, counts = np.unique(np.unique(np.column_stack([pair, person]), axis=0)[:, 0], return_counts=True)
    return dict(zip(pairs.tolist(), counts.tolist(), strict=True))
