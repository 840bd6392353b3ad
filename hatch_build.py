"""What the build adds to pyproject.toml: the page for an index and the links of the project, both from one address.

A package index shows the README without the repository around it, so pictures and links need whole addresses there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RELATIVE = r"(?!https?://|mailto:|#)"


class Addresses(MetadataHookInterface):
    """Fills in `readme` and `urls`. Without an address the page has no pictures, and words in place of links into the repository."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add both to the metadata of the project."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        address = str(self.config.get("repository", "")).rstrip("/")
        metadata["readme"] = {"content-type": "text/markdown", "text": index_page(text, address)}
        metadata["urls"] = links(address)


def index_page(text: str, address: str) -> str:
    """Text of the README with whole addresses: pictures raw, pages as the repository shows them; without an address, their words alone."""
    picture = re.compile(rf"!\[([^\]]*)\]\({RELATIVE}([^)]+)\)")
    page = re.compile(rf"\[([^\]]*)\]\({RELATIVE}([^)]+)\)")
    if not address:
        return page.sub(r"\1", picture.sub("", text))
    return page.sub(rf"[\1]({address}/blob/HEAD/\2)", picture.sub(rf"![\1]({address}/raw/HEAD/\2)", text))


def links(address: str) -> dict[str, str]:
    """Links that an index shows beside the page."""
    if not address:
        return {}
    return {
        "Repository": address,
        "Documentation": f"{address}/blob/HEAD/docs/index.md",
        "Changelog": f"{address}/blob/HEAD/CHANGELOG.md",
        "Issues": f"{address}/issues",
    }
