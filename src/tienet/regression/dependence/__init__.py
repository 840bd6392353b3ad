"""Models for dependent observations: networks, dyads and groups."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
