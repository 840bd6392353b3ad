"""Models from print: rebuilt from a printed table of coefficients, or from means, standard deviations and correlations."""

from tienet.published.correlations import CorrelationRegression, regression_from_correlations
from tienet.published.model import PublishedModel

__all__ = ["CorrelationRegression", "PublishedModel", "regression_from_correlations"]
