"""What a study found, and the page and folder made of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tienet.base.paths import PathSpec
from tienet.study.findings import StudyFindings
from tienet.study.page.writing import save_study, write_report

__all__ = ["StudyResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyResult(StudyFindings):
    """Everything a study found, from the ledger to the probes, to be reported and saved."""

    def report(self, path: PathSpec, *, names: bool | None = None, key: bytes | None = None) -> Path:
        """Write the study as one self-contained HTML page; returns where it is.

        Parameters
        ----------
        path
            Where to.
        names
            Whether people are called by name instead of pseudonyms; what the study says, where left out.
        key
            The secret behind the pseudonyms, from `pseudonym_key`; a new one that is not kept, where left out.
        """
        return write_report(self, path, names=names, key=key)

    def save(self, folder: PathSpec) -> list[Path]:
        """Write report.html, figures/ and tables/ into a folder; returns what was written."""
        return save_study(self, folder)
