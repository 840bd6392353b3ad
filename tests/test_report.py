"""The report page: complete, self-contained, and without identifiable people."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser

import pandas as pd
import pytest

import tienet as tn
from pages import KEY
from tienet.base.errors import OutputError, SmallGroup
from tienet.study.page.writing import CLAIM, render
from tienet.study.releasing import map_ranges


@pytest.fixture
def page(report_page):
    return report_page


def words(page):
    """The text of the page without tags, white space folded."""
    import html

    text = re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(text).split())


class Balance(HTMLParser):
    """Checks that every tag is closed in order."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

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
    assert "default-src &#39;none&#39;; img-src data:;" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="net-data">', "<script>"]
    assert not re.search(r"<[^>]+\s(on\w+|style)=", page)
    assert "url(" not in page
    assert len(page) < 5_000_000


def test_the_policy_lets_through_the_pages_own_script_and_style_and_nothing_else(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, flags=re.S)
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{hashed}';" in policy


def test_every_link_of_the_contents_leads_to_a_section(page):
    targets = re.findall(r'href="#([^"]+)"', page)
    assert len(targets) >= 10
    assert all(f'id="{target}"' in page for target in targets)


def test_the_page_names_nobody(page, study_result):
    people = {str(person) for person in study_result.people.person}
    texts = [words(page), page] + [base64.b64decode(found).decode() for found in re.findall(r"base64,([^\"]+)\"", page)]
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
        for bound in (*probes.region.bounds, probes.turning.estimate):
            assert f"{bound:.3f}" in text
        for end in probes.u.interval:
            assert f" = {end:.0f} the curve " in text  # ties are whole
    assert "tie_strength" not in text  # columns are named in words


def test_each_function_has_a_map_with_a_sentence_how_to_read_it(page, study_result):
    text = words(page)
    assert text.count("Squares count people, hollow where they are few. Hatched: nobody there") == len(study_result.probes)
    assert text.count("is not advice to individuals") == len(study_result.probes)
    for name in study_result.probes:
        pair = {"focal": f"total_ties_{name}", "moderator": f"tie_strength_{name}"}
        found = tn.regression.probes.response_surface(study_result.fit, **pair, over=map_ranges(study_result, name))
        low, high = (f"{value(found.estimate[found.support]):.3f}" for value in (min, max))
        assert f"from {low} to {high} among the observations" in page  # what the picture says to those who cannot see it
    assert "Edwards, J. R. & Parry, M. E. (1993)" in text


def test_no_function_of_the_package_is_named_to_readers(page, study_result):
    assert any("run the two-lines test, two_lines(...)" in str(probes.u) for probes in study_result.probes.values())
    assert "two_lines" not in page
    assert "run the two-lines test" in words(page)


def rule_table(page, label):
    """The cells of the table of tie rules toward a function, by rule."""
    (body,) = re.findall(rf"<caption>Ties to {label}</caption>.*?<tbody>(.*?)</tbody>", page, flags=re.S)
    lines = [re.findall(r"<td>(.*?)</td>", line) for line in re.findall(r"<tr>.*?</tr>", body)]
    return {rule: cells for rule, *cells in lines}


def test_other_tie_rules_are_told_for_each_function(page, study_result):
    log, people = study_result.log, study_result.people
    for place, name in enumerate(study_result.probes):
        table = rule_table(page, study_result.label(name))
        assert list(table) == [
            "As in this study: at least 3 interactions, half-life 90 days",
            "At least 2 interactions",
            "At least 5 interactions",
            "Half-life 30 days",
            "No half-life",
        ]
        for rule, least in zip(list(table)[:3], (3, 2, 5), strict=True):
            egos = tn.measure_egos(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=least)), of="sales")
            total = pd.Series(egos.total_ties[:, egos.functions.index(name)])
            first = pd.Series(study_result.egos.total_ties[:, place])
            ties, mean, without = table[rule][:3]
            assert abs(int(ties.replace(",", "")) - len(egos.ties)) <= 2.5
            assert abs(float(mean) - total.mean()) <= 0.05  # steps of 0.1, the first round one of at least 5 ties among 90 people
            none = int((total == 0).sum())
            assert (without == "–") == (0 < none < 5)
            assert without == "–" or abs(int(without.rstrip("%")) - 100 * none / len(total)) <= 5.0
            assert table[rule][3] == f"{total.corr(first, method='spearman'):.2f}"
        assert table["No half-life"][:4] == table["Half-life 30 days"][:4] == [*next(iter(table.values()))[:3], "1.00"]


