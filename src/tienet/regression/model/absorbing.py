"""Take person and month effects out of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tienet.base.checks import flag, names
from tienet.base.errors import ArgumentError, shown
from tienet.regression.covariance.register import DEFAULT
from tienet.regression.model.moderation import Moderation

__all__ = ["absorb"]


def absorb(model: str | Moderation, effects: str | Sequence[str], *, double_demeaned: bool = False) -> Moderation:
    r"""Take person effects, or person and month effects, out of a model (within, or fixed-effects, regression).

    .. math:: y_{it} = x_{it}'b + \mu_i + \nu_t + e_{it}

    Each person, and each month, gets a level of its own, so that coefficients compare a person with herself at other times. Products and
    squares are made first and taken out afterwards, as any column.

    Parameters
    ----------
    model
        A formula or a `Moderation`.
    effects
        One column or two, the person first: ``["person", "month"]``.
    double_demeaned
        Whether products and squares are made of deviations from the means of the first column,
        :math:`(x_{it} - \bar x_i)(z_{it} - \bar z_i)`. If both variables differ between persons and over time, the ordinary product mixes
        the two: with no interaction within persons it can still find one between them. The other does not, but is less precise, and
        it needs more than two rows a person. Probes then take values of the moderator as deviations. A variable that never changes within
        a person is left as it is, and its ordinary product is right.

    Returns
    -------
    Moderation
        The same model with `absorb`; its `fit` gives an `AbsorbedFit`.

    Raises
    ------
    ArgumentError
        For more than two columns, two-way clusters, or a covariance other than "classical", "HC0", "HC1", "CR0", "CR1" and "CR2".

    Notes
    -----
    Rows alone in a group are dropped, again and again, and counted. A term without variation left (a share of less than 1e-10) is
    swallowed: it is named, and its products stay. Without a cluster the default is "HC1", with a warning. "CR1" is
    :math:`G/(G-1) \cdot (n-1)/(n-K)`: effects nested in the clusters are not counted in K, the rule of fixest. "CR2" uses the leverage of
    the design with all dummies.

    References
    ----------
    Giesselmann, M. & Schmidt-Catran, A. W. (2022). Sociological Methods & Research 51, 1100-1127.
    Pustejovsky, J. E. & Tipton, E. (2018). Journal of Business & Economic Statistics 36, 672-683.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(3)
    >>> person, month = np.repeat(np.arange(30), 4), np.tile(np.arange(4), 30)
    >>> ties = rng.poisson(5, 120) + person % 3
    >>> data = {"person": person, "month": month, "ties": ties, "sales": 0.5 * ties + person + rng.normal(size=120)}
    >>> fit = absorb(Moderation("sales ~ ties", cluster="person"), ["person", "month"]).fit(data)
    >>> fit.terms, fit.df, fit.singletons
    (('ties',), 29.0, 0)
    """
    if not isinstance(model, str | Moderation):
        raise ArgumentError(f"model must be a formula or a Moderation; got {shown(model)}")
    asked = Moderation(model) if isinstance(model, str) else model
    columns = tuple(names("effects", effects, single=True))
    if not columns:
        raise ArgumentError("effects must name one column or two, such as ['person', 'month']")
    # HC3 is the default of a model without effects and not defined here.
    kind = None if asked.cluster is None and asked.covariance == DEFAULT else asked.covariance
    return replace(asked, absorb=columns, covariance=kind, double_demeaned=flag("double_demeaned", double_demeaned))
