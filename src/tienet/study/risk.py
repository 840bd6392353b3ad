"""How well people could be recognised from a study and its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tienet.base.checks import made_by
from tienet.base.frames import Backend, Columns, make_frame
from tienet.base.numbers import counted, number, percent
from tienet.base.record import Record, locked
from tienet.base.steps import step_above
from tienet.base.wording import bare
from tienet.network.privacy.grouping import group_network
from tienet.network.privacy.uniqueness import strengths_drawn, ties_by_function, told_apart
from tienet.study.findings import StudyFindings
from tienet.study.language.reading import say

__all__ = ["RiskReport", "risk_report"]

GROUPS, PEOPLE = "a page of groups", "a page of people"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RiskReport(Record):
    """How many people are unique by what is known of them, and what each written file tells.

    Parameters
    ----------
    known
        What is known: the function, with attributes, with numbers of ties, or what a page shows.
    people, unique, below_floor
        (k,) people it is known of; those who share it with nobody; those who share it with fewer than the floor, the unique included.
    floor
        Fewest people of a group.
    attributes
        Those of `known` that are the function with one column of the people table.
    written
        (file, what it holds, whom it tells of, how it is rounded) of each file that the study writes.
    come, gone
        People of the model who are in this report only, and in the earlier one only; None without an earlier one.
    spread
        The least that rounded means leave unknown of such a person, in standard deviations either way; NaN without an earlier one.
    """

    known: tuple[str, ...]
    people: NDArray[np.int64]
    unique: NDArray[np.int64]
    below_floor: NDArray[np.int64]
    floor: int
    written: tuple[tuple[str, str, str, str], ...]
    come: int | None = None
    gone: int | None = None
    spread: float = float("nan")
    attributes: tuple[str, ...] = ()
    backend: Backend = "pandas"

    def _works(self) -> tuple[str, ...]:
        return ("sweeney_2002",)

    def _columns(self) -> Columns:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.where(self.people > 0, self.unique / self.people, np.nan)
        return {
            "known": np.array(self.known, dtype=object),
            "people": self.people,
            "unique": self.unique,
            "below_floor": self.below_floor,
            "share_unique": share,
        }

    @property
    def files(self) -> Any:
        """One row per written file: what it holds, whom it tells of, how its numbers are rounded."""
        names = ("file", "holds", "about", "rounded")
        return make_frame({name: np.array([row[at] for row in self.written], dtype=object) for at, name in enumerate(names)}, self.backend)

    @property
    def safe(self) -> bool | None:
        """Whether both reports may be released: nobody, or at least the floor, is in each of them only. None without an earlier one."""
        if self.come is None or self.gone is None:
            return None
        return all(not 0 < count < self.floor for count in (self.come, self.gone))

    def __str__(self) -> str:
        place = {name: at for at, name in enumerate(self.known)}
        told = [
            f"{int(self.unique[at]):,} ({percent(self.unique[at] / max(self.people[at], 1), 0)}) by {name}"
            for name, at in place.items()
            if name not in (GROUPS, PEOPLE)
        ]
        pages = [f"on {name} {int(self.unique[place[name]]):,} are" for name in (GROUPS, PEOPLE)]
        whole = f"Of {counted(int(self.people[0]), 'person', 'people')}, unique are {', '.join(told)}; {', '.join(pages)}"
        return f"{whole}. Nobody is named here{self._difference()}."

    def _difference(self) -> str:
        if self.come is None or self.gone is None:
            return ""
        advice = "both may be released" if self.safe else f"release only one of the two: fewer than {self.floor} people make the difference"
        left = f"; rounded means leave each of them at least {number(self.spread, 1)} SD either way" if self.come + self.gone == 1 else ""
        return f". People of the model in this report only: {self.come:,}, in the earlier one only: {self.gone:,}; {advice}{left}"


def risk_report(result: StudyFindings, *, earlier: StudyFindings | None = None) -> RiskReport:
    r"""Count the people who could be recognised from what is known of them, and list what each written file tells.

    Somebody is unique by a set of values if nobody else has the same,

    .. math:: unique = \left|\{i : |\{j : x_j = x_i\}| = 1\}\right|, \qquad below = \left|\{i : |\{j : x_j = x_i\}| < floor\}\right|

    A reader who knows these values of a unique person finds this person wherever they stand, under a pseudonym too.

    Parameters
    ----------
    result
        From `Study.run`.
    earlier
        The result of an earlier report about the same firm: then the report says how many people of the model are in one of the two only.
        Where they are fewer than the floor, the difference of the two tells of them.

    Returns
    -------
    RiskReport
        With `.frame`, one row per set of values, and `.files`, one row per written file. It holds no ids.

    Raises
    ------
    ArgumentError
        The results are not those of a study.

    Notes
    -----
    The sets are: function; function and each attribute of the people table, and all of them together; function and number of ties;
    function and ties to each function; the controls of the model; a page of groups; and a page of people, on which a mark has the
    strengths of its ties. Values are compared as they stand in the tables, so a tenure of 3.2 years is not one of 3.3.

    References
    ----------
    Sweeney, L. (2002). k-anonymity: a model for protecting privacy. International Journal of Uncertainty, Fuzziness and Knowledge-Based
    Systems 10, 557-570.

    Examples
    --------
    >>> import tienet as tn
    >>> firm = tn.simulate_firm(n_people=120, seed=1)
    >>> result = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, no_ties="drop").run()
    >>> found = tn.risk_report(result)
    >>> bool(found.frame["unique"].iloc[0] == 0), bool(found.frame["unique"].max() > 60)
    (True, True)
    """
    made_by("Study.run", StudyFindings, result=result)
    if earlier is not None:
        made_by("Study.run", StudyFindings, earlier=earlier)
    floor = result.study.floor
    rows = [(name, len(keys[0]), *told_apart(keys, floor)) for name, keys in _known(result)]
    known, people, unique, below = zip(*rows, strict=True)
    come, gone = (None, None) if earlier is None else _apart(result, earlier)
    return RiskReport(
        known=tuple(known),
        people=locked(people, dtype=np.int64),
        unique=locked(unique, dtype=np.int64),
        below_floor=locked(below, dtype=np.int64),
        floor=floor,
        written=tuple(_written(result)),
        come=come,
        gone=gone,
        spread=float("nan") if earlier is None else _spread(result),
        attributes=tuple(_known_by(result, name) for name in result.ties.people.attributes if name != "name"),
        backend=result.backend,
    )


def _known(result: StudyFindings) -> Iterator[tuple[str, list[NDArray[Any]]]]:
    """What may be known of people, in words, and their values."""
    ties = result.ties
    function = ties.people.function
    attributes = {name: values for name, values in ties.people.attributes.items() if name != "name"}
    counts = ties_by_function(ties)
    yield say("known.function"), [function]
    for name, values in attributes.items():
        yield _known_by(result, name), [function, values]
    if len(attributes) > 1:
        yield say("known.attributes"), [function, *attributes.values()]
    yield say("known.ties"), [function, counts.sum(axis=1)]
    yield say("known.ties_each"), [function, *counts.T]
    controls = [result.data[bare(name)] for name in result.study.controls if bare(name) in result.data]
    if controls:
        yield say("known.controls"), [np.asarray(values) for values in controls]
    groups = group_network(ties, floor=result.study.floor)
    yield GROUPS, [np.repeat(np.arange(len(groups)), groups.members)]
    yield PEOPLE, [function, strengths_drawn(ties)]


def _known_by(result: StudyFindings, attribute: str) -> str:
    return say("known.attribute", name=result.study.label_of(attribute))


def _apart(result: StudyFindings, earlier: StudyFindings) -> tuple[int, int]:
    """People of the model in one of the two reports only."""
    now, then = (_in_model(one) for one in (result, earlier))
    return len(now - then), len(then - now)


def _in_model(result: StudyFindings) -> set[str]:
    return {str(person) for person in np.asarray(result.data["person"])[result.fit.sample.rows].tolist()}


def _spread(result: StudyFindings) -> float:
    """The least that rounded means leave unknown of one person, in standard deviations, either way."""
    fit = result.fit
    values = [fit.sample.response, *(variable.values for variable in fit.variables.values() if not variable.factor)]
    sds = [float(np.std(one, ddof=1)) for one in values]
    # The person is n m - (n - 1) m': two means, each off by up to half a step, and n times that.
    return min((step_above(sd / fit.n) * (2 * fit.n - 1) / 2 / sd for sd in sds if sd > 0), default=float("nan"))


def _written(result: StudyFindings) -> Iterator[tuple[str, str, str, str]]:
    floor = result.study.floor
    steps = "steps of which n make a standard deviation or more"
    yield "report.html", "the report", "groups of people, unless people are asked for", "as the tables"
    yield "tables/ledger.csv", "rows of the log by reason", "the log", "exact"
    yield "tables/people_ledger.csv", "rows of the people table by reason", "the log", "exact"
    yield "tables/function_matrix.csv", "ties between functions", "groups of people", f"multiples of {floor}, small cells hidden"
    yield "tables/descriptives.csv", "means, standard deviations, correlations", "all people studied", steps
    yield "tables/tie_rules.csv", "mean ties under other tie rules", "all people studied", f"steps of {floor} ties or people"
    for name in ("steps", "coefficients", "coefficients_without_quadratics"):
        yield f"tables/{name}.csv", "the regression", "all people studied", "three digits of the standard error"
    for function, probes in result.probes.items():
        yield f"tables/slopes_{function}.csv", "slopes at weak and strong ties", "all people studied", "two digits of the standard error"
        if probes.region is not None:
            yield f"tables/regions_{function}.csv", "regions of significance", "all people studied", f"shares to steps of {floor} people"
        if probes.effects is not None:
            kept = "two digits of the standard error"
            yield f"tables/average_slopes_{function}.csv", "average slopes of the expected outcome", "all people studied", kept
        if probes.expected_region is not None:
            kept = f"shares to steps of {floor} people"
            yield f"tables/average_regions_{function}.csv", "regions of significance", "all people studied", kept
        if probes.turning is not None:
            yield f"tables/turning_point_{function}.csv", "the turning point", "all people studied", "four digits"
            yield f"tables/u_test_{function}.csv", "the U test", "all people studied", "ends left out"
        region, curve = probes.region is not None, probes.turning is not None
        drawn = {"interaction": True, "floodlight": region, "curve": curve, "map": region and curve}
        for kind in (kind for kind, there in drawn.items() if there):
            yield f"figures/{kind}_{function}", "lines of the model, people counted", "groups of people", f"columns hollow below {floor}"
    yield "figures/ties", "ties per person, counted", "groups of people", f"bars of at least {floor} people"
