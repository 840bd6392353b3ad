"""A moderated regression and its estimation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from tienet.base.errors import ModelError, OutcomeKind, warn
from tienet.base.naming import refuse_misspelt
from tienet.base.numbers import counted
from tienet.base.wording import names_in
from tienet.regression.core.formula import Formula, parse_formula
from tienet.regression.core.model_frame import Factor, ModelFrame, read_model_frame
from tienet.regression.families.register import family_of
from tienet.regression.model.absorbed_fit import AbsorbedFit
from tienet.regression.model.absorption import estimate_absorbed, warn_absorbed
from tienet.regression.model.cautions import warn_of
from tienet.regression.model.fit import ModerationFit, cautions_of, estimate
from tienet.regression.model.generalised import GeneralisedFit
from tienet.regression.model.maximising import maximise
from tienet.regression.model.outcome_kind import outcome_troubles
from tienet.regression.model.specification import Specification

__all__ = ["Moderation"]


@dataclass(frozen=True, slots=True, eq=False)
class Moderation(Specification):
    """The specification of a moderated regression; `fit` estimates it on data.

    Parameters
    ----------
    formula
        `outcome ~ terms` with names, `+`, `:`, `*` (all lower-order terms), `^2`, brackets, ``C(name)``, ``C(name, base="north")``,
        ``log(name)``, ``log1p(name)`` and ``sqrt(name)``. Names with blanks or signs stand in backquotes. Text and categorical columns are
        categories, in the declared order of a pandas Categorical, a Polars Enum or an ordered PyArrow dictionary, or else sorted; the
        first is the base.
    covariance
        "classical", "HC0" to "HC5", "HC4m"; with a cluster "CR0" to "CR3". The default is "HC3", or "CR1" with a cluster. Use "CR2" with
        few clusters: every t has its own (Satterthwaite) degrees of freedom, as under "CR3", which has no small-sample factor.
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
    absorb
        One column or two whose effects are taken out, such as ``("person", "month")``; see `absorb`. `fit` then gives an `AbsorbedFit`.
    double_demeaned
        With `absorb`: whether products and squares are made of deviations from the means of its first column; see `absorb`.

    base
        Base category of some columns, ``{"size": "large"}``; the same as ``C(size, base="large")``.
    numeric
        Text columns to be read as numbers; the same as ``number(name)``. Otherwise text of whole numbers is a category, with a warning.

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
            The fit; with a family a `GeneralisedFit`, with `absorb` an `AbsorbedFit`.

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
        TextAsCategory
            If text of whole numbers is read as categories.
        HiddenProduct
            If a column is the square of another, or the product of two others.
        FewClusters
            If there are few clusters (below 20 with a family), or very unequal ones; under CR2 and CR3 if their degrees of freedom fall
            below 4. Also if a term rests on one cluster or on a few, like a treatment of one team: its clustered error is far too small.
        FewRows
            If a term rests on one row, such as a category of one person.
        WeakIdentification
            If a term is nearly a linear combination of others (variance inflation above a million).
        ExactFit
            If the model has no residuals.
        OutcomeKind
            Without a family, if the outcome is 0 or 1, or a count that the line predicts below zero; ``family="linear"`` keeps the line
            without this remark.
        """
        formula, family = parse_formula(self.formula), family_of(self.family)
        sample = read_sample(self, data)
        refuse_gaps(self, sample)
        refuse_misspelt_names(self, formula, sample)
        if self.absorbed:
            within = estimate_absorbed(self, formula, sample)
            warn_absorbed(within)
            warn_few(within)
            return within
        fitted = estimate(self, formula, sample) if family is None else maximise(self, formula, family, sample)
        warn_few(fitted)
        if self.family is None and isinstance(fitted, ModerationFit):
            for trouble in outcome_troubles(fitted):
                warn(trouble, OutcomeKind)
        return fitted


def read_sample(model: Specification, data: object) -> ModelFrame:
    """The complete rows of the columns of a model, with its outcome read as its family asks."""
    family = family_of(model.family)
    read = None if family is None else partial(family.read, model.event)
    return read_model_frame(
        data, parse_formula(model.formula), model.cluster, model.weights, exposure=model.exposure, read=read, absorb=model.absorbed
    )


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
    columns = [formula.outcome, *formula.names, *clusters, *model.absorbed, *([model.weights] if model.weights else [])]
    known = {name for column in columns for name in names_in(column)}
    known |= {level for column in sample.columns.values() if isinstance(column, Factor) for level in column.levels}
    for argument in ("labels", "units"):
        refuse_misspelt(argument, getattr(model, argument) or {}, known)


def warn_few(fitted: ModerationFit | GeneralisedFit | AbsorbedFit) -> None:
    """Warn of what limits the standard errors and tests of a fit."""
    warn_of(cautions_of(fitted) if isinstance(fitted, ModerationFit) else fitted._cautions())
