"""Tables as Markdown, HTML and LaTeX, with the special characters of each language escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from tienet.output.tables.grid import Grid

# Stars and closing brackets hang over the right edge of a column of numbers, so that the digits align.
_HANGING = re.compile(r"(?<=[\d.–])([*)\]]+)$")

_LATEX = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "%_$&#{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "[": "{[}",  # after a line end, a bracket would start an option
        "]": "{]}",
        "−": "$-$",
        "–": "--",
        "×": r"$\times$",
        "²": r"\textsuperscript{2}",
        "³": r"\textsuperscript{3}",
        "Δ": r"$\Delta$",
        "∞": r"$\infty$",
        "…": r"\dots{}",
    }
)
_MARKDOWN = re.compile(r"([\\`*_|<>\[\]$~&#])")


def to_markdown(grid: Grid) -> str:
    """The table as a Markdown pipe table with title and note."""
    below = ("---" if side == "l" else "---:" for side in grid.align)
    lines = [_pipes(map(_marked, grid.header)), _pipes(below), *(_pipes(map(_marked, row)) for row in grid.rows)]
    note = [f"*Note.* {_marked(sentences(grid))}"] if grid.note else []
    return "\n\n".join([f"**{_marked(grid.title)}**", "\n".join(lines), *note]) + "\n"


def _pipes(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _marked(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def sentences(grid: Grid) -> str:
    """The note as continuous text."""
    return " ".join(sentence if sentence.endswith(".") else f"{sentence}." for sentence in grid.note)


def to_html(grid: Grid) -> str:
    """The table as HTML with three rules, in a block that MathJax ignores."""
    head = "".join(_html_cell("th", text, side, "border-top:2px solid;border-bottom:1px solid", "col") for text, side in _pairs(grid))
    body = "\n".join(_html_row(grid, place, row) for place, row in enumerate(grid.rows))
    note = f'\n<p style="font-size:.9em;max-width:46em;margin:.4em 0"><i>Note.</i> {_plain(sentences(grid))}</p>' if grid.note else ""
    return (
        '<div class="tienet-table tex2jax_ignore mathjax_ignore" style="overflow-x:auto">\n'
        '<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">\n'
        f'<caption style="text-align:left;padding:.3em 0;font-style:italic">{_plain(grid.title)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>{note}\n</div>\n"
    )


def _pairs(grid: Grid) -> Iterable[tuple[str, str]]:
    return zip(grid.header, grid.align, strict=True)


def _html_row(grid: Grid, place: int, row: tuple[str, ...]) -> str:
    rules = ["border-top:1px solid"] if place == grid.foot else []
    rules += ["border-bottom:2px solid"] if place == len(grid.rows) - 1 else []
    first, *rest = zip(row, grid.align, strict=True)
    cells = [_html_cell("th", *first, ";".join(rules), "row"), *(_html_cell("td", *pair, ";".join(rules)) for pair in rest)]
    return f"<tr>{''.join(cells)}</tr>"


def _html_cell(tag: str, text: str, side: str, rules: str, scope: str = "") -> str:
    place = "left;padding:.15em .6em .15em 0" if side == "l" else "right;padding:.15em 1.8em .15em 1em;white-space:nowrap"
    weight = ";font-weight:normal" if scope == "row" else ""
    style = f"text-align:{place}{weight}{';' + rules if rules else ''}"
    named = f' scope="{scope}"' if scope else ""
    return f'<{tag}{named} style="{style}">{_hung(text) if side == "r" else _plain(text)}</{tag}>'


def _hung(text: str) -> str:
    """The text with its stars in a box of zero width, so that they do not shift the digits."""
    return _HANGING.sub(r'<span style="display:inline-block;width:0">\1</span>', _plain(text))


def _plain(text: str) -> str:
    return escape(text, quote=True).replace("$", "&#36;")


def to_latex(grid: Grid) -> str:
    """The table as a floating LaTeX table with booktabs rules."""
    rows = [_latex_row(grid, row) for row in grid.rows]
    if grid.foot is not None:
        rows.insert(grid.foot, r"\midrule")
    note = [rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize\textit{{Note.}} {_latex(sentences(grid))}}}"] if grid.note else []
    lines = [
        r"% in the preamble: \usepackage{booktabs}",
        r"\begin{table}[htbp]",
        r"\centering",
        rf"\caption{{{_latex(grid.title)}}}",
        rf"\begin{{tabular}}{{{''.join(_latex_column(grid, place) for place in range(len(grid.align)))}}}",
        r"\toprule",
        " & ".join(map(_latex, grid.header)) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        *note,
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_column(grid: Grid, place: int) -> str:
    """The alignment of a column, with room on the right for hanging stars and brackets."""
    hanging = [found[1] for row in grid.rows if (found := _HANGING.search(row[place]))] if grid.align[place] == "r" else []
    room = max(map(len, hanging), default=0)
    return rf"r@{{\hspace{{{0.5 + 0.5 * room:.1f}em}}}}" if room else grid.align[place]


def _latex_row(grid: Grid, row: tuple[str, ...]) -> str:
    cells = [_lapped(text) if side == "r" else _latex(text) for text, side in zip(row, grid.align, strict=True)]
    guard = "{}" if cells[0].startswith("*") else ""  # \\* is a LaTeX command
    return guard + " & ".join(cells) + r" \\"


def _lapped(text: str) -> str:
    hanging = _HANGING.search(text)
    return rf"{_latex(text[: hanging.start()])}\rlap{{{_latex(hanging[1])}}}" if hanging else _latex(text)


def _latex(text: str) -> str:
    return text.translate(_LATEX)
