"""Slopes and predictions of mtcars by the Python package marginaleffects: python make.py, in an environment of its own.

pip install "marginaleffects==0.6.0" "polars<2" statsmodels pandas pyarrow; then run this file in its folder.
"""

import importlib.metadata
import json
from pathlib import Path

import marginaleffects as me
import pandas as pd
import statsmodels.formula.api as smf

cars = pd.read_csv(Path(__file__).parents[2] / "data" / "mtcars.csv")
fit = smf.ols("mpg ~ hp*wt", cars).fit()
mean, sd = cars["wt"].mean(), cars["wt"].std()
slopes = me.slopes(fit, variables="hp", newdata=me.datagrid(wt=[mean - sd, mean, mean + sd])).to_pandas()
lines = me.predictions(fit, newdata=me.datagrid(hp=[100, 200], wt=[mean - sd, mean + sd])).to_pandas()
out = {
    "versions": {name: importlib.metadata.version(name) for name in ("marginaleffects", "polars", "statsmodels")},
    "slopes": {name: slopes[name].tolist() for name in ("wt", "estimate", "std_error", "p_value")},
    "predictions": {name: lines[name].tolist() for name in ("hp", "wt", "estimate", "std_error", "conf_low", "conf_high")},
}
Path("expected.json").write_text(json.dumps(out, indent=2) + "\n", encoding="utf-8")
