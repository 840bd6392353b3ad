"""The record of a run: software, study, inputs, seeds and outputs, so that others can make the same files."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tienet import __version__
from tienet.study.origin.inputs import InputRead
from tienet.study.origin.keys import fingerprint
from tienet.study.origin.versions import package_versions, platform_words
from tienet.study.page.questions import SEED
from tienet.study.results.folder import hash_of, names_in
from tienet.study.results.settings import settings_of

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

IN_PYTHON = "tn.Study(...).run().save(...)"


@dataclass(frozen=True, slots=True)
class RunAsked:
    """How a run was asked for.

    Parameters
    ----------
    command
        The command, with names of files and without their paths.
    study_file
        The study file as it was read; None for a study made in Python.
    """

    command: str = IN_PYTHON
    study_file: bytes | None = None


def record_text(result: StudyFindings, inputs: tuple[InputRead, ...], asked: RunAsked, key: bytes | None, folder: Path) -> str:
    """The record as JSON. Only `created` differs between two runs with the same inputs, versions and key."""
    found: dict[str, Any] = {
        "tienet": __version__,
        "python": platform.python_version(),
        "packages": package_versions(),
        "platform": platform_words(),
        "command": asked.command,
        "study": settings_of(result),
        "inputs": [{"name": one.name, "sha256": one.sha256, "bytes": one.size, "rows": one.rows} for one in inputs],
        "seeds": {"expected_ties": SEED, "layout": SEED},
        "key_fingerprint": None if key is None else fingerprint(key),
        "outputs": [{"name": name, "sha256": hash_of(folder / name)} for name in names_in(folder)],
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
