"""A moderated regression and its estimation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from tienet.base.errors import FewClusters, ModelError, warn
from tienet.base.naming import refuse_misspelt
from tienet.base.numbers import counted
from tienet.base.wording import names_in
from tienet.regression.core.formula import Formula, parse_formula
from tienet.regression.core.model_frame import Factor, ModelFrame, read_model_frame
from tienet.regression.families.register import family_of
from tienet.regression.model.clusters import cluster_troubles
from tienet.regression.model.fit import ModerationFit, estimate
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.maximising import maximise
from tienet.regression.model.specification import Specification

__all__ = ["Moderation"]


@dataclass(frozen=True, slots=True, eq=False)
class Moderation(Specification):
    """The specification of a moderated regression; `fit` estimates it on data.

    Parameters
    ----------
    formula
        `outcome ~ terms` with names, `+`, `:`, `*` (all lower-order terms), `^2` and `C(name)`; text columns are categorical automatically.
    covariance
        "classical", "HC0" to "HC5", "HC4m"; with a cluster "CR0" to "CR3". The default is "HC3", or "CR1" with a cluster. Use "CR2" with
        few clusters: every t has its own (Satterthwaite) degrees of freedom. "CR3" has no small-sample factor.
        `tn.regression.covariance.register_covariance` adds kinds of your own.
    cluster
        Name of the column that groups rows with correlated errors, or a pair of columns (two-way; "CR0" or "CR1").
    center
        "mean" (subtract from every number in a product or square its mean in the rows used), "none", or a mapping of names to values.
    alpha
        Significance level; 0.05 gives 95% intervals.
    complete
        Columns in which a missing value raises an error instead of dropping the row.
    weights
        A column of positive weights, proportional to the inverse variance of each row's error (as ``lm(weights=)`` in R). Least squares,
        R2, sigma, AIC and every covariance are then weighted. Weights describe the precision of a row, not how many observations it
        represents, so the means used by ``center="mean"``, and the means and standard deviations used by probes, are unweighted.
        "CR2" and its degrees of freedom use the rows multiplied by the root of their weight, which is exact for uncorrelated errors with
        variance 1/w; clubSandwich uses another root of that working model, and its errors differ by a few percent.
    steps
        Blocks of the hierarchical regression, a mapping of names to lists of terms, such as ``{"controls": ["tenure"], "ties": ["ties",
        "ties^2"]}``, with every term of the formula once and none before its lower-order terms. The default blocks are controls, main,
        quadratic and interactions.
    family
        What kind of outcome it is: None or "linear" for least squares, "logit" for yes or no. Coefficients and slopes are then on the
        scale of the link, and there is no R2.
    exposure
        For counts, the column with the time or size in which each count came about; its log enters with a coefficient of 1.
    event
        For a yes-or-no outcome with two categories, the one that counts as 1.
    labels, units
        How people call the columns, and their units: ``{"growth": "Sales growth"}``, ``{"growth": "percentage points"}``. A label may
        also be that of a function, as ``{"r_d": "R&D"}`` for ``total_ties_r_d``. Figures and tables of every result use them.

    Raises
    ------
    ModelError
        If the formula is not valid, or the steps do not match it.
    ArgumentError
        If the covariance is unknown or does not match `cluster`, or alpha is not between 0 and 1.

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

    def fit(self, data: object) -> ModerationFit | Any:
        """Estimate the model on data.

        Parameters
        ----------
        data
            Any data frame that narwhals supports; rows with a missing value are dropped, and counted by column.

        Returns
        -------
        ModerationFit
            The fit; with a family a `GeneralisedFit`.

        Raises
        ------
        ArgumentError
            If a name in `labels` or `units` is a misspelt one of the model.
        DataError
            If a column is missing, a numeric column contains text, or no row is complete.
        ModelError
            If the model cannot be estimated: collinear or constant terms, too few rows or clusters, leverage 1 under HC2 to HC5, or a
            cluster that alone determines a coefficient under CR3.

        Warns
        -----
        FewClusters
            If there are few clusters (below 20 with a family), or very unequal ones; under CR2 if its degrees of freedom fall below 4.
        """
        formula = parse_formula(self.formula)
        family = family_of(self.family)
        read = None if family is None else partial(family.read, self.event)
        sample = read_model_frame(data, formula, self.cluster, self.weights, exposure=self.exposure, read=read)
        refuse_gaps(self, sample)
        refuse_misspelt_names(self, formula, sample)
        fitted = estimate(self, formula, sample) if family is None else maximise(self, formula, family, sample)
        warn_few(fitted)
        return fitted


def refuse_gaps(model: Specification, sample: ModelFrame) -> None:
    """Refuse missing values in columns that must be complete."""
    for name in model.complete:
        if name in sample.dropped:
            raise ModelError(
                f"{name} is missing in {counted(sample.dropped[name], 'row')}; choose no_ties='drop' to leave them out, or "
                "no_ties='zero_with_indicator' to use 0 with an indicator"
            )


def refuse_misspelt_names(model: Specification, formula: Formula, sample: ModelFrame) -> None:
    """Refuse labels and units of names that are close to a column of the model and not it."""
    clusters = [model.cluster] if isinstance(model.cluster, str) else model.cluster or ()
    columns = [formula.outcome, *formula.names, *clusters, *([model.weights] if model.weights else [])]
    known = {name for column in columns for name in names_in(column)}
    known |= {level for column in sample.columns.values() if isinstance(column, Factor) for level in column.levels}
    for argument in ("labels", "units"):
        refuse_misspelt(argument, getattr(model, argument) or {}, known)


def warn_few(fitted: ModerationFit | GeneralisedFit) -> None:
    """Warn if there are too few clusters for their standard errors."""
    for trouble in cluster_troubles(fitted):
        warn(trouble, FewClusters)
