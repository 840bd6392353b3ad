"""Write columns.md, the list of all columns, from the glossary: `make columns`."""

from __future__ import annotations

from pathlib import Path

from tienet.base.columns import Column
from tienet.network.ties.strengths import STRENGTHS, Strength
from tienet.output.glossary import groups

PAGE = Path(__file__).with_name("columns.md")
HEAD = """# Every column

All columns that tienet's frames can have, with unit, meaning and, where there is one, source. Braces stand for a name of yours or
a number: `total_ties_{function}` becomes `total_ties_marketing` in a frame. If a name is listed in two groups, its meaning depends on
the group. `tn.output.glossary.describe("total_ties_marketing")` gives the same information in Python. `make columns` writes this page.
"""


def page() -> str:
    """The whole page: one table per group, in the order of the glossary."""
    tables = []
    for group, columns in groups().items():
        title = f"## {group[0].upper()}{group[1:]}"
        tables.append("\n".join([title, "", "| column | unit | meaning | source |", "|---|---|---|---|", *map(row, columns)]))
    return "\n\n".join([HEAD.strip(), *tables, strengths()]) + "\n"


def strengths() -> str:
    """The table of built-in tie strengths."""
    rows = [f"| `{one.name}` | {one.unit} | {one.meaning} | {needed(one)} |" for one in STRENGTHS]
    return "\n".join(["## What tie strength can be", "", "| strength | unit | meaning | needs |", "|---|---|---|---|", *rows])


def needed(strength: Strength) -> str:
    """The columns, or the kind of ties, that a strength needs."""
    return f"ties from `{strength.made_by}`" if strength.made_by else ", ".join(f"`{column}`" for column in strength.needs)


def row(column: Column) -> str:
    """One line of a table."""
    cells = (f"`{column.name}`", column.unit, column.meaning, column.reference)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
