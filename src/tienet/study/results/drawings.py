"""The figures of a study as files: vector and pixels, for papers and slides."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tienet.output.figures.drawing import plot, sheet
from tienet.output.figures.saving import save_all
from tienet.study.page.contents import drawn, records
from tienet.study.page.material import Material

_MOST_PANELS = 6  # more do not fit on a page


def write_figures(material: Material, folder: Path) -> list[Path]:
    """Write each figure as .svg, .png and .pdf, and the interactions of all functions as one; return the paths."""
    written: list[Path] = []
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # characters that the font lacks
        for name, axes in figures_of(material):
            written += save_all(axes, folder / name)
    return written


def figures_of(material: Material) -> Iterator[tuple[str, Any]]:
    """Each figure by the name of its file; drawn when it is its turn, and let go after."""
    found = records(material.result, material.shown)
    together = {name: found[f"interaction_{name}"] for name in material.result.probes}
    if len(together) <= _MOST_PANELS:
        panels = list(together.values())
        titles = [material.label(name) for name in together]
        one = panels[0] if len(panels) == 1 else panels
        yield "interactions", plot(one, sheet(one, title=titles), title=titles) if len(panels) > 1 else plot(one, sheet(one))
    for name, record in found.items():
        yield name, drawn(record)
