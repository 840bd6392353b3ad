"""Where each page of the reference ends: the how-to, the explanation and the figures in the gallery. A Sphinx extension."""

from __future__ import annotations

from typing import Any

from gallery import entries
from stages import STAGES, by_stage  # noqa: F401 - a test compares them

# Stage -> pages of how-to and of explanation. A new stage needs a line.
BY_STAGE = {
    "network.reading": (["howto/read-my-files"], ["explanation/reason-codes"]),
    "network.sources": (["howto/read-an-export", "howto/who-is-who"], ["explanation/reason-codes"]),
    "network.sources.exports": (["howto/read-an-export"], ["decisions/0004-records-before-interactions"]),
    "network.ties": (["howto/define-a-tie"], ["explanation/tie-strength"]),
    "network.exchange": (["exchange"], []),
    "network.measures": (["howto/several-functions"], ["explanation/what-cannot-be-concluded"]),
    "network.survey": (["howto/survey"], ["explanation/tie-strength"]),
    "network.privacy": (["howto/privacy-settings"], ["explanation/privacy"]),
    "regression.core": (["howto/write-a-formula", "howto/choose-a-covariance"], ["explanation/standard-errors"]),
    "regression.covariance": (["howto/choose-a-covariance"], ["explanation/standard-errors"]),
    "regression.model": (["tutorial"], ["explanation/quadratics-and-interactions", "explanation/statsmodels"]),
    "regression.probes": (["howto/probe-an-interaction"], ["explanation/reading-an-interaction"]),
    "regression.checks": (["howto/probe-an-interaction"], ["explanation/what-cannot-be-concluded"]),
    "regression.resampling": (["howto/choose-a-covariance"], ["explanation/standard-errors"]),
    "regression.endogeneity": ([], ["explanation/what-cannot-be-concluded", "explanation/comparison"]),
    "regression.measurement_error": (["howto/measurement-error"], ["explanation/what-cannot-be-concluded"]),
    "regression.dependence": (["howto/choose-a-covariance"], ["explanation/standard-errors"]),
    "regression.power": ([], ["explanation/what-cannot-be-concluded"]),
    "regression.published": (["howto/published-table"], ["explanation/comparison"]),
    "regression.foreign": (["coming-from/other-fits"], ["explanation/statsmodels"]),
    "output.figures": (["figures", "howto/write-the-report"], []),
    "output.tables": (["howto/table-for-word"], []),
    "output.glossary": (["columns"], []),
    "study": (["howto/study-file", "howto/write-the-report"], ["explanation/what-cannot-be-concluded"]),
    "study.cards": (["howto/study-file", "howto/write-the-report"], ["explanation/reading-an-interaction"]),
    "study.origin": (["howto/write-the-report"], ["reproducibility"]),
    "study.simulate": (["tutorial"], []),
}
# Names whose how-to or explanation is another than that of their stage.
BY_NAME = {
    "read_asana": (["howto/from-boards"], None),
    "read_attendance": (["howto/from-attendance"], None),
    "read_calendar": (["howto/from-calendar"], None),
    "read_hubspot": (["howto/from-hubspot"], None),
    "read_jira": (["howto/from-boards"], None),
    "read_mail": (["howto/from-mail", "howto/from-outlook"], None),
    "read_ocel": (["howto/from-process-logs"], None),
    "read_salesforce": (["howto/from-salesforce"], None),
    "read_slack": (["howto/from-slack"], None),
    "read_teams": (["howto/from-teams"], None),
    "read_trello": (["howto/from-boards"], None),
    "read_viva": (["howto/from-viva"], None),
    "viva_months": (["howto/from-viva"], None),
    "read_xes": (["howto/from-process-logs"], None),
    "read_zendesk": (["howto/from-zendesk"], None),
    "match_people": (["howto/who-is-who"], None),
    "pool": (["howto/missing-data"], None),
    "PooledFit": (["howto/missing-data"], None),
    "measure_panel": (["howto/before-and-after"], None),
    "structural_holes": (None, ["structural-holes"]),
    "StructuralHoles": (None, ["structural-holes"]),
    "johnson_neyman": (None, ["explanation/why-the-floodlight"]),
    "JohnsonNeyman": (None, ["explanation/why-the-floodlight"]),
    "u_test": (None, ["explanation/quadratics-and-interactions"]),
    "two_lines": (None, ["explanation/quadratics-and-interactions"]),
    "turning_point": (None, ["explanation/quadratics-and-interactions"]),
    "GeneralisedFit": (["howto/other-outcomes"], None),
    "OrdinalFit": (["howto/other-outcomes"], None),
    "AtLeast": (["howto/other-outcomes"], None),
    "random_intercept": (["howto/few-clusters"], None),
    "wild_cluster_bootstrap": (["howto/few-clusters"], None),
    "compare": (["howto/table-for-word"], ["explanation/comparison"]),
}
MOST = 3  # figures of the gallery that a page names


def links(name: str, stage: str) -> dict[str, list[str]]:
    """Pages to read beside that of a public name, by the word before them."""
    howto, explanation = BY_STAGE[stage]
    own = BY_NAME.get(name, (None, None))
    figures = [f"gallery/{entry.name}" for entry in entries() if name in (entry.see, entry.kind)]
    found = {
        "How-to": howto if own[0] is None else own[0],
        "Explanation": explanation if own[1] is None else own[1],
        "Figures": figures[:MOST],
    }
    return {word: pages for word, pages in found.items() if pages}


def paragraph(name: str, stage: str) -> str:
    """End of a page of the reference, as reStructuredText."""
    lines = [f"{word}: {', '.join(f':doc:`/{page}`' for page in pages)}" for word, pages in links(name, stage).items()]
    return "\n\n.. rubric:: See also\n\n" + "".join(f"| {line}\n" for line in lines)


def setup(app: Any) -> dict[str, bool]:
    """Add the paragraph to every page of a public name."""
    stages = {place.rpartition(".")[2]: stage for stage, places in by_stage().items() for place in places}

    def end(app: Any, page: str, source: list[str]) -> None:  # noqa: ARG001
        if page.startswith("reference/names/"):
            name = page.rpartition("/")[2].rpartition(".")[2].removesuffix("-record")
            source[0] = source[0].rstrip() + paragraph(name, stages[name])

    app.connect("source-read", end)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
