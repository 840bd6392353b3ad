"""From interaction logs to ties per business function, and to moderated regressions on them.

Names are loaded on first use, so that `import tienet` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The same names for editors and type checkers, which do not run `__getattr__`.
if TYPE_CHECKING:
    from tienet.calibration import TieComparison, calibrated, compare_ties
    from tienet.diagnostics import (
        AdjustedP,
        Collinearity,
        CommonSupport,
        EffectSizes,
        Influence,
        LinearityCheck,
        PartialResiduals,
        SpecificationTest,
        VarianceShares,
        adjust_p,
        breusch_pagan,
        collinearity,
        common_support,
        effect_sizes,
        influence,
        linearity_check,
        partial_residuals,
        reset_test,
        variance_shares,
    )
    from tienet.exchange import from_networkx, node_frame, write_graphml
    from tienet.figures import figure_data, plot
    from tienet.inference.autocorrelation import NetworkAutocorrelation, network_autocorrelation
    from tienet.inference.bootstrap import Bootstrap, bootstrap
    from tienet.inference.control_function import control_function
    from tienet.inference.copula import gaussian_copula
    from tienet.inference.corrected import CorrectedFit
    from tienet.inference.detectable import Detectable, detectable_interactions
    from tienet.inference.instruments import InstrumentedFit, two_stage_least_squares
    from tienet.inference.mediation import Mediation, mediation
    from tienet.inference.moran import Moran, moran
    from tienet.inference.mrqap import Mrqap, mrqap
    from tienet.inference.power import detectable_f2, power, sample_size
    from tienet.inference.qap import QapCorrelation, qap_correlation
    from tienet.inference.random_intercept import RandomIntercept, random_intercept
    from tienet.inference.sensitivity import Sensitivity, sensitivity
    from tienet.inference.simulated_power import SimulatedPower, simulate_power
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
    from tienet.moderation import (
        JointTest,
        Moderation,
        ModerationFit,
        claro_ramos,
        drop_terms,
        fit_outcomes,
        joint_test,
        standardize,
        without_quadratics,
    )
    from tienet.moderation.segments import two_lines
    from tienet.moderation.specifications import with_and_without_quadratics
    from tienet.people import People, read_people
    from tienet.privacy import SuppressedMatrix, merge_small, pseudonym_key, pseudonyms, suppress
    from tienet.probes import (
        curve_moderation,
        johnson_neyman,
        predict_surface,
        simple_slopes,
        slope_differences,
        slope_region,
        turning_point,
        u_test,
    )
    from tienet.psychometrics import Reliability, reliability
    from tienet.published import CorrelationRegression, PublishedModel, regression_from_correlations
    from tienet.readers import read_survey
    from tienet.simulate import Firm, Truth, simulate_firm
    from tienet.study import Study, StudyResult, read_study
    from tienet.tables import Descriptives, Table, compare, descriptives, table
    from tienet.ties import TieRule, Ties, build_ties

__version__ = "0.1.0"

_HOMES = {
    "adjust_p": "diagnostics",
    "AdjustedP": "diagnostics",
    "Bootstrap": "inference.bootstrap",
    "bootstrap": "inference.bootstrap",
    "breusch_pagan": "diagnostics",
    "Brokerage": "measures.brokerage",
    "brokerage": "measures.brokerage",
    "build_ties": "ties",
    "calibrated": "calibration",
    "Centrality": "measures.centrality",
    "centrality": "measures.centrality",
    "claro_ramos": "moderation",
    "Collinearity": "diagnostics",
    "collinearity": "diagnostics",
    "common_support": "diagnostics",
    "CommonSupport": "diagnostics",
    "compare": "tables",
    "compare_ties": "calibration",
    "control_function": "inference.control_function",
    "CorrectedFit": "inference.corrected",
    "CorrelationRegression": "published",
    "curve_moderation": "probes",
    "Descriptives": "tables",
    "descriptives": "tables",
    "Detectable": "inference.detectable",
    "detectable_f2": "inference.power",
    "detectable_interactions": "inference.detectable",
    "Diversity": "measures.diversity",
    "diversity": "measures.diversity",
    "drop_terms": "moderation",
    "effect_sizes": "diagnostics",
    "EffectSizes": "diagnostics",
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
    "gaussian_copula": "inference.copula",
    "Handoffs": "measures.handoff",
    "handoffs": "measures.handoff",
    "Influence": "diagnostics",
    "influence": "diagnostics",
    "InstrumentedFit": "inference.instruments",
    "InteractionLog": "log",
    "johnson_neyman": "probes",
    "joint_test": "moderation",
    "JointTest": "moderation",
    "linearity_check": "diagnostics",
    "LinearityCheck": "diagnostics",
    "measure_egos": "measures.ego",
    "measure_panel": "measures.panel",
    "Mediation": "inference.mediation",
    "mediation": "inference.mediation",
    "merge_small": "privacy",
    "Moderation": "moderation",
    "ModerationFit": "moderation",
    "Moran": "inference.moran",
    "moran": "inference.moran",
    "Mrqap": "inference.mrqap",
    "mrqap": "inference.mrqap",
    "network_autocorrelation": "inference.autocorrelation",
    "network_summary": "measures.network",
    "NetworkAutocorrelation": "inference.autocorrelation",
    "NetworkSummary": "measures.network",
    "node_frame": "exchange",
    "Panel": "measures.panel",
    "partial_residuals": "diagnostics",
    "PartialResiduals": "diagnostics",
    "People": "people",
    "plot": "figures",
    "power": "inference.power",
    "predict_surface": "probes",
    "pseudonym_key": "privacy",
    "pseudonyms": "privacy",
    "PublishedModel": "published",
    "qap_correlation": "inference.qap",
    "QapCorrelation": "inference.qap",
    "random_intercept": "inference.random_intercept",
    "RandomIntercept": "inference.random_intercept",
    "read_log": "log",
    "read_people": "people",
    "read_study": "study",
    "read_survey": "readers",
    "regression_from_correlations": "published",
    "Reliability": "psychometrics",
    "reliability": "psychometrics",
    "reset_test": "diagnostics",
    "sample_size": "inference.power",
    "Sensitivity": "inference.sensitivity",
    "sensitivity": "inference.sensitivity",
    "simple_slopes": "probes",
    "simulate_firm": "simulate",
    "simulate_power": "inference.simulated_power",
    "SimulatedPower": "inference.simulated_power",
    "slope_differences": "probes",
    "slope_region": "probes",
    "SpecificationTest": "diagnostics",
    "standardize": "moderation",
    "structural_holes": "measures.holes",
    "StructuralHoles": "measures.holes",
    "Study": "study",
    "StudyResult": "study",
    "suppress": "privacy",
    "SuppressedMatrix": "privacy",
    "Table": "tables",
    "table": "tables",
    "tie_rule_sensitivity": "measures.sensitivity",
    "TieComparison": "calibration",
    "TieRule": "ties",
    "TieRuleSensitivity": "measures.sensitivity",
    "Ties": "ties",
    "Truth": "simulate",
    "turning_point": "probes",
    "two_lines": "moderation.segments",
    "two_stage_least_squares": "inference.instruments",
    "u_test": "probes",
    "variance_shares": "diagnostics",
    "VarianceShares": "diagnostics",
    "wild_cluster_bootstrap": "inference.wild",
    "WildBootstrap": "inference.wild",
    "with_and_without_quadratics": "moderation.specifications",
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
