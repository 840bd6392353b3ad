"""What readers of exports share: files, records, people and moments."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
