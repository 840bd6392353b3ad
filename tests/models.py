"""Data of models beyond the linear one, with the results of other programs for them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from real import find


@cache
def data(name: str) -> pd.DataFrame:
    return pd.read_csv(find(f"models/{name}.csv"))


@cache
def expected(entry: str) -> Any:
    return json.loads(find("models/expected.json").read_text(encoding="utf-8"))[entry]


def column(table: dict, names: list[str], what: str = "est") -> np.ndarray:
    """Numbers of a table of coefficients, or of errors alone, in the order of some names."""
    return np.array([table[name][what] if isinstance(table[name], dict) else table[name] for name in names])
