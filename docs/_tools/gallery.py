"""The gallery: every figure drawn from the sample firm, with its code, how to read it and what it does not show."""

from __future__ import annotations

import ast
import html
import os
import sys
import tempfile
import tomllib
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
ENTRIES = HERE / "gallery.toml"
QUESTIONS = {
    "ties": ("Ties", "Who works with whom, and what the log holds."),
    "functions": ("Functions", "How parts of the firm are connected."),
    "regression": ("Regression", "How an outcome differs with ties."),
    "robustness": ("Robustness", "How far a finding can be trusted."),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure of the gallery; ``needs`` names the entry whose code comes before its own."""

    name: str
    title: str
    kind: str
    question: str
    code: str
    read: str
    hidden: str
    see: str
    needs: str = ""


@cache
def entries() -> tuple[Entry, ...]:
    """All figures in the order of the file."""
    found = tomllib.loads(ENTRIES.read_text(encoding="utf-8"))["figure"]
    return tuple(Entry(**{"hidden" if key == "not" else key: text.strip() for key, text in each.items()}) for each in found)


def set_up() -> str:
    """Code that comes before each figure."""
    return str(tomllib.loads(ENTRIES.read_text(encoding="utf-8"))["setup"]).strip()


def own_code(entry: Entry, of: tuple[Entry, ...]) -> str:
    """Code of an entry after the set-up: what it needs from another entry, less that entry's figure, then its own."""
    if not entry.needs:
        return entry.code
    before = next(each for each in of if each.name == entry.needs)
    return before.code.rpartition("\n")[0] + "\n" + entry.code


def draw(folder: Path) -> None:
    """Draw every figure into a folder, as NAME.svg."""
    import matplotlib as mpl

    mpl.use("Agg")
    from tienet.base.errors import TienetWarning

    folder.mkdir(parents=True, exist_ok=True)
    of, namespace = entries(), {}
    with _beside_the_data(), mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", TienetWarning)
        exec(compile(set_up(), "gallery.toml, setup", "exec"), namespace)  # noqa: S102 - our own page
        for entry in of:
            _save(drawn(own_code(entry, of), dict(namespace), entry.name), folder / f"{entry.name}.svg")


def drawn(code: str, namespace: dict[str, Any], name: str) -> Any:
    """Run code and return its last expression, the axes of a figure."""
    tree = ast.parse(code, f"gallery.toml, {name}")
    last = tree.body.pop()
    assert isinstance(last, ast.Expr), f"the last line of {name} draws"  # noqa: S101 - a page of our own
    exec(compile(tree, f"gallery.toml, {name}", "exec"), namespace)  # noqa: S102 - our own page
    return eval(compile(ast.Expression(last.value), f"gallery.toml, {name}", "eval"), namespace)  # noqa: S307 - our own page


def _save(ax: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

    import tienet as tn

    tn.output.figures.save(ax, path)
    plt.close("all")


class _beside_the_data:  # noqa: N801 - reads as a block
    def __enter__(self) -> None:
        self.before, self.folder = Path.cwd(), tempfile.TemporaryDirectory()
        (Path(self.folder.name) / "data").symlink_to(HERE.parent / "data")
        os.chdir(self.folder.name)

    def __exit__(self, *_: object) -> None:
        os.chdir(self.before)
        self.folder.cleanup()


def pages(places: dict[str, str]) -> dict[str, str]:
    """File name -> Markdown of the gallery and of each figure; ``places`` has the full name of each public name.

    Pictures are static files of the site, in the folder ``gallery``, so that thumbnail and page share one.
    """
    of = entries()
    return {"index.md": _index(of), **{f"{entry.name}.md": _page(entry, of, places) for entry in of}}


def _page(entry: Entry, of: tuple[Entry, ...], places: dict[str, str]) -> str:
    title, _ = QUESTIONS[entry.question]
    return f"""# {entry.title}

```{{raw}} html
<img class="drawn" src="../_static/gallery/{entry.name}.svg" alt="{html.escape(entry.title)}, drawn from the sample firm">
```

**How to read it.** {entry.read}

**What it does not show.** {entry.hidden}

```{{code-block}} python
{own_code(entry, of)}
```

:::{{dropdown}} Before it: the sample firm, its ties and the model
```{{code-block}} python
{set_up()}
```
:::

Reference: {{py:obj}}`{entry.see} <{places[entry.see]}>` and {{py:obj}}`plot <{places["plot"]}>`.
More figures of {title.lower()}: [gallery](index.md).
"""


def _index(of: tuple[Entry, ...]) -> str:
    choices = [("all", "All"), *((key, title) for key, (title, _) in QUESTIONS.items())]
    buttons = "".join(
        f'<input type="radio" name="question" id="q-{key}"{" checked" if key == "all" else ""}><label for="q-{key}">{title}</label>'
        for key, title in choices
    )
    listed = "\n".join(entry.name for entry in of)
    cards = "".join(_card(entry) for entry in of)
    return f"""# Gallery

Every kind of figure that `tn.plot` draws, from the simulated sample firm. Choose a question, then a figure: its page has the code,
how to read it and what it does not show. [About the figures](../figures.md) says what all of them share.

```{{raw}} html
<div class="gallery"><fieldset><legend>Question</legend>{buttons}</fieldset><div class="cards">{cards}</div></div>
```

```{{toctree}}
:hidden:

{listed}
```
"""


def _card(entry: Entry) -> str:
    return (
        f'<a class="{entry.question}" href="{entry.name}.html">'
        f'<span><img src="../_static/gallery/{entry.name}.svg" alt="" loading="lazy"></span>{html.escape(entry.title)}</a>'
    )


if __name__ == "__main__":
    draw(Path(sys.argv[1]).resolve())
