from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from scipy.stats import t as t_dist

import tienet as tn
from tienet.base.errors import ArgumentError, ModelError
from tienet.regression.probes.bounded_regions import BoundedRegions
from tienet.regression.probes.slopes import BoundedSlopes

HERE = Path(__file__).parent
CARS = pd.read_csv(HERE / "data" / "mtcars.csv")
R = json.loads((HERE / "oracles" / "published" / "expected.json").read_text())
MOMENTS = R["moments"]
MEANS, SDS = (dict(zip(MOMENTS["names"], MOMENTS[key], strict=True)) for key in ("mean", "sd"))
KNOWN = {"means": MEANS, "sds": SDS, "n": 32, "outcome": "mpg"}


def printed(key: str = "raw", names: dict[str, str] | None = None, **options: object) -> tn.PublishedModel:
    """The model that R printed, with its covariance in pairs."""
    terms = [(names or {}).get(term, term) for term in R[key]["terms"]]
    coefficients = dict(zip(terms, R[key]["coef"], strict=True))
    covariance = {(a, b): R[key]["vcov"][i][j] for i, a in enumerate(terms) for j, b in enumerate(terms) if i <= j}
    return tn.PublishedModel(**{"coefficients": coefficients, "covariance": covariance, **KNOWN, **options})


# ---------------------------------------------------------------- golden numbers


def test_slopes_are_those_of_r() -> None:
    slopes = tn.simple_slopes(printed(), focal="hp", moderator="wt")
    for column, expected in R["raw"]["slopes"].items():
        np.testing.assert_allclose(getattr(slopes, column), expected, rtol=1e-8, err_msg=column)
    assert slopes.df == R["raw"]["df"]
    # README of the R package interactions
    assert slopes.estimate.round(7).tolist() == [-0.0577559, -0.0305076, -0.0032594]
    assert slopes.std_error.round(7).tolist() == [0.0102031, 0.0075030, 0.0106721]


@pytest.mark.parametrize("how", ["raw", "centred"])
def test_regions_are_those_of_the_readme_and_of_the_fit(how: str) -> None:
    center = "mean" if how == "centred" else "none"
    model = printed(how, center=center, ranges={"wt": (1.513, 5.424), "hp": (52, 335)})
    fit = tn.Moderation("mpg ~ hp*wt", covariance="classical").fit(CARS)
    regions = tn.johnson_neyman(model, focal="hp", moderator="wt")
    assert [round(bound, 6) for bound in regions.bounds] == [3.692492, 5.900974]
    assert (regions.kind, regions.line_kind) == ("outside", "outside")
    for control in ("pointwise", "fdr", "simultaneous"):
        ours, theirs = (tn.johnson_neyman(m, focal="hp", moderator="wt", control=control) for m in (model, fit))
        np.testing.assert_allclose(ours.bounds, theirs.bounds, rtol=1e-8)
        assert (ours.kind, ours.sign.tolist(), ours.passed) == (theirs.kind, theirs.sign.tolist(), theirs.passed)
    ours, theirs = (tn.simple_slopes(m, focal="hp", moderator="wt") for m in (model, fit))
    np.testing.assert_allclose(ours.p_value, theirs.p_value, rtol=1e-7)


def test_printed_digits_give_printed_bounds() -> None:
    # coefficients as the README prints them, the covariance of R to 6 significant digits
    names = R["raw"]["terms"]
    covariance = {(a, b): float(f"{R['raw']['vcov'][i][j]:.6g}") for i, a in enumerate(names) for j, b in enumerate(names) if i <= j}
    coefficients = dict(zip(names, (49.808423, -0.120102, -8.216624, 0.027848), strict=True))
    model = tn.PublishedModel(coefficients, covariance=covariance, **KNOWN)
    assert [round(bound, 2) for bound in tn.johnson_neyman(model, focal="hp", moderator="wt").bounds] == [3.69, 5.90]


def test_predictions_are_those_of_r() -> None:
    expected = R["predict"]
    surface = tn.predict_surface(printed(), focal="hp", moderator="wt", over=(100, 200), points=2)
    order = np.lexsort((expected["hp"], expected["wt"]))
    for column, key in (("estimate", "fit"), ("conf_low", "low"), ("conf_high", "high")):
        np.testing.assert_allclose(getattr(surface, column).ravel(), np.array(expected[key])[order], rtol=1e-8)
    assert not surface.relative
    assert surface.label == ("-1 SD", "+1 SD")
    dawson = tn.predict_surface(printed(), focal="hp", moderator="wt")  # no range known: one SD to either side
    np.testing.assert_allclose(dawson.focal_values[[0, -1]], [MEANS["hp"] - SDS["hp"], MEANS["hp"] + SDS["hp"]])
    assert dawson.support.all()


