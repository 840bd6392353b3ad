"""The whole study: joins, errors, the study file, and the true values of the simulated firm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import tienet as tn
from tienet.base.errors import ArgumentError, DataError, FewRows, InputNotFound, SmallGroup, TienetError
from tienet.study.check import check_study

CONTROLS = ["tenure", "region"]
# Whether a curve turns near the edge of the data is up to the seed; the warning itself is tested with the probes.
pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")


def study(firm, **changes):
    given = {"log": firm.log, "people": firm.people, "outcomes": firm.outcomes, "controls": CONTROLS, "no_ties": "drop", **changes}
    return tn.Study(**given)


def one_line(error):
    text = str(error.value)
    assert "\n" not in text
    return text


def test_the_study_is_the_chain_done_by_hand(firm, study_result):
    ties = tn.build_ties(firm.log, firm.people)
    egos = tn.measure_egos(ties, of="sales", toward=["marketing", "customer_service"])
    data = egos.frame.merge(firm.outcomes, left_on="ego", right_on="person").merge(firm.people.frame, on="person")
    model = tn.claro_ramos("sales_growth", ("marketing", "customer_service"), controls=CONTROLS, no_ties="drop")
    by_hand = model.fit(data)
    assert by_hand.terms == study_result.fit.terms
    np.testing.assert_allclose(by_hand.estimate, study_result.fit.estimate, rtol=1e-12)  # the same arithmetic on the same rows
    np.testing.assert_allclose(by_hand.std_error, study_result.fit.std_error, rtol=1e-12)


@pytest.mark.filterwarnings("ignore::tienet.base.errors.FewClusters")
def test_two_way_clusters_as_in_the_model(firm, tmp_path):
    people = firm.people.frame.assign(site=[place % 6 for place in range(len(firm.people))])
    two = study(firm, people=people, controls=["tenure"], cluster=("team", "site"))
    result = two.run()
    model = tn.claro_ramos("sales_growth", ("marketing", "customer_service"), controls=["tenure"], no_ties="drop", cluster=("team", "site"))
    by_hand = model.fit(pd.DataFrame(result.data))
    np.testing.assert_array_equal(result.fit.covariance.matrix, by_hand.covariance.matrix)
    assert result.fit.df == 5
    assert "team and site" in str(result.fit)
    found = [one for one in check_study(two) if one.topic == "clusters"]
    assert found[0].text == f"{by_hand.covariance.clusters[0]} and 6 clusters by team and site."
    result.report(tmp_path / "report.html")
    assert "team and site" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_study_file_names_two_clusters_as_a_list(folder):
    path = folder / "study.toml"
    path.write_text('cluster = ["team", "region"]\n' + path.read_text())
    assert tn.read_study(path).study.cluster == ("team", "region")


def test_nobody_is_lost_between_roster_and_model(study_result):
    cases, fit = study_result.cases, study_result.fit
    assert cases.egos == int((study_result.people.function == "sales").sum())
    assert fit.n + fit.n_dropped == cases.egos
    ledger = study_result.ties.ledger
    assert ledger.rows_in == ledger.used + ledger.rejected + ledger.excluded + ledger.duplicate


def test_zero_with_indicator_keeps_everyone(firm):
    dropped = study(firm).run()
    with (
        pytest.warns(SmallGroup, match="fewer than 5 people are behind no ties to"),
        pytest.warns(FewRows, match="no_ties_customer_service rests on one row"),
    ):
        kept = study(firm, no_ties="zero_with_indicator", covariance="classical").run()
    without = [function for function, count in kept.cases.no_ties.items() if count]
    assert without
    assert dropped.fit.n < kept.fit.n == dropped.cases.egos
    for function in without:
        assert f"no_ties_{function}" in kept.fit.terms
        none = kept.data[f"total_ties_{function}"] == 0
        assert (kept.data[f"tie_strength_{function}"][none] == 0).all()
        assert not np.isnan(kept.data[f"tie_strength_{function}"]).any()


def test_an_indicator_of_one_person_is_refused_where_it_has_no_error(firm):
    people = firm.people.frame
    ties = tn.build_ties(firm.log, firm.people)
    egos = tn.measure_egos(ties, of="sales", toward=["marketing", "customer_service"]).frame.set_index("ego")
    lonely = egos.index[egos["total_ties_marketing"] == 0]
    assert len(lonely) > 1
    moved = people.assign(
        function=["finance" if p in set(lonely[1:]) else f for p, f in zip(people["person"], people["function"], strict=True)]
    )
    with pytest.raises(DataError) as error:
        study(firm, people=moved, no_ties="zero_with_indicator").run()
    assert "only one person has no tie to marketing" in one_line(error)


def test_people_without_ties_have_to_be_decided_on(firm):
    with pytest.raises(DataError) as error:
        study(firm, no_ties=None).run()
    assert "no_ties='drop'" in one_line(error)


def test_frames_of_any_kind_give_the_same_study(firm, study_result):
    log, people, outcomes = pl.from_pandas(firm.interactions), pl.from_pandas(firm.people.frame), pl.from_pandas(firm.outcomes)
    other = study(firm, log=log.lazy(), people=people, outcomes=outcomes.lazy()).run()
    np.testing.assert_allclose(other.fit.estimate, study_result.fit.estimate, rtol=1e-9)  # sums run in another order
    assert isinstance(other.frame, pl.DataFrame)


def test_own_column_names(firm, study_result):
    log = firm.interactions.rename(columns={"time": "ts", "source": "sender", "target": "recipient"})
    people = firm.people.frame.rename(columns={"person": "id", "function": "dept"})
    outcomes = firm.outcomes.rename(columns={"person": "rep", "sales_growth": "growth_pct"})
    columns = {
        "log": {"time": "ts", "source": "sender", "target": "recipient"},
        "people": {"person": "id", "function": "dept"},
        "outcomes": {"person": "rep", "sales_growth": "growth_pct"},
    }
    renamed = study(firm, log=log, people=people, outcomes=outcomes, columns=columns).run()
    np.testing.assert_allclose(renamed.fit.estimate, study_result.fit.estimate, rtol=1e-12)


def changed(frame, **columns):
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"outcome": "sales_grwth"}, DataError, "did you mean 'sales_growth'"),
        ({"controls": ["tenur"]}, DataError, "did you mean 'tenure'"),
        ({"of": "selling"}, ArgumentError, "no one in the people table holds the function"),
        ({"functions": ["marketting"]}, ArgumentError, "did you mean 'marketing'"),
        ({"functions": []}, ArgumentError, "functions is empty"),
        ({"functions": "marketing"}, ArgumentError, "must be a list of names"),
        ({"no_ties": "zero"}, ArgumentError, "no_ties must be one of 'drop', 'zero_with_indicator'; got 'zero'"),
        ({"strength": "freqency"}, ArgumentError, "did you mean 'frequency'"),
        ({"covariance": "HC9"}, ArgumentError, "HC9"),
        ({"cluster": "taem"}, DataError, "did you mean 'team'"),
        ({"log": "nowhere.csv"}, InputNotFound, "nowhere.csv"),
        ({"columns": {"logs": {}}}, ArgumentError, "did you mean 'log'"),
        ({"alpha": "high"}, ArgumentError, "alpha must be between 0 and 1"),
        ({"controls": [1]}, ArgumentError, "controls must be a list of names"),
        ({"of": 3}, ArgumentError, "of must be a string"),
        ({"outcome": 3}, ArgumentError, "outcome must be a string"),
        ({"cluster": ["team", 3]}, ArgumentError, "must be the name of one column that groups the rows, or of two"),
        ({"cluster": ("team", "team")}, ArgumentError, "must be the name of one column that groups the rows, or of two"),
        ({"cluster": ("team", "regoin")}, DataError, "did you mean 'region'"),
        ({"cluster": ""}, ArgumentError, "must be the name of one column that groups the rows, or of two"),
        ({"timezone": 3}, ArgumentError, "timezone must be a string"),
        ({"time_format": 3}, ArgumentError, "time_format must be a string"),
        ({"title": 3}, ArgumentError, "title must be a string"),
        ({"columns": {"people": {"function": 3}}}, ArgumentError, "must map standard column names to your column names"),
        ({"controls": ["years in firm"]}, DataError, "has a column 'years in firm'"),
    ],
)
def test_a_wrong_specification_is_refused_in_one_line(firm, changes, kind, words):
    with pytest.raises(kind) as error:
        study(firm, **changes).run()
    assert words in one_line(error)


def test_wrong_data_are_refused_in_one_line_without_ids(firm):
    outcomes, people = firm.outcomes, firm.people.frame
    cases = [
        ({"outcomes": changed(outcomes, person=["x" + p for p in outcomes["person"]])}, "none of the"),
        (
            {"outcomes": changed(outcomes, sales_growth=["much", *outcomes["sales_growth"].astype(str).tolist()[1:]])},
            "'sales_growth' must contain numbers",
        ),
        ({"outcomes": pd.concat([outcomes, outcomes.head(2)])}, "2 rows repeat a person"),
        ({"outcomes": changed(outcomes, tenure=1.0)}, "is in both the people table and the outcomes table"),
        ({"outcomes": changed(outcomes, sales_growth=4.0)}, "same value in all"),
        ({"people": changed(people, tenure=3.0)}, "tenure is constant"),
        ({"people": changed(people, months=12.0 * people["tenure"]), "controls": ["tenure", "months"]}, "linear combination of tenure"),
        ({"outcomes": outcomes.head(9)}, "too few for"),
        ({"people": people.assign(function="Finance")}, "holds the function 'sales'"),
    ]
    for changes, words in cases:
        with pytest.raises(TienetError) as error:
            study(firm, **changes).run()
        assert words in one_line(error)
        assert not any(person in str(error.value) for person in people["person"])


@pytest.fixture
def folder(own_tables):
    text = 'log = "log.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\ncontrols = ["tenure", "region"]\nno_ties = "drop"\n'
    (own_tables / "study.toml").write_text(text)
    return own_tables


def test_the_study_file_is_the_study(folder, study_result):
    result = tn.read_study(folder / "study.toml").study.run()
    # CSV holds the simulated numbers in full, so only the order of sums differs.
    np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (("controls =", "control ="), ArgumentError, "did you mean 'controls'"),
        (('"tenure"', "tenure"), DataError, "not valid TOML"),
        (("log =", "#log ="), DataError, 'write log = "log.csv"'),
        (('"log.csv"', '"lgo.csv"'), InputNotFound, "lgo.csv"),
        (("no_ties", '[rule]\nhalflife = "9d"\n[report]\nx'), ArgumentError, "did you mean 'half_life'"),
        (("no_ties", "rule = 3\nno_ties"), ArgumentError, "must be a table"),
    ],
)
def test_a_wrong_study_file_is_refused_in_one_line(folder, change, kind, words):
    path = folder / "study.toml"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(kind) as error:
        tn.read_study(path).study.run()
    assert words in one_line(error)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('[rule]\nreciprocal = "no"', "reciprocal must be true"),
        ("[rule]\nmin_interactions = true", "min_interactions must be a positive number"),
        ("[rule]\nmax_size = 2.5", "max_size must be a whole number"),
        ("[rule]\nchannels = [1]", "channels must be a list of names, such as ['x', 'z']; got a list containing 1"),
        ("[rule]\nsince = 10:00:00", "since must be a date"),
        ("[rule]\nhalf_life = -3", "must be positive"),
        ("[report]\nfolder = 3", "folder must be a string"),
        ("[report]\ntitle = 3", "title must be a string"),
        ("[report]\nretention = 3", "retention must be a string"),
        ("[report]\nfloor = 0", "floor must be a whole number of at least 1; got 0"),
        ('[report]\nnames = "yes"', "names must be True or False"),
    ],
)
def test_values_of_the_wrong_kind_are_refused_in_one_line(folder, line, words):
    path = folder / "study.toml"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ArgumentError) as error:
        tn.read_study(path)
    assert words in one_line(error)


def test_what_the_report_shows_stands_in_the_study_file(folder):
    path = folder / "study.toml"
    path.write_text(path.read_text() + '[report]\nfloor = 8\nretention = "until 2027-01-31"\nnames = true\n')
    found = tn.read_study(path).study
    assert (found.floor, found.retention, found.names) == (8, "until 2027-01-31", True)


def test_a_table_in_another_encoding_is_refused_until_it_is_named(folder):
    people = folder / "people.csv"
    people.write_text(people.read_text().replace("team", "Grüppe", 1), encoding="cp1252")
    study_file = folder / "study.toml"
    with pytest.raises(DataError, match=r"cannot be decoded as utf-8 .*encoding='cp1252'"):
        tn.read_study(study_file).study.run()
    study_file.write_text(study_file.read_text() + 'encoding = "cp1252"\n')
    assert "Grüppe" in tn.read_study(study_file).study.run().people.attributes


def test_dates_written_another_way_are_answered_with_the_keyword(folder):
    log = pd.read_csv(folder / "log.csv", dtype=str)
    log["time"] = pd.to_datetime(log["time"]).dt.strftime("%d/%m/%Y %H:%M:%S")
    log.to_csv(folder / "log.csv", index=False)
    study_file = folder / "study.toml"
    with pytest.raises(DataError, match=r"time_format='%d/%m/%Y %H:%M:%S' reads all"):
        tn.read_study(study_file).study.run()
    study_file.write_text(study_file.read_text() + 'time_format = "%d/%m/%Y %H:%M:%S"\n')
    assert tn.read_study(study_file).study.run().log.ledger.rejected == 0


def test_none_is_written_as_a_word(folder):
    path = folder / "study.toml"
    path.write_text(path.read_text() + '[rule]\nhalf_life = "none"\nmax_size = "none"\n')
    rule = tn.read_study(path).study.rule
    assert rule.half_life is None
    assert rule.max_size is None


def test_steps_are_told_as_they_come(firm):
    told = []
    study(firm).run(on_step=lambda name, at, of: told.append((name, at, of)))
    assert [at for _, at, _ in told] == list(range(len(told)))
    assert {of for _, _, of in told} == {len(told)}


FOCAL = [f"{head}_{f}" for f in ("marketing", "customer_service") for head in ("total_ties", "tie_strength")]
FOCAL += [f"total_ties_{f}{tail}" for f in ("marketing", "customer_service") for tail in ("^2",)]
FOCAL += [f"total_ties_{f}:tie_strength_{f}" for f in ("marketing", "customer_service")]
FIRMS, OUTCOMES = 50, 4


def fits_of(seed):
    """Fits of one simulated firm, with its own outcomes and with others drawn around the same surface, and the true coefficients."""
    firm = tn.simulate_firm(n_people=200, seed=10_000 + seed)
    result = study(firm, covariance="classical").run()
    fit, rng = result.fit, np.random.default_rng([10_000, seed])
    truth = firm.truth.at({name: variable.center for name, variable in fit.variables.items()})
    coefficients = np.array([truth["intercept" if term == "(Intercept)" else term] for term in fit.terms])
    mean = np.column_stack([np.ones(fit.n), fit.design.columns(fit.design.centers)]) @ coefficients
    fits = [fit]
    for _ in range(OUTCOMES - 1):
        outcome = np.full(len(result.data["person"]), np.nan)
        outcome[fit.sample.rows] = mean + rng.normal(0, firm.truth.noise, fit.n)
        fits.append(fit.model.fit({**result.data, "sales_growth": outcome}))
    return fits, np.array([truth[term] for term in FOCAL])


def covers(fit, true):
    """Whether the 95 % interval of each focal coefficient holds its true value."""
    table = fit.frame.set_index("term").loc[FOCAL]
    return (table["conf_low"].to_numpy() <= true) & (true <= table["conf_high"].to_numpy())


@pytest.mark.sweep
def test_intervals_cover_the_truth_at_the_nominal_rate():
    studies = [fits_of(seed) for seed in range(FIRMS)]
    assert all(fit.n == fits[0].n for fits, _ in studies for fit in fits)
    hits = np.array([covers(fit, true) for fits, true in studies for fit in fits])
    # Given the ties, an interval holds the truth with probability .95 for any firm, so outcomes of one firm are draws as independent as
    # those of two. Binomial: 200 at .95 have a standard error of .0154, so 4 standard errors for the worst of 8 coefficients (p < .001
    # with Bonferroni); the rate over all 8 moves less, and coefficients of one fit go together, so it gets 2.5 standard errors of 200.
    assert (hits.mean(axis=0) >= 0.95 - 4 * 0.0154).all(), dict(zip(FOCAL, hits.mean(axis=0), strict=True))
    assert abs(hits.mean() - 0.95) <= 2.5 * 0.0154
    own = hits[::OUTCOMES]  # the simulator's own outcomes, 50 of them: .0308
    assert (own.mean(axis=0) >= 0.95 - 4 * 0.0308).all(), dict(zip(FOCAL, own.mean(axis=0), strict=True))
    assert abs(own.mean() - 0.95) <= 2.5 * 0.0308
