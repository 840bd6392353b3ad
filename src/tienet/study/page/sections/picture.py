"""The network: what is hidden, its controls and its picture."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from tienet.network.reading.interactions import InteractionLog
from tienet.study.language.reading import say, say_counted, table
from tienet.study.page.material import Material
from tienet.study.page.network.groups import view_of_groups
from tienet.study.page.network.lines import paths_of
from tienet.study.page.network.people import MOST_PEOPLE, view_of_people
from tienet.study.page.network.view import NetworkView
from tienet.study.page.section import Section
from tienet.study.words.readings import people_count
from tienet.study.words.ruled import strength_words
from tienet.study.words.written import fixed


def build(material: Material) -> Section:
    """The picture works without a script; with one, it has more controls."""
    view, study = view_of(material), material.result.study
    logged = say("page.network.answered" if material.result.log is None else "page.network.logged")
    kind = "people" if view.of_people else "groups"
    pseudonym = say("page.network.pseudonym") if view.shown == "pseudonyms" else ""
    return Section(
        "network",
        "everyone",
        say("page.network.heading"),
        say("page.network.heading"),
        {
            "view": view,
            "told": _told(view, material),
            "paths": paths_of(view),
            "levels": [_level(view, one.key, one.lines) for one in view.levels],
            "title": _title(view),
            "description": "; ".join(
                say("page.network.description", function=group.label, people=say_counted("page.people", group.members))
                for group in view.groups
            ),
            "caption": say(f"page.network.caption_{kind}", pseudonym=pseudonym, what=logged),
            "left_out": [*_fewer(material), *view.left_out],
            "strength": _strength(material) if view.of_people else "",
            "of": say("page.network.by_of", of=material.label(material.result.egos.of)),
            "data": _data(view, material),
            "floor": study.floor,
        },
    )


def _strength(material: Material) -> str:
    return say("page.network.strength", meaning=strength_words(material.shown.ties.own_strength.name))


def view_of(material: Material) -> NetworkView:
    """The network as the study lets it be shown."""
    result, study, shown = material.result, material.result.study, material.shown
    if material.people == "groups":
        return view_of_groups(shown.ties, shown.matrix, attributes=tuple(study.show), floor=study.floor)
    log = result.log if isinstance(result.log, InteractionLog) else None
    return view_of_people(
        shown.ties,
        shown.matrix,
        result.people.functions,
        shown=material.people,
        key=material.key,
        log=log,
        attributes=tuple(study.show),
        floor=study.floor,
    )


def _fewer(material: Material) -> list[str]:
    """Why groups are shown where persons were asked for."""
    asked = material.result.study.people_shown != "groups" and material.people == "groups"
    return [say("page.network.too_many", most=MOST_PEOPLE)] if asked and len(material.shown.ties.people) > MOST_PEOPLE else []


def _told(view: NetworkView, material: Material) -> str:
    first = view.levels[view.first]
    if not view.of_people:
        lines = say_counted("page.network.lines", len(view.ends))
        key = "all_groups" if first.key == "all" else "some_groups"
        return say(
            f"page.network.{key}", floor=material.result.study.floor, lines=lines, drawn=f"{first.lines:,}", least=f"{first.least:,.0f}"
        )
    if first.key == "all":
        return say("page.network.all_people", ties=f"{len(view.ends):,}")
    key = "some_people" if 2 * first.lines < view.ties else "some_people_half"
    told = say(f"page.network.{key}", drawn=f"{first.lines:,}", ties=f"{view.ties:,}", least=least_words(material, first.least))
    if not view.alone:
        return told
    few = 0 < view.alone < material.result.study.floor
    alone = (
        say("page.network.alone.other", n=people_count(view.alone, material.result.study))
        if few
        else say_counted("page.network.alone", view.alone)
    )
    return f"{told} {alone[:1].upper()}{alone[1:]}"


def least_words(material: Material, value: float) -> str:
    """The smallest strength drawn, in words."""
    name = material.shown.ties.own_strength.name
    key = f"least_{name}" if name in ("frequency", "interactions") else "least_other"
    return say(f"page.network.{key}", value=fixed(value, 2 if value < 10 else 1))


def _level(view: NetworkView, key: str, lines: int) -> tuple[str, str]:
    people = view.of_people
    if key == "all":
        return key, say("page.network.all_ties" if people else "page.network.all_lines", n=f"{lines:,}")
    return key, say("page.network.few_people" if people else "page.network.few_groups", n=f"{lines:,}")


def _title(view: NetworkView) -> str:
    functions = say_counted("page.functions", len(view.groups))
    drawn = f"{view.levels[view.first].lines:,}"
    if view.of_people:
        return say("page.network.title_people", people=say_counted("page.people", len(view.marks)), functions=functions, drawn=drawn)
    return say("page.network.title_groups", groups=f"{len(view.marks):,}", functions=functions, drawn=drawn)


def _data(view: NetworkView, material: Material) -> Markup:
    """The numbers for the script as JSON that cannot close its script element."""
    of = material.label(material.result.egos.of)
    numbers = {
        "people": view.of_people,
        "a": [one for one, _ in view.ends],
        "b": [two for _, two in view.ends],
        "s": list(view.weight),
        "steps": list(view.steps),
        "first": view.levels[view.first].least,
        "levels": {one.key: one.least for one in view.levels},
        "windows": view.windows,
        "labels": [mark.label for mark in view.marks],
        "members": [mark.members for mark in view.marks],
        "group": [mark.group for mark in view.marks],
        "x": [mark.x for mark in view.marks],
        "y": [mark.y for mark in view.marks],
        "size": [mark.size for mark in view.marks],
        "groups": [group.label for group in view.groups],
        "of": next((at for at, group in enumerate(view.groups) if group.label == of), -1),
        "attributes": [{"label": one.label, "values": one.values, "codes": one.codes} for one in view.attributes],
        "words": table("page.network.script"),
        **view.numbers,
    }
    return safe_json(numbers)


def safe_json(numbers: dict[str, Any]) -> Markup:
    """JSON in which nothing is left that HTML reads."""
    text = json.dumps(numbers, separators=(",", ":"), ensure_ascii=True)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704
