"""Other spellings in which ids of a log may be those of the people table: rules, and how many rows match under each.

Only counts leave this module, and shapes such as "a.a@a.a", never an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.frames import collect, to_text
from tienet.base.record import Fixed
from tienet.network.reading.cells.identity import id_sql
from tienet.network.reading.engine import encoded
from tienet.network.reading.sql import in_memory

if TYPE_CHECKING:
    from tienet.network.reading.files.job import FileJob


@dataclass(frozen=True, slots=True)
class _Rule:
    """A way to compare ids: how both sides are rewritten in SQL, in words, and what to do."""

    sql: str
    words: str
    repair: str
    options: Mapping[str, str]


def _in_brackets(text: str) -> str:
    return rf"coalesce(nullif(regexp_extract({text}, '<\s*([^<>]*[^<>\s])\s*>', 1), ''), {text})"


def _without_exponent(text: str) -> str:
    shape = r"[0-9]+(\.[0-9]+)?[eE]\+?[0-9]{1,2}"
    whole = f"cast(try_cast({text} as hugeint) as varchar)"
    return f"case when regexp_full_match({text}, '{shape}') then coalesce({whole}, {text}) else {text} end"


def _without_decimals(text: str) -> str:
    return rf"regexp_replace({text}, '^([0-9]+)\.0+$', '\1')"


def _without_zeros(text: str) -> str:
    return rf"regexp_replace({text}, '^0+([0-9]+)$', '\1')"


_ADDRESS = Fixed({"ids": "address"})
_SEVERAL, _COMMAS = Fixed({"separator": ";"}), Fixed({"separator": ","})
_TEXT = "write the ids as text in both files"
# The first of several that match equally many rows is the one that is told, so the simplest come first.
RULES: Mapping[str, _Rule] = Fixed(
    {
        "unicode": _Rule(
            "nfc_normalize(id)", "when letters are encoded alike (NFC)", "read the log with ids='trim'", Fixed({"ids": "trim"})
        ),
        "blanks": _Rule(
            id_sql("id", "trim"), "when blanks and invisible signs are removed", "read the log with ids='trim'", Fixed({"ids": "trim"})
        ),
        "case": _Rule("lower(id)", "when case is ignored", "read the log with ids='address'", _ADDRESS),
        "brackets": _Rule(_in_brackets("id"), "when only the address in <> is taken", "read the log with ids='address'", _ADDRESS),
        "address": _Rule(
            id_sql("id", "address"),
            "when ids are compared as addresses (no names, blanks, case)",
            "read the log with ids='address'",
            _ADDRESS,
        ),
        "exponent": _Rule(
            _without_exponent("id"),
            "when 1e+05 is read as 100000",
            f"{_TEXT} (in R, set options(scipen = 999) before writing)",
            Fixed({}),
        ),
        "decimals": _Rule(_without_decimals("id"), "when 123.0 is read as 123", _TEXT, Fixed({})),
        "zeros": _Rule(_without_zeros("id"), "without leading zeros, as 00123 and 123", f"{_TEXT}, such as dtype=str in pandas", Fixed({})),
        "number": _Rule(
            _without_zeros(_without_decimals(_without_exponent("id"))),
            "when ids are read as numbers, as 00123, 123.0 and 1.23e+02",
            _TEXT,
            Fixed({}),
        ),
        "several": _Rule("", "when cells with several people are taken apart", "read the log with separator=';'", _SEVERAL),
        "addresses": _Rule(
            "",
            "when cells with several addresses are taken apart",
            "read the log with separator=';' and ids='address'",
            Fixed(_SEVERAL | _ADDRESS),
        ),
        "commas": _Rule("", "when cells with several people are taken apart", "read the log with separator=','", _COMMAS),
        "comma_addresses": _Rule(
            "",
            "when cells with several addresses are taken apart",
            "read the log with separator=',' and ids='address'",
            Fixed(_COMMAS | _ADDRESS),
        ),
        "domain": _Rule("", "by the part before the @", "give people their other addresses with aliases= in read_people", Fixed({})),
    }
)


def strangers_in(ends: Any, ids: NDArray[Any], job: FileJob | None) -> NDArray[Any]:
    """The distinct ids that are not known, as text."""
    import narwhals.stable.v2 as nw
    import pandas as pd

    parts = [to_text(collect(ends.select(id=nw.col(end)).unique(), job, "looking at ids")["id"]) for end in ("source", "target")]
    distinct = np.asarray(pd.unique(np.concatenate(parts)), dtype=object)
    unknown: NDArray[Any] = distinct[~np.asarray(pd.Index(distinct).isin(ids), dtype=bool)]
    return unknown


def rows_by_rule(ends: Any, ids: NDArray[Any], strangers: NDArray[Any], matched: NDArray[np.int64], job: FileJob | None) -> dict[str, int]:
    """Rows both of whose ends match, by rule: every id gets one bit for each rule under which it matches."""
    import narwhals.stable.v2 as nw

    some = matched > 0
    every = (1 << len(RULES)) - 1
    known = np.concatenate([ids, strangers[some]])
    bits = np.concatenate([np.full(len(ids), every, dtype=np.int64), matched[some]])
    coded = encoded(ends, known, bits, connection=job.connection if job else None)
    table = collect(coded.group_by("source_code", "target_code").agg(nw.len().alias("rows")), job, "looking at ids")
    here, there, rows = (table[name].to_numpy().astype(np.int64) for name in ("source_code", "target_code", "rows"))
    both = np.maximum(here, 0) & np.maximum(there, 0)
    counts = {name: int(rows[(both >> at) & 1 == 1].sum()) for at, name in enumerate(RULES)}
    return {name: count for name, count in counts.items() if count}


def matched_by_rule(strangers: NDArray[Any], ids: NDArray[Any], codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The rules under which each unknown id is known, one bit each; and the shapes of both kinds of ids."""
    import pandas as pd

    with in_memory() as connection:
        connection.register("strangers", pd.DataFrame({"place": np.arange(len(strangers)), "id": strangers.astype(object)}))
        connection.register("known", pd.DataFrame({"id": ids.astype(object), "code": codes}))
        matched = np.zeros(len(strangers), dtype=np.int64)
        for at, (name, rule) in enumerate(RULES.items()):
            query = _BY_RULE.format(rule=rule.sql) if rule.sql else _OTHER[name]
            matched[connection.sql(query).fetchnumpy()["place"].astype(np.int64)] |= 1 << at
        shapes = tuple(connection.sql(_SHAPE.format(table=table)).fetchall()[0][0] for table in ("strangers", "known"))
    return matched, shapes if shapes[0] != shapes[1] else ()


