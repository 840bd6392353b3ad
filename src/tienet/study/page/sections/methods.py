"""Methods, ready to paste, with references."""

from __future__ import annotations

from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import Section
from tienet.study.page.texts import methods, references


def build(material: Material) -> Section:
    """Paragraphs with the numbers of this study, and the works behind them."""
    result = material.result
    values = {"paragraphs": methods(result), "references": references(result)}
    return Section("methods", "specialists", say("page.methods.heading"), say("page.methods.rail"), values, say("page.methods.folded"))
