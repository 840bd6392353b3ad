"""Results of other packages as surfaces that can be probed."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
