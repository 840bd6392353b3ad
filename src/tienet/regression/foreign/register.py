"""The register of readers of results. A new one is a file in `readers` and a line here."""

from __future__ import annotations

from typing import Any, Protocol

from tienet.base.errors import ArgumentError
from tienet.regression.foreign.readers import (
    discrete,
    estimates,
    generalised,
    linear,
    linear_models,
    mixed,
    pyfixest_results,
    survival,
)
from tienet.regression.foreign.reading import ForeignResult


class ResultReader(Protocol):
    """A module that reads one family of results."""

    READS: str

    def takes(self, result: Any) -> bool:
        """Whether it reads this result."""
        ...

    def read(self, result: Any) -> ForeignResult:
        """What is taken from it."""
        ...


# In this order: the last one takes anything with named coefficients and a covariance.
_READERS: tuple[ResultReader, ...] = (linear, generalised, discrete, mixed, survival, linear_models, pyfixest_results, estimates)


def read_result(result: Any) -> ForeignResult:
    """Read a result with the first reader that takes it; raises for anything else."""
    if hasattr(result, "polynomial"):
        raise ArgumentError(f"a {type(result).__name__} can be probed as it is; from_statsmodels is for results of other packages")
    for reader in _READERS:
        if reader.takes(result):
            return reader.read(result)
    what = type(result).__name__
    if hasattr(result, "fit") and not hasattr(result, "params"):
        raise ArgumentError(f"this {what} is not fitted; pass what its fit() returns")
    if hasattr(result, "params") and not any(hasattr(result, name) for name in ("cov_params", "cov", "vcov")):
        raise ArgumentError(f"this {what} has no covariance of its coefficients, so nothing can be tested; fit without a penalty")
    raise ArgumentError(f"from_statsmodels cannot read this {what}; it reads {'; '.join(reader.READS for reader in _READERS)}")
