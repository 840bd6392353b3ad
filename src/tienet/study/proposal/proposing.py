"""Propose a study: which table is which, the mapping of columns, how values are written, and the reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from tienet.base.errors import DataError
from tienet.base.numbers import percent
from tienet.base.wording import snake_case
from tienet.network.reading.cells.identity import IdRule, normal_ids
from tienet.network.reading.found import ADDRESSES
from tienet.study.proposal.exports import SeenExport
from tienet.study.proposal.log_roles import LogRoles, log_roles
from tienet.study.proposal.looking import SeenColumn, SeenTable
from tienet.study.proposal.vocabulary import kind_of_function, likeness, plain
from tienet.study.toml_values import in_toml

RULES: tuple[IdRule, ...] = ("exact", "trim", "address")
NEAR = 0.02  # a rule for ids is taken only if it finds more of the ids than a stricter one, by this share
FEWEST = 5  # people of a people table
FUNCTIONS = 60  # most functions of a firm
# "Department head" holds people, "Department id" numbers of departments.
_PERSONS = frozenset(
    (
        *(
            "head",
            "manager",
            "lead",
            "leader",
            "leiter",
            "leitung",
            "chef",
            "responsable",
            "jefe",
            "director",
            "supervisor",
            "vorgesetzter",
        ),
        *("name", "id", "nr", "no", "number", "code"),
    )
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """One line of the study file: its table ("" for none), key, value and reason; `sure` is False for what to look at."""

    table: str
    key: str
    value: Any
    reason: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed study: the log (a table or exports) and the tables it takes, the lines of its file, and the tables that are left."""

    log: SeenTable | None
    people: SeenTable | None
    outcomes: SeenTable | None
    lines: tuple[Proposed, ...]
    left: tuple[str, ...]
    exports: tuple[SeenExport, ...] = ()
    beside: tuple[LogRoles, ...] = ()  # tables that look like logs as well, and are not counted


@dataclass(frozen=True)
class _Roster:
    table: SeenTable
    person: SeenColumn  # the column whose ids the log uses
    function: SeenColumn
    rule: str
    share: float  # of the ids of the log that are in it
    exact: float


@dataclass(frozen=True)
class _Outcomes:
    table: SeenTable
    person: SeenColumn
    outcome: SeenColumn
    others: tuple[SeenColumn, ...]
    key: SeenColumn  # the column of the people table with the same ids
    share: float
    rule: str


@dataclass
class _Lines:
    lines: list[Proposed] = field(default_factory=list)

    def add(self, key: str, value: Any, reason: str = "", *, table: str = "", sure: bool = True) -> None:
        self.lines.append(Proposed(table, key, value, reason, sure))

    def column(self, table: str, name: str, columns: Sequence[SeenColumn], reason: str = "", *, sure: bool = True) -> None:
        """Map a column, unless it has the standard name already."""
        own = [column.name for column in columns]
        if own != [name]:
            self.add(name, own[0] if len(own) == 1 else own, reason, table=f"columns.{table}", sure=sure)


def propose(tables: Sequence[SeenTable], exports: Sequence[SeenExport] = ()) -> Proposal:
    """Recognise log, people and outcomes among the tables, and propose a study of them; exports, if there are any, are its log.

    Raises
    ------
    DataError
        There is no export, and no table is a log.
    """
    log = None if exports else _log(tables)
    identities = next((table for table in tables if _is_identities(table)), None)
    rest = [table for table in tables if (log is None or table is not log.table) and not _is_identities(table)]
    ids = None if log is None else Counter(log.people())
    roster = max((found for table in rest if (found := _roster(table, ids))), key=_fit_of_roster, default=None)
    outcomes = None if roster is None else _outcomes(rest, roster)
    lines = _Lines()
    _paths(lines, log, exports, roster, outcomes)
    if exports and identities is not None:
        lines.add("identities", identities.path, "who is who in the exports")
    _model(lines, roster, outcomes)
    _reading(lines, log, roster, outcomes)
    _mapping(lines, log, roster, outcomes)
    used = {id(one.table) for one in (log, roster, outcomes) if one is not None} | ({id(identities)} if exports else set())
    beside = [roles for table in rest if exports and id(table) not in used and (roles := log_roles(table))]
    used |= {id(one.table) for one in beside}
    left = tuple(table.path.name for table in tables if id(table) not in used)
    people, results = (None if one is None else one.table for one in (roster, outcomes))
    return Proposal(None if log is None else log.table, people, results, tuple(lines.lines), left, tuple(exports), tuple(beside))


