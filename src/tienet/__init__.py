"""From interaction logs to ties per business function, and to moderated regressions on them.

Names are loaded on first use, so that `import tienet` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "brokerage": "measures.brokerage",
    "Brokerage": "measures.brokerage",
    "build_ties": "ties",
    "calibrated": "calibration",
    "centrality": "measures.centrality",
    "Centrality": "measures.centrality",
    "claro_ramos": "moderation",
    "compare_ties": "calibration",
    "descriptives": "tables",
    "Descriptives": "tables",
    "detectable_f2": "inference.power",
    "diversity": "measures.diversity",
    "Diversity": "measures.diversity",
    "drop_terms": "moderation",
    "ego_network": "measures.ego_network",
    "EgoMeasures": "measures.ego",
    "EgoNetwork": "measures.ego_network",
    "ei_permutation": "measures.network",
    "EiTest": "measures.network",
    "exclusive_intermediaries": "measures.brokerage",
    "ExclusiveIntermediaries": "measures.brokerage",
    "Firm": "simulate",
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
    "read_log": "log",
    "read_people": "people",
    "read_study": "study",
    "read_survey": "readers",
    "reliability": "psychometrics",
    "Reliability": "psychometrics",
    "sample_size": "inference.power",
    "simple_slopes": "probes",
    "simulate_firm": "simulate",
    "structural_holes": "measures.holes",
    "StructuralHoles": "measures.holes",
    "Study": "study",
    "StudyResult": "study",
    "TieComparison": "calibration",
    "TieRule": "ties",
    "Ties": "ties",
    "Truth": "simulate",
    "turning_point": "probes",
    "u_test": "probes",
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
