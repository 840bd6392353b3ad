"""Bounds and robustness values from PySensemakr on data.csv. Writes sensitivity.json; PySensemakr lives in an environment of its own."""

import json
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import sensemakr as smkr
import statsmodels.formula.api as smf

here = Path(__file__).parent
model = smf.ols("y ~ x2 + w + iv1 + iv2", data=pd.read_csv(here / "data.csv")).fit()
t, df = float(model.tvalues["x2"]), int(model.df_resid)


def value(**options):
    return float(pd.Series(smkr.robustness_value(t_statistic=t, dof=df, **options)).iloc[0])


bounds = {name: smkr.ovb_bounds(model=model, treatment="x2", benchmark_covariates=name, kd=[1, 2, 3]) for name in ("iv1", "iv2")}
columns = ["r2dz_x", "r2yz_dx", "adjusted_estimate", "adjusted_se", "adjusted_t"]
found = {
    "versions": {name: version(name) for name in ("PySensemakr", "statsmodels")},
    "partial_r2": float(pd.Series(smkr.partial_r2(t_statistic=t, dof=df)).iloc[0]),
    "rv": value(q=1, alpha=1.0),
    "rv_half": value(q=0.5, alpha=1.0),
    "rv_alpha": value(q=1, alpha=0.05),
    "bounds": {name: {column: [float(v) for v in table[column]] for column in columns} for name, table in bounds.items()},
}
(here / "sensitivity.json").write_text(json.dumps(found, indent=1) + "\n")
