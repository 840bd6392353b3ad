from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tienet.base.errors import ArgumentError, DataError, ModelError
from tienet.regression.core.design import build_design
from tienet.regression.core.formula import parse_formula
from tienet.regression.core.model_frame import Factor, read_model_frame
from tienet.regression.model.moderation import Moderation

DATA = {
    "y": [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.5],
    "x": [1, 2, 3, None, 5, 6, 9],
    "r": ["b", "a", "c", "a", "c", None, "b"],
    "flag": [True, False, True, True, False, False, True],
    "text": ["1", "2.5", "3", "4", "5", "6", "7"],
}
FRAMES = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "lazy": lambda data: pl.LazyFrame(data), "pyarrow": pa.table}


@pytest.mark.parametrize("kind", FRAMES)
def test_rows_are_dropped_once_and_counted_by_column(kind: str) -> None:
    frame = read_model_frame(FRAMES[kind](DATA), parse_formula("y ~ x + r + flag + text"))
    assert frame.rows.tolist() == [0, 1, 4, 6]
    assert dict(frame.dropped) == {"y": 1, "x": 1, "r": 1}
    assert frame.n_dropped == 3
    factor = frame.columns["flag"]
    assert isinstance(factor, Factor)
    assert factor.levels == ("False", "True")
    assert frame.columns["text"].tolist() == [1.0, 2.5, 5.0, 7.0]
    assert frame.backend == {"lazy": "polars"}.get(kind, kind)


def design(formula: str, data: object = None, center: object = "mean"):
    parsed = parse_formula(formula)
    return build_design(read_model_frame(DATA if data is None else data, parsed), parsed, center)


def test_categories_become_dummies_against_the_first_level() -> None:
    made = design("y ~ x*r + C(flag)")
    assert [str(term) for term in made.terms] == ["(Intercept)", "x", "r[b]", "r[c]", "x:r[b]", "x:r[c]", "flag[True]"]
    assert made.variables["r[c]"].values.tolist() == [0, 0, 1, 0]
    assert made.variables["r[c]"].factor == "r"


def test_numbers_as_categories_sort_by_size() -> None:
    made = design("y ~ C(g)", {"y": [1, 2, 3, 4.0], "g": [10, 9, 10, 2.0]})
    assert list(made.variables) == ["g[9]", "g[10]"]


def test_pandas_categories_of_numbers_stay_categories() -> None:
    made = design("y ~ g", pd.DataFrame({"y": [1, 2, 3, 4.0], "g": pd.Categorical([1, 2, 1, 2])}))
    assert list(made.variables) == ["g[2]"]


def test_every_marker_of_a_missing_value_counts() -> None:
    data = pd.DataFrame(
        {
            "y": pd.array([1.0, 2.0, None, 4.0, 5.5, 6.0, 7.0], dtype="Float64"),
            "x": pd.array([1, None, 3, 4, 5, 6, 7], dtype="Int64"),
            "b": pd.array([True, False, True, None, False, True, False], dtype="boolean"),
            "g": pd.Categorical(["a", "b", "a", "b", None, "b", "a"]),
            "t": ["u", "v", "u", "v", "u", "", "v"],
        }
    )
    frame = read_model_frame(data, parse_formula("y ~ x + b + g + t"))
    assert dict(frame.dropped) == {"y": 1, "x": 1, "b": 1, "g": 1, "t": 1}
    assert frame.rows.tolist() == [0, 6]


def test_only_numbers_in_products_and_squares_are_centred_after_dropping() -> None:
    data = {"y": [1.0, 2, 3, 4], "x": [1.0, 2, 3, 100], "z": [1.0, 5, 2, 4], "c": [1.0, 2, 4, None]}
    made = design("y ~ c + x*z", data)
    assert made.centers == {"c": 0.0, "x": 2.0, "z": pytest.approx(8 / 3)}
    assert made.variables["x"].sd == pytest.approx(1.0)
    assert (made.variables["x"].low, made.variables["x"].high) == (1.0, 3.0)
    assert design("y ~ c + x*z", data, "none").centers == {"c": 0.0, "x": 0.0, "z": 0.0}
    assert design("y ~ c + x*z", data, {"x": 1.5}).centers == {"c": 0.0, "x": 1.5, "z": 0.0}


def test_columns_are_the_products_of_centred_variables() -> None:
    data = {"y": [1.0, 2, 3, 4], "x": [1.0, 2, 3, 6], "z": [1.0, 5, 2, 4]}
    made = design("y ~ x^2*z", data)
    x, z = np.array(data["x"]) - 3, np.array(data["z"]) - 3
    np.testing.assert_allclose(made.columns(made.centers), np.column_stack([x, x**2, z, x * z, x**2 * z]), atol=1e-15)


def test_text_among_numbers_is_refused() -> None:
    with pytest.raises(
        DataError, match=r"column 'x' must contain numbers, but 1 of its values cannot be read as numbers, the first in row 3"
    ):
        design("y ~ x", {"y": [1, 2, 3], "x": ["1", "2", "n/a"]})
    with pytest.raises(DataError, match="column 'y' must contain numbers"):
        design("y ~ x", {"y": ["low", "high", "low"], "x": [1, 2, 3]})


@pytest.mark.parametrize("written", [["4,7", "0,4", "12,1"], ["4%", "12 %", "7%"], ["1.234,5", "2.000,0", "3"]])
def test_numbers_written_another_way_are_never_categories(written) -> None:
    with pytest.raises(DataError, match="write decimals with a point"):
        design("y ~ x", {"y": [1, 2, 3], "x": written})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "a", True])
def test_a_centre_is_a_finite_number(value) -> None:
    with pytest.raises(ArgumentError, match="must be a finite number"):
        build_design(read_model_frame({"y": [1, 2, 4], "x": [1, 2, 3]}, parse_formula("y ~ x")), parse_formula("y ~ x"), {"x": value})


