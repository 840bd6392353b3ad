"""Tables for print: descriptives with correlations, models side by side, and any result, in Markdown, HTML, LaTeX and Word."""

from __future__ import annotations

from tienet.tables.descriptives import Descriptives, descriptives
from tienet.tables.grid import Table
from tienet.tables.records import table
from tienet.tables.regression import compare, step_fits

__all__ = ["Descriptives", "Table", "compare", "descriptives", "step_fits", "table"]
