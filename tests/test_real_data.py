"""Real networks against results computed by others with networkx, igraph and pandas (see tests/data/MEASURES.md)."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tienet as tn
from real import CLOSE, find, network, nodes_of, published, table, vivainsights


def test_people_and_their_degrees_and_strengths(real_network):
    ties, folder = real_network
    nodes = nodes_of(folder, ties)
    assert len(nodes) == len(ties.people) == network(folder)["n_people"]
    degree = ties.adjacency("ties").sum(axis=0)
    strength = ties.adjacency("interactions").sum(axis=0)
    np.testing.assert_array_equal(degree, nodes["degree"])
    np.testing.assert_array_equal(strength, nodes["strength"])
    graph = ties.to_networkx(directed=True)
    for column, found in (
        ("out_degree", graph.out_degree()),
        ("in_degree", graph.in_degree()),
        ("out_strength", graph.out_degree(weight="interactions")),
        ("in_strength", graph.in_degree(weight="interactions")),
    ):
        values = dict(found)
        assert [values[person] for person in nodes.index] == nodes[column].tolist(), column


def test_every_tie_with_both_directions(real_network):
    ties, folder = real_network
    path = next(path for path in (folder / "ties.csv", folder / "ties.csv.gz") if path.exists())
    wanted = {}
    for row in table(path).to_dict("records"):
        wanted[row["a"], row["b"]] = (row["a_to_b"], row["b_to_a"], row["strength"])
    frame = ties.frame
    assert len(frame) == len(wanted) == network(folder)["n_undirected_ties"]
    for row in frame.to_dict("records"):
        there, back = row["a_to_b"], row["b_to_a"]
        key = (row["a"], row["b"])
        if key not in wanted:
            key, there, back = key[::-1], back, there
        assert (there, back, row["interactions"]) == wanted[key]


def test_ties_toward_every_function(real_network):
    ties, folder = real_network
    nodes = nodes_of(folder, ties)
    labels = ties.people.labels
    columns = {name: f"ties_to:{label}" for name, label in labels.items()}
    for of in ties.people.functions:
        egos = tn.measure_egos(ties, of=of, toward=ties.people.functions, strength="interactions")
        expected = nodes.loc[egos.ego.tolist()]
        for place, function in enumerate(egos.functions):
            np.testing.assert_array_equal(egos.total_ties[:, place], expected[columns[function]], err_msg=function)
            mean = f"mean_strength_to:{labels[function]}"
            if mean in expected:
                np.testing.assert_allclose(egos.tie_strength[:, place], expected[mean].astype(float), err_msg=function, **CLOSE)


def test_functions_against_the_mixing_matrix(real_network):
    ties, folder = real_network
    expected, matrix = network(folder), tn.function_matrix(ties)
    assert matrix.ei_index == pytest.approx(expected["ei_index_ties"], abs=1e-9)
    assert dict(zip(matrix.labels, matrix.members.tolist(), strict=True)) == {
        str(name): size for name, size in expected["functions"].items()
    }
    internal, external = int(np.diag(matrix.ties).sum()), int(np.triu(matrix.ties, 1).sum())
    assert (internal, external) == (expected["internal_ties"], expected["external_ties"])
    mixing = expected["mixing_ties_undirected"]
    order = [matrix.labels.index(str(label)) for label in mixing["order"]]
    np.testing.assert_array_equal(matrix.ties[np.ix_(order, order)], mixing["matrix"])


def test_density_and_reciprocity_of_the_whole(real_network):
    ties, folder = real_network
    expected = network(folder)
    assert nx.density(ties.to_networkx()) == pytest.approx(expected["density_undirected"], rel=1e-8)
    directed = ties.to_networkx(directed=True)
    assert directed.number_of_edges() == expected["n_directed_ties"]
    assert nx.overall_reciprocity(directed) == pytest.approx(expected["reciprocity"], rel=1e-8)
    assert int(np.sum((ties.a_to_b > 0) & (ties.b_to_a > 0))) == expected["n_mutual_pairs"]
    assert len(ties.people) - len(np.union1d(ties.a, ties.b)) == expected["n_isolates"]


def test_the_salespeople_of_vivainsights():
    ties, folder = published("vivainsights")
    egos = tn.measure_egos(ties, of="Sales", toward=["Marketing", "Customer_Service"], strength="interactions")
    expected = table(folder / "sales_people.csv").set_index("id")
    assert len(egos) == len(expected) == 61
    found = egos.frame.set_index("ego").loc[expected.index]
    for name, label in (("marketing", "Marketing"), ("customer_service", "Customer_Service")):
        np.testing.assert_array_equal(found[f"total_ties_{name}"], expected[f"ties_to:{label}"])
        mean = expected[f"mean_strength_to:{label}"].astype(float)
        np.testing.assert_array_equal(found[f"tie_strength_{name}"].isna(), expected[f"ties_to:{label}"] == 0)
        np.testing.assert_allclose(found[f"tie_strength_{name}"], mean, **CLOSE)
        assert 0 < mean.isna().sum() < 61


def test_the_older_viva_sample_with_its_own_dates():
    path = find("vivainsights") / "raw" / "p2p_data_py.csv.gz"
    raw = pd.read_csv(path, dtype=str)
    names = {column.lower(): column for column in raw.columns}
    columns = {
        "source": names["primarycollaborator_personid"],
        "target": names["secondarycollaborator_personid"],
        "time": names["metricdate"],
    }
    log = tn.read_log(path, columns=columns, time_format="%d/%m/%Y")
    loops = int((raw[columns["source"]] == raw[columns["target"]]).sum())
    assert (log.ledger.rows_in, log.ledger.used, log.ledger.rejected) == (2_014, 2_014 - loops, 0)
    days = pd.to_datetime(raw[columns["time"]], format="%d/%m/%Y")
    assert log.first == days.min().value // 1000
    assert log.last == days.max().value // 1000


def test_the_same_people_by_organisation():
    ties, folder = vivainsights(by="Organization")
    expected, matrix, summary = network(folder), tn.function_matrix(ties), tn.network.measures.network_summary(ties)
    order = [matrix.labels.index(label) for label in expected["mixing_ties_undirected"]["order"]]
    np.testing.assert_array_equal(matrix.ties[np.ix_(order, order)], expected["mixing_ties_undirected"]["matrix"])
    assert matrix.ei_index == pytest.approx(expected["ei_index_ties"], rel=1e-8)
    assert summary.function_assortativity == pytest.approx(expected["assortativity_function_undirected"], rel=1e-8)
    assert summary.function_modularity == pytest.approx(expected["modularity_function_binary"], rel=1e-8)
    people = pd.read_csv(folder / "nodes.csv.gz", dtype={"id": str}).set_index("id")
    ours = tn.network.measures.diversity(ties).frame.set_index("person").loc[people.index]
    np.testing.assert_allclose(ours["ei_index"], people["ei_ties"], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours["blau"], people["blau_ties"], rtol=1e-8, atol=1e-9)
