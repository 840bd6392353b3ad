"""Make a log of the records of an export, each of which may give several interactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import choice
from tienet.base.errors import ArgumentError, DataError
from tienet.base.frames import Backend, backend_of, collect, open_frame, to_text
from tienet.base.record import Fixed
from tienet.network.reading.cells.canonical import Readings, canonical_frame
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.cells.patterns import formats_of
from tienet.network.reading.cells.zones import known_zone
from tienet.network.reading.interactions import InteractionLog
from tienet.network.reading.judging import once_per_event, reason_code, sized_by_event, take_census
from tienet.network.reading.ledger import CODES, Ledger
from tienet.network.reading.log_columns import column_mapping

__all__ = ["log_from_records"]  # log_from_columns is for the kit of readers


_OWN_NAMES = {"self_loop": "self_recipient"}


def log_from_records(
    interactions: object,
    *,
    record: Sequence[int] | NDArray[np.int64],
    unused: Mapping[str, int] | None = None,
    left_out: Mapping[str, int] | None = None,
    ids: IdRule = "exact",
    timezone: str = "UTC",
    notes: Sequence[str] = (),
    where: str = "the export",
) -> InteractionLog:
    """Make a log of interactions that come from records, such as mails to several people: for readers of exports.

    Parameters
    ----------
    interactions
        A table (frame or mapping of columns) with canonical columns, one row per interaction, in memory.
    record
        (n,) for each interaction, the number of the record that gave it.
    unused
        Records that gave no interaction, by reason code.
    left_out
        Participants of records that gave no interaction, by reason.
    ids
        How ids are compared, as in `read_log`.
    timezone
        The zone of times without one, and of the days of a tie rule.
    notes
        What was noticed in reading, in sentences without ids.
    where
        The name of the export, for messages.

    Returns
    -------
    InteractionLog

    Notes
    -----
    Interactions are judged as `read_log` judges rows. A record is used if one of its interactions is; else it counts under the first
    reason that applies to them. What else its interactions were left out for is in `InteractionLog.left_out`. A record without `event`
    is an event of its own, and a missing `size` is the number of distinct people in the record or, where events are stated, in the
    event. A record whose interactions are all those of earlier records of its event and moment is a ``duplicate_event``.

    Raises
    ------
    ArgumentError
        There is not one record number for each interaction.
    DataError
        A column is missing, or no record can be used.

    Examples
    --------
    >>> import tienet as tn
    >>> mails = {"source": ["ann", "ann", "bob"], "target": ["bob", "cyn", "ann"]}
    >>> log = tn.network.reading.log_from_records(mails, record=[0, 0, 1], unused={"missing_target": 1})
    >>> print(log.ledger)
    3 records in: 2 used, 1 rejected (missing_target 1); they gave 3 interactions
    >>> log.frame["size"].tolist()
    [3.0, 3.0, 2.0]
    """
    import narwhals.stable.v2 as nw

    choice("ids", ids, get_args(IdRule))
    frame = collect(open_frame(interactions, where=where))
    zone = known_zone(timezone)
    numbers = np.asarray(record)
    if numbers.shape != (len(frame),):
        raise ArgumentError(f"record must have one number for each of the {len(frame):,} interactions; got {numbers.size:,}")
    mapped = column_mapping(frame.columns, None, where=where)
    has = frozenset(mapped)
    made = frozenset({"size", "event"} - has - ({"event"} if "reply_to" in has else set()))
    rows = canonical_frame(frame, mapped, Readings(formats_of(None), zone, None, where, ids)).with_columns(code=reason_code(has))
    codes = rows["code"].to_numpy().astype(np.int64)
    distinct, place = np.unique(numbers, return_inverse=True)
    lowest = np.full(len(distinct), len(CODES), dtype=np.int64)
    np.minimum.at(lowest, place, codes)
    counts = Counter({code: int(np.sum(lowest == at)) for at, code in enumerate(CODES)})
    counts.update(unused or {})
    dropped = Counter(left_out or {})
    lost = codes[(codes > 0) & (lowest[place] == 0)]
    dropped.update({_OWN_NAMES.get(code, code): int(np.sum(lost == at)) for at, code in enumerate(CODES)})
    if not counts["used"]:
        ledger = Ledger(counts, "record")
        raise DataError.no_rows(where, str(ledger) if ledger.rows_in else "there is no interaction")
    used, place = rows.filter(nw.col("code") == 0).drop("code"), place[codes == 0]
    used = _completed(used, has, made, place, distinct)
    whole = has | made
    if "event" in has:
        first = _first_listings(used, has)
        kept = len(np.unique(place[first]))
        counts["duplicate_event"] += counts["used"] - kept
        counts["used"] = kept
        dropped["repeated_interaction"] += int(np.sum(~first))
        used = once_per_event(used, whole)
        used = sized_by_event(used, whole) if "size" in made else used
    ledger = Ledger(counts, "record", interactions=len(used))
    return _logged(used, whole, made, ledger, dropped, backend=backend_of(frame), ids=ids, timezone=zone, notes=notes, where=where)


def log_from_columns(
    columns: Mapping[str, Any],
    counts: Mapping[str, int],
    *,
    left_out: Mapping[str, int],
    timezone: str,
    notes: Sequence[str],
    where: str,
) -> InteractionLog:
    """Make a log of interactions that are judged, sized and told apart already, without further copies of them.

    Parameters
    ----------
    columns
        The canonical columns that `log_from_records` would make, as pandas columns: times in microseconds UTC, ids by `text_column`.
    counts
        Records by reason code, "used" included.
    left_out, timezone, notes, where
        As in `log_from_records`.
    """
    import narwhals.stable.v2 as nw
    import pandas as pd

    used = nw.from_native(pd.DataFrame(columns, copy=False), eager_only=True)
    ledger = Ledger(counts, "record", interactions=len(used))
    made = frozenset({"size"})
    return _logged(
        used, frozenset(columns), made, ledger, left_out, backend="pandas", ids="exact", timezone=timezone, notes=notes, where=where
    )


def text_column(texts: Sequence[str | None]) -> Any:
    """A pandas column of text, of the type that `log_from_records` makes."""
    import narwhals.stable.v2 as nw

    return nw.new_series("text", texts, nw.String, backend="pandas").to_native()


def _logged(
    used: Any,
    has: frozenset[str],
    made: frozenset[str],
    ledger: Ledger,
    left_out: Mapping[str, int],
    *,
    backend: Backend,
    ids: IdRule,
    timezone: str,
    notes: Sequence[str],
    where: str,
) -> InteractionLog:
    import narwhals.stable.v2 as nw

    looked_at = used.select([name for name in ("time", "channel") if name in has] or used.columns[:1])
    census = take_census(looked_at.with_columns(code=nw.lit(0)), has)
    return InteractionLog(
        used,
        has,
        ledger,
        (),
        census.first,
        census.last,
        census.channels,
        where,
        backend,
        ids=ids,
        made=made,
        left_out=Fixed({name: count for name, count in left_out.items() if count}),
        notes=tuple(notes),
        timezone=timezone,
    )


def _completed(used: Any, has: frozenset[str], made: frozenset[str], place: NDArray[np.int64], numbers: NDArray[Any]) -> Any:
    """Interactions with the size of their record where it is missing, and with an event where none is stated."""
    import narwhals.stable.v2 as nw
    import pandas as pd

    engine = used.implementation
    people = pd.factorize(np.concatenate([to_text(used[end]) for end in ("source", "target")]))[0].astype(np.int64)
    pairs = np.unique(np.concatenate([place, place]) * (people.max() + 1) + people)
    sizes = np.bincount(pairs // (people.max() + 1), minlength=len(numbers)).astype(np.float64)[place]
    counted = nw.new_series("people", sizes.tolist(), nw.Float64, backend=engine)
    used = used.with_columns(counted)
    used = used.with_columns(size=nw.coalesce("size", "people") if "size" in has else nw.col("people")).drop("people")
    if "event" in made:
        used = used.with_columns(nw.new_series("event", [str(one) for one in numbers[place].tolist()], nw.String, backend=engine))
    return used


def _first_listings(used: Any, has: frozenset[str]) -> NDArray[np.bool_]:
    """Whether each interaction is the first between its two people in its event at its moment; those without an event are."""
    import pandas as pd

    keys = [name for name in ("event", "time", "source", "target") if name in has]
    table = pd.DataFrame({name: used[name].to_numpy() if name == "time" else to_text(used[name]) for name in keys})
    first: NDArray[np.bool_] = (~table.duplicated() | table["event"].isna()).to_numpy()
    return first
