"""The report page in a browser: it loads and sends nothing, nothing is blocked, and search, sliders and keyboard work."""

from __future__ import annotations

import json
import os
import warnings

import pytest
from matplotlib import image

import tienet as tn
from chromium import Chromium, executable
from pages import KEY
from tienet.study.page.writing import render

HOSTILE = (
    "<script>document.title='taken'</script>",
    "\"'><img src=x onerror=document.title='taken'> $x$ `",
    "Sales \u202egnitekraM\u202c \u2066",
    "🙂 Service & <b>Co</b>",
    "Long " * 40,
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if executable() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("continuous integration has no chromium, so the page is not tested")
        pytest.skip("no chromium on this machine: install chromium")
    one = Chromium(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def file(report_page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_page, encoding="utf-8")
    return path


@pytest.fixture
def page(browser, file):
    browser.open(file)
    yield browser
    assert browser.requests() == []
    assert browser.complaints() == []


def drawn(page):
    return int(page.value("document.getElementById('net-status').textContent.split(' ')[0].replace(/,/g, '')"))


def active(page):
    return page.value("document.activeElement.getAttribute('aria-label')")


def about(page):
    return page.value("document.getElementById('net-about').innerText")


def value(page, name):
    return page.value(f"document.getElementById({json.dumps(name)}).value")


def test_the_page_fits_the_window_and_asks_for_nothing(browser, file, tmp_path):
    for width in (390, 1100):
        browser.open(file, width)
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value("document.querySelectorAll('img').length") >= 9
        assert browser.value("[...document.images].every(one => one.complete && one.naturalWidth > 0)")
        picture = image.imread(browser.screenshot(tmp_path / "page.png"))
        assert picture.shape[1] == width
        assert picture.shape[0] > 3000
        assert len({tuple(pixel) for pixel in picture[::97, ::13].reshape(-1, picture.shape[2]).tolist()}) > 20
        assert browser.requests() == []
        assert browser.complaints() == []


def test_captions_are_as_wide_as_the_window_and_tables_as_the_sheet_of_paper(browser, file):
    browser.open(file, 390)
    assert browser.value("Math.max(...[...document.querySelectorAll('caption')].map(one => one.getBoundingClientRect().right))") <= 390
    browser.open(file, 700)  # A4 between its margins
    browser.call("Emulation.setEmulatedMedia", media="print")
    wide = "[...document.querySelectorAll('table')].filter(one => one.scrollWidth > one.parentElement.clientWidth).length"
    assert browser.value(wide) == 0
    shown = "[...document.querySelectorAll('nav, #net-controls, #net-about, button')].filter(one => one.offsetParent).length"
    assert browser.value(shown) == 0
    browser.call("Emulation.setEmulatedMedia", media="")


def test_ties_are_drawn_on_the_canvas(page):
    ink = "(() => { const c = document.getElementById('net-ties'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
    ink += " let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n; })()"
    assert page.value(ink) > 1000


def test_search_finds_by_pseudonym_and_escape_lets_go(page, study_result):
    page.point("#net-search", click=True)
    page.type("sales 0")
    count = sum(name.startswith("Sales 0") for name in tn.network.privacy.pseudonyms(study_result.people, KEY))
    assert value(page, "net-found") == f"{count} people found"
    assert page.value("document.querySelectorAll('.mark.found').length") == count
    page.press("Enter")
    assert active(page).startswith("Sales 0")
    assert about(page).startswith("Sales 0")
    page.press("Escape")
    assert value(page, "net-search") == ""
    assert page.value("document.querySelectorAll('.mark.found, .mark.dim').length") == 0


def test_the_strength_slider_goes_from_all_ties_to_few(page, study_result):
    first = drawn(page)
    page.value("document.getElementById('net-level').focus()")
    page.press("Home")
    assert drawn(page) == len(study_result.ties) > first
    assert value(page, "net-level-text") == "all"
    page.press("ArrowRight", 5)
    assert drawn(page) < len(study_result.ties)
    page.press("End")
    assert 0 < drawn(page) < 0.02 * len(study_result.ties)


def test_the_period_sliders_choose_when_there_was_contact(page, study_result):
    page.value("document.getElementById('net-level').focus()")
    page.press("Home")
    page.value("document.getElementById('net-to').focus()")
    page.press("Home")
    data = json.loads(page.value("document.getElementById('net-data').textContent"))
    assert drawn(page) == sum(count > 0 for count in data["w"][0])
    assert 0 < drawn(page) < len(study_result.ties)
    assert value(page, "net-to-text") == f"to {data['windows'][0][1]}"
    page.value("document.getElementById('net-from').focus()")
    page.press("ArrowRight")  # the first period cannot come after the last: both move
    assert value(page, "net-to") == "1"
    assert drawn(page) == sum(count > 0 for count in data["w"][1])


def test_functions_can_be_left_out_and_all_comes_back(page, study_result):
    first = drawn(page)
    page.point("input[name=net-group]", click=True)
    gone = int((study_result.people.function == "customer_service").sum())
    assert f"{len(study_result.people) - gone} people shown" in page.value("document.getElementById('net-status').textContent")
    visible = "[...document.querySelectorAll('.mark')].filter(one => getComputedStyle(one).display !== 'none').length"
    assert page.value(visible) == len(study_result.people) - gone
    assert drawn(page) < first
    page.point("#net-reset", click=True)
    assert drawn(page) == first
    assert page.value(visible) == len(study_result.people)


def test_the_keyboard_walks_the_network_with_a_visible_focus(page):
    page.value("document.getElementById('net-reset').focus()")
    page.press("Tab")
    start = active(page)
    assert start in about(page)
    assert page.value("getComputedStyle(document.activeElement.querySelector('path')).stroke") == "rgb(179, 71, 0)"
    page.press("ArrowDown")
    page.press("ArrowRight")
    assert active(page) != start
    assert page.value("document.querySelectorAll('.mark[tabindex=\"0\"]').length") == 1
    held = active(page)
    page.press("Enter")
    assert page.value("document.activeElement.getAttribute('aria-pressed')") == "true"
    page.press("Tab")  # one stop in the order of Tab, and the numbers stay
    assert held in about(page)
    page.value("document.querySelector('.mark[tabindex=\"0\"]').focus()")
    page.press("Escape")
    page.press("End")
    assert active(page).startswith("Sales")
    page.press("Home")
    assert active(page) == start


def test_pointing_tells_the_numbers_of_a_person(page, study_result):
    page.value("document.getElementById('net-level').focus()")
    page.press("Home")
    page.point(".mark[data-at='7']")
    name = page.value("document.querySelector('.mark[data-at=\"7\"]').getAttribute('aria-label')")
    ties = study_result.ties
    person = tn.network.privacy.pseudonyms(study_result.people, KEY).tolist().index(name)
    count = int((ties.a == person).sum() + (ties.b == person).sum())
    assert about(page).startswith(name)
    assert f"{count} tie" in about(page)


def test_reduced_motion_is_respected(page):
    moving = "getComputedStyle(document.querySelector('.mark')).transitionDuration"
    assert page.value(moving) == "0.15s"
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert page.value(moving) == "0s"
    page.call("Emulation.setEmulatedMedia", features=[])


def test_words_and_shapes_stand_out_from_their_ground(page):
    """Contrast of WCAG 2: 4.5 for text, 3 for shapes."""
    told = page.value(
        "[...document.querySelectorAll('p, li, td, th, h1, h2, h3, dt, dd, small, figcaption, label, output, a')]"
        ".map(one => getComputedStyle(one).color)"
    )
    shapes = page.value("[...document.querySelectorAll('.groups path')].map(one => getComputedStyle(one).fill)")
    assert min(map(contrast, set(told))) >= 4.5
    assert min(map(contrast, set(shapes))) >= 3


def contrast(color):
    rgb = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    light = sum(
        weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for weight, c in zip((0.2126, 0.7152, 0.0722), rgb, strict=True)
    )
    tint = 0.9136  # the tinted boxes, #f4f6f8, the darkest ground of the page
    return (tint + 0.05) / (light + 0.05)


def test_hostile_labels_stay_text_in_the_browser(browser, firm, tmp_path):
    people = firm.people.frame
    old = [name for name in sorted(set(people["function"])) if name != "sales"]
    people["function"] = people["function"].replace(dict(zip(old, HOSTILE, strict=True)))
    people["te<script>nure$'\""] = people.pop("tenure")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, functions=HOSTILE[:2], no_ties="drop", title=HOSTILE[0])
        result = study.run()
        (tmp_path / "report.html").write_text(render(result, key=KEY), encoding="utf-8")
    for width in (390, 1100):
        browser.open(tmp_path / "report.html", width)
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value("document.title") == HOSTILE[0]
        assert browser.value("document.querySelectorAll('script').length") == 2
        assert browser.value("document.querySelectorAll('img:not([src^=\"data:\"]), b > b, [onerror]').length") == 0
        assert "\u202e" not in browser.value("document.documentElement.outerHTML")
    labels = browser.value("[...document.querySelectorAll('.groups bdi')].map(one => one.textContent)")
    assert HOSTILE[0] in labels
    assert HOSTILE[3] in labels
    browser.point(".mark[data-at='3']")
    browser.point("#net-search", click=True)
    browser.type("<script>")
    assert "people found" in value(browser, "net-found")
    assert browser.requests() == []
    assert browser.complaints() == []
