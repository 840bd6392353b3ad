"""The study on real export files: Microsoft's sample person-to-person table, with a stand-in for sales performance.

No public data set carries sales performance, and the ids of the sample's files do not match one another. So the outcome here is a column
of the panel file (mean collaboration hours), assigned to the salespeople in the order of the files. It has no meaning; the tests check
that every step on a real export gives the same results as other software.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from real import find

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
PRIMARY, SECONDARY = "PrimaryCollaborator_", "SecondaryCollaborator_"


@pytest.fixture(scope="module")
def result():
    folder = find("vivainsights")
    p2p = pd.read_csv(folder / "raw" / "p2p_data.csv.gz", dtype=str, keep_default_na=False)
    people = p2p[[f"{PRIMARY}PersonId", f"{PRIMARY}FunctionType"]].drop_duplicates()
    sales = people.loc[people[f"{PRIMARY}FunctionType"] == "Sales", f"{PRIMARY}PersonId"].to_numpy()
    panel = pd.read_csv(folder / "raw" / "pq_data.csv.gz").groupby("PersonId", sort=True)["Collaboration_hours"].mean()
    study = tn.Study(
        log=folder / "raw" / "p2p_data.csv.gz",
        people=people,
        outcomes=pd.DataFrame({"person": sales, "stand_in": panel.to_numpy()[: len(sales)]}),
        outcome="stand_in",
        functions=["Marketing", "Customer_Service"],
        strength="interactions",
        rule=tn.TieRule(min_interactions=1, half_life=None, size_weight="none"),
        no_ties="zero_with_indicator",
        columns={
            "log": {"source": f"{PRIMARY}PersonId", "target": f"{SECONDARY}PersonId"},
            "people": {"person": f"{PRIMARY}PersonId", "function": f"{PRIMARY}FunctionType"},
        },
    )
    return study.run()


def test_ties_of_the_salespeople_are_those_of_other_software(result):
    expected = pd.read_csv(find("vivainsights") / "expected_function" / "sales_people.csv").set_index("id")
    ours = result.egos.frame.set_index("ego").loc[expected.index]
    assert len(ours) == 61
    for function in ("Marketing", "Customer_Service"):
        name = function.lower()
        assert (ours[f"total_ties_{name}"] == expected[f"ties_to:{function}"]).all()
        # The expected means are rounded to ten digits.
        np.testing.assert_allclose(ours[f"tie_strength_{name}"], expected[f"mean_strength_to:{function}"], atol=1e-9, rtol=1e-8)


def test_the_regression_is_that_of_statsmodels(result):
    import statsmodels.api as sm

    data = pd.DataFrame({name: values for name, values in result.data.items() if name != "person"}).astype(float)
    columns = {"const": np.ones(len(data))}
    for name in ("marketing", "customer_service"):
        total = data[f"total_ties_{name}"] - data[f"total_ties_{name}"].mean()
        strength = data[f"tie_strength_{name}"] - data[f"tie_strength_{name}"].mean()
        columns |= {f"no_ties_{name}": data[f"no_ties_{name}"], f"total_ties_{name}": total, f"tie_strength_{name}": strength}
        columns |= {f"total_ties_{name}:tie_strength_{name}": total * strength, f"total_ties_{name}^2": total**2}
    theirs = sm.OLS(data["stand_in"], pd.DataFrame(columns)).fit(cov_type="HC3", use_t=True)
    ours = result.fit.frame.set_index("term").rename(index={"(Intercept)": "const"}).loc[list(columns)]
    assert result.fit.n == 61
    # Both are exact up to rounding; the design is badly scaled, which costs statsmodels' pseudo-inverse a few digits.
    np.testing.assert_allclose(ours["estimate"], theirs.params, rtol=1e-6)
    np.testing.assert_allclose(ours["std_error"], theirs.bse, rtol=1e-6)
    np.testing.assert_allclose(ours["p_value"], theirs.pvalues, rtol=1e-5)


@pytest.mark.sweep
def test_the_report_of_a_real_export_can_be_written(result, tmp_path):
    written = result.save(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert len(written) > 20
    assert "log without times" in page
    assert not any(person in page for person in result.people.person)
