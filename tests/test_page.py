"""The report page in a browser: it loads and sends nothing, works without a script, prints well, and its controls and keys work."""

from __future__ import annotations

import base64
import json
import os
import re
import warnings
from itertools import pairwise
from pathlib import Path

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
DARK = [{"name": "prefers-color-scheme", "value": "dark"}]
A4, LETTER = (8.27, 11.69), (8.5, 11.0)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if executable() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("continuous integration has no chromium, so the page is not tested")
        pytest.skip("no chromium on this machine: install chromium")
    one = Chromium(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


def written(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def file(report_page, tmp_path_factory):
    """The page with persons."""
    return written(report_page, tmp_path_factory)


@pytest.fixture(scope="module")
def groups_file(groups_page, tmp_path_factory):
    """The page with groups."""
    return written(groups_page, tmp_path_factory)


@pytest.fixture
def page(browser, file):
    browser.open(file)
    yield browser
    assert browser.requests() == []
    assert browser.complaints() == []


def drawn(page):
    return int(page.value("document.getElementById('net-status').textContent.split(' ')[0].replace(/,/g, '')"))


def lines(page):
    """Lines that the picture has, counted in its paths."""
    paths = page.value("[...document.querySelectorAll('#net-live path')].map(one => one.getAttribute('d'))")
    return sum(path.count("M") for path in paths)


def active(page):
    return page.value("document.activeElement.getAttribute('aria-label')")


def about(page):
    return page.value("document.getElementById('net-one').innerText")


def value(page, name):
    return page.value(f"document.getElementById({json.dumps(name)}).value")


def all_ties(page):
    page.point("#net-all", click=True)


def test_the_page_fits_the_window_and_asks_for_nothing(browser, file, groups_file, tmp_path):
    for path, width in ((groups_file, 320), (groups_file, 390), (file, 390), (groups_file, 1280)):
        browser.open(path, width)
        browser.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert browser.value("document.documentElement.scrollWidth") <= width
        picture = image.imread(browser.screenshot(tmp_path / "page.png"))
        assert picture.shape[1] == width
        assert picture.shape[0] > 3000
        assert len({tuple(pixel) for pixel in picture[::97, ::13].reshape(-1, picture.shape[2]).tolist()}) > 15
        assert browser.requests() == []
        assert browser.complaints() == []


def test_the_cards_of_two_functions_are_the_first_screen(browser, groups_file):
    browser.open(groups_file, 1280)
    assert browser.value("Math.max(...[...document.querySelectorAll('.card')].map(one => one.getBoundingClientRect().bottom))") <= 900
    assert browser.value("new Set([...document.querySelectorAll('.card')].map(one => one.getBoundingClientRect().top)).size") == 1
    # The same scale, and zero at the same place, in all rows of a card.
    zeros = "[...document.querySelectorAll('.estimates .zero')].map(one => Math.round(one.getBoundingClientRect().left))"
    assert len(set(browser.value(zeros))) == 2


def test_text_in_drawings_can_be_read_on_a_phone(browser, groups_file):
    """At least 9 pixels, but in drawings that scroll sideways."""
    browser.open(groups_file, 390)
    sizes = browser.value(
        "[...document.querySelectorAll('svg text')].filter(one => one.getClientRects().length && getComputedStyle(one).display !== 'none')"
        ".map(one => { const svg = one.ownerSVGElement; return parseFloat(getComputedStyle(one).fontSize)"
        " * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; })"
    )
    assert len(sizes) > 40
    assert min(sizes) >= 9


def test_names_of_functions_do_not_overlap(browser, file, groups_file):
    for path in (file, groups_file):
        for width in (390, 1280):
            browser.open(path, width)
            boxes = browser.value(
                "[...document.querySelectorAll('.names g text')].map(one => one.getBoundingClientRect())"
                ".map(one => [one.left, one.top, one.right, one.bottom])"
            )
            assert len(boxes) == 6
            for at, one in enumerate(boxes):
                for two in boxes[at + 1 :]:
                    assert one[0] >= two[2] or two[0] >= one[2] or one[1] >= two[3] or two[1] >= one[3]


def pages_of(browser, paper):
    """The texts of the pages of a PDF, in order."""
    wide, high = paper
    data = browser.call("Page.printToPDF", paperWidth=wide, paperHeight=high, printBackground=True)["data"]
    return base64.b64decode(data)


@pytest.mark.parametrize("paper", [A4, LETTER], ids=["A4", "Letter"])
def test_paper_has_few_pages_and_the_first_ends_after_the_limits(browser, groups_file, paper):
    browser.open(groups_file)
    assert "@page" in browser.value("document.querySelector('style').textContent")
    style = re.sub(r"/\*.*?\*/|[\w-]+-size:", "", browser.value("document.querySelector('style').textContent"), flags=re.S)
    assert "size:" not in style  # A4 and Letter both come out
    pdf = pages_of(browser, paper)
    assert 2 < len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) <= 12
    # Laid out as wide as the paper between its margins, what ends the first sheet is not higher than the paper.
    inch, margins = 96, (28 / 25.4, 32 / 25.4)
    browser.call(
        "Emulation.setDeviceMetricsOverride", width=int((paper[0] - margins[0]) * inch), height=900, deviceScaleFactor=1, mobile=False
    )
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.value("document.getElementById('limits').getBoundingClientRect().bottom") <= (paper[1] - margins[1]) * inch
    wide = "[...document.querySelectorAll('table')].filter(one => one.scrollWidth > one.parentElement.clientWidth + 1).length"
    assert browser.value(wide) == 0
    shown = "[...document.querySelectorAll('nav, .controls, #net-one, button')].filter(one => one.offsetParent).length"
    assert browser.value(shown) == 0
    folded = "[...document.querySelectorAll('details > div')].map(one => one.getBoundingClientRect().height)"
    assert min(browser.value(folded)) > 50  # without opening them
    assert browser.value("getComputedStyle(document.body).color") == "rgb(23, 34, 45)"
    browser.call("Emulation.setEmulatedMedia", media="")


def test_paper_is_light_where_the_screen_is_dark(browser, groups_file):
    browser.call("Emulation.setEmulatedMedia", features=DARK)
    browser.open(groups_file)
    dark = browser.value("getComputedStyle(document.body).backgroundColor")
    browser.call("Emulation.setEmulatedMedia", media="print", features=DARK)
    light = browser.value("getComputedStyle(document.body).backgroundColor")
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    assert (dark, light) == ("rgb(17, 23, 30)", "rgb(255, 255, 255)")


def test_without_a_script_the_picture_its_filters_and_the_folds_work(browser, file, report_page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(file)
    total = report_page.count('<g class="mark ')
    seen = "[...document.querySelectorAll('{}')].filter(one => getComputedStyle(one).display !== 'none').length"
    before = browser.value(seen.format(".marks .f0"))
    paths = browser.value(seen.format(".ties .s2"))
    assert (before > 0, paths) == (True, 0)
    browser.point("#net-f0", click=True)
    assert browser.value(seen.format(".marks .f0, .ties .f0, .ties .g0, .names .f0")) == 0
    assert browser.value(seen.format(".mark")) == total - before
    browser.point("#net-all", click=True)
    assert browser.value(seen.format(".ties .s2")) > 0
    browser.point("#steps summary", click=True)
    assert browser.value("document.getElementById('steps').open")
    assert browser.value("[...document.querySelectorAll('[data-scripted], #unfold')].every(one => !one.offsetParent)")
    browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_what_is_folded_opens_by_a_link_and_all_at_once(page):
    page.value("document.querySelector('nav a[href=\"#others\"]').click()")
    page.value("new Promise(done => setTimeout(done, 50))")
    assert page.value("[...document.querySelectorAll('details')].filter(one => one.open).map(one => one.id)") == ["others"]
    page.point("#unfold", click=True)
    assert page.value("[...document.querySelectorAll('details')].every(one => one.open)")
    assert page.value("document.getElementById('unfold').textContent") == "Fold all"


def test_search_finds_by_pseudonym_and_escape_lets_go(page, study_result):
    page.point("#net-find", click=True)
    page.type("sales 0")
    count = sum(name.startswith("Sales 0") for name in tn.network.privacy.pseudonyms(study_result.people, KEY))
    assert value(page, "net-found") == f"{count} people found"
    assert page.value("document.querySelectorAll('.mark.found').length") == count
    page.press("Enter")
    assert active(page).startswith("Sales 0")
    assert about(page).startswith("Sales 0")
    page.press("Escape")
    assert value(page, "net-find") == ""
    assert page.value("document.querySelectorAll('.mark.found, .mark.dim').length") == 0


def test_choices_and_slider_go_from_all_ties_to_few(page, study_result):
    first = drawn(page)
    assert lines(page) == first
    assert f"Drawn are the {first} strongest of {len(study_result.ties):,} ties" in page.value(
        "document.getElementById('net-told').textContent"
    )
    all_ties(page)
    assert drawn(page) == lines(page) == len(study_result.ties) > first
    assert value(page, "net-least-words") == "all"
    page.point("#net-few", click=True)
    assert drawn(page) < first
    page.value("document.getElementById('net-least').focus()")
    page.press("Home")
    assert drawn(page) == len(study_result.ties)
    page.press("ArrowRight", 5)
    assert drawn(page) < len(study_result.ties)
    page.press("End")
    assert 0 < drawn(page) < 0.02 * len(study_result.ties)


def test_periods_choose_when_there_was_contact(page, study_result):
    all_ties(page)
    data = json.loads(page.value("document.getElementById('net-data').textContent"))
    choose = "(() => {{ const one = document.getElementById('{}'); one.value = {}; one.dispatchEvent(new Event('change')); }})()"
    page.value(choose.format("net-to", 0))
    assert drawn(page) == sum(count > 0 for count in data["w"][0])
    assert 0 < drawn(page) < len(study_result.ties)
    page.value(choose.format("net-from", 1))  # the first period cannot come after the last: both move
    assert value(page, "net-to") == "1"
    assert drawn(page) == sum(count > 0 for count in data["w"][1])
    ends = page.value("[...document.querySelectorAll('#net-from option')].map(one => one.textContent)")
    assert re.fullmatch(r"\d+ [A-Z][a-z]+ 20\d\d", ends[0])


def test_functions_can_be_left_out_and_all_comes_back(page, study_result):
    first = drawn(page)
    page.point("input[name=net-function]", click=True)
    gone = int((study_result.people.function == "customer_service").sum())
    assert f"{len(study_result.people) - gone} people shown" in page.value("document.getElementById('net-status').textContent")
    visible = "[...document.querySelectorAll('.mark')].filter(one => getComputedStyle(one).display !== 'none').length"
    assert page.value(visible) == len(study_result.people) - gone
    assert drawn(page) < first
    page.point("#net-reset", click=True)
    assert drawn(page) == first
    assert page.value(visible) == len(study_result.people)


def test_the_keyboard_walks_the_network_with_a_visible_focus(page):
    page.value("document.getElementById('net-save').focus()")
    page.press("Tab")
    start = active(page)
    assert start in about(page)
    assert page.value("getComputedStyle(document.activeElement.querySelector('use')).stroke") == "rgb(179, 71, 0)"
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


def test_a_mark_tells_all_its_ties_and_can_be_drawn_alone(page, study_result):
    ties = study_result.ties
    page.point(".mark[data-at='7']", click=True)
    name = page.value("document.querySelector('.mark[data-at=\"7\"]').getAttribute('aria-label')")
    person = tn.network.privacy.pseudonyms(study_result.people, KEY).tolist().index(name)
    mine = (ties.a == person) | (ties.b == person)
    own = int(mine.sum())
    assert about(page).startswith(name)
    assert f"{own} tie" in about(page)
    others = study_result.people.function[[*ties.b[mine & (ties.a == person)], *ties.a[mine & (ties.b == person)]]]
    for function in set(others):
        assert f"{study_result.label(function)} {(others == function).sum()}" in about(page)
    assert drawn(page) > own
    page.point("#net-only", click=True)
    assert drawn(page) == lines(page) == own  # also those that were not drawn before
    page.point("#net-reset", click=True)
    assert drawn(page) > own


def test_marks_are_sized_by_ties(page):
    scales = "[...document.querySelectorAll('.mark')].map(one => +one.getAttribute('transform').match(/scale\\(([\\d.]+)/)[1])"
    assert len(set(page.value(scales))) == 1
    page.value("(() => { const one = document.getElementById('net-size'); one.value = 'ties'; one.dispatchEvent(new Event('change')); })()")
    data = json.loads(page.value("document.getElementById('net-data').textContent"))
    count = [0] * len(data["labels"])
    for end in (*data["a"], *data["b"]):
        count[end] += 1
    sizes = page.value(scales)
    order = sorted(range(len(count)), key=count.__getitem__)
    assert [sizes[at] for at in order] == sorted(sizes)
    assert sizes[order[0]] < sizes[order[-1]]


def test_the_picture_can_be_saved_as_it_is(page):
    page.value(
        "(() => { window.kept = []; const make = URL.createObjectURL;"
        " URL.createObjectURL = one => { kept.push(one); return make(one); }; })()"
    )
    page.value("HTMLAnchorElement.prototype.click = function () { window.named = this.download; }")
    page.point("#net-save", click=True)
    text = page.value("kept[0].text()")
    assert page.value("named") == "network.svg"
    assert page.value(f"new DOMParser().parseFromString({json.dumps(text)}, 'image/svg+xml').querySelector('parsererror') === null")
    assert text.count("<use") == 300
    assert "rgb(0, 114, 178)" in text
    assert "class=" not in text


def test_groups_tell_their_thickest_lines(browser, groups_file):
    browser.open(groups_file)
    data = json.loads(browser.value("document.getElementById('net-data').textContent"))
    a, b, most = data["a"][0], data["b"][0], data["s"][0]
    browser.point(f".mark[data-at='{a}']", click=True)
    assert about(browser).startswith(data["labels"][a])
    assert f"{data['members'][a]} people" in about(browser)
    assert f"{data['labels'][b]}: {most:g} ties" in about(browser)
    browser.point("#net-all", click=True)
    assert drawn(browser) == lines(browser) == len(data["a"])


def test_reduced_motion_is_respected(page):
    moving = "getComputedStyle(document.querySelector('.mark')).transitionDuration"
    assert page.value(moving) == "0.15s"
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    assert page.value(moving) == "0s"
    page.call("Emulation.setEmulatedMedia", features=[])


GROUND = (
    "(one => { for (let at = one; at; at = at.parentElement) { const c = getComputedStyle(at).backgroundColor;"
    " if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255, 255, 255)'; })"
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_shapes_stand_out_from_their_ground(browser, groups_file, scheme):
    """Contrast of WCAG 2.2: 4.5 for text, 3 for shapes, each against what lies behind it."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.open(groups_file, 1280)
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    told = browser.value(
        "[...document.querySelectorAll('p, li, td, th, h1, h2, h3, h4, dt, dd, small, figcaption, caption, label, output, a, b, .chip')]"
        f".filter(one => one.getClientRects().length && !one.disabled).map(one => [getComputedStyle(one).color, {GROUND}(one)])"
    )
    drawn_text = browser.value(
        "[...document.querySelectorAll('svg text')].filter(one => !one.classList.contains('in-cell'))"
        f".map(one => [getComputedStyle(one).fill, {GROUND}(one.ownerSVGElement)])"
    )
    cells = browser.value(
        "[...document.querySelectorAll('.in-cell')]"
        ".map(one => [getComputedStyle(one).fill, getComputedStyle(one.previousElementSibling).fill])"
    )
    shapes = browser.value(
        "[...document.querySelectorAll('.controls label path, .interval, .point, .curve, .column, .chip')]"
        ".map(one => [getComputedStyle(one)"
        "[one.matches('.controls label path, .column:not(.few)') ? 'fill' : one.matches('.chip') ? 'color' : 'stroke'],"
        f" {GROUND}(one.closest('svg') || one.parentElement)])"
    )
    browser.call("Emulation.setEmulatedMedia", features=[])
    assert min(len(told), len(drawn_text), len(cells), len(shapes)) > 10
    for pairs, least in ((told, 4.5), (drawn_text, 4.5), (cells, 4.5), (shapes, 3)):
        assert min((contrast(*pair), pair) for pair in {tuple(pair) for pair in pairs})[0] >= least


def contrast(one, two):
    low, high = sorted((lightness(one), lightness(two)))
    return (high + 0.05) / (low + 0.05)


def lightness(color):
    rgb = [int(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    return sum(
        weight * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        for weight, c in zip((0.2126, 0.7152, 0.0722), rgb, strict=True)
    )


def test_the_page_can_be_read_with_other_senses(browser, groups_file):
    """The main rules of WCAG 2.2 that can be checked by a program: language, landmarks, headings, names, table headers, targets."""
    browser.open(groups_file, 1280)
    assert browser.value("document.documentElement.lang") == "en"
    assert browser.value("['main', 'header', 'nav', 'h1', 'footer'].map(one => document.querySelectorAll(one).length)") == [1] * 5
    levels = browser.value("[...document.querySelectorAll('h1, h2, h3, h4')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    named = "one.ariaLabel || (one.labels && one.labels.length) || one.textContent.trim() || one.hasAttribute('aria-labelledby')"
    kinds = "button, a, input, select, summary, [tabindex='0'], section"
    nameless = f"[...document.querySelectorAll({json.dumps(kinds)})].filter(one => !({named})).map(one => one.outerHTML)"
    assert browser.value(nameless) == []
    missing = (
        "[...document.querySelectorAll('[aria-labelledby]')].flatMap(one => one.getAttribute('aria-labelledby').split(' '))"
        ".filter(id => !document.getElementById(id) || !document.getElementById(id).textContent.trim())"
    )
    assert browser.value(missing) == []
    pictures = "[...document.querySelectorAll('svg:not([aria-hidden=true])')]"
    assert browser.value(f"{pictures}.filter(one => !one.querySelector('title') || !one.querySelector('desc')).length") == 0
    assert browser.value("[...document.querySelectorAll('thead th, tbody th, tfoot th')].every(one => one.scope && one.textContent.trim())")
    assert browser.value("[...document.querySelectorAll('tbody tr:not(.between)')].every(one => one.querySelector('th[scope=row]'))")
    small = (
        "[...document.querySelectorAll('nav a, button, summary, select, .controls label')].filter(one => one.getClientRects().length)"
        ".filter(one => one.getBoundingClientRect().height < 24 && !one.matches('label.title, [for=net-least]'))"
        ".map(one => one.textContent)"
    )
    assert browser.value(small) == []


@pytest.mark.skipif("AXE" not in os.environ, reason="AXE does not name axe.min.js; `make axe` gets it from npm")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser, file, groups_file, width, scheme):
    """axe-core (MPL 2.0, not part of the project) on both kinds of page, with everything unfolded."""
    rules = Path(os.environ["AXE"]).read_text(encoding="utf-8")
    for page in (file, groups_file):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        browser.open(page, width)
        browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
        browser.value(f"{rules}; 0")
        found = browser.value("axe.run(document).then(all => all.violations.map(one => [one.id, one.impact, one.nodes.length]))")
        assert found == []
    browser.call("Emulation.setEmulatedMedia", features=[])


def test_hostile_labels_stay_text_in_the_browser(browser, firm, tmp_path):
    people = firm.people.frame
    old = [name for name in sorted(set(people["function"])) if name != "sales"]
    people["function"] = people["function"].replace(dict(zip(old, HOSTILE, strict=True)))
    people["te<script>nure$'\""] = people.pop("tenure")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = tn.Study(
            log=firm.log,
            people=people,
            outcomes=firm.outcomes,
            functions=HOSTILE[:2],
            no_ties="drop",
            title=HOSTILE[0],
            people_shown="pseudonyms",
            outcome_label='growth <b onclick="x">',
        )
        result = study.run()
        (tmp_path / "report.html").write_text(render(result, key=KEY), encoding="utf-8")
    for width in (390, 1280):
        browser.open(tmp_path / "report.html", width)
        assert browser.value("document.documentElement.scrollWidth") <= width
        assert browser.value("document.title") == HOSTILE[0]
        assert browser.value("document.querySelectorAll('script').length") == 2
        assert browser.value("document.querySelectorAll('img, b > b, [onerror], [onclick]').length") == 0
        assert "\u202e" not in browser.value("document.documentElement.outerHTML")
    labels = browser.value("[...document.querySelectorAll('.controls bdi')].map(one => one.textContent)")
    assert HOSTILE[0] in labels
    assert HOSTILE[3] in labels
    browser.point(".mark[data-at='3']")
    browser.point("#net-find", click=True)
    browser.type("<script>")
    assert "people found" in value(browser, "net-found")
    assert browser.requests() == []
    assert browser.complaints() == []


def test_tables_of_words_fit_a_phone(browser, groups_file):
    """Rows of stacked tables are blocks, so neither the page nor these tables scroll sideways."""
    browser.open(groups_file, width=390)
    browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    wide = "[...document.querySelectorAll('.scroll:has(table.stack)')].filter(one => one.scrollWidth > one.clientWidth).length"
    assert browser.value("document.querySelectorAll('table.stack').length") >= 2
    assert browser.value(wide) == 0
    assert browser.value("document.documentElement.scrollWidth") == 390
