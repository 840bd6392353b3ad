"""Sphinx configuration: `make docs`. Neither the build nor the pages download anything."""

from __future__ import annotations

import inspect
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

import tienet as tn
from tienet.base.lazy import public_names
from tienet.network.reading.ledger import REASONS
from tienet.network.sources import Reader, readers

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_tools"))
from blocks import BLOCK, NOT_HERE, run  # noqa: E402 - our own tools are next to this file
from stages import STAGES, by_stage  # noqa: E402

project, author, release = "tienet", "The tienet developers", tn.__version__
copyright = "the tienet developers. MIT licence"  # noqa: A001 - the name that Sphinx asks for
extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_copybutton", "sphinx_design"]
exclude_patterns = ["_build", "_tools"]
language = "en_GB"
default_role = "name"
nitpicky = True
nitpick_ignore_regex = [
    (r"py:class", r".*")
]  # types in signatures without a page: those of other packages (no inventory is downloaded) and private ones
templates_path = ["_templates"]
highlight_language = "text"
suppress_warnings = ["config.cache"]

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
autosummary_generate = True
PLACES = {name: f"{place}.{name}" for name, place in public_names("tienet").items()}
autosummary_filename_map = {place: f"{name}-record" for name, place in PLACES.items() if name[0].isupper()}  # Bootstrap and bootstrap
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
maximum_signature_line_length = 80
python_display_short_literal_types = True

