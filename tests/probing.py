"""The simulated data of tests/oracles/probing and R's results for them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation

FOLDER = Path(__file__).parent / "oracles" / "probing"
DATA = pd.read_csv(FOLDER / "data.csv")
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
KINDS = ("classical", "HC3")
COLUMNS = ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")


def fitted(formula: str, data: object = DATA, **options: object) -> ModerationFit:
    return Moderation(formula, **options).fit(data)


def assert_table(found: object, table: dict, sign: float = 1.0) -> None:
    """Every column of a probe against a table of R, whose contrasts may run the other way round."""
    wanted = {name: np.array(table[name]) * (1.0 if name in ("std_error", "p_value") else sign) for name in COLUMNS}
    if sign < 0:
        wanted["conf_low"], wanted["conf_high"] = wanted["conf_high"], wanted["conf_low"]
    for name, values in wanted.items():
        np.testing.assert_allclose(getattr(found, name), values, rtol=1e-8, err_msg=name)
    np.testing.assert_allclose(found.dfs, table["df"], rtol=1e-8)
