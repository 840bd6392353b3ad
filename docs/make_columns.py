"""Write columns.md, the glossary of every column, from tienet's own: `make columns`."""

from __future__ import annotations

from pathlib import Path

from tienet.base.columns import Column
from tienet.network.ties.strengths import STRENGTHS, Strength
from tienet.output.glossary import groups

PAGE = Path(__file__).with_name("columns.md")
HEAD = """# Every column

Every column that a frame of tienet can have: its unit, its meaning and, where there is one, its source. Braces stand for a name of yours or
a number: `total_ties_{function}` is `total_ties_marketing` in a frame. A name that is in two groups means what its group says.
`tn.output.glossary.describe("total_ties_marketing")` gives the same in Python. Written by `make columns`.
"""


def page() -> str:
    """The whole page: a table for each group, in the glossary's order."""
    tables = []
    for group, columns in groups().items():
        title = f"## {group[0].upper()}{group[1:]}"
        tables.append("\n".join([title, "", "| column | unit | meaning | source |", "|---|---|---|---|", *map(row, columns)]))
    return "\n\n".join([HEAD.strip(), *tables, strengths()]) + "\n"


def strengths() -> str:
    """What tie strength can be, from the entries of the strengths themselves."""
    rows = [f"| `{one.name}` | {one.unit} | {one.meaning} | {needed(one)} |" for one in STRENGTHS]
    return "\n".join(["## What tie strength can be", "", "| strength | unit | meaning | needs |", "|---|---|---|---|", *rows])


def needed(strength: Strength) -> str:
    """What the ties have to bring for it."""
    return f"ties from `{strength.made_by}`" if strength.made_by else ", ".join(f"`{column}`" for column in strength.needs)


def row(column: Column) -> str:
    """One line of a table."""
    cells = (f"`{column.name}`", column.unit, column.meaning, column.reference)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
