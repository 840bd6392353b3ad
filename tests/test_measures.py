from __future__ import annotations

from datetime import datetime, timedelta

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import same, to_columns, to_rows
from tienet.base.errors import ArgumentError, DataError

T0 = datetime(2025, 1, 6)
PEOPLE = [f"p{place}" for place in range(9)]
FUNCTIONS = ["Sales", "Sales", "Sales", "Marketing", "Marketing", "Customer Service", "Customer Service", "Ops", "Ops"]
ROSTER = {"person": PEOPLE, "function": FUNCTIONS}
RULE = tn.TieRule(min_interactions=1, half_life="20d", max_size=None)
COUNTED = tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)
SNAKE = {"Sales": "sales", "Marketing": "marketing", "Customer Service": "customer_service", "Ops": "ops"}


def random_log(seed=3, rows=120) -> dict[str, list]:
    """Interactions among p0 ... p7; p8 stays alone, and p2 speaks to nobody in marketing."""
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, 8, rows), rng.integers(0, 8, rows)
    kept = (source != target) & ~((source == 2) & np.isin(target, (3, 4))) & ~((target == 2) & np.isin(source, (3, 4)))
    days = rng.uniform(0, 60, rows)
    return {
        "time": [T0 + timedelta(seconds=int(day * 86_400)) for day in days[kept]],
        "source": [PEOPLE[place] for place in source[kept]],
        "target": [PEOPLE[place] for place in target[kept]],
        "size": rng.integers(2, 6, rows)[kept].tolist(),
    }


def ties_of(log=None, rule=RULE, roster=ROSTER) -> tn.Ties:
    return tn.build_ties(tn.read_log(log or random_log()), tn.read_people(roster), rule=rule)


def test_every_input_gives_the_same_measures_and_the_callers_kind_of_frame(make_frame):
    ties = tn.build_ties(tn.read_log(make_frame(random_log(), "log")), tn.read_people(make_frame(ROSTER, "people")), rule=RULE)
    egos = tn.measure_egos(ties, of="sales")
    assert all(isinstance(frame, make_frame.given_back) for frame in (egos.frame, egos.long, tn.function_matrix(ties).frame))
    assert same(to_rows(egos.frame), to_rows(tn.measure_egos(ties_of(), of="sales").frame))


@pytest.mark.parametrize("strength", ["frequency", "interactions", "reciprocity", "regularity", "strength"])
def test_total_ties_and_mean_strength_against_the_networkx_graph(strength):
    ties = ties_of()
    egos = tn.measure_egos(ties, of="Sales", strength=strength)
    graph = ties.to_networkx()
    assert egos.functions == ("customer_service", "marketing", "ops")
    assert egos.ego.tolist() == PEOPLE[:3]
    for row in to_rows(egos.frame):
        for function in egos.functions:
            values = [data[strength] for _, alter, data in graph.edges(row["ego"], data=True) if graph.nodes[alter]["function"] == function]
            assert row[f"total_ties_{function}"] == len(values)
            if values:
                assert row[f"tie_strength_{function}"] == pytest.approx(np.mean(values), rel=1e-12)
            else:
                assert row[f"tie_strength_{function}"] is None
    assert to_rows(egos.frame)[2]["total_ties_marketing"] == 0


def test_composite_is_the_mean_of_three_standard_scores():
    ties = ties_of()
    frame = ties.frame
    # Both ends of every tie, worked out with pandas alone.
    ends = pd.concat([frame.assign(ego=frame["a"], alter=frame["b"]), frame.assign(ego=frame["b"], alter=frame["a"])], ignore_index=True)
    ends["importance"] = ends["interactions"] / ends.groupby("ego")["interactions"].transform("sum")
    ends["closeness"] = (ends["reciprocity"] + ends["regularity"]) / 2
    parts = ends[["frequency", "importance", "closeness"]]
    ends["composite"] = ((parts - parts.mean()) / parts.std(ddof=1)).mean(axis=1)
    ends["function"] = ends["alter"].map({person: SNAKE[label] for person, label in zip(PEOPLE, FUNCTIONS, strict=True)})
    means = ends.groupby(["ego", "function"])["composite"].mean()
    egos = tn.measure_egos(ties, of="sales", toward=["ops", "customer_service", "marketing"], strength="composite")
    for row in to_rows(egos.long):
        if row["total_ties"]:
            assert row["tie_strength"] == pytest.approx(means[row["ego"], row["function"]], rel=1e-9)
        else:
            assert row["tie_strength"] is None
    assert ends["composite"].mean() == pytest.approx(0, abs=1e-12)


