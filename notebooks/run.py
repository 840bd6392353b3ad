"""Run the notebooks and keep their outputs small: `make notebooks`.

Pictures keep 64 colours, consecutive prints are one output, and of the kernel only its name is kept, so that a second run changes nothing.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).resolve().parent
COLOURS = 64


def run(path: Path) -> None:
    """Run one notebook in place."""
    notebook = nbformat.read(path, as_version=4)
    metadata = [dict(cell.metadata) for cell in notebook.cells]
    where = {"metadata": {"path": str(FOLDER)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where, coalesce_streams=True).execute()
    for cell, own in zip(notebook.cells, metadata, strict=True):
        cell.metadata = nbformat.NotebookNode(own)
        for output in cell.get("outputs", []):
            _shrink(output.get("data", {}))
    notebook.metadata.language_info = nbformat.NotebookNode(name="python")
    nbformat.write(notebook, path)
    sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB\n")


def _shrink(data: Any) -> None:
    if "image/png" in data:
        made = io.BytesIO()
        picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "png", optimize=True)
        data["image/png"] = base64.b64encode(made.getvalue()).decode()


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.ipynb")):
        run(each)
