"""The report page: complete, self-contained, and without identifiable people."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from pages import KEY
from tienet.base.errors import OutputError, SmallGroup
from tienet.study.language.reading import holds
from tienet.study.page.material import material_of, with_people
from tienet.study.page.rendering import rendered
from tienet.study.page.writing import render
from tienet.study.words.found import chip, estimates, headline, how_sure, one_more


@pytest.fixture
def page(report_page):
    return report_page


def words(page):
    """The text of the page without tags, white space folded."""
    text = re.sub(r"<style>.*?</style>|<script.*?</script>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(text).split())


def squeezed(text):
    """A text without white space and marks for bold: tags leave blanks around what they set apart."""
    return re.sub(r"\s+|\*\*", "", text)


class Balance(HTMLParser):
    """Checks that every tag is closed in order."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids = [], [], []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))


@pytest.fixture(params=["groups", "pseudonyms"])
def either(request, report_page, groups_page):
    """Both kinds of page in turn."""
    return groups_page if request.param == "groups" else report_page


def test_the_page_is_well_formed_and_fetches_nothing(either):
    parser = Balance()
    parser.feed(either)
    assert not parser.wrong
    assert not parser.open
    assert len(parser.ids) == len(set(parser.ids))
    assert "default-src &#39;none&#39;;" in either
    assert not re.search(r"(src|href)=\"(?!#)", either)
    assert re.findall(r"<script[^>]*>", either) == ['<script type="application/json" id="net-data">', "<script>"]
    assert not re.search(r"<[^>]+\s(on\w+|style)=", either)
    assert "url(" not in either
    assert len(either) < 1_000_000


def test_the_policy_lets_through_the_pages_own_script_and_style_and_nothing_else(page):
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
    assert "unsafe" not in policy
    for kind in ("style", "script"):
        (text,) = re.findall(rf"<{kind}>(.*?)</{kind}>", page, flags=re.S)
        hashed = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{hashed}';" in policy


def test_every_link_of_the_contents_leads_to_a_section_in_their_order(page):
    targets = re.findall(r'<li><a href="#([^"]+)"', page)
    expected = ["found", "limits", "pairs", "few", "network", "act", "sample", "steps", "slopes", "others", "methods", "council", "origin"]
    assert targets == expected
    assert [page.index(f'id="{target}"') for target in targets] == sorted(page.index(f'id="{target}"') for target in targets)


def test_the_page_names_nobody(either, study_result):
    people = {str(person) for person in study_result.people.person}
    for text in (words(either), either):
        assert not people & set(re.findall(r"\w+", text))


def test_no_person_is_in_the_page_unless_it_is_asked_for(groups_page, study_result):
    data, sizes = numbers(groups_page), study_result.people.frame.groupby(["function", "team"]).size()
    assert not data["people"]
    assert "w" not in data
    assert sum(data["members"]) == len(study_result.people)
    assert min(data["members"]) >= 5
    assert len(data["labels"]) <= len(sizes)
    assert "groups of 5 or more; no persons." in words(groups_page)
    assert "This report has no pseudonyms." in words(groups_page)


def test_lines_between_groups_count_their_ties(groups_page, study_result):
    """Of teams that no small one was joined to, every line is a count by hand; and no line is of fewer ties than the floor."""
    data = numbers(groups_page)
    people = study_result.people.frame.reset_index(drop=True)
    names = people["function"].map(study_result.people.labels).fillna(people["function"]) + ", " + people["team"].astype(str)
    ties = study_result.ties
    pairs = pd.Series([frozenset((names[a], names[b])) for a, b in zip(ties.a, ties.b, strict=True)]).value_counts()
    checked = 0
    for a, b, n in zip(data["a"], data["b"], data["s"], strict=True):
        assert n >= 5
        both = frozenset((data["labels"][a], data["labels"][b]))
        if both in pairs.index:
            assert pairs[both] == n
            checked += 1
    assert checked > 50
    assert data["s"] == sorted(data["s"], reverse=True)


