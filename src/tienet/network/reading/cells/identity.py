"""Compare ids of a log with those of the roster: exactly, without blanks, or as mail addresses. In SQL, for all engines.

The rules are written once, as SQL expressions that run on columns of DuckDB; `normal_ids` runs the same SQL on an array.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tienet.network.reading.sql import in_memory, quoted

IdRule: TypeAlias = Literal["exact", "trim", "address"]
_WIDTHLESS = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_WIDE = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_SPACES = "\t\n\v\f\r\u0085\u2028\u2029" + _WIDE
BLANKS = _WIDE + _WIDTHLESS  # an id of nothing else is missing
ALL_BLANKS = _SPACES + _WIDTHLESS

_BRACKETED = quoted("^[^<>]*<([^<>]*)>[^<>]*$")
_LINKED = quoted(r"(?i)^[^\[\]]*\[(mailto:[^\[\]]*)\]$")
_COMMENT = quoted(r"\([^()]*\)")
_QUOTES = quoted(" '\"")
_SCHEME = quoted("(?i)^(mailto|smtp):")


def stated_id_sql(text: str) -> str:
    """An id as it is written; NULL if it is empty or has only blanks."""
    # Nearly every id starts with a visible sign of ASCII; only the others are looked through, which takes a hundred times as long.
    return f"case when {text} >= '!' and {text} < '\x7f' then {text} when trim({text}, {quoted(BLANKS)}) <> '' then {text} end"


def id_sql(text: str, how: IdRule) -> str:
    """An id as it is compared: text as SQL, NULL where there is no id.

    "exact" leaves it as it is written. "trim" drops blanks at both ends and signs without width, writes inner blanks as one space, and
    letters in their composed form (NFC). "address" also takes the address out of ``Name <address>`` and ``address (comment)``, drops
    ``mailto:``, and ignores case.
    """
    if how == "exact":
        return stated_id_sql(text)
    trimmed = _trimmed(text)
    if how == "trim":
        return f"nullif({trimmed}, '')"
    return f"nullif({_address(trimmed)}, '')"


def _trimmed(text: str) -> str:
    visible = f"translate({text}, {quoted(_WIDTHLESS)}, '')"
    return f"nfc_normalize(trim(regexp_replace({visible}, {quoted(f'[{_SPACES}]+')}, ' ', 'g')))"


def _address(text: str) -> str:
    """The address in a text without blanks at its ends, in lower case; a text with several addresses is left whole."""
    bracketed = f"regexp_extract({text}, {_BRACKETED}, 1)"
    linked = f"regexp_extract({text}, {_LINKED}, 1)"
    plain = f"trim(regexp_replace({text}, {_COMMENT}, '', 'g'))"
    inner = f"coalesce(nullif(trim({bracketed}), ''), nullif({linked}, ''), nullif({plain}, ''), {text})"
    return f"lower(trim(regexp_replace(trim({inner}, {_QUOTES}), {_SCHEME}, '')))"


def normal_ids(ids: NDArray[Any], how: IdRule) -> NDArray[np.object_]:
    """The ids of an array as they are compared, None where there is none."""
    import pandas as pd

    held = pd.DataFrame({"id": pd.Series(ids.tolist(), dtype="str")})
    with in_memory() as connection:
        rows = connection.from_df(held).select(f"{id_sql('id', how)} as id").fetchall()
    return np.array([one for (one,) in rows], dtype=object)


def each_once(compared: NDArray[Any], codes: NDArray[np.int64]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Ids that `normal_ids` returned, each once with the first of its codes; those that are missing are left out."""
    there = np.array([one is not None for one in compared.tolist()], dtype=bool)
    first = np.unique(compared[there].astype(str), return_index=True)[1]
    return compared[there][first], codes[there][first]
