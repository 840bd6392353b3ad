"""Figures: `plot(result, ax=None)` draws a result on matplotlib axes, `save(ax, path)` writes it to a file."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
