"""The public names by stage of the method, from `tienet.__all__`; a name finds its stage by the module it lives in."""

from __future__ import annotations

import tienet as tn

# Module (or its beginning) -> stage; the longest that fits is taken. A new top-level module needs a line here.
STAGES = {
    "log": "reading",
    "people": "reading",
    "readers": "reading",
    "spells": "reading",
    "ties": "ties",
    "exchange": "ties",
    "calibration": "survey",
    "psychometrics": "survey",
    "readers.survey": "survey",
    "measures": "measures",
    "moderation": "regression",
    "moderation.segments": "probes",
    "moderation.specifications": "probes",
    "probes": "probes",
    "diagnostics": "diagnostics",
    "inference": "inference",
    "inference.power": "power",
    "inference.simulated_power": "power",
    "inference.detectable": "power",
    "published": "printed",
    "figures": "output",
    "tables": "output",
    "report": "output",
    "study": "study",
    "privacy": "study",
    "simulate": "study",
}
TITLES = {
    "reading": ("Reading", "Logs and people tables, from files or frames, with an account of every row."),
    "ties": ("Ties", "From a log to ties, and ties to and from other tools."),
    "survey": ("Surveys", "Ties as people state them, how reliable the answers are, and how a log compares."),
    "measures": ("Network measures", "Where people stand, how functions are joined, and how both change."),
    "regression": ("Moderated regression", "The model, its fit, its steps and its variants."),
    "probes": ("Probing", "Slopes, regions, turning points and curves of a fitted or printed model."),
    "diagnostics": ("Checking", "Whether the model and its interaction can be believed."),
    "inference": ("Further inference", "Bootstraps, permutations, endogeneity, nesting, mediation, autocorrelation."),
    "power": ("Power", "What a sample of a given size can detect."),
    "printed": ("Printed models", "Models rebuilt from tables in print."),
    "output": ("Figures, tables", "Results for people who read them."),
    "study": ("The study, and simulated firms", "The whole chain as one object, its file, and data with a known truth."),
}


def stage(name: str) -> str:
    """The stage of a public name; KeyError where its module is in none."""
    parts = tn._HOMES[name].split(".")
    beginnings = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    for beginning in beginnings:
        if beginning in STAGES:
            return STAGES[beginning]
    raise KeyError(f"{name} lives in tienet.{tn._HOMES[name]}, which docs/_tools/stages.py puts in no stage")


def by_stage() -> dict[str, list[str]]:
    """Every public name under its stage: verbs first, then the nouns they give."""
    names = [name for name in tn.__all__ if not name.startswith("__")]
    ordered = sorted(names, key=lambda name: (name[0].isupper(), name.lower()))
    return {key: [name for name in ordered if stage(name) == key] for key in TITLES}
