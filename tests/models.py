"""Data for models beyond the linear one, with the results of R beside them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pandas as pd

from real import find


@cache
def expected() -> dict[str, Any]:
    """Results of R by model, see tests/data/models/README.md."""
    return json.loads((find("models/expected.json")).read_text(encoding="utf-8"))


def model_data(name: str) -> pd.DataFrame:
    """One of its tables; skips the test where the table may not be passed on and is not beside the checkout."""
    return pd.read_csv(find(f"models/{name}"))
