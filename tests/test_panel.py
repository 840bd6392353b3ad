"""Panels against each window computed by hand, sums over disjoint windows, and rows that must not enter a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import same, to_columns, to_rows
from tienet.base.errors import ArgumentError, DataError, FewClusters, TienetWarning
from tienet.output.glossary import describe

T0 = datetime(2025, 1, 6, 9, 30)
PEOPLE = [f"p{place}" for place in range(8)]
ROSTER = {"person": PEOPLE, "function": ["Sales"] * 3 + ["Marketing"] * 2 + ["Ops"] * 3}
RULE = tn.TieRule(min_interactions=2, half_life="20d", max_size=None)
EVERY_ONE = tn.TieRule(min_interactions=1, half_life=None, size_weight="none", max_size=None)


def random_log(seed=1, rows=300, days=100) -> dict[str, list]:
    """Interactions among p0 ... p6 over `days` days; p7 stays alone."""
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, 7, rows), rng.integers(0, 7, rows)
    seconds = np.concatenate([[0, days * 86_400 - 40_000], rng.integers(0, days * 86_400 - 40_000, rows - 2)])
    return {
        "time": [T0 + timedelta(seconds=int(value)) for value in seconds],
        "source": [PEOPLE[place] for place in source],
        "target": [PEOPLE[(other + 1) % 7 if other == place else other] for place, other in zip(source, target, strict=True)],
    }


def read(log=None):
    return tn.read_log(log or random_log()), tn.read_people(ROSTER)


def by_hand(log, people, rule, since, until, **options):
    """One window, with the rule's own window."""
    ties = tn.build_ties(log, people, rule=tn.TieRule(**{**settings_of(rule), "since": since, "until": until}))
    return to_rows(tn.measure_egos(ties, **options).frame)


def settings_of(rule) -> dict:
    return {name: getattr(rule, name) for name in ("min_interactions", "half_life", "size_weight", "max_size", "reciprocal", "channels")}


def of_window(panel, window):
    return [row for row in to_rows(panel.frame) if row["window"] == window]


@pytest.mark.parametrize("strength", ["frequency", "interactions", "composite"])
@pytest.mark.parametrize("kind", ["rolling", "cumulative"])
def test_every_window_is_what_the_rule_gives_by_hand(kind, strength):
    log, people = read()
    options = {"of": "sales", "toward": ["marketing", "ops"], "strength": strength}
    panel = tn.measure_panel(log, people, rule=RULE, every="20d", window="30d", kind=kind, **options)
    day = date(2025, 1, 6)
    ends = [day + timedelta(days=30 + 20 * step) for step in range(4)]
    assert len(panel) == 4
    for window, end in enumerate(ends, start=1):
        since = day if kind == "cumulative" else end - timedelta(days=30)
        rows = of_window(panel, window)
        assert [row["ego"] for row in rows] == PEOPLE[:3]
        assert {(row["start"].date(), row["end"].date()) for row in rows} == {(since, end)}
        assert same(rows, by_hand(log, people, RULE, since, end, **options))


def test_before_and_after_a_date():
    log, people = read()
    panel = tn.measure_panel(log, people, of="sales", rule=RULE, split="2025-03-01")
    assert (panel.kind, len(panel)) == ("split", 2)
    assert same(of_window(panel, 1), by_hand(log, people, RULE, "2025-01-06", "2025-03-01", of="sales"))
    assert same(of_window(panel, 2), by_hand(log, people, RULE, "2025-03-01", "2025-04-16", of="sales"))
    assert panel.left_over == 0


def test_nothing_from_after_a_window_enters_it():
    log = random_log()
    end = datetime(2025, 2, 5)
    early = {name: [value for value, time in zip(values, log["time"], strict=True) if time < end] for name, values in log.items()}
    panels = [tn.measure_panel(*read(part), of="sales", rule=RULE, every="10d", window="30d") for part in (log, early)]
    assert len(panels[1]) == 1
    assert same(of_window(panels[0], 1), of_window(panels[1], 1))


@pytest.mark.sweep
@given(st.integers(0, 10**6), st.sampled_from([7, 13, 25]))
def test_disjoint_windows_add_up_to_the_whole_log(seed, length):
    log, people = read(random_log(seed, rows=80, days=52))
    options = {"of": "sales", "toward": ["sales", "marketing", "ops"], "strength": "interactions"}
    panel = tn.measure_panel(log, people, rule=EVERY_ONE, every=length, window=length, **options)
    until = datetime(2025, 1, 6) + timedelta(days=length * len(panel))
    rule = tn.TieRule(**{**settings_of(EVERY_ONE), "until": until})
    whole = tn.measure_egos(tn.build_ties(log, people, rule=rule), **options)
    sums = np.nansum(panel.tie_strength * panel.total_ties, axis=1)
    np.testing.assert_allclose(sums, np.nan_to_num(whole.tie_strength * whole.total_ties), rtol=1e-12)
    # Ties of a window are ties of any longer one, and the last cumulative window ends where the last rolling one does.
    cumulative = tn.measure_panel(log, people, rule=EVERY_ONE, every=length, window=length, kind="cumulative", **options)
    assert (np.diff(cumulative.total_ties, axis=1) >= 0).all()
    assert (cumulative.total_ties >= panel.total_ties).all()
    np.testing.assert_array_equal(cumulative.total_ties[:, -1], whole.total_ties)
    np.testing.assert_array_equal(cumulative.end, panel.end)


