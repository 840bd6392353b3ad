"""What the pages for newcomers say: numbers beside those of other programs, a table of every function, words and questions with facts."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

import models
import tienet as tn

ROOT = Path(__file__).resolve().parents[1]
DOCS, ORACLES = ROOT / "docs", ROOT / "tests" / "oracles"
sys.path.insert(0, str(DOCS / "_tools"))
from blocks import run  # noqa: E402 - the tools of the pages stand beside the pages


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def oracle(name: str, file: str = "expected.json") -> Any:
    return json.loads((ORACLES / name / file).read_text(encoding="utf-8"))


def pairs(printed: str) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Column, our numbers, theirs: of every table that a page prints with a column of both."""
    lines = [line for line in printed.splitlines() if line.strip()]
    heads = [i for i, line in enumerate(lines) if re.search(r"_(theirs|r|process)\b", line)]
    found = []
    for start in heads:
        names = lines[start].split()
        rows = [line.split()[-len(names) :] for line in lines[start + 1 :] if len(line.split()) > len(names)]
        numbers = dict(zip(names, np.array(rows, float).T, strict=True))
        for name, theirs in numbers.items():
            ours = re.sub(r"_(theirs|r|process)$", "", name)
            if ours != name:
                found.append((ours, numbers[ours], theirs))
    return found


@pytest.mark.parametrize(("name", "tables"), [("process-and-spss", 2), ("r", 12), ("other-fits", 5)])
def test_our_numbers_stand_beside_the_same_numbers_of_others(name: str, tables: int) -> None:
    shown = [found for found in (pairs(ran.printed) for ran in run(page(f"coming-from/{name}.md"), name)) if found]
    assert len(shown) == tables
    for place, found in enumerate(shown):
        # marginaleffects takes derivatives numerically: its errors of the slopes are up to 2.4% apart, which the page says
        loose = 0.025 if (name, place) == ("r", 2) else 0.0
        for column, ours, theirs in found:
            np.testing.assert_allclose(ours, theirs, atol=1.01e-4, rtol=loose, err_msg=column)


def typed(text: str) -> dict[str, list[list[float]]]:
    """Keyword -> the lists of numbers typed under it, in the order of the page."""
    found: dict[str, list[list[float]]] = {}
    for keyword, numbers in re.findall(r"(\w+)=\[([-\d., ]+)\]", text):
        found.setdefault(keyword, []).append([float(number) for number in numbers.split(",")])
    return found


def test_the_numbers_of_others_on_the_page_for_r_are_those_that_r_printed() -> None:
    cars, probing, robust, numeric = (oracle(name) for name in ("published", "probing", "covariances", "marginaleffects"))
    groups, ours = probing["categories_HC3"], [0, 1, 2, 3, 5, 4]  # R's formula has the square before the product
    tables: list[dict[str, Any]] = [
        {"estimate": cars["raw"]["coef"], "std_error": cars["raw"]["se"]},
        cars["raw"]["slopes"],
        numeric["slopes"],
        {name: np.array(numeric["predictions"][name]) for name in ("estimate", "std_error")},
        groups["slopes"],
        groups["means"],
        probing["three_way_classical"]["slopes"],
        {"statistic": [groups["joint"]["f"]], "df1": [3], "df2": [171], "p_value": [groups["joint"]["p"]]},
        {"turning_point": probing["curve_HC3"]["turning"][0]}
        | dict(zip(("estimate", "std_error"), probing["curve_HC3"]["shift"], strict=True)),
        {name: np.take(robust["hc"]["HC3"][name], ours) for name in ("estimate", "std_error", "p_value")},
        {name: np.take(robust["cr"]["CR2"][name], ours) for name in ("std_error", "df", "p_value")},
        {
            name: [robust["htz"]["5,6"][key]]
            for name, key in (("statistic", "statistic"), ("df1", "df1"), ("df2", "df2"), ("p_value", "p_value"))
        },
    ]
    calls = re.findall(r"^beside\(\n(.*?)^\)", page("coming-from/r.md"), flags=re.S | re.M)
    assert len(calls) == len(tables)
    for call, expected in zip(calls, tables, strict=True):
        for keyword, lists in typed(call).items():
            np.testing.assert_allclose(lists[0], expected[keyword], atol=6e-7, err_msg=keyword)


def test_the_numbers_of_others_on_the_page_for_other_fits_are_those_that_r_printed() -> None:
    calls = list(filter(typed, re.findall(r"^beside\(\n(.*?)^\)", page("coming-from/other-fits.md"), flags=re.S | re.M)))
    won = models.expected("logit")
    sources = (won["link_slopes_of_ties_crm0"], won["ame_ties_by_strength"]["at"], models.expected("random_slopes")["slopes_team_level_sd"])
    names = {"estimate": "est", "std_error": "se", "p_value": "p"}
    assert len(calls) == len(sources)
    for call, rows in zip(calls, sources, strict=True):
        for keyword, lists in typed(call).items():
            np.testing.assert_allclose(lists[0], [row[names[keyword]] for row in rows], atol=6e-7, err_msg=keyword)


