"""The `StudyResult` class: the results of a study, with methods to write the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tienet.base.paths import PathSpec
from tienet.study.findings import StudyFindings
from tienet.study.page.network.view import Shown
from tienet.study.page.writing import save_study, write_report

__all__ = ["StudyResult"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StudyResult(StudyFindings):
    """All results of a study, from the ledger to the probes, with methods to report and save them."""

    def report(self, path: PathSpec, *, names: bool | None = None, key: bytes | None = None, people: Shown | None = None) -> Path:
        """Write the report as one self-contained HTML page and return its path.

        Parameters
        ----------
        path
            The file to write.
        names
            The older way to ask for people by name: True is ``people="names"``.
        key
            The secret key behind the pseudonyms, from `pseudonym_key`; by default that of the study, else a new key that is not
            stored.
        people
            Who is drawn in the network: "groups", "pseudonyms" or "names"; by default as the study specifies.
        """
        return write_report(self, path, names=names, key=key, people=people)

    def save(self, folder: PathSpec) -> list[Path]:
        """Write report.html, figures/ and tables/ to a folder and return the paths written."""
        return save_study(self, folder)
