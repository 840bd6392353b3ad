"""Logs whose rows are taken apart: records with several people, and rows of one person and an event.

A record gives one interaction for each of its recipients; its size is the number of its people. An event gives one interaction for each
ordered pair of its people. All of it is SQL on a relation of DuckDB, so that files are streamed; frames are held in DuckDB for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tienet.base.errors import DataError
from tienet.base.frames import as_text, has_decimals, open_frame
from tienet.base.numbers import counted, listed
from tienet.network.reading.cells.canonical import ENDS, NUMBERS, Readings, canonical_frame, canonical_sql, float_ids
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.cells.nested import Lists, has_lists, owned
from tienet.network.reading.cells.people_cells import people_sql
from tienet.network.reading.files.connections import claim_scratch, kept_until_closed, private_connection
from tienet.network.reading.files.job import FileJob
from tienet.network.reading.holding import Hold
from tienet.network.reading.judging import Census, once_per_event, reason_code, sized_by_event, take_census
from tienet.network.reading.ledger import CODES, Unit
from tienet.network.reading.sql import identifier

APART = 12 * 3_600_000_000  # microseconds without a row after which an event of the same id is another one
SEVERAL_COLUMNS = ";"  # what separates people where several columns are named and no separator


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """How the rows of a log state who interacted with whom.

    Parameters
    ----------
    pairs
        Whether rows have a source and a target; else they are people of events.
    cells
        Whether a row may state several people at an end.
    separator
        The sign between people in a cell of text; None if a cell is one person.
    """

    pairs: bool
    cells: bool
    separator: str | None

    @property
    def plain(self) -> bool:
        """Whether each row is one interaction."""
        return self.pairs and not self.cells

    @property
    def unit(self) -> Unit:
        """What the ledger counts."""
        return "record" if self.cells else "row"


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """A log taken apart.

    Parameters
    ----------
    rows
        The interactions in canonical columns, as a narwhals frame.
    coded
        The rows or records with their reason codes, in the order of the input.
    has
        The canonical columns of the interactions.
    made
        Those of them that the input does not state.
    counts
        Rows or records by reason code.
    interactions
        Number of interactions.
    census
        Time range and channels of the interactions.
    left_out
        Participants and interactions left out, by reason.
    """

    rows: Any
    coded: Any
    has: frozenset[str]
    made: frozenset[str]
    counts: dict[str, int]
    interactions: int
    census: Census
    left_out: dict[str, int]


def shape_of(frame: Any, mapped: Mapping[str, Any], lists: Lists, separator: str | None) -> Shape:
    """The shape of a log, by its mapping and the types of its columns."""
    ends = owned(mapped, *ENDS)
    several = any(not isinstance(mapped[end], str) for end in ENDS if end in mapped)
    listed = bool(lists) or (frame.implementation.is_duckdb() and has_lists(frame.to_native(), ends))
    return Shape("target" in mapped, separator is not None or several or listed, separator or (SEVERAL_COLUMNS if several else None))


def held_in_duckdb(frame: Any, mapped: Mapping[str, Any], lists: Lists, how: Readings) -> tuple[Any, dict[str, str], FileJob]:
    """Hold a frame in a private DuckDB: the columns of its people as they are, the others in canonical form.

    Returns the relation, the SQL of the canonical columns other than source and target, and the connection's job.
    """
    import narwhals.stable.v2 as nw
    import pandas as pd

    own = owned(mapped, *ENDS)
    others = {name: column for name, column in mapped.items() if name not in ENDS}
    if isinstance(frame, nw.LazyFrame):
        frame = frame.select(*dict.fromkeys([*(name for name in own if name not in lists), *owned(others)])).collect()
    columns: dict[str, Any] = {}
    for name in own:
        if name in lists:
            columns[name] = pd.Series(lists[name], dtype=object)
            continue
        cells = frame[name].to_list()
        if any(map(has_decimals, cells)):
            raise float_ids(name, how.where)
        columns[name] = pd.Series([as_text(cell) for cell in cells], dtype="str")
    canonical = canonical_frame(frame, others, how) if others else {}
    for name in others:
        values: list[Any] = canonical[name].to_list()
        kind = "Float64" if name in NUMBERS else "Int64" if name == "time" else "str"
        whole = [None if value is None or value != value else int(value) for value in values] if name == "time" else values
        columns[f"tienet {name}"] = pd.Series(whole, dtype=kind)
    folder, remove = claim_scratch(None)
    connection = private_connection((), folder)
    kept_until_closed(connection, remove)
    connection.execute(f"set pandas_analyze_sample = {len(frame) + 1}")
    connection.from_df(pd.DataFrame(columns)).create("held")
    relation = connection.table("held")
    lists_sql = {name: f"cast({identifier(name)} as varchar[]) as {identifier(name)}" for name in lists}
    if lists_sql:  # a list column without any person has no type of its own
        relation = relation.select(", ".join(lists_sql.get(name, identifier(name)) for name in relation.columns))
    return relation, {name: identifier(f"tienet {name}") for name in others}, FileJob(connection, {}, False)


def others_sql(relation: Any, mapped: Mapping[str, Any], how: Readings) -> tuple[Any, dict[str, str]]:
    """The SQL of the canonical columns other than source and target, and the relation that it is about."""
    return canonical_sql(relation, {name: own for name, own in mapped.items() if name not in ENDS}, how)


def taken_apart(
    relation: Any,
    others: Mapping[str, str],
    mapped: Mapping[str, Any],
    shape: Shape,
    *,
    ids: IdRule,
    most: int,
    where: str,
    job: FileJob | None,
    hold: Hold | None = None,
) -> Apart:
    """Take the rows of a DuckDB relation apart into interactions.

    Parameters
    ----------
    relation
        The log.
    others
        The SQL of the canonical columns other than source and target.
    mapped
        Canonical column -> columns of the relation.
    ids
        How ids are compared.
    most
        The largest number of people of an event whose pairs are counted.
    hold
        Holds what was taken apart, so that later passes do not do it again.
    """
    held = {end: people_sql(relation, owned(mapped, end), shape.separator, ids, where=where) for end in ENDS if end in mapped}
    people = ", ".join(f"{sql} as {end}s" for end, sql in held.items())
    parts = "".join(f", {sql} as {name}" for name, sql in others.items())
    records = relation.select(f"{people}{parts}")
    stated = frozenset(others)
    if shape.pairs:
        return _by_record(records, stated, where, job, hold)
    return _by_event(records, stated, shape.cells, most, where, job, hold)


def _by_record(records: Any, stated: frozenset[str], where: str, job: FileJob | None, hold: Hold | None) -> Apart:
    """One interaction for each pair of a sender and a recipient of a record."""
    import narwhals.stable.v2 as nw

    has = stated | {*ENDS}
    kept = "".join(f", {name}" for name in sorted(stated))
    # An id made here is not one that replies refer to.
    made = frozenset({"size", "event"} - stated - ({"event"} if "reply_to" in stated else set()))
    apart = records.select(f"{_each_once('sources')} as s, {_each_once('targets')} as t, len(sources) + len(targets) as named{kept}")
    both = "case when len(s) = 1 then cast(list_contains(t, s[1]) as bigint) else len(list_intersect(s, t)) end"
    apart = apart.select(f"*, coalesce({both}, 0) as own")
    number = "cast(len(s) + len(t) - own as double)"
    size = f", {number} as size" if "size" in made else f", coalesce(size, {number}) as size"
    others = "".join(f", {name}" for name in sorted(stated - {"size"}))
    event = ", cast(row_number() over () as varchar) as event" if "event" in made else ""
    judged = apart.select(
        "s, t, s[1] as source, t[1] as target, len(s) * len(t) - own as pairs, "
        f"named - len(s) - len(t) as repeated, own{others}{size}{event}"
    )
    frame = open_frame(judged, where=where)
    coded = frame.with_columns(code=reason_code(has, loop=nw.col("pairs") == 0))
    coded = open_frame(hold(coded.to_native()), where=where) if hold else coded
    census = take_census(coded, has, job, sums=("pairs", "repeated", "own"))
    counts = census.counts
    whole = has | made
    usable = coded.filter(nw.col("code") == 0).to_native()
    rest = "".join(f", {name}" for name in sorted(whole - {*ENDS}) if name in usable.columns)
    pairs = usable.select(f"unnest(s) as source, t{rest}").select(f"source, unnest(t) as target{rest}").filter("source <> target")
    rows = open_frame(pairs, where=where)
    interactions = census.sums["pairs"].get("used", 0)
    left_out = {"repeated_recipient": census.sums["repeated"].get("used", 0), "self_recipient": census.sums["own"].get("used", 0)}
    if "event" in stated and "used" in counts:
        again = _repeated_records(usable, has, job)
        rows = once_per_event(rows, whole)
        if "size" in made:
            rows = sized_by_event(rows, whole)
        census = take_census(rows.with_columns(code=nw.lit(0)), whole, job)
        counts["duplicate_event"], counts["used"] = again, counts["used"] - again
        left_out["repeated_interaction"], interactions = interactions - census.counts["used"], census.counts["used"]
    left_out = {name: count for name, count in left_out.items() if count}
    return Apart(rows, coded, whole, made, counts, interactions, census, left_out)


def _each_once(people: str) -> str:
    """A list of people, each once, in order. Most lists have one, and sorting them would take longer than everything else."""
    return f"case when len({people}) < 2 then {people} else list_sort(list_distinct({people})) end"


def _repeated_records(usable: Any, has: frozenset[str], job: FileJob | None) -> int:
    """Number of records that repeat another one: the same event at the same moment between the same people."""
    moment = ", time" if "time" in has else ""
    distinct = usable.filter("event is not null").aggregate(f"count(*) as listings, event, s, t{moment}", f"event, s, t{moment}")
    found = distinct.aggregate("coalesce(sum(listings - 1), 0)::bigint as again")
    return int((job.run(found.fetchall, "reading the log") if job else found.fetchall())[0][0])


def _by_event(records: Any, stated: frozenset[str], several: bool, most: int, where: str, job: FileJob | None, hold: Hold | None) -> Apart:
    """One interaction for each ordered pair of the people of an event: of the rows with its id or, if `several`, of a row without one."""
    import narwhals.stable.v2 as nw

    made = frozenset({"size", *(["event"] * several)} - stated)
    line = ", row_number() over () as line" if several else ""
    judged = records.select(
        "list_sort(list_distinct(sources)) as s, sources[1] as source, len(sources) - len(list_distinct(sources)) as repeated"
        + "".join(f", {name}" for name in sorted(stated))
        + line
    )
    coded = open_frame(judged, where=where).with_columns(
        code=reason_code((stated | {"source"}) - (frozenset({"event"} if several else ())))
    )
    counts = take_census(coded, stated - {"channel", "time"}, job).counts
    usable = coded.filter(nw.col("code") == 0).to_native()
    if "event" in made:
        others = "".join(f", {name}" for name in sorted(stated))
        events = usable.select(f"cast(line as varchar) as event, s as people, 1 as listed, 1 as told, repeated{others}")
    else:
        events = _joined_by_event(usable, stated, several)
    people = "cast(len(people) as double)"
    size = f", coalesce(size, {people}) as size" if "size" in stated else f", {people} as size"
    outcome = (
        f"case when len(people) < 2 then {CODES.index('alone')} when len(people) > {most} then {CODES.index('too_many_people')} else 0 end"
    )
    names = "".join(f", {name}" for name in sorted(stated - {"event", "size"}))
    judged_events = events.select(
        f"event, people, told, repeated, listed - told as again, len(people) * (len(people) - 1) as pairs{names}{size}, {outcome} as code"
    )
    table = open_frame(hold(judged_events) if hold else judged_events, where=where)
    census = take_census(table, stated, job, sums=("told", "again", "pairs", "repeated"))
    for code, rows in census.sums["told"].items():
        counts[code] = rows if code == "used" else counts.get(code, 0) + rows
    if "used" not in census.counts:
        counts.pop("used", None)
    counts["duplicate_event"] = sum(census.sums["again"].values())
    chosen = table.filter(nw.col("code") == 0).to_native()
    has = stated | made | {*ENDS, "size"}
    columns = "".join(f", {name}" for name in sorted(has - {*ENDS}))
    pairs = chosen.select(f"unnest(people) as source, people{columns}").select(f"source, unnest(people) as target{columns}")
    rows_ = open_frame(pairs.filter("source <> target"), where=where)
    repeated = census.sums["repeated"].get("used", 0)
    left_out = {"repeated_person": repeated} if repeated else {}
    return Apart(rows_, coded, has, made, counts, census.sums["pairs"].get("used", 0), census, left_out)


def _joined_by_event(usable: Any, stated: frozenset[str], several: bool) -> Any:
    """One row for each event: the people of its rows, and how many rows it had; rows without an id of an event stay alone."""
    keys = ["event", *(["lone"] * several)]
    if several:
        usable = usable.select("*, case when event is null then line end as lone")
    if "time" in stated:
        one = f"(partition by {', '.join(keys)} order by time)"
        usable = usable.select(f"*, lag(time) over {one} as earlier")
        usable = usable.select(f"*, sum(case when time - earlier > {APART} then 1 else 0 end) over {one} as turn")
        keys.append("turn")
    kept = {"time": "min", "channel": "min", "reply_to": "min", "duration": "max", "weight": "max", "size": "max"}
    rest = "".join(f", {how}({name}) as {name}" for name, how in kept.items() if name in stated)
    people = "list_sort(list_distinct(flatten(list(s))))"
    return usable.aggregate(
        f"event, {people} as people, count(*) as listed, count(distinct s) as told, sum(repeated) as repeated{rest}", ", ".join(keys)
    )


def refuse_in_spark(shape: Shape, where: str) -> None:
    """Raise a DataError for a log in Spark whose rows would have to be taken apart."""
    if shape.plain:
        return
    how = (
        "split the cells there with explode(split(target, ';'))"
        if shape.pairs
        else "make rows with source and target there, one for each two people of an event"
    )
    raise DataError(f"{where}: rows with several people are not taken apart in Spark; {how}, and count size beforehand")


# What the source of a record does in a channel. The people of a meeting are no source; two ids there may be one person.
_ACTS = {
    **dict.fromkeys(("mail", "chat_direct", "chat_group", "chat_reply", "chat_mention"), "sent it"),
    "chat_reaction": "reacted",
    "call": "called",
    "assign": "assigned it",
    "comment": "commented",
    "handover": "handed it over",
}


def _oneself(channels: Sequence[str] | None) -> str:
    """The words for a participant who is also the source of the record, by the channels of a log."""
    if not channels or not all(channel in _ACTS or channel in ("meeting", "together", "team") for channel in channels):
        return "(the same person at both ends)"
    acts = list(dict.fromkeys(_ACTS[channel] for channel in channels if channel in _ACTS))
    if not acts:
        return "(a second id of the same person)"
    return "(the sender)" if acts == ["sent it"] else f"(the one who {listed(acts, 'or')})"


def told_left_out(left_out: Mapping[str, int], channels: Sequence[str] | None = None) -> str:
    """What was left out of the records, in words, by the channels of the log; empty if nothing was."""
    words = {
        "repeated_recipient": "named twice in a record",
        "repeated_person": "named twice in a record",
        "self_recipient": "to the sender of the record",
        "repeated_interaction": "repeated in another record of the event",
        "self": _oneself(channels),
        "repeated": "(named twice in a record)",
        "room": "(rooms)",
        "bot": "(bots)",
        "group": "(lists or shared mailboxes)",
        "external": "(outside of the firm)",
        "declined": "(declined)",
        "delegated": "(sent someone else)",
        "not_accepted": "(did not accept)",
        "no_address": "(without an address)",
        "unknown_object": "(not among the objects of the export)",
    }
    parts = [f"{counted(count, 'participant')} {words.get(name, name.replace('_', ' '))}" for name, count in left_out.items()]
    return ", ".join(parts)
