"""The documentation pages: their code runs, their links exist, and no public name is missing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import tienet as tn
from public import PUBLIC

DOCS = Path(__file__).resolve().parents[1] / "docs"
sys.path.insert(0, str(DOCS / "_tools"))
from blocks import BLOCK, NOT_HERE, run  # noqa: E402 - the tools of the pages stand beside the pages
from stages import STAGES, by_stage  # noqa: E402

MADE = ("_build", "_made", "_tools", "_static", "_templates", "reference", "gallery", "notebooks")
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if page.relative_to(DOCS).parts[0] not in MADE]
RUNNING = [page for page in PAGES if page.stem not in NOT_HERE and BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", RUNNING, ids=lambda page: page.stem)
def test_every_block_of_the_page_runs(page):
    results = run(page.read_text(encoding="utf-8"), page.stem)
    assert all(ran.printed or ran.html or ran.figures for ran in results[-1:]) or page.stem == "index"


def test_every_public_name_has_its_place_in_the_reference():
    placed = [place.rpartition(".")[2] for places in by_stage().values() for place in places]
    assert sorted(placed) == PUBLIC
    assert all(by_stage().values())


def test_a_new_module_without_a_stage_is_noticed(monkeypatch):
    monkeypatch.delitem(STAGES, "regression.power")
    with pytest.raises(KeyError, match=r"is in tienet\.regression\.power, which"):
        by_stage()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere_and_every_name_used_is_public(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        place = (page.parent / target).resolve()
        made = place.is_relative_to(DOCS) and place.relative_to(DOCS).parts[0] in MADE
        assert made or place.exists(), f"{page.name}: {target}"
    for named in re.findall(r"\btn((?:\.\w+)+)", text):
        found = tn
        for part in named[1:].split("."):
            assert hasattr(found, part), f"{page.name}: tn{named}"
            found = getattr(found, part)


def test_every_page_is_in_a_table_of_contents():
    listed = set()
    for page in PAGES:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S):
            entries = [re.sub(r".*<(.+)>", r"\1", line.strip()) for line in tree.splitlines() if line.strip() and not line.startswith(":")]
            for place in ((page.parent / entry).resolve() for entry in entries):
                listed |= set(place.parent.glob(f"{place.name}.md"))
    assert {page.resolve() for page in PAGES} - listed == {(DOCS / "index.md").resolve()}


def test_the_pages_show_no_id_of_a_person_and_speak_of_public_data_only():
    for page in RUNNING:
        text = page.read_text(encoding="utf-8")
        assert not re.search(r"\bp\d{4}\b", text), page.name
        for path in re.findall(r'"(data/[^"]+)"', text):
            assert path.startswith("data/samples/"), page.name
