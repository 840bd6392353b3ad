"""Run the Python blocks of a page, top to bottom in one namespace, and collect what each prints, shows and draws."""

from __future__ import annotations

import ast
import io
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NOT_HERE = ("scaling", "benchmarks")  # pages whose blocks need a cluster or take hours
BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Ran:
    """The output of one block: text, the HTML of a last expression that is a table, and matplotlib figures."""

    printed: str
    html: str
    figures: tuple[Any, ...]


def run(text: str, name: str = "page") -> list[Ran]:
    """Run every block of a page in a temporary folder where data/ is the data folder of the repository."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    namespace: dict[str, Any] = {}
    with _elsewhere(), mpl.rc_context():
        plt.close("all")
        return [_block(code, namespace, f"{name}, block {number}") for number, code in enumerate(BLOCK.findall(text), start=1)]


def _block(code: str, namespace: dict[str, Any], name: str) -> Ran:
    import matplotlib.pyplot as plt

    out = io.StringIO()
    with redirect_stdout(out), _warnings_as_text(out):
        value = _executed(code, namespace, name)
    figures = tuple(plt.figure(number) for number in plt.get_fignums())
    plt.close("all")
    return Ran(out.getvalue(), _html(value), figures)


def _executed(code: str, namespace: dict[str, Any], name: str) -> Any:
    """The value of the last line if it is an expression, as in a notebook."""
    tree = ast.parse(code, name)
    last = ast.Expression(tree.body.pop().value) if tree.body and isinstance(tree.body[-1], ast.Expr) else None  # type: ignore[attr-defined]
    exec(compile(tree, name, "exec"), namespace)  # noqa: S102 - only our own pages
    return eval(compile(last, name, "eval"), namespace) if last else None  # noqa: S307 - only our own pages


def _html(value: Any) -> str:
    if hasattr(value, "to_html"):
        return str(value.to_html(border=0, float_format="{:.3f}".format, na_rep=""))
    return str(value.html()) if type(value).__name__ == "Table" else ""


@contextmanager
def _elsewhere() -> Iterator[None]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").symlink_to(ROOT / "data")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


@contextmanager
def _warnings_as_text(out: io.StringIO) -> Iterator[None]:
    """Print warnings of tienet where a reader would see them; any other warning is an error in the page."""
    from tienet.base.errors import TienetWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("always", TienetWarning)
        warnings.showwarning = lambda message, category, *_: print(f"{category.__name__}: {message}", file=out)  # type: ignore[assignment]
        yield
