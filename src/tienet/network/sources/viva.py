"""Viva Insights: the person-to-person query, which states ties with their strength, not interactions."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base import time as _time
from tienet.base.checks import choice, made_by, text
from tienet.base.errors import DataError, RowsRejected, offer, warn
from tienet.base.paths import PathSpec
from tienet.base.record import locked
from tienet.base.wording import snake_case
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.people import People, read_people
from tienet.network.reading.spells import UNASSIGNED
from tienet.network.sources.exports import reasons as _declared  # noqa: F401 - declares the codes counted here
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.moments import day_first, moment_of, month_and_day
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records
from tienet.network.sources.exports.tables import csv_rows
from tienet.network.ties.given import GivenStrength
from tienet.network.ties.network import Ties
from tienet.network.ties.rule import TieRule

__all__ = ["read_viva", "viva_months"]

Score: TypeAlias = Literal["strong", "diverse"]

# The second name of each end is that of older queries (Workplace Analytics).
_ENDS = (("primarycollaborator", "tieorigin"), ("secondarycollaborator", "tiedestination"))
_DATES = ("metricdate", "date")
_MISSING = frozenset({"", "na", "nan", "null"})
_EVERY_ROW = TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
_SLASHES = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})(?:\s.*)?")


def read_viva(
    path: PathSpec,
    people: People | None = None,
    *,
    function: str | None = None,
    score: Score = "strong",
    since: Any = None,
    until: Any = None,
) -> Ties:
    r"""Read the person-to-person query of Viva Insights as ties with a given strength.

    Viva states for each month which pairs work together and a score from 0 to 1 for each. Scores are not counts of contacts, so this is
    not a log: it gives `Ties` at once, as `read_survey` does, for `measure_egos`, `function_matrix` and the rest of the library.

    Parameters
    ----------
    path
        The CSV of the query, or a folder or ZIP of several.
    people
        The people table, from `read_people`. By default the people of the query, with their attributes: its ids are pseudonyms that no
        other file has.
    function
        The attribute that is the business function, such as "FunctionType" (``PrimaryCollaborator_FunctionType``); by default that one,
        else "Organization". Only used without `people`.
    score
        "strong" for ``Strong_tie_score``, "diverse" for ``Diverse_tie_score``.
    since, until
        The months to read, by their first days, from `since` to before `until`; by default all.

    Returns
    -------
    Ties
        `given` holds the strength, so ``strength="viva"`` of `measure_egos` uses it. `interactions`, `a_to_b` and `b_to_a` count months.

    Notes
    -----
    Each row is a month in which the first person, i, has the tie to the second, j. With the scores :math:`s_{ijt}` of the :math:`T_{ij}`
    months in which i lists j:

    .. math::
        \text{strength}_{ij} = \frac{1}{T_{ij}} \sum_t s_{ijt}, \qquad \text{interactions} = T_{ij} + T_{ji}

    A pair that is listed one way only has that one strength at both ends. Rows below Viva's minimum group size are absent, so a missing
    pair is not a pair without contact, and the number of ties is understated. An attribute that changes is that of the last month.

    The ledger counts rows: without one of the two people (``missing_source``, ``missing_target``), without a month or with one that
    cannot be read (``missing_time``, ``bad_time``), with a score outside of 0 to 1 (``outside_scale``), a person with itself
    (``self_loop``), a pair and month listed again (``repeated_record``), with someone not in the people table (``unknown_person``).

    Raises
    ------
    DataError
        The path holds no person-to-person query, the query has no such score or attribute, or no row is used.

    References
    ----------
    Microsoft, Person-to-person query in Viva Insights,
    https://learn.microsoft.com/en-us/viva/insights/advanced/analyst/cross-collaboration-p2p

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tienet as tn
    >>> query = (
    ...     "PrimaryCollaborator_PersonId,PrimaryCollaborator_FunctionType,SecondaryCollaborator_PersonId,"
    ...     "SecondaryCollaborator_FunctionType,MetricDate,Strong_tie_score\n"
    ...     "p1,Sales,p2,Marketing,2025-02-01,0.25\n"
    ...     "p1,Sales,p2,Marketing,2025-03-01,0.75\n"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "p2p.csv").write_text(query)
    ...     ties = tn.read_viva(folder)
    >>> egos = tn.measure_egos(ties, of="Sales", strength="viva")
    >>> egos.total_ties.item(), egos.tie_strength.item()
    (1, 0.5)
    """
    choice("score", score, get_args(Score))
    if people is not None:
        made_by("read_people", People, people=people)
    if function is not None:
        text("function", function)
    query = _Query(score, function)
    _read_all(open_export(path, kind="viva"), query, scored=True)
    bounds = [None if day is None else _time.moment(day, "UTC", name=name) for name, day in (("since", since), ("until", until))]
    roster = _roster(query, function) if people is None else people
    ledger, used, ends = _judged(query, roster, *bounds)
    if ledger.rejected:
        warn(f"the Viva query: {ledger.rejected:,} of {ledger.rows_in:,} rows rejected; see .ledger", RowsRejected)
    return _ties(query, roster, used, ends, ledger)


def viva_months(
    path: PathSpec,
    *,
    people: People | PathSpec | object = None,
    identities: PathSpec | object = None,
    domains: str | Sequence[str] | None = None,
    timezone: str | None = None,
    since: Any = None,
    until: Any = None,
    max_people: int = 250,
    ids: IdRule = "exact",
) -> InteractionLog:
    r"""Read the person-to-person query of Viva Insights as a log in which each month of a pair counts once.

    It is for study files and the command line. Months are not contacts, and the scores of Viva are not read; `read_viva` reads these.

    Parameters
    ----------
    path
        The CSV of the query, or a folder or ZIP of several.
    people
        The people table, or its path; ids of others are then written ``viva:id``.
    identities
        A table of who is who, with columns ``person``, ``kind``, ``value``. See `match_people`.
    domains
        Not used: the query has no addresses.
    timezone
        The time zone of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Not used: each record is about two people.
    ids
        How ids are compared, as in `read_log`.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no person-to-person query, a file is damaged, or no row links two people.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import tienet as tn
    >>> query = "PrimaryCollaborator_PersonId,SecondaryCollaborator_PersonId,MetricDate\np1,p2,2025-02-01\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "p2p.csv").write_text(query)
    ...     log = tn.network.sources.viva_months(folder)
    >>> log.frame[["source", "target", "channel"]]
      source target   channel
    0     p1     p2  together
    """
    records = Records(
        "viva",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    query = _Query("strong", None)
    _read_all(open_export(path, kind="viva"), query, scored=False)
    times = _moments(query.days, records.zone)
    for at, (place, source, target, day) in enumerate(zip(query.places, query.sources, query.targets, query.day_of, strict=True)):
        records.add(
            times[day],
            query.ids[source] or None,
            [query.ids[target]],
            "together",
            event=f"{query.ids[source]}|{query.ids[target]}|{times[day] if query.ids[source] and query.ids[target] else at}",
            at=place,
        )
    records.lack("Viva leaves out rows below its minimum group size, so ties are understated.")
    records.note("An interaction is a month in which Viva lists the pair, not a contact; read_viva reads the scores.")
    return records.log()


@dataclass(slots=True)
class _Query:
    """The rows of a query, with ids and days by number."""

    score: Score
    function: str | None
    ids: list[str] = field(default_factory=lambda: [""])
    days: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    sources: array[int] = field(default_factory=lambda: array("q"))
    targets: array[int] = field(default_factory=lambda: array("q"))
    day_of: array[int] = field(default_factory=lambda: array("q"))
    scores: array[float] = field(default_factory=lambda: array("d"))
    # Attribute -> (person, day) -> value: what the query says of people, and when.
    attributes: dict[str, dict[tuple[int, int], str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Header:
    """The places of the columns of a file: ids of the two ends, the day, the score, and attribute -> places at the two ends."""

    ends: tuple[int, int]
    day: int
    score: int | None
    attributes: dict[str, tuple[int | None, int | None]]


def _read_all(export: Export, query: _Query, *, scored: bool) -> None:
    """Read every file that is a person-to-person query."""
    tables = [file for file in export.files if file.suffix in (".csv", ".tsv", ".txt", "")]
    found = [(file, header) for file in tables if (header := _header(_first_row(file), query.score))]
    if not found:
        raise not_understood(export, "CSV with PrimaryCollaborator_PersonId, SecondaryCollaborator_PersonId and MetricDate")
    numbers: dict[str, int] = {"": 0}
    days: dict[str, int] = {}
    for file, header in found:
        if scored and header.score is None:
            missing = f"{query.score.title()}_tie_score"
            raise DataError(f"file {file.number:,} of the Viva query has no column {missing}; add that metric to the query")
        for line, cells in islice(csv_rows(file), 1, None):
            _take(cells, (file.number, line), header, query, numbers, days)
    query.ids, query.days = list(numbers), list(days)


def _first_row(file: ExportFile) -> list[str]:
    return next(csv_rows(file), (0, []))[1]


def _header(cells: Sequence[str], score: Score) -> _Header | None:
    plain = [cell.strip().lower().replace(" ", "").replace("_", "") for cell in cells]
    places = {name: at for at, name in reversed(list(enumerate(plain)))}
    ends = [next((places[f"{name}personid"] for name in names if f"{name}personid" in places), None) for names in _ENDS]
    day = next((places[name] for name in _DATES if name in places), None)
    if ends[0] is None or ends[1] is None or day is None:
        return None
    attributes: dict[str, list[int | None]] = {}
    for at, (cell, name) in enumerate(zip(cells, plain, strict=True)):
        for end, names in enumerate(_ENDS):
            if name.startswith(names) and at not in ends:
                attributes.setdefault(cell.strip().partition("_")[2] or cell.strip(), [None, None])[end] = at
    return _Header((ends[0], ends[1]), day, places.get(f"{score}tiescore"), {name: (a, b) for name, (a, b) in attributes.items()})


def _take(
    cells: Sequence[str], place: tuple[int, int], header: _Header, query: _Query, numbers: dict[str, int], days: dict[str, int]
) -> None:
    def cell(at: int | None) -> str:
        value = cells[at].strip() if at is not None and at < len(cells) else ""
        return "" if value.lower() in _MISSING else value

    ends = [numbers.setdefault(cell(at), len(numbers)) for at in header.ends]
    day = days.setdefault(cell(header.day), len(days))
    query.places.append(place)
    query.sources.append(ends[0])
    query.targets.append(ends[1])
    query.day_of.append(day)
    if header.score is not None:
        try:
            query.scores.append(float(cell(header.score).replace(",", ".") or "nan"))
        except ValueError:
            query.scores.append(-1.0)  # outside of the scale
    for name, places in header.attributes.items():
        told = query.attributes.setdefault(name, {})
        for who, at in zip(ends, places, strict=True):
            if who and at is not None:
                told.setdefault((who, day), cell(at))


def _moments(days: Sequence[str], zone: str) -> list[int | str | None]:
    """The moment of each day, or the code of what is wrong with it.

    Months are given by their first day, which tells the day's place where no number above 12 does, as those of weeks do.
    """
    parts = [(int(match[1]), int(match[3])) for match in map(_SLASHES.fullmatch, days) if match]
    told = day_first(parts)
    by_day = {first for first, _ in parts} == {1} if told is None else told
    return [_moment(day, zone, by_day=by_day) for day in days]


def _moment(day: str, zone: str, *, by_day: bool) -> int | str | None:
    if not day:
        return "missing_time"
    try:
        if match := _SLASHES.fullmatch(day):
            month, of_month = month_and_day(int(match[1]), int(match[3]), match[2], by_day=by_day)
            return moment_of(date(int(match[4]), month, of_month), zone)
        return moment_of(day, zone)
    except ValueError:
        return "bad_time"


def _roster(query: _Query, function: str | None) -> People:
    """The people that the query names, with their attributes of the last month."""
    times = [moment if isinstance(moment, int) else -1 for moment in _moments(query.days, "UTC")]
    columns: dict[str, list[str]] = {}
    for name, told in query.attributes.items():
        latest: dict[int, str] = {}
        for who, day in sorted(told, key=lambda one: (one[0], times[one[1]])):
            latest[who] = told[who, day]
        columns[_snake(name)] = [latest.get(who, "") for who in range(1, len(query.ids))]
    wanted = [_snake(function)] if function is not None else ["function_type", "organization"]
    chosen = next((name for name in wanted if name in columns), None)
    if function is not None and chosen is None:
        raise DataError(f"the Viva query has no attribute {function!r}{offer(_snake(function), columns)}")
    ids = query.ids[1:]
    if not ids:
        raise DataError.no_rows("the Viva query", "no row names a person")
    held = [one or UNASSIGNED for one in columns.pop(chosen)] if chosen else [UNASSIGNED] * len(ids)
    rest = {name: values for name, values in columns.items() if name not in ("person", "function")}
    return read_people({"person": ids, "function": held, **rest})


def _snake(name: str) -> str:
    """An attribute in snake_case: LevelDesignation is level_designation."""
    return snake_case(re.sub("(?<=[a-z])(?=[A-Z])", "_", name))


def _judged(
    query: _Query, roster: People, since: int | None, until: int | None
) -> tuple[Ledger, NDArray[np.bool_], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Count the rows by the first reason that applies; which of them are used, and the roster positions of their ends."""
    moments = _moments(query.days, "UTC")
    day = np.array(query.day_of, dtype=np.int64)
    source, target = np.array(query.sources, dtype=np.int64), np.array(query.targets, dtype=np.int64)
    positions = np.full(len(query.ids), -1, dtype=np.int64)
    positions[1:] = roster.codes(query.ids[1:]) if len(query.ids) > 1 else positions[1:]
    first, second = positions[source], positions[target]
    time = np.array([moment if isinstance(moment, int) else -1 for moment in moments], dtype=np.int64)[day]
    score = np.array(query.scores, dtype=np.float64)

    def when(code: str) -> NDArray[np.bool_]:
        return np.array([moment == code for moment in moments], dtype=bool)[day]

    repeated = np.ones(len(day), dtype=bool)
    repeated[np.unique(np.stack([source, target, time]), axis=1, return_index=True)[1]] = False
    reasons: dict[str, NDArray[np.bool_]] = {
        "missing_source": source == 0,
        "missing_target": target == 0,
        "missing_time": when("missing_time"),
        "bad_time": when("bad_time"),
        "outside_scale": (score < 0) | (score > 1),
        "outside_period": (time < (-1 if since is None else since)) | (time >= (np.iinfo(np.int64).max if until is None else until)),
        "self_loop": source == target,
        "repeated_record": repeated,
        "unknown_person": (first < 0) | (second < 0),
    }
    left, counts = np.ones(len(day), dtype=bool), {}
    for code, fits in reasons.items():
        counts[code] = int(np.sum(left & fits))
        left &= ~fits
    ledger = Ledger({"used": int(left.sum()), **counts})
    if not ledger.used:
        raise DataError.no_rows("the Viva query", str(ledger) if ledger.rows_in else "it has a header only")
    return ledger, left, (first, second)


