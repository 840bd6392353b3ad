"""Survey ties: answers about colleagues as ties, with a strength for each end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import as_real, choice, flag, made_by, mapping, names
from tienet.base.errors import ArgumentError, DataError, RowsRejected, RowsUnmatched, offer, shown, warn
from tienet.base.paths import PathSpec
from tienet.base.record import locked
from tienet.base.small_table import SmallTable
from tienet.network.reading.cells.identity import IdRule
from tienet.network.reading.ledger import Ledger
from tienet.network.reading.matching import UNMATCHED, Matching, match_rows
from tienet.network.reading.people import People
from tienet.network.reading.small_tables import load_table
from tienet.network.survey._scales import ENDS, Judged, Named, Persons, RawAnswers, from_long, from_wide, judge
from tienet.network.ties.given import Answers, GivenStrength, SurveyDesign
from tienet.network.ties.network import Ties
from tienet.network.ties.rule import TieRule

__all__ = ["read_survey"]


ITEMS = ("frequency", "importance", "closeness")
Shape: TypeAlias = Literal["long", "wide"]
Scale: TypeAlias = tuple[float, float] | Mapping[str, tuple[float, float]]

# TieRule counts interactions; here these are the answers that name the tie.
_ONE_ANSWER = TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
_BOTH_ANSWERS = TieRule(min_interactions=2, half_life=None, size_weight="none", max_size=None, reciprocal=True)
# Tolerance for rounding: a score this close to the threshold reaches it.
_ROUNDING = 1e-12


def read_survey(
    data: PathSpec | object,
    people: People,
    *,
    columns: Mapping[str, str] | None = None,
    items: Sequence[str] = ITEMS,
    shape: Shape = "long",
    scale: Scale | None = None,
    reverse: Sequence[str] = (),
    threshold: float | None = None,
    design: SurveyDesign = "roster",
    reciprocal: bool = False,
    ids: IdRule = "exact",
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Ties:
    """Read survey answers about colleagues as ties with strength "survey".

    Parameters
    ----------
    data
        A path to a file of any kind that `read_log` reads, or a frame: pandas, Polars, PyArrow, DuckDB.
    people
        From `read_people`. Answers by or about anyone else are left out, and counted in the ledger.
    columns
        Mapping from canonical names to your column names. For `shape` "long": ``respondent``, ``colleague`` and the items. For "wide":
        ``respondent``, and ``answers``, the pattern of the other columns, by default "{item}_{person}"; with one item "{person}" is
        enough.
    items
        The items, one or more. For plain nominations, use an item that is 1 if the colleague is named, with ``scale=(0, 1)``.
    shape
        "long": one row per respondent and colleague, one column per item. "wide": one row per respondent, one column per item
        and colleague.
    scale
        The ends (low, high) of the scale, or a mapping from items to ends. By default the lowest and the highest answer over all
        items, which ``str(ties)`` reports. Give the ends whenever you know them.
    reverse
        Items on which a high answer means a weak tie.
    threshold
        An answer names a tie if the mean of its items (after reversal) is at least this, in units of the scale; all items must have
        the same scale. By default an answer in a roster survey names a tie if it is above the low end ("never"), and every answer
        in a name generator does.
    design
        "roster": people rated a list of colleagues. "name_generator": people named colleagues themselves.
    reciprocal
        Whether both people must name a tie.
    ids
        How ids of the survey are compared with the people table: "exact", "trim" or "address", as in `read_log`. Aliases of the people
        count for their person.
    delimiter, encoding
        For a CSV file whose delimiter is not detected correctly, or that is not UTF-8 but, for example, "cp1252".

    Returns
    -------
    Ties
        `interactions` is the number of answers that name the tie, 1 or 2; `a_to_b` is 1 where a named b, else 0, and `b_to_a`
        the reverse; `reciprocity` is 1 where both named it, else 0. `frequency`, `regularity` and `channels` are NaN.
        `given` holds the strength at each end and the answers.

    Notes
    -----
    With x_ijm the answer of i about j on item m of k, on a scale from l_m to h_m::

        z_ijm = (x_ijm - l_m) / (h_m - l_m)      or 1 - that, where m is reversed
        s_ij  = (1/k) sum_m z_ijm                                                      0 to 1

    If both answered, ``measure_egos(..., strength="survey")`` uses ego's own answer s_ij, and the tie's `strength` is
    (s_ij + s_ji) / 2. If one answered, that answer is used for both ends. Answers below the threshold count here too: if i rates j
    "often" and j rates i "never", they have a tie whose strength is 0 at j's end.

    An answer needs all items; with an empty one the row is a ``missing_answer``. In the wide shape a row means a respondent and a
    colleague; a colleague without any answer was not named in a name generator, and is missing in a roster survey. Answers outside the
    scale are rejected. The same answer again is a duplicate. Different answers of one respondent about one colleague are all rejected,
    so that the order of the rows does not matter.

    If more than a tenth of the answers are by or about people who are not in the people table, and would be if ids were compared in
    another way, a warning (`RowsUnmatched`) says how many, and what to do.

    Raises
    ------
    InputNotFound
        No file was found.
    ArgumentError
        An argument is not valid, or the threshold lies outside the scale or is used with several scales.
    DataError
        A column is missing, ids are floating-point numbers, answers are text, the ends of the scale are unknown, or no answer is left.

    References
    ----------
    Brown, J. J., & Reingen, P. H. (1987). Social ties and word-of-mouth referral behavior. Journal of Consumer Research 14(3).

    Examples
    --------
    >>> import tienet as tn
    >>> people = tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]})
    >>> answers = {"respondent": ["ann", "bob", "cat"], "colleague": ["bob", "ann", "bob"], "frequency": [5, 3, 1], "closeness": [4, 3, 1]}
    >>> ties = tn.read_survey(answers, people, items=["frequency", "closeness"], scale=(1, 5))
    >>> ties.frame[["a", "b", "interactions", "strength_a", "strength_b", "strength"]]
         a    b  interactions  strength_a  strength_b  strength
    0  ann  bob           2.0       0.875         0.5    0.6875
    >>> tn.measure_egos(ties, of="sales", strength="survey").tie_strength.ravel().tolist()
    [0.875, nan]
    """
    made_by("read_people", People, people=people)
    _refuse(items, reverse, shape=shape, design=design)
    flag("reciprocal", reciprocal)
    own = mapping("columns", columns)
    choice("ids", ids, get_args(IdRule))
    wanted = [own.get(name, name) for name in (ENDS if shape == "long" else ENDS[:1])]
    table = load_table(data, where="the survey", wanted=wanted, delimiter=delimiter, encoding=encoding)
    named = Named(people, ids)
    raw = _raw(table, own, list(items), shape=shape, design=design, persons=named.persons)
    judged = judge(raw, named, _scale_ends(scale, items), where=table.where)
    ledger = _ledger(judged, table, _advice(raw, judged, named, where=table.where))
    cut, words = _cut(threshold, judged.ends, design)
    answers = _answers(raw, judged, items=items, reverse=reverse, cut=cut, design=design)
    sentence = _sentence(items, reverse, judged.ends, observed=scale is None) + f"; a tie is a pair of whom {_who(reciprocal)} {words}."
    return _ties(answers, people, sentence, reciprocal=reciprocal, ledger=ledger, table=table)


def _refuse(items: Sequence[str], reverse: Sequence[str], *, shape: str, design: str) -> None:
    if isinstance(items, str) or isinstance(reverse, str) or not names("items", items):
        raise ArgumentError("items and reverse must be lists of names, and items must have at least one")
    if len(set(items)) < len(items) or set(items) & set(ENDS):
        raise ArgumentError(f"items must be distinct names other than respondent and colleague; got {', '.join(items)}")
    for name in names("reverse", reverse):
        if name not in items:
            raise ArgumentError(f"reverse: {name!r} is not an item{offer(name, items)}")
    choice("shape", shape, get_args(Shape))
    choice("design", design, get_args(SurveyDesign))


def _raw(
    table: SmallTable, columns: Mapping[str, str], items: list[str], *, shape: Shape, design: SurveyDesign, persons: Persons
) -> RawAnswers:
    canonical = (*ENDS, *items) if shape == "long" else ("respondent", "answers")
    for name in columns:
        if name not in canonical:
            raise ArgumentError(f"columns: {name!r} is not a canonical column of a {shape} survey{offer(name, canonical)}")
    if shape == "long":
        return from_long(table, {name: columns.get(name, name) for name in canonical}, items)
    return from_wide(table, columns.get("respondent", "respondent"), columns.get("answers", "{item}_{person}"), items, design, persons)


def _scale_ends(scale: Scale | None, items: Sequence[str]) -> NDArray[np.float64] | None:
    """The ends of each item's scale, (k, 2); None if they are to be taken from the answers."""
    if scale is None:
        return None
    if isinstance(scale, Mapping) and set(scale) != set(items):
        raise ArgumentError(f"scale must give the ends of every item, and of no other: {', '.join(items)}")
    given = [scale[item] for item in items] if isinstance(scale, Mapping) else [scale] * len(items)
    try:
        ends = np.array(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        ends = np.empty(0)
    if ends.shape != (len(items), 2) or not np.isfinite(ends).all() or not (ends[:, 0] < ends[:, 1]).all():
        raise ArgumentError(
            f"scale must be (low, high) with low below high, or that for every item; got {shown(scale)}; use reverse= to reverse items"
        )
    return ends


def _cut(threshold: float | None, ends: NDArray[np.float64], design: SurveyDesign) -> tuple[float, str]:
    """The lowest rescaled score that names a tie, and the rule in words."""
    if threshold is None:
        return (_ROUNDING, "rated the other above the low end of the scale") if design == "roster" else (-np.inf, "named the other")
    if as_real(threshold) is None:
        raise ArgumentError(f"threshold must be a number on the scale; got {shown(threshold)}")
    if (ends != ends[0]).any():
        raise ArgumentError("threshold needs one scale for all items; rescale the items first, or leave it out")
    low, high = ends[0]
    if not low <= threshold <= high:
        raise ArgumentError(f"threshold={threshold:g} lies outside the scale from {low:g} to {high:g}")
    return float((threshold - low) / (high - low)) - _ROUNDING, f"gave the other {threshold:g} or more on average"


def _who(reciprocal: bool) -> str:
    return "both" if reciprocal else "at least one"


def _sentence(items: Sequence[str], reverse: Sequence[str], ends: NDArray[np.float64], *, observed: bool) -> str:
    scales = [f"{low:g} to {high:g}" for low, high in ends]
    spoken = scales[0] if len(set(scales)) == 1 else ", ".join(f"{scale} ({item})" for scale, item in zip(scales, items, strict=True))
    origin = ", the lowest and highest answer observed since the scale was not given" if observed else ""
    turned = f" ({', '.join(reverse)} reversed)" if reverse else ""
    return f"Strength is the mean of {', '.join(items)}{turned}, rescaled to 0-1 from {spoken}{origin}"


def _advice(raw: RawAnswers, judged: Judged, named: Named, *, where: str) -> Matching | None:
    """How many unknown answers would match in another spelling, if they are many."""
    import narwhals.stable.v2 as nw
    import pandas as pd

    lost = judged.code == "unknown_person"
    unknown = int(lost.sum())
    if unknown <= UNMATCHED * len(lost):
        return None
    ends = {"source": named.compared(raw.respondent[lost]), "target": named.compared(raw.colleague[lost])}
    rows = nw.from_native(pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in ends.items()}))
    ids, codes = named.roster.ids, named.roster.codes
    found = match_rows(rows, ids, codes, rows=len(lost), unknown=unknown, origin=where, job=None)
    return found if found.rule and "separator" not in found.options else None


