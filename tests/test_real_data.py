"""Real networks against results that others worked out with networkx, igraph and pandas (see the MEASURES file beside the data)."""

from __future__ import annotations

import gzip
import json

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tienet as tn

# Every row counts once and nothing is left out: the rule of the expected files.
EVERY_ROW = tn.TieRule(min_interactions=1e-9, half_life=None, size_weight="none", max_size=None)
# Expected numbers are rounded to 10 significant digits.
CLOSE = {"rtol": 1e-8, "atol": 1e-9}


def table(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"id": str, "a": str, "b": str, "function": str}, keep_default_na=False, na_values=[""])


def network(folder) -> dict:
    return json.loads((folder / "network.json").read_text(encoding="utf-8"))


def vivainsights(data, by="FunctionType"):
    rows = pd.read_csv(data / "vivainsights" / "raw" / "p2p_data.csv.gz", dtype=str, keep_default_na=False)
    ends = [
        rows[[f"{end}Collaborator_PersonId", f"{end}Collaborator_{by}"]].set_axis(["person", "function"], axis=1)
        for end in ("Primary", "Secondary")
    ]
    people = tn.read_people(pd.concat(ends).drop_duplicates())
    columns = {"source": "PrimaryCollaborator_PersonId", "target": "SecondaryCollaborator_PersonId", "time": "MetricDate"}
    log = tn.read_log(data / "vivainsights" / "raw" / "p2p_data.csv.gz", columns=columns)
    folder = "expected_function" if by == "FunctionType" else "expected_organization"
    return tn.build_ties(log, people, rule=EVERY_ROW), data / "vivainsights" / folder


def krackhardt(data, relation):
    folder = data / "krackhardt_hightech"
    people = tn.read_people(folder / "raw" / "people.csv", columns={"person": "id", "function": "dept"})
    log = tn.read_log(folder / "raw" / f"{relation}.csv", columns={"source": "from", "target": "to"})
    return tn.build_ties(log, people, rule=EVERY_ROW), folder / f"expected_{relation}"


def email_eu_core(data):
    folder = data / "email_eu_core"
    with gzip.open(folder / "raw" / "email-Eu-core.txt.gz", "rt") as file:
        rows = [line.split() for line in file]
    people = [line.split() for line in (folder / "raw" / "email-Eu-core-department-labels.txt").read_text().splitlines()]
    log = tn.read_log({"source": [row[0] for row in rows], "target": [row[1] for row in rows]})
    assert log.ledger.counts == {"used": 24_929, "self_loop": 642}
    roster = tn.read_people({"person": [row[0] for row in people], "function": [row[1] for row in people]})
    return tn.build_ties(log, roster, rule=EVERY_ROW), folder / "expected"


def enron_people(data):
    frame = pd.read_csv(data / "enron_jhu" / "raw" / "people.csv", dtype=str, keep_default_na=False)
    role = [note.split(",")[0].strip() or "Unknown" for note in frame["Note"]]
    return tn.read_people(pd.DataFrame({"person": frame["id"], "function": role}))


def enron_clean(data, rule=EVERY_ROW):
    """One row per (from, to, time, kind), without bcc and without 1979: the repeats are found by naming the event after time and kind."""
    rows = pd.read_csv(data / "enron_jhu" / "raw" / "messages.csv.gz", dtype=str)
    rows = rows[(rows["Reciptype"] != "bcc") & ~rows["Time"].str.startswith("1979")]
    rows = rows.assign(event=rows["Time"] + " " + rows["Reciptype"])
    log = tn.read_log(rows, columns={"source": "from", "target": "to", "time": "Time", "channel": "Reciptype"})
    return tn.build_ties(log, enron_people(data), rule=rule), data / "enron_jhu" / "expected_clean"


def enron(data):
    """Every row as it stands."""
    columns = {"source": "from", "target": "to", "time": "Time", "channel": "Reciptype"}
    log = tn.read_log(data / "enron_jhu" / "raw" / "messages.csv.gz", columns=columns)
    return tn.build_ties(log, enron_people(data), rule=EVERY_ROW), data / "enron_jhu" / "expected"


def maildir(data):
    """One row per message and recipient, as notmuch read the mails."""
    folder = data / "maildir_notmuch" / "expected"
    mails = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    rows = [(mail["sender"], recipient, mail["time_utc"]) for mail in mails for recipient in mail["recipients"]]
    log = tn.read_log(pd.DataFrame(rows, columns=["source", "target", "time"]))
    people = table(folder / "nodes.csv")["id"]
    return tn.build_ties(log, tn.read_people(pd.DataFrame({"person": people, "function": "list"})), rule=EVERY_ROW), folder