# An id that stands for two people when it is rewritten matches neither.
_ONE = "select {key} as key from known group by key having count(distinct code) = 1"
_BY_RULE = f"select place from strangers semi join ({_ONE.format(key='{rule}')}) using (key)".replace(  # noqa: S608 - text of ours
    "from strangers", "from (select place, {rule} as key from strangers)"
)


def _of_parts(sign: str, rule: str) -> str:
    """The ids with `sign` of which a part is known; commas only stand between addresses, since names have them too."""
    several = "contains(id, ';')" if sign == ";" else "regexp_matches(id, '@.*,.*@') and not contains(id, ';')"
    parts = f"select place, unnest(string_split(id, '{sign}')) as id from strangers where {several}"  # noqa: S608 - text of ours
    keys = f"select place, {rule} as key from ({parts})"  # noqa: S608 - text of ours
    return f"select distinct place from ({keys}) semi join ({_ONE.format(key=rule)}) using (key)"  # noqa: S608 - text of ours


# The domain of a log and that of the people table belong together if most ids of it have the same part before the @.
_LOCAL = "lower(split_part(id, '@', 1))"
_DOMAIN = "lower(split_part(id, '@', 2))"
_OTHER = {
    "several": _of_parts(";", id_sql("id", "trim")),
    "addresses": _of_parts(";", id_sql("id", "address")),
    "commas": _of_parts(",", id_sql("id", "trim")),
    "comma_addresses": _of_parts(",", id_sql("id", "address")),
    "domain": f"""
        with matched as (
            select place, {_DOMAIN} as domain, key is not null as found from strangers
            left join ({_ONE.format(key=_LOCAL)}) on key = {_LOCAL}
            where contains(id, '@') or (select bool_and(contains(id, '@')) from known)
        )
        select place from matched where found
        and domain in (select domain from matched group by domain having avg(found::int) > 0.5)
    """,  # noqa: S608 - text of ours
}
_SHAPE = r"""
    select left(regexp_replace(regexp_replace(id, '\p{{L}}[\p{{L}}\p{{M}}]*', 'a', 'g'), '[0-9]+', '9', 'g'), 24) as shape
    from {table} where id is not null group by shape order by count(*) desc, shape limit 1
"""
