"""What is to be estimated, before it meets data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from tienet.base.checks import checked_level, names
from tienet.base.errors import ArgumentError, ModelError, offer
from tienet.base.numbers import listed
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.design import Center
from tienet.regression.core.formula import Formula, Term, parse_formula, parse_term
from tienet.regression.covariance.register import chosen_covariance


@dataclass(frozen=True, slots=True, eq=False)
class Specification(Sealed):
    """What a `Moderation` holds, checked: its formula, covariance, clusters, centring, level, weights and steps."""

    formula: str
    _: KW_ONLY
    covariance: str | None = None
    cluster: str | tuple[str, str] | None = None
    center: Center = "mean"
    alpha: float = 0.05
    complete: tuple[str, ...] = ()
    weights: str | None = None
    steps: Mapping[str, Sequence[str]] | None = None

    def __post_init__(self) -> None:
        formula = parse_formula(self.formula)
        object.__setattr__(self, "cluster", cluster_names(self.cluster))
        if self.weights is not None and not (isinstance(self.weights, str) and self.weights):
            raise ArgumentError(f"weights={self.weights!r} is not the name of one column; name the column that holds the weights")
        if self.weights == formula.outcome:
            raise ArgumentError(f"weights={self.weights!r} is the outcome; name another column")
        if self.weights in formula.categories:
            raise ArgumentError(
                f"weights={self.weights!r} stands in the formula as C({self.weights}); weights are numbers, name another column"
            )
        if self.steps is not None:
            object.__setattr__(self, "steps", _checked_steps(self.steps, formula))
        object.__setattr__(self, "covariance", chosen_covariance(self.covariance, self.cluster))
        checked_level(self.alpha)
        if isinstance(self.center, Mapping):
            object.__setattr__(self, "center", Fixed(dict(self.center)))
        elif not isinstance(self.center, str) or self.center not in ("mean", "none"):
            raise ArgumentError.not_one_of("center", self.center, ("mean", "none"), otherwise="a mapping of names to values")

    def __str__(self) -> str:
        grouped = f" by {self.cluster if isinstance(self.cluster, str) else listed(self.cluster)}" if self.cluster else ""
        weighted = f"; weights: {self.weights}" if self.weights else ""
        return f"{parse_formula(self.formula)}; {self.covariance} standard errors{grouped}; centred: {self.center}{weighted}"


def _checked_steps(steps: Mapping[str, Sequence[str]], formula: Formula) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(steps, Mapping):
        raise ArgumentError(f"steps is a {type(steps).__name__}; write a mapping of names to terms, {{'controls': ['tenure']}}")
    placed: dict[Term, str] = {}
    found = {str(name): tuple(names(f"steps[{name!r}]", terms)) for name, terms in steps.items()}
    for name, terms in found.items():
        if not terms:
            raise ModelError(f"steps: {name!r} has no term; leave it out")
        for term in map(parse_term, terms):
            _refuse_place(term, name, placed, formula)
            placed[term] = name
        _refuse_early(placed, name)
    left = [str(term) for term in formula.terms if term not in placed]
    if left:
        raise ModelError(
            f"steps: {listed(left)} {'stands' if len(left) == 1 else 'stand'} in no step; every term of the formula belongs to one"
        )
    return Fixed(found)


def _refuse_place(term: Term, step: str, placed: Mapping[Term, str], formula: Formula) -> None:
    if term not in formula.terms:
        raise ModelError(f"steps: {step!r} holds {term}, which the formula does not have{offer(str(term), map(str, formula.terms))}")
    if term in placed:
        raise ModelError(f"steps: {term} stands both in {placed[term]!r} and in {step!r}; every term belongs to one step")


def _refuse_early(placed: Mapping[Term, str], step: str) -> None:
    for term in placed:
        for part in term.divisors():
            if part not in placed:
                raise ModelError(f"steps: {term} comes in {step!r} before {part}; put {part} into the same step or an earlier one")


def cluster_names(cluster: object) -> str | tuple[str, str] | None:
    """The column that groups the rows, or a pair of columns; anything else is refused."""
    names = [cluster] if isinstance(cluster, str) else list(cluster) if isinstance(cluster, list | tuple) else []
    if cluster is None:
        return None
    if not 1 <= len(names) <= 2 or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ArgumentError(f"cluster={cluster!r} is not the name of one column or of two; name what groups the rows")
    return names[0] if len(names) == 1 else (names[0], names[1])
