"""The base class of covariances of a least-squares fit: a meat matrix and degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

from tienet.base.arrays import Codes, Vector
from tienet.base.record import Sealed
from tienet.regression.core.covariance_matrix import Covariance, CovarianceEstimator
from tienet.regression.core.degrees import OwnDegrees, SharedDegrees, SmallSampleFactor
from tienet.regression.core.least_squares import Solution

__all__ = ["Sandwich"]


@dataclass(frozen=True, slots=True, eq=False)
class EstimatedMeat(Sealed):
    """A covariance estimate for one solution, in the coordinates of its basis.

    Parameters
    ----------
    meat
        (k, k) covariance W of the coordinates; that of the coefficients is ``back @ W @ back.T``.
    factor
        The small-sample factor, already included in the meat.
    df
        n - k, or G - 1 after clustering.
    own
        Degrees of freedom that differ between combinations of the coefficients, or None if all share `df`.
    clustered
        Whether it is computed from the scores of clusters.
    """

    meat: Vector
    factor: SmallSampleFactor
    df: float
    own: OwnDegrees | None
    clustered: bool

    @property
    def degrees(self) -> OwnDegrees:
        """Degrees of freedom of combinations of the coefficients."""
        return self.own or SharedDegrees(self.df, self.clustered)


class Sandwich(CovarianceEstimator):
    r"""The base class of all covariances of a least-squares fit, including your own.

    The fit has an orthonormal basis B of its columns and a map `back` from coordinates to coefficients. Every kind of covariance is
    :math:`V = \text{back}\, W\, \text{back}'`, with its own (k, k) meat W. A subclass defines a name and `meat`; everything else has a
    default. It holds no state.

    Attributes
    ----------
    name
        The name to use in `Moderation(covariance=...)`.
    clustered
        Whether it needs clusters, a column that groups the rows.
    one_way_only
        Why it is not defined for two-way clusters, as a clause for a message; "" if it is defined.
    divides_by_leverage
        Whether it is undefined if a row has leverage 1.
    with_instruments
        Whether it is also valid for two-stage least squares, where residuals and leverages are not those of the basis.
    works, df_name, joint_test, joint_works, equal_variance
        Wording and references of results; see `CovarianceEstimator`.

    Examples
    --------
    >>> import numpy as np, tienet as tn
    >>> class Cautious(tn.regression.covariance.Sandwich):
    ...     name = "cautious"
    ...
    ...     def meat(self, solution, codes=None, *, rows=None):
    ...         n, k = solution.basis.shape
    ...         return 4 * np.eye(k) * (solution.residuals @ solution.residuals) / (n - k), 4.0
    >>> tn.regression.covariance.register_covariance(Cautious).name
    'cautious'
    >>> data = {"y": [1.0, 3.0, 2.0, 5.0], "x": [1, 2, 3, 4]}
    >>> twice, once = (tn.Moderation("y ~ x", covariance=kind).fit(data).std_error for kind in ("cautious", "classical"))
    >>> (twice / once).round(6).tolist()
    [2.0, 2.0]
    """

    name: str
    clustered: bool = False
    one_way_only: str = ""
    divides_by_leverage: bool = False
    with_instruments: bool = False

    def meat(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> tuple[Vector, SmallSampleFactor]:
        """Covariance of the coordinates, and the small-sample factor included in it.

        Parameters
        ----------
        solution
            The least-squares fit. Its basis (n, k), residuals (n,) and leverage (n,) already include the square roots of the weights.
        codes
            (n,) cluster of each row, 0 to G - 1; (n, 2) for two-way clusters; None without clusters.
        rows
            (n,) row numbers for messages, from 0.

        Returns
        -------
        tuple
            The (k, k) matrix and the factor, 1.0 if there is none.

        Raises
        ------
        ModelError
            If it is not defined for these rows.
        """
        raise NotImplementedError

    def df(self, solution: Solution, codes: Codes | None = None) -> float:
        """Degrees of freedom: n - k, or the number of clusters minus one (for two-way clusters, the smaller number)."""
        return solution.df if codes is None else int(codes.max(axis=0).min())

    def own_degrees(self, solution: Solution, codes: Codes | None = None) -> OwnDegrees | None:  # noqa: ARG002 - for children
        """Degrees of freedom that differ between combinations of the coefficients; None if all share `df`."""
        return None

    def estimated(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> EstimatedMeat:
        """Meat and degrees of freedom together."""
        middle, factor = self.meat(solution, codes, rows=rows)
        return EstimatedMeat(middle, factor, self.df(solution, codes), self.own_degrees(solution, codes), codes is not None)


def sandwich_of(covariance: Covariance) -> Sandwich:
    """The estimator of the covariance of a least-squares fit."""
    assert isinstance(covariance.estimator, Sandwich)  # noqa: S101 - every fit of a Moderation has one
    return covariance.estimator