def _ties(
    query: _Query, roster: People, used: NDArray[np.bool_], ends: tuple[NDArray[np.int64], NDArray[np.int64]], ledger: Ledger
) -> Ties:
    """The ties of the rows that are used, `a` before `b` in roster order."""
    source, target = ends[0][used], ends[1][used]
    score = np.array(query.scores, dtype=np.float64)[used]
    pair, at = np.unique(np.minimum(source, target) * len(roster) + np.maximum(source, target), return_inverse=True)
    forward = source < target
    there, back = (_months_and_mean(at[way], score[way], len(pair)) for way in (forward, ~forward))
    as_a, as_b = np.where(np.isnan(there[1]), back[1], there[1]), np.where(np.isnan(back[1]), there[1], back[1])
    total, unknown = there[0] + back[0], locked(np.full(len(pair), np.nan))
    months = len(np.unique(np.array(query.day_of)[used]))
    sentence = (
        f"A tie is a pair that Viva lists in at least one month, of {months:,} read; its strength is Viva's {query.score}-tie score, "
        "averaged over the months, as each of the two sees it. Interactions are months in which one lists the other."
    )
    return Ties(
        people=roster,
        rule=_EVERY_ROW,
        window=None,
        a=locked(pair // len(roster)),
        b=locked(pair % len(roster)),
        interactions=locked(total),
        a_to_b=locked(there[0]),
        b_to_a=locked(back[0]),
        frequency=unknown,
        reciprocity=locked(2.0 * np.minimum(there[0], back[0]) / total),
        regularity=unknown,
        channels=unknown,
        first=None,
        last=None,
        pairs_below=0,
        ledger=ledger,
        backend=roster.backend,
        given=GivenStrength("viva", locked(as_a), locked(as_b), sentence, ties_too=True),
    )


def _months_and_mean(at: NDArray[np.int64], score: NDArray[np.float64], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of each pair, and the mean of their scores; NaN for a pair without scores."""
    stated = ~np.isnan(score)
    months = np.bincount(at, minlength=count).astype(np.float64)
    scores = np.bincount(at[stated], minlength=count).astype(np.float64)
    total = np.bincount(at[stated], weights=score[stated], minlength=count)
    return months, np.divide(total, scores, out=np.full(count, np.nan), where=scores > 0)
