"""The `StudyResult` class: the results of a study, with methods to write the report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tienet.base.paths import PathSpec
from tienet.study.findings import StudyFindings
from tienet.study.page.network.view import Shown
from tienet.study.page.writing import write_report
from tienet.study.results.saving import save_study

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

    def save(self, folder: PathSpec, *, key: PathSpec | bytes | None = None, pdf: bool = False) -> list[Path]:
        """Write everything that a study leaves behind into a folder and return the paths written.

        These are report.html, summary.md, methods.md, references.bib, study.toml, figures/ (each figure as SVG, PNG and PDF), tables/
        (the tables of a paper for Word, LaTeX, HTML and Markdown, the rest as CSV) and provenance.json, the record of the run. The same
        inputs, versions and key give the same bytes, but for the date in the record.

        Parameters
        ----------
        folder
            Created if it does not exist. Files of an earlier run are replaced or removed, other files stay.
        key
            The secret key behind the pseudonyms, from `pseudonym_key`, or the path of its file; by default that of the study.
        pdf
            Whether to print the page to report.pdf as well; needs Chromium, Chrome or Edge.

        Raises
        ------
        OutputError
            The folder cannot be written to; or (`NotPrinted`) the page cannot be printed, then all other files are written.
        """
        return save_study(self, folder, key=key, pdf=pdf)
