"""Readers of results: one file for each family of results."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
