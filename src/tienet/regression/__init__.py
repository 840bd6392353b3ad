"""From a table to a moderated regression, its probes and its checks."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
