"""Public names by stage of the analysis. Each stage is a folder of the package."""

from __future__ import annotations

from tienet.base.lazy import public_names

# Folder -> title and purpose. A new folder needs a line here.
STAGES = {
    "network.reading": ("Reading", "Logs and people tables, from files or frames, with every row accounted for."),
    "network.sources": ("Readers of exports", "Readers for the exports of other systems, and how to register your own."),
    "network.sources.exports": ("Writing a reader", "What readers of exports share: their files, records, people and moments."),
    "network.ties": ("Ties", "From a log to ties."),
    "network.exchange": ("Other tools", "Ties to and from networkx, GraphML and tables of nodes."),
    "network.measures": ("Network measures", "Positions of people, connections between functions, and changes over time."),
    "network.survey": ("Surveys", "Ties as reported by people, the reliability of the answers, and the comparison with a log."),
    "network.privacy": ("Privacy", "Pseudonyms, merged small groups, hidden small cells."),
    "regression.core": ("Covariance", "The covariance matrix behind every result of a fit."),
    "regression.covariance": ("Kinds of covariance", "The base class of all kinds of standard errors, and the registry for your own."),
    "regression.model": ("Moderated regression", "The model, its fit, its steps and its variants."),
    "regression.probes": ("Probing", "Slopes, regions, turning points and curves of a fitted or published model."),
    "regression.checks": ("Checking", "Whether you can trust the model and its interaction."),
    "regression.resampling": ("Resampling", "Bootstraps, and the indirect effects based on them."),
    "regression.endogeneity": ("Endogeneity", "Instruments, control functions, copulas, and sensitivity to omitted variables."),
    "regression.measurement_error": ("Measurement error", "Coefficients corrected for unreliable variables."),
    "regression.dependence": ("Dependence", "Observations connected by a network, in dyads or in groups."),
    "regression.power": ("Power", "What a sample of a given size can detect."),
    "regression.published": ("Published models", "Models rebuilt from published tables."),
    "regression.foreign": ("Results of other packages", "Fits of statsmodels, linearmodels and pyfixest, for every probe and figure."),
    "output.figures": ("Figures", "Figures of results, and the numbers behind them."),
    "output.tables": ("Tables", "Results as tables for publication."),
    "output.glossary": ("Glossary of columns", "The meaning of every column."),
    "study": ("The study", "The whole analysis as one object or one study file."),
    "study.cards": ("Cards of the report", "What the first screen of the report says about each function, as numbers."),
    "study.origin": ("Where results come from", "The versions of the software that numbers depend on."),
    "study.simulate": ("Simulated firms", "Data with known true values."),
}


def by_stage() -> dict[str, list[str]]:
    """Full public names by stage: functions first, then classes."""
    stages: dict[str, list[str]] = {key: [] for key in STAGES}
    ordered = sorted(public_names("tienet").items(), key=lambda item: (item[0][0].isupper(), item[0].lower()))
    for name, place in ordered:
        folder = place.removeprefix("tienet.")
        if folder not in STAGES:
            raise KeyError(f"{name} is in {place}, which has no stage; add a line to STAGES in docs/_tools/stages.py")
        stages[folder].append(f"{place}.{name}")
    return stages
