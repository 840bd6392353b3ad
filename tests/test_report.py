"""The page: complete, self-contained, and about nobody in particular."""

from __future__ import annotations

import re
import warnings
from html.parser import HTMLParser

import pytest

import tienet as tn
from tienet.errors import OutputError
from tienet.report import CLAIM, render


@pytest.fixture(scope="module")
def page(study_result):
    return render(study_result)


def words(page):
    """The text of the page without tags, white space folded."""
    import html

    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(text).split())


class Balance(HTMLParser):
    """Checks that every tag is closed in order."""

    VOID = frozenset({"meta", "img", "br", "hr", "link"})

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))


def test_the_page_is_well_formed_and_fetches_nothing(page):
    parser = Balance()
    parser.feed(page)
    assert not parser.wrong
    assert not parser.open
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert "<script" not in page
    assert "url(" not in page
    assert len(page) < 5_000_000


def test_every_link_of_the_contents_leads_to_a_section(page):
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len(targets) >= 10
    assert all(f'id="{target}"' in page for target in targets)


def test_the_page_names_nobody(page, study_result):
    import base64

    people = {str(person) for person in study_result.people.person}
    texts = [words(page)] + [base64.b64decode(found).decode() for found in re.findall(r"base64,([^\"]+)\"", page)]
    assert len(texts) > 6
    for text in texts:
        assert not people & set(re.findall(r"\w+", text))


def test_the_page_says_what_was_found(page, study_result):
    text = words(page)
    fit = study_result.fit
    for needed in ("What must not be concluded", "Simple slopes", "Johnson-Neyman", "Fieller", "Power", "With and without", "Descriptives"):
        assert needed in text
    assert CLAIM in text
    assert str(study_result.ties.rule) in text
    assert f"{study_result.ties.ledger.rows_in:,}" in text
    assert f"n = {fit.n:,} in every step" in text
    for estimate in fit.estimate:
        assert f"{estimate:.3f}" in text
    for probes in study_result.probes.values():
        for bound in (*probes.region.bounds, probes.turning.estimate, *probes.u.interval):
            assert f"{bound:.3f}" in text
    assert "tie_strength" not in text  # columns are named in words


def test_hostile_labels_stay_text(firm):
    label = 'Marketing <script>alert("x")</script> $\\alpha$'
    people = firm.people.frame
    people["function"] = [label if name == "marketing" else name for name in people["function"]]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, functions=[label], no_ties="drop")
        page = render(study.run())
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_page_that_cannot_be_written(study_result, tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        study_result.report(tmp_path / "none" / "report.html")


def test_the_same_study_writes_the_same_bytes(study_result, page):
    assert render(study_result) == page
