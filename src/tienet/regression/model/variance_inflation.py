"""Variance inflation factors, with generalised ones for categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tienet.base.arrays import Vector
from tienet.base.errors import ModelError, offer
from tienet.base.frames import Backend, Columns
from tienet.base.naming import UNNAMED, Names
from tienet.base.numbers import number
from tienet.base.record import Record, locked
from tienet.regression.core.design import Design
from tienet.regression.core.model_frame import ModelFrame

__all__ = ["Vif"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Vif(Record):
    r"""Variance inflation factors; ``vif["x"]`` is the centred one.

    Parameters
    ----------
    terms
        k - 1 names, without the intercept.
    centred, raw
        (k - 1,) factors with mean-centred and with raw variables. Centring changes these and the lower-order coefficients; it does not
        change the highest-order coefficients, R2 or any fitted value.
    sources
        k - 1 terms of the formula from which they come: all dummies of a category have the same.
    gvif, gvif_df
        (k - 1,) generalised factor of that term, which does not depend on the base of a category, and its number of coefficients d. With
        centred variables; for one coefficient it is the factor itself. :math:`\text{GVIF}^{1/(2d)}` (`gvif_scaled`) can be compared
        with the square root of an ordinary factor.
    backend
        Kind of data frame that `frame` returns.
    """

    terms: tuple[str, ...]
    centred: Vector
    raw: Vector
    sources: tuple[str, ...]
    gvif: Vector
    gvif_df: NDArray[np.int64]
    backend: Backend = "pandas"
    called: Names = UNNAMED  # labels of the model's columns

    def _works(self) -> tuple[str, ...]:
        return ("cohen_et_al_2003", *(("fox_monette_1992",) if (self.gvif_df > 1).any() else ()))

    def _columns(self) -> Columns:
        return {
            "term": np.array(self.terms, dtype=object),
            "centred": self.centred,
            "raw": self.raw,
            "gvif": self.gvif,
            "gvif_df": self.gvif_df,
            "gvif_scaled": self.gvif_scaled,
        }

    @property
    def gvif_scaled(self) -> Vector:
        """(k - 1,) GVIF^(1/(2d)), the factor by which the half width of a joint interval grows per dimension."""
        return np.asarray(self.gvif ** (1 / (2 * self.gvif_df)))

    def __getitem__(self, term: str) -> float:
        if not isinstance(term, str) or term not in self.terms:
            raise ModelError(f"there is no variance inflation factor of {term!r}{offer(term, self.terms)}")
        return float(self.centred[self.terms.index(term)])

    def __iter__(self) -> Iterator[str]:
        return iter(self.terms)

    def __len__(self) -> int:
        return len(self.terms)

    def keys(self) -> tuple[str, ...]:
        """Return the terms, so that ``dict(vif)`` works."""
        return self.terms

    def __str__(self) -> str:
        worst = int(np.argmax(self.centred))
        term = self.called.spoken(self.terms[worst])
        where = f"the largest for {term}: {number(self.centred[worst], 2)} centred, {number(self.raw[worst], 2)} raw"
        several = {source: at for at, source in enumerate(self.sources) if self.gvif_df[at] > 1}
        told = "".join(
            f"; generalised for {self.called.spoken(source)} ({self.gvif_df[at]} coefficients): {number(self.gvif[at], 2)}, "
            f"{number(self.gvif_scaled[at], 2)} per dimension"
            for source, at in several.items()
        )
        return f"Variance inflation of {len(self.terms)} terms, {where}{told}; centring changes neither the products' coefficients nor R2"


def inflation(design: Design, sample: ModelFrame) -> Vif:
    r"""Compute variance inflation factors with centred and with raw variables, and generalised ones for categories.

    With R the correlation matrix of all terms, :math:`R_{SS}` that of the d terms of a category and :math:`R_{-S}` that of the others,
    :math:`\text{GVIF} = \det R_{SS} \det R_{-S} / \det R`.

    Parameters
    ----------
    design, sample
        The model and its rows, with their weights.

    Returns
    -------
    Vif
        1 / (1 - R2_j), with R2_j from regressing term j on an intercept and the other terms.

    References
    ----------
    Fox, J. & Monette, G. (1992). Journal of the American Statistical Association 87, 178-183.
    """
    raw = dict.fromkeys(design.variables, 0.0)
    names = tuple(str(term) for term in design.terms[1:])
    sources = tuple(str(term) for term in design.sources[1:])
    triangle = _triangle(design.columns(design.means), sample.weights)
    places = {source: [at for at, other in enumerate(sources) if other == source] for source in dict.fromkeys(sources)}
    each = {source: _generalised(triangle, where) for source, where in places.items()}
    return Vif(
        names,
        locked(_factors(triangle)),
        locked(_factors(_triangle(design.columns(raw), sample.weights))),
        sources,
        locked([each[source] for source in sources]),
        locked([len(places[source]) for source in sources], np.int64),
        sample.backend,
    )


def _triangle(columns: Vector, weights: Vector | None) -> Vector:
    """R of the centred columns of length 1, whose correlation matrix is R'R."""
    root = np.ones(len(columns)) if weights is None else np.sqrt(weights)
    centred = root[:, None] * (columns - (root**2 @ columns) / (root @ root))
    return np.asarray(np.linalg.qr(centred / np.linalg.norm(centred, axis=0), mode="r"))


def _factors(triangle: Vector) -> Vector:
    """Squared row lengths of R^-1: the diagonal of the inverse correlation matrix."""
    return np.asarray(np.sum(np.linalg.solve(triangle, np.eye(len(triangle))) ** 2, axis=1))


def _generalised(triangle: Vector, places: list[int]) -> float:
    """The product of the determinants of the block in the correlation matrix and in its inverse."""
    block, inverse = triangle[:, places], np.linalg.solve(triangle, np.eye(len(triangle)))[places]
    return float(np.linalg.det(block.T @ block) * np.linalg.det(inverse @ inverse.T))
