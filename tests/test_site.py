"""The pages that the build of the documentation makes: gallery, notebooks, see-also, cheat sheet, how to cite."""

from __future__ import annotations

import ast
import base64
import html
import re
import sys
from pathlib import Path

import pytest

import tienet as tn
from chromium import Chromium, executable
from public import PLACES
from tienet.output.figures.drawing import plot

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
CHEAT_SHEET = DOCS / "_static" / "cheatsheet.html"
A4 = (8.27, 11.69)


@pytest.fixture
def tools(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "_tools"))
    for name in ("gallery", "notebooks", "see_also", "stages"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    import gallery
    import notebooks
    import see_also

    return gallery, notebooks, see_also


def test_every_kind_of_figure_is_in_the_gallery(tools):
    gallery = tools[0]
    found = gallery.entries()
    drawn = {kind.__name__ for kind in plot.registry if kind is not object}
    assert drawn - {"list"} == {entry.kind for entry in found}  # a list is drawn as a tuple is
    assert len({entry.name for entry in found}) == len(found)
    assert {entry.question for entry in found} == set(gallery.QUESTIONS)


def test_every_figure_of_the_gallery_has_code_that_draws_and_words(tools):
    gallery = tools[0]
    found = gallery.entries()
    made = gallery.pages(PLACES)
    for entry in found:
        last = ast.parse(gallery.own_code(entry, found)).body[-1]
        assert isinstance(last, ast.Expr), entry.name
        assert ast.unparse(last).startswith("tn.plot("), entry.name
        assert len(entry.read) > 40, entry.name
        assert len(entry.hidden) > 15, entry.name
        assert entry.see in PLACES, entry.name
        page = made[f"{entry.name}.md"]
        assert entry.read in page
        assert entry.hidden in page
        assert f'class="{entry.question}" href="{entry.name}.html"' in made["index.md"]


@pytest.mark.sweep
def test_the_gallery_draws_what_it_says(tools, tmp_path, monkeypatch):
    gallery = tools[0]
    kinds = []
    plain = tn.plot
    monkeypatch.setattr(tn, "plot", lambda result, *rest, **options: kinds.append(type(result)) or plain(result, *rest, **options))
    gallery.draw(tmp_path)
    for entry, kind in zip(gallery.entries(), kinds, strict=True):
        assert plot.dispatch(kind) is plot.dispatch(next(each for each in plot.registry if each.__name__ == entry.kind)), entry.name
        assert (tmp_path / f"{entry.name}.svg").stat().st_size > 2000


def test_every_page_of_the_reference_ends_with_pages_that_are_there(tools):
    gallery, _, see_also = tools
    made = {f"gallery/{entry.name}" for entry in gallery.entries()}
    for name, place in PLACES.items():
        found = see_also.links(name, place.removeprefix("tienet."))
        assert found, name
        for page in (page for pages in found.values() for page in pages):
            assert page in made or (DOCS / f"{page}.md").is_file(), f"{name}: {page}"
    assert set(see_also.BY_NAME) <= set(PLACES)
    assert set(see_also.BY_STAGE) == set(see_also.STAGES)


def test_notebooks_become_pages_with_their_text_code_and_pictures(tools, tmp_path):
    import nbformat

    made = tools[1].pages(tmp_path)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        page = made[f"{path.stem}.md"]
        code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
        pictures = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
        assert page.count("```{code-block} python\n") == len(code)
        assert len(list(tmp_path.glob(f"{path.stem}-*.png"))) == page.count("<img ") == pictures > 4
        assert all(cell.source.strip() in page for cell in code)
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page):
            assert link in made or (DOCS / "notebooks" / link).resolve().is_file(), link
        assert "<style" not in page


@pytest.mark.sweep
@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_the_code_of_the_cheat_sheet_runs_from_log_to_figure(tmp_path, monkeypatch):
    import matplotlib.pyplot as plt

    text = CHEAT_SHEET.read_text(encoding="utf-8")
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for code in re.findall(r'<pre class="python">(.*?)</pre>', text, flags=re.S):
        exec(compile(html.unescape(code), "cheatsheet.html", "exec"), names)  # noqa: S102 - our own page
    plt.close("all")
    assert (tmp_path / "interaction.svg").read_text(encoding="utf-8").startswith("<?xml")
    words = {word for code in re.findall(r"<code>(.*?)</code>", text) for word in re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", code)}
    rule = set(tn.TieRule.__dataclass_fields__)
    assert {word for word in words if word not in PLACES and word not in rule} <= {"reply_to", "zero_with_indicator"}


@pytest.mark.skipif(executable() is None, reason="no Chromium here")
def test_the_cheat_sheet_prints_on_one_sheet(tmp_path):
    browser = Chromium(tmp_path)
    try:
        browser.open(CHEAT_SHEET)
        printed = base64.b64decode(browser.call("Page.printToPDF", paperWidth=A4[0], paperHeight=A4[1], preferCSSPageSize=True)["data"])
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.close()


def test_how_to_cite_says_who_when_and_which_version():
    import runpy

    pytest.importorskip("sphinx")
    pytest.importorskip("latex2mathml")
    cited = runpy.run_path(str(DOCS / "conf.py"))["_cited"]((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited.startswith("> The tienet developers (2026). *tienet: from interaction logs")
    assert f"version = {{{tn.__version__}}}" in cited
    assert "author  = {{The tienet developers}}" in cited
