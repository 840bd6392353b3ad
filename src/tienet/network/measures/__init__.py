"""Network measures: people's positions, ties between functions, and how both change over time."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