def test_curves_are_those_of_the_fit() -> None:
    model = printed("square", {"I(hp^2)": "hp^2"}, ranges={"hp": (52, 335)})
    fit = tn.Moderation("mpg ~ hp + hp^2 + wt", covariance="classical").fit(CARS)
    ours, theirs = (tn.turning_point(m, focal="hp") for m in (model, fit))
    np.testing.assert_allclose(
        (ours.estimate, ours.std_error, *ours.fieller), (theirs.estimate, theirs.std_error, *theirs.fieller), rtol=1e-7
    )
    assert (ours.kind, ours.curvature, ours.inside) == (theirs.kind, theirs.curvature, theirs.inside)
    ours, theirs = (tn.u_test(m, focal="hp") for m in (model, fit))
    np.testing.assert_allclose(ours.p_value, theirs.p_value, rtol=1e-6)
    np.testing.assert_allclose(ours.curve.estimate, theirs.curve.estimate, rtol=1e-9)
    without = printed("square", {"I(hp^2)": "hp^2"})
    assert "observed range is not known" in str(tn.turning_point(without, focal="hp"))
    with pytest.raises(ModelError, match="range of hp is not known"):
        tn.u_test(without, focal="hp")


@pytest.mark.parametrize(("v22", "v12", "kind"), [(0.0001, 0.0, "bounded"), (0.04, 0.0, "two_rays"), (0.04, 0.0, "whole_line")])
def test_every_kind_of_fieller_set(v22: float, v12: float, kind: str) -> None:
    b1 = 0.1 if kind == "whole_line" else 2.0
    model = tn.PublishedModel({"x": b1, "x^2": 0.2}, covariance={("x", "x"): 0.04, ("x", "x^2"): v12, ("x^2", "x^2"): v22}, n=200)
    assert tn.turning_point(model, focal="x").kind == kind


def test_process_tables_of_hc3() -> None:
    # SPSS PROCESS 2.16.3, model 1 with HC3 (pyprocessmacro, Data_Model1): X at M = 0 has the printed error of X, and with the errors at
    # the two other values the covariance follows: .0447^2 = V11 + 2 (-.9795) V13 + .9795^2 V33
    v11, v33 = 0.0303**2, 0.0300**2
    v13 = (0.0447**2 - v11 - 0.9795**2 * v33) / (2 * -0.9795)
    model = tn.PublishedModel(
        {"M": 1.0064, "X": 1.0286, "X:M": 0.9670},
        intercept=0.9197,
        covariance={("X", "X"): v11, ("X", "X:M"): v13, ("X:M", "X:M"): v33},
        std_errors={"(Intercept)": 0.0430, "M": 0.0424, "X": 0.0303, "X:M": 0.0300},
        n=1000,
    )
    slopes = tn.simple_slopes(model, focal="X", moderator="M", at=[-0.9795, 0.0188, 1.0171])
    np.testing.assert_allclose(slopes.estimate, [0.0815, 1.0468, 2.0121], atol=1.01e-4)
    np.testing.assert_allclose(slopes.std_error, [0.0447, 0.0302, 0.0403], atol=3e-4)  # four printed digits of the errors went in
    assert slopes.df == 996


def test_three_way_and_moderated_curves_equal_the_fit() -> None:
    rng = np.random.default_rng(4)
    data = {name: rng.normal(2, 1, 120) for name in "xzw"}
    data["y"] = data["x"] * data["z"] + data["x"] ** 2 * data["z"] + rng.normal(size=120)
    for formula, at in (("y ~ x*z*w", {"w": 1.0}), ("y ~ x^2*z + w", {"x": 2.2})):
        fit = tn.Moderation(formula, covariance="HC3", center="none").fit(data)
        model = tn.PublishedModel(
            dict(zip(fit.terms, fit.estimate, strict=True)),
            covariance=pd.DataFrame(fit.covariance.matrix, index=fit.terms, columns=fit.terms),
            means={name: data[name].mean() for name in "xzw"},
            sds={name: data[name].std(ddof=1) for name in "xzw"},
            n=120,
        )
        ours, theirs = (tn.simple_slopes(m, focal="x", moderator="z", at=at) for m in (model, fit))
        np.testing.assert_allclose(ours.estimate, theirs.estimate, rtol=1e-8)
        np.testing.assert_allclose(ours.std_error, theirs.std_error, rtol=1e-7)
        ours, theirs = (tn.johnson_neyman(m, focal="x", moderator="z", at=at) for m in (model, fit))
        np.testing.assert_allclose(ours.bounds, theirs.bounds, rtol=1e-6)


