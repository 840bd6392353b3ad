"""Match a log with the people table: why rows name nobody in it, and who the ids of exports are.

Sentences hold counts, and shapes such as "a.a@a.a", never an id; ids are in frames and in the form to fill in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.errors import DataError
from tienet.base.frames import Columns, collect, duckdb_in_one_line, make_frame
from tienet.base.numbers import counted
from tienet.base.paths import PathSpec
from tienet.base.record import Fixed
from tienet.base.writing import write_csv
from tienet.network.reading.cells.identity import each_once, normal_ids
from tienet.network.reading.engine import encoded
from tienet.network.reading.identities import read_identities
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.people import People
from tienet.network.reading.spellings import RULES, matched_by_rule, rows_by_rule, strangers_in
from tienet.network.reading.who import STATES, form_of, merged_people, sorted_ids, stated_rows

if TYPE_CHECKING:
    from tienet.network.reading.files.job import FileJob

__all__ = ["Matching", "match_people"]


SAID = ("id", "kind", "address", "name", "handle", "interactions")
WORDS = {
    "matched": "matched",
    "left out": "left out as no people",
    "suggested": "with a suggestion",
    "conflict": "that may be several people",
    "unmatched": "not known",
}
TABLE = "if they are not outsiders, say in a table of identities who they are; `tienet identify` or match_people writes one to fill in"
UNMATCHED = 0.1  # share of rows that name nobody from which on it is said


@dataclass(frozen=True, slots=True)
class Matching:
    """How many rows of a log name someone who is not in the people table, and how many would match under other rules.

    Parameters
    ----------
    rows
        The rows looked at.
    unknown
        Those with at least one id that is not in the people table.
    matches
        Rule -> unknown rows that would match under it, for the rules that match any: "unicode", "blanks", "case", "brackets" (only
        what is in <>), "address" (all of these), "exponent" (1e+05), "decimals" (123.0), "zeros" (00123), "number" (these three),
        "several" and "commas" (several people in a cell, with ";" or "," between them), "addresses" and "comma_addresses" (these as
        addresses), "domain" (only the part before the @).
    shapes
        The commonest shape of the unknown ids and of those in the people table, letters as "a" and digits as "9"; empty if they are alike.
    exports
        Whether the log is read from exports, whose ids a table of identities can join with the people table.
    ids
        For a log that is read from exports, the columns of `people_found` for each id and what is known of it; see `match_people`.
    stated
        The rows of the table of identities that are filled in.
    strangers
        People whom the table of identities names, and who are not in the people table.
    """

    rows: int
    unknown: int
    matches: Mapping[str, int]
    shapes: tuple[str, ...] = ()
    exports: bool = False
    ids: Columns = field(default_factory=lambda: Fixed({}), repr=False, compare=False)
    stated: Columns = field(default_factory=lambda: Fixed({}), repr=False, compare=False)
    strangers: int = 0

    @property
    def matched(self) -> Any:
        """The ids that are a person of the roster, and what the match rests on, as a frame."""
        return self._frame("matched", "person", "matched_by")

    @property
    def suggested(self) -> Any:
        """The ids that may be a person (`suggestion`) or no person (`exclude`), with the reason, as a frame. Nothing is taken by itself."""
        return self._frame("suggested", "suggestion", "exclude", "reason")

    @property
    def conflicts(self) -> Any:
        """The ids that several people of the roster may be, with these people in `suggestion`, as a frame."""
        return self._frame("conflict", "suggestion", "reason")

    @property
    def unmatched(self) -> Any:
        """The ids of which nothing is known, as a frame."""
        return self._frame("unmatched")

    @property
    def left_out(self) -> Any:
        """The ids that the export or the table of identities says are no people, and what they are (`exclude`), as a frame."""
        return self._frame("left out", "exclude")

    @property
    def merged(self) -> Any:
        """How many ids of each kind stand for each person, and how many interactions they have, as a frame."""
        return make_frame(merged_people(self._ids))

    @property
    def table(self) -> Any:
        """The table of identities to fill in, as a frame: the rows that are filled in, and every id that is not decided, by interactions.

        Write a person of the roster into `person`, or "bot", "room", "group" or "external" into `exclude`. A suggested person is in
        `suggestion`; a suggestion in `exclude` has a question mark and does not count until it is removed.
        """
        return make_frame(form_of(self._ids, self.stated))

    def write(self, path: PathSpec) -> Path:
        """Write `table` as a CSV file, for ``identities=`` of a reader or a study; it holds ids and names of people."""
        return write_csv(path, form_of(self._ids, self.stated))

    @property
    def _ids(self) -> Columns:
        if not self.ids:
            raise DataError(
                "the log does not say which people an export names, so there is no table of identities to fill in; read the log with "
                "the reader of the system, such as read_slack, or give people their other ids with aliases= in read_people"
            )
        return self.ids

    def _frame(self, state: str, *further: str) -> Any:
        rows = self._ids["state"] == state
        return make_frame({name: self.ids[name][rows] for name in (*SAID, *further)})

    @property
    def share(self) -> float:
        """The share of rows that name someone who is not in the people table."""
        return self.unknown / self.rows if self.rows else 0.0

    @property
    def remarkable(self) -> bool:
        """Whether more than a tenth of the rows do, so that it is worth a warning."""
        return self.share > UNMATCHED

    @property
    def rule(self) -> str | None:
        """The rule under which most rows would match; the simplest of several, None if none matches any."""
        return max(self.matches, key=lambda name: self.matches[name]) if self.matches else None

    @property
    def options(self) -> Mapping[str, str]:
        """The arguments of `read_log` that apply this rule; empty if the files themselves have to be mended."""
        return RULES[self.rule].options if self.rule else Fixed({})

    @property
    def repair(self) -> str:
        """What to do, as a clause."""
        if self.exports:
            return TABLE
        if self.rule:
            return RULES[self.rule].repair
        return "if they are not outsiders, compare how the two files write ids"

    @property
    def advice(self) -> str:
        """How many would match under which rule, and what to do."""
        if self.rule and not self.exports:
            found = self.matches[self.rule]
            return f"{found:,} of them {'match' if found > 1 else 'matches'} {RULES[self.rule].words}: {self.repair}"
        if self.exports:
            return self.repair
        looks = f" (ids of the log look like {self.shapes[0]!r}, those of the table like {self.shapes[1]!r})" if self.shapes else ""
        return f"no other spelling matches{looks}: {self.repair}"

    @property
    def told(self) -> str:
        """How many ids of the exports are matched, suggested, in conflict and not known, as a clause."""
        states = Counter(self._ids["state"].tolist())
        listed = ", ".join(f"{states[state]:,} {WORDS[state]}" for state in STATES if states[state])
        said = f"{counted(len(self.ids['state']), 'id')} in the exports: {listed}"
        if self.strangers:
            said += f"; the table of identities names {counted(self.strangers, 'person', 'people')} not in the people table"
        return said

    def __str__(self) -> str:
        rows = f"{self.unknown:,} of {self.rows:,} rows name someone who is not in the people table (unknown_person)"
        if not self.ids:
            return f"{rows}; {self.advice}"
        return f"{self.told}. {rows}{f'; {self.advice}' if self.unknown else ''}"


def match_people(people: People | InteractionLog, log: InteractionLog | People, identities: PathSpec | object = None) -> Matching:
    """Match the ids of a log with the people table: who is matched, who may be meant, and who is not known.

    Parameters
    ----------
    people
        From `read_people`.
    log
        From `read_log` or a reader of exports, or several of them from `combine`. The two may be given in either order.
    identities
        A table of identities (path or frame): columns ``person`` (as in the people table), ``kind`` ("email", "slack", "teams", "trello",
        "asana", "jira", "salesforce", "hubspot", "zendesk", "resource", "ocel", "viva", or "name") and ``value`` (the id in that system),
        perhaps ``exclude`` ("bot", "room", "group" or "external", for ids that are no people of the firm), ``valid_from`` and ``valid_to``.

    Returns
    -------
    Matching
        Its sentence has counts. For a log that is read from exports, `matched`, `suggested`, `conflicts`, `unmatched` and `left_out` are
        frames of ids, `merged` tells which ids are one person, and `table` and ``write("who.csv")`` give the table of identities to
        fill in.

    Notes
    -----
    **Ids of exports.** An id is a person by the table of identities; else by an address that the system states, if it is an id, alias
    or address of one person in the people table (without ``mailto:``, blanks and regard to case); else by the id itself. Addresses of
    several people are a conflict. Nothing else is taken by itself. Suggested is the one person with the same name, the same part
    before the @, or a name that fits the address or handle; several such people are a conflict. Suggested as no people are ids named like
    mailboxes, rooms or bots (info, noreply, support), those that sent 20 and received none, and those that received from 100 people and
    sent none.

    **Rows.** The rows of the log that name someone who is not in the people table are counted, and for logs of tables those that would
    match in another spelling.
    Both sides are compared in the other spelling. An id that would then stand for two people matches neither. `build_ties` warns with the
    same words if more than a tenth of the rows that its rule counts are unknown.

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_log({"source": ["ANN", "ann"], "target": ["bob", "bob"]})
    >>> people = tn.read_people({"person": ["ann", "bob"], "function": ["Sales", "Marketing"]})
    >>> found = tn.match_people(people, log)
    >>> found.unknown, dict(found.matches), dict(found.options)
    (1, {'case': 1, 'address': 1}, {'ids': 'address'})
    """
    if isinstance(people, InteractionLog) and isinstance(log, People):
        return match_people(log, people, identities)
    made_by("read_log or another reader", InteractionLog, log=log)
    made_by("read_people", People, people=people)
    assert isinstance(log, InteractionLog) and isinstance(people, People)  # noqa: S101, PT018 - checked above
    table = None if identities is None else read_identities(identities, timezone=log.timezone)
    found = sorted_ids(log, people, table)
    return replace(
        _rows_matched(log, people, found),
        exports=bool(found),
        ids=found,
        stated=Fixed(stated_rows(identities)),
        strangers=_strangers_in(found, people),
    )


def _strangers_in(found: Columns, people: People) -> int:
    """The people that ids of exports stand for, and who are not in the people table."""
    named = {one for one in (found["person"].tolist() if found else ()) if one is not None}
    return len(named - set(people.listed()[0].tolist()))


def _rows_matched(log: InteractionLog, people: People, found: Columns) -> Matching:
    """Count the rows that name nobody; ids of exports count as the person they are."""
    import narwhals.stable.v2 as nw

    ids, codes = _with_found(*people.listed(), people, found)
    if log.ids != "exact":
        ids, codes = each_once(normal_ids(ids, log.ids), codes)
    with duckdb_in_one_line(log.origin):
        coded = encoded(log.rows, ids, codes, connection=log.job.connection if log.job else None)
        lost = nw.min_horizontal("source_code", "target_code") < 0
        flagged = coded.select("source", "target", lost=nw.when(lost).then(nw.lit(1)).otherwise(nw.lit(0)))
        counts = collect(flagged.group_by("lost").agg(nw.len().alias("rows")), log.job)
    numbers = dict(zip(counts["lost"].to_list(), counts["rows"].to_list(), strict=True))
    if found:  # the ids of systems are not spellings of ids in the people table
        return Matching(sum(numbers.values()), numbers.get(1, 0), Fixed({}))
    rows = flagged.filter(nw.col("lost") == 1).select("source", "target")
    return match_rows(rows, ids, codes, rows=sum(numbers.values()), unknown=numbers.get(1, 0), origin=log.origin, job=log.job)


def _with_found(ids: NDArray[Any], codes: NDArray[np.int64], people: People, found: Columns) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Known ids and whom they stand for, with those ids of exports that are matched, in both ways in which readers write them."""
    if not found:
        return ids, codes
    matched = np.array([one is not None for one in found["person"].tolist()], dtype=bool)
    behind = people.codes(found["person"][matched])
    raw, kinds = found["id"][matched], found["kind"][matched]
    written = np.concatenate([raw, np.array([f"{kind}:{one}" for kind, one in zip(kinds, raw, strict=True)], dtype=object)])
    places = np.concatenate([behind, behind])
    own = set(ids.tolist())
    new = np.array([one not in own for one in written.tolist()], dtype=bool) & (places >= 0)
    first = np.unique(written[new].astype(str), return_index=True)[1]
    return np.concatenate([ids, written[new][first]]), np.concatenate([codes, places[new][first]])


def match_rows(
    ends: Any, ids: NDArray[Any], codes: NDArray[np.int64], *, rows: int, unknown: int, origin: str, job: FileJob | None
) -> Matching:
    """Match the unknown rows of a log.

    Parameters
    ----------
    ends
        A narwhals frame with the source and the target of the unknown rows.
    ids, codes
        (m,) each: ids that are known, and the person that each stands for.
    rows, unknown
        All rows looked at, and those that are unknown.
    """
    if not unknown:
        return Matching(rows, 0, Fixed({}))
    with duckdb_in_one_line(origin):
        strangers = strangers_in(ends, ids, job)
        matched, shapes = matched_by_rule(strangers, ids, codes)
        counts = rows_by_rule(ends, ids, strangers, matched, job) if matched.any() else {}
    return Matching(rows, unknown, Fixed(counts), shapes)