def test_a_window_without_contact_has_zero_ties_and_no_strength():
    log = {"time": ["2025-01-01", "2025-03-31"], "source": ["p0", "p0"], "target": ["p3", "stranger"]}
    panel = tn.measure_panel(*read(log), of="sales", toward=["marketing"], rule=EVERY_ONE, every="30d", window="30d")
    columns = to_columns(panel.frame)
    assert columns["ego"] == ["p0"] * 3 + ["p1"] * 3 + ["p2"] * 3
    assert columns["window"] == [1, 2, 3] * 3
    assert columns["total_ties_marketing"] == [1, 0, 0, 0, 0, 0, 0, 0, 0]
    assert columns["tie_strength_marketing"] == [7 / 30, *[None] * 8]
    assert panel.ties.tolist() == [1, 0, 0]


def test_days_after_the_last_whole_window_are_left_out_and_said():
    panel = tn.measure_panel(*read(), of="sales", rule=RULE, every="30d", window="90d")
    assert (len(panel), panel.left_over) == (1, 10 * 86_400_000_000)
    assert "1 rolling window (90 days) from 2025-01-06 to 2025-04-05; the last 10 days fill no window and are left out" in str(panel)
    whole = tn.measure_panel(*read(), of="sales", rule=RULE, every="50d", window="50d")
    assert (len(whole), whole.left_over) == (2, 0)
    assert "left out" not in str(whole)


def test_the_rules_own_window_bounds_the_panel():
    rule = tn.TieRule(min_interactions=1, since="2025-01-20", until="2025-03-01")
    panel = tn.measure_panel(*read(), of="sales", rule=rule, every="20d", window="20d")
    assert to_columns(panel.frame)["start"][:2] == [datetime(2025, 1, 20), datetime(2025, 2, 9)]
    assert panel.left_over == 0


def test_every_input_gives_the_same_panel_and_the_callers_kind_of_frame(make_frame):
    log, people = tn.read_log(make_frame(random_log(), "log")), tn.read_people(make_frame(ROSTER, "people"))
    panel = tn.measure_panel(log, people, of="sales", rule=RULE, every="30d", window="30d")
    assert isinstance(panel.frame, make_frame.given_back)
    assert same(to_rows(panel.frame), to_rows(tn.measure_panel(*read(), of="sales", rule=RULE, every="30d", window="30d").frame))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"kind": "roling"}, ArgumentError, "kind must be one of 'rolling', 'cumulative'; got 'roling'; did you mean 'rolling'?"),
        ({"every": "1 month"}, ArgumentError, "every must be a duration, hours, days or weeks as '12h', '90d' or '6w'; got '1 month'"),
        ({"window": 0}, ArgumentError, "window must be positive; got 0"),
        ({"window": "200d"}, DataError, "100 days, and holds no whole window of 200 days"),
        ({"split": "2026-01-01"}, ArgumentError, "split='2026-01-01' leaves one side empty: the log runs from 2025-01-06 to 2025-04-15"),
        ({"split": "March"}, ArgumentError, "split must be a date, as '2026-03-01' or '2026-03-01T09:00+01:00'; got 'March'"),
        ({"of": "sail"}, ArgumentError, "no one in the people table holds the function 'sail'"),
        ({"strength": "closeness"}, ArgumentError, "strength='closeness' is not known"),
        ({"rule": tn.TieRule(as_of="2025-02-01")}, ArgumentError, "must not set as_of"),
        ({"rule": tn.TieRule(channels=["mail"])}, DataError, "uses channels but the log has none"),
    ],
)
def test_panels_are_refused_in_one_line(options, error, message):
    with pytest.raises(error) as caught:
        tn.measure_panel(*read(), **{"of": "sales", **options})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_log_without_times_has_no_panel():
    with pytest.raises(DataError, match="a panel needs times"):
        tn.measure_panel(*read({"source": ["p0"], "target": ["p3"]}), of="sales", rule=EVERY_ONE)


def test_the_faces_of_a_panel():
    panel = tn.measure_panel(*read(), of="sales", rule=RULE)
    for text in (str(panel), repr(panel), panel._repr_html_()):
        assert not any(person in text for person in PEOPLE)
    assert all(describe(column).meaning for column in panel.frame.columns)
    with pytest.raises(ValueError, match="read-only"):
        panel.total_ties[0] = 1


def test_a_file_that_changes_between_two_windows_is_no_empty_window(tmp_path, monkeypatch):
    import pandas as pd

    from tienet.network.ties.build import ties_under

    path = tmp_path / "log.parquet"
    pd.DataFrame(random_log()).to_parquet(path)
    log, people = tn.read_log(path), tn.read_people(ROSTER)
    calls = []

    def building(*given, **options):
        calls.append(1)
        if len(calls) == 2:  # the second window
            path.unlink()
        return ties_under(*given, **options)

    monkeypatch.setattr("tienet.network.measures.panel.ties_under", building)
    with pytest.raises(DataError, match=r"'log\.parquet' is gone since it was first read"):
        tn.measure_panel(log, people, of="sales", rule=RULE, every="20d", window="30d")


