"""Readers of exports, one module per system, in one register."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
