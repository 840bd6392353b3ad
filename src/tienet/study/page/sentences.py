"""Sentences that account for everyone in the function studied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tienet.base.numbers import count
from tienet.base.wording import bare, lower
from tienet.study.language.reading import say, say_counted
from tienet.study.words.readings import people_count
from tienet.study.words.written import begun

if TYPE_CHECKING:
    from tienet.study.page.material import Material


def sample(material: Material) -> Iterator[str]:
    """Account for everyone, from the people in the function to those in the model; a count of few people is not given."""
    result = material.result
    cases, fit, study = result.cases, result.fit, result.study
    yield say("page.sample.egos", n=count(cases.egos), of=result.label(result.egos.of))
    for function, without in cases.no_ties.items():
        if without:
            yield say("page.sample.without_ties", n=begun(people_count(without, study)), function=result.label(function))
    if cases.without_outcome:
        yield say("page.sample.without_outcome", n=begun(people_count(cases.without_outcome, study)))
    if cases.outcomes_of_others:
        yield say("page.sample.of_others", rows=say_counted("unit.row", cases.outcomes_of_others))
    gaps = [
        say("page.sample.gap", variable=lower(material.name(bare(name))), n=people_count(missing, study))
        for name, missing in fit.dropped.items()
    ]
    left = say("page.sample.gaps", n=people_count(fit.n_dropped, study), gaps=", ".join(gaps)) if gaps else ""
    yield say("page.sample.in_model", people=say_counted("page.people", fit.n), left=left)