# ---------------------------------------------------------------- what is not known


def test_unknown_df_is_the_normal_and_said() -> None:
    model = tn.PublishedModel({"x": 0.5, "z": 0.1, "x:z": 0.3}, std_errors={"x": 0.1}, means={"x": 0, "z": 0})
    slopes = tn.simple_slopes(model, focal="x", moderator="z", at=[0.0])
    assert slopes.p_value[0] == pytest.approx(2 * norm.sf(5), rel=1e-10)
    assert "normal distribution" in str(slopes)
    assert "n not given" in str(slopes)
    assert "normal distribution" in str(model)


def errors_only(**options: object) -> tn.PublishedModel:
    return tn.PublishedModel(
        **{
            "coefficients": {"x": 0.5, "z": 0.1, "x:z": 0.3},
            "std_errors": {"x": 0.1, "z": 0.2, "x:z": 0.06},
            "means": {"x": 0.0, "z": 0.0},
            "sds": {"x": 1.0, "z": 1.0},
            "n": 100,
            **options,
        }
    )


def test_slopes_with_errors_only_hold_every_possible_covariance() -> None:
    slopes = tn.simple_slopes(errors_only(), focal="x", moderator="z", at=[-1.0, 0.0, 2.0])
    assert isinstance(slopes, BoundedSlopes)
    np.testing.assert_allclose(slopes.std_error_low, [0.04, 0.1, 0.02])
    np.testing.assert_allclose(slopes.std_error_high, [0.16, 0.1, 0.22])
    assert np.isnan(slopes.p_value).tolist() == [True, False, True]
    assert slopes.p_value[1] == pytest.approx(2 * t_dist.sf(5, 96))
    np.testing.assert_allclose(slopes.conf_high - slopes.estimate, t_dist.isf(0.025, 96) * slopes.std_error_high)
    assert "p between" in str(slopes)
    assert "SE between 0.040 and 0.160" in str(slopes)
    for correlation in (-1.0, -0.3, 0.0, 0.8, 1.0):
        model = errors_only(covariance={("x", "x:z"): correlation * 0.1 * 0.06})
        exact = tn.simple_slopes(model, focal="x", moderator="z", at=[-1.0, 0.0, 2.0])
        assert (exact.std_error >= slopes.std_error_low - 1e-12).all()
        assert (exact.std_error <= slopes.std_error_high + 1e-12).all()
        assert (exact.p_value <= slopes.p_high + 1e-12).all()
        assert (exact.p_value >= slopes.p_low - 1e-12).all()


def test_regions_with_errors_only_say_the_range_if_it_is_printed() -> None:
    told, untold = (tn.johnson_neyman(errors_only(ranges=ranges), focal="x", moderator="z") for ranges in ({"z": (-3, 3)}, {}))
    assert "(z; p < .05, pointwise); observed range [-3, 3]. " in str(told)
    assert "range" not in str(untold)


@pytest.mark.parametrize("b", [(0.5, 0.3), (0.1, 0.3), (0.05, 0.01), (-0.5, 0.2), (0.0, 0.0)])
def test_regions_with_errors_only_hold_every_possible_covariance(b: tuple[float, float]) -> None:
    coefficients = {"x": b[0], "z": 0.1, "x:z": b[1]}
    bounded = tn.johnson_neyman(errors_only(coefficients=coefficients), focal="x", moderator="z")
    assert isinstance(bounded, BoundedRegions)
    grid = np.linspace(-8, 8, 801)
    place = np.searchsorted(np.array(bounded.bounds), grid)
    words = np.array(bounded.verdict, dtype=object)[place]
    always, never = np.ones(len(grid), dtype=bool), np.ones(len(grid), dtype=bool)
    for r in np.linspace(-1, 1, 41):
        error = np.sqrt(np.maximum(0.01 + 2 * grid * r * 0.006 + grid**2 * 0.0036, 0))
        differs = np.abs(b[0] + b[1] * grid) > t_dist.isf(0.025, 96) * error
        always, never = always & differs, never & ~differs
    far = np.min(np.abs(grid[:, None] - np.array([*bounded.bounds, np.inf])), axis=1) > 0.02
    assert ((words == "yes") == always)[far].all()
    assert ((words == "no") == never)[far].all()
    assert bounded.significant.tolist() == [word == "yes" for word in bounded.verdict]
    band = bounded.curve([2.0])
    np.testing.assert_allclose(band.conf_high - band.estimate, t_dist.isf(0.025, 96) * 0.22)
    with pytest.raises(ModelError, match="needs p-values"):
        tn.johnson_neyman(errors_only(), focal="x", moderator="z", control="fdr")
    assert tn.johnson_neyman(errors_only(), focal="x", moderator="z", control="simultaneous").critical > bounded.critical


