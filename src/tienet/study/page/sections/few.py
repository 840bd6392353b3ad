"""The question where a connection depends on few people."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.numbers import listed
from tienet.network.measures.reliance import Dependence
from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import LeftOut, Section
from tienet.study.words.written import begun, name, people_word, share_words

__all__ = ["build"]


def build(material: Material) -> Section | LeftOut:
    """The answer and a table; nobody is named."""
    found = material.questions.few
    if isinstance(found, str):
        return LeftOut(found)
    people = people_word(material.result.study)
    return Section(
        "few",
        "everyone",
        say("page.few.heading"),
        say("page.few.rail"),
        {
            "answer": _answer(found, people),
            "table": say("page.few.table", of=found.of_label),
            "heads": [say("page.few.half"), say("page.few.there"), say("page.few.one", people=begun(people)), say("page.few.without")],
            "rows": [_row(found, at) for at in np.flatnonzero(found.shown).tolist()],
            "note": say("page.few.note", mark=share_words(found.mark), floor=found.floor),
        },
    )


def _answer(found: Dependence, people: str) -> str:
    known = np.flatnonzero(np.isfinite(found.left_without))
    order = known[np.argsort(-found.left_without[known], kind="stable")].tolist()
    marked, rest = [at for at in order if found.marked[at]], [at for at in order if not found.marked[at]]
    values = {"of": name(found.of_label), "people": people}
    if not marked and not float(found.left_without[order[0]]):
        return say("page.few.nobody", of=values["of"])
    if not marked:
        return say("page.few.none", share=share_words(float(found.left_without[order[0]])), **values)
    that = say("page.few.that.one" if len(marked) == 1 else "page.few.that.other")
    elsewhere = say("page.few.elsewhere", share=share_words(float(found.left_without[rest[0]]))) if rest else ""
    shares = listed(share_words(float(found.left_without[at])) for at in marked)
    return say(
        "page.few.marked",
        functions=listed(name(found.labels[at]) for at in marked),
        shares=shares,
        that=that,
        elsewhere=elsewhere,
        **values,
    )


def _row(found: Dependence, at: int) -> dict[str, Any]:
    return {
        "pair": f"{found.of_label} – {found.labels[at]}",
        "ties": f"{found.ties[at]:,.0f}",
        "half": _of(found.holders[at], found.people, found.floor),
        "there": _of(found.holders_there[at], int(found.members[at]), found.floor),
        "one": _share(found.one_contact[at]),
        "without": _share(found.left_without[at]),
        "marked": bool(found.marked[at]),
    }


def _of(count: float, of: int, floor: int) -> str:
    return (
        say("page.few.of", n=f"{count:,.0f}", all=f"{of:,}") if np.isfinite(count) else say("page.few.few_of", floor=floor, all=f"{of:,}")
    )


def _share(share: float) -> tuple[str, float]:
    return (share_words(float(share)), round(100 * float(share), 1)) if np.isfinite(share) else ("–", 0.0)
