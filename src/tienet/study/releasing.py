"""What a study tells in its files: numbers rounded so that neither a hidden cell nor one person's values can be computed from them.

Moments of people are rounded to a step with n steps = one standard deviation or more: the difference between two reports that differ by
one person then leaves that person anywhere within the spread of all. Counts are rounded to multiples of the floor. The reasons, and what
this does not protect, are in docs/decisions/0005-what-a-report-tells.md.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.errors import ModelError, TienetWarning
from tienet.base.frames import Columns
from tienet.base.record import locked
from tienet.base.steps import step_above, to_step
from tienet.network.measures.tie_rules import TieRuleSensitivity
from tienet.network.privacy import SuppressedMatrix
from tienet.network.privacy.bins import range_of, width_of
from tienet.output.tables.descriptive_statistics import Descriptives
from tienet.regression.core.least_squares import two_sided
from tienet.regression.probes.predicted_surfaces import predict_surface
from tienet.regression.probes.regions import JohnsonNeyman
from tienet.study.findings import Probes

if TYPE_CHECKING:
    from tienet.study.findings import StudyFindings

_DIGITS = 4
_ERROR_DIGITS = 3
_PARTS = 6  # a range ends at a multiple of about this part of its length
_SHARES = ("share", "without")
_EXACT = ("df", "df1", "df2")


def told_to(result: StudyFindings, hidden: SuppressedMatrix) -> frozenset[str]:
    """The functions whose number of ties with the people studied may be told: their cell is not hidden, nor merged away."""
    known = hidden.functions
    of = result.egos.of
    shown = set()
    for name in result.egos.functions:
        if of in known and name in known and not hidden.hidden[known.index(of), known.index(name)]:
            shown.add(name)
    return frozenset(shown)


def told_pairs(result: StudyFindings, functions: tuple[str, ...]) -> list[tuple[str, str]]:
    """The pairs of functions whose number of ties the tables of the study tell."""
    of = result.egos.of
    return [(of, name) for name in result.egos.functions if of in functions and name in functions]


def told_descriptives(found: Descriptives, floor: int, kept_back: frozenset[str] = frozenset()) -> Descriptives:
    """Rounded means, standard deviations and correlations; none of the mean of ties to a function whose cell is hidden.

    Parameters
    ----------
    found
        The exact numbers.
    floor
        Fewest people or ties that a number tells of.
    kept_back
        Variables whose mean and standard deviation are not told.
    """
    n = found.n
    counts = np.array([name.startswith("total_ties_") for name in found.names])
    steps = np.array([step_above(max(sd, floor if ties else 0.0) / n) for sd, ties in zip(found.sd.tolist(), counts, strict=True)])
    back = np.array([name in kept_back for name in found.names])
    mean, sd = (np.where(back, np.nan, to_step(values, steps)) for values in (found.mean, found.sd))
    r = to_step(found.correlation, max(0.01, step_above(0.5 / n)))
    r[np.isfinite(r)] = np.clip(r[np.isfinite(r)], -1.0, 1.0)
    extreme = np.full(len(back), np.nan)  # the values of single people
    p = _p_values(r, n)
    moments: dict[str, Any] = {"mean": mean, "sd": sd, "low": extreme, "high": extreme, "correlation": r, "p_value": p}
    locks: dict[str, Any] = {name: locked(values) for name, values in moments.items()}
    return replace(found, **locks)


def _p_values(r: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """The p of the rounded correlations, from which no more digits of them can be had."""
    if n < 3:
        return np.full(r.shape, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = r * np.sqrt((n - 2) / ((1 - r) * (1 + r)).clip(min=0))
    p = np.asarray(two_sided(t, n - 2), dtype=float)
    np.fill_diagonal(p, np.nan)
    return p


def told_rules(found: TieRuleSensitivity, floor: int, shown: frozenset[str]) -> TieRuleSensitivity:
    """Means and shares under each tie rule, to steps of the floor of ties or people; nothing of a function whose cell is hidden."""
    step = step_above(floor / max(found.egos, 1))
    back = np.array([name not in shown for name in found.functions])
    sums, people = found.mean_total_ties * found.egos, found.without * found.egos
    few = ((sums > 0) & (sums < floor - 0.5)) | back
    lone = _few(people, floor) | _few(found.egos - people, floor) | back
    return replace(
        found,
        ties=locked(floor * np.round(found.ties / floor), dtype=np.int64),
        jaccard=locked(to_step(found.jaccard, 0.01)),
        mean_total_ties=locked(np.where(few, np.nan, to_step(found.mean_total_ties, step))),
        without=locked(np.where(lone, np.nan, to_step(found.without, step))),
        rank_correlation=locked(to_step(found.rank_correlation, 0.01)),
        strength_correlation=locked(to_step(found.strength_correlation, 0.01)),
    )


def _few(people: NDArray[np.float64], floor: int) -> NDArray[np.bool_]:
    return np.asarray((people > 0.5) & (people < floor - 0.5))


def told_probes(result: StudyFindings) -> Mapping[str, Probes]:
    """The probes as files show them: ranges end at round numbers with the floor of people beyond, not at somebody's value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TienetWarning)  # the study itself has already warned
        return {name: _told(result, name, probes) for name, probes in result.probes.items()}


