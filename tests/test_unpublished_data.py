"""Checks on real data that may not be redistributed: one test per source, skipped if it is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import real
import test_centrality
import test_diversity
import test_holes
import test_network
import test_probes
import test_published_regressions
import test_real_data
import tienet as tn
from real import CLOSE, find, network, nodes_of, table
from test_published_regressions import Case
from tienet.regression.resampling.indirect_effects import mediation

MEASURES = (
    test_network.test_every_number_of_a_real_network,
    test_diversity.test_real_networks,
    test_centrality.test_real_networks,
    test_holes.test_real_networks_against_their_expected_files,
)
TIES = (
    test_real_data.test_people_and_their_degrees_and_strengths,
    test_real_data.test_every_tie_with_both_directions,
    test_real_data.test_ties_toward_every_function,
    test_real_data.test_functions_against_the_mixing_matrix,
    test_real_data.test_density_and_reciprocity_of_the_whole,
)
WITHOUT_FUNCTIONS = {
    "ties": "n_undirected_ties",
    "isolates": "n_isolates",
    "density": "density_undirected",
    "components": "n_components",
    "largest_component": "largest_component",
    "reciprocity": "reciprocity",
    "transitivity": "transitivity",
    "mean_clustering": "mean_clustering",
    "degree_assortativity": "degree_assortativity_undirected",
}


def check_network_without_functions(ties, folder) -> None:
    expected, found = network(folder), tn.network.measures.network_summary(ties)
    for ours, theirs in WITHOUT_FUNCTIONS.items():
        assert getattr(found, ours) == pytest.approx(expected[theirs], rel=1e-8, abs=1e-9), ours


def check_people_and_ties(ties, folder) -> None:
    """What the expected files of networks without functions say."""
    test_real_data.test_people_and_their_degrees_and_strengths((ties, folder))
    test_real_data.test_every_tie_with_both_directions((ties, folder))
    test_holes.test_real_networks_against_their_expected_files((ties, folder))
    check_network_without_functions(ties, folder)


@pytest.mark.sweep
def test_mails_of_a_research_institute():
    case = real.email_eu_core()
    for check in TIES + MEASURES:
        check(case)


@pytest.mark.sweep
def test_enron_mails():
    case = ties, folder = real.enron_clean()
    for check in TIES + MEASURES:
        check(case)
    wanted = {frozenset((row["a"], row["b"])): (row["first"], row["last"]) for row in table(folder / "ties.csv.gz").to_dict("records")}
    for row in ties.frame.to_dict("records"):
        assert (str(row["first"]), str(row["last"])) == wanted[frozenset((row["a"], row["b"]))]
    every, folder = real.enron()
    assert every.ledger.counts == {"used": 125_409 - 16_483, "self_loop": 16_483}
    assert len(every) == 2_097
    check_people_and_ties(every, folder)
    check_decay()


def check_decay() -> None:
    rule = tn.TieRule(min_interactions=1e-9, half_life="90d", size_weight="none", max_size=None)
    ties, folder = real.enron_clean(rule)
    expected, nodes = network(folder)["decay"], nodes_of(folder, ties)
    assert rule.half_life_days == expected["half_life_days"]
    assert str(np.datetime64(ties.window.as_of, "us")).replace("T", " ").removesuffix(".000000") == expected["as_of"]
    decayed = ties.adjacency("frequency").sum(axis=0) * ties.window.weeks
    np.testing.assert_allclose(decayed, nodes["decayed_strength"], **CLOSE)
    assert decayed.sum() / 2 == pytest.approx(expected["total"], rel=1e-8)


def test_mails_of_a_mailing_list():
    check_people_and_ties(*real.maildir())


@pytest.mark.sweep
def test_a_consulting_firm_at_three_thresholds():
    for part, least in real.THRESHOLDS.items():
        ties, folder = real.cross_parker(part)
        assert sum(ties.ledger.counts.values()) == network(folder)["n_input_rows"]
        check_network_without_functions(ties, folder)
        found = tn.network.measures.network_summary(ties)
        # One function has every tie: nothing to compare it with.
        assert np.isnan(found.function_assortativity)
        assert (found.function_modularity, found.ei_index) == (pytest.approx(0.0, abs=1e-12), -1.0)
        test_centrality.test_real_networks((ties, folder))
        test_holes.test_real_networks_against_their_expected_files((ties, folder))
        check_survey(part, None if least == 2 else least)  # leaving the threshold out means 2 here
        check_scores_tie_by_tie(part, least)


def consulting():
    """Cross & Parker's firm: 46 people, and who turned to whom how often, 1 = never to 5 = very often."""
    folder = find("cross_parker_consulting")
    nodes = pd.read_csv(folder / "expected" / "nodes.csv", dtype={"id": str})
    roster = tn.read_people({"person": nodes["id"], "function": ["consulting"] * len(nodes)})
    rows = pd.read_csv(folder / "raw" / "Cross_Parker-Consulting_info.txt", sep=" ", dtype={"e1": str, "e2": str})
    return folder, roster, rows


