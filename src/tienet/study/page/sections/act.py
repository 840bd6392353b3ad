"""Before acting on it: what could be done, and how one would know."""

from __future__ import annotations

from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import Section


def build(_material: Material) -> Section:
    """Ask first; note the date and the measure before a change."""
    return Section("act", "everyone", say("page.act.heading"), say("page.act.heading"))
