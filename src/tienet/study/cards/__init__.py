"""The cards of a study: for each function the slopes, the test of the product, the headline, and the other analyses."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
