"""Write everything that a study leaves behind into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tienet.base.bibliography import bibtex
from tienet.base.errors import NotPrinted
from tienet.base.paths import PathSpec
from tienet.base.writing import make_folder, write_bytes, write_text
from tienet.study.origin.inputs import inputs_of
from tienet.study.origin.keys import read_key
from tienet.study.page.material import Material, material_of, with_people
from tienet.study.page.rendering import rendered
from tienet.study.page.texts import works
from tienet.study.results.browser import print_page
from tienet.study.results.drawings import write_figures
from tienet.study.results.folder import RECORD, names_in, refuse_folder, replacing
from tienet.study.results.record import RunAsked, record_text
from tienet.study.results.settings import study_file_of
from tienet.study.results.summary import methods_text, summary_text
from tienet.study.results.tabling import write_tables

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


def save_study(
    result: StudyFindings, folder: PathSpec, *, key: PathSpec | bytes | None = None, pdf: bool = False, asked: RunAsked | None = None
) -> list[Path]:
    """Write the page, figures, tables, texts and the record of the run into a folder; return the paths written.

    All files are made before the first is put into the folder. Those of an earlier run are replaced, or removed if there is no such file
    any more; other files stay.

    Parameters
    ----------
    result
        The results of the study.
    folder
        Created if it does not exist.
    key
        The secret key behind the pseudonyms, or its file; by default that of the study.
    pdf
        Whether to print the page to report.pdf as well, with a browser that is installed.
    asked
        The command and the study file behind the run; None for a study made in Python.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    NotPrinted
        The page cannot be printed; all other files are written.
    """
    refuse_folder(folder)
    secret = read_key(result.study.key if key is None else key)
    material = with_people(material_of(result), people=None, key=secret)
    with replacing(folder) as part:
        problem = _write(material, part, pdf=pdf)
        inputs, how = inputs_of(result), asked or RunAsked()
        if how.study_file is None:
            write_text(part / "study.toml", study_file_of(result, inputs))
        else:
            write_bytes(part / "study.toml", how.study_file)
        write_text(part / RECORD, record_text(result, inputs, how, secret, part))
        names = names_in(part)
    if problem is not None:
        raise problem
    return [Path(folder) / name for name in names]


def _write(material: Material, part: Path, *, pdf: bool) -> NotPrinted | None:
    """Write all but the study file and the record; a page that cannot be printed is a problem for later."""
    page = write_text(part / "report.html", rendered(material))
    write_text(part / "summary.md", summary_text(material))
    write_text(part / "methods.md", methods_text(material))
    write_text(part / "references.bib", bibtex(works(material.result)))
    write_figures(material, make_folder(part / "figures"))
    write_tables(material, make_folder(part / "tables"))
    try:
        if pdf:
            print_page(page, part / "report.pdf")
    except NotPrinted as problem:
        return problem
    return None