def test_the_tables_that_r_was_run_on_are_the_same() -> None:
    here = ROOT / "data" / "samples" / "with_r"
    same = {"mtcars": "data/mtcars", "slopes": "oracles/probing/data", "teams": "oracles/covariances/data"}
    same |= {"deals": "data/models/won_deals", "climate": "data/models/teams"}
    for name, source in same.items():
        assert (here / f"{name}.csv").read_bytes() == (ROOT / "tests" / f"{source}.csv").read_bytes()


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_slopes_from_the_printed_output_of_process(number: str) -> None:
    printed = oracle("process", "printed.json")[number]
    terms = dict(printed["coefficients"])
    model = tn.PublishedModel(
        {name: value for name, value in terms.items() if name != "(Intercept)"},
        intercept=terms["(Intercept)"],
        std_errors={"x": 0.04},
        n=1000,
        center="none",
    )
    for *at, estimate in (row[: 2 if number == "1" else 3] for row in printed["slopes"]):
        held = {"m": [at[0]]} if number == "1" else {"m": [at[0]], "w": [at[1]]}
        found = tn.simple_slopes(model, focal="x", moderator="m", at=held)
        # Four digits of each coefficient went in, and a slope adds up to four of them, times at most 2.1.
        assert found.estimate[0] == pytest.approx(estimate, abs=4e-4)


def test_the_page_for_process_types_what_process_printed() -> None:
    text, printed = page("coming-from/process-and-spss.md"), oracle("process", "printed.json")["1"]
    for name in ("m", "x", "x:m"):
        assert f'"{name}": {printed["coefficients"][name]:.4f}' in text
    columns = dict(zip(("estimate", "std_error", "conf_low", "conf_high"), (1, 2, 5, 6), strict=True))
    for name, place in columns.items():
        assert f'"{name}": [{", ".join(f"{row[place]:.4f}" for row in printed["slopes"])}]' in text


def test_every_name_of_the_first_shelf_is_in_the_table_of_functions() -> None:
    named = set(re.findall(r"`tn\.(\w+)`", page("find-the-function.md")))
    assert set(tn.__all__) - {"__version__"} - named == set()
    for place in re.findall(r"`tn\.([\w.]+)`", page("find-the-function.md")):
        found: Any = tn
        for part in place.split("."):
            found = getattr(found, part)
        assert isinstance(found, ModuleType) or found.__doc__


def test_growth_is_that_of_the_same_half_a_year_before() -> None:
    (printed,) = (ran.printed for ran in run(page("howto/quarterly-sales.md"), "quarterly-sales") if ran.printed.startswith("person"))
    growth = pd.read_csv(pd.io.common.StringIO(printed), dtype={"person": str}).set_index("person")["sales_growth"]
    assert growth.to_dict() == {
        "0017": round(100 * (281250 / 255500.5 - 1), 2),
        "0023": round(100 * (184250 / 189000 - 1), 2),
        "0048": round(100 * (489000 / 415000 - 1), 2),
    }


def test_the_questions_are_answered_with_a_link_or_a_line_to_type() -> None:
    blocks = re.findall(r"^\*\*(.+?)\*\*\n(.+?)(?=\n\n|\Z)", page("faq.md"), flags=re.S | re.M)
    assert len(blocks) >= 20
    for question, answer in blocks:
        assert question[-1] in "?.", question
        assert re.search(r"\]\(|`", answer) or question.startswith(("Can I use it to judge", "Does it send")), question
        assert len(answer) < 420, question


@pytest.fixture(scope="module")
def sample() -> tn.StudyResult:
    study = tn.read_study(ROOT / "data" / "samples" / "study.toml").study
    return study.run()


def test_the_numbers_of_the_words_are_those_of_the_sample(sample: tn.StudyResult) -> None:
    egos, fit, ties = sample.egos.frame, sample.fit, sample.ties
    marketing, service = (sample.probes[name] for name in ("marketing", "customer_service"))
    terms = fit.frame.set_index("term")["estimate"]
    ei = tn.network.measures.ei_permutation(ties, draws=99)
    cells = sample.matrix.frame.set_index(["function_a", "function_b"])["ties"]
    facts = {
        "interaction": f"{sample.log.ledger.rows_in:,}",
        "people table": f"{len(sample.people.person)} people in {sample.people.frame['function'].nunique()} functions",
        "tie": f"{len(ties.frame):,}",
        "strength": f"{ties.frame['frequency'].median():.2f}",
        "ego": f"{len(egos)}",
        "total ties": f"{egos['total_ties_marketing'].mean():.2f}",
        "tie strength toward a function": f"{egos['tie_strength_marketing'].mean():.2f}",
        "no ties": f"{fit.n_dropped} are left out",
        "pair of functions": f"{cells[('marketing', 'sales')]:.0f}",
        "E-I index": f"{ei.frame['ei_index'].iloc[0]:.2f}",
        "constraint": f"{tn.network.measures.structural_holes(ties).frame['constraint'].mean():.2f}",
        "product": f"{terms['total_ties_marketing:tie_strength_marketing']:.2f}".replace("-", "−"),
        "slope": f"{marketing.slopes.estimate[1]:.2f}".replace("-", "−"),
        "weak and strong ties": f"{marketing.slopes.at[0]:.2f} and {marketing.slopes.at[2]:.2f}",
        "region": f"above {marketing.region.bounds[1]:.2f}",
        "turning point": f"{service.turning.estimate:.2f}",
        "Fieller interval": f"{service.turning.frame['fieller_low'].iloc[0]:.2f} to {service.turning.frame['fieller_high'].iloc[0]:.2f}",
        "cluster": f"there are {sample.people.frame.loc[sample.people.frame['function'].eq('sales'), 'team'].nunique()}",
        "degrees of freedom": f"here {fit.df:.0f}",
        "f²": f"With {fit.n} people this study finds {sample.detectable_f2:.2f}",
    }
    rows = dict(re.findall(r"^\| \*\*(.+?)\*\* \| (.+) \|$", page("words.md"), flags=re.M))
    assert len(rows) >= 40
    for word, fact in facts.items():
        assert fact in rows[word], f"{word}: {fact}"