def _log(tables: Sequence[SeenTable]) -> LogRoles:
    logs = sorted((roles for table in tables if (roles := log_roles(table))), key=lambda roles: (roles.score, roles.table.rows))
    if not logs:
        raise DataError(
            f"none of {len(tables)} tables looks like a log: two columns of people (who contacted whom) and a time; "
            "name its columns source, target and time, or write study.toml by hand"
        )
    return logs[-1]


def _is_identities(table: SeenTable) -> bool:
    """Whether it is the table of who is who that `tienet identify` writes."""
    return {"person", "kind", "value"} <= {column.name.strip().lower() for column in table.columns}


def _shares(ids: Counter[str], column: SeenColumn) -> dict[str, float]:
    """Rule -> the share of ids (counted as often as they occur) that are in a column."""
    total = max(sum(ids.values()), 1)
    found = {"exact": sum(count for one, count in ids.items() if one in column.distinct) / total}
    for how in RULES[1:]:
        known = set(normal_ids(np.array([*column.distinct], dtype=object), how).tolist()) - {None}
        told = normal_ids(np.array([*ids], dtype=object), how).tolist()
        found[how] = sum(count for one, count in zip(told, ids.values(), strict=True) if one in known) / total
    return found


def _rule(shares: dict[str, float]) -> str:
    """The strictest rule that finds (nearly) as many ids as any."""
    best = max(shares.values())
    return next(how for how in RULES if shares[how] >= best - NEAR)


def _roster(table: SeenTable, ids: Counter[str] | None) -> _Roster | None:
    """The table as a people table: a column of people who are in the log, and one of functions.

    The ids of exports are not known before these are read; addresses match them best.
    """
    over_time = any(likeness(column.name, "valid_from") == 1 for column in table.columns)
    able = [column for column in table.columns if column.is_id and (column.is_unique or over_time) and column.filled > 0.5]
    functions = [column for column in table.columns if _is_function(column)]
    if not able or not functions or table.rows < FEWEST:
        return None
    shares = {column.name: _shares(ids, column) if ids else {"exact": float(column.with_address > 0.5)} for column in able}
    person = max(able, key=lambda column: (round(max(shares[column.name].values()), 2), likeness(column.name, "person")))
    rest = [column for column in functions if column is not person]
    if not rest:
        return None
    function = max(rest, key=lambda column: (likeness(column.name, "function") + bool(_of_kind(column, "sales")), -len(column.distinct)))
    rule = _rule(shares[person.name]) if ids else "exact"
    return _Roster(table, person, function, rule, shares[person.name][rule], shares[person.name]["exact"])


def _is_function(column: SeenColumn) -> bool:
    labels = len(column.distinct)
    if column.is_number or column.written is not None or not 2 <= labels <= min(FUNCTIONS, len(column.values) / 2) or column.filled < 0.5:
        return False
    if _PERSONS & set(plain(column.name).split()):
        return False
    return likeness(column.name, "function") > 0 or any(map(kind_of_function, column.distinct))


def _fit_of_roster(roster: _Roster) -> float:
    return 3 * roster.share + likeness(roster.function.name, "function") + bool(_of_kind(roster.function, "sales"))


def _of_kind(function: SeenColumn, kind: str) -> list[str]:
    """The labels of a kind of function, the one with most people first."""
    labels = Counter(" ".join(value.split()) for value in function.values)
    return [label for label, _ in labels.most_common() if kind_of_function(label) == kind]


def _outcomes(tables: Sequence[SeenTable], roster: _Roster) -> _Outcomes | None:
    """The table with the outcome: people of the roster and a number for each; the people table itself if no other has it."""
    others = [table for table in tables if table is not roster.table]
    found = [one for table in others if (one := _as_outcomes(table, roster))]
    if found:
        return max(found, key=lambda one: (one.share, likeness(one.outcome.name, "outcome")))
    own = _as_outcomes(roster.table, roster)
    return own if own is not None and likeness(own.outcome.name, "outcome") > 0 else None


