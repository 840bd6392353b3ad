"""Invalid arguments of network functions: a one-line error without anyone's id, never a traceback from numpy or pandas."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, TienetError

IDS = ["zzann", "zzbob", "zzcat", "zzdan", "zzeve"]
RULE = tn.TieRule(min_interactions=1)
TABLE = {
    "time": ["2025-01-01", "2025-01-02", "2025-02-10", "2025-02-11", "2025-02-12", "2025-02-13"],
    "source": [IDS[place] for place in (0, 1, 0, 2, 3, 0)],
    "target": [IDS[place] for place in (1, 0, 1, 0, 0, 3)],
}
ROSTER = {"person": IDS, "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]}
ANSWERS = {
    "respondent": IDS,
    "colleague": [IDS[place] for place in (1, 0, 1, 0, 0)],
    "closeness": [5, 4, 1, 3, 2],
    "warmth": [4, 4, 2, 1, 2],
}
LOG, PEOPLE = tn.read_log(TABLE), tn.read_people(ROSTER)
TIES = tn.build_ties(LOG, PEOPLE, rule=RULE)
SURVEY = tn.read_survey(ANSWERS, PEOPLE, items=["closeness", "warmth"], scale=(1, 5), design="name_generator")
MAIL = tn.read_log({**TABLE, "event": [f"e{place}" for place in range(6)], "reply_to": [None, "e0", None, None, None, None]})
TRUTH = tn.simulate_firm(60, seed=2).truth

# Every argument of every function, with a value that works.
CALLS: tuple[tuple[Callable[..., Any], dict[str, Any]], ...] = (
    (tn.build_ties, {"log": LOG, "people": PEOPLE, "rule": RULE, "exclude": None}),
    (tn.TieRule, {name: getattr(tn.TieRule(), name) for name in tn.TieRule.__dataclass_fields__}),
    (
        tn.read_log,
        {"data": TABLE, "columns": None, "time_format": None, "timezone": "UTC", "ids": "exact", "max_people": 250}
        | dict.fromkeys(("separator", "decimal", "skip", "delimiter", "encoding", "memory_limit", "spill", "progress")),
    ),
    (tn.read_people, {"data": ROSTER, "columns": None, "aliases": None, "delimiter": None, "encoding": None}),
    (
        tn.read_survey,
        {"data": ANSWERS, "people": PEOPLE, "columns": None, "items": ["closeness", "warmth"], "shape": "long", "scale": (1, 5)}
        | {"reverse": (), "threshold": None, "design": "roster", "reciprocal": False, "ids": "exact", "delimiter": None, "encoding": None},
    ),
    (tn.measure_egos, {"ties": TIES, "of": "sales", "toward": None, "strength": "frequency", "include": ()}),
    (
        tn.measure_panel,
        {"log": LOG, "people": PEOPLE, "of": "sales", "toward": None, "rule": RULE, "strength": "frequency"}
        | {"every": "10d", "window": "20d", "kind": "rolling", "split": None, "exclude": None},
    ),
    (tn.function_matrix, {"ties": TIES, "strength": "strength"}),
    (tn.network.measures.structural_holes, {"ties": TIES, "weight": "strength", "directed": False, "scope": "whole"}),
    (tn.network.measures.diversity, {"ties": TIES, "functions": None, "by": "ties", "direction": "both"}),
    (tn.network.measures.brokerage, {"ties": TIES, "directed": True, "min_interactions": None}),
    (tn.network.measures.exclusive_intermediaries, {"ties": TIES, "of": "sales", "toward": ["marketing"]}),
    (tn.network.measures.centrality, {"ties": TIES, "length": "inverse", "sample_above": 2000, "seed": 0}),
    (tn.network.measures.ego_network, {"ties": TIES, "ego": IDS[0]}),
    (tn.network.measures.ei_permutation, {"ties": TIES, "draws": 9, "seed": 0}),
    (tn.network.measures.handoffs, {"ties": TIES, "between": ("sales", "marketing"), "through": "anyone"}),
    (tn.network.measures.expected_ties, {"ties": TIES, "draws": 9, "seed": 0, "floor": 1, "like": None}),
    (tn.network.measures.dependence, {"ties": TIES, "of": "sales", "floor": 1, "mark": 0.1}),
    (
        tn.network.measures.handoff_times,
        {"log": MAIL, "ties": TIES, "of": "sales", "working_hours": ("09:00", "17:00"), "days": "Mon-Fri", "holidays": (), "wait": 3}
        | {"least": 1, "floor": 1},
    ),
    (tn.network.measures.network_summary, {"ties": TIES}),
    (
        tn.network.measures.tie_rule_sensitivity,
        {"log": LOG, "people": PEOPLE, "of": "sales", "toward": None, "base": RULE, "rules": [tn.TieRule()], "grid": None}
        | {"strength": "frequency", "exclude": None},
    ),
    (
        tn.network.exchange.from_networkx,
        {"graph": nx.Graph([IDS[:2]]), "people": PEOPLE, "function": "function", "weight": "weight", "rule": None},
    ),
    (tn.network.exchange.node_frame, {"ties": TIES}),
    (tn.network.exchange.write_graphml, {"ties": TIES, "path": "/nowhere/at/all/ties.graphml"}),
    (tn.network.survey.compare_ties, {"log_ties": TIES, "survey_ties": SURVEY}),
    (tn.network.survey.calibrated, {"log_ties": TIES, "comparison": tn.network.survey.compare_ties(TIES, SURVEY)}),
    (tn.network.survey.reliability, {"answers": [[1, 2], [3, 3], [2, 3]], "items": ["a", "b"]}),
    (tn.network.privacy.merge_small, {"ties": TIES, "floor": 5}),
    (tn.network.privacy.suppress, {"matrix": tn.function_matrix(TIES), "floor": 5, "told": (), "sums": (), "hide": None, "margins": True}),
    (tn.network.privacy.pseudonyms, {"people": PEOPLE, "key": bytes(32)}),
    (tn.simulate_firm, {"n_people": 60, "seed": 1, "coefficients": None, "noise": 1.5}),
    (TIES.adjacency, {"weight": "strength", "of": None}),
    (TIES.to_networkx, {"directed": False}),
    (PEOPLE.holders, {"function": "sales"}),
    (PEOPLE.codes, {"ids": IDS}),
    (PEOPLE.without, {"ids": IDS[:1]}),
    (LOG.ledger.total, {"status": "used"}),
    (TRUTH.at, {"centers": {}}),
)
ODD = (
    *(None, "x", -1, float("nan"), [], {}, object(), np.array([1, 2]), pd.DataFrame({"who": IDS})),
    *(True, [1], b"x", 1j, 10**400, {1: 2}, [["x"]], Path("/nowhere/at/all"), type),
)
SLOW = (tn.simulate_firm, tn.measure_panel, tn.network.measures.tie_rule_sensitivity, tn.read_log)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A name that is given as a path may be written to."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("call", "works"), CALLS, ids=[call.__name__ for call, _ in CALLS])
def test_one_wrong_argument_at_a_time_is_one_line_or_none(call: Callable[..., Any], works: dict[str, Any]) -> None:
    assert set(inspect.signature(call).parameters) == set(works)
    for name in works:
        for wrong in ODD[:5] if call in SLOW else ODD:
            said = _said(call, {**works, name: wrong})
            assert "\n" not in said
            assert len(said) < 400
            assert "zz" not in said, (name, wrong)


def _said(call: Callable[..., Any], arguments: dict[str, Any]) -> str:
    """What a refusal says; nothing where the argument will do."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", tn.base.errors.TienetWarning)
            call(**arguments)
    except TienetError as problem:
        return str(problem)
    return ""


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tn.measure_egos(PEOPLE, of="sales"), "ties must be of type Ties, as returned by build_ties; got a People"),
        (lambda: tn.build_ties(TABLE, PEOPLE), "log must be of type InteractionLog, as returned by read_log; got a dict"),
        (lambda: tn.network.privacy.suppress(TIES), "matrix must be of type FunctionMatrix, as returned by function_matrix; got a Ties"),
        (
            lambda: tn.measure_egos(TIES, of="sales", toward="marketing"),
            "toward must be a list of names, such as ['marketing']; got 'marketing'",
        ),
        (lambda: tn.measure_egos(TIES, of=3), "a function must be a string; got 3"),
        (lambda: tn.network.measures.centrality(TIES, seed=-1), "seed must be a whole number of at least 0, or a numpy Generator; got -1"),
        (lambda: tn.network.measures.structural_holes(TIES, scope=[]), "scope must be one of 'whole', 'ego'; got a list"),
        (lambda: tn.TieRule(half_life="soon"), "half_life must be a duration, hours, days or weeks as '12h', '90d' or '6w'; got 'soon'"),
        (lambda: tn.read_log(TABLE, columns="source"), "columns must be a mapping with names as keys, such as {'x': ...}; got 'source'"),
    ],
)
def test_what_is_said(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(ArgumentError) as found:
        call()
    assert words in str(found.value)


def test_numbers_of_numpy_make_the_same_rule() -> None:
    rule = tn.TieRule(min_interactions=np.int64(2), max_size=np.int32(9), min_weeks=np.int64(1), half_life=np.float64(30))
    assert rule == tn.TieRule(min_interactions=2, max_size=9, min_weeks=1, half_life=30.0)
    assert "np." not in repr(rule)


def test_nobody_stands_in_the_sentence_or_the_repr_of_anything() -> None:
    """Everything that a study of the network makes, and whatever those hold that the library made."""
    made = [
        LOG,
        PEOPLE,
        TIES,
        SURVEY,
        LOG.ledger,
        tn.network.privacy.merge_small(TIES),
        tn.network.survey.calibrated(TIES, tn.network.survey.compare_ties(TIES, SURVEY)),
    ]
    made += [
        call(**works)
        for call, works in CALLS
        if call in (tn.measure_egos, tn.measure_panel, tn.network.measures.tie_rule_sensitivity, tn.network.measures.handoffs)
        or call in (tn.network.measures.expected_ties, tn.network.measures.dependence, tn.network.measures.handoff_times)
    ]
    made += [
        make(TIES)
        for make in (
            tn.function_matrix,
            tn.network.measures.structural_holes,
            tn.network.measures.diversity,
            tn.network.measures.brokerage,
            tn.network.measures.centrality,
            tn.network.measures.network_summary,
        )
    ]
    made += [
        tn.network.measures.ego_network(TIES, IDS[0]),
        tn.network.measures.exclusive_intermediaries(TIES, of="sales", toward=["marketing"]),
        tn.network.survey.reliability(SURVEY),
    ]
    for one in made:
        parts = [one, *(getattr(one, field.name) for field in fields(one))]
        for part in parts:
            if is_dataclass(part) and type(part).__module__.startswith("tienet"):
                assert "zz" not in f"{part!s} {part!r} {getattr(part, '_repr_html_', str)()}", type(part)


@pytest.mark.parametrize(
    ("module", "name"), [("network.ties.pairs", "Roster"), ("network.survey._scales", "RawAnswers"), ("base.small_table", "SmallTable")]
)
def test_what_holds_ids_on_the_way_does_not_print_them(module: str, name: str) -> None:
    kind = getattr(import_module(f"tienet.{module}"), name)
    assert "zz" not in repr(kind(*[IDS] * len(fields(kind))))


def test_an_engine_that_stumbles_over_an_id_does_not_name_it() -> None:
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.connect().sql("select cast(name as integer) as source, 2 as target from (values ('zzann')) as rows(name)")
    with pytest.raises(DataError) as found:
        tn.read_log(relation)
    assert "zz" not in str(found.value)


def test_a_survey_table_offers_no_column_that_may_bear_an_id() -> None:
    wide = {"who": IDS[:1], "closeness_zzbob": [3], "clseness_zzcat": [4]}
    with pytest.raises(DataError, match="has no column 'respondent'; name it with columns=") as found:
        tn.read_survey(wide, PEOPLE, shape="wide", items=["closeness"], scale=(1, 5))
    assert "zz" not in str(found.value)