def measured(**options):
    log, people = read()
    return tn.measure_panel(log, people, of="sales", toward=["marketing"], rule=EVERY_ONE, **{"every": "20d", "window": "20d", **options})


def outcomes_of(panel, first=0):
    frame = panel.frame[["ego", "window", "start"]].iloc[first:]
    return frame.rename(columns={"ego": "person"}).assign(sales=np.arange(len(frame), dtype=float))


def test_outcomes_are_joined_by_window_or_by_a_day_within_its_last_step():
    for options in ({}, {"every": "20d", "window": "40d"}):
        panel = measured(**options)
        table = outcomes_of(panel)
        by_window = panel.with_outcomes(table, window="window", columns=["sales"]).frame
        assert by_window["sales"].tolist() == table["sales"].tolist()
        ends = {place + 1: datetime(1970, 1, 1) + timedelta(microseconds=int(end)) for place, end in enumerate(panel.end)}
        for before in (timedelta(days=20), timedelta(seconds=1)):  # the first and the last moment of the step
            days = table.assign(day=[ends[window] - before for window in table["window"]]).drop(columns=["window", "start"])
            assert panel.with_outcomes(days, day="day").frame["sales"].tolist() == table["sales"].tolist()


def test_missing_outcomes_stay_missing_and_are_counted():
    panel = measured()
    joined = panel.with_outcomes(outcomes_of(panel, first=5).drop(columns="start"), window="window")
    assert joined.frame["sales"].isna().sum() == 5
    assert f"sales in {len(panel.frame) - 5} of {len(panel.frame)} rows" in str(joined)


def test_a_lag_stays_with_its_person_and_reaches_over_no_gap():
    panel = measured()
    held = panel.held.copy()
    held[1, 2] = False  # the second person is away in the third window
    panel = replace(panel, held=held).with_outcomes(outcomes_of(panel), window="window", columns=["sales"])
    frame = panel.with_lags(["sales", "total_ties_marketing"]).with_lags("sales", windows=2).frame
    rows = {(row.ego, row.window): row for row in frame.itertuples()}
    for (ego, window), row in rows.items():
        for back, mine in ((1, row.sales_lag1), (2, row.sales_lag2)):
            before = rows.get((ego, window - back))
            assert np.isnan(mine) if before is None else mine == before.sales
        before = rows.get((ego, window - 1))
        assert np.isnan(row.total_ties_marketing_lag1) if before is None else row.total_ties_marketing_lag1 == before.total_ties_marketing
    assert np.isnan(rows[PEOPLE[1], 4].sales_lag1)


def test_lags_of_overlapping_windows_are_warned_about():
    with pytest.warns(TienetWarning, match=r"lag 1 shares up to 20 days"):
        measured(window="40d").with_lags("total_ties_marketing")


def test_a_panel_goes_into_a_model_as_it_is():
    panel = measured()
    rng = np.random.default_rng(1)
    joined = panel.with_outcomes(outcomes_of(panel).assign(sales=rng.normal(size=len(panel.frame))), window="window", columns=["sales"])
    model = tn.Moderation("sales ~ total_ties_marketing", absorb=("ego", "window"), cluster="ego")
    with pytest.warns(FewClusters):
        one, other = model.fit(joined), model.fit(joined.frame)
    assert (one.n, one.groups) == (len(panel.frame), (3, len(panel)))
    assert np.array_equal(one.estimate, other.estimate)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda panel: panel.with_outcomes(outcomes_of(panel)), ArgumentError, "window.*or day"),
        (lambda panel: panel.with_outcomes(outcomes_of(panel)[["person"]], window="window"), DataError, "no column 'window'"),
        (lambda panel: panel.with_outcomes(pd.concat([outcomes_of(panel)] * 2), window="window"), DataError, "15 rows repeat a person"),
        (lambda panel: panel.with_outcomes(outcomes_of(panel).assign(window=99), window="window"), DataError, "no row of"),
        (lambda panel: panel.with_lags("sales"), ArgumentError, "has no column 'sales'"),
        (lambda panel: panel.with_outcomes(outcomes_of(panel).iloc[[0, *range(5)]], window="window"), DataError, "1 row repeats a person"),
        (lambda panel: panel.with_outcomes(outcomes_of(panel), window="window", columns="turnover"), DataError, "no column 'turnover'"),
        (lambda panel: panel.with_lags("total_ties_marketing", windows=99), ArgumentError, "windows=99 reaches beyond the panel"),
        (lambda panel: panel.with_lags("total_ties_marketing", windows=0), ArgumentError, "windows must be a whole number"),
    ],
)
def test_what_cannot_be_joined_is_one_line_without_ids(ask, error, message):
    with pytest.raises(error, match=message) as told:
        ask(measured())
    assert not any(person in str(told.value) for person in PEOPLE)