def _as_outcomes(table: SeenTable, roster: _Roster) -> _Outcomes | None:
    able = [column for column in table.columns if column.is_id and column.is_unique]
    keys = [column for column in roster.table.columns if column.is_id and column.is_unique] or [roster.person]
    best, person, key, rule = 0.0, None, None, "exact"
    for mine, theirs in product(able, keys):
        shares = _shares(Counter(mine.values), theirs)
        how = _rule(shares)
        share = shares[how] + 0.01 * (theirs is roster.person) + 0.001 * likeness(mine.name, "person")
        if share > best:
            best, person, key, rule = share, mine, theirs, how
    if person is None or key is None or best < 0.2:
        return None
    numbers = [column for column in table.columns if column.is_number and column is not person and not _is_year(column)]
    if not numbers:
        return None
    outcome = max(numbers, key=lambda column: likeness(column.name, "outcome") - likeness(column.name, "control"))
    return _Outcomes(table, person, outcome, tuple(column for column in numbers if column is not outcome), key, best, rule)


def _is_year(column: SeenColumn) -> bool:
    return likeness(column.name, "outcome") == 0 and all(value.isdigit() and 1900 <= int(value) <= 2100 for value in column.values[:2_000])


def _paths(lines: _Lines, log: LogRoles | None, exports: Sequence[SeenExport], roster: _Roster | None, outcomes: _Outcomes | None) -> None:
    if log is None:
        entries = [{one.kind: one.path} for one in exports]
        lines.add("log", entries[0] if len(entries) == 1 else entries, f"recognised: {', '.join(one.named for one in exports)}")
    else:
        ends = "a row per person and event" if not log.target else "two columns of people"
        told = f"{log.table.named}: {ends}, {'with' if log.time else 'without'} times"
        lines.add("log", log.table.path, told if log.named else f"{told}, recognised by the values", sure=log.named)
    if roster is not None and log is None:
        key = roster.person if outcomes is None else outcomes.key
        matched = "" if key is roster.person else f", mail addresses, which match the exports, in {roster.person.name!r}"
        told = f"{roster.table.named}: ids in column {key.name!r}{matched if roster.share else ''}, functions in {roster.function.name!r}"
        lines.add(
            "people",
            roster.table.path,
            told if roster.share else f"{told}; exports are matched by addresses, and none are there",
            sure=roster.share > 0.5,
        )
    elif roster is not None:
        told = f"{roster.table.named}: {percent(roster.share, 0)} of the ids in the log are in column {roster.person.name!r}"
        lines.add("people", roster.table.path, told, sure=roster.share > 0.5)
    if outcomes is not None:
        told = f"{outcomes.table.named}: people of the people table, each with numbers"
        lines.add("outcomes", outcomes.table.path, told)


def _model(lines: _Lines, roster: _Roster | None, outcomes: _Outcomes | None) -> None:
    if outcomes is not None:
        name = _in_formula(outcomes.outcome.name)
        rest = ", ".join(column.name for column in outcomes.others)
        known = likeness(outcomes.outcome.name, "outcome") >= 0.8
        lines.add("outcome", name, f"other numbers there: {rest}" if rest else "the only number there", sure=known or not rest)
    if roster is None:
        return
    labels = [label for label, _ in Counter(" ".join(value.split()) for value in roster.function.values).most_common()]
    sales = _of_kind(roster.function, "sales")
    of = (sales or labels)[0]
    told = "whose people are studied" + (f"; also there: {', '.join(sales[1:])}" if len(sales) > 1 else "")
    lines.add("of", of, told, sure=len(sales) == 1)
    toward = [found[0] for kind in ("marketing", "service") if (found := _of_kind(roster.function, kind))]
    others = [label for label in labels if label not in (*sales, of, *toward)]
    named = bool(toward)
    toward = toward or others[:2]
    told = "to which their ties are counted" + (f"; also there: {', '.join(others[:8])}" if others else "")
    lines.add("functions", toward, told, sure=named)
    lines.add("controls", [], _controls(roster, outcomes))
    lines.add("no_ties", "drop", 'people without a tie to a function: "drop" or "zero_with_indicator"', sure=False)


def _controls(roster: _Roster, outcomes: _Outcomes | None) -> str:
    taken = {roster.person.name, roster.function.name}
    people = [
        column for column in roster.table.columns if column.name not in taken and (column.is_number or 2 <= len(column.distinct) <= 12)
    ]
    other = [] if outcomes is None or outcomes.table is roster.table else outcomes.others
    able = [column.name if column.name.isidentifier() else in_toml(column.name) for column in (*people, *other)]
    return f"columns to hold constant, such as: {', '.join(able[:8])}" if able else "columns to hold constant"


