"""How this page was made: files, hashes, versions, the key's fingerprint and the command."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from hashlib import blake2b, file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tienet import __version__
from tienet.base.wording import visible
from tienet.network.sources.register import LogSource
from tienet.study.language.reading import say
from tienet.study.page.material import Material
from tienet.study.page.section import Section

__all__ = ["build", "fingerprint"]

PACKAGES = ("numpy", "scipy", "pandas", "duckdb", "narwhals", "matplotlib", "statsmodels")


@dataclass(frozen=True, slots=True)
class Read:
    """A file that was read."""

    name: str
    rows: str
    size: str
    hash: str


def build(material: Material) -> Section:
    """No date: the same study gives the same page."""
    study, files = material.result.study, _files(material)
    return Section(
        "origin",
        "review",
        say("page.origin.heading"),
        say("page.origin.heading"),
        {
            "files": files,
            "versions": _versions(),
            "said": [say("page.origin.settings", study=str(study)), say("page.origin.seeds"), _key(material), *_command(files)],
        },
    )


def fingerprint(key: bytes) -> str:
    """Eight hexadecimal digits of the hash of a key, from which the key cannot be found."""
    digits = blake2b(key, digest_size=4).hexdigest()
    return f"{digits[:4]} {digits[4:]}"


def _key(material: Material) -> str:
    if material.people != "pseudonyms":
        return say("page.origin.key_none")
    return say("page.origin.key_given", fingerprint=fingerprint(material.key)) if material.key_given else say("page.origin.key_new")


def _command(files: list[Read]) -> list[str]:
    return [say("page.origin.command")] if files else []


def _versions() -> str:
    held = [f"tienet {__version__}", f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            held.append(f"{name} {version(name)}")
        except PackageNotFoundError:  # pragma: no cover - all are dependencies
            continue
    return " · ".join([*held, f"{platform.system()} {platform.machine()}"])


def _files(material: Material) -> list[Read]:
    result, study = material.result, material.result.study
    rows = {"people": len(result.people)}
    if result.log is not None:
        rows["log"] = result.log.ledger.rows_in
    given: list[tuple[str, Any]] = [(name, getattr(study, name)) for name in ("log", "people", "outcomes", "survey", "exclude", "aliases")]
    found: list[Read] = []
    for name, one in given:
        for source in one if isinstance(one, list | tuple) else [one]:
            path = source.path if isinstance(source, LogSource) else source
            if isinstance(path, str | Path) and Path(path).is_file():
                found.append(_read(Path(path), f"{rows[name]:,}" if name in rows and not isinstance(one, list | tuple) else ""))
    return found


def _read(path: Path, rows: str) -> Read:
    with path.open("rb") as handle:
        digest = file_digest(handle, "sha256").hexdigest()
    return Read(visible(path.name, 60), rows, f"{path.stat().st_size:,}", digest[:16])