def test_composite_where_nothing_varies_is_zero():
    log = {"time": [T0, T0, T0, T0], "source": ["p0", "p3", "p1", "p4"], "target": ["p3", "p0", "p4", "p1"]}
    egos = tn.measure_egos(ties_of(log), of="sales", toward=["marketing"], strength="composite")
    assert to_columns(egos.frame)["tie_strength_marketing"] == [0.0, 0.0, None]


def test_no_ties_is_zero_and_their_strength_is_missing():
    log = {"source": ["p0", "p1"], "target": ["p3", "p7"]}
    egos = tn.measure_egos(ties_of(log, COUNTED), of="sales", strength="interactions")
    assert to_columns(egos.frame) == {
        "ego": ["p0", "p1", "p2"],
        "total_ties_customer_service": [0, 0, 0],
        "tie_strength_customer_service": [None, None, None],
        "total_ties_marketing": [1, 0, 0],
        "tie_strength_marketing": [1.0, None, None],
        "total_ties_ops": [0, 1, 0],
        "tie_strength_ops": [None, 1.0, None],
    }
    assert to_columns(egos.long)["total_ties"] == [0, 1, 0, 0, 0, 1, 0, 0, 0]
    assert str(egos).startswith(
        "3 egos in sales; tie strength is interactions; toward customer_service: 0.00 ties on average, 3 without any"
    )


def test_ties_below_the_rule_are_no_ties_for_any_ego():
    egos = tn.measure_egos(ties_of(rule=tn.TieRule(min_interactions=1000)), of="sales")
    assert (egos.total_ties == 0).all()
    assert np.isnan(egos.tie_strength).all()


@given(st.integers(0, 10_000), st.integers(5, 60))
def test_sums_of_ties_over_everybody(seed, rows):
    log = random_log(seed, rows)
    if not log["source"]:
        return
    ties = ties_of(log, COUNTED)
    names = list(SNAKE.values())
    totals = [tn.measure_egos(ties, of=name, toward=names, strength="interactions") for name in names]
    assert sum(int(egos.total_ties.sum()) for egos in totals) == 2 * len(ties)
    strength = sum(float(np.nansum(egos.tie_strength * egos.total_ties)) for egos in totals)
    assert strength == pytest.approx(2 * ties.interactions.sum(), rel=1e-12)
    matrix = tn.function_matrix(ties)
    assert np.triu(matrix.ties).sum() == len(ties)
    assert (matrix.ties == matrix.ties.T).all()


