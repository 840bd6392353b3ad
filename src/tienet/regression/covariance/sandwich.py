"""The base of every covariance of a least-squares fit: a meat in the coordinates of its basis, and its degrees of freedom."""

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
    """What one kind of covariance makes of one solution.

    Parameters
    ----------
    meat
        (k, k) covariance W of the coordinates; that of the coefficients is ``back @ W @ back.T``.
    factor
        The small-sample factor that is already in it.
    df
        n - k, or G - 1 after clustering.
    own
        What gives every combination of the solution's coefficients its own degrees of freedom, or None.
    clustered
        Whether it is made of the scores of clusters.
    """

    meat: Vector
    factor: SmallSampleFactor
    df: float
    own: OwnDegrees | None
    clustered: bool

    @property
    def degrees(self) -> OwnDegrees:
        """Degrees of freedom of combinations of the solution's coefficients."""
        return self.own or SharedDegrees(self.df, self.clustered)


class Sandwich(CovarianceEstimator):
    r"""A kind of covariance of a least-squares fit: the base of all of them, and of your own.

    With B the orthonormal basis of the columns and the map back from coordinates to coefficients, every kind is
    :math:`V = \text{back}\, W\, \text{back}'` and differs in its meat W, (k, k). A child gives a name and `meat`; the rest has defaults.
    It holds no state.

    Attributes
    ----------
    name
        What `Moderation(covariance=...)` calls it.
    clustered
        Whether it needs a column that groups the rows.
    one_way_only
        Why it is not defined for clusters of two ways, as a clause; "" where it is.
    divides_by_leverage
        Whether it is not defined where a row has leverage 1.
    with_instruments
        Whether it holds for two-stage least squares too, where residuals and leverages are not those of the basis.
    works, df_name, joint_test, joint_works, equal_variance
        What results say and cite: see `CovarianceEstimator`.

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
        """Covariance of the coordinates, and the small-sample factor that is already in it.

        Parameters
        ----------
        solution
            The least-squares fit: its basis (n, k), residuals (n,) and leverage (n,), all multiplied by the roots of the weights.
        codes
            (n,) cluster of each row, 0 to G - 1; (n, 2) for two-way clusters; None without.
        rows
            (n,) row numbers for messages, from 0.

        Returns
        -------
        tuple
            (k, k) and the factor, 1.0 where there is none.

        Raises
        ------
        ModelError
            Where it is not defined for these rows.
        """
        raise NotImplementedError

    def df(self, solution: Solution, codes: Codes | None = None) -> float:
        """Degrees of freedom: n - k, or the number of clusters less one (of the column with fewer)."""
        return solution.df if codes is None else int(codes.max(axis=0).min())

    def own_degrees(self, solution: Solution, codes: Codes | None = None) -> OwnDegrees | None:  # noqa: ARG002 - for children
        """What gives every combination of the solution's coefficients its own degrees of freedom; None where all share `df`."""
        return None

    def estimated(self, solution: Solution, codes: Codes | None = None, *, rows: Codes | None = None) -> EstimatedMeat:
        """Meat and degrees of freedom at once."""
        middle, factor = self.meat(solution, codes, rows=rows)
        return EstimatedMeat(middle, factor, self.df(solution, codes), self.own_degrees(solution, codes), codes is not None)


def sandwich_of(covariance: Covariance) -> Sandwich:
    """The kind behind the covariance of a least-squares fit."""
    assert isinstance(covariance.estimator, Sandwich)  # noqa: S101 - the fit of a Moderation has no other
    return covariance.estimator
