"""From interaction logs to ties per business function, and to moderated regressions on them.

Names are loaded on first use, so that `import tienet` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The same names for editors and type checkers, which do not run `__getattr__`.
if TYPE_CHECKING:
    from tienet.calibration import TieComparison, calibrated, compare_ties
    from tienet.exchange import from_networkx, node_frame, write_graphml
    from tienet.figures import figure_data, plot
    from tienet.inference.bootstrap import Bootstrap, bootstrap
    from tienet.inference.power import detectable_f2, power, sample_size
    from tienet.inference.wild import WildBootstrap, wild_cluster_bootstrap
    from tienet.log import InteractionLog, read_log
    from tienet.measures.brokerage import Brokerage, ExclusiveIntermediaries, brokerage, exclusive_intermediaries
    from tienet.measures.centrality import Centrality, centrality
    from tienet.measures.diversity import Diversity, diversity
    from tienet.measures.ego import EgoMeasures, measure_egos
    from tienet.measures.ego_network import EgoNetwork, ego_network
    from tienet.measures.ei_test import EiTest, ei_permutation
    from tienet.measures.functions import FunctionMatrix, function_matrix
    from tienet.measures.handoff import Handoffs, handoffs
    from tienet.measures.holes import StructuralHoles, structural_holes
    from tienet.measures.network import NetworkSummary, network_summary
    from tienet.measures.panel import Panel, measure_panel
    from tienet.measures.sensitivity import TieRuleSensitivity, tie_rule_sensitivity
    from tienet.moderation import Moderation, ModerationFit, claro_ramos, drop_terms, fit_outcomes, standardize, without_quadratics
    from tienet.people import People, read_people
    from tienet.probes import johnson_neyman, predict_surface, simple_slopes, turning_point, u_test
    from tienet.psychometrics import Reliability, reliability
    from tienet.published import CorrelationRegression, PublishedModel, regression_from_correlations
    from tienet.readers import read_survey
    from tienet.simulate import Firm, Truth, simulate_firm
    from tienet.study import Study, StudyResult, read_study
    from tienet.tables import Descriptives, descriptives
    from tienet.ties import TieRule, Ties, build_ties

__version__ = "0.1.0"

_HOMES = {
    "bootstrap": "inference.bootstrap",
    "Bootstrap": "inference.bootstrap",
    "brokerage": "measures.brokerage",
    "Brokerage": "measures.brokerage",
    "build_ties": "ties",
    "calibrated": "calibration",
    "centrality": "measures.centrality",
    "Centrality": "measures.centrality",
    "claro_ramos": "moderation",
    "compare_ties": "calibration",
    "CorrelationRegression": "published",
    "descriptives": "tables",
    "Descriptives": "tables",
    "detectable_f2": "inference.power",
    "diversity": "measures.diversity",
    "Diversity": "measures.diversity",
    "drop_terms": "moderation",
    "ego_network": "measures.ego_network",
    "EgoMeasures": "measures.ego",
    "EgoNetwork": "measures.ego_network",
    "ei_permutation": "measures.ei_test",
    "EiTest": "measures.ei_test",
    "exclusive_intermediaries": "measures.brokerage",
    "ExclusiveIntermediaries": "measures.brokerage",
    "figure_data": "figures",
    "Firm": "simulate",
    "fit_outcomes": "moderation",
    "from_networkx": "exchange",
    "function_matrix": "measures.functions",
    "FunctionMatrix": "measures.functions",
    "handoffs": "measures.handoff",
    "Handoffs": "measures.handoff",
    "InteractionLog": "log",
    "johnson_neyman": "probes",
    "measure_egos": "measures.ego",
    "measure_panel": "measures.panel",
    "Moderation": "moderation",
    "ModerationFit": "moderation",
    "network_summary": "measures.network",
    "NetworkSummary": "measures.network",
    "node_frame": "exchange",
    "Panel": "measures.panel",
    "People": "people",
    "plot": "figures",
    "power": "inference.power",
    "predict_surface": "probes",
    "PublishedModel": "published",
    "read_log": "log",
    "read_people": "people",
    "read_study": "study",
    "read_survey": "readers",
    "regression_from_correlations": "published",
    "reliability": "psychometrics",
    "Reliability": "psychometrics",
    "sample_size": "inference.power",
    "simple_slopes": "probes",
    "simulate_firm": "simulate",
    "standardize": "moderation",
    "structural_holes": "measures.holes",
    "StructuralHoles": "measures.holes",
    "Study": "study",
    "StudyResult": "study",
    "tie_rule_sensitivity": "measures.sensitivity",
    "TieComparison": "calibration",
    "TieRule": "ties",
    "TieRuleSensitivity": "measures.sensitivity",
    "Ties": "ties",
    "Truth": "simulate",
    "turning_point": "probes",
    "u_test": "probes",
    "wild_cluster_bootstrap": "inference.wild",
    "WildBootstrap": "inference.wild",
    "without_quadratics": "moderation",
    "write_graphml": "exchange",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tienet' has no attribute {name!r}")
    return getattr(import_module(f"tienet.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
