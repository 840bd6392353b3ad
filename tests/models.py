<<<<<<< HEAD
"""Data for models beyond the linear one, with the results of R beside them."""
=======
"""Data of models beyond the linear one and the results of other programs for them, where they lie beside the checkout."""
>>>>>>> families14

from __future__ import annotations

import json
from functools import cache
from typing import Any

<<<<<<< HEAD
=======
import numpy as np
>>>>>>> families14
import pandas as pd

from real import find


@cache
<<<<<<< HEAD
def expected() -> dict[str, Any]:
    """Results of R by model, see tests/data/models/README.md."""
    return json.loads((find("models/expected.json")).read_text(encoding="utf-8"))


def model_data(name: str) -> pd.DataFrame:
    """One of its tables; skips the test where the table may not be passed on and is not beside the checkout."""
    return pd.read_csv(find(f"models/{name}"))
=======
def data(name: str) -> pd.DataFrame:
    return pd.read_csv(find(f"models/{name}.csv"))


@cache
def expected(entry: str) -> Any:
    return json.loads(find("models/expected.json").read_text(encoding="utf-8"))[entry]


def column(table: dict, names: list[str], what: str = "est") -> np.ndarray:
    """Numbers of a table of coefficients, or of errors alone, in the order of some names."""
    return np.array([table[name][what] if isinstance(table[name], dict) else table[name] for name in names])
>>>>>>> families14
