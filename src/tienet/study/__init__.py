"""The whole chain as one specification: log, people and outcomes in; ties, measures, fit and probes out."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
