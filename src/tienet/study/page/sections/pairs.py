"""The question which functions are thinly connected."""

from __future__ import annotations

from typing import Any

import numpy as np

from tienet.base.numbers import listed
from tienet.base.wording import visible
from tienet.network.measures.expected import ExpectedTies
from tienet.study.language.reading import say, say_counted
from tienet.study.page.drawings.ratios import draw_ratios
from tienet.study.page.material import Material
from tienet.study.page.section import LeftOut, Section
from tienet.study.words.written import fixed, name, share_words


def build(material: Material) -> Section | LeftOut:
    """The answer, the ratios of all pairs, and the thinnest and thickest pairs."""
    found = material.questions.pairs
    if isinstance(found, str):
        return LeftOut(found)
    first, last, between = found.extremes()
    return Section(
        "pairs",
        "everyone",
        say("page.pairs.heading"),
        say("page.pairs.rail"),
        {
            "answer": _answer(found),
            "drawing": draw_ratios(found),
            "hidden": say("page.pairs.hatched", floor=found.floor) if found.hidden.any() else "",
            "first": [_row(found, *pair) for pair in first.tolist()],
            "between": say_counted("page.pairs.between", between) if between else "",
            "last": [_row(found, *pair) for pair in last.tolist()],
            "notes": [say("page.pairs.how", draws=f"{found.draws:,}", seed=found.seed), *_within(material)],
        },
    )


def _answer(found: ExpectedTies) -> str:
    thin = [(row, col) for row, col in found.ranked.tolist() if found.thin[row, col]]
    if not thin:
        return say("page.pairs.none")
    row, col = thin[0]
    values = {"ties": f"{found.ties[row, col]:,.0f}", "expected": f"{found.expected[row, col]:,.0f}"}
    fewest = (row, col) == tuple(found.ranked[0].tolist())  # another pair may have a lower ratio by chance
    told = say("page.pairs.fewest" if fewest else "page.pairs.clearly", a=name(found.labels[row]), b=name(found.labels[col]), **values)
    also = [
        say("page.pairs.pair_ratio", a=name(found.labels[a]), b=name(found.labels[b]), ratio=fixed(float(found.ratio[a, b]), 2))
        for a, b in thin[1:4]
    ]
    return f"{told} {say('page.pairs.also', pairs=listed(also))}" if also else told


def _row(found: ExpectedTies, row: int, col: int) -> dict[str, Any]:
    key = "thin" if found.thin[row, col] else "thick" if found.thick[row, col] else ""
    return {
        "pair": f"{visible(found.labels[row], 40)} – {visible(found.labels[col], 40)}",
        "ties": f"{found.ties[row, col]:,.0f}",
        "expected": f"{found.expected[row, col]:,.0f}",
        "range": f"({found.low[row, col]:,.0f} to {found.high[row, col]:,.0f})",
        "ratio": fixed(float(found.ratio[row, col]), 2),
        "word": say(f"page.pairs.{key}") if key else "–",
        "thin": key == "thin",
    }


def _within(material: Material) -> list[str]:
    """The share of ties within functions, and what it would be if ties did not depend on function."""
    matrix = material.shown.matrix
    if not np.isfinite(matrix.ei_index):
        return []
    members = matrix.members.astype(float)
    possible = members.sum() * (members.sum() - 1) / 2
    chance = float((members * (members - 1) / 2).sum() / possible) if possible else 0.0
    return [say("page.pairs.within", share=share_words((1 - float(matrix.ei_index)) / 2), chance=share_words(chance))]
