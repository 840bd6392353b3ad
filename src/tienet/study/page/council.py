"""The sheet for the works council and data protection: its questions, with the answers of this report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tienet.base.numbers import listed
from tienet.base.wording import bare
from tienet.study.language.reading import enumerated, say, say_counted
from tienet.study.page.network.view import Shown
from tienet.study.risk import GROUPS, PEOPLE, RiskReport, risk_report
from tienet.study.words.keys import period
from tienet.study.words.readings import people_count
from tienet.study.words.written import begun, name, observed_outcome

if TYPE_CHECKING:
    from tienet.network.ties.network import Ties
    from tienet.study.findings import StudyFindings

MOST_ATTRIBUTES = 4  # columns of the people table that the sheet names one by one: those by which most people are unique


def privacy_sheet(result: StudyFindings, people: Shown, *, merged: Sequence[str]) -> list[tuple[str, str]]:
    """Questions of a works council or data protection officer, with answers for this report."""
    floor = result.study.floor
    answers = {
        "purpose": say("page.council.purpose.answer", outcome=observed_outcome(result.study)),
        "read": _read(result),
        "not_read": say("page.council.not_read.answer"),
        "period": _period(result),
        "included": _included(result),
        "shown": _shown(floor, people, merged),
        "pseudonyms": say(f"page.council.pseudonyms.{people}"),
        "recognised": _recognised(result, people),
        "again": say("page.council.again.answer", floor=floor),
        "kept": result.study.retention or say("page.council.kept.answer"),
        "data": say("page.council.data.answer"),
        "not_for": say("page.council.not_for.answer"),
    }
    return [(say(f"page.council.{key}.question"), answer) for key, answer in answers.items()]


def _read(result: StudyFindings) -> str:
    controls = [bare(one) for one in result.study.controls]
    others = sorted(set(result.people.attributes) - {*controls, *result.study.cluster_columns})
    log = () if result.log is None else (say("page.council.read.log", columns=", ".join(sorted(result.log.has))),)
    survey = () if result.survey is None else (say("page.council.read.survey", columns=", ".join(_asked(result.survey))),)
    used = ", ".join([result.study.outcome, *controls, *result.study.cluster_columns])
    unused = (say("page.council.read.unused", columns=", ".join(others)),) if others else ()
    return " ".join([*log, *survey, say("page.council.read.tables", columns=used), *unused])


def _asked(survey: Ties) -> tuple[str, ...]:
    """The columns of a survey that were read."""
    items = survey.given.answers.items if survey.given is not None and survey.given.answers is not None else ()
    return ("respondent", "colleague", *items)


def _period(result: StudyFindings) -> str:
    if result.log is None:
        return say("page.council.period.survey")
    return f"{begun(period(result))}." if result.ties.window else say("page.council.period.untimed")


def _included(result: StudyFindings) -> str:
    return say(
        f"page.council.included.{'survey' if result.log is None else 'log'}",
        people=say_counted("page.people", len(result.people)),
        studied=say_counted("page.people", result.fit.n),
        of=result.label(result.egos.of),
    )


def _shown(floor: int, people: Shown, merged: Sequence[str]) -> str:
    small = "page.council.shown.merged" if merged else "page.council.shown.none_merged"
    return " ".join(
        [
            say(f"page.council.shown.{people}", floor=floor),
            say(small, floor=floor, functions=", ".join(merged)),
            say("page.council.shown.cells", floor=floor),
        ]
    )


def _recognised(result: StudyFindings, people: Shown) -> str:
    few, floor = result.small_groups, result.study.floor
    small = (say("page.sample.small", floor=floor, groups=", ".join(few)),) if few else ()
    kind = "groups" if people == "groups" else "people"
    return " ".join(
        [say(f"page.council.recognised.{kind}"), *_unique(risk_report(result), result, kind), *small, say("page.council.recognised.share")]
    )


def _unique(risk: RiskReport, result: StudyFindings, kind: str) -> list[str]:
    """How many people are unique by what is known of them, and on this page; a count under the floor is not given."""
    page = {"groups": GROUPS, "people": PEOPLE}[kind]
    found = {known: int(unique) for known, unique in zip(risk.known, risk.unique, strict=True)}
    named = sorted(risk.attributes, key=lambda one: -found[one])[:MOST_ATTRIBUTES]
    told = [known for known in found if known not in (GROUPS, PEOPLE) and (known in named or known not in risk.attributes)]
    some = [say("page.council.unique.by", n=people_count(found[one], result.study), known=name(one)) for one in told if found[one]]
    none = [name(one) for one in told if not found[one]]
    return [
        *([say("page.council.unique.some", people=say_counted("page.people", int(risk.people[0])), each=enumerated(some))] if some else []),
        *([say("page.council.unique.none", known=listed(none, say("unit.or")))] if none else []),
        say(f"page.council.unique.{kind}.{'some' if found[page] else 'none'}", n=people_count(found[page], result.study)),
    ]
