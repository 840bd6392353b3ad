"""Complete studies: from log, people and outcomes to ties, measures, model, probes and report."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