OTHERS = {"enron": enron, "maildir": maildir}  # expected files that say less
NETWORKS = {
    "vivainsights": vivainsights,
    "advice": lambda data: krackhardt(data, "advice"),
    "friendship": lambda data: krackhardt(data, "friendship"),
    "email_eu_core": email_eu_core,
    "enron_clean": enron_clean,
}


@pytest.fixture(scope="module", params=NETWORKS)
def case(request, shared_data):
    """Ties of one network and the folder of its expected results."""
    return NETWORKS[request.param](shared_data)


def nodes_of(folder, ties) -> pd.DataFrame:
    path = next(path for path in (folder / "nodes.csv", folder / "nodes.csv.gz") if path.exists())
    return table(path).set_index("id").loc[ties.people.person.tolist()]


def test_people_and_their_degrees_and_strengths(case):
    ties, folder = case
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


def test_every_tie_with_both_directions(case):
    ties, folder = case
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


@pytest.mark.parametrize("name", OTHERS)
def test_people_and_ties_of_the_other_networks(name, shared_data):
    ties, folder = OTHERS[name](shared_data)
    test_people_and_their_degrees_and_strengths((ties, folder))
    test_every_tie_with_both_directions((ties, folder))
    expected, summary = network(folder), tn.network.measures.network_summary(ties)
    for name_, found in (
        ("density_undirected", summary.density),
        ("reciprocity", summary.reciprocity),
        ("transitivity", summary.transitivity),
        ("mean_clustering", summary.mean_clustering),
        ("n_components", summary.components),
        ("largest_component", summary.largest_component),
        ("degree_assortativity_undirected", summary.degree_assortativity),
    ):
        assert found == pytest.approx(expected[name_], rel=1e-8, abs=1e-9), name_


def test_first_and_last_contact(shared_data):
    ties, folder = enron_clean(shared_data)
    wanted = {frozenset((row["a"], row["b"])): (row["first"], row["last"]) for row in table(folder / "ties.csv.gz").to_dict("records")}
    for row in ties.frame.to_dict("records"):
        assert (str(row["first"]), str(row["last"])) == wanted[frozenset((row["a"], row["b"]))]


def test_ties_toward_every_function(case):
    ties, folder = case
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


def test_functions_against_the_mixing_matrix(case):
    ties, folder = case
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


def test_density_and_reciprocity_of_the_whole(case):
    ties, folder = case
    expected = network(folder)
    assert nx.density(ties.to_networkx()) == pytest.approx(expected["density_undirected"], rel=1e-8)
    directed = ties.to_networkx(directed=True)
    assert directed.number_of_edges() == expected["n_directed_ties"]
    assert nx.overall_reciprocity(directed) == pytest.approx(expected["reciprocity"], rel=1e-8)
    assert int(np.sum((ties.a_to_b > 0) & (ties.b_to_a > 0))) == expected["n_mutual_pairs"]
    assert len(ties.people) - len(np.union1d(ties.a, ties.b)) == expected["n_isolates"]


def test_the_salespeople_of_vivainsights(shared_data):
    ties, folder = vivainsights(shared_data)
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


def test_decay_over_the_enron_mails(shared_data):
    rule = tn.TieRule(min_interactions=1e-9, half_life="90d", size_weight="none", max_size=None)
    ties, folder = enron_clean(shared_data, rule)
    expected, nodes = network(folder)["decay"], nodes_of(folder, ties)
    assert rule.half_life_days == expected["half_life_days"]
    assert str(np.datetime64(ties.window.as_of, "us")).replace("T", " ").removesuffix(".000000") == expected["as_of"]
    decayed = ties.adjacency("frequency").sum(axis=0) * ties.window.weeks
    np.testing.assert_allclose(decayed, nodes["decayed_strength"], **CLOSE)
    assert decayed.sum() / 2 == pytest.approx(expected["total"], rel=1e-8)


def test_every_enron_row_as_it_stands(shared_data):
    ties, _ = enron(shared_data)
    assert ties.ledger.counts == {"used": 125_409 - 16_483, "self_loop": 16_483}
    assert len(ties) == 2_097


def test_the_older_viva_sample_with_its_own_dates(shared_data):
    path = shared_data / "vivainsights" / "raw" / "p2p_data_py.csv.gz"
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


def test_the_same_people_by_organisation(shared_data):
    ties, folder = vivainsights(shared_data, by="Organization")
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
