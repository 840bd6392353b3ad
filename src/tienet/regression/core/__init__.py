"""Formula, model frame, design, least squares, and the fitted polynomial."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
