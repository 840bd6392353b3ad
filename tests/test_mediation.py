from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, ModelError
from tienet.output.figures.drawing import plot, sheet
from tienet.output.glossary import describe
from tienet.regression.resampling.indirect_effects import Mediation, mediation
from tienet.regression.resampling.moments import drawn_counts

HERE = Path(__file__).parent / "oracles" / "mediation"
EXPECTED = json.loads((HERE / "expected.json").read_text())


def columns() -> dict[str, np.ndarray]:
    with (HERE / "data.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


DATA = columns()
N = len(DATA["x"])


def simple(data: object = DATA, **options: object) -> Mediation:
    return mediation("y ~ x + m + t", data, mediator="m ~ x + t", focal="x", **{"draws": 50, "covariance": "classical", **options})


def first_stage(**options: object) -> Mediation:
    options = {"draws": 50, "covariance": "classical", **options}
    return mediation("y ~ x + m + t", DATA, mediator="m ~ x*w + t", focal="x", moderator="w", **options)


def second_stage(**options: object) -> Mediation:
    options = {"draws": 50, "covariance": "classical", **options}
    return mediation("y ~ x + m*g + t", DATA, mediator="m ~ x + t", focal="x", moderator="g", **options)


def rows(found: Mediation, effect: str) -> np.ndarray:
    frame = found.frame
    return frame.loc[frame["effect"] == effect, ["estimate", "std_error", "statistic", "p_value"]].to_numpy()


# ---------------------------------------------------------------- against R


def test_paths_are_those_of_lm() -> None:
    found = simple()
    for effect, expected in (("a", "a.x"), ("b", "bc.m"), ("c'", "bc.x"), ("c", "c.x")):
        equation, term = expected.split(".")
        np.testing.assert_allclose(rows(found, effect)[0], EXPECTED[equation][term], rtol=1e-8)
    a, b, direct, total = found.paths["estimate"]
    assert total == pytest.approx(direct + a * b, rel=1e-12)  # an identity of least squares
    assert found.estimate[0] == pytest.approx(a * b, rel=1e-12)
    assert found.paths["dfs"].tolist() == [N - 3, N - 4, N - 4, N - 3]


def test_products_and_their_normal_theory_are_lavaans() -> None:
    lavaan = {each["label"]: each for each in EXPECTED["simple"]}
    assert simple().estimate[0] == pytest.approx(lavaan["ab"]["est"], rel=1e-7)
    found = first_stage()
    for place, label in enumerate(("low", "mid", "high", "index")):
        expected = {each["label"]: each for each in EXPECTED["first"]}[label]["est"]
        assert found.estimate[place] == pytest.approx(expected, rel=1e-7)
    assert found.effect == ("indirect", "indirect", "indirect", "index")
    # lavaan divides by n where least squares divides by n - k, so each path is taken with its own ratio
    (a, sa), (b, sb) = ((lavaan[name]["est"], lavaan[name]["se"]) for name in "ab")
    sa, sb = sa * (N / (N - 3)) ** 0.5, sb * (N / (N - 4)) ** 0.5
    assert simple().sobel[0] == pytest.approx((a**2 * sb**2 + b**2 * sa**2) ** 0.5, rel=1e-7)
    z, p = simple().sobel_test
    assert p[0] == pytest.approx(2 * stats.norm.sf(z[0]), rel=1e-12)


def test_second_stage_from_lm() -> None:
    found = second_stage()
    a, (b, *_), (b3, *_) = EXPECTED["a"]["x"][0], EXPECTED["bc_g"]["m"], EXPECTED["bc_g"]["m:g"]
    np.testing.assert_allclose(found.estimate, [a * b, a * (b + b3), a * b3], rtol=1e-8)
    assert found.label == ("0", "1", "")
    assert found.effect[-1] == "index"
    assert found.path == ("a", "b", "b", "c'")  # no total path beside a moderator


def test_intervals_agree_with_boot() -> None:
    # other draws: within the Monte Carlo error of a 2.5 % quantile
    width = EXPECTED["percentile"][1] - EXPECTED["percentile"][0]
    for interval in ("percentile", "bca"):
        found = simple(draws=20_000, interval=interval)
        low, high = found.limits
        assert (low[0], high[0]) == pytest.approx(tuple(EXPECTED[interval]), abs=0.02 * width)
    assert found.std_error[0] == pytest.approx(EXPECTED["sd"], rel=0.02)


# ---------------------------------------------------------------- the resamples


def loop(data: dict[str, np.ndarray], counts: np.ndarray) -> np.ndarray:
    """Conditional effects and index of the first stage, draw by draw with the counts as weights."""
    one, w = np.ones(N), DATA["w"]
    found = []
    for weights in counts:
        a = sm.WLS(data["m"], np.column_stack([one, data["x"], w, data["t"], data["x"] * w]), weights=weights).fit().params
        b = sm.WLS(data["y"], np.column_stack([one, data["x"], data["m"], data["t"]]), weights=weights).fit().params[2]
        at = [w.mean() + step * w.std(ddof=1) for step in (-1, 0, 1)]
        found.append([*((a[1] + a[4] * value) * b for value in at), a[4] * b])
    return np.array(found)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewDraws")
@pytest.mark.parametrize("cluster", [None, "team"])
def test_every_resample_solves_both_equations_from_one_draw(cluster: str | None) -> None:
    team = np.arange(N) % 20
    found = mediation(
        "y ~ x + m + t", {**DATA, "team": team}, mediator="m ~ x*w + t", focal="x", moderator="w", cluster=cluster, draws=30, seed=7
    )
    units = N if cluster is None else 20
    counts = drawn_counts(30, units, np.random.default_rng(7))
    codes = np.unique([str(each) for each in team], return_inverse=True)[1]
    np.testing.assert_allclose(found.estimates, loop(DATA, counts if cluster is None else counts[:, codes]), rtol=1e-9, atol=1e-10)
    assert ("20 whole clusters of team" in str(found)) == (cluster is not None)


def test_leaving_out_each_row() -> None:
    found = first_stage(interval="bca")
    assert found.left_out is not None
    np.testing.assert_allclose(found.left_out, loop(DATA, 1 - np.eye(N)), rtol=1e-9, atol=1e-10)
    assert "BCa" in str(found)


def test_row_order_scale_and_place_change_nothing_they_should_not() -> None:
    base = first_stage(interval="bca")
    shifted = {**DATA, "x": 100 + 10 * DATA["x"], "m": 5 - 2 * DATA["m"], "w": 3 * DATA["w"] - 1}
    found = mediation(
        "y ~ x + m + t", shifted, mediator="m ~ x*w + t", focal="x", moderator="w", draws=50, covariance="classical", interval="bca"
    )
    np.testing.assert_allclose(found.estimate[:3], base.estimate[:3] / 10, rtol=1e-9)
    np.testing.assert_allclose(np.array(found.limits)[:, :3], np.array(base.limits)[:, :3] / 10, rtol=1e-8)
    np.testing.assert_allclose(found.estimate[3], base.estimate[3] / 30, rtol=1e-9)
    order = np.random.default_rng(0).permutation(N)
    turned = simple({name: values[order] for name, values in DATA.items()})
    np.testing.assert_allclose(turned.estimate, simple().estimate, rtol=1e-10)
    np.testing.assert_allclose(turned.paths["std_error"], simple().paths["std_error"], rtol=1e-10)


def test_robust_paths_are_those_of_the_fits() -> None:
    found = simple(covariance="HC3")
    fit = tn.Moderation("y ~ x + m + t").fit(DATA)
    frame = fit.frame.set_index("term")
    own = found.frame.set_index("effect")
    for effect, term in (("b", "m"), ("c'", "x")):
        for column in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
            assert own.loc[effect, column] == pytest.approx(frame.loc[term, column], rel=1e-9)
    same = mediation(tn.Moderation("y ~ x + m + t"), DATA, mediator=tn.Moderation("m ~ x + t"), focal="x", draws=50)
    assert same.estimates.tolist() == found.estimates.tolist()


# ---------------------------------------------------------------- which effects


def test_both_stages_moderated_have_a_difference_and_no_index() -> None:
    found = mediation("y ~ x + m*w", DATA, mediator="m ~ x*w", focal="x", moderator="w", draws=40, at=[-2.0, 0.0])
    assert found.effect == ("indirect", "indirect", "difference")
    assert found.label == ("-2", "0", "0 minus -2")
    assert found.estimate[2] == pytest.approx(found.estimate[1] - found.estimate[0], rel=1e-12)
    np.testing.assert_allclose(found.estimates[:, 2], found.estimates[:, 1] - found.estimates[:, 0])
    assert np.isnan(found.sobel[2])
    assert found.path == ("a", "a", "b", "b", "c'")


def test_a_category_as_focal_variable_or_moderator() -> None:
    data = {**DATA, "side": np.where(DATA["g"] > 0, "north", "south").astype(object), "odd": DATA["g"]}
    text = mediation("y ~ side + m", data, mediator="m ~ side", focal="side", draws=40)
    number = mediation("y ~ odd + m", data, mediator="m ~ odd", focal="odd", draws=40)
    assert text.estimate[0] == pytest.approx(-number.estimate[0], rel=1e-9)
    moderated = mediation("y ~ x + m", data, mediator="m ~ x*side", focal="x", moderator="side", draws=40)
    assert moderated.label == ("north", "south", "")
    assert moderated.estimate[2] == pytest.approx(moderated.estimate[1] - moderated.estimate[0], rel=1e-9)


def test_values_of_further_variables() -> None:
    found = mediation("y ~ x + m*t", DATA, mediator="m ~ x*w", focal="x", moderator="w", draws=40, at={"w": [0.0], "t": 2.0})
    outcome = tn.Moderation("y ~ x + m*t", center="none").fit(DATA)
    inner = tn.Moderation("m ~ x*w", center="none").fit(DATA)
    b, a = dict(zip(outcome.terms, outcome.estimate, strict=True)), dict(zip(inner.terms, inner.estimate, strict=True))
    assert found.estimate[0] == pytest.approx(a["x"] * (b["m"] + 2 * b["m:t"]), rel=1e-9)
    assert found.path == ("a", "b", "c'")


def test_rows_are_dropped_once_for_both_equations() -> None:
    gaps = {name: values.copy() for name, values in DATA.items()}
    gaps["w"][3], gaps["y"][8] = np.nan, np.nan
    found = mediation("y ~ x + m", gaps, mediator="m ~ x*w", focal="x", moderator="w", draws=40)
    assert found.n == found.mediator_fit.n == N - 2
    kept = ~np.isin(np.arange(N), [3, 8])
    again = mediation("y ~ x + m", {k: v[kept] for k, v in DATA.items()}, mediator="m ~ x*w", focal="x", moderator="w", draws=40)
    assert again.estimates.tolist() == found.estimates.tolist()


def test_no_moderated_effect_without_a_product() -> None:
    with pytest.raises(ModelError, match=r"write x\*g or m\*g"):
        mediation("y ~ x + m + g", DATA, mediator="m ~ x + g", focal="x", moderator="g")


@pytest.mark.parametrize(
    ("outcome", "mediator", "options", "error"),
    [
        ("y ~ x", "m ~ x", {}, "the formula of y lacks the mediator m"),
        ("y ~ x + C(m)", "m ~ x", {}, "it is a category in the formula"),
        ("y ~ x + m", "m ~ x + y", {}, "it comes last in the order"),
        ("y ~ m", "m ~ x", {}, "no variable 'x'"),
        ("y ~ x + m", "m ~ x", {"focal": "v"}, "no variable 'v'"),
        ("y ~ x + m + C(g)", "m ~ x + g", {}, "'g' is a category in one equation"),
        ("y ~ x + m", "m ~ x", {"draws": 1}, "draws must be a whole number from 2 to .*; got 1"),
        ("y ~ x + m", "m ~ x", {"interval": "basic"}, "interval must be one of .*; got 'basic'"),
        ("y ~ x + m", "m ~ x", {"alpha": 2}, "alpha must be between 0 and 1 .*; got 2"),
        ("y ~ x + m", "m ~ x", {"at": 3.0}, "at must name its variables"),
        ("y ~ x + m", "m ~ x*w", {"moderator": "w", "at": {"v": 1.0}}, "no variable 'v'"),
        (tn.Moderation("y ~ x + m"), "m ~ x", {"covariance": "HC1"}, "has its own"),
        (tn.Moderation("y ~ x + m", cluster="g"), "m ~ x", {}, "must have the same cluster"),
    ],
)
def test_refusals(outcome: object, mediator: object, options: dict, error: str) -> None:
    with pytest.raises((ModelError, ArgumentError, DataError), match=error) as caught:
        mediation(outcome, DATA, mediator=mediator, **{"focal": "x", **options})
    assert "\n" not in str(caught.value)


def test_a_text_is_no_mediator() -> None:
    data = {**DATA, "m": np.where(DATA["m"] > 1, "hi", "lo").astype(object)}
    with pytest.raises(ModelError, match="holds categories"):
        mediation("y ~ x + m", data, mediator="m ~ x", focal="x")


# ---------------------------------------------------------------- words and figures


def test_the_record_says_what_it_is() -> None:
    found = first_stage()
    for column in found.frame.columns:
        assert describe(column).meaning
    text = str(found)
    for part in ("Indirect effect of x on y through m at w", "index of moderated mediation", "classical standard errors", "no evidence"):
        assert part in text
    assert "by normal theory" in str(simple())
    assert "Hayes, A. F. (2015)" in found.cite()
    assert "Hayes, A. F. (2015)" not in simple().cite()
    with pytest.raises(ValueError, match="read-only"):
        found.estimates[0, 0] = 1.0


def test_the_figure_of_conditional_effects() -> None:
    found = first_stage()
    ax = plot(found, sheet(found))
    (lines,) = (each for each in ax.collections if each.get_gid() == "whiskers")
    drawn = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(drawn, np.column_stack(found.limits)[:3])
    assert [tick.get_text()[:5] for tick in ax.get_yticklabels()] == ["−1 SD", "mean ", "+1 SD"]
    assert ax.get_xlabel() == "Indirect effect of x through m"
    assert "Index: 0.15 [" in ax.get_title(loc="left")


def test_the_figure_of_one_effect() -> None:
    found = simple()
    ax = plot(found, sheet(found))
    (band,) = (bar for bar in ax.patches if bar.get_gid() == "interval")
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((found.limits[0][0], found.limits[1][0]))
    assert sum(bar.get_height() for bar in ax.patches if bar.get_gid() != "interval") == found.draws


def test_each_path_has_the_degrees_of_freedom_of_its_fit() -> None:
    data = {**DATA, "team": np.arange(N) % 20}
    found = mediation("y ~ x + m + t", data, mediator="m ~ x + t", focal="x", covariance="CR2", cluster="team", draws=40)
    for place, (formula, term) in enumerate((("m ~ x + t", "x"), ("y ~ x + m + t", "m"), ("y ~ x + m + t", "x"))):
        own = tn.Moderation(formula, covariance="CR2", cluster="team").fit(data).frame.set_index("term").loc[term]
        for column, key in (("std_error", "std_error"), ("df", "dfs"), ("p_value", "p_value"), ("conf_low", "conf_low")):
            assert found.paths[key][place] == pytest.approx(own[column], rel=1e-8)


def test_values_of_the_moderator_by_name() -> None:
    found = first_stage(at="percentiles")
    np.testing.assert_allclose(found.at[:3], np.percentile(DATA["w"], [16, 50, 84]))
