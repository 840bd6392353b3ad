"""Ties from a log: the tie rule, pairs of people, and tie strength."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