def test_only_the_covariances_that_enter_are_needed() -> None:
    three = {("hp", "hp"): 0.000610008, ("hp", "hp:wt"): -0.000174609, ("hp:wt", "hp:wt"): 5.25e-05}
    slopes = tn.simple_slopes(printed(covariance=three), focal="hp", moderator="wt")
    assert np.isfinite(slopes.p_value).all()
    with pytest.raises(ModelError, match="are not known; give them with the model"):
        tn.johnson_neyman(printed(covariance=three), focal="wt", moderator="hp")


def test_without_errors_there_are_lines_only() -> None:
    model = printed(covariance=None)
    slopes = tn.simple_slopes(model, focal="hp", moderator="wt")
    np.testing.assert_allclose(slopes.estimate, R["raw"]["slopes"]["estimate"], rtol=1e-8)
    assert np.isnan(slopes.p_value).all()
    assert "p not known" in str(slopes)
    surface = tn.predict_surface(model, focal="hp", moderator="wt")
    assert np.isnan(surface.conf_low).all()
    assert "no bands because not all covariances of the coefficients are known" in str(surface)
    assert "no tests" in str(model)
    with pytest.raises(ModelError, match="covariances of the coefficients in the slope of hp are not known"):
        tn.johnson_neyman(model, focal="hp", moderator="wt")


def test_without_a_level_lines_lack_a_constant() -> None:
    whole = tn.predict_surface(printed(), focal="hp", moderator="wt", points=3)
    some = {term: b for term, b in zip(R["raw"]["terms"], R["raw"]["coef"], strict=True) if term != "(Intercept)"}
    less = tn.predict_surface(tn.PublishedModel(some, **KNOWN), focal="hp", moderator="wt", points=3)
    assert less.relative
    np.testing.assert_allclose(whole.estimate - less.estimate, R["raw"]["coef"][0], rtol=1e-9)
    assert "(up to an unknown constant)" in str(less)
    control = tn.PublishedModel({**some, "tenure": 0.4}, intercept=3.0, **KNOWN)
    assert tn.predict_surface(control, focal="hp", moderator="wt").relative
    missing = tn.PublishedModel({"x": 1.0, "z": None, "x:z": 0.2}, intercept=1.0, means={"x": 0, "z": 0}, sds={"x": 1, "z": 1})
    assert tn.simple_slopes(missing, focal="x", moderator="z").estimate.tolist() == pytest.approx([0.8, 1.0, 1.2])
    with pytest.raises(ModelError, match="coefficient of z is not known"):
        tn.predict_surface(missing, focal="x", moderator="z")


def test_a_place_that_is_not_known_is_asked_for() -> None:
    model = tn.PublishedModel({"x": 1.0, "z": 0.5, "x:z": 0.2}, std_errors={"x": 0.1, "x:z": 0.1})
    with pytest.raises(ModelError, match="the mean of z is not known"):
        tn.simple_slopes(model, focal="x")
    with pytest.raises(ModelError, match="mean and SD of z are not both known"):
        tn.simple_slopes(model, focal="x", moderator="z")
    assert tn.simple_slopes(model, focal="x", at={"z": 2.0}).estimate[0] == pytest.approx(1.4)


