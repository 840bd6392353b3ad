"""Draws every result: `plot(result, ax=None)` on matplotlib axes, `save(ax, path)` to a file."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