def test_the_order_of_the_roster_only_orders_the_rows():
    order = [4, 2, 8, 0, 6, 1, 7, 3, 5]
    roster = {name: [values[place] for place in order] for name, values in ROSTER.items()}
    for strength in ("frequency", "composite"):
        plain = {row["ego"]: row for row in to_rows(tn.measure_egos(ties_of(), of="sales", strength=strength).frame)}
        for row in to_rows(tn.measure_egos(ties_of(roster=roster), of="sales", strength=strength).frame):
            assert same([row], [plain[row["ego"]]])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"of": "sale"}, "no one in the people table holds the function 'sale'; did you mean 'sales'?"),
        ({"of": "sales", "toward": ["Customer Servce"]}, "did you mean 'customer_service'?"),
        ({"of": "sales", "toward": []}, "there is no function to count ties to besides 'sales'"),
        ({"of": "sales", "toward": ["ops", "OPS"]}, "toward names a function twice: ops, ops"),
        ({"of": "sales", "strength": "frequenzy"}, "strength='frequenzy' is not known; did you mean 'frequency'?"),
        ({"of": "sales", "strength": "a_to_b"}, "strength='a_to_b' is not known"),
    ],
)
def test_measures_refuse_with_the_closest_name(options, message):
    with pytest.raises(ArgumentError) as caught:
        tn.measure_egos(ties_of(), **options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("strength", ["frequency", "regularity", "composite", "channels"])
def test_a_log_without_times_cannot_tell_frequency(strength):
    with pytest.raises(DataError, match="use strength='interactions'"):
        tn.measure_egos(ties_of({"source": ["p0"], "target": ["p3"]}, COUNTED), of="sales", strength=strength)


# Function by function


def test_the_matrix_against_networkx_per_pair_of_functions():
    ties = ties_of()
    matrix = tn.function_matrix(ties)
    graph, directed = ties.to_networkx(), ties.to_networkx(directed=True)
    assert matrix.functions == ("customer_service", "marketing", "ops", "sales")
    assert matrix.labels == ("Customer Service", "Marketing", "Ops", "Sales")
    for row in to_rows(matrix.frame):
        f, g = row["function_a"], row["function_b"]
        of = {name: [person for person, function in graph.nodes(data="function") if function == name] for name in (f, g)}
        edges = [(a, b) for a, b in graph.edges if {graph.nodes[a]["function"], graph.nodes[b]["function"]} == {f, g}]
        assert row["ties"] == len(edges)
        assert row["strength"] == pytest.approx(sum(graph.edges[edge]["frequency"] for edge in edges), rel=1e-12, abs=1e-15)
        possible = len(of[f]) * (len(of[f]) - 1) / 2 if f == g else len(of[f]) * len(of[g])
        assert row["density"] == pytest.approx(len(edges) / possible, rel=1e-12)
        if f == g:
            assert row["density"] == pytest.approx(nx.density(graph.subgraph(of[f])), rel=1e-12)
        mutual = [(a, b) for a, b in edges if directed.has_edge(a, b) and directed.has_edge(b, a)]
        assert row["reciprocity"] == (pytest.approx(len(mutual) / len(edges), rel=1e-12) if edges else None)


def test_the_e_i_index_raw_and_rescaled_in_closed_form():
    # Two external ties (p0-p3, p1-p3) and one internal (p0-p1); sales 3, marketing 2: 6 external pairs possible, 3 + 1 internal.
    log = {"source": ["p0", "p1", "p0"], "target": ["p3", "p3", "p1"]}
    matrix = tn.function_matrix(ties_of(log, COUNTED, {"person": PEOPLE[:5], "function": FUNCTIONS[:5]}))
    assert matrix.ei_index == pytest.approx((2 - 1) / 3, rel=1e-12)
    assert matrix.ei_index_rescaled == pytest.approx((2 / 6 - 1 / 4) / (2 / 6 + 1 / 4), rel=1e-12)
    assert matrix.members.tolist() == [2, 3]


def test_the_e_i_index_at_its_ends_and_without_ties():
    inward = tn.function_matrix(ties_of({"source": ["p0"], "target": ["p1"]}, COUNTED))
    outward = tn.function_matrix(ties_of({"source": ["p0"], "target": ["p3"]}, COUNTED))
    assert (inward.ei_index, inward.ei_index_rescaled) == (-1.0, -1.0)
    assert (outward.ei_index, outward.ei_index_rescaled) == (1.0, 1.0)
    none = tn.function_matrix(ties_of(rule=tn.TieRule(min_interactions=1000)))
    assert np.isnan([none.ei_index, none.ei_index_rescaled]).all()
    assert none.ties.sum() == 0
    assert np.isnan(none.reciprocity).all()


def test_a_function_of_one_person_has_no_density_of_its_own():
    roster = {"person": ["p0", "p1", "p3"], "function": ["Sales", "Sales", "Marketing"]}
    matrix = tn.function_matrix(ties_of({"source": ["p0", "p0"], "target": ["p3", "p1"]}, COUNTED, roster))
    assert np.isnan(matrix.density[0, 0])
    assert matrix.density[1, 1] == 1.0
    assert matrix.density[0, 1] == 0.5


# One person


@pytest.mark.parametrize("ego", ["p0", "p8"])
def test_an_ego_network_is_the_networkx_ego_graph(ego):
    ties = ties_of()
    network = tn.network.measures.ego_network(ties, ego)
    graph = nx.ego_graph(ties.to_networkx(), ego, center=False)
    assert set(network.alter.tolist()) == set(graph)
    found = {frozenset((network.alter[a], network.alter[b])) for a, b in network.among}
    assert found == {frozenset(edge) for edge in graph.edges}
    strength = ties.to_networkx()[ego]
    assert network.strength.tolist() == [strength[alter]["frequency"] for alter in network.alter]
    for function in set(network.function.tolist()):
        assert np.all(np.diff(network.strength[network.function == function]) <= 0)
    assert not any(person in str(network) + repr(network) for person in PEOPLE)


def test_an_unknown_ego_is_refused_without_a_name():
    with pytest.raises(ArgumentError, match="not in the people table") as caught:
        tn.network.measures.ego_network(ties_of(), "secretann")
    assert "secret" not in str(caught.value)


def test_no_face_of_a_measure_shows_a_person():
    ties = ties_of()
    for result in (ties, tn.measure_egos(ties, of="sales"), tn.function_matrix(ties)):
        assert not any(person in str(result) + repr(result) + result._repr_html_() for person in PEOPLE)
