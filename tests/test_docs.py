"""Every public name has a docstring with an example, and every column is in the glossary."""

from __future__ import annotations

import ast
import inspect
import re
import runpy
import tomllib
from pathlib import Path

import numpy as np
import pytest

import tienet as tn
from networks import threads
from public import PUBLIC, public
from tienet.base.errors import DataError
from tienet.base.record import Record
from tienet.output.glossary import GLOSSARY, describe

ROOT = Path(__file__).resolve().parents[1]
VERBS = [name for name in PUBLIC if inspect.isfunction(public(name))]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_docstrings(name):
    assert len(inspect.getdoc(public(name)) or "") > 40


@pytest.mark.parametrize("name", VERBS)
def test_public_functions_have_parameters_and_an_example(name):
    text = inspect.getdoc(public(name)) or ""
    if name != "plot":  # dispatches on its first argument; the drawings document theirs
        for parameter in inspect.signature(public(name)).parameters:
            assert re.search(rf"\b{parameter}\b", text), f"{name} does not explain {parameter}"
    assert ">>>" in text or name == "read_study", f"{name} has no example"


def records(study_result):
    probes = study_result.probes["marketing"]
    ties = study_result.ties
    yield from (study_result.log, study_result.log.ledger, ties, study_result.egos, study_result.matrix, study_result.fit)
    yield from (study_result.fit.steps, study_result.fit.vif, study_result.fit.covariance)
    yield tn.regression.model.joint_test(study_result.fit, ["total_ties_marketing^2"])
    yield from (probes.slopes, probes.region, probes.turning, probes.u, probes.surface)
    yield tn.network.measures.ego_network(ties, ties.people.person[0])
    yield from (
        tn.network.measures.structural_holes(ties),
        tn.network.measures.diversity(ties),
        tn.network.measures.brokerage(ties),
        tn.network.measures.centrality(ties),
    )
    yield tn.network.measures.exclusive_intermediaries(ties, of="sales", toward=["marketing"])
    yield from (
        tn.network.measures.network_summary(ties),
        tn.network.measures.ei_permutation(ties, draws=99),
        tn.network.measures.handoffs(ties),
    )
    yield from (
        tn.network.measures.expected_ties(ties, draws=20),
        tn.network.measures.dependence(ties),
        tn.network.measures.handoff_times(*threads()),
    )
    yield tn.measure_panel(study_result.log, study_result.people, of="sales", toward=["marketing"], split="2025-04-01")
    yield tn.network.exchange.from_networkx(ties.to_networkx(), study_result.people)
    pair = {"focal": "total_ties_marketing", "moderator": "tie_strength_marketing"}
    yield from (tn.linearity_check(study_result.fit, **pair), tn.regression.checks.common_support(study_result.fit, **pair))
    yield from (
        tn.regression.checks.partial_residuals(study_result.fit, **pair),
        tn.regression.checks.influence(study_result.fit),
        tn.regression.checks.collinearity(study_result.fit),
    )
    yield from (
        tn.regression.checks.breusch_pagan(study_result.fit),
        tn.regression.checks.reset_test(study_result.fit),
        tn.regression.checks.effect_sizes(study_result.fit),
    )
    yield from (tn.regression.checks.variance_shares(study_result.fit, {"tenure": ["tenure"]}), tn.regression.checks.adjust_p([0.01, 0.04]))
    yield tn.descriptives(study_result.data, ["total_ties_marketing", "tenure"])
    yield from (tn.compare({"(1)": study_result.fit, "(2)": study_result.linear}), tn.table(probes.slopes), tn.table(ties))
    yield from printed()


def printed():
    model = tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3}, std_errors={"x": 0.1, "x:z": 0.06}, means={"z": 0}, sds={"z": 1}, n=90)
    pair = {"focal": "x", "moderator": "z"}
    yield from (model, tn.simple_slopes(model, **pair), tn.johnson_neyman(model, **pair))
    r = {("y", "a"): 0.32, ("y", "b"): 0.18, ("a", "b"): 0.25}
    yield tn.regression_from_correlations(r, n=85, outcome="y", predictors=["a", "b"])


