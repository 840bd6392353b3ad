"""The answers to the three questions of the page, or why one is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tienet.base.errors import TienetError
from tienet.network.measures.answer_times import HandoffTimes, handoff_times
from tienet.network.measures.expected import COMPARABLE, ExpectedTies, expected_ties
from tienet.network.measures.reliance import Dependence, dependence
from tienet.study.language.reading import say
from tienet.study.page.contents import Protected

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

SEED, DRAWS = 0, 1000
LEAST = 30  # first messages of a direction


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """An answer, or a sentence that says why there is none.

    Parameters
    ----------
    pairs
        Ties between functions against those expected.
    few
        How far ties depend on few people.
    handoffs
        Times to the first answer.
    """

    pairs: ExpectedTies | str
    few: Dependence | str
    handoffs: HandoffTimes | str

    @property
    def thinnest(self) -> tuple[str, str, float] | None:
        """The labels of the two functions with the fewest ties for their size, and the ratio to the ties expected."""
        if isinstance(self.pairs, str):
            return None
        row, col = self.pairs.ranked[0].tolist()
        return self.pairs.labels[row], self.pairs.labels[col], float(self.pairs.ratio[row, col])


def answers_of(result: StudyFindings, shown: Protected) -> Questions:
    """Answer the questions from the network as it may be shown."""
    return Questions(_pairs(result, shown), _few(result, shown), _handoffs(result, shown))


def _pairs(result: StudyFindings, shown: Protected) -> ExpectedTies | str:
    floor = result.study.floor
    found = expected_ties(shown.ties, draws=DRAWS, seed=SEED, floor=floor, like=shown.matrix)
    if len(found.functions) < COMPARABLE:
        return say("page.pairs.few")
    return found if len(found.ranked) else say("page.pairs.hidden", floor=floor)


def _few(result: StudyFindings, shown: Protected) -> Dependence | str:
    floor, of = result.study.floor, result.egos.of
    hidden = say("page.few.hidden", floor=floor)
    if of not in shown.ties.people.functions:
        return hidden
    found = dependence(shown.ties, of=of, floor=floor)
    return found if found.shown.any() else hidden


def _handoffs(result: StudyFindings, shown: Protected) -> HandoffTimes | str:
    log, floor = result.log, result.study.floor
    if log is None:
        return say("page.handoffs.survey")
    if "time" not in log.has:
        return say("page.handoffs.no_times")
    if not {"event", "reply_to"} <= log.has - log.made:
        return say("page.handoffs.no_threads")
    hidden = say("page.handoffs.hidden", least=LEAST, floor=floor)
    try:
        found = handoff_times(log, shown.ties, of=result.egos.of, least=LEAST, floor=floor)
    except TienetError:  # nobody is in the function any more, once it is merged
        return hidden
    return found if (np.isfinite(found.median_hours) & ~found.within).any() else hidden
