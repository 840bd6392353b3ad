"""Words of the page for records of the library: each sentence is made again here from the fields of its record."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import tienet as tn
from tienet.base.record import locked
from tienet.network.reading.ledger import CODES, REASONS
from tienet.network.sources.exports.reasons import DUPLICATE, EXCLUDED, REJECTED
from tienet.network.survey.calibration import TieComparison
from tienet.network.ties.strengths import ADDED, STRENGTHS, Strength
from tienet.study.page.sections.slopes import build
from tienet.study.words.probed import product_words, region_words, turning_words, u_words
from tienet.study.words.ruled import compared_words, ledger_words, reasons_worded, roster_words, rule_words, strength_words

STUDY = Path(tn.__file__).parent / "study"
TIES, STRENGTH = "total ties to Marketing", "tie strength to Marketing"
INFINITE = float("inf")


@pytest.fixture
def probes(study_result):
    return study_result.probes["marketing"]


@pytest.fixture
def words(report_material):
    """Names and the study, as the page gives them to each sentence."""
    return report_material.names, report_material.result.study


def test_no_section_prints_the_sentence_of_a_record():
    for file in sorted([*(STUDY / "page").rglob("*.py"), *(STUDY / "words").rglob("*.py"), STUDY / "results" / "summary.py"]):
        nodes = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Attribute)]
        used = {ast.unparse(node) for node in nodes if node.attr in ("sentence", "rule_told", "told", "meaning")}
        # What a source says of the ties that it states is its own text, and the words fall back on that of a registered strength.
        assert used <= {"ties.given.sentence", "result.survey.given.sentence", "find_strength(name).meaning"}, file.name


def test_the_page_has_no_sentence_of_the_library(report_material, groups_page):
    parts = {part["name"]: part["said"] for part in build(report_material).values["parts"]}
    for name, found in report_material.shown.probes.items():
        assert len(parts[name]) == 5  # product, region, turning point, U test, and where others are held
        for record in (found.region.product, found.region, found.turning, found.u):
            assert not any(str(record)[:40] in said or said in str(record) for said in parts[name])
    assert "Fieller set" not in groups_page
    assert not re.search(r"\[[\d.]+, [\d.]+\]", "".join(map(" ".join, parts.values())))


# The product -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p", "told", "rest"),
    [
        (0.0004, "p < .001", f"So the slope of {TIES} depended on {STRENGTH}."),
        (0.31, "p = .31", f"So the data leave open whether the slope of {TIES} depended on {STRENGTH}."),
    ],
)
def test_the_product(probes, words, p, told, rest):
    test = replace(probes.region.product, estimate=-2.5714, std_error=0.541, p_value=p)
    assert product_words(test, *words) == f"The product of {TIES} and {STRENGTH} is −2.57 (SE 0.54, {told}). {rest}"


def test_several_products_are_tested_together(probes, words):
    terms = ("total_ties_marketing:tie_strength_marketing", "total_ties_marketing^2:tie_strength_marketing")
    said = product_words(replace(probes.region.product, terms=terms, estimate=np.nan, std_error=np.nan, p_value=0.02), *words)
    assert said.startswith("The products ")
    assert " were tested together (p = .020). So the slope " in said


def test_the_product_of_a_link_comes_with_the_second_difference(probes, words):
    names, study = words
    logit = replace(study, outcome="won", family="logit", event="yes", outcome_label="a deal won", outcome_unit=None)
    test = replace(probes.region.product, estimate=-2.7164, std_error=1.121, p_value=0.0152)
    test = replace(test, response_estimate=-0.1153, response_p_value=0.009, measured="probability of a deal won")
    assert product_words(test, names, logit) == (
        f"The product of {TIES} and {STRENGTH} is −2.7 in log odds (SE 1.1, p = .015). Averaged over the people studied, the slope one "
        f"standard deviation above the mean of {STRENGTH} less that one below it is −11.53 in percentage points (p = .009)."
    )


# Where the slope differs from zero -------------------------------------------------------------------------------------------------------


def region_of(region, kind, edges, significant, inside, share):
    """A region in n = 100 people whose data run from 0 to 1, with these edges of its stretches."""
    return replace(
        region,
        kind=kind,
        n=100,
        observed=(0.0, 1.0),
        bounds=tuple(edges[1:-1]),
        bounds_inside=inside,
        low=locked(edges[:-1]),
        high=locked(edges[1:]),
        significant=locked(significant, bool),
        share_significant=share,
    )


REGIONS = {
    "outside": ((-INFINITE, 0.051, 0.24, INFINITE), (1, 0, 1), (0.051, 0.24), 0.694, "below 0.051 or above 0.24"),
    "between": ((-INFINITE, 0.25, 0.5, INFINITE), (0, 1, 0), (0.25, 0.5), 0.31, "between 0.25 and 0.50"),
    "outside, of which one bound is in the data": ((-INFINITE, -0.4, 0.3, INFINITE), (1, 0, 1), (0.3,), 0.5, "above 0.30"),
    "between, of which one bound is in the data": ((-INFINITE, -0.4, 0.3, INFINITE), (0, 1, 0), (0.3,), 0.5, "below 0.30"),
    "outside, from the ends of the data": ((0.0, 0.1, 0.325, 1.0), (1, 0, 1), (0.1, 0.325), 0.46, "below 0.10 or above 0.33"),
}


@pytest.mark.parametrize("case", REGIONS)
def test_where_the_slope_differs_from_zero(probes, words, case):
    edges, significant, inside, share, where = REGIONS[case]
    region = region_of(probes.region, case.partition(",")[0], edges, significant, inside, share)
    assert region_words(region, *words) == (
        f"When {STRENGTH} was {where}, the slope of {TIES} differed from zero (p < .05, pointwise); {100 * share:.0f}% of these "
        "salespeople were there. The data run from 0 to 1."
    )


@pytest.mark.parametrize("kind", ["everywhere", "nowhere"])
def test_the_slope_may_differ_from_zero_everywhere_or_nowhere(probes, words, kind):
    region = region_of(probes.region, kind, (-INFINITE, INFINITE), (kind == "everywhere",), (), float(kind == "everywhere"))
    told = f"differed from zero {kind} in the data (p < .05, pointwise), where {STRENGTH} runs from 0 to 1."
    assert region_words(region, *words) == f"The slope of {TIES} {told}"


@pytest.mark.parametrize(
    ("share", "said"), [(0.04, "; fewer than 5"), (0.0, "; fewer than 5"), (0.97, "; all but fewer than 5"), (0.95, "; 95%")]
)
def test_fewer_people_than_the_floor_are_not_counted(probes, words, share, said):
    edges, significant, inside, _, _ = REGIONS["between"]
    assert f"{said} of these salespeople were there." in region_words(
        region_of(probes.region, "between", edges, significant, inside, share), *words
    )


def test_regions_of_the_expected_outcome_are_of_the_average_slope(probes, words):
    names, study = words
    logit = replace(study, outcome="won", family="logit", event="yes", outcome_label="a deal won", outcome_unit=None)
    edges, significant, inside, share, _ = REGIONS["between"]
    region = region_of(probes.region, "between", edges, significant, inside, share)
    assert f", the slope of {TIES} in log odds differed from zero" in region_words(region, names, logit)
    expected = replace(region, scale="response")
    assert f", the average slope of {TIES} in the probability of a deal won differed from zero" in region_words(expected, names, logit)


def test_the_band_leaves_out_zero_where_the_words_say(study_result, report_material, words):
    for found in report_material.shown.probes.values():
        said = region_words(found.region, *words)
        number = r"(\d[\d.]*)"
        below, above = re.search(rf"was below {number} or above {number},", said).groups()
        values = np.linspace(*study_result.probes[found.function].region.observed, 400)
        values = values[(abs(values - float(below)) > 0.01) & (abs(values - float(above)) > 0.01)]  # bounds have two digits
        band = found.region.curve(values)
        beyond = (band.conf_low > 0) | (band.conf_high < 0)
        assert beyond.tolist() == ((values < float(below)) | (values > float(above))).tolist()


# Where the curve turns -------------------------------------------------------------------------------------------------------------------


UNSURE = f"These data do not show a turning point of sales growth over {TIES}. "
INTERVALS = {
    "bounded": ((6.435, 8.496), "", "95% Fieller interval 6.43 to 8.50, delta interval 6.32 to 8.21."),
    "two_rays": ((-4.866, 7.287), UNSURE, "No 95% interval can be given: the turning point could be anywhere below −4.87 or above 7.29."),
    "whole_line": ((), UNSURE, "No 95% interval can be given."),
}


@pytest.mark.parametrize("kind", INTERVALS)
@pytest.mark.parametrize("inside", [True, False])
def test_where_the_curve_turns(probes, words, kind, inside):
    limits, before, interval = INTERVALS[kind]
    shape, article = ("U", "A U") if inside else ("inverted U", "An inverted U")
    fields = {"estimate": 7.264, "delta": (6.32, 8.208), "observed": (0.0, 20.0), "share_below": 0.847, "n": 100}
    turning = replace(probes.turning, kind=kind, fieller=limits, inside=inside, curvature=shape, **fields)
    place = "inside" if inside else "outside"
    assert turning_words(turning, *words) == (
        f"{before}{article} fitted to sales growth over {TIES} turned at 7.26 ties, {place} the data (0 to 20); 85% of these salespeople "
        f"had fewer. {interval}"
    )


@pytest.mark.parametrize(("limits", "where"), [((-INFINITE, 5.0), "above 5"), ((5.5, INFINITE), "below 5.50")])
def test_a_set_may_be_one_ray(probes, words, limits, where):
    turning = replace(probes.turning, kind="two_rays", fieller=limits)
    assert turning_words(turning, *words).endswith(f"could be anywhere {where}.")


# Whether it does -------------------------------------------------------------------------------------------------------------------------


def u_of(test, slopes, p, **fields):
    ends = {"slope": locked(slopes), "end_p_value": locked(p), "interval": (1.0, 21.0)}
    return replace(test, p_value=max(p), **{"shape": "inverted U", "trivial": False, **ends, **fields})


def test_a_curve_that_turns(probes, words):
    assert u_words(u_of(probes.u, (1.023, -1.264), (0.0004, 0.012)), *words) == (
        f"The curve over {TIES} is consistent with an inverted U (U test: p = .012). A quadratic can show this for curves that only level "
        "off: run the two-lines test. At 1 tie the curve rises (one-sided p < .001); at 21 ties the curve falls (one-sided p = .012)."
    )


def test_a_curve_that_may_not_turn(probes, words):
    assert u_words(u_of(probes.u, (-0.59, 0.116), (0.003, 0.371), shape="U"), *words) == (
        f"The curve over {TIES} does not show a U (U test: p = .37). At 1 tie the curve falls (one-sided p = .003); at 21 ties the curve "
        "rises (one-sided p = .37)."
    )


@pytest.mark.parametrize(
    ("slopes", "low", "high"),
    [((0.5, 1.203), "rises", "still rises"), ((-0.5, -1.2), "already falls", "falls"), ((0.0, -1.0), "is flat", "falls")],
)
def test_a_curve_that_turns_outside_the_data(probes, words, slopes, low, high):
    said = u_words(u_of(probes.u, slopes, (0.02, 0.768), trivial=True), *words)
    assert said == (
        f"There is no sign of an inverted U: the turning point is outside the data, so the curve over {TIES} keeps its direction. "
        f"At 1 tie the curve {low} (one-sided p = .020); at 21 ties the curve {high} (one-sided p = .77)."
    )


# What makes a tie, reasons, strengths ----------------------------------------------------------------------------------------------------


RULES = (
    tn.TieRule(),
    tn.TieRule(half_life=None, size_weight="none", max_size=None, min_interactions=1),
    tn.TieRule(size_weight="none", max_size=20, min_weeks=4, reciprocal=True),
    tn.TieRule(size_weight="pair", max_size=None, half_life="1d", reciprocal="min", channels=["mail"]),
    tn.TieRule(reciprocal="geometric", channels=["mail", "chat"], channel_weights={"mail": 0.5, "chat": 2}),
    tn.TieRule(since="2026-01-01", until="2026-06-01T09:00+00:00", as_of="2026-05-01"),
    tn.TieRule(as_of="2026-05-01T09:00+00:00"),
)


@pytest.mark.parametrize("sized", [True, False])
def test_the_rule_is_said_as_the_library_says_it(sized):
    # In English the page and the library use the same words, so that who reads one finds it in the other.
    assert [rule_words(rule, sized=sized) for rule in RULES] == [rule.told(sized=sized) for rule in RULES]


def test_every_reason_and_strength_of_the_library_has_words():
    codes = [*CODES, *REJECTED, *EXCLUDED, *DUPLICATE]
    rows = [{"code": code, "status": REASONS[code][0], "rows": 1, "meaning": None} for code in codes]
    assert {row["code"]: row["meaning"] for row in reasons_worded(rows)} == {code: REASONS[code][1] for code in codes}
    assert [strength_words(one.name) for one in STRENGTHS] == [one.meaning for one in STRENGTHS]


def test_what_became_of_rows_is_said_as_the_library_says_it():
    mails = tn.Ledger({"used": 1040, "missing_target": 2, "duplicate_event": 1, "bad_time": 3}, unit="record", interactions=95)
    for ledger in (tn.Ledger({"used": 1}), mails, mails.after({"unknown_person": 5}), tn.Ledger({"used": 0, "self_loop": 1})):
        assert ledger_words(ledger) == str(ledger)


def test_the_people_of_each_function_are_counted(study_result):
    people = study_result.people
    told = dict(one.rsplit(" ", 1) for one in roster_words(people).partition(": ")[2].split(", "))
    assert {label: int(n) for label, n in told.items()} == {
        people.labels[name]: (people.function == name).sum() for name in people.functions
    }
    assert list(map(int, told.values())) == sorted(map(int, told.values()), reverse=True)


def test_what_others_register_keeps_its_own_words(monkeypatch):
    row = {"code": "written_by_a_bot", "status": "excluded", "rows": 2, "meaning": "written by a bot"}
    assert reasons_worded([row]) == [row]
    monkeypatch.setitem(ADDED, "warmth", Strength("warmth", "warmth", "", "how warm it is", lambda tie: tie["interactions"]))
    assert strength_words("warmth") == "how warm it is"


def test_log_and_survey_compared():
    numbers = {"pearson": locked([0.1, 0.4]), "spearman": locked([-0.2, 0.513]), "auc": locked([0.4, 0.771])}
    found = TieComparison(
        feature=("interactions", "frequency"),
        **numbers,
        coefficient=locked([0.3, np.nan]),
        center=locked([0.0, 0.0]),
        scale=locked([1.0, 1.0]),
        intercept=0.5,
        r_squared=0.254,
        r_squared_loo=np.nan,
        dyads=1204,
        named=300,
        contacts=1,
    )
    first = "1,204 pairs of people who answered, 300 named in the survey and 1 with a tie in the log"
    fitted = "Calibrated on interactions: R² 0.25, not defined for pairs left out"
    best = "closest to survey strength is frequency (Spearman 0.51, AUC 0.77 for being named)"
    assert compared_words(found) == f"{first}; {best}. {fitted}"
    unknown = replace(found, spearman=locked([np.nan, np.nan]))
    assert compared_words(unknown) == f"{first}. {fitted}"
