"""Probes: slopes, regions, turning points and curves of a fitted model or of a published table."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