def _ledger(judged: Judged, table: SmallTable, advice: Matching | None) -> Ledger:
    codes, rows = np.unique(judged.code.astype(str), return_counts=True)
    ledger = Ledger({"malformed_line": len(table.malformed), **dict(zip(codes.tolist(), rows.tolist(), strict=True))})
    said = None if advice is None else str(advice if ledger.used else advice.advice).replace("the log", "the survey")
    if not ledger.used:
        raise DataError.no_rows(table.where, f"{ledger}; {said or 'compare its ids with those in the people table'}")
    if said is not None:
        warn(f"{table.where}: {said}", RowsUnmatched)
    if ledger.rejected:
        warn(f"{table.where}: {ledger.rejected:,} of {ledger.rows_in:,} answers rejected; see .ledger", RowsRejected)
    return ledger


def _answers(raw: RawAnswers, judged: Judged, *, items: Sequence[str], reverse: Sequence[str], cut: float, design: SurveyDesign) -> Answers:
    used = np.flatnonzero(judged.code == "used")
    used = used[np.lexsort((judged.colleague[used], judged.respondent[used]))]
    low, high = judged.ends.T
    values = (raw.answers[used] - low) / (high - low)
    turned = np.isin(np.array(items, dtype=object), list(reverse))
    values[:, turned] = 1.0 - values[:, turned]
    return Answers(
        respondent=locked(judged.respondent[used]),
        colleague=locked(judged.colleague[used]),
        items=tuple(items),
        values=locked(values),
        names=locked(values.mean(axis=1) >= cut),
        design=design,
    )


