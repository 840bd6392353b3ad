"""Slopes, regions, turning points and curves of a fitted or printed model."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
