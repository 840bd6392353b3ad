"""Ties as people state them, how reliable the answers are, and how a log compares."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
