"""Read process logs in XES: who hands work over to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tienet.base.checks import names
from tienet.base.errors import ArgumentError, DataError, shown
from tienet.base.paths import PathSpec
from tienet.network.reading.aliases import is_blank
from tienet.network.reading.cells.identity import IdRule
from tienet.network.sources._xes_traces import WANTED, XesSeen, XesTrace, traces_of
from tienet.network.sources.exports.files import Export, ExportFile, open_export
from tienet.network.sources.exports.recognition import not_understood
from tienet.network.sources.exports.records import Records

if TYPE_CHECKING:
    from tienet.network.reading.interactions import InteractionLog
    from tienet.network.reading.people import People

__all__ = ["read_xes"]

# What attributes with people are called in files made from tables, which lack the prefix of the extension.
ALIKE = frozenset(
    {
        *("resource", "org:resource", "event:resource", "org:user", "org:role", "org:group", "user", "userid", "user_id", "username"),
        *("employee", "originator", "performer", "person", "agent", "actor", "worker", "operator", "clerk", "owner", "assignee"),
    }
)


def read_xes(
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
    resource: str = "org:resource",
    lifecycle: str | Sequence[str] | None = "complete",
) -> InteractionLog:
    """Read a process log in XES: the person of an event hands work over to the person of the next event.

    A record is an event. Within each trace the events that count are sorted by time (equal times keep the order of the file), and the
    person of each hands over to the person of the next event that names one: one interaction (`handover`), at the time of the later event.
    Events that name no one are left out (`no_person`) and do not break the chain; a trace's last person hands over to no one
    (`no_recipient`), and work that stays with a person is `self`.

    Parameters
    ----------
    path
        An XES file, plain or compressed, or a folder or ZIP of them. Traces are not joined over files.
    people
        The people table, or its path. Ids that it holds, or whose address it holds, become its ids; other ids are then written
        ``resource:id``.
    identities
        A table of who is who, with columns ``person``, ``kind`` (here ``resource``) and ``value``: most logs hold no addresses, so that
        only this table joins them with other systems. See `match_people`.
    domains
        Domains of the firm, such as ``"firm.example"``: people with addresses of others only are left out.
    timezone
        The zone of times without an offset, and of days; by default UTC.
    since, until
        The period, from the day or moment `since` to before `until`; by default all.
    max_people
        Records with more people are excluded.
    ids
        How ids are compared, as in `read_log`.
    resource
        The attribute of events that names the person: ``"org:resource"`` by the standard, often ``"resource"`` in files made from tables.
        The value that the file declares as its default, and ``__INVALID__``, name no one.
    lifecycle
        The lifecycles that count, in any case; events with another one are `other_action`, those without any count. None counts every
        event.

    Returns
    -------
    InteractionLog

    Raises
    ------
    DataError
        The path holds no XES, a file is damaged or declares a document type, no event names a person under `resource` (an attribute that
        may be meant is offered), or no person hands over to another.

    References
    ----------
    van der Aalst, W. M. P., Reijers, H. A., & Song, M. (2005). Discovering social networks from event logs. *Computer Supported Cooperative
    Work, 14*, 549-593. https://doi.org/10.1007/s10606-005-9005-9

    Examples
    --------
    >>> import tienet as tn
    >>> log = tn.read_xes("tests/data/made_up_exports/raw/xes/log.xes")
    >>> print(log.ledger)
    10 records in: 3 used, 7 excluded (no_person 2, no_recipient 2, other_action 2, self 1); they gave 3 interactions
    >>> log.frame[["source", "target", "channel"]].values.tolist()
    [['ana', 'ben', 'handover'], ['ben', 'cleo', 'handover'], ['ana', 'cleo', 'handover']]
    """
    if not isinstance(resource, str) or is_blank(resource):
        raise ArgumentError(f"resource must be the name of an attribute of events, such as 'org:resource'; got {shown(resource)}")
    counted = None if lifecycle is None else frozenset(one.strip().lower() for one in names("lifecycle", lifecycle, single=True))
    export = open_export(path, kind="xes")
    records = Records(
        "xes",
        people=people,
        identities=identities,
        domains=domains,
        timezone=timezone,
        since=since,
        until=until,
        max_people=max_people,
        ids=ids,
    )
    seen = XesSeen()
    for file in _logs(export):
        unnamed: Counter[bytes] = Counter()
        for trace in traces_of(file, export, resource, records.zone, seen):
            _add(records, trace, counted, unnamed, file.number)
    _refuse_useless(seen, resource, counted)
    for person in seen.people:
        if "@" in person:
            records.person(person, addresses=(person,))
    only = f"; where events have a lifecycle, only {' and '.join(sorted(counted))} counts" if counted else ""
    records.note(
        f"The person of an event hands over to that of the next event of its trace with a person, at the time of the later one{only}."
    )
    records.lack("A process log holds who did what, not who wrote to or met whom: ties without a handover are missing.")
    return records.log()


def _logs(export: Export) -> list[ExportFile]:
    """The files to read: those named .xes, else those that end in .xml, else the only file."""
    found = next((files for pattern in (r".*\.xes(\.\w+)?", r".*\.xml(\.\w+)?") if (files := export.find(pattern))), export.files[:1])
    if len(export.files) > 1 and found == export.files[:1] and found[0].suffix not in (".xes", ".xml"):
        raise not_understood(export, WANTED)
    return list(found)


def _add(records: Records, trace: XesTrace, counted: frozenset[str] | None, unnamed: Counter[bytes], file: int) -> None:
    """Add the events of a trace: each hands over to the next one that names a person."""
    other = [bool(counted and step and step not in counted) for step in trace.transitions]
    chain = [at for at, who in enumerate(trace.people) if who and not other[at] and isinstance(trace.times[at], int)]
    chain.sort(key=trace.times.__getitem__)  # the order of a file is not that of time; equal times keep it
    following = dict(pairwise(chain))
    for at, event in enumerate(_event_ids(trace, unnamed)):
        time, person, place = trace.times[at], trace.people[at], (file, trace.first + at)
        if other[at]:
            records.skip("other_action", event=event, at=place)
        elif isinstance(time, str):
            records.skip(time, event=event, at=place)
        elif not person:
            records.skip("no_person", event=event, at=place)
        else:
            then = following.get(at)
            ends = [] if then is None else [trace.people[then]]
            records.add(time if then is None else trace.times[then], person, ends, "handover", event=event, at=place)


def _event_ids(trace: XesTrace, unnamed: Counter[bytes]) -> Iterator[str]:
    """An id for each event that is the same in another copy of the log, whatever the order of its events.

    Events that say the same are told apart by counting them. A trace without a name is named after all its events.
    """
    said: Counter[tuple[object, ...]] = Counter()
    keys = []
    for key in zip(trace.times, trace.people, trace.activities, trace.transitions, trace.ids, strict=True):
        said[key] += 1
        keys.append(f"{key}:{said[key]}")
    name = trace.name
    if not name:
        digest = blake2b("\n".join(sorted(keys)).encode(errors="surrogatepass"), digest_size=16).digest()
        unnamed[digest] += 1
        name = f"{digest.hex()}:{unnamed[digest]}"
    return (f"{name}:{key}" for key in keys)


def _refuse_useless(seen: XesSeen, resource: str, counted: frozenset[str] | None) -> None:
    """Stop if no event names a person, or none has the lifecycle that is counted, with what would help."""
    if not seen.people:
        alike = sorted(key for key in seen.keys if key.lower() in ALIKE)
        advice = f"pass resource={alike[0]!r}, which it has" if alike else "pass the name of the attribute that does, resource="
        raise DataError(f"no event of the XES export names a person under {shown(resource)}; {advice}")
    if counted and "" not in seen.transitions and not counted & set(seen.transitions.values()):
        wanted = " or ".join(map(shown, sorted(counted)))
        raise DataError(f"no event of the XES export has the lifecycle {wanted}; pass lifecycle=None to count every event")
