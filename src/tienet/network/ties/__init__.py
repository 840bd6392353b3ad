"""From a log to ties: the rule, the pairs, their strength."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