html_theme = "pydata_sphinx_theme"
html_title = "tienet"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
html_copy_source = False
html_sidebars = {"index": [], "tutorial": []}
html_theme_options = {
    "logo": {"text": "tienet"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "navigation_with_keys": False,
    "show_prev_next": False,
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Set up our additions: generated pages, executed blocks, names in backticks, and formulas as MathML."""
    _write_pages()
    app.add_role("name", _name_role)
    app.connect("source-read", _run_blocks)
    app.connect("source-read", _link_functions)
    app.connect("autodoc-process-signature", _hide_fields)
    app.connect("autodoc-process-docstring", _separate_works, priority=100)  # before numpydoc removes the section headings
    app.connect("missing-reference", _public_name)
    app.add_node(nodes.math, override=True, html=(_inline_math, None))
    app.add_node(nodes.math_block, override=True, html=(_block_math, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


# Generated pages


def _write_pages() -> None:
    made = HERE / "_made"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir()
    reference = HERE / "reference"
    shutil.rmtree(reference, ignore_errors=True)
    reference.mkdir()
    groups = by_stage()
    for key, names in groups.items():
        (reference / f"{key}.md").write_text(_stage_page(key, *STAGES[key], names), encoding="utf-8")
    lines = [f"| [{title}]({key}.md) | `tn.{key}` | {about} |" for key, (title, about) in STAGES.items()]
    (reference / "index.md").write_text(REFERENCE.format(rows="\n".join(lines), pages="\n".join(STAGES)), encoding="utf-8")
    kinds = [_reader_row(reader) for reader in readers().values()]
    (made / "readers.md").write_text("\n".join([READERS, *kinds]) + "\n", encoding="utf-8")
    # The readers' files are loaded by now, so their own reasons are among these.
    rows = [f"| `{code}` | {status} | {meaning} |" for code, (status, meaning) in REASONS.items()]
    (made / "reasons.md").write_text("| code | status | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n", encoding="utf-8")


READERS = "| kind | reads | path | function | options |\n|---|---|---|---|---|"
REFERENCE = """# Reference

Every public name, by stage of the analysis, with its formula, its parameters and an example. Import the package with
`import tienet as tn`. The names that most studies need are directly in `tn`, such as `tn.read_log`; every name is also available under its
place, such as `tn.regression.endogeneity.gaussian_copula`. Every result has `.frame` (the numbers), `str()` (a sentence) and `.cite()` (the
works behind the numbers), and `tn.plot(result)` draws it.

| stage | place | what it is for |
|---|---|---|
{rows}

```{{toctree}}
:hidden:

{pages}
```
"""


def _reader_row(reader: Reader) -> str:
    options = ", ".join(f"`{name}`" for name in reader.options)
    return f"| `{reader.kind}` | {reader.about} | {reader.takes} | `{reader.function.__name__}` | {options} |"


def _stage_page(key: str, title: str, about: str, names: list[str]) -> str:
    listed = "\n   ".join(names)
    head = f"# {title}\n\n{about} In `tienet.{key}`."
    return f"{head}\n\n```{{eval-rst}}\n.. autosummary::\n   :toctree: names\n   :nosignatures:\n\n   {listed}\n```\n"


# Pages that run


def _run_blocks(app: Sphinx, page: str, source: list[str]) -> None:  # noqa: ARG001
    """Put the output of each Python block below it: what it prints, shows and draws."""
    if page in NOT_HERE or not BLOCK.search(source[0]):
        return
    results = iter(enumerate(run(source[0], page), start=1))

    def shown(block: re.Match[str]) -> str:
        number, ran = next(results)
        pieces = [block[0]]
        if ran.printed:
            kind = "numbers" if re.search(r"\S {2,}\S|^\||\\\\", ran.printed, flags=re.MULTILINE) else "sentences"
            text = ran.printed.rstrip() if kind == "numbers" else ran.printed.rstrip().replace("\n", "\n\n")
            pieces.append(f"```{{code-block}} text\n:class: printed {kind}\n\n{text}\n```")
        if ran.html:
            pieces.append(f'```{{raw}} html\n<div class="pst-scrollable-table-container shown">{ran.html}</div>\n```')
        for place, figure in enumerate(ran.figures):
            name = f"{page.replace('/', '-')}-{number}-{place}.svg"
            figure.savefig(HERE / "_made" / name, bbox_inches="tight", metadata={"Date": None})
            pieces.append(f"```{{image}} /_made/{name}\n:alt: {_alt(figure)}\n:class: drawn\n```")
        return "\n\n".join(pieces)

    source[0] = BLOCK.sub(shown, source[0])


def _link_functions(app: Sphinx, page: str, source: list[str]) -> None:  # noqa: ARG001
    """Link each name in the table of functions to its page in the reference."""
    if page == "find-the-function":
        source[0] = re.sub(r"`(tn\.[\w.]+)`", r"{name}`\1`", source[0])


def _alt(figure: Any) -> str:
    ax = figure.axes[0]
    said = f"{ax.get_title(loc='left') or ax.get_title()}: {ax.get_ylabel()} against {ax.get_xlabel()}"
    return " ".join(said.removeprefix(": ").split())


# Docstrings


def _name_role(name: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()) -> Any:  # noqa: ARG001
    """Link a public name in backticks to its page; show anything else as code."""
    last = text.split("(")[0].rpartition(".")[2]
    if last in PLACES and text.split("(")[0] in (last, f"tn.{last}", PLACES[last], PLACES[last].replace("tienet.", "tn.", 1)):
        from sphinx.domains.python import PyXRefRole

        return PyXRefRole()("py:obj", rawtext, f"{text} <{PLACES[last]}>", lineno, inliner)
    return [nodes.literal(rawtext, text)], []


def _hide_fields(app: Sphinx, what: str, name: str, found: Any, options: Any, signature: str | None, returns: str | None) -> Any:  # noqa: ARG001
    """Hide the signature of a class whose examples do not call it: functions make such results, so users need no order of fields."""
    if what == "class" and f"{found.__name__}(" not in (inspect.getdoc(found) or ""):
        return "", None
    return signature, returns


def _separate_works(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:  # noqa: ARG001
    """Put each work under References on a line of its own, as in the source."""
    if "References" in lines:
        start = lines.index("References") + 2
        end = next((place for place in range(start, len(lines)) if lines[place].startswith("---")), len(lines) + 1) - 1
        lines[start:end] = [piece for line in lines[start:end] for piece in (["", line] if NEW_WORK.match(line) else [line])]


NEW_WORK = re.compile(r"[A-Z].*\(\d{4}\)")


def _public_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Link a type in a signature, which is named by its module, to the page of its public name."""
    last = node.get("reftarget", "").rpartition(".")[2]
    if node.get("refdomain") != "py" or last not in PLACES:
        return None
    domain = env.domains.python_domain
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", PLACES[last], node, content)


# Formulas


def _inline_math(writer: Any, node: Any) -> None:
    writer.body.append(convert(node.astext()))
    raise nodes.SkipNode


def _block_math(writer: Any, node: Any) -> None:
    writer.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode
