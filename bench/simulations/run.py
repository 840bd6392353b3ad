"""Coverage of intervals in simulated data, written to docs/simulations.md.

Each other file of this folder is a study: a TITLE, a sentence on the DATA, and `rows(draws)`, which yields (case, share covered, nominal).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "simulations.md"
INTRO = """# Do intervals cover?

Intervals of 95% should hold the true value in 95 of 100 samples. Each row below draws samples from a model whose truth is known and counts.
The Monte Carlo error is the standard deviation that a true 95% would have with this number of draws; rows further than three of them from
the nominal value are marked. `make simulations` writes this page.
"""


def main(draws: int, only: list[str]) -> None:
    """Run the studies, or only those named, and write the page unless only some are."""
    parts = [INTRO]
    for path in sorted(HERE.glob("*.py")):
        if path.stem == "run" or (only and path.stem not in only):
            continue
        study = import_module(path.stem)
        head = "| case | draws | covered | nominal | Monte Carlo error | |\n|---|---|---|---|---|---|"
        parts.append(f"## {study.TITLE}\n\n{study.DATA}\n\n{head}")
        for case, covered, nominal, used in study.rows(draws):
            error = (nominal * (1 - nominal) / used) ** 0.5
            mark = "" if abs(covered - nominal) <= 3 * error else "off"
            line = f"| {case} | {used:,} | {covered:.3f} | {nominal:.2f} | {error:.3f} | {mark} |"
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            parts[-1] += f"\n{line}"
    if not only:
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, sys.argv[2:])
