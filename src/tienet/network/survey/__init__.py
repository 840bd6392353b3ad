"""Surveys: ties from answers, the reliability of the answers, and comparisons with a log."""

from tienet.base.lazy import lazy_names

__getattr__, __dir__ = lazy_names(__name__)
