from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import tienet as tn
from tienet.base.errors import ArgumentError, DataError
from tienet.network.survey.psychometrics import (
    average_variance_extracted,
    composite_reliability,
    cronbach_alpha,
    factor_loadings,
    icc1,
    icc2,
)
from tienet.output.glossary import describe


def lsat() -> np.ndarray:
    """LSAT section 6: 1,000 people, 5 items; frequencies of the 32 answer patterns 00000, 00001, ..., 11111.

    Bock, R. D., & Lieberman, M. (1970). Fitting a response model for n dichotomously scored items. Psychometrika 35(2), table 1.
    """
    counts = [3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15, 10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298]
    patterns = np.array([[int(digit) for digit in f"{code:05b}"] for code in range(32)])
    return np.repeat(patterns, counts, axis=0).astype(float)


def with_correlations(R, n=60, seed=0) -> np.ndarray:
    """A sample whose correlation matrix is exactly R."""
    X = np.random.default_rng(seed).normal(size=(n, len(R)))
    Q = np.linalg.qr(X - X.mean(axis=0))[0]
    return Q @ np.linalg.cholesky(np.array(R)).T


def test_alpha_of_the_lsat_as_printed():
    """Rizopoulos, D. (2006). ltm. Journal of Statistical Software 17(5), section 3.1: `descript(LSAT)`, four decimals."""
    found = tn.network.survey.reliability(lsat())
    assert found.answers == 1000
    assert round(found.alpha, 4) == 0.2950
    assert found.alpha_without.round(4).tolist() == [0.2754, 0.2376, 0.2168, 0.2459, 0.2663]


def test_alpha_of_parallel_items_is_spearman_brown():
    r = np.full((4, 4), 0.36) + 0.64 * np.eye(4)
    found = tn.network.survey.reliability(with_correlations(r))
    spearman_brown = 4 * 0.36 / (1 + 3 * 0.36)
    assert found.alpha == pytest.approx(spearman_brown, rel=1e-10)
    # Equal correlations mean equal loadings of sqrt(r), and composite reliability is alpha.
    np.testing.assert_allclose(found.loadings, 0.6, rtol=1e-8)
    assert found.composite_reliability == pytest.approx(spearman_brown, rel=1e-8)
    assert found.ave == pytest.approx(0.36, rel=1e-8)


def test_three_items_have_their_loadings_in_closed_form():
    """One factor fits three correlations exactly: lambda_1^2 = r12 r13 / r23 (Spearman's triads)."""
    lam = np.array([0.8, 0.7, 0.5])
    R = np.outer(lam, lam) + np.diag(1 - lam**2)
    # Iterations stop when communalities move by less than 1e-12, and converge linearly: about 1e-10 is left.
    np.testing.assert_allclose(factor_loadings(with_correlations(R)), lam, rtol=1e-8)
    assert composite_reliability(lam) == pytest.approx(2.0**2 / (2.0**2 + 0.36 + 0.51 + 0.75))
    assert average_variance_extracted(lam) == pytest.approx((0.64 + 0.49 + 0.25) / 3)


def test_two_items_load_the_root_of_their_correlation():
    found = tn.network.survey.reliability(with_correlations([[1, 0.49], [0.49, 1]]))
    np.testing.assert_allclose(found.loadings, 0.7, rtol=1e-8)
    assert found.composite_reliability == pytest.approx(2 * 0.49 / 1.49)
    assert np.isnan(found.alpha_without).all()
    # Against each other: no majority to give the factor its sign, so the first item does.
    np.testing.assert_allclose(factor_loadings(with_correlations([[1, -0.49], [-0.49, 1]])), [0.7, -0.7], rtol=1e-8)


def test_loadings_against_statsmodels():
    from statsmodels.multivariate.factor import Factor

    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 1)) @ rng.uniform(0.5, 1.5, size=(1, 5)) + rng.normal(size=(300, 5))
    reference = Factor(X, n_factor=1, method="pa", smc=True).fit(maxiter=2000, tol=1e-12).loadings[:, 0]
    np.testing.assert_allclose(factor_loadings(X), reference * np.sign(reference.sum()), rtol=1e-6)


