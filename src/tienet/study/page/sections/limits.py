"""What not to conclude: five lines."""

from __future__ import annotations

from tienet.base.numbers import listed
from tienet.study.language.reading import say, say_counted
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.words.written import name, observed_outcome, people_word, short_outcome


def build(material: Material) -> Section:
    """Five things that do not follow from the page."""
    return Section("limits", "everyone", say("page.limits.heading"), say("page.limits.heading"), {"lines": lines_of(material)})


def lines_of(material: Material) -> list[str]:
    """Five things that do not follow from a study."""
    result = material.result
    people = f"{result.fit.n:,} {people_word(result.study, result.fit.n)}"
    return [
        say("page.limits.because", short=observed_outcome(result.study) if result.study.fitted_family else short_outcome(result.study)),
        say("page.limits.open", people=people),
        say("page.limits.person"),
        _outside(material),
        say("page.limits.survey" if result.log is None else "page.limits.log"),
    ]


def _outside(material: Material) -> str:
    ends = {card.label: int(card.support.ties[-1]) for card in material.cards if len(card.support.ties)}
    if len(set(ends.values())) <= 1 or len(ends) > 3:
        return say("page.limits.outside", ties=say_counted("unit.tie", max(ends.values(), default=0)))
    told = [say("page.limits.tie_to", ties=say_counted("unit.tie", end), function=name(label)) for label, end in ends.items()]
    return say("page.limits.outside_each", ties=listed(told, "or"))
