"""From an interaction log to measures of each person's network."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
