"""Write columns.md, the glossary of every column, from tienet's own: `make columns`."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from tienet.output import glossary as columns

PAGE = Path(__file__).with_name("columns.md")
HEAD = """# Every column

What can stand in a frame of tienet: the unit, the meaning and, where there is one, the source. Braces stand for a name of yours or a
number: `total_ties_{function}` is `total_ties_marketing` in a frame. A name that stands in two groups means what its group says.
`tn.output.glossary.describe("total_ties_marketing")` gives the same in Python. Written by `make columns` from src/tienet/columns.py.
"""


def page() -> str:
    """The whole page: a table for each group, in the glossary's order."""
    source = Path(columns.__file__).read_text(encoding="utf-8")
    entries = iter((*columns._NETWORK, *columns._STATISTICS))  # all of them: the glossary itself keeps one entry per name
    _, *pieces = re.split(r"^    # (.+)$", source, flags=re.MULTILINE)  # the comments over the groups, each followed by its entries
    tables = []
    for group, text in zip(pieces[::2], pieces[1::2], strict=True):
        rows = [row(column) for column in islice(entries, len(re.findall(r"^    Column\(", text, flags=re.MULTILINE)))]
        title = f"## {group[0].upper()}{group[1:]}"
        tables.append("\n".join([title, "", "| column | unit | meaning | source |", "|---|---|---|---|", *rows]))
    return "\n\n".join([HEAD.strip(), *tables]) + "\n"


def row(column: columns.Column) -> str:
    """One line of a table."""
    cells = (f"`{column.name}`", column.unit, column.meaning, column.reference)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
