"""Categories of a result: the base of each, and codings that have a column for every category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tienet.base.arrays import Vector
from tienet.regression.core.terms import Term
from tienet.regression.foreign.column_names import NamedVariable
from tienet.regression.foreign.rows import TableRows, same_level


def based(sources: Mapping[str, NamedVariable], rows: TableRows | None) -> dict[str, str]:
    """The base of each factor: the category without a dummy in the rows used, else the one that the name gives."""
    found: dict[str, str] = {}
    for factor in dict.fromkeys(source.factor for source in sources.values() if source.factor):
        own = [source for source in sources.values() if source.factor == factor]
        said = next((source.base for source in own if source.base), None)
        levels = (rows.levels(factor) if rows else None) or ()
        left = sorted(set(levels) - {same_level(levels, source.level or "") for source in own})
        base = left[0] if len(left) == 1 else said
        if base is not None:
            found[factor] = base
    return found


def one_for_all(
    parts: Sequence[Mapping[Term, float]],
    sources: Mapping[str, NamedVariable],
    against: set[str],
    bases: dict[str, str],
    values: Mapping[str, Vector],
) -> list[dict[Term, float]]:
    r"""Write columns with a dummy for every category as columns with a base, :math:`D_1 = 1 - \sum_{l > 1} D_l`.

    The base is the category that has no dummy `against` a base, else the first; it is added to `bases`.
    """
    found = [dict(part) for part in parts]
    for factor in dict.fromkeys(source.factor for source in sources.values() if source.factor):
        own = {name: source for name, source in sources.items() if source.factor == factor}
        open_ = [name for name, source in own.items() if source.whole and name not in against]
        if not open_ or not _covers(own, bases.get(factor), values):
            continue
        base = open_[0]
        bases[factor] = own[base].level or ""
        others = [name for name in own if name != base]
        found = [_without(part, base, others) for part in found]
    return found


def _covers(own: Mapping[str, NamedVariable], base: str | None, values: Mapping[str, Vector]) -> bool:
    """Whether every row has one of the categories; without rows a name such as ``C(size)[large]`` says so."""
    known = [values[name] for name in own if name in values]
    if len(known) == len(own):
        return bool((np.sum(known, axis=0) == 1).all())
    return base is None and all("::" not in name for name in own)


def _without(part: Mapping[Term, float], base: str, others: Sequence[str]) -> dict[Term, float]:
    total: dict[Term, float] = {}
    for term, factor in part.items():
        rest = tuple(pair for pair in term.powers if pair[0] != base)
        pieces = [(Term(term.powers), factor)]
        if len(rest) < len(term.powers):
            pieces = [(Term(rest), factor), *((Term((*rest, (name, 1))), -factor) for name in others)]
        for piece, amount in pieces:
            total[piece] = total.get(piece, 0.0) + amount
    return {term: factor for term, factor in total.items() if factor}
