"""Wild cluster bootstrap of wildboottest on mtcars, in eight clusters of neighbouring rows: writes expected.json beside this file.

    pip install wildboottest && python tests/oracles/bootstrap/make.py

Signs are enumerated, so nothing depends on a seed; its p is the strict share, with ties left to the last digit of its arithmetic.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from wildboottest.wildboottest import WildboottestCL

HERE = Path(__file__).parent


def tested(data: pd.DataFrame, formula: str, term: str) -> dict[str, object]:
    """p, t and bootstrap t of one coefficient."""
    model = smf.ols(formula, data)
    place = model.exog_names.index(term)
    restriction = np.zeros(len(model.exog_names))
    restriction[place] = 1.0
    boot = WildboottestCL(X=model.exog, Y=model.endog, cluster=data["group"].to_numpy(), R=restriction, B=99999, seed=1)
    boot.get_scores(bootstrap_type="11", impose_null=True)
    boot.get_weights(weights_type="rademacher")
    boot.get_numer()
    boot.get_denom()
    boot.get_tboot()
    boot.get_vcov()
    boot.get_tstat()
    boot.get_pvalue(pval_type="two-tailed")
    return {
        "formula": formula,
        "term": term,
        "p_value": float(np.ravel(boot.pvalue)[0]),
        "t": float(np.ravel(boot.t_stat)[0]),
        "t_boot": sorted(np.ravel(boot.t_boot).tolist()),
    }


def main() -> None:
    """Run and store."""
    data = pd.read_csv(HERE.parents[1] / "data" / "mtcars.csv")
    data["group"] = np.arange(len(data)) // 4
    formula = "mpg ~ hp * wt"
    found = [tested(data, formula, term) for term in ("hp", "wt", "hp:wt")]
    versions = {name: version(name) for name in ("wildboottest", "statsmodels", "numpy")}
    (HERE / "expected.json").write_text(
        json.dumps({"versions": versions, "group": data["group"].tolist(), "tests": found}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
