"""Figures and tables of the report, with small groups of the network protected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tienet.base.errors import ModelError
from tienet.base.frames import Columns
from tienet.network.measures.functions import function_matrix
from tienet.network.measures.tie_rules import TieRuleSensitivity
from tienet.network.privacy import SuppressedMatrix, merge_small, small_functions, suppress
from tienet.network.ties.network import Ties
from tienet.output.figures.drawing import plot, sheet
from tienet.output.tables.descriptive_statistics import Descriptives, descriptives
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.probes.response_surfaces import ResponseSurface, response_surface
from tienet.study.cards.others import RuleMeasures, measure_rules, rule_sensitivity
from tienet.study.findings import Probes
from tienet.study.releasing import map_ranges, told_descriptives, told_pairs, told_probes, told_rules, told_tables, told_to

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings


@dataclass(frozen=True, slots=True, eq=False)
class Protected:
    """What may be shown: the network with small functions merged and small cells hidden, and the probes between round numbers."""

    ties: Ties
    matrix: SuppressedMatrix
    merged: tuple[str, ...]
    probes: Mapping[str, Probes]


def protected(result: StudyFindings) -> Protected:
    """Merge functions with fewer people than the study's floor, and hide cells with fewer ties."""
    ties = merge_small(result.ties, floor=result.study.floor)
    matrix = result.matrix if ties is result.ties else function_matrix(ties)
    told = suppress(matrix, floor=result.study.floor, told=told_pairs(result, matrix.functions))
    return Protected(ties, told, small_functions(result.ties, result.study.floor), told_probes(result))


def other_rules(result: StudyFindings, shown: Protected, rules: RuleMeasures | None = None) -> TieRuleSensitivity | None:
    """The ties under other rules as they may be told; None without a log."""
    found = rule_sensitivity(result, measure_rules(result) if rules is None else rules)
    return None if found is None else told_rules(found, result.study.floor, told_to(result, shown.matrix))


def records(result: StudyFindings, shown: Protected) -> dict[str, Any]:
    """All results drawn in the report, by file name."""
    found: dict[str, Any] = {"function_matrix": shown.matrix, "ties": shown.ties}
    for name, probes in shown.probes.items():
        drawn = {"interaction": probes.surface, "floodlight": probes.region, "curve": probes.turning, "map": _map(result, name)}
        found |= {f"{kind}_{name}": one for kind, one in drawn.items() if one is not None}
    if result.comparison is not None:
        found["survey"] = result.comparison
    return found | {"coefficients": result.fit}


def _map(result: StudyFindings, name: str) -> ResponseSurface | None:
    """The map of the expected outcome over total ties and tie strength; None if one of them has only two values."""
    try:
        over = map_ranges(result, name)
        return response_surface(result.fit, focal=f"total_ties_{name}", moderator=f"tie_strength_{name}", over=over)
    except ModelError:
        return None


def drawn(record: Any) -> Any:
    """Draw a result without showing it; coefficients per standard deviation, because terms differ in units."""
    return plot(record, sheet(record), per="sd") if isinstance(record, ModerationFit | GeneralisedFit) else plot(record, sheet(record))


def tabled(result: StudyFindings, shown: Protected, rules: TieRuleSensitivity | None) -> dict[str, Columns]:
    """All tables of the report, by file name; `rules` as they may be told."""
    found: dict[str, Columns] = {
        "ledger": result.ties.ledger._columns(),
        "people_ledger": result.people.ledger._columns(),
        "function_matrix": shown.matrix._columns(),
        "descriptives": {name: values for name, values in described(result, shown)._columns().items() if name not in ("low", "high")},
        "steps": result.fit.steps._columns(),
        "coefficients": result.fit._columns(),
        "coefficients_without_quadratics": result.linear._columns(),
    }
    if rules is not None:
        found["tie_rules"] = rules._columns()
    if result.comparison is not None:
        found["survey"] = result.comparison._columns()
    for name, probes in shown.probes.items():
        made = {"slopes": probes.slopes, "regions": probes.region, "turning_point": probes.turning, "u_test": probes.u}
        found |= {f"{kind}_{name}": one._columns() for kind, one in made.items() if one is not None}
    return told_tables(result, found, shown.matrix)


def described(result: StudyFindings, shown: Protected | None = None) -> Descriptives:
    """Descriptives of the outcome and all numeric variables in the model, for the people in it, as they may be told.

    Minimum and maximum are values of single people, so the report does not show them. The other numbers are rounded, and those of ties
    to a function whose cell is hidden are left out.
    """
    matrix = (protected(result) if shown is None else shown).matrix
    hidden = frozenset(f"total_ties_{name}" for name in result.egos.functions) - {f"total_ties_{name}" for name in told_to(result, matrix)}
    fit = result.fit
    values = {fit.outcome: fit.sample.response} | {name: variable.values for name, variable in fit.variables.items() if not variable.factor}
    return told_descriptives(descriptives(values, list(values)), result.study.floor, hidden)