def _told(result: StudyFindings, name: str, probes: Probes) -> Probes:
    fit, floor = result.fit, result.study.floor
    total, strength = f"total_ties_{name}", f"tie_strength_{name}"
    ties, held = (np.asarray(fit.variables[one].values, dtype=float) for one in (total, strength))
    over = range_of(ties, floor)
    slopes = replace(probes.slopes, at=locked(to_step(probes.slopes.at, step_above(float(held.std(ddof=1)) / fit.n))))
    turning = probes.turning
    if turning is not None:
        curve = None if turning.curve is None else predict_surface(fit, focal=total, over=over)
        turning = replace(turning, observed=outward(ties), curve=curve)
    return replace(
        probes,
        slopes=slopes,
        region=None if probes.region is None else _told_region(probes.region, held, floor),
        turning=turning,
        surface=predict_surface(fit, focal=total, moderator=strength, over=over, scale=probes.surface.scale),
        effects=None if probes.effects is None else replace(probes.effects, at=slopes.at),
        expected_region=None if probes.expected_region is None else _told_region(probes.expected_region, held, floor),
    )


def _told_region(region: JohnsonNeyman, held: NDArray[np.float64], floor: int) -> JohnsonNeyman:
    """Regions that end at round numbers beyond the values of the moderator, with their shares of people to a step of the floor."""
    outer, n = outward(held), len(held)
    ends = dict(zip(region.observed, outer, strict=True))
    return replace(
        region,
        observed=outer,
        low=locked([ends.get(end, end) for end in region.low.tolist()]),
        high=locked([ends.get(end, end) for end in region.high.tolist()]),
        share=locked(to_step(region.share, step_above(floor / n))),
        share_significant=_share(region.share_significant, n, floor),
    )


def _share(share: float, n: int, floor: int) -> float:
    """A share of people, to a step of the floor where it is of fewer people, or of all but fewer."""
    people = np.array([share * n, (1 - share) * n])
    return float(to_step(share, step_above(floor / n))) if _few(people, floor).any() else share


def outward(values: NDArray[np.float64]) -> tuple[float, float]:
    """The range of the values, ending at round numbers beyond them; not below zero where no value is."""
    step = width_of(values, _PARTS)
    low, high = np.ceil(values.min() / step) - 1, np.floor(values.max() / step) + 1
    return max(float(to_step(low * step, step)), 0.0 if values.min() >= 0 else -np.inf), float(to_step(high * step, step))


def told_tables(result: StudyFindings, tables: Mapping[str, Columns], matrix: SuppressedMatrix) -> dict[str, Columns]:
    """The tables with the numbers of each rounded by what it is; counts of the log and of the people table stay."""
    kept = ("ledger", "people_ledger", "descriptives", "tie_rules", "function_matrix")
    n, floor = result.fit.n, result.study.floor
    told = {name: columns if name in kept else _rounded(name, columns, n, floor) for name, columns in tables.items()}
    if "function_matrix" in told:
        told["function_matrix"] = _told_cells(told["function_matrix"], matrix)
    return told


