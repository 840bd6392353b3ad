"""Logarithms and roots in a formula, probed on the scale of the column and on their own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import tienet as tn
from tienet.base.errors import ModelError
from tienet.regression.core.polynomial import Polynomial
from tienet.regression.core.transforms import TRANSFORMS
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.refits import standardize
from tienet.regression.probes import slope_differences

RNG = np.random.default_rng(8)
N = 240
DATA = pd.DataFrame({"x": RNG.lognormal(1, 0.5, N), "z": RNG.lognormal(3, 0.6, N), "w": RNG.normal(3, 1, N)})
DATA["y"] = np.log(DATA.x) * (1 + 0.3 * DATA.w) + 0.5 * (DATA.w - 3) * np.log(DATA.z / 15) + RNG.normal(size=N)
BOTH = "y ~ log(x)*w + log(z)*w"


@pytest.fixture(scope="module")
def fit() -> ModerationFit:
    return tn.Moderation(BOTH, covariance="classical").fit(DATA)


@pytest.fixture(scope="module")
def theirs() -> object:
    return smf.ols("y ~ np.log(x)*w + np.log(z)*w", DATA).fit()


def slope_of(theirs: object, **point: float) -> tuple[float, float]:
    """Slope of x at a point and its standard error, from the coefficients of statsmodels: b/x by hand."""
    row = pd.Series(0.0, theirs.params.index)
    row["np.log(x)"], row["np.log(x):w"] = 1 / point["x"], point["w"] / point["x"]
    return float(row @ theirs.params), float((row @ theirs.cov_params() @ row) ** 0.5)


def test_the_slope_of_the_column_is_b_over_x(fit: ModerationFit, theirs: object) -> None:
    at = [1.0, 2.5, 4.0]
    for held, point in (({}, DATA.x.mean()), ({"x": 2.0}, 2.0)):
        slopes = tn.simple_slopes(fit, focal="x", moderator="w", at={"w": at, **held})
        wanted = np.array([slope_of(theirs, x=point, w=w) for w in at])
        np.testing.assert_allclose([slopes.estimate, slopes.std_error], wanted.T, rtol=1e-8)
        assert slopes.held == pytest.approx({"x": point})
        assert f"with x = {point:.3f}".rstrip("0").rstrip(".") in str(slopes)
    along = tn.simple_slopes(fit, focal="x", moderator="x", at=[1.0, 3.0])
    wanted = np.array([slope_of(theirs, x=x, w=DATA.w.mean()) for x in (1.0, 3.0)])
    np.testing.assert_allclose([along.estimate, along.std_error], wanted.T, rtol=1e-8)


def test_the_slope_of_the_logarithm_is_b(fit: ModerationFit, theirs: object) -> None:
    slopes = tn.simple_slopes(fit, focal="np.log(x)", moderator="`w`", at=[1.0])
    assert (slopes.focal, slopes.moderator) == ("log(x)", "w")
    wanted = theirs.t_test("np.log(x) + np.log(x):w = 0")
    np.testing.assert_allclose([slopes.estimate[0], slopes.std_error[0]], [wanted.effect[0], wanted.sd[0, 0]], rtol=1e-8)


def test_a_moderator_stands_at_values_of_the_column_or_of_its_logarithm(fit: ModerationFit, theirs: object) -> None:
    own, logs = (
        tn.simple_slopes(fit, focal="w", moderator=name, at={name: at, "x": 2.0})
        for name, at in (("z", [5.0, 40.0]), ("log(z)", np.log([5.0, 40.0])))
    )
    np.testing.assert_allclose(own.estimate, logs.estimate, rtol=1e-10)
    b = theirs.params
    np.testing.assert_allclose(own.estimate, b["w"] + b["np.log(x):w"] * np.log(2) + b["np.log(z):w"] * np.log([5.0, 40.0]), rtol=1e-8)
    usual = tn.simple_slopes(fit, focal="w", moderator="z", at={"z": "percentiles"})
    np.testing.assert_allclose(usual.at, np.quantile(DATA.z, [0.16, 0.5, 0.84]), rtol=1e-10)
    differences = slope_differences(fit, focal="w", moderator="z", at={"z": [5.0, 40.0]})
    assert differences.estimate[0] == pytest.approx(b["np.log(z):w"] * np.log(8), rel=1e-8)


def test_a_column_that_is_not_named_stands_at_its_mean_and_not_at_that_of_its_logarithm(fit: ModerationFit) -> None:
    slopes = tn.simple_slopes(fit, focal="w")
    assert slopes.held == pytest.approx({"x": DATA.x.mean(), "z": DATA.z.mean()})
    stated = tn.simple_slopes(fit, focal="w", at={"log(x)": np.log(DATA.x.mean()), "z": DATA.z.mean()})
    assert stated.estimate[0] == pytest.approx(slopes.estimate[0], rel=1e-10)
    assert stated.held == pytest.approx({"log(x)": np.log(DATA.x.mean()), "z": DATA.z.mean()})


@pytest.mark.parametrize("control", ["pointwise", "simultaneous"])
def test_regions_of_the_column_are_those_of_its_logarithm(fit: ModerationFit, control: str) -> None:
    own, logs = (tn.johnson_neyman(fit, focal="w", moderator=name, control=control, at={"x": 1.0}) for name in ("z", "log(z)"))
    assert len(own.bounds) == 2
    np.testing.assert_allclose(own.bounds, np.exp(logs.bounds), rtol=1e-10)
    assert (own.kind, own.sign.tolist(), own.share.tolist()) == (logs.kind, logs.sign.tolist(), logs.share.tolist())
    assert own.observed == pytest.approx((DATA.z.min(), DATA.z.max()))
    band = own.curve(own.bounds)
    assert np.minimum(np.abs(band.conf_low), np.abs(band.conf_high)) == pytest.approx([0, 0], abs=1e-9)
    np.testing.assert_allclose(
        own.curve([20.0]).estimate, tn.simple_slopes(fit, focal="w", moderator="z", at={"z": 20.0, "x": 1.0}).estimate
    )


def test_regions_of_a_column_over_another_do_not_depend_on_where_it_stands(fit: ModerationFit) -> None:
    bounds = [
        tn.johnson_neyman(fit, focal=focal, moderator="w", **at).bounds
        for focal, at in (("x", {}), ("x", {"at": {"x": 1.0}}), ("log(x)", {}))
    ]
    np.testing.assert_allclose(bounds[1:], [bounds[0]] * 2, rtol=1e-9)


def test_lines_over_the_column_bend(fit: ModerationFit, theirs: object) -> None:
    lines = tn.predict_surface(fit, focal="x", moderator="w", moderator_at=[2.0], over=(1.0, 8.0), points=5, at={"z": 10.0})
    new = pd.DataFrame({"x": lines.focal_values, "w": 2.0, "z": 10.0})
    wanted = theirs.get_prediction(new).summary_frame()
    np.testing.assert_allclose(lines.estimate[0], wanted["mean"], rtol=1e-9)
    np.testing.assert_allclose(lines.conf_low[0], wanted["mean_ci_lower"], rtol=1e-8)
    assert lines.held == {"z": 10.0}
    moderated = tn.predict_surface(fit, focal="w", moderator="z", moderator_at=[10.0], over=(2.0, 3.0), points=2, at={"x": 8.0})
    assert moderated.estimate[0, 0] == pytest.approx(lines.estimate[0, -1], rel=1e-9)


def test_a_column_beside_its_logarithm_has_one_slope() -> None:
    fit = tn.Moderation("y ~ log(x)*w + x").fit(DATA)
    theirs = smf.ols("y ~ np.log(x)*w + x", DATA).fit()
    found = tn.simple_slopes(fit, focal="x", moderator="w", at={"w": 2.0, "x": 4.0}).estimate[0]
    b = theirs.params
    assert found == pytest.approx(b["x"] + (b["np.log(x)"] + 2 * b["np.log(x):w"]) / 4, rel=1e-8)
    for probe, focal, words in [
        (tn.turning_point, "x", "as x and log"),
        (tn.simple_slopes, "log(x)", "does not move alone"),
    ]:
        with pytest.raises(ModelError, match=words):
            probe(fit, focal=focal)
    with pytest.raises(ModelError, match="no line or parabola"):
        tn.johnson_neyman(fit, focal="x", moderator="x")


@pytest.mark.parametrize("name", TRANSFORMS)
def test_slopes_are_the_derivatives_of_the_lines(name: str) -> None:
    fit = tn.Moderation(f"y ~ {name}(x)*w + {name}(x)^2*w").fit(DATA)
    surface: Polynomial = fit.polynomial
    point = {"w": 2.0, "x": 3.0}
    values = np.array([3.0 - 1e-5, 3.0 + 1e-5])
    rows = surface.value_rows("x", values, {**point, f"{name}(x)": np.nan})
    slope = surface.slope_row("x", {**point, **surface.settled(point)})
    np.testing.assert_allclose(slope, (rows[1] - rows[0]) / 2e-5, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_transforms_and_their_inverses(name: str) -> None:
    how, values = TRANSFORMS[name], np.array([0.25, 3.0, 17.0, 1e6])
    assert how.inverse(how.forward(values)).tolist() == values.tolist()
    np.testing.assert_allclose(
        how.derivative(values), (how.forward(values * (1 + 1e-7)) - how.forward(values * (1 - 1e-7))) / (2e-7 * values), rtol=1e-6
    )
    assert how.inverse(np.array([-1e9]))[0] == how.least


def test_probes_of_curves_need_the_variable_itself() -> None:
    fit = tn.Moderation("y ~ log(x)*w + log(x)^2").fit(DATA)
    assert tn.turning_point(fit, focal="log(x)").estimate == pytest.approx(
        -fit.polynomial.estimate[1] / (2 * fit.polynomial.estimate[fit.terms.index("log(x)^2")]) + np.log(DATA.x).mean(), rel=1e-6
    )
    for probe in (tn.turning_point, tn.u_test):
        with pytest.raises(ModelError, match=r"x is in the model of y as log\(x\).*write 'log\(x\)'"):
            probe(fit, focal="x")


def test_values_without_a_logarithm(fit: ModerationFit) -> None:
    zeros = DATA.assign(x=DATA.x.round(0) - DATA.x.round(0).min())
    with pytest.raises(ModelError, match=r"column 'x' contains \d+ values? not above 0, the first in row \d+.*use log1p\(x\)"):
        tn.Moderation("y ~ log(x)").fit(zeros)
    assert tn.Moderation("y ~ log1p(x) + sqrt(z)").fit(zeros).terms == ("(Intercept)", "log1p(x)", "sqrt(z)")
    with pytest.raises(ModelError, match="below 0") as caught:
        tn.Moderation("y ~ sqrt(x)").fit(zeros.assign(x=zeros.x - 2))
    assert "log1p" not in str(caught.value)
    with pytest.warns(tn.base.errors.OutsideSupport), pytest.raises(ModelError, match=r"log\(x\) is not defined at x = -1"):
        tn.simple_slopes(fit, focal="w", at={"x": -1.0})
    missing = DATA.assign(x=DATA.x.where(DATA.index != 4))
    assert tn.Moderation("y ~ log(x)").fit(missing).dropped == {"x": 1}


def test_z_scores_of_a_logarithm_do_not_lead_back_to_the_column(fit: ModerationFit) -> None:
    scored = standardize(fit)
    with pytest.raises(ModelError, match="no variable 'x'"):
        tn.simple_slopes(scored, focal="x", moderator="w")
    assert tn.simple_slopes(scored, focal="log(x)", moderator="w").at == pytest.approx([-1, 0, 1], abs=1e-9)


def test_a_logarithm_beside_a_term_that_cannot_be_read_has_no_slope() -> None:
    read = tn.from_statsmodels(smf.ols("y ~ np.log(x)*w + np.exp(-x)", DATA).fit())
    assert tn.simple_slopes(read, focal="w").estimate.shape == (1,)
    for focal in ("x", "log(x)"):
        with pytest.raises(ModelError, match="cannot be read"):
            tn.simple_slopes(read, focal=focal)


def test_labels_reach_into_the_transform(fit: ModerationFit) -> None:
    labelled = tn.Moderation(BOTH, labels={"x": "Ties"}).fit(DATA)
    assert "| log(Ties) × w |" in tn.compare({"a": labelled}).markdown()
