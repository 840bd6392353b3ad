"""Whether a model and its interaction can be believed."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
