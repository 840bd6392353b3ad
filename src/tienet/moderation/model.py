"""What is to be estimated: the specification of a moderated regression, and the one of Claro & Ramos (2018)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, get_args

from tienet._arguments import choice, flag, names
from tienet._covariance import checked_level
from tienet._design import Center
from tienet._formula import Formula, Term, parse_formula, parse_term
from tienet._model_frame import ModelFrame, read_model_frame
from tienet._ols import CLUSTERED, ROBUST
from tienet._record import Fixed, Sealed, counted
from tienet.errors import ArgumentError, FewClusters, ModelError, offer, warn
from tienet.moderation._clusters import cluster_troubles
from tienet.moderation.fit import ModerationFit, estimate
from tienet.wording import snake_case

NoTies = Literal["drop", "zero_with_indicator"]
_NAME = re.compile(r"[^\W\d]\w*|C\(\s*[^\W\d]\w*\s*\)")


@dataclass(frozen=True, slots=True, eq=False)
class Moderation(Sealed):
    """A moderated regression before it meets data.

    Parameters
    ----------
    formula
        `outcome ~ terms` with names, `+`, `:`, `*` (all lower-order terms), `^2` and `C(name)`; text columns are categorical by themselves.
    covariance
        "classical", "HC0" to "HC5", "HC4m"; with a cluster "CR0" to "CR3". By default "HC3", and "CR1" with a cluster. "CR2" is the choice
        with few clusters: every t has its own (Satterthwaite) degrees of freedom. "CR3" is without a factor.
    cluster
        The column that groups the rows whose errors may go together, or a pair of columns (two-way; "CR0" or "CR1").
    center
        "mean" (every number that enters a product or a square, less its mean in the rows used), "none", or a mapping of names to values.
    alpha
        Level of the intervals; 0.05 gives 95 % intervals.
    complete
        Columns in which a missing value is refused instead of dropped with its row.
    weights
        A column of positive weights, proportional to the inverse variance of each row's error (as ``lm(weights=)`` in R): least squares,
        R2, sigma, AIC and every covariance are then the weighted ones. They say how exact a row is, not how many cases it stands
        for, so the means used by ``center="mean"``, and the means and standard deviations that probes take, stay those of the rows.
        "CR2" and its degrees of freedom are then those of the rows multiplied by the root of their weight, exact when the errors have
        variance 1/w and do not go together; clubSandwich takes another root of that working model, and its errors differ by a few percent.
    steps
        Blocks of the hierarchical regression, a mapping of names to lists of terms, such as ``{"controls": ["tenure"], "ties": ["ties",
        "ties^2"]}``: every term of the formula once, none before the terms it is made of. By default controls, main, quadratic,
        interactions.

    Raises
    ------
    ModelError
        For a formula outside the language, or steps that do not fit it.
    ArgumentError
        For an unknown covariance, one that does not fit `cluster`, or an alpha outside (0, 1).

    Examples
    --------
    >>> model = Moderation("growth ~ tenure + ties*strength + ties^2")
    >>> fit = model.fit(
    ...     {
    ...         "growth": [2.0, 4.1, 3.2, 5.9, 6.1, 7.7, 6.4, 9.3],
    ...         "tenure": [1, 3, 2, 5, 4, 6, 8, 7],
    ...         "ties": [0, 1, 2, 3, 4, 5, 6, 8],
    ...         "strength": [1.0, 0.5, 2.0, 1.5, 0.7, 2.4, 1.1, 0.2],
    ...     }
    ... )
    >>> fit.n, fit.terms[-2:]
    (8, ('ties:strength', 'ties^2'))
    """

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
        object.__setattr__(self, "covariance", _covariance_kind(self.covariance, self.cluster))
        checked_level(self.alpha)
        if isinstance(self.center, Mapping):
            object.__setattr__(self, "center", Fixed(dict(self.center)))
        elif not isinstance(self.center, str) or self.center not in ("mean", "none"):
            raise ArgumentError.not_one_of("center", self.center, ("mean", "none", "a mapping of names to values"))

    def fit(self, data: object) -> ModerationFit:
        """Estimate the model on data.

        Parameters
        ----------
        data
            Any frame narwhals knows; rows that miss a used value are dropped once, counted and named by column.

        Raises
        ------
        DataError
            For a missing column, text among numbers, or no complete row.
        ModelError
            For a design that has no honest answer: collinear or constant terms, too few rows or clusters, leverage 1 under HC2 to HC5,
            a cluster that alone decides a coefficient under CR3.

        Warns
        -----
        FewClusters
            With few clusters, or clusters so unequal that they count as few; under CR2 when its degrees of freedom fall below 4.
        """
        formula = parse_formula(self.formula)
        sample = read_model_frame(data, formula, self.cluster, self.weights)
        refuse_gaps(self, sample)
        fitted = estimate(self, formula, sample)
        warn_few(fitted)
        return fitted

    def __str__(self) -> str:
        grouped = f" by {self.cluster if isinstance(self.cluster, str) else ' and '.join(self.cluster)}" if self.cluster else ""
        weighted = f"; weights: {self.weights}" if self.weights else ""
        return f"{parse_formula(self.formula)}; {self.covariance} standard errors{grouped}; centred: {self.center}{weighted}"


def refuse_gaps(model: Moderation, sample: ModelFrame) -> None:
    """Refuse missing values where the model does not let them be dropped."""
    for name in model.complete:
        if name in sample.dropped:
            raise ModelError(
                f"{name} is missing in {counted(sample.dropped[name], 'row')}, and what happens to them is yours to say: "
                "no_ties='drop' leaves them out, no_ties='zero_with_indicator' expects a zero beside an indicator"
            )


def warn_few(fitted: ModerationFit) -> None:
    """Say when there are too few clusters for their standard errors."""
    for trouble in cluster_troubles(fitted):
        warn(trouble, FewClusters)


def _checked_steps(steps: Mapping[str, Sequence[str]], formula: Formula) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(steps, Mapping):
        raise ArgumentError(f"steps is a {type(steps).__name__}; write a mapping of names to terms, {{'controls': ['tenure']}}")
    placed: dict[Term, str] = {}
    found = {str(name): tuple(_listed(f"steps[{name!r}]", terms)) for name, terms in steps.items()}
    for name, terms in found.items():
        if not terms:
            raise ModelError(f"steps: {name!r} has no term; leave it out")
        for term in map(parse_term, terms):
            _refuse_place(term, name, placed, formula)
            placed[term] = name
        _refuse_early(placed, name)
    left = [str(term) for term in formula.terms if term not in placed]
    if left:
        raise ModelError(f"steps: {' and '.join(left)} stands in no step; every term of the formula belongs to one")
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


def _covariance_kind(kind: str | None, cluster: str | tuple[str, str] | None) -> str:
    allowed = CLUSTERED if cluster else ROBUST
    if kind is None:
        return "CR1" if cluster else "HC3"
    choice("covariance", kind, (*ROBUST, *CLUSTERED))
    if kind not in allowed:
        repair = f"with a cluster use {' or '.join(CLUSTERED)}" if cluster else "name the column that groups the rows in `cluster`"
        raise ArgumentError(f"covariance={kind!r} does not go with cluster={cluster!r}; {repair}")
    if kind in ("CR2", "CR3") and isinstance(cluster, tuple):
        raise ArgumentError(
            f"covariance={kind!r} is defined for one cluster only: its correction undoes the leverage within each group, and with two "
            "groupings there is no single one; use CR0 or CR1, or cluster by the column with fewer groups"
        )
    return kind


def claro_ramos(
    outcome: str,
    functions: Sequence[str],
    *,
    controls: Sequence[str] = (),
    covariance: str | None = None,
    cluster: str | tuple[str, str] | None = None,
    center: Center = "mean",
    alpha: float = 0.05,
    no_ties: NoTies | None = None,
    quadratics: bool = True,
    indicators: Sequence[str] = (),
    weights: str | None = None,
) -> Moderation:
    r"""Model class of Claro & Ramos (2018), as its abstract describes it, for any set of functions.

    .. math:: y = b_0 + \sum_f \left( b_{1f} TT_f + b_{2f} TS_f + b_{3f} TT_f^2 + b_{4f} TT_f TS_f \right) + \text{controls} + e

    with :math:`TT_f` the total ties and :math:`TS_f` the mean tie strength toward function f.

    Parameters
    ----------
    outcome
        Column of the outcome.
    functions
        Functions of the colleagues, such as ``("marketing", "customer_service")``; labels become snake_case.
    controls
        Columns that enter linearly; ``C(name)`` makes one categorical.
    covariance, cluster, center, alpha, weights
        As in `Moderation`. For several outcomes see `fit_outcomes`.
    no_ties
        What happens to people without any tie to a function, whose tie strength is missing. By default the fit refuses them, so that the
        choice is made in sight: "drop" leaves their rows out (counted); "zero_with_indicator" adds the term ``no_ties_f``. It does
        not change the data: there you yourself set their ``tie_strength_f`` to 0, and make the column ``no_ties_f``, 1 for them and
        0 for all others (see the second example). A `Study` makes both itself.
    quadratics
        Whether the squares of total ties are in the model.
    indicators
        The functions that get such a column (everyone may have ties to some function); by default all of them.

    Returns
    -------
    Moderation
        Whose steps are controls, main, quadratic, interactions.

    References
    ----------
    Claro, D. P. & Ramos, C. (2018). Journal of Personal Selling & Sales Management 38(2).

    Examples
    --------
    >>> claro_ramos("sales_growth", ["marketing"], controls=["tenure"]).formula
    'sales_growth ~ tenure + total_ties_marketing*tie_strength_marketing + total_ties_marketing^2'

    For ``no_ties="zero_with_indicator"`` prepare the data like this:

    >>> import pandas as pd
    >>> data = pd.DataFrame({"tie_strength_it": [1.5, None, 0.7]})  # the second person has no tie to IT
    >>> data["no_ties_it"] = data["tie_strength_it"].isna().astype(int)
    >>> data["tie_strength_it"] = data["tie_strength_it"].fillna(0)
    """
    if no_ties is not None:
        choice("no_ties", no_ties, get_args(NoTies))
    flag("quadratics", quadratics)
    for name in (outcome, *_listed("controls", controls)):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ArgumentError(f"{name!r} cannot stand in a formula; rename the column: letters, digits and underscores, no digit first")
    names = _functions("functions", functions)
    if not names:
        raise ArgumentError("functions is empty; name at least one function of the colleagues, such as 'marketing'")
    marked = (_functions("indicators", indicators) or names) if no_ties == "zero_with_indicator" else []
    for name in marked:
        if name not in names:
            raise ArgumentError.not_one_of("indicators", name, names)
    terms = [*_listed("controls", controls), *(f"no_ties_{name}" for name in marked)]
    terms += [f"total_ties_{name}*tie_strength_{name}" + (f" + total_ties_{name}^2" if quadratics else "") for name in names]
    formula = f"{outcome} ~ {' + '.join(terms)}"
    complete = tuple(f"tie_strength_{name}" for name in names) if no_ties is None else ()
    return Moderation(formula, covariance=covariance, cluster=cluster, center=center, alpha=alpha, complete=complete, weights=weights)


def _listed(argument: str, values: Sequence[str]) -> list[str]:
    if isinstance(values, str):
        raise ArgumentError(f"{argument}={values!r} is one text; write a list of names, [{values!r}]")
    return names(argument, values)


def _functions(argument: str, labels: Sequence[str]) -> list[str]:
    return [snake_case(label) for label in _listed(argument, labels)]