def test_infinite_values_are_counted() -> None:
    with pytest.raises(ModelError, match="column 'x' contains 2 infinite values, the first in row 1"):
        design("y ~ x", {"y": [1, 2, 3], "x": [np.inf, -np.inf, 1.0]})


@pytest.mark.parametrize(
    ("formula", "data", "error", "words"),
    [
        ("y ~ q", DATA, DataError, "no column 'q'"),
        ("y ~ x", {"y": [None, 1.0], "x": [1.0, None]}, DataError, r"each of its 2 rows has a missing value: y \(1\), x \(1\)"),
        ("y ~ x", pd.DataFrame({"y": pd.Series(dtype=float), "x": pd.Series(dtype=float)}), DataError, "the table is empty"),
        ("y ~ r", {"y": [1.0, 2], "r": ["a", "a"]}, ModelError, "has only the category 'a'"),
        ("y ~ r + r^2", {"y": [1.0, 2], "r": ["a", "b"]}, ModelError, "squares 'r'"),
        ("y ~ d", {"y": [1.0, 2], "d": pd.to_datetime(["2024-01-01", "2024-01-02"])}, DataError, "dates"),
        ("y ~ x", 3, DataError, "int is not a data frame; pass a pandas"),
        ("y ~ x", "data.csv", DataError, "the data is a path; read the file first"),
        ("y ~ x", pd.DataFrame([[1.0, 2, 3], [2, 3, 4]], columns=["y", "x", "x"]), DataError, "two columns have the same name"),
        ("y ~ x", pa.table([[1.0, 2], [2, 3], [4, 5]], names=["y", "x", "x"]), DataError, "two columns have the same name"),
        ("y ~ x", pd.DataFrame({"y": [1.0, 2], "x": [1j, 2j]}), DataError, "column 'x' contains values of type complex"),
        ("y ~ x", pl.DataFrame({"y": [1.0, 2], "x": [[1, 2], [3]]}), DataError, "column 'x' contains values of type list"),
    ],
)
def test_refusals_are_one_line(formula: str, data: object, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        design(formula, data)
    assert "\n" not in str(caught.value)


def test_centers_are_checked() -> None:
    with pytest.raises(ModelError, match="did you mean 'x'"):
        design("y ~ x", center={"x_": 1.0})
    with pytest.raises(ArgumentError, match=r"center must be one of 'mean', 'none', or a mapping .*; got 'median'"):
        design("y ~ x", center="median")


def test_nothing_can_be_changed() -> None:
    made = design("y ~ x")
    with pytest.raises(ValueError, match="read-only"):
        made.variables["x"].values[0] = 3


@pytest.mark.parametrize("kind", ["pandas", "nullable", "arrow", "polars", "pyarrow"])
def test_whole_numbers_are_exact_and_gaps_are_gaps_in_every_kind_of_frame(kind: str) -> None:
    size = [3, None, 2**53 + 1, 2**53, 7, 8]
    columns = {"y": [1.0, 2.0, None, 4.0, 5.0, 7.0], "size": size}
    frames = {
        "pandas": lambda: pd.DataFrame({**columns, "size": pd.Series(size, dtype=object)}),
        "nullable": lambda: pd.DataFrame({**columns, "size": pd.array(size, dtype="Int64")}),
        "arrow": lambda: pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype),
        "polars": lambda: pl.DataFrame(columns),
        "pyarrow": lambda: pa.table(columns),
    }
    data = frames[kind]()
    frame = read_model_frame(data, parse_formula("y ~ size"))
    assert frame.columns["size"].tolist() == [3.0, float(2**53), 7.0, 8.0]
    assert dict(frame.dropped) == {"y": 1, "size": 1}
    assert frame.rows.tolist() == [0, 3, 4, 5]
    levels = read_model_frame(data, parse_formula("y ~ C(size)")).columns["size"]
    assert levels.levels == ("3", "7", "8", str(2**53))  # no label of a row that was dropped
    clusters = read_model_frame(data, parse_formula("y ~ size"), cluster="size").clusters
    assert clusters is not None
    assert len(set(clusters.tolist())) == 4


def test_a_column_of_no_one_type_is_read_cell_by_cell() -> None:
    data = pd.DataFrame({"y": np.arange(6.0), "mixed": pd.Series([True, 1, "1", 1.0, True, None], dtype=object)})
    assert read_model_frame(data, parse_formula("y ~ C(mixed)")).columns["mixed"].levels == ("1", "True")


def test_minus_zero_is_zero_in_a_cluster_too() -> None:
    data = {"y": [1.0, 2.0, 3.0, 4.0], "x": [0.0, -0.0, 1.0, 1.0]}
    clusters = read_model_frame(data, parse_formula("y ~ x"), cluster="x").clusters
    assert clusters is not None
    assert clusters.tolist() == [0, 0, 1, 1]


def test_what_is_printed_counts_rows_and_shows_no_value() -> None:
    fit = Moderation("y ~ x + g").fit({"y": [1.5, 3.25, 2.75, 7.5, 4.25, 9.5], "x": [11, 22, 33, 44, 55, 67], "g": list("abcabc")})
    assert repr(fit.sample) == "<ModelFrame: 6 rows, 2 columns, 0 dropped>"
    assert repr(fit.sample.columns["g"]) == "<Factor: 3 categories, 6 rows>"
    assert repr(fit.design) == "<Design: 4 terms, 3 variables>"
    assert repr(fit.variables["x"]) == "<Variable x: continuous, 6 values>"
    assert not any(value in repr((fit.sample, fit.design, fit.variables)) for value in ("9.5", "67", "3.25"))
