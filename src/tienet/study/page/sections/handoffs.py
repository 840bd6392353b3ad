"""The question how long hand-offs take."""

from __future__ import annotations

import numpy as np

from tienet.network.measures.answer_times import HandoffTimes
from tienet.study.language.reading import say, say_counted
from tienet.study.page.drawings.times import draw_times
from tienet.study.page.material import Material
from tienet.study.page.section import LeftOut, Section
from tienet.study.words.written import fixed, name, share_words


def build(material: Material) -> Section | LeftOut:
    """The answer and a drawing of all directions."""
    found = material.questions.handoffs
    if isinstance(found, str):
        return LeftOut(found)
    drawing = draw_times(found)
    return Section(
        "handoffs",
        "everyone",
        say("page.handoffs.heading"),
        say("page.handoffs.rail"),
        {
            "answer": _answer(found),
            "drawing": drawing,
            "slim": draw_times(found, above=True),
            "days": say_counted("page.handoffs.days", found.wait),
            "description": "; ".join(_told(found, at) for at in drawing.order),
            "within": say("page.handoffs.within", function=drawing.within_label, hours=drawing.within_hours)
            if drawing.within is not None
            else "",
            "note": _note(found),
        },
    )


def _answer(found: HandoffTimes) -> str:
    across = np.flatnonzero(~found.within & np.isfinite(found.median_hours))
    longest = int(across[np.argmax(found.median_hours[across])])
    inside = found.reference(str(found.function_from[longest]))
    against = (
        ""
        if np.isnan(inside)
        else say("page.handoffs.against", hours=fixed(inside, 1), function=name(found.label(found.function_from[longest])))
    )
    a, b = (name(found.label(ends[longest])) for ends in (found.function_from, found.function_to))
    return say("page.handoffs.longest", a=a, b=b, hours=fixed(float(found.median_hours[longest]), 1), against=against)


def _told(found: HandoffTimes, at: int) -> str:
    hours = {key: fixed(float(getattr(found, f"{key}_hours")[at]), 1) for key in ("median", "low", "high")}
    return say(
        "page.handoffs.from_to",
        a=found.label(found.function_from[at]),
        b=found.label(found.function_to[at]),
        unanswered=share_words(float(found.unanswered[at])),
        **hours,
    )


def _note(found: HandoffTimes) -> str:
    note = say("page.handoffs.note", messages=f"{found.first_messages:,}", hours=found.hours, least=found.least, floor=found.floor)
    return f"{note} {say_counted('page.handoffs.no_thread', found.no_thread)}" if found.no_thread else note
