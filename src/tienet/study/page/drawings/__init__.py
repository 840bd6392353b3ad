"""The drawings of the page: positions and texts, which small templates turn into SVG."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