def check_survey(name, least) -> None:
    """Expected files: networkx and igraph on the same rows."""
    folder, roster, rows = consulting()
    columns = {"respondent": "e1", "colleague": "e2", "score": "score"}
    ties = tn.read_survey(rows, roster, columns=columns, items=["score"], scale=(1, 5), threshold=least)
    assert ties.ledger.counts == {"used": 877, "self_loop": 2}
    nodes = pd.read_csv(folder / name / "nodes.csv", dtype={"id": str}).set_index("id").loc[roster.person.tolist()]
    whole = pd.read_json(folder / name / "network.json", typ="series")
    graph = ties.to_networkx(directed=True)
    assert len(ties) == whole["n_undirected_ties"]
    assert graph.number_of_edges() == whole["n_directed_ties"]
    assert (ties.reciprocity == 1).sum() == whole["n_mutual_pairs"]
    assert 2 * whole["n_mutual_pairs"] / ties.interactions.sum() == pytest.approx(whole["reciprocity"], rel=1e-8)
    assert len(roster) - len(np.union1d(ties.a, ties.b)) == whole["n_isolates"]
    for column, found in (("out_degree", graph.out_degree()), ("in_degree", graph.in_degree())):
        assert [dict(found)[person] for person in nodes.index] == nodes[column].tolist()
    np.testing.assert_array_equal(ties.adjacency("ties").sum(axis=0), nodes["degree"])


def check_scores_tie_by_tie(name, least) -> None:
    """With only the naming rows, the two ends' answers on the 1-5 scale are the expected file's two directions."""
    folder, roster, rows = consulting()
    named = rows[rows["score"] >= least]
    columns = {"respondent": "e1", "colleague": "e2", "score": "score"}
    ties = tn.read_survey(named, roster, columns=columns, items=["score"], scale=(1, 5), design="name_generator")
    wanted = pd.read_csv(folder / name / "ties.csv", dtype={"a": str, "b": str})
    expected = {frozenset((row.a, row.b)): {row.a: row.a_to_b, row.b: row.b_to_a} for row in wanted.itertuples()}
    assert len(ties) == len(expected)
    found = ties.frame.assign(
        there=ties.a_to_b * (1 + 4 * ties.given.as_a),
        back=ties.b_to_a * (1 + 4 * ties.given.as_b),
        total=ties.interactions * (1 + 4 * ties.strength),
    )
    for row in found.itertuples():
        scores = expected[frozenset((row.a, row.b))]
        assert (row.there, row.back, row.total) == pytest.approx((scores[row.a], scores[row.b], sum(scores.values())), abs=1e-9)


REGRESSIONS = (
    test_published_regressions.test_the_whole,
    test_published_regressions.test_the_interaction_as_a_step,
    test_published_regressions.test_centred,
    test_published_regressions.test_standardised,
    test_published_regressions.test_variables_and_slopes,
    test_published_regressions.test_johnson_neyman,
)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
def test_two_regressions_of_a_textbook():
    for name in ("teams", "disaster"):
        case = Case(name)
        for covariance, block in (("classical", "coefficients"), ("HC3", "coefficients_hc3")):
            test_published_regressions.test_coefficients(case, covariance, block)
        for check in REGRESSIONS:
            check(case)
    test_probes.check_published_probes("disaster", "justify ~ frame*skeptic", "frame", "skeptic", "outside", "outside")
    test_probes.check_published_probes("teams", "perform ~ negtone*negexp + dysfunc", "negtone", "negexp", "outside", "between")
    check_mediation_in_teams()


def check_mediation_in_teams() -> None:
    """Team performance: dysfunctional behaviour, negative tone, moderated by expressivity in the second stage."""
    table = pd.read_csv(find("regression_moderation/raw/teams.csv"))
    data = {name: table[name].to_numpy(dtype=float) for name in table}
    found = mediation("perform ~ dysfunc + negtone*negexp", data, mediator="negtone ~ dysfunc", focal="dysfunc", moderator="negexp", seed=1)
    a = sm.OLS(data["negtone"], sm.add_constant(data["dysfunc"])).fit().params[1]
    assert found.estimate[-1] == pytest.approx(a * -0.5170, rel=2e-3)  # the product's coefficient to its printed digits
    assert found.limits[1][2] < 0  # at +1 SD of expressivity