def test_every_column_of_every_result_is_in_the_glossary(study_result):
    for record in records(study_result):
        for column in record.frame.columns:
            assert describe(column).meaning, f"{type(record).__name__}.{column}"
    for column in study_result.egos.long.columns:
        assert describe(column)


def test_every_result_has_a_sentence_and_hides_its_people(study_result):
    people = {str(person) for person in study_result.people.person}
    for record in records(study_result):
        assert isinstance(record, Record)
        for text in (str(record), repr(record), record._repr_html_()):
            assert len(text) > 20
            assert not people & set(re.findall(r"\w+", text)), type(record).__name__


def test_the_glossary_resolves_families_and_offers_names():
    assert describe("total_ties_customer_service") is GLOSSARY["total_ties_{function}"]
    with pytest.raises(DataError, match="did you mean 'frequency'"):
        describe("frequncy")


def test_the_page_of_columns_is_what_the_glossary_says():
    made = runpy.run_path(str(ROOT / "docs" / "make_columns.py"))["page"]()
    assert (ROOT / "docs" / "columns.md").read_text(encoding="utf-8") == made, "run `make columns`"
    for name in GLOSSARY:
        assert f"| `{name}` |" in made


def test_arrays_of_frozen_nouns_cannot_be_changed(study_result):
    with pytest.raises(ValueError, match="read-only"):
        study_result.ties.interactions[0] = 7
    with pytest.raises(ValueError, match="read-only"):
        study_result.fit.estimate[0] = np.nan
    with pytest.raises(AttributeError):
        study_result.ties.rule = None


def strings_of(path):
    """String constants and docstrings of a module, the text of an f-string included; comments and names are code, not sentences."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def test_no_causal_wording_in_sentences_or_docs():
    words = r"caus(es?|ed|ing)|leads? to|impacts? (of|on)|(?<!indirect )effects? of|driv(es|en by|ers? of)|boosts?|improv(es?|ed|ing)"
    causal = re.compile(rf"\b({words})\b", re.I)
    titles = re.compile("performance impact of sales cross-functional|Effects of time window size", re.I)
    kinds = (
        "src/tienet/**/*.py",
        "src/tienet/study/page/templates/**/*.*",
        "src/tienet/study/language/*.toml",
        "*.md",
        "*.cff",
        "docs/**/*.md",
        "notebooks/*.ipynb",
        "data/samples/*.md",
    )
    for path in (path for kind in kinds for path in ROOT.glob(kind) if "_build" not in path.parts):
        text = strings_of(path) if path.suffix == ".py" else path.read_text(encoding="utf-8")
        text = str(tomllib.loads(text)) if path.suffix == ".toml" else text  # without its comments
        found = causal.search(titles.sub("", text))
        assert not found, f"{path.name}: {found}"


def blocks(language):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.strip().split("\n")[0][:30])
def test_the_code_of_the_readme_runs_as_written(code, tmp_path, monkeypatch, capsys):
    import matplotlib.pyplot as plt

    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    try:
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own page
    finally:
        plt.close("all")
    below = re.search(rf"{re.escape(code)}```\n\n((?:    .+\n)+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert not below or below[1].split() == capsys.readouterr().out.split()


def test_the_study_file_of_the_readme_runs_as_written(own_tables):
    (text,) = blocks("toml")
    (own_tables / "study.toml").write_text(text, encoding="utf-8")
    study_file = tn.read_study(own_tables / "study.toml")
    assert study_file.study.of == "sales"
    assert study_file.folder == own_tables / "study-results"


def test_the_page_of_study_files_names_every_key():
    from dataclasses import fields

    text = (ROOT / "docs" / "howto" / "study-file.md").read_text(encoding="utf-8")
    for noun in (tn.Study, tn.TieRule):
        for key in fields(noun):
            assert re.search(rf"\b{key.name}\b", text), key.name


def test_the_readme_is_short_and_keeps_its_two_commands():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 110
    assert [line.split("#")[0].strip() for line in lines if line.startswith("    make ")] == ["make demo", "make test"]


def test_no_column_is_explained_twice():
    from tienet.network.columns import COLUMNS as NETWORK
    from tienet.regression.columns import COLUMNS as REGRESSION

    names = [column.name for group in (*NETWORK.values(), *REGRESSION.values()) for column in group]
    assert sorted(set(names)) == sorted(names)
