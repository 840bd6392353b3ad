"""The question where a connection depends on few people."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.numbers import listed
from tienet.base.wording import visible
from tienet.network.measures.reliance import Dependence
from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import LeftOut, Section
from tienet.study.words.written import begun, name, people_word, share_words


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
    """The functions that are marked; if none is, the largest share, or that it is of fewer people than the floor."""
    held = np.where(np.isnan(found.left_without) & found.marked, 1.0, found.left_without)
    marked = sorted(np.flatnonzero(found.marked).tolist(), key=lambda at: -held[at])
    rest = np.flatnonzero(found.shown & ~found.marked)
    most = float(np.max(held[rest][np.isfinite(held[rest])], initial=0.0))
    few = bool(np.isnan(held[rest]).any())
    values = {"of": name(found.of_label), "people": people, "floor": found.floor, "share": share_words(most)}
    size = "most" if most else "few" if few else "nobody"
    if not marked:
        return say(f"page.few.{size}", **values)
    return say(
        "page.few.marked",
        functions=listed(name(found.labels[at]) for at in marked),
        shares=listed(_marked_share(found, at) for at in marked),
        that=say("page.few.that.one" if len(marked) == 1 else "page.few.that.other"),
        elsewhere=say(f"page.few.elsewhere_{size}", **values) if rest.size else "",
        **values,
    )


def _marked_share(found: Dependence, at: int) -> str:
    """A share in words; of nearly everyone, a bound, so that the few others cannot be counted."""
    share = float(found.left_without[at])
    bound = max(int(100 * (1 - found.floor / found.people)), 0)
    return share_words(share) if np.isfinite(share) else say("page.few.over", share=f"{bound}%")


def _row(found: Dependence, at: int) -> dict[str, Any]:
    return {
        "pair": f"{visible(found.of_label, 40)} – {visible(found.labels[at], 40)}",
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
