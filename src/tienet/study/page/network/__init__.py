"""The network of the page: groups, or persons where the study asks for them."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