def test_a_hidden_line_cannot_be_worked_out_from_the_ties_of_two_functions(groups_page, report_material):
    data, matrix = numbers(groups_page), report_material.shown.matrix
    place = {label: at for at, label in enumerate(matrix.labels)}
    group = [place[data["groups"][one]] for one in data["group"]]
    drawn = np.zeros_like(matrix.ties)
    for a, b, n in zip(data["a"], data["b"], data["s"], strict=True):
        f, g = sorted((group[a], group[b]))
        drawn[f, g] += n
    for f in range(len(matrix.functions)):
        for g in range(f + 1, len(matrix.functions)):
            rest = matrix.ties[f, g] - drawn[f, g]
            assert rest == 0 or rest > 5 or not drawn[f, g]  # each line not drawn can have none of it or more than the floor


def test_the_cards_say_what_the_numbers_say(page, report_material):
    text, study = squeezed(words(page)), report_material.result.study
    assert len(report_material.cards) == 2
    for card in report_material.cards:
        (shown,) = re.findall(rf'data-finding="{card.function}">(.*?)</p>', page, flags=re.S)
        assert squeezed(words(shown)) == squeezed(headline(card, study))
        for sentence in (chip(card), how_sure(card, study), one_more(card, study), *(value for _, value, _ in estimates(card))):
            assert squeezed(sentence) in text
        assert f'<title id="t-{card.function}">{html.escape(card.label)}: ' in page


def test_columns_of_few_people_are_hollow_and_all_alike(page, report_material):
    for card in report_material.cards:
        (drawn,) = re.findall(rf'aria-labelledby="t-{card.function} .*?</svg>', page, flags=re.S)
        columns = re.findall(r'<rect class="(column[ few]*)" x="[\d.]+" y="[\d.]+" width="[\d.]+" height="([\d.]+)"', drawn)
        few = card.support.people < 5
        assert [kind == "column few" for kind, _ in columns] == few.tolist()
        heights = {kind: {float(height) for each, height in columns if each == kind} for kind, _ in columns}
        assert len(heights.get("column few", {3.0})) == 1
        # Heights are steps of the floor, so they do not give counts.
        assert len(heights["column"]) <= int(card.support.people.max()) // 5


def test_the_page_says_what_was_found(page, study_result):
    text = words(page)
    fit = study_result.fit
    for needed in ("What not to conclude", "Johnson-Neyman", "Fieller", "probability of 80%", "Without squares", "standard deviations"):
        assert needed in text
    assert str(study_result.ties.rule) in text
    assert f"{study_result.ties.ledger.rows_in:,}" in text
    assert f"n = {fit.n:,} in every step" in text
    for estimate in fit.estimate:
        assert f"{estimate:.3f}".replace("-", "−") in text
    for probes in study_result.probes.values():
        for bound in (*probes.region.bounds_inside, probes.turning.estimate):
            assert f"{bound:.{2 if bound >= 0.1 else 3}f}" in text  # two digits of a small number
        for end in probes.u.interval:
            assert re.search(rf"at {end:.0f} ties? the curve ", text, re.IGNORECASE)  # ties are whole
    assert "tie_strength" not in text  # columns are named in words


def test_a_section_without_data_is_named_where_the_data_are_told(page):
    (sample,) = re.findall(r'<details id="sample">.*?</details>', page, flags=re.S)
    assert 'id="handoffs"' not in page
    assert "Hand-off times are not here: the log has no thread." in words(sample)


def test_no_function_of_the_package_is_named_to_readers(page, study_result):
    assert any("run the two-lines test, two_lines(...)" in str(probes.u) for probes in study_result.probes.values())
    assert "two_lines" not in page
    assert "run the two-lines test" in words(page)