def _told_cells(columns: Columns, matrix: SuppressedMatrix) -> Columns:
    """Ties to multiples of the floor, and what goes with them to as many ties."""
    floor = matrix.floor if matrix.floor > 1 else 0
    ties = np.asarray(columns["ties"], dtype=float)
    told = dict(columns)
    if floor:
        rows, cols = np.triu_indices(len(matrix.functions))
        members = matrix.members.astype(float)
        pairs = np.where(rows == cols, members[rows] * (members[rows] - 1) / 2, members[rows] * members[cols])
        rounded = to_step(ties, floor) if floor in (1, 2, 5, 10) else floor * np.round(ties / floor)
        told["ties"] = np.where(ties > 0, np.maximum(rounded, floor), ties)
        with np.errstate(invalid="ignore", divide="ignore"):
            told["density"] = significant(np.where(pairs > 0, told["ties"] / pairs, np.nan))
            steps = np.array([step_above(one) for one in np.nan_to_num(floor * np.asarray(columns["strength"]) / ties).tolist()])
            shares = np.array([step_above(one) for one in np.nan_to_num(floor / ties, posinf=0.0).tolist()])
        told["strength"] = to_step(columns["strength"], steps)
        told["reciprocity"] = np.minimum(to_step(columns["reciprocity"], shares), 1.0)
        if "latency" in told:
            told["latency"] = significant(columns["latency"], 2)
    return told


def _rounded(table: str, columns: Columns, n: int, floor: int) -> Columns:
    at_values = table.startswith(
        ("slopes_", "average_slopes_", "u_test_")
    )  # slopes at values of people, or at moments of them: fewer digits
    told: dict[str, NDArray[Any]] = {}
    errors = np.asarray(columns["std_error"], dtype=float) if "std_error" in columns else None
    for name, values in columns.items():
        if values.dtype.kind != "f" or name in _EXACT:
            told[name] = values
        elif name.startswith(_SHARES):
            told[name] = to_step(values, step_above(floor / n))
        elif errors is not None and name in ("estimate", "std_error", "conf_low", "conf_high"):
            told[name] = to_step(values, _steps(errors, 2 if at_values else _ERROR_DIGITS))
        else:
            told[name] = significant(values, _ERROR_DIGITS if name.startswith("p_") else _DIGITS)
    if table.startswith("u_test_"):
        # The ends are values of single people, and with the coefficients the slope there tells them.
        for name in ("value", "estimate", "std_error", "statistic"):
            told[name] = np.where(np.asarray(columns["end"]) == "overall", told[name], np.nan)
        told["p_value"] = significant(columns["p_value"], 2)
    return told


def _steps(errors: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    """The place of the last digit shown of each standard error; 0 where there is none."""
    known = np.isfinite(errors) & (errors > 0)
    powers = np.floor(np.log10(np.where(known, errors, 1.0))) - (digits - 1)
    return np.where(known, [float(f"1e{int(power)}") for power in powers.tolist()], 0.0)


def significant(values: Any, digits: int = _DIGITS) -> NDArray[np.float64]:
    """The values with so many digits; whole numbers as they are."""
    given = np.asarray(values, dtype=float)
    return np.array([one if not np.isfinite(one) or one == round(one) else float(f"{one:.{digits}g}") for one in given.ravel()]).reshape(
        given.shape
    )


def map_ranges(result: StudyFindings, name: str) -> dict[str, tuple[float, float]]:
    """The ranges of the map of a function: round numbers beyond everyone."""
    ranges = {}
    for variable in (f"total_ties_{name}", f"tie_strength_{name}"):
        values = np.asarray(result.fit.variables[variable].values, dtype=float)
        if not np.ptp(values) > 0:
            raise ModelError(f"{variable} does not vary")
        ranges[variable] = outward(values)
    return ranges
