"""Covariance estimators of the coefficients, one class per kind, and their registry."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
