"""A moderated regression: the specification, and its estimation on data."""

from __future__ import annotations

from dataclasses import dataclass

from tienet.base.errors import FewClusters, ModelError, warn
from tienet.base.numbers import counted
from tienet.regression.core.formula import parse_formula
from tienet.regression.core.model_frame import ModelFrame, read_model_frame
from tienet.regression.model.clusters import cluster_troubles
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.specification import Specification

__all__ = ["Moderation"]


@dataclass(frozen=True, slots=True, eq=False)
class Moderation(Specification):
    """A moderated regression before it meets data.

    Parameters
    ----------
    formula
        `outcome ~ terms` with names, `+`, `:`, `*` (all lower-order terms), `^2` and `C(name)`; text columns are categorical by themselves.
    covariance
        "classical", "HC0" to "HC5", "HC4m"; with a cluster "CR0" to "CR3". By default "HC3", and "CR1" with a cluster. "CR2" is the choice
        with few clusters: every t has its own (Satterthwaite) degrees of freedom. "CR3" is without a factor.
        `tn.regression.covariance.register_covariance` adds kinds of your own.
    cluster
        The column that groups the rows whose errors may go together, or a pair of columns (two-way; "CR0" or "CR1").
    center
        "mean" (every number that enters a product or a square, less its mean in the rows used), "none", or a mapping of names to values.
    alpha
        Level of the intervals; 0.05 gives 95% intervals.
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


def refuse_gaps(model: Specification, sample: ModelFrame) -> None:
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
