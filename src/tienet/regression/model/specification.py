"""The specification of a moderated regression, without data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, InitVar, dataclass

from tienet.base.checks import checked_labels, checked_level, mapping, names, text
from tienet.base.errors import ArgumentError, ModelError, offer, shown
from tienet.base.naming import Names
from tienet.base.numbers import listed
from tienet.base.record import Fixed, Sealed
from tienet.regression.core.design import Center
from tienet.regression.core.formula import Formula, Term, parse_formula, parse_term
from tienet.regression.covariance.register import chosen_covariance
from tienet.regression.model.absorb_arguments import absorbed_covariance, checked_absorb, checked_double, refuse_beside
from tienet.regression.model.column_marks import marked_formula
from tienet.regression.model.family_arguments import checked_family


@dataclass(frozen=True, slots=True, eq=False)
class Specification(Sealed):
    """The validated arguments of a `Moderation`: formula, covariance, clusters, centring, level, weights and steps."""

    formula: str
    _: KW_ONLY
    covariance: str | None = None
    cluster: str | tuple[str, str] | None = None
    center: Center = "mean"
    alpha: float = 0.05
    complete: tuple[str, ...] = ()
    weights: str | None = None
    steps: Mapping[str, Sequence[str]] | None = None
    labels: Mapping[str, str] | None = None
    units: Mapping[str, str] | None = None
    family: str | None = None
    exposure: str | None = None
    event: object = None
    absorb: str | Sequence[str] | None = ()
    double_demeaned: bool = False
    base: InitVar[Mapping[str, object] | None] = None
    numeric: InitVar[Sequence[str] | None] = None

    def __post_init__(self, base: Mapping[str, object] | None, numeric: Sequence[str] | None) -> None:
        formula = parse_formula(self.formula)
        if base is not None or numeric is not None:  # written into the formula, which is all that refits and other equations read
            formula = marked_formula(formula, base, () if numeric is None else numeric)
            object.__setattr__(self, "formula", str(formula))
        object.__setattr__(self, "cluster", cluster_names(self.cluster))
        if self.weights is not None and not (isinstance(self.weights, str) and self.weights):
            raise ArgumentError(f"weights must be the name of the column with the weights; got {shown(self.weights)}")
        if self.weights == formula.outcome:
            raise ArgumentError(f"weights={self.weights!r} is the outcome; choose another column")
        if self.weights in formula.categories:
            raise ArgumentError(
                f"weights={self.weights!r} is a category in the formula, C({self.weights}); weights must be numbers, choose another column"
            )
        if self.steps is not None:
            object.__setattr__(self, "steps", _checked_steps(self.steps, formula))
        object.__setattr__(self, "absorb", checked_absorb(self.absorb, formula, self.weights))
        object.__setattr__(self, "double_demeaned", checked_double(self.double_demeaned, self.absorbed, formula))
        if self.absorbed:
            refuse_beside(steps=self.steps, family=self.family)
        kind = checked_family(
            formula.outcome, self.family, self.exposure, self.event, covariance=self.covariance, cluster=self.cluster, weights=self.weights
        )
        choose = absorbed_covariance if self.absorbed else chosen_covariance
        object.__setattr__(self, "covariance", kind or choose(self.covariance, self.cluster))
        checked_level(self.alpha)
        if isinstance(self.center, Mapping):
            object.__setattr__(self, "center", Fixed(dict(self.center)))
        elif not isinstance(self.center, str) or self.center not in ("mean", "none"):
            raise ArgumentError.not_one_of("center", self.center, ("mean", "none"), otherwise="a mapping of names to values")
        object.__setattr__(self, "labels", Fixed(checked_labels(self.labels)))
        object.__setattr__(self, "units", Fixed(checked_units(self.units)))

    @property
    def absorbed(self) -> tuple[str, ...]:
        """The columns whose effects are taken out."""
        return tuple(self.absorb or ())

    @property
    def names(self) -> Names:
        """Labels and units of the columns."""
        return Names(self.labels or {}, self.units or {})

    def __str__(self) -> str:
        grouped = f" by {self.cluster if isinstance(self.cluster, str) else listed(self.cluster)}" if self.cluster else ""
        weighted = f"; weights: {self.weights}" if self.weights else ""
        family = f"; family: {self.family}" if self.family else ""
        exposed = f"; exposure: {self.exposure}" if self.exposure else ""
        out = f"; absorbed: {listed(self.absorbed)}" if self.absorbed else ""
        double = "; products of double-demeaned variables" if self.double_demeaned else ""
        errors = f"{self.covariance} standard errors{grouped}; centred: {self.center}{weighted}"
        return f"{parse_formula(self.formula)}{family}{exposed}{out}{double}; {errors}"


def checked_units(units: object) -> dict[str, str]:
    """The `units` of columns in output; empty for None."""
    found = mapping("units", units)
    for name, unit in found.items():
        text(f"units[{name!r}]", unit)
    return found


def _checked_steps(steps: Mapping[str, Sequence[str]], formula: Formula) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(steps, Mapping):
        raise ArgumentError(f"steps must be a mapping of names to terms, such as {{'controls': ['tenure']}}; got {shown(steps)}")
    placed: dict[Term, str] = {}
    found = {str(name): tuple(names(f"steps[{name!r}]", terms)) for name, terms in steps.items()}
    for name, terms in found.items():
        if not terms:
            raise ModelError(f"steps: {name!r} has no terms; leave it out")
        for term in map(parse_term, terms):
            _refuse_place(term, name, placed, formula)
            placed[term] = name
        _refuse_early(placed, name)
    left = [str(term) for term in formula.terms if term not in placed]
    if left:
        raise ModelError(
            f"steps: {listed(left)} {'is' if len(left) == 1 else 'are'} not in any step; every term of the formula must be in one"
        )
    return Fixed(found)


def _refuse_place(term: Term, step: str, placed: Mapping[Term, str], formula: Formula) -> None:
    if term not in formula.terms:
        raise ModelError(f"steps: {step!r} contains {term}, which is not in the formula{offer(str(term), map(str, formula.terms))}")
    if term in placed:
        raise ModelError(f"steps: {term} is in both {placed[term]!r} and {step!r}; every term must be in one step only")


def _refuse_early(placed: Mapping[Term, str], step: str) -> None:
    for term in placed:
        for part in term.divisors():
            if part not in placed:
                raise ModelError(f"steps: {term} enters in {step!r} before {part}; put {part} into the same step or an earlier one")


def cluster_names(cluster: object) -> str | tuple[str, str] | None:
    """The column that groups the rows, a pair of columns, or None. Anything else raises an error."""
    names = [cluster] if isinstance(cluster, str) else list(cluster) if isinstance(cluster, list | tuple) else []
    if cluster is None:
        return None
    if not 1 <= len(names) <= 2 or not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ArgumentError(f"cluster={cluster!r} must be the name of one column that groups the rows, or of two different ones")
    return names[0] if len(names) == 1 else (names[0], names[1])
