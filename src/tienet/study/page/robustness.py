"""The table of the ties under other rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tienet.base.frames import Columns, rows
from tienet.network.measures.tie_rules import TieRuleSensitivity
from tienet.study.cards.others import timed
from tienet.study.language.reading import say, say_counted
from tienet.study.words.written import begun

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


def by_function(result: StudyFindings, found: TieRuleSensitivity | None) -> list[dict[str, Any]]:
    """One table per function: for each rule the ties, the people's ties, and the rank correlations of people."""
    tables: list[dict[str, Any]] = []
    if found is None:
        return tables
    for place, label in enumerate(found.labels):
        columns: Columns = {
            "rule": np.array([_as_studied(result), *map(begun, found.label[1:])], dtype=object),
            "ties": found.ties,
            "mean": found.mean_total_ties[:, place],
            "without": found.without[:, place],
            "ties_ranked": found.rank_correlation[:, place],
            "strength_ranked": found.strength_correlation[:, place],
        }
        tables.append({"label": label, "rows": rows(columns)})
    return tables


def _as_studied(result: StudyFindings) -> str:
    rule = result.study.rule
    least = say_counted("unit.interaction", rule.min_interactions)
    if not timed(result.log):
        return say("page.others.as_studied", least=least)
    days = rule.half_life_days
    decay = say("analysis.half_life_none") if days is None else say("page.others.aged", days=say_counted("unit.day", days))
    return say("page.others.as_studied_aged", least=least, decay=decay)