def _in_formula(name: str) -> str:
    """A name that can stand in a formula."""
    if name.isidentifier():
        return name
    words = snake_case(name).split("_")
    while len(words) > 1 and len(words[-1]) <= 2:  # "Umsatz in %"
        words.pop()
    found = "_".join(words)
    return found if found.isidentifier() else f"x_{found}"


def _reading(lines: _Lines, log: LogRoles | None, roster: _Roster | None, outcomes: _Outcomes | None) -> None:
    """How the files are written."""
    if log is not None and log.separator is not None:
        share = max(column.several for column in log.ends)
        lines.add("separator", log.separator, f"{percent(share, 0)} of the cells hold several people")
    rules = [one.rule for one in (roster, outcomes) if one is not None]
    rule = max(rules, key=RULES.index, default="exact")
    if rule != "exact" and roster is not None:
        meaning = {"trim": "without blanks around them", "address": "by the mail address in them, in lower case"}[rule]
        lines.add(
            "ids", rule, f"ids are compared {meaning}: {percent(roster.share, 0)} of the log match, {percent(roster.exact, 0)} as written"
        )
    if roster is not None and outcomes is not None and outcomes.key is not roster.person:
        if log is not None:
            lines.add("aliases", roster.person.name, "the log and the outcomes name people by different columns of the people table")
        elif roster.share and snake_case(roster.person.name) not in ADDRESSES:  # readers of exports know the others by their names
            lines.add("aliases", roster.person.name, "mail addresses, which match the exports; the outcomes name people by another column")
    if log is not None:
        _times(lines, log)
    numbers = [*([outcomes.outcome] if outcomes else []), *(log.other.values() if log is not None else ())]
    if any(column.has_commas for column in numbers):
        lines.add("decimal", ",", "numbers have a decimal comma")
    encodings = {name: one.table.encoding for name, one in _tables(log, roster, outcomes) if one.table.encoding}
    if encodings:
        lines.add("encoding", encodings, "these files are not UTF-8")


def _tables(log: LogRoles | None, roster: _Roster | None, outcomes: _Outcomes | None) -> list[tuple[str, Any]]:
    return [(name, one) for name, one in (("log", log), ("people", roster), ("outcomes", outcomes)) if one is not None]


def _times(lines: _Lines, log: LogRoles) -> None:
    written = log.time[0].written if log.time else None
    if written is None:
        return
    patterns = list(written.patterns)
    if len(log.time) == 2 and patterns:
        clock = "%I:%M %p" if log.time[1].values[0].strip()[-1:].lower() == "m" else "%H:%M"
        seconds = clock.replace("%M", "%M:%S") if log.time[1].values[0].count(":") == 2 else clock
        patterns = [f"{pattern} {seconds}" for pattern in patterns]
    if patterns:
        told = "as times are written" if written.sure else "day before month, or the other way round?"
        lines.add("time_format", patterns[0] if len(patterns) == 1 else patterns, told, sure=written.sure)
    if not written.zoned:
        told = 'the times state no zone; write that of the log, such as "Europe/Berlin"'
        lines.add("timezone", "UTC", told, sure=False)


def _mapping(lines: _Lines, log: LogRoles | None, roster: _Roster | None, outcomes: _Outcomes | None) -> None:
    if log is not None:
        _mapping_of_log(lines, log)
    _mapping_of_people(lines, roster, outcomes)


def _mapping_of_log(lines: _Lines, log: LogRoles) -> None:
    told = "" if log.named else "recognised by the values"
    lines.column("log", "source", log.source, told, sure=log.named)
    if log.target:
        lines.column("log", "target", log.target, told, sure=log.named)
    if log.time:
        lines.column("log", "time", log.time)
    for name, column in log.other.items():
        lines.column("log", name, [column])
    if not log.time:
        lines.add("half_life", "none", "the log has no times", table="rule")


def _mapping_of_people(lines: _Lines, roster: _Roster | None, outcomes: _Outcomes | None) -> None:
    if roster is not None:
        key = roster.person if outcomes is None else outcomes.key
        lines.column("people", "person", [key])
        lines.column("people", "function", [roster.function])
        for name in ("valid_from", "valid_to"):
            spell = next((column for column in roster.table.columns if likeness(column.name, name) == 1), None)
            if spell is not None:
                lines.column("people", name, [spell])
    if outcomes is not None:
        lines.column("outcomes", "person", [outcomes.person])
        lines.column("outcomes", _in_formula(outcomes.outcome.name), [outcomes.outcome])