def test_icc_of_shrout_and_fleiss():
    """Six targets, four judges: Shrout & Fleiss (1979), table 2; ICC(1,1) = .17 and ICC(1,4) = .44 in table 4."""
    ratings = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
    single = icc1(ratings.ravel(), np.repeat(np.arange(6), 4))
    assert round(single, 2) == 0.17
    assert round(icc2(single, 4), 2) == 0.44
    F = stats.f_oneway(*ratings).statistic
    assert single == pytest.approx((F - 1) / (F + 3))
    assert icc2(single, 4) == pytest.approx(1 - 1 / F)


def test_icc_of_unequal_groups_is_the_variance_ratio_of_the_anova_estimator():
    rng = np.random.default_rng(2)
    sizes = [2, 7, 3, 1, 12]
    groups = [rng.normal(loc=rng.normal(), size=size) for size in sizes]
    F = stats.f_oneway(*groups).statistic
    n0 = (25 - sum(size**2 for size in sizes) / 25) / 4
    assert icc1(np.concatenate(groups), np.repeat(np.arange(5), sizes)) == pytest.approx((F - 1) / (F - 1 + n0))


def test_what_cannot_be_told_is_missing():
    constant = np.column_stack([np.arange(5.0), np.full(5, 3.0), [1.0, 0, 2, 5, 4]])
    assert np.isnan(factor_loadings(constant)).all()
    assert np.isfinite(cronbach_alpha(constant))
    assert np.isnan(cronbach_alpha(np.full((4, 3), 0.1)))
    assert np.isnan(cronbach_alpha(np.arange(4.0)[:, None]))
    assert np.isnan(icc1(np.arange(3.0), np.arange(3)))
    assert np.isnan(icc1(np.full(6, 0.1), np.repeat([0, 1], 3)))
    assert np.isnan(icc2(-0.9, 5))
    # A communality above 1: r12 r13 / r23 = 1.8.
    assert np.isnan(factor_loadings(with_correlations([[1, 0.6, 0.6], [0.6, 1, 0.2], [0.6, 0.2, 1]]))).all()
    one = tn.network.survey.reliability([[1], [2], [4]])
    assert np.isnan([one.alpha, one.composite_reliability, one.ave]).all()
    assert "consistency needs at least two items" in str(one)


def test_an_item_that_runs_against_the_others_is_named():
    lam = np.array([0.8, 0.7, -0.6])
    R = np.outer(lam, lam) + np.diag(1 - lam**2)
    found = tn.network.survey.reliability(with_correlations(R), items=["often", "close", "seldom"])
    np.testing.assert_allclose(found.loadings, lam, rtol=1e-8)
    assert "seldom correlates negatively with the other items" in str(found)
    assert found.per_item["item"].tolist() == ["often", "close", "seldom"]


