"""Invalid arguments: a one-line error that names the problem, never a traceback from numpy or pandas."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tienet as tn
from public import public
from tienet.base.errors import ArgumentError, DataError, ModelError, TienetError
from tienet.base.numbers import number
from tienet.regression.endogeneity.first_stage import f_of

RNG = np.random.default_rng(8)
DATA = {name: RNG.normal(size=60) for name in ("y", "x", "z", "m", "iv")}
FIT = tn.Moderation("y ~ x*z + x^2", covariance="classical").fit(DATA)
NONSENSE = (float("nan"), -1, None, [], {}, ["x", ["y"]], b"x", object(), 1j)
PROBES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "simple_slopes": (tn.simple_slopes, {"focal": "x", "moderator": "z"}),
    "slope_differences": (tn.regression.probes.slope_differences, {"focal": "x", "moderator": "z"}),
    "johnson_neyman": (tn.johnson_neyman, {"focal": "x", "moderator": "z"}),
    "crossover": (tn.crossover, {"focal": "x", "moderator": "z"}),
    "turning_point": (tn.turning_point, {"focal": "x"}),
    "u_test": (tn.u_test, {"focal": "x"}),
    "slope_region": (tn.regression.probes.slope_region, {"focal": "x", "moderator": "z"}),
    "predict_surface": (tn.predict_surface, {"focal": "x"}),
}


@pytest.mark.parametrize("name", PROBES)
def test_probes_of_what_is_no_model(name: str) -> None:
    probe, options = PROBES[name]
    for model in NONSENSE:
        with pytest.raises(ArgumentError, match="expected a fit or a model rebuilt"):
            probe(model, **options)


@pytest.mark.parametrize("name", PROBES)
def test_focal_variables_that_are_no_name(name: str) -> None:
    probe, options = PROBES[name]
    for focal in NONSENSE:
        with pytest.raises(TienetError) as found:
            probe(FIT, **{**options, "focal": focal})
        assert "\n" not in str(found.value)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.WeakIdentification")
@pytest.mark.parametrize("seed", [-1, 1.5, "a", None, [], True])
def test_seeds(seed: object) -> None:
    two = tn.Moderation("y ~ x")
    calls = (
        lambda: tn.regression.resampling.bootstrap(FIT, 9, seed=seed),
        lambda: tn.regression.dependence.moran(FIT, np.eye(60, k=1), draws=9, seed=seed),
        lambda: tn.regression.endogeneity.control_function(two, DATA, endogenous="x", instruments="iv", draws=99, seed=seed),
        lambda: tn.regression.resampling.mediation("y ~ x + m", DATA, mediator="m ~ x", focal="x", draws=99, seed=seed),
    )
    for call in calls:
        with pytest.raises(ArgumentError, match="seed must be a whole number of at least 0, or a numpy Generator; got"):
            call()


def test_names_numbers_and_tables() -> None:
    with pytest.raises(ArgumentError, match=r"terms must be a name or a list of names, such as \['x', 'z'\]; got a list containing 1"):
        tn.regression.model.joint_test(FIT, [1])
    with pytest.raises(ArgumentError, match=r"terms must be a name or a list of names, .*; got nan"):
        tn.regression.model.drop_terms(FIT, float("nan"))
    with pytest.raises(ArgumentError, match=r"f2 must be a finite number; got 'big'"):
        tn.regression.power.power("big", 50, 1)
    with pytest.raises(ArgumentError, match=r"the model must be a Moderation .*, got str"):
        tn.regression.endogeneity.control_function("y ~ x", DATA, endogenous="x", instruments="iv")
    with pytest.raises(DataError, match=r"must be lists of the same length"):
        tn.Moderation("y ~ x").fit({"y": 1, "x": 2})
    with pytest.raises(ArgumentError, match=r"blocks must be a mapping .*, got 'x'"):
        tn.regression.checks.effect_sizes(FIT, blocks="x")
    with pytest.raises(ArgumentError, match=r"q must be a finite number; got 'half'"):
        tn.regression.endogeneity.sensitivity(FIT, "x:z", q="half")


CORRELATIONS = {("y", "a"): 0.32, ("y", "b"): 0.18, ("a", "b"): 0.25}
OUTCOME, PREDICTOR = RNG.normal(size=(2, 5, 5))
PRINTED = {"r": CORRELATIONS, "n": 85, "outcome": "y", "predictors": ["a", "b"]}
SIMULATED = {"f2": 0.02, "n": 20, "draws": 2}
WRONG = (1j, object(), b"x", "abc", ["x", ["y"]], [1, 2], {1: 2}, np.eye(3), 10**400, float("nan"), True)
OF_OTHER_TYPES: tuple[tuple[Callable[..., Any], dict[str, Any], str], ...] = (
    *(
        (tn.regression.power.simulate_power, SIMULATED, name)
        for name in ("f2", "slopes", "correlation", "reliability", "covariance", "spread")
    ),
    (tn.regression.power.simulate_power, SIMULATED | {"f2": None}, "interaction"),
    *((tn.regression_from_correlations, PRINTED, name) for name in ("r", "n", "outcome", "predictors", "center")),
    *((tn.regression_from_correlations, PRINTED | {"r": [[1], [0.3, 1], [0.2, 0.1, 1]]}, name) for name in ("r", "names")),
    *((tn.descriptives, {"data": DATA, "variables": ["x", "y"]}, name) for name in ("data", "variables", "alphas")),
    *((tn.compare, {"models": {"(1)": FIT}}, name) for name in ("models", "labels", "show", "stars")),
    *((tn.table, {"result": FIT}, name) for name in ("result", "columns", "labels")),
    (tn.descriptives, {"data": DATA, "variables": ["x", "y"]}, "labels"),
    *((tn.linearity_check, {"fit": FIT, "focal": "x", "moderator": "z"}, name) for name in ("bins", "bandwidth", "points")),
    (tn.regression.checks.common_support, {"fit": FIT, "focal": "x", "moderator": "z"}, "bins"),
    (tn.predict_surface, {"model": FIT, "focal": "x"}, "moderator"),
    (tn.regression.checks.reset_test, {"fit": FIT}, "powers"),
    (tn.regression.checks.breusch_pagan, {"fit": FIT}, "on"),
    *((tn.regression.checks.influence, {"fit": FIT}, name) for name in ("term", "by")),
    *(
        (tn.regression.dependence.mrqap, {"outcome": OUTCOME, "predictors": {"b": PREDICTOR}, "draws": 9}, name)
        for name in ("predictors", "method", "missing")
    ),
)


@pytest.mark.parametrize(("call", "options", "name"), OF_OTHER_TYPES, ids=lambda given: getattr(given, "__name__", str(given)[:12]))
def test_values_of_other_types(call: Callable[..., Any], options: dict[str, Any], name: str) -> None:
    for wrong in WRONG:
        if name in ("bins", "slopes") and isinstance(wrong, list) and wrong == [1, 2]:
            continue  # two edges inside the data, or two slopes
        if name == "r" and isinstance(wrong, np.ndarray):
            continue  # no correlation at all
        with pytest.raises(TienetError) as found:
            call(**{**options, name: wrong})
        assert "\n" not in str(found.value)


TEAMS = {**DATA, "team": np.arange(60) % 20, "total_ties_it": DATA["m"] ** 2, "tie_strength_it": DATA["z"]}
CURVED = tn.Moderation("y ~ x*z + x^2 + x^2*z + z^2").fit(DATA)
NETWORK = np.eye(60, k=1) + np.eye(60, k=-1)
MODEL = {"model": tn.Moderation("y ~ x*z"), "data": DATA, "endogenous": "x"}
PAIR = {"focal": "x", "moderator": "z"}
PUBLISHED = {"coefficients": {"x": 0.3, "z": 0.1, "x:z": 0.2}, "std_errors": {"x": 0.1}, "means": {"x": 0}, "sds": {"x": 1}, "n": 100}
CALLS: dict[str, dict[str, Any]] = {
    "adjust_p": {"p": [0.01, 0.04]},
    "bootstrap": {"fit": FIT, "draws": 9},
    "breusch_pagan": {"fit": FIT},
    "claro_ramos": {"outcome": "y", "functions": ["it"]},
    "collinearity": {"fit": FIT},
    "common_support": {"fit": FIT, **PAIR},
    "compare": {"models": {"(1)": FIT}},
    "control_function": {**MODEL, "instruments": "iv", "draws": 99},
    "curve_moderation": {"model": CURVED, **PAIR},
    "descriptives": {"data": DATA, "variables": ["x", "y"]},
    "detectable_f2": {"n": 100, "predictors": 3},
    "detectable_interactions": {"fit": FIT},
    "drop_terms": {"fit": FIT, "terms": ["x:z"]},
    "effect_sizes": {"fit": FIT},
    "fit_outcomes": {"model": MODEL["model"], "data": DATA, "outcomes": ["y", "m"]},
    "gaussian_copula": {**MODEL, "draws": 99},
    "influence": {"fit": FIT},
    "johnson_neyman": {"model": FIT, **PAIR},
    "joint_test": {"fit": FIT, "terms": ["x:z"]},
    "linearity_check": {"fit": FIT, **PAIR},
    "mediation": {"outcome": "y ~ x + m", "data": DATA, "mediator": "m ~ x", "focal": "x", "draws": 9},
    "Moderation": {"formula": "y ~ x*z"},
    "moran": {"fit": FIT, "network": NETWORK, "draws": 9},
    "mrqap": {"outcome": OUTCOME, "predictors": {"b": PREDICTOR}, "draws": 9},
    "network_autocorrelation": {"fit": FIT, "network": NETWORK},
    "partial_residuals": {"fit": FIT, **PAIR},
    "power": {"f2": 0.02, "n": 100, "predictors": 3},
    "predict_surface": {"model": FIT, **PAIR},
    "PublishedModel": PUBLISHED,
    "qap_correlation": {"a": OUTCOME, "b": PREDICTOR, "draws": 9},
    "random_intercept": {"model": "y ~ x*z", "data": TEAMS, "unit": "team"},
    "regression_from_correlations": PRINTED,
    "reliability": {"answers": OUTCOME},
    "reset_test": {"fit": FIT},
    "response_surface": {"model": CURVED, **PAIR},
    "sample_size": {"f2": 0.02, "predictors": 3},
    "sensitivity": {"fit": FIT, "term": "x:z"},
    "simple_slopes": {"model": FIT, **PAIR},
    "simulate_power": SIMULATED,
    "slope_differences": {"model": FIT, **PAIR},
    "slope_region": {"model": FIT, **PAIR, "points": 11},
    "standardize": {"fit": FIT},
    "table": {"result": FIT},
    "crossover": {"model": FIT, **PAIR},
    "turning_point": {"model": FIT, "focal": "x"},
    "two_lines": {"fit": FIT, "focal": "x"},
    "two_stage_least_squares": {**MODEL, "instruments": "iv"},
    "u_test": {"model": FIT, "focal": "x"},
    "variance_shares": {"fit": FIT, "blocks": {"a": ["x", "x^2"], "b": ["z"]}},
    "wild_cluster_bootstrap": {"fit": tn.Moderation("y ~ x*z", cluster="team").fit(TEAMS), "term": "x:z", "draws": 99},
    "with_and_without_quadratics": {"fit": FIT},
    "without_quadratics": {"fit": FIT},
}
ODD = (
    None,
    "x",
    "no\nname",
    -1,
    float("nan"),
    10**400,
    [],
    {},
    {"x": None},
    object(),
    np.array([1, 2]),
    np.array(["x", "z"]),
    np.ma.masked,
)


@pytest.mark.parametrize("name", CALLS)
def test_one_odd_argument_is_taken_or_refused_in_one_line(name: str) -> None:
    call, options = public(name), CALLS[name]
    for argument in inspect.signature(call).parameters:
        for odd in ODD:
            said = ""
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    str(call(**{**options, argument: odd}))
            except TienetError as problem:
                said = str(problem)
            assert "\n" not in said, (argument, odd)


@pytest.mark.parametrize("name", ["sds", "means"])
@pytest.mark.parametrize("wrong", [1.5, "abc", [1, 2], np.eye(2), object()])
def test_moments_that_are_no_mapping(name: str, wrong: object) -> None:
    moments = {"sds": {"y": 1.0, "a": 1.0, "b": 1.0}, "means": {"y": 0.0, "a": 0.0, "b": 0.0}}
    with pytest.raises(ArgumentError, match=f"{name} must be a mapping with names as keys, .*; got "):
        tn.regression_from_correlations(**PRINTED, **{**moments, name: wrong})


def test_sizes_and_names_in_words() -> None:
    with pytest.raises(ArgumentError, match=r"bins=1000000000000 is more than the 60 observations"):
        tn.linearity_check(FIT, "x", "z", bins=10**12)
    with pytest.raises(ArgumentError, match=r"labels\['x'\] must be a string; got 1"):
        tn.compare({"(1)": FIT}, labels={"x": 1})
    with pytest.raises(ArgumentError, match=r"must name at least one column, each once"):
        tn.descriptives(DATA, ["x", "x"])
    with pytest.raises(ArgumentError, match=r"predictors must be a mapping with names as keys"):
        tn.regression.dependence.mrqap(OUTCOME, {1: PREDICTOR}, draws=9)


def test_a_path_is_offered_only_where_one_is_taken() -> None:
    with pytest.raises(DataError, match="int is not a data frame; pass a pandas, Polars, PyArrow, DuckDB or PySpark table, or a mapping"):
        tn.descriptives(1, ["x"])
    with pytest.raises(DataError, match="is not a path or a data frame; pass a path, or a pandas"):
        tn.read_log(1)


def test_nothing_left_unexplained_has_no_f() -> None:
    for gain, rest, df2 in ((1.0, 0.0, 5.0), (0.0, 0.0, 5.0), (1.0, 1.0, 0.0)):
        found = f_of(gain, rest, 1, df2)
        assert np.isnan([found[0], found[3]]).all()
    assert f_of(2.0, 4.0, 2, 8)[0] == pytest.approx(2.0)


def test_the_robin_hood_rule_looks_for_the_turn_the_quadratic_begins_with() -> None:
    rng = np.random.default_rng(4)
    x = np.sort(rng.uniform(0, 10, 400))
    y = x + 0.1 * x**2 + rng.normal(0, 0.2, 400)  # rises from the start and bends up: the highest point, so a late break
    found = tn.two_lines(tn.Moderation("y ~ x + x^2").fit({"x": x, "y": y}), focal="x")
    assert found.break_at > np.quantile(x, 0.8)
    assert found.verdict == "neither"


def test_sizes_that_no_float_or_no_degree_of_freedom_carries() -> None:
    with pytest.raises(ModelError, match="column 'x' contains 60 infinite values"):
        tn.Moderation("y ~ x").fit({**DATA, "x": [10**400] * 60})
    five = tn.Moderation("y ~ x*z", covariance="classical").fit({name: values[:5] for name, values in DATA.items()})
    with pytest.raises(ModelError, match="n - k = 1 leaves no degree of freedom for an omitted variable"):
        tn.regression.endogeneity.sensitivity(five, "x:z")
    assert number(5.88e59) == "5.88e+59"
    assert number(-2.5e14) == "-250,000,000,000,000.000"


def test_a_column_whose_letters_are_encoded_another_way() -> None:
    with pytest.raises(DataError, match="the same name in another Unicode form, rename it"):
        tn.Moderation("y ~ st\u00e4rke").fit({**DATA, "sta\u0308rke": DATA["x"]})


@pytest.mark.parametrize("wrong", ["none", 0, [], np.array([1, 2]), object()])
def test_options_of_figures(wrong: object) -> None:
    surface = tn.predict_surface(FIT, focal="x", moderator="z")
    calls = (
        (surface, "ax"),
        (surface, "rug"),
        (surface, "band"),
        (FIT, "intercept"),
        (FIT, "per"),
        (tn.regression.resampling.bootstrap(FIT, 99), "term"),
    )
    for result, option in (*calls, (tn.regression.endogeneity.sensitivity(FIT, "x:z"), "limit")):
        with pytest.raises(ArgumentError) as found:
            tn.plot(result, **{option: wrong})
        assert "\n" not in str(found.value)


TIES = tn.build_ties(
    tn.read_log({"source": ["ann", "bob", "cat"], "target": ["bob", "cat", "ann"]}),
    tn.read_people({"person": ["ann", "bob", "cat"], "function": ["Sales", "Marketing", "Sales"]}),
    rule=tn.TieRule(min_interactions=1, half_life=None),
)
PAIR = {"focal": "x", "moderator": "z"}
TAKES_A_NUMBER: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "slope_region points": (lambda given: tn.regression.probes.slope_region(FIT, **PAIR, points=given), np.int64(5)),
    "response_surface points": (lambda given: tn.regression.probes.response_surface(FIT, **PAIR, points=given), np.int64(5)),
    "linearity_check bins": (lambda given: tn.linearity_check(FIT, "x", "z", bins=given), np.int64(3)),
    "linearity_check points": (lambda given: tn.linearity_check(FIT, "x", "z", points=given), np.int64(5)),
    "common_support bins": (lambda given: tn.regression.checks.common_support(FIT, "x", "z", bins=given), np.int64(3)),
    "two_lines break_at": (lambda given: tn.two_lines(FIT, focal="x", break_at=given), np.int64(0)),
    "alpha": (lambda given: tn.simple_slopes(FIT, **PAIR, alpha=given), np.float32(0.125)),
    "centrality sample_above": (lambda given: tn.network.measures.centrality(TIES, sample_above=given), np.int64(500)),
    "brokerage min_interactions": (lambda given: tn.network.measures.brokerage(TIES, min_interactions=given), np.int64(1)),
    "merge_small floor": (lambda given: tn.network.privacy.merge_small(TIES, floor=given), np.int64(1)),
    "regression_from_correlations decimals": (
        lambda given: tn.regression_from_correlations({("y", "x"): 0.32}, n=85, outcome="y", predictors=["x"], decimals=given),
        np.int64(2),
    ),
    "compare digits": (lambda given: tn.compare({"(1)": FIT}, digits=given), np.int64(2)),
}


@pytest.mark.parametrize("name", TAKES_A_NUMBER)
def test_numbers_of_numpy_are_numbers(name: str) -> None:
    call, given = TAKES_A_NUMBER[name]
    assert str(call(given)) == str(call(given.item()))


METHODS: tuple[tuple[Callable[..., Any], dict[str, Any]], ...] = (
    (tn.regression.resampling.bootstrap(FIT, 99).slopes, PAIR | {"difference": True}),
    (tn.johnson_neyman(FIT, **PAIR).curve, {"values": [0.0]}),
    (tn.johnson_neyman(FIT, **PAIR).critical_at, {"values": [0.0]}),
    (tn.regression.endogeneity.sensitivity(FIT, "x:z").at, {"r2_term": 0.1, "r2_outcome": 0.1}),
    (FIT.vif.__getitem__, {}),
    (tn.regression.checks.adjust_p({"H1": 0.1}).__getitem__, {}),
    (tn.compare({"(1)": FIT}).docx, {}),
)


@pytest.mark.parametrize(("call", "options"), METHODS, ids=lambda given: getattr(given, "__name__", ""))
def test_methods_of_results(call: Callable[..., Any], options: dict[str, Any]) -> None:
    for wrong in (object(), np.array(["x", "y"]), {"x": None}, 1j):
        for argument in options or [None]:
            with pytest.raises(TienetError) as found:
                call(wrong) if argument is None else call(**{**options, argument: wrong})
            assert "\n" not in str(found.value)