def _ties(answers: Answers, people: People, sentence: str, *, reciprocal: bool, ledger: Ledger, table: SmallTable) -> Ties:
    forward = answers.respondent < answers.colleague
    low, high = np.minimum(answers.respondent, answers.colleague), np.maximum(answers.respondent, answers.colleague)
    key, pair = np.unique(low * len(people) + high, return_inverse=True)
    there, back = (_per_pair(answers.score, pair, way, len(key), np.nan) for way in (forward, ~forward))
    named, returned = (_per_pair(answers.names, pair, way, len(key), 0.0) for way in (forward, ~forward))
    is_tie = named + returned >= (2.0 if reciprocal else 1.0)

    def kept(values: NDArray[Any]) -> NDArray[Any]:
        return locked(values[is_tie])

    unknown = locked(np.full(int(is_tie.sum()), np.nan))
    as_a, as_b = kept(np.where(np.isnan(there), back, there)), kept(np.where(np.isnan(back), there, back))
    return Ties(
        people=people,
        rule=_BOTH_ANSWERS if reciprocal else _ONE_ANSWER,
        window=None,
        a=kept(key // len(people)),
        b=kept(key % len(people)),
        interactions=kept(named + returned),
        a_to_b=kept(named),
        b_to_a=kept(returned),
        frequency=unknown,
        reciprocity=kept(np.minimum(named, returned)),
        regularity=unknown,
        channels=unknown,
        first=None,
        last=None,
        pairs_below=int(np.sum(~is_tie)),
        ledger=ledger,
        backend=table.backend,
        given=GivenStrength("survey", as_a, as_b, sentence, answers),
    )


def _per_pair(values: NDArray[Any], pair: NDArray[np.int64], way: NDArray[np.bool_], pairs: int, absent: float) -> NDArray[np.float64]:
    """The answer in one direction of each pair; `absent` if there is none."""
    found = np.full(pairs, absent)
    found[pair[way]] = values[way]
    return found