def test_a_log_without_times_is_not_asked_for_half_lives(firm):
    log = tn.read_log(firm.log.frame.drop(columns="time"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rule = tn.TieRule(min_interactions=4, half_life=None)
        result = tn.Study(
            log=log, people=firm.people, outcomes=firm.outcomes, functions=["marketing"], no_ties="drop", rule=rule, strength="interactions"
        ).run()
    page = render(result, key=KEY)
    assert "The log has no times, so half-lives were not varied." in words(page)
    assert list(rule_table(page, "Marketing")) == [
        "As in this study: at least 4 interactions",
        *(f"At least {n} interactions" for n in (2, 3, 5)),
    ]


def test_hostile_labels_stay_text(firm):
    label = 'Marketing <script>alert("x")</script> $\\alpha$'
    people = firm.people.frame
    people["function"] = [label if name == "marketing" else name for name in people["function"]]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, functions=[label], no_ties="drop")
        page = render(study.run())
    assert "<script>alert" not in page
    assert page.count("<script") == 2
    assert "&lt;script&gt;" in page


def test_a_page_that_cannot_be_written(study_result, tmp_path, monkeypatch):
    monkeypatch.setattr("tienet.study.page.writing.render", lambda *_, **__: "the page")
    with pytest.raises(OutputError, match="cannot write"):
        study_result.report(tmp_path / "none" / "report.html")


def test_the_same_study_writes_the_same_bytes(study_result, page):
    assert render(study_result, key=KEY) == page


def numbers(page):
    return json.loads(re.search(r'id="net-data">(.*?)</script>', page, flags=re.S)[1])


def test_the_picture_holds_the_ties_under_pseudonyms(page, study_result):
    data, ties = numbers(page), study_result.ties
    names = tn.network.privacy.pseudonyms(study_result.people, KEY)
    place = [data["labels"].index(name) for name in names]
    expected = {
        tuple(sorted((place[a], place[b]))): (s, n) for a, b, s, n in zip(ties.a, ties.b, ties.strength, ties.interactions, strict=True)
    }
    assert data["labels"] == sorted(names)
    assert len(data["a"]) == len(ties)
    for a, b, s, n in zip(data["a"], data["b"], data["s"], data["n"], strict=True):
        assert (s, n) == pytest.approx(expected[a, b], rel=1e-3, abs=0.05)


def test_the_periods_add_up_to_all_interactions(page):
    data = numbers(page)
    assert len(data["w"]) == len(data["windows"]) == 12
    for whole, *parts in zip(data["n"], *data["w"], strict=True):
        assert sum(parts) == pytest.approx(whole, abs=1e-9)  # one interaction a row in this log, so nothing is rounded


def test_other_pages_have_other_pseudonyms_and_names_only_where_asked(study_result, page):
    assert numbers(render(study_result))["a"] != numbers(page)["a"]
    named = render(study_result, names=True)
    assert set(numbers(named)["labels"]) == {str(person) for person in study_result.people.person}
    assert "by name, because names were requested" in words(named)


def study_of(firm, people, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, no_ties="drop", **more).run()


def test_people_of_small_functions_are_not_shown(firm):
    people = firm.people.frame
    at = people.index[people["function"] == "finance"][:3]
    people.loc[at, "function"] = "Board"
    result = study_of(firm, people, functions=["marketing"], retention="until 2027-01-31, then deleted")
    page = render(result, key=KEY)
    data = numbers(page)
    sizes = people["function"].value_counts()
    next_one = sizes.drop("Board").idxmin()
    assert len(data["labels"]) == len(people) - 3 - sizes[next_one]
    assert not any(label.startswith("Board") for label in data["labels"])
    text = words(page)
    assert "Other functions" in text
    assert f"Not shown: {3 + sizes[next_one]} people in functions with too few people." in text
    assert "until 2027-01-31, then deleted" in text


def test_above_five_hundred_people_only_functions_are_shown(firm):
    people = firm.people.frame
    more = people.iloc[:0].reindex(range(260)).assign(person=[f"extra{at}" for at in range(260)], function="depot")
    result = study_of(firm, pd.concat([people, more]), functions=["marketing"])
    data = numbers(render(result, key=KEY))
    assert not data["people"]
    assert len(data["labels"]) == len(result.people.functions)
    matrix = tn.function_matrix(result.ties)
    for a, b, n in zip(data["a"], data["b"], data["n"], strict=True):
        assert matrix.ties[a, b] == n >= 5


def test_where_every_function_is_too_small_nobody_is_drawn(study_result):
    page = render(replace(study_result, study=replace(study_result.study, floor=1000)), key=KEY)
    assert numbers(page)["labels"] == numbers(page)["a"] == []
    assert f"Not shown: {len(study_result.people)} people in functions with too few people." in words(page)


def test_the_smallest_and_the_largest_value_are_one_persons_and_not_told(page, study_result):
    (head,) = re.findall(r"variables over.*?<thead>(.*?)</thead>", page, flags=re.S)
    assert re.findall(r"<th>([A-Z]\w+)</th>", head) == ["Variable", "Mean", "SD"]
    ends = (f"{end(study_result.fit.sample.response):.2f}" for end in (min, max))
    assert not [end for end in ends if end in re.findall(r"[\d.]+", words(page))]


def test_groups_below_the_floor_are_warned_of_and_stand_on_the_sheet(firm, study_result):
    people = firm.people.frame
    few = people.index[people["function"] == "sales"][:3]
    people["region"] = people["region"].astype(object)
    people.loc[few, "region"] = "Island"
    options = {"functions": ["marketing"], "controls": ["region"], "covariance": "HC1"}
    with pytest.warns(SmallGroup, match="fewer than 5 people are behind region: Island") as told:
        result = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, no_ties="drop", **options).run()
    assert not any(str(person) in str(one.message) for person in people["person"] for one in told)
    assert result.small_groups == ("region: Island",)
    assert "Fewer than 5 people are behind these numbers: region: Island." in words(render(result, key=KEY))
    large = replace(study_result, study=replace(study_result.study, floor=1000))
    assert study_result.small_groups == ()
    assert {"ties to Marketing", "region: North", "region: South", "region: West"} <= set(large.small_groups)


def test_counts_of_people_cannot_be_read_into_one_another(page, study_result):
    without = study_result.cases.no_ties
    told = {name: "Fewer than 5" if 0 < count < 5 else str(count) for name, count in without.items()}
    left = "".join(f"{told[name]} without any tie to {study_result.label(name)}. " for name, count in without.items() if count)
    assert f"{study_result.cases.egos} people in Sales. {left}{study_result.fit.n} people in the model" in words(page)
    assert "for each function, with tenure and region as controls" in words(page)
    assert words(page).count("centred at their means") == 2
