"""The sections of the page in their order. A new one is a file in `sections`, a template, its sentences, and a line here."""

from __future__ import annotations

from tienet.study.page.section import Build
from tienet.study.page.sections import (
    act,
    council,
    few,
    figures,
    found,
    handoffs,
    limits,
    methods,
    origin,
    others,
    pairs,
    picture,
    sample,
    slopes,
    steps,
)

SECTIONS: tuple[Build, ...] = (
    found.build,
    limits.build,
    figures.build,
    pairs.build,
    few.build,
    handoffs.build,
    picture.build,
    act.build,
    sample.build,
    steps.build,
    slopes.build,
    others.build,
    methods.build,
    council.build,
    origin.build,
)
