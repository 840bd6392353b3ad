"""Where people stand in the network, how functions are joined, and how both change."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
