"""Power: sample sizes, detectable interactions and simulated power."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
