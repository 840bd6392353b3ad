from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, FewRows, ModelError
from tienet.output.figures.drawing import plot, sheet
from tienet.output.glossary import describe
from tienet.regression.core.least_squares import Solution
from tienet.regression.model.fit import ModerationFit
from tienet.regression.model.moderation import Moderation
from tienet.regression.resampling.bootstrapping import Bootstrap, bootstrap
from tienet.regression.resampling.moments import drawn_counts, left_out, resampled, solved, unit_moments

# Fifteen teams of random sizes count as fewer; how the bootstrap resamples them does not depend on that.
# few draws suffice to compare each with a fit of its own
pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters", "ignore::tienet.base.errors.FewDraws")

FORMULA = "y ~ region + x*z + x^2"


def simulated(n: int = 120, seed: int = 1, far: float = 0.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    x, z, team = far + rng.normal(2, 1, n), rng.normal(-1, 2, n), rng.integers(0, 15, n)
    y = 0.5 * (x - far) - 0.3 * (x - far) ** 2 + 0.2 * x * z + rng.normal(size=15)[team] + (1 + np.abs(z)) * rng.normal(size=n)
    return {"y": y, "x": x, "z": z, "region": rng.choice(["north", "south", "west"], n), "team": team}


def fitted(data: object, formula: str = FORMULA, **options: object) -> ModerationFit:
    return Moderation(formula, **options).fit(data)


def literally(fit: ModerationFit, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and R2 by statsmodels with the counts as weights, draw by draw."""
    X = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)])
    found = [sm.WLS(fit.sample.response, X, weights=row).fit() for row in counts]
    return np.array([each.params for each in found]), np.array([each.rsquared for each in found])


# ---------------------------------------------------------------- the resamples


@pytest.mark.parametrize("cluster", [None, "team"])
@pytest.mark.parametrize("center", ["mean", "none"])
def test_every_resample_is_a_weighted_fit_of_its_rows(cluster: str | None, center: str) -> None:
    fit = fitted(simulated(), cluster=cluster, center=center)
    found = bootstrap(fit, 40, seed=3)
    units = 120 if cluster is None else 15
    counts = drawn_counts(40, units, np.random.default_rng(3))
    assert (counts.sum(axis=1) == units).all()
    b, r2 = literally(fit, counts if cluster is None else counts[:, fit.sample.clusters])
    np.testing.assert_allclose(found.estimates, b, rtol=1e-8, atol=1e-9 * np.abs(b).max())
    np.testing.assert_allclose(found.r_squared().estimates[:, 0], r2, rtol=1e-9)
    assert found.estimate.tolist() == fit.estimate.tolist()
    assert found.r_squared().estimate[0] == pytest.approx(fit.r_squared, rel=1e-12)


def test_a_variable_far_from_zero_costs_no_digits() -> None:
    near, far = (bootstrap(fitted(simulated(far=shift), center="mean"), 50) for shift in (0.0, 1e6))
    same = [term not in ("z", "(Intercept)") for term in near.term]
    np.testing.assert_allclose(far.slopes(focal="x", moderator="z").estimates, near.slopes(focal="x", moderator="z").estimates, rtol=1e-6)
    np.testing.assert_allclose(far.estimates[:, same], near.estimates[:, same], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("cluster", [None, "team"])
def test_leaving_one_out_is_a_fit_without_it(cluster: str | None) -> None:
    fit = fitted(simulated(), cluster=cluster)
    moments = unit_moments(fit.solution, fit.sample.clusters)
    coordinates, r2 = left_out(moments, fit.solution.coordinates)
    codes = np.arange(120) if cluster is None else fit.sample.clusters
    b, expected = literally(fit, np.array([(codes != unit) * 1.0 for unit in range(len(moments))]))
    np.testing.assert_allclose(bootstrap(fit, 9, interval="bca").left_out, b, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(r2, expected, rtol=1e-9)
    if cluster is None:  # c - b_i e_i / (1 - h_i)
        s = fit.solution
        np.testing.assert_allclose(coordinates, s.coordinates - s.basis * (s.residuals / (1 - s.leverage))[:, None], rtol=1e-9, atol=1e-10)


def test_a_resample_that_holds_every_row_once_is_the_fit() -> None:
    fit = fitted(simulated())
    coordinates, r2 = solved(unit_moments(fit.solution, None).sum(axis=0)[:, None], fit.solution.coordinates)
    np.testing.assert_allclose(coordinates[0], fit.solution.coordinates, rtol=1e-12)
    assert r2[0] == pytest.approx(fit.r_squared, rel=1e-12)


def test_weighted_rows_keep_their_weights() -> None:
    rng = np.random.default_rng(5)
    X, y, w = np.column_stack([np.ones(60), rng.normal(size=(60, 2))]), rng.normal(size=60), rng.uniform(0.2, 3, 60)
    root = np.sqrt(w)
    basis, R = np.linalg.qr(X * root[:, None])  # the constant first, every row times the root of its weight
    coordinates = basis.T @ (y * root)
    solution = Solution(basis, np.linalg.inv(R), coordinates, y * root - basis @ coordinates, np.sum(basis**2, axis=1))
    counts = drawn_counts(20, 60, rng)
    found, r2 = solved(unit_moments(solution, None).T @ counts.T, coordinates)
    for place, row in enumerate(counts):
        expected = sm.WLS(y, X, weights=w * row).fit()
        np.testing.assert_allclose(solution.back @ found[place], expected.params, rtol=1e-9, atol=1e-11)
        assert r2[place] == pytest.approx(expected.rsquared, rel=1e-9)


def test_resamples_in_blocks_keep_their_laws(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fitted(simulated(), "y ~ x")
    monkeypatch.setattr("tienet.regression.resampling.draws._CELLS", 3000)
    coordinates, _ = resampled(unit_moments(fit.solution, None), fit.solution.coordinates, 500, np.random.default_rng(0))
    assert len(np.unique(coordinates[:, 1])) == 500


def test_standard_errors_agree_with_the_sandwich() -> None:
    # to first order the bootstrap is HC0; with few rows between HC0 and HC3. Monte Carlo error of an SE: 1 / sqrt(2 draws) = 1.1 %
    data = simulated(n=2000, seed=4)
    formula = "y ~ x*z + x^2"
    se = {kind: fitted(data, formula, covariance=kind).std_error for kind in ("HC0", "HC3")}
    found = bootstrap(fitted(data, formula), 4000).std_error
    assert (found > 0.95 * se["HC0"]).all()
    assert (found < 1.05 * se["HC3"]).all()
    grouped = fitted(data, formula, cluster="team", covariance="CR0")
    assert bootstrap(grouped, 4000).std_error[1:] == pytest.approx(grouped.std_error[1:], rel=0.25)


@pytest.mark.sweep
def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    inside = {"percentile": [], "bca": []}
    for _ in range(120):
        x = rng.normal(size=60)
        fit = fitted({"y": 0.5 * x + (0.5 + np.abs(x)) * rng.normal(size=60), "x": x}, "y ~ x")
        for kind, hits in inside.items():
            low, high = bootstrap(fit, 400, seed=rng, interval=kind).limits
            hits.append(low[1] <= 0.5 <= high[1])
    for hits in inside.values():  # .95 with a Monte Carlo error of .02; both are a little short with 60 rows
        assert np.mean(hits) > 0.87


# ---------------------------------------------------------------- intervals


def test_percentile_limits_bias_and_error_are_those_of_the_resamples() -> None:
    found = bootstrap(fitted(simulated()), 500, alpha=0.1)
    frame = found.frame
    for place in range(len(found.term)):
        draws = found.estimates[:, place]
        expected = (draws.mean() - found.estimate[place], draws.std(ddof=1), *np.percentile(draws, [5, 95]))
        assert tuple(frame.loc[place, ["bias", "std_error", "conf_low", "conf_high"]]) == pytest.approx(expected, rel=1e-12)


def test_bca_limits_are_efrons() -> None:
    # scipy's own bootstrap of the same slope: other draws, so within the Monte Carlo error of a 2.5 % quantile
    rng = np.random.default_rng(0)
    x = rng.exponential(size=70)
    y = x + x * rng.standard_gamma(1.0, 70)

    def slope(x, y, axis):
        away = x - x.mean(axis=axis, keepdims=True)
        return np.sum(away * y, axis=axis) / np.sum(away**2, axis=axis)

    expected = stats.bootstrap((x, y), slope, paired=True, n_resamples=40_000, method="BCa", rng=1).confidence_interval
    found = bootstrap(fitted({"y": y, "x": x}, "y ~ x"), 40_000, interval="bca")
    low, high = (end[1] for end in found.limits)
    plain = bootstrap(fitted({"y": y, "x": x}, "y ~ x"), 40_000)
    width = high - low
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=0.015 * width)
    assert abs(plain.limits[1][1] - high) > 0.03 * width  # the correction is not nothing here
    assert "BCa intervals" in str(found)
    assert "Efron, B. (1987)" in found.cite()


# ---------------------------------------------------------------- what is made of the coefficients


@pytest.mark.parametrize("center", ["mean", "none"])
def test_slopes_and_turning_points_of_every_resample(center: str) -> None:
    fit = fitted(simulated(), center=center)
    found = bootstrap(fit, 30, interval="bca")
    slopes = found.slopes(focal="x", moderator="z", difference=True)
    probe = tn.simple_slopes(fit, focal="x", moderator="z")
    assert slopes.term == (*probe.label, "+1 SD minus -1 SD")
    np.testing.assert_allclose(slopes.estimate[:3], probe.estimate, rtol=1e-10)
    turning = found.turning_point(focal="x", at={"z": 0.5})
    assert turning.estimate[0] == pytest.approx(tn.turning_point(fit, focal="x", at={"z": 0.5}).estimate, rel=1e-10)
    b = {term: found.estimates[:, place] for place, term in enumerate(found.term)}
    x, z = fit.variables["x"], fit.variables["z"]
    for place, at in enumerate(probe.at):
        expected = b["x"] + 2 * b["x^2"] * (x.mean - x.center) + b["x:z"] * (at - z.center)
        np.testing.assert_allclose(slopes.estimates[:, place], expected, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(slopes.estimates[:, 3], b["x:z"] * (probe.at[2] - probe.at[0]), rtol=1e-8, atol=1e-9)
    expected = x.center - (b["x"] + b["x:z"] * (0.5 - z.center)) / (2 * b["x^2"])
    np.testing.assert_allclose(turning.estimates[:, 0], expected, rtol=1e-7)
    assert turning.left_out is not None
    assert turning.left_out.shape == (120, 1)
    assert slopes.left_out is not None
    np.testing.assert_allclose(slopes.left_out.mean(axis=0), slopes.estimate, rtol=0.05, atol=0.01)


def test_a_slope_without_a_moderator_and_for_a_category() -> None:
    found = bootstrap(fitted(simulated(), "y ~ x*region"), 20)
    assert found.slopes(focal="x", at={"region": "south"}).term == ("mean",)
    place = {term: i for i, term in enumerate(found.term)}
    expected = found.estimates[:, place["x"]] + found.estimates[:, place["x:region[south]"]]
    np.testing.assert_allclose(found.slopes(focal="x", at={"region": "south"}).estimates[:, 0], expected, rtol=1e-9)


# ---------------------------------------------------------------- refusals and words


def test_resamples_without_a_rare_category_are_counted_and_too_many_refused() -> None:
    data = simulated(n=200)
    data["region"] = np.where(np.arange(200) < 4, "tiny", np.where(data["region"] == "west", "south", data["region"]))
    found = bootstrap(fitted(data, covariance="HC1"), 2000)
    # absent with probability (1 - 4/200)^200 = .0176, 35 of 2,000 with a standard deviation of 6
    assert 12 < found.failed < 60
    assert found.draws == len(found.estimates) == 2000 - found.failed
    assert f"{found.failed} more left out as singular" in str(found)
    assert np.isfinite(found.estimates).all()
    data["region"] = np.where(np.arange(200) < 1, "tiny", "south")
    with pytest.warns(FewRows, match="rests on one row"):
        alone = fitted(data, covariance="HC1")
    with pytest.raises(ModelError, match="because they lack something the model needs, often a rare category"):
        bootstrap(alone, 200)


def test_bca_needs_every_unit_to_be_dispensable() -> None:
    data = simulated(n=90)
    data["region"] = np.where(data["team"] == 3, "only", "south")
    # the one cluster is absent from a third of the resamples, which is refused first, so the draws are chosen to hold it
    with pytest.raises(ModelError, match="the model needs 1 cluster to be estimated"):
        bootstrap(fitted(data, cluster="team"), 2, interval="bca", seed=_seed_with_all(data))


def _seed_with_all(data: dict) -> int:
    place = np.unique(np.array([str(team) for team in data["team"]]), return_inverse=True)[1][data["region"] == "only"][0]
    units = len(np.unique(data["team"]))
    return next(seed for seed in range(999) if (drawn_counts(2, units, np.random.default_rng(seed))[:, place] > 0).all())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"draws": 1}, ArgumentError, "draws must be a whole number from 2 to .*; got 1"),
        ({"draws": True}, ArgumentError, "draws must be a whole number .*; got True"),
        ({"interval": "normal"}, ArgumentError, "interval must be .*; got 'normal'"),
        ({"alpha": 0}, ArgumentError, "alpha must be between 0 and 1 .*; got 0"),
    ],
)
def test_refusals(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        bootstrap(fitted(simulated()), **arguments)


def test_derived_quantities_refuse_what_the_probes_refuse() -> None:
    found = bootstrap(fitted(simulated()), 9)
    with pytest.raises(ModelError, match="no variable 'w'"):
        found.slopes(focal="w")
    with pytest.raises(ModelError, match=r"add z\^2 to the formula"):
        found.turning_point(focal="z")
    with pytest.raises(ArgumentError, match="held at one value"):
        found.turning_point(focal="x", at={"z": [0, 1]})


def test_the_sentence_the_frame_and_what_to_cite() -> None:
    found = bootstrap(fitted(simulated(), cluster="team"), 200)
    assert "200 resamples of 15 whole clusters of team (n = 120)" in str(found)
    assert str(found.slopes(focal="x", moderator="z")).startswith(
        "Bootstrapped slopes of x at z, outcome y, 95% percentile intervals: -1 SD: "
    )
    assert list(found.frame.columns) == ["term", "estimate", "bias", "std_error", "conf_low", "conf_high"]
    for column in found.frame.columns:
        assert describe(column).meaning
    assert "Efron, B. & Tibshirani" in found.cite()
    assert bootstrap(fitted(simulated(), cluster="team"), 200).estimates.tolist() == found.estimates.tolist()
    with pytest.raises(ValueError, match="read-only"):
        found.estimates[0, 0] = 1.0


# ---------------------------------------------------------------- figures


def whiskers(found: Bootstrap) -> np.ndarray:
    ax = plot(found, sheet(found))
    (lines,) = (each for each in ax.collections if each.get_gid() == "whiskers")
    return np.array([segment[:, 0] for segment in lines.get_segments()])


def test_the_figure_of_several_quantities_shows_their_intervals() -> None:
    found = bootstrap(fitted(simulated()), 200)
    low, high = found.limits
    np.testing.assert_allclose(whiskers(found), np.column_stack([low, high])[:0:-1])
    slopes = found.slopes(focal="x", moderator="z")
    np.testing.assert_allclose(whiskers(slopes), np.column_stack(slopes.limits)[::-1])
    ax = plot(slopes, sheet(slopes))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["+1 SD", "mean", "−1 SD"]
    assert ax.get_xlabel() == "Slope of x"


def test_the_figure_of_one_quantity_shows_its_distribution() -> None:
    found = bootstrap(fitted(simulated()), 200)
    for result, options, label in (
        (found, {"term": "x:z"}, "Coefficient: x × z"),
        (found.r_squared(), {}, "R²"),
        (found.turning_point(focal="x"), {}, "Turning point of x"),
    ):
        ax = plot(result, sheet(result), **options)
        place = result.term.index(options["term"]) if options else 0
        bars = [bar for bar in ax.patches if bar.get_gid() != "interval"]
        assert sum(bar.get_height() for bar in bars) == 200
        (band,) = (bar for bar in ax.patches if bar.get_gid() == "interval")
        ends = (result.limits[0][place], result.limits[1][place])
        assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx(ends)
        (line,) = (each for each in ax.lines if each.get_gid() == "estimate")
        assert line.get_xdata()[0] == pytest.approx(result.estimate[place])
        assert ax.get_xlabel() == label
    with pytest.raises(ArgumentError, match="did you mean 'x:z'"):
        plot(found, sheet(found), term="x:zz")
