"""What the cells of a log mean: moments, numbers, ids, several people, in SQL and in every kind of frame."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
