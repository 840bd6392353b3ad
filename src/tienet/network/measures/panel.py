"""Total ties and tie strength of each ego over time: rolling and cumulative windows, or before and after a date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time
from tienet.base.checks import choice, made_by, names, whole
from tienet.base.errors import ArgumentError, DataError, NoInteraction, offer
from tienet.base.frames import Backend, Columns, is_missing
from tienet.base.numbers import counted, number
from tienet.base.parallel import each, reach_of
from tienet.base.record import Record, locked
from tienet.network.measures.ego import functions_toward, totals_and_means
from tienet.network.measures.panel_columns import lagged, outcome_columns, warn_overlap
from tienet.network.measures.toward import ties_toward
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.ties.build import build_ties, ties_under
from tienet.network.ties.network import Ties
from tienet.network.ties.rule import TieRule
from tienet.network.ties.strengths import Strength, StrengthLike, chosen_strength
from tienet.network.ties.tie_numbers import strength_values

__all__ = ["Panel", "measure_panel"]


PanelKind: TypeAlias = Literal["rolling", "cumulative"]
Spans: TypeAlias = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Panel(Record):
    """Total ties and tie strength per ego, window and function.

    Parameters
    ----------
    ego
        (n,) ids of the egos, in roster order: everyone who held the function at some time between the first window and the last.
    of
        Their function.
    functions
        The f functions that ties are counted to.
    start, end
        (w,) first moment of each window and first moment after it, microseconds UTC.
    total_ties
        (n, w, f) number of ties to people in the function; 0 in windows in which the ego did not hold `of`.
    tie_strength
        (n, w, f) mean strength of these ties; NaN where there are none.
    ties
        (w,) number of ties in the whole network, per window.
    strength
        The kind of strength, as in `EgoMeasures`.
    kind
        "rolling", "cumulative" or "split".
    left_over
        Microseconds after the end of the last window.
    held
        (n, w) whether the ego held the function `of` at some time in the window: the rows of the frame.
    strength_scale
        The unit of strength, as in `EgoMeasures`.
    labels
        Function -> its label in the people table.
    added
        (n, w) each: columns added by `with_outcomes` and `with_lags`, by name.
    """

    ego: NDArray[np.object_]
    of: str
    functions: tuple[str, ...]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    total_ties: NDArray[np.int64]
    tie_strength: NDArray[np.float64]
    ties: NDArray[np.int64]
    strength: str
    kind: Literal["rolling", "cumulative", "split"]
    left_over: int
    held: NDArray[np.bool_]
    backend: Backend = "pandas"
    strength_scale: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.start)

    def _works(self) -> tuple[str, ...]:
        return ("claro_ramos_2018", "krings_et_al_2012")

    def _columns(self) -> Columns:
        egos, windows = len(self.ego), len(self)
        columns: dict[str, NDArray[Any]] = {
            "ego": np.repeat(self.ego, windows),
            "window": np.tile(np.arange(1, windows + 1), egos),
            "start": np.tile(self.start, egos).astype("datetime64[us]"),
            "end": np.tile(self.end, egos).astype("datetime64[us]"),
        }
        for place, function in enumerate(self.functions):
            columns[f"total_ties_{function}"] = self.total_ties[:, :, place].ravel()
            columns[f"tie_strength_{function}"] = self.tie_strength[:, :, place].ravel()
        columns |= {name: values.ravel() for name, values in self.added.items()}
        rows = self.held.ravel()
        return {name: values[rows] for name, values in columns.items()}

    def with_outcomes(
        self,
        outcomes: object,
        *,
        person: str = "person",
        window: str | None = None,
        day: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Panel:
        """Add outcomes and controls of each person and window, such as monthly sales.

        Parameters
        ----------
        outcomes
            A path or any data frame with one row per person and window at most.
        person
            Its column of ids, written as in the panel.
        window, day
            Its column with the numbers of windows, from 1; or with a day of each row. A day belongs to the window in whose last step it
            lies: not before the end of the window before, and before its own end. So each row counts once, though windows overlap.
        columns
            The columns to add; by default all others.

        Returns
        -------
        Panel
            The same panel with the columns in its frame, missing where the table has no row. Rows of other people and times are left out.

        Raises
        ------
        ArgumentError
            If neither or both of `window` and `day` are given, or a column has the name of one in the panel.
        DataError
            If a column is missing, two rows are of the same person and window, or no row is of the panel.

        Examples
        --------
        >>> import tienet as tn
        >>> days = ["2025-01-01", "2025-01-02", "2025-02-10"]
        >>> log = tn.read_log({"time": days, "source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
        >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
        >>> panel = tn.measure_panel(log, people, of="sales", rule=tn.TieRule(min_interactions=1), split="2025-02-01")
        >>> sales = {"person": ["ann", "ann"], "month": ["2025-01-01", "2025-02-01"], "sales": [10.0, 12.0]}
        >>> panel.with_outcomes(sales, day="month").frame["sales"].tolist()
        [10.0, 12.0]
        """
        egos = self.ego.astype(object)
        found = outcome_columns(outcomes, egos, self.start, self.end, person=person, window=window, day=day, columns=columns)
        return self._adding(found)

    def with_lags(self, columns: str | Sequence[str], *, windows: int = 1) -> Panel:
        """Add values of the same person some windows before, as ``total_ties_marketing_lag1``.

        Parameters
        ----------
        columns
            Columns of the panel's measures or outcomes.
        windows
            How many windows before.

        Returns
        -------
        Panel
            The same panel with the columns. A value is missing in the first windows and where the person had no row that many windows
            before: a lag never reaches over a gap or to another person.

        Warns
        -----
        TienetWarning
            If the two windows overlap, so that the lag counts partly the same interactions.
        """
        whole("windows", windows, 1, 10_000)
        wanted = names("columns", columns, single=True)
        held = self._measures()
        if windows >= len(self.start):
            raise ArgumentError(f"windows={windows} reaches beyond the panel, which has {len(self.start)} windows")
        for name in wanted:
            if name not in held:
                raise ArgumentError(f"the panel has no column {name!r}{offer(name, held)}")
        if any(name not in self.added for name in wanted):
            warn_overlap(self.start, self.end, windows, self.kind)
        return self._adding({f"{name}_lag{windows}": lagged(held[name], self.held, windows) for name in wanted})

    def _measures(self) -> dict[str, NDArray[Any]]:
        """(n, w) each: the measures and the columns added."""
        totals = {f"total_ties_{name}": self.total_ties[:, :, at] for at, name in enumerate(self.functions)}
        strengths = {f"tie_strength_{name}": self.tie_strength[:, :, at] for at, name in enumerate(self.functions)}
        return {**totals, **strengths, **self.added}

    def _adding(self, columns: Mapping[str, NDArray[Any]]) -> Panel:
        for name in columns:
            if name in ("ego", "window", "start", "end", *self._measures()):
                raise ArgumentError(f"the panel has a column {name!r} already; rename the new one")
        return replace(self, added={**self.added, **{name: locked(values) for name, values in columns.items()}})

    def __str__(self) -> str:
        lengths = sorted({round((end - start) / _time.DAY, 1) for start, end in zip(self.start.tolist(), self.end.tolist(), strict=True)})
        length = " to ".join(f"{days:g}" for days in dict.fromkeys((lengths[0], lengths[-1])))
        rest = (
            f"; the last {counted(round(self.left_over / _time.DAY, 1), 'day')} fill no window and are left out" if self.left_over else ""
        )
        there = self.held.sum(axis=0)[:, None]
        means = self.total_ties.sum(axis=0) / np.where(there > 0, there, np.nan)
        parts = [f"{name}: {number(means[0, at], 2)} to {number(means[-1, at], 2)}" for at, name in enumerate(self.functions)]
        some = "" if self.held.all() else f" ({_range(self.held.sum(axis=0))} in a window)"
        return (
            f"{counted(len(self.ego), 'ego')} in {self.of}{some} over {self._windows()} ({length} days) from "
            f"{_time.day_text(int(self.start[0]))} to {_time.day_text(int(self.end[-1]) - 1)}{rest}; tie strength is {self.strength}; "
            f"ties on average, first window to last: " + "; ".join(parts) + self._added_text()
        )

    def _added_text(self) -> str:
        """How many rows have a value of each column added."""
        rows = int(self.held.sum())
        known = {name: sum(not is_missing(value) for value in values[self.held].tolist()) for name, values in self.added.items()}
        return "".join(f"; {name} in {known[name]:,} of {rows:,} rows" for name in self.added)

    def _windows(self) -> str:
        if self.kind == "split":
            return f"the time before and the time from {_time.day_text(int(self.start[-1]))} on"
        return counted(len(self), f"{self.kind} window")


def measure_panel(
    log: InteractionLog,
    people: People,
    *,
    of: str,
    toward: Sequence[str] | None = None,
    rule: TieRule | None = None,
    strength: StrengthLike = "frequency",
    every: str | float = "30d",
    window: str | float = "90d",
    kind: PanelKind = "rolling",
    split: str | date | datetime | None = None,
    exclude: object = None,
) -> Panel:
    r"""Measure total ties and tie strength of the egos in successive time windows.

    Parameters
    ----------
    log
        From `read_log`, with times.
    people
        From `read_people`; one roster for all windows.
    of
        The function whose people are the egos, by label or in snake_case. Where people change functions, the egos of a window are those
        who held it at some time in the window.
    toward
        The functions that ties are counted to, by default every other one that people hold or held.
    rule
        The tie rule of every window; `TieRule()` by default. Its `since` and `until` are the limits of the panel.
    strength
        As in `measure_egos`; "composite" is standardised within each window. A function is called once a window; in a window for which
        it gives no number at all, strength is missing.
    every
        Time from the end of one window to the end of the next, as "30d" or "4w".
    window
        Length of a rolling window, and of the first cumulative one.
    kind
        "rolling": windows of equal length; "cumulative": windows with the same ends, each starting on the first day.
    split
        A day in the log's time zone, or a moment, that divides the log into two windows, before it and from it on; `every`, `window` and
        `kind` are then ignored.
    exclude
        As in `build_ties`: ids that are not people, with reasons.

    Returns
    -------
    Panel

    Notes
    -----
    With T_0 the start of the log's first day and T_1 the end of its last (midnight UTC; or the rule's `since` and `until`), a window of
    length L and a step D:

    .. math::
        \text{window}_k = [\, e_k - L,\ e_k \,) \text{ or } [\, T_0,\ e_k \,), \qquad
        e_k = T_0 + L + (k - 1) D \le T_1, \qquad k = 1, 2, \ldots

    For each window, `build_ties` is called with the window as the rule's `since` and `until`, so nothing outside it counts, and
    ages are counted from its end. A tie needs the rule's `min_interactions` within the window. Only whole windows are returned: days
    after the last end are left out, and `str()` of the result says how many. In a window without contact between people of the roster,
    total ties are 0 and tie strength is missing.

    Whoever holds the function `of` throughout is an ego in every window. Where people change functions (``valid_from`` and ``valid_to`` of
    the people table), a window has a row for each person who held it at some time in the window, with all of the person's ties in the
    window; a person who joined, left or moved has no row for windows before or after.

    Total ties grow with the length of a window, so do not compare them directly between windows of unequal length (cumulative ones, or
    the two sides of a split). Strength "frequency" is per week of the window.

    Inside ``with joblib.parallel_config(backend="loky", n_jobs=4)`` (install the extra ``parallel``) windows are computed in parallel:
    for a log in memory with any backend of joblib, for one in Spark from threads. Files and DuckDB use every core for one window at a
    time.

    Raises
    ------
    ArgumentError
        A duration, the kind, a function or the strength is not known; the split lies outside the log; the rule has an `as_of`.
    DataError
        The log has no times or is shorter than one window; otherwise as in `build_ties`.

    References
    ----------
    Krings, G., Karsai, M., Bernhardsson, S., Blondel, V. D., & Saramaki, J. (2012). Effects of time window size and placement on the
    structure of an aggregated communication network. EPJ Data Science 1, 4.

    Examples
    --------
    >>> import tienet as tn
    >>> days = ["2025-01-01", "2025-01-02", "2025-02-10"]
    >>> log = tn.read_log({"time": days, "source": ["ann", "bob", "ann"], "target": ["bob", "ann", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    >>> rule = tn.TieRule(min_interactions=1, half_life=None)
    >>> tn.measure_panel(log, people, of="sales", rule=rule, split="2025-02-01", strength="interactions").frame.drop(columns="end")
       ego  window      start  total_ties_marketing  tie_strength_marketing
    0  ann       1 2025-01-01                     1                     2.0
    1  ann       2 2025-02-01                     1                     1.0
    """
    rule = TieRule() if rule is None else rule
    made_by("read_log", InteractionLog, log=log)
    made_by("TieRule(...)", TieRule, rule=rule)
    choice("kind", kind, get_args(PanelKind))
    first, last = _bounds(log, rule)
    length, step = (round(_time.days(duration, name) * _time.DAY) for name, duration in (("window", window), ("every", every)))
    spans = _split(first, last, split, log.timezone) if split is not None else _spans(first, last, length, step, kind)
    # Arguments that are wrong for the whole log raise an error here; later, a window can only be empty.
    whole = build_ties(log, people, rule=_within(rule, first, last), exclude=exclude)
    people = whole.people
    chosen = chosen_strength(strength)
    function = people.known_ever(of)
    names = functions_toward(people, function, toward)
    _ = strength_values(whole, chosen)
    holds = np.column_stack([_holding(people, function, start, end) for start, end in spans])
    egos = np.flatnonzero(holds.any(axis=1))
    rules = [_within(rule, start, end) for start, end in spans]
    made = each(partial(_ties_within, log, people), rules, reach=reach_of(log.rows))
    measured = [_measured(ties, egos, names, replace(chosen, gaps=True)) for ties in made]
    held = holds[egos]
    return Panel(
        ego=locked(people.person[egos], dtype=object),
        of=function,
        functions=tuple(names),
        start=locked([start for start, _ in spans]),
        end=locked([end for _, end in spans]),
        total_ties=locked(np.stack([totals for totals, _ in measured], axis=1) * held[:, :, None]),
        tie_strength=locked(np.where(held[:, :, None], np.stack([means for _, means in measured], axis=1), np.nan)),
        ties=locked([0 if ties is None else len(ties) for ties in made], dtype=np.int64),
        strength=chosen.name,
        strength_scale=chosen.scale,
        kind=kind if split is None else "split",
        left_over=last - spans[-1][1],
        held=locked(held),
        backend=log.backend,
        labels=people.labels,
    )


def _bounds(log: InteractionLog, rule: TieRule) -> tuple[int, int]:
    """The days of the log, or the rule's window: first moment, and first moment after the end, microseconds UTC."""
    if log.first is None or log.last is None:
        raise DataError("a panel needs times, which the log does not have; map a time column")
    if rule.as_of is not None:
        raise ArgumentError("the tie rule of a panel must not set as_of, since ages are counted from the end of each window; leave it out")
    zone = log.timezone
    first, last = rule.start(zone), rule.end(zone)
    first = _time.midnight(log.first, zone) if first is None else first
    last = _time.midnight(_time.midnight(log.last, zone) + 36 * _time.DAY // 24, zone) if last is None else last
    return first, last


def _spans(first: int, last: int, length: int, step: int, kind: PanelKind) -> Spans:
    if last - first < length:
        raise DataError(
            f"the log runs from {_time.day_text(first)} to {_time.day_text(last - 1)}, "
            f"{counted((last - first) / _time.DAY, 'day')}, and holds no whole window of "
            f"{counted(length / _time.DAY, 'day')}; choose a shorter window"
        )
    return [(first if kind == "cumulative" else end - length, end) for end in range(first + length, last + 1, step)]


def _split(first: int, last: int, split: str | date | datetime, timezone: str) -> Spans:
    at = _time.moment(split, timezone, name="split")
    if not first < at < last:
        raise ArgumentError(
            f"split={str(split)!r} leaves one side empty: the log runs from {_time.day_text(first)} to {_time.day_text(last - 1)}"
        )
    return [(first, at), (at, last)]


def _within(rule: TieRule, start: int, end: int) -> TieRule:
    since, until = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment) for moment in (start, end))
    return replace(rule, since=since, until=until)


def _ties_within(log: InteractionLog, people: People, rule: TieRule) -> Ties | None:
    """The ties of one window; None where no two people of the roster had contact in it."""
    try:
        return ties_under(log, people, (rule,))[0]
    except NoInteraction:
        return None


def _holding(people: People, function: str, start: int, end: int) -> NDArray[np.bool_]:
    """(n,) whether each person holds a function at some time from `start` to before `end`."""
    if people.spells is None:
        return people.function == function  # type: ignore[no-any-return]
    spells = people.spells
    there = (spells.function == function) & (spells.start < end) & (spells.end > start)
    holding = np.zeros(len(people), dtype=bool)
    holding[spells.person[there]] = True
    return holding


def _measured(
    ties: Ties | None, egos: NDArray[np.int64], functions: Sequence[str], strength: Strength
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Total ties and tie strength of the egos toward the functions in one window, (n, f) each."""
    if ties is None:
        return np.zeros((len(egos), len(functions)), dtype=np.int64), np.full((len(egos), len(functions)), np.nan)
    totals, means = totals_and_means(ties_toward(ties, strength, functions), len(ties.people), len(functions))
    return totals[egos], means[egos]


def _range(counts: NDArray[np.int64]) -> str:
    """The least and the largest of some counts."""
    least, most = int(counts.min()), int(counts.max())
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"
