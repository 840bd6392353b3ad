"""Checks of a model and its interaction: assumptions, influence, collinearity, sizes and support."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