def rule_table(page, label):
    """The cells of the table of tie rules toward a function, by rule."""
    (body,) = re.findall(rf"<caption>Ties to {label}</caption>.*?<tbody>(.*?)</tbody>", page, flags=re.S)
    lines = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line) for line in re.findall(r"<tr>.*?</tr>", body)]
    return {rule: cells for rule, *cells in lines}


def test_other_tie_rules_are_told_for_each_function(page, study_result):
    log, people = study_result.log, study_result.people
    for place, name in enumerate(study_result.probes):
        table = rule_table(page, study_result.label(name))
        assert list(table) == [
            "As in this study: at least 3 interactions, half-life 90 days",
            "Ties from 2 interactions",
            "Ties from 5 interactions",
            "Half-life of 30 days",
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
        assert table["No half-life"][:4] == table["Half-life of 30 days"][:4] == [*next(iter(table.values()))[:3], "1.00"]


def test_each_other_analysis_has_a_row(page, report_material):
    (body,) = re.findall(r"<caption>Difference between the slopes.*?<tbody>(.*?)</tbody>", page, flags=re.S)
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>', body)
    names = [one.name for one in report_material.cards[0].others]
    assert rows[0] == "This study"
    assert [html.unescape(row).lower() for row in rows[1:]] == [name.lower() for name in names]


def study_of(firm, people, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"log": firm.log, "people": people, "outcomes": firm.outcomes, "no_ties": "drop", **more}
        return tn.Study(**options).run()


def test_a_log_without_times_is_not_asked_for_half_lives(firm):
    log = tn.read_log(firm.log.frame.drop(columns="time"))
    rule = tn.TieRule(min_interactions=4, half_life=None)
    result = study_of(firm, firm.people, log=log, functions=["marketing"], rule=rule, strength="interactions")
    page = render(result)
    assert "The log has no times, so half-lives were not varied." in words(page)
    assert "Hand-off times are not here: the log has no times." in words(page)
    assert list(rule_table(page, "Marketing")) == [
        "As in this study: at least 4 interactions",
        *(f"Ties from {n} interactions" for n in (2, 3, 5)),
    ]


def test_hostile_labels_stay_text(firm):
    label = 'Marketing <script>alert("x")</script> $\\alpha$'
    people = firm.people.frame
    people["function"] = [label if name == "marketing" else name for name in people["function"]]
    page = render(study_of(firm, people, functions=[label], title='</style><script>alert(1)</script>"; } body { display: none }'))
    assert "<script>alert" not in page
    assert page.count("<script") == 2
    assert page.count("</style>") == 1
    assert "&lt;script&gt;" in page


def test_a_page_that_cannot_be_written(study_result, tmp_path, monkeypatch):
    monkeypatch.setattr("tienet.study.page.writing.render", lambda *_, **__: "the page")
    with pytest.raises(OutputError, match="cannot write"):
        study_result.report(tmp_path / "none" / "report.html")


def test_the_same_study_writes_the_same_bytes(report_material, study_result, page):
    again = rendered(with_people(replace(report_material, key=b"\0" * 32), people="pseudonyms", key=KEY))
    assert again == page
    study = replace(study_result.study, people_shown="pseudonyms", key=KEY)
    assert rendered(with_people(replace(report_material, result=replace(study_result, study=study)), people=None, key=None)) == page


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


def test_without_a_script_every_tie_is_drawn_in_the_picture(page, study_result):
    """Each line of the paths joins the places of two people with a tie."""
    data = numbers(page)
    (drawn,) = re.findall(r'<g class="ties">(.*?)</g>', page, flags=re.S)
    lines = re.findall(r"M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)", drawn)
    assert len(lines) == len(study_result.ties)
    rounded = [(f"{x:.0f}", f"{y:.0f}") for x, y in zip(data["x"], data["y"], strict=True)]
    expected = sorted((*rounded[a], *rounded[b]) for a, b in zip(data["a"], data["b"], strict=True))
    assert sorted(lines) == expected
    kept = [one for one in re.findall(r'class="f\d g\d (s\d)" d="([^"]+)"', drawn) if one[0] in ("s0", "s1")]
    first = sum(path.count("M") for _, path in kept)
    assert f"Drawn are the {first:,} strongest of {len(study_result.ties):,} ties" in words(page)


def test_the_periods_add_up_to_all_interactions(page):
    data = numbers(page)
    assert len(data["w"]) == len(data["windows"]) == 12
    for whole, *parts in zip(data["n"], *data["w"], strict=True):
        assert sum(parts) == pytest.approx(whole, abs=1e-9)  # one interaction a row in this log, so nothing is rounded


def test_other_pages_have_other_pseudonyms_and_names_only_where_asked(report_material, page):
    assert numbers(rendered(with_people(report_material, people="pseudonyms", key=None)))["x"] != numbers(page)["x"]
    named = rendered(with_people(report_material, people="names", key=None))
    assert set(numbers(named)["labels"]) == {str(person) for person in report_material.result.people.person}
    assert "by name, because names were requested" in words(named)


def test_attributes_are_shown_only_in_cells_of_at_least_the_floor(firm):
    people = firm.people.frame
    few = people.index[people["function"] == "finance"][:3]
    people["region"] = people["region"].astype(object)
    people.loc[few, "region"] = "Island"
    people["code"] = [f"c{at}" for at in range(len(people))]
    result = study_of(firm, people, functions=["marketing"], show=["region", "code"], people_shown="pseudonyms")
    material = with_people(material_of(result), people=None, key=KEY)
    page = rendered(material)
    (offered,) = numbers(page)["attributes"]
    cells = pd.crosstab(numbers(page)["group"], offered["codes"]).to_numpy()
    assert "Island" not in offered["values"]
    assert "other" in offered["values"]
    assert ((cells == 0) | (cells >= 5)).all()
    assert "Code is not offered: too many values are held by fewer than 5 people of a function." in words(page)
    grouped = numbers(rendered(with_people(material, people="groups", key=None)))
    assert min(grouped["members"]) >= 5
    assert sum(grouped["members"]) == len(people)
    assert grouped["attributes"][0]["values"] == offered["values"]


def test_people_of_small_functions_are_not_shown(firm):
    people = firm.people.frame
    at = people.index[people["function"] == "finance"][:3]
    people.loc[at, "function"] = "Board"
    result = study_of(firm, people, functions=["marketing"], retention="until 2027-01-31, then deleted", people_shown="pseudonyms")
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


def test_above_five_hundred_people_only_groups_are_shown(firm):
    people = firm.people.frame
    more = people.iloc[:0].reindex(range(260)).assign(person=[f"extra{at}" for at in range(260)], function="depot")
    result = study_of(firm, pd.concat([people.drop(columns="team"), more]), functions=["marketing"], people_shown="pseudonyms")
    page = render(result, key=KEY)
    data = numbers(page)
    assert not data["people"]
    assert "Above 500 people, groups are shown instead of persons." in words(page)
    assert len(data["labels"]) == len(result.people.functions)
    matrix = tn.function_matrix(result.ties)
    for a, b, n in zip(data["a"], data["b"], data["s"], strict=True):
        assert matrix.ties[a, b] == n >= 5


def test_where_every_function_is_too_small_nobody_is_drawn(study_result):
    result = replace(study_result, study=replace(study_result.study, floor=1000))
    material = material_of(result)
    page = rendered(with_people(material, people="pseudonyms", key=KEY))
    assert numbers(page)["labels"] == numbers(page)["a"] == []
    assert f"Not shown: {len(study_result.people)} people in functions with too few people." in words(page)
    assert numbers(rendered(with_people(material, people="groups", key=None)))["a"] == []


def test_the_smallest_and_the_largest_value_are_one_persons_and_not_told(page, study_result):
    (head,) = re.findall(
        r"Means, standard deviations and correlations.*?<thead>(.*?)</thead>", page[page.index('id="sample"') :], flags=re.S
    )
    assert re.findall(r"<th[^>]*>([A-Z]\w+)</th>", head) == ["Variable", "Mean", "SD"]
    ends = (f"{end(study_result.fit.sample.response):.2f}" for end in (min, max))
    assert not [end for end in ends if end in re.findall(r"[\d.]+", words(page))]


def test_groups_below_the_floor_are_warned_of_and_stand_on_the_page(firm, study_result):
    people = firm.people.frame
    few = people.index[people["function"] == "sales"][:3]
    people["region"] = people["region"].astype(object)
    people.loc[few, "region"] = "Island"
    options = {"functions": ["marketing"], "controls": ["region"], "covariance": "HC1"}
    with pytest.warns(SmallGroup, match="fewer than 5 people are behind region: Island") as given:
        result = tn.Study(log=firm.log, people=people, outcomes=firm.outcomes, no_ties="drop", **options).run()
    assert not any(str(person) in str(one.message) for person in people["person"] for one in given)
    assert result.small_groups == ("region: Island",)
    assert words(render(result)).count("Fewer than 5 people are behind these numbers: region: Island.") == 2  # for analysts and council
    large = replace(study_result, study=replace(study_result.study, floor=1000))
    assert study_result.small_groups == ()
    assert {"ties to Marketing", "region: North", "region: South", "region: West"} <= set(large.small_groups)


def test_counts_of_people_cannot_be_read_into_one_another(page, study_result):
    without = study_result.cases.no_ties

    def count(n):
        return "Fewer than 5" if n < 5 else str(n)

    left = "".join(f"{count(n)} without any tie to {study_result.label(name)}. " for name, n in without.items() if n)
    assert f"{study_result.cases.egos} people in Sales. {left}{study_result.fit.n} people in the model" in words(page)
    assert "for each function, with tenure and region as controls" in words(page)
    assert words(page).count("centred at their means") == 2


def test_more_functions_than_four_are_a_table_and_their_figures_follow(firm):
    functions = ["marketing", "customer_service", "product", "finance", "operations"]
    page = render(study_of(firm, firm.people, functions=functions))
    assert 'class="cards' not in page[: page.index('id="limits"')]
    assert re.findall(r'data-finding="(\w+)"', page) == functions
    figures = page[page.index('<section id="figures"') : page.index('<section id="pairs"')]
    assert figures.count("<svg") == 5


@pytest.mark.parametrize("others", [["marketing"], ["marketing", "customer_service"]])
def test_a_study_of_few_functions_leaves_out_what_it_cannot_ask(firm, others):
    people = firm.people.frame
    page = render(study_of(firm, people[people["function"].isin(["sales", *others])], functions=["marketing"]))
    assert 'id="pairs"' not in page
    assert "Thinly connected functions are not here: with fewer than four functions" in words(page)
    assert page.count('class="card"') == 1


def test_labels_and_units_of_the_study_are_on_the_page(report_material, study_result):
    study = replace(study_result.study, outcome_label="sales growth", outcome_unit="percentage points", labels={"tenure": "tenure (years)"})
    page = rendered(with_people(replace(report_material, result=replace(study_result, study=study)), people=None, key=None))
    for needed in ("Expected sales growth (%)", "Sales growth per additional tie, in percentage points", "Tenure (years)"):
        assert needed in page


def test_every_sentence_that_is_asked_for_is_in_the_file():
    """A key in a template or module that the file lacks would only show where its section is drawn."""
    from importlib.resources import files

    root = files("tienet.study.page")
    asked = set()
    for folder in (root, root / "sections", root / "drawings", root / "network", root / "templates", root / "templates" / "sections"):
        for path in folder.iterdir():
            if path.name.endswith((".py", ".html", ".svg")):
                asked |= set(re.findall(r"""\bsay\(\s*["'](page\.[\w.]+)["']""", path.read_text(encoding="utf-8")))
    assert len(asked) > 100
    assert [key for key in sorted(asked) if not holds(key)] == []
