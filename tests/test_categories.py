"""Categories: their declared order, their base, text of digits, and columns that hide a square or a product."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import statsmodels.formula.api as smf

import tienet as tn
from models import data as model_data
from models import expected
from tienet.base.errors import ArgumentError, DataError, HiddenProduct, ModelError, TextAsCategory
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.refits import drop_terms

SIZES = ["small", "medium", "large"]
SIZED = "y ~ x*size + z + v"


def three_way(**columns: object) -> pd.DataFrame:
    return model_data("three_way").assign(**columns)


def declared(kind: str) -> object:
    """The sizes in their order, with a category that no row has, in each kind of frame that can declare one."""
    data = three_way()
    order = [SIZES[0], "never", *SIZES[1:]]
    if kind in ("ordered", "unordered"):
        return data.assign(size=pd.Categorical(data["size"], order, ordered=kind == "ordered"))
    if kind == "enum":
        return pl.from_pandas(data).with_columns(pl.col("size").cast(pl.Enum(order)))
    sizes = pa.DictionaryArray.from_arrays(pa.array([order.index(size) for size in data["size"]]), pa.array(order), ordered=True)
    return pa.table({**{name: data[name].to_numpy() for name in "xzvy"}, "size": sizes})


def dummies(fit: ModerationFit) -> list[str]:
    return [term for term in fit.terms if term.startswith("size") and ":" not in term]


def assert_coefficients(fit: ModerationFit, table: dict, names: dict[str, str]) -> None:
    for r, ours in names.items():
        at = fit.terms.index(ours)
        found = fit.frame.iloc[at]
        for name, key in {"estimate": "est", "std_error": "se", "p_value": "p", "conf_low": "lo", "conf_high": "hi"}.items():
            assert found[name] == pytest.approx(table[r][key], rel=1e-7), (r, name)


@pytest.mark.parametrize("kind", ["ordered", "unordered", "enum", "arrow"])
def test_a_declared_order_gives_base_and_order_as_r_has_them(kind: str) -> None:
    fit = tn.Moderation(SIZED, center="none").fit(declared(kind))
    assert dummies(fit) == ["size[medium]", "size[large]"]
    frame = pd.DataFrame(fit._columns())
    table = expected("categories")["coefficients"]
    for r, ours in {"(Intercept)": "(Intercept)", "sizemedium": "size[medium]", "sizelarge": "size[large]", "x": "x"}.items():
        found = frame.set_index("term").loc[ours]
        assert found["estimate"] == pytest.approx(table[r]["est"], rel=1e-7)
        assert found["p_value"] == pytest.approx(table[r]["p"], rel=1e-6)
    slopes = tn.simple_slopes(fit, focal="x", moderator="size")
    assert slopes.label == tn.predict_surface(fit, focal="x", moderator="size").label == tuple(SIZES)
    for place, row in enumerate(expected("categories")["slopes"]):
        assert (slopes.estimate[place], slopes.std_error[place]) == pytest.approx((row["est"], row["se"]), rel=1e-7)


@pytest.mark.parametrize("stated", ["argument", "formula"])
def test_another_base_changes_the_coefficients_and_not_the_slopes(stated: str) -> None:
    data = three_way(size=pd.Categorical(three_way()["size"], SIZES))
    model = (
        tn.Moderation(SIZED, center="none", base={"size": "large"})
        if stated == "argument"
        else tn.Moderation("y ~ x*C(size, base='large') + z + v", center="none")
    )
    fit, usual = model.fit(data), tn.Moderation(SIZED).fit(data)
    assert dummies(fit) == ["size[small]", "size[medium]"]
    names = {"(Intercept)": "(Intercept)", "x": "x", "sizesmall": "size[small]", "sizemedium": "size[medium]", "z": "z"}
    assert_coefficients(fit, expected("categories")["base_large"], names)
    ours, theirs = (tn.simple_slopes(one, focal="x", moderator="size", at=SIZES) for one in (fit, usual))
    np.testing.assert_allclose(ours.estimate, theirs.estimate, rtol=1e-9)
    np.testing.assert_allclose(ours.p_value, theirs.p_value, rtol=1e-7)
    assert fit.r_squared == pytest.approx(usual.r_squared, rel=1e-12)
    assert drop_terms(fit, ["x:size", "size"]).terms == ("(Intercept)", "x", "z", "v")  # the base goes with its column


def test_only_text_is_sorted_and_the_order_of_rows_does_not_matter() -> None:
    data = pl.from_pandas(three_way()).sample(fraction=1.0, shuffle=True, seed=3)
    for kind in (pl.String, pl.Categorical):  # Polars compares Categorical by letter
        assert dummies(tn.Moderation(SIZED).fit(data.with_columns(pl.col("size").cast(kind)))) == ["size[medium]", "size[small]"]


def test_the_design_is_that_of_patsy() -> None:
    data = three_way(size=pd.Categorical(three_way()["size"], SIZES), x=three_way()["x"] + 1)
    pairs = {
        "y ~ x*C(size, Treatment('medium'))": None,
        "y ~ (np.log(x) + z)*size + I(v**2) + v": None,
        "y ~ 1 + poly(x, 2)*z": "y ~ (x + I(x**2))*z",
        "y ~ np.sqrt(x)*np.log1p(x)": None,
        "y ~ pow(x, 2)*v + x*v + Q('z')": None,
    }
    for ours, theirs in pairs.items():
        fitted = smf.ols(theirs or ours, data).fit().fittedvalues
        np.testing.assert_allclose(tn.Moderation(ours).fit(data).fitted, fitted, rtol=1e-8, atol=1e-9, err_msg=ours)


def test_bases_refused() -> None:
    data = three_way()
    with pytest.raises(ModelError, match="size has no category 'larg' in the rows used, so it cannot be the base; did you mean 'large'"):
        tn.Moderation(SIZED, base={"size": "larg"}).fit(data)
    for base, words in [
        ({"siz": "large"}, "base: 'siz' is not a column in the formula; did you mean 'size'"),
        ({"size": None}, "must be a category"),
        ("large", "must be a mapping"),
    ]:
        with pytest.raises(ArgumentError, match=words):
            tn.Moderation(SIZED, base=base)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="choose one"):
        tn.Moderation("y ~ C(size, base='small')", base={"size": "large"})


def test_numbers_as_categories_have_a_base_too() -> None:
    data = three_way(team=np.arange(250) % 3)
    assert tn.Moderation("y ~ team + x", base={"team": 2}).fit(data).terms == ("(Intercept)", "team[0]", "team[1]", "x")


@pytest.mark.parametrize(
    "text", [str, lambda column: pl.Series(map(str, column)), lambda column: pd.array(list(map(str, column)), "string")]
)
def test_text_of_digits_is_a_category_with_a_word(text: object) -> None:
    codes = list(np.arange(90) % 3 + 1)
    numbers = {"y": np.sin(np.arange(90.0)), "x": np.cos(np.arange(90.0))}
    column = list(map(str, codes)) if text is str else text(codes)  # type: ignore[operator]
    frame = pl.DataFrame({**numbers, "region": column}) if isinstance(column, pl.Series) else pd.DataFrame({**numbers, "region": column})
    with pytest.warns(
        TextAsCategory, match=r"'region' is text of 3 whole numbers, read as 3 categories; for numbers write number\(region\)"
    ):
        fit = tn.Moderation("y ~ x*region").fit(frame)
    assert fit.terms[1:4] == ("x", "region[2]", "region[3]")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for asked in (tn.Moderation("y ~ x*region", numeric=["region"]), tn.Moderation("y ~ x*number(region)")):
            assert asked.fit(frame).terms == ("(Intercept)", "x", "region", "x:region")
        tn.Moderation("y ~ x*C(region)").fit(frame)


def test_a_leading_zero_is_a_code_and_decimals_as_text_are_numbers() -> None:
    data = pd.DataFrame({"y": np.sin(np.arange(30.0)), "code": ["01", "02", "10"] * 10, "age": [f"{age / 2}" for age in range(30)]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert tn.Moderation("y ~ code + age").fit(data).terms == ("(Intercept)", "code[02]", "code[10]", "age")
    with pytest.raises(ArgumentError, match="numeric: 'ag' is not in the formula; did you mean 'age'"):
        tn.Moderation("y ~ code + age", numeric=["ag"])
    with pytest.raises(DataError, match="must contain numbers"):
        tn.Moderation("y ~ number(size)").fit(three_way())


def test_the_base_is_named_in_every_sentence() -> None:
    data = three_way(g=np.array(["chat", "meet", "mail"])[np.arange(250) % 3])
    fit = tn.Moderation("y ~ x*g").fit(data)
    assert "Categories against chat (g)." in str(fit)
    for found in (
        tn.simple_slopes(fit, focal="g[meet]", moderator="x"),
        tn.johnson_neyman(fit, focal="g[meet]", moderator="x"),
        tn.regression.probes.slope_differences(fit, focal="g[meet]", moderator="x"),
    ):
        assert "lope of g: meet less chat" in str(found) or "lopes of g: meet less chat" in str(found)
    drawn = tn.plot(tn.johnson_neyman(fit, focal="g[meet]", moderator="x"), labels={"g": "Channel"})
    assert "channel: meet less chat" in drawn.get_ylabel()


def test_a_column_that_is_a_square_or_a_product_is_told() -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.uniform(0, 10, 200), "z": rng.normal(3, 1, 200), "d": np.arange(200) % 2})
    data = data.assign(x_sq=data.x**2, xz=(data.x * data.z).round(12), dz=data.d * data.z, y=rng.normal(size=200))
    for formula, words in [
        ("y ~ x*z + x_sq", "'x_sq' is the square of 'x', which slopes of x leave out; write x^2"),
        ("y ~ x + z + xz", "'xz' is the product of 'x' and 'z', which slopes of x leave out; write x:z"),
        ("y ~ z + d + dz", "'dz' is the product of 'z' and 'd'"),
    ]:
        with pytest.warns(HiddenProduct) as told:
            tn.Moderation(formula).fit(data)
        assert [words in str(each.message) for each in told] == [True]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tn.Moderation("y ~ x*z + x^2 + d").fit(data)


def test_two_rows_of_headers_are_one_line() -> None:
    with pytest.raises(DataError, match="two or more rows of headers") as caught:
        tn.Moderation("y ~ x").fit(pd.concat({"a": three_way()}, axis=1))
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="no column 'q'"):
        tn.Moderation("y ~ q").fit(three_way().rename(columns={"v": 3}))


def test_new_data_have_their_categories_in_any_order() -> None:
    data = three_way(size=pd.Categorical(three_way()["size"], SIZES))
    fit = tn.Moderation("y ~ log(x)*size + `z (days)`", base={"size": "medium"}).fit(
        data.assign(x=data.x + 1).rename(columns={"z": "z (days)"})
    )
    new = pd.DataFrame({"x": [2.0, 3.0, 5.0], "size": ["large", "small", "medium"], "z (days)": [1.0, 2.0, 3.0]})
    found = fit.predict(new)
    model = smf.ols("y ~ np.log(x)*C(size, Treatment('medium')) + z", data.assign(x=data.x + 1, size=data["size"].astype(str)))
    theirs = model.fit(cov_type="HC3", use_t=True).get_prediction(new.rename(columns={"z (days)": "z"})).summary_frame()
    np.testing.assert_allclose(found["estimate"], theirs["mean"], rtol=1e-9)
    np.testing.assert_allclose(found["conf_low"], theirs["mean_ci_lower"], rtol=1e-8)
    reordered = new.assign(size=pd.Categorical(new["size"], ["large", "medium", "small"], ordered=True))
    np.testing.assert_allclose(fit.predict(reordered)["conf_high"], found["conf_high"], rtol=1e-12)
    with pytest.raises(DataError, match="not in the data of the fit in 1 row"):
        fit.predict(new.assign(size=["huge", "small", "medium"]))
    with pytest.raises(ModelError, match=r"the new data: column 'x' contains 1 value not above 0, the first in row 2"):
        fit.predict(new.assign(x=[1.0, 0.0, 2.0]))
