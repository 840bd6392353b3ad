"""The public names by stage of the method: a stage is a folder of the package, and a name is in the stage of its folder."""

from __future__ import annotations

from tienet.base.lazy import public_names

# Folder (or file of a wing) -> title and what it is for. A new folder needs a line here.
STAGES = {
    "network.reading": ("Reading", "Logs and people tables, from files or frames, with an account of every row."),
    "network.sources": ("Readers of exports", "Who reads which export, and how to register a reader of your own."),
    "network.ties": ("Ties", "From a log to ties."),
    "network.exchange": ("Other tools", "Ties to and from networkx, GraphML and tables of nodes."),
    "network.measures": ("Network measures", "Where people stand, how functions are joined, and how both change."),
    "network.survey": ("Surveys", "Ties as people state them, how reliable the answers are, and how a log compares."),
    "network.privacy": ("Privacy", "Pseudonyms, small groups put together, small cells hidden."),
    "regression.core": ("Covariance", "The matrix that every result made from a fit carries."),
    "regression.covariance": ("Kinds of covariance", "The base of every kind of standard errors, and the register for your own."),
    "regression.model": ("Moderated regression", "The model, its fit, its steps and its variants."),
    "regression.probes": ("Probing", "Slopes, regions, turning points and curves of a fitted or printed model."),
    "regression.checks": ("Checking", "Whether the model and its interaction can be believed."),
    "regression.resampling": ("Resampling", "Bootstraps, and the indirect effects that rest on them."),
    "regression.endogeneity": ("Endogeneity", "Instruments, control functions, copulas, and sensitivity to what was left out."),
    "regression.dependence": ("Dependence", "Networks of cases, dyads, groups."),
    "regression.power": ("Power", "What a sample of a given size can detect."),
    "regression.published": ("Printed models", "Models rebuilt from tables in print."),
    "output.figures": ("Figures", "Every result drawn, and the numbers behind a figure."),
    "output.tables": ("Tables", "Results as tables for print."),
    "output.glossary": ("Glossary of columns", "What every column of a frame means."),
    "study": ("The study", "The whole chain as one object, and its file."),
    "study.simulate": ("Simulated firms", "Data with a known truth."),
}


def by_stage() -> dict[str, list[str]]:
    """Every public name under its stage, with its place: verbs first, then the nouns they give."""
    stages: dict[str, list[str]] = {key: [] for key in STAGES}
    ordered = sorted(public_names("tienet").items(), key=lambda item: (item[0][0].isupper(), item[0].lower()))
    for name, place in ordered:
        folder = place.removeprefix("tienet.")
        if folder not in STAGES:
            raise KeyError(f"{name} lives in {place}, which docs/_tools/stages.py puts in no stage")
        stages[folder].append(f"{place}.{name}")
    return stages
