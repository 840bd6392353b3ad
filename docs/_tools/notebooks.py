"""The notebooks as pages of the site, from the outputs that are stored in them; nothing is run."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
INDEX = """# Notebooks

The analysis in one go, with all its outputs. The files are in `notebooks/` in the repository.

```{{toctree}}
:maxdepth: 1

{names}
```
"""


def pages(pictures: Path) -> dict[str, str]:
    """File name -> Markdown of each notebook and of their list; their pictures are written to a folder of static files of the site."""
    pictures.mkdir(parents=True, exist_ok=True)
    files = sorted(FOLDER.glob("*.ipynb"))
    made = {f"{path.stem}.md": page(path, pictures) for path in files}
    return {**made, "index.md": INDEX.format(names="\n".join(path.stem for path in files))}


def page(path: Path, pictures: Path) -> str:
    """Markdown of one notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    pieces: list[str] = []
    for number, cell in enumerate(cells):
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown":
            pieces.append(_within_the_site(text))
        elif cell["cell_type"] == "code" and text:
            pieces.append(f"```{{code-block}} python\n{text}\n```")
            pieces += [_output(each, f"{path.stem}-{number}-{place}", pictures) for place, each in enumerate(cell["outputs"])]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def _within_the_site(text: str) -> str:
    """Links to other notebooks and to pages of the docs, as seen from this folder of the site; the data are not part of the site."""
    text = re.sub(r"\]\((\w+)\.ipynb\)", r"](\1.md)", text)
    text = re.sub(r"\]\(\.\./docs/", "](../", text)
    return re.sub(r"\[([^\]]*)\]\(\.\./data/[^)]*\)", r"\1", text)


def _output(output: dict[str, Any], name: str, pictures: Path) -> str:
    data = output.get("data", {})
    if "image/png" in data:
        (pictures / f"{name}.png").write_bytes(base64.b64decode("".join(data["image/png"])))
        return (
            f'```{{raw}} html\n<img class="drawn" src="../_static/{pictures.name}/{name}.png" alt="Figure that the code above draws">\n```'
        )
    if "text/html" in data:
        table = re.sub(r"<style.*?</style>", "", "".join(data["text/html"]), flags=re.DOTALL).replace(' border="1"', "")
        rows = "\n".join(line for line in table.splitlines() if line.strip())
        return f'```{{raw}} html\n<div class="pst-scrollable-table-container shown">{rows}</div>\n```'
    text = "".join(output.get("text", "") or data.get("text/plain", "")).rstrip()
    return printed(text) if text else ""


def printed(text: str) -> str:
    """What a block printed: sentences wrap, tables of numbers do not."""
    if re.search(r"\S {2,}\S|^\||\\\\", text, flags=re.MULTILINE):
        return f"```{{code-block}} text\n:class: printed numbers\n\n{text}\n```"
    whole = text.replace("\n", "\n\n")
    return f"```{{code-block}} text\n:class: printed sentences\n\n{whole}\n```"