def test_dummies_are_probed_at_their_two_values() -> None:
    for name, more in (("region[north]", {}), ("d", {"binary": "d"})):
        model = tn.PublishedModel({"x": 1.0, name: 0.5, f"x:{name}": 0.2}, std_errors={"x": 0.1, f"x:{name}": 0.1}, **more)
        assert tn.simple_slopes(model, focal="x", moderator=name).label == ("0", "1")


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"coefficients": {"x": 1.0, "x:z": 1.0}}, "x:z needs z; give z: 0 if"),
        ({"coefficients": {"x*z": 1.0, "x:z:": 1.0}}, "is not a term"),
        ({"coefficients": {"x": 1.0, "z": 1, "x:z": 1, "z:x": 2}}, "twice, in two spellings"),
        ({"coefficients": {"x": "1.0**", "z": 0.0, "x:z": 0.0}}, "must be a number, got '1.0"),
        ({"coefficients": {}}, "must have at least one term"),
        ({"covariance": {("x", "q"): 1.0}}, "names 'q', which is not among the coefficients"),
        ({"covariance": {"x": 1.0}}, "keys of covariance must be pairs of terms"),
        ({"covariance": {("x", "z"): 0.011, ("z", "x"): 0.012}}, "not symmetric: z and x"),
        ({"covariance": {("x", "x"): -0.1}, "std_errors": None}, "below zero"),
        ({"covariance": {("x", "x"): 0.01, ("z", "z"): 0.04, ("x", "z"): 0.0301}}, "more than their variances allow"),
        ({"covariance": {("x", "z"): 0.018001, ("x", "x:z"): 0.0054, ("z", "x:z"): -0.0108}}, "eigenvalue is below zero"),
        ({"covariance": {("x", "x"): 0.0121}}, "standard error 0.1 and the variance 0.0121"),
        ({"std_errors": {"x": -0.1}}, "must not be below zero, got -0.1"),
        ({"n": 4}, "n must be a whole number above 4, .*, got 4"),
        ({"n": "many"}, "n must be a whole number above 4, .*, got 'many'"),
        ({"means": {"x": "high"}}, "must be a number, got 'high'"),
        ({"ranges": {"x": 3}}, "in this order"),
        ({"covariance": np.eye(4)}, "covariance must have names"),
        ({"covariance": pd.DataFrame([[1.0, 2.0]], columns=["x", "z"])}, "must be square .*, got 1 rows and 2 columns"),
        ({"df": 0}, "df must be above zero, got 0"),
        ({"means": {"q": 1.0}}, "means names 'q'"),
        ({"means": {"x": 0.0}, "center": "mean"}, "needs the mean of z"),
        ({"center": {"q": 1.0}}, "center names 'q'"),
        ({"sds": {"x": -1.0}}, "above zero"),
        ({"ranges": {"x": (2.0, 1.0)}}, "in this order"),
        ({"ranges": {"x": (1.0, 2.0)}}, "lies outside its range"),
        ({"coefficients": {"(Intercept)": 1.0, "x": 1.0, "z": 1, "x:z": 1}, "intercept": 1.0}, "intercept is given twice"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(options: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message) as refused:
        errors_only(**options)
    assert "\n" not in str(refused.value)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ArgumentError, match=r"center must be one of .*; got 'median'"):
        errors_only(center="median")
    with pytest.raises(ArgumentError, match="alpha"):
        errors_only(alpha=5)
    with pytest.raises(ArgumentError, match=r"std_errors must be a mapping with names as keys, .*; got a list"):
        errors_only(std_errors=[0.1, 0.2])


def test_rounding_of_print_is_no_contradiction() -> None:
    model = errors_only(covariance={("x", "x"): 0.0102, ("x", "x:z"): 0.006})  # .10 squared within its two digits, r = 1 after rounding
    assert model.known == "covariance"


def test_a_covariance_comes_as_any_square_frame(make_frame) -> None:
    names = R["raw"]["terms"]
    given = make_frame({name: [row[j] for row in R["raw"]["vcov"]] for j, name in enumerate(names)})
    if not isinstance(given, str | Path):
        model = printed(covariance=given)
        np.testing.assert_allclose(model.std_error, R["raw"]["se"], rtol=1e-12)


def test_the_frame_of_a_printed_model() -> None:
    frame = printed().frame
    np.testing.assert_allclose(frame["std_error"], R["raw"]["se"], rtol=1e-8)
    np.testing.assert_allclose(frame["p_value"], 2 * t_dist.sf(np.abs(frame["statistic"]), 28), rtol=1e-10)
    assert frame["term"].tolist() == ["(Intercept)", "hp", "wt", "hp:wt"]
    assert "Dawson" in printed().cite()


@pytest.mark.parametrize(("center", "said"), [("none", "not centred"), ("mean", "(x at 3 and z at 2)"), ({"x": 1}, "(x at 1 and z not)")])
def test_a_published_model_says_which_coding_it_assumes(center, said):
    given = {"coefficients": {"x": 0.5, "z": 0.1, "x:z": 0.3}, "means": {"x": 3, "z": 2}}
    assert said in str(tn.PublishedModel(**given, center=center)).replace(".000", "")
    assert "centred" not in str(tn.PublishedModel(coefficients={"x": 0.5, "z": 0.1}, means={"x": 3}))