@given(st.integers(0, 10_000), st.integers(2, 5), st.floats(0.1, 50), st.floats(-100, 100))
def test_shift_and_scale_and_order_change_nothing(seed, k, scale, shift):
    rng = np.random.default_rng(seed)
    X = rng.integers(1, 6, size=(40, k)) + 2.0 * rng.normal(size=(40, 1))
    one, other = tn.network.survey.reliability(X), tn.network.survey.reliability(rng.permutation(X) * scale + shift)
    # Sums in another order, and differences after a shift of up to 100: 1e-7 of rounding in loadings that iterate.
    np.testing.assert_allclose(other.alpha, one.alpha, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(other.loadings, one.loadings, rtol=1e-5, atol=1e-7)
    assert one.alpha <= 1


PEOPLE = {"person": list("abcde"), "function": ["Sales", "Marketing", "Sales", "Marketing", "Sales"]}


def survey(rows, **options):
    table = dict(zip(("respondent", "colleague", "often", "close"), zip(*rows, strict=True), strict=True))
    return tn.read_survey(table, tn.read_people(PEOPLE), items=["often", "close"], scale=(1, 5), **options)


ROWS = [
    ("a", "b", 5, 4), ("b", "a", 4, 4), ("a", "c", 2, 3), ("c", "a", 1, 1), ("b", "c", 3, 1),
    ("c", "b", 3, 4), ("a", "d", 5, 5), ("c", "d", 2, 2), ("b", "e", 4, 3), ("c", "e", 5, 4),
]  # fmt: skip


def test_the_two_ends_of_ties():
    """d and e did not answer. a-b and b-c are named by both, a-c by a only (c says never)."""
    ties = survey(ROWS)
    found = tn.network.survey.reliability(ties)
    assert (found.answers, found.ties, found.dyads, found.egos) == (10, 3, 3, 3)
    assert found.agreement == pytest.approx(2 / 3)
    x, y = np.array([4.5, 2.5, 2.0]), np.array([4.0, 1.0, 3.5])
    assert found.answer_correlation == pytest.approx(stats.pearsonr(np.r_[x, y], np.r_[y, x]).statistic)
    F = stats.f_oneway(*np.column_stack([x, y])).statistic
    assert found.dyad_icc == pytest.approx((F - 1) / (F + 1))
    # c's "never" about a is no tie of c.
    groups = [np.array([4.5, 2.5, 5.0]), np.array([4.0, 2.0, 3.5]), np.array([3.5, 2.0, 4.5])]
    F = stats.f_oneway(*groups).statistic
    assert found.ties_per_ego == 3
    assert found.icc1 == pytest.approx((F - 1) / (F + 2))
    assert found.icc2 == pytest.approx(1 - 1 / F if found.icc1 > -0.5 else np.nan)
    assert found.alpha == pytest.approx(tn.network.survey.reliability([row[2:] for row in ROWS]).alpha)
    assert "67% are named by both" in str(found)
    assert found.frame["alpha"].tolist() == [found.alpha]
    assert all(describe(column).meaning for column in (*found.frame.columns, *found.per_item.columns))


def test_a_missing_answer_disagrees_in_a_name_generator_only():
    """Without b's answer about a: unknown in a roster, not named in a name generator, where c's "never" is a nomination."""
    rows = [row for row in ROWS if row[:2] != ("b", "a")]
    roster, generator = tn.network.survey.reliability(survey(rows)), tn.network.survey.reliability(survey(rows, design="name_generator"))
    assert (roster.ties, roster.agreement) == (2, 0.5)
    assert (generator.ties, generator.agreement) == (3, pytest.approx(2 / 3))


def test_relabelling_people_changes_no_reliability():
    other = dict(zip("abcde", "debca", strict=True))
    one = tn.network.survey.reliability(survey(ROWS))
    relabelled = tn.network.survey.reliability(survey([(other[r], other[c], *values) for r, c, *values in reversed(ROWS)]))
    for name in ("alpha", "agreement", "answer_correlation", "dyad_icc", "icc1", "icc2"):
        assert getattr(relabelled, name) == pytest.approx(getattr(one, name)), name


def test_refusals():
    log = tn.read_log({"source": ["a"], "target": ["b"]})
    ties = tn.build_ties(log, tn.read_people(PEOPLE), rule=tn.TieRule(half_life=None))
    with pytest.raises(ArgumentError, match="reliability needs ties from read_survey"):
        tn.network.survey.reliability(ties)
    with pytest.raises(ArgumentError, match="leave it out for survey ties"):
        tn.network.survey.reliability(survey(ROWS), items=["x", "y"])
    with pytest.raises(DataError, match="at least two complete answers; there is 1"):
        tn.network.survey.reliability([[1, 2], [3, np.nan]])
    with pytest.raises(DataError, match="this one has 1 dimension"):
        tn.network.survey.reliability([1, 2])
    with pytest.raises(ArgumentError, match="one name per column of the matrix \\(2\\); got 1"):
        tn.network.survey.reliability([[1, 2], [3, 4]], items=["x"])
