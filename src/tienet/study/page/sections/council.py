"""The sheet for the works council and data protection."""

from __future__ import annotations

from tienet.study.language.reading import say
from tienet.study.page.council import privacy_sheet
from tienet.study.page.material import Material
from tienet.study.page.section import Section


def build(material: Material) -> Section:
    """Questions and answers, and lines to sign."""
    merged = [material.label(name) for name in material.shown.merged]
    answers = privacy_sheet(material.result, material.people, merged=merged)
    return Section("council", "review", say("page.council.heading"), say("page.council.rail"), {"answers": answers})
