"""Times, durations and numbers as exports have them: read exactly, or refused in words that name the repair."""

import warnings
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo, available_timezones

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import as_kind
from tienet.base.errors import ArgumentError, DataError, RowsRejected, TienetWarning
from tienet.network.reading.cells.zones import WORDS, moment_sql

KINDS = ("csv", "parquet", "pandas", "polars", "pyarrow", "duckdb")
PEOPLE = tn.read_people({"person": ["a", "b"], "function": ["Sales", "Marketing"]})


def log_of(times, kind="pandas", folder=None, **options):
    columns = {"source": ["a"] * len(times), "target": ["b"] * len(times), "time": list(times)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        return tn.read_log(as_kind(kind, columns, folder), **options)


def moments(log):
    return [value.replace(tzinfo=UTC) for value in pd.Series(log.frame["time"]).dt.to_pydatetime()]


def one(text, **options):
    return moments(log_of([text], **options))[0]


def said(times, **options):
    """The warning about rows that could not be read, or the refusal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RowsRejected)
        with pytest.raises((RowsRejected, DataError)) as caught:
            tn.read_log({"source": ["a"] * len(times), "target": ["b"] * len(times), "time": times}, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) <= 300
    return message


# Offsets and zones: 15:04 on 2 July 2024, and what it is in UTC

OFFSETS = {
    "2024-07-02 15:04:00 UTC+2": "13:04",
    "2024-07-02 15:04:00 GMT+2": "13:04",
    "2024-07-02 15:04:00 UTC-5": "20:04",
    "2024-07-02 15:04:00 UTC+5:30": "09:34",
    "2024-07-02 15:04:00 +2": "13:04",
    "2024-07-02 15:04:00 +2:00": "13:04",
    "2024-07-02 15:04:00 Etc/GMT+5": "20:04",
    "2024-07-02 15:04 UTC+02:00": "13:04",
    "2024-07-02 15:04:00+02": "13:04",
    "2024-07-02 15:04:00 +0530": "09:34",
    "2024-07-02 15:04:00 Z": "15:04",
    "2024-07-02 15:04:00 +0200": "13:04",
    "2024-07-02T15:04:00Z": "15:04",
    "2024-07-02T15:04:00.000Z": "15:04",
    "2024-07-02T15:04:00-03:00": "18:04",
    "2024-07-02 15:04:00 Europe/Berlin": "13:04",
    "2024-07-02 15:04:00 EDT": "19:04",
    "2024-07-02 15:04:00 CEST": "13:04",
    "2024-07-02 15:04:00 +0200 (CEST)": "13:04",
    "2024-07-02 15:04:00 +0200 CEST": "13:04",
    "20240702T150400Z": "15:04",
    "Tue, 02 Jul 2024 15:04:00 +0200": "13:04",
    "2 Jul 2024 15:04 GMT": "15:04",
    "Tue Jul  2 15:04:00 CEST 2024": "13:04",
    "2024-07-02 15:04:00 America/New_York": "19:04",
    "2024-07-02T15:04:00\u221203:00": "18:04",
    "2024-07-02 3:04 PM +02:00": "13:04",
    "Tue Jul 02 2024 15:04:00 GMT+0200 (Central European Summer Time)": "13:04",
    "2024-07-02 15:04:00 EST5EDT": "19:04",
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_offset_is_never_dropped(kind, tmp_path):
    log = log_of(OFFSETS, kind, tmp_path, timezone="Asia/Tokyo")
    assert log.ledger.counts == {"used": len(OFFSETS)}
    assert sorted(found.strftime("%d %H:%M") for found in moments(log)) == sorted(f"02 {hour}" for hour in OFFSETS.values())


NAIVE = {
    "2024-07-02 3:04 PM": datetime(2024, 7, 2, 15, 4),
    "2024-07-02 12:04 am": datetime(2024, 7, 2, 0, 4),
    "2024-07-02 12:04:05 p.m.": datetime(2024, 7, 2, 12, 4, 5),
    "2024/7/2 15:04": datetime(2024, 7, 2, 15, 4),
    "2024-07-02 15:04:05,250": datetime(2024, 7, 2, 15, 4, 5, 250_000),
    "July 2, 2024 at 3:04\u202fPM": datetime(2024, 7, 2, 15, 4),
    "02-Jul-2024 15:04": datetime(2024, 7, 2, 15, 4),
    "2024-07-02T15:04:05.1234567": datetime(2024, 7, 2, 15, 4, 5, 123_456),
}


@pytest.mark.parametrize("kind", KINDS)
def test_times_without_a_zone_are_those_of_the_log(kind, tmp_path):
    log = log_of(NAIVE, kind, tmp_path, timezone="Europe/Berlin")
    assert sorted(moments(log)) == sorted(clock.replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC) for clock in NAIVE.values())


REFUSED = [
    *(f"2024-07-02 15:04:00 {word}" for word in ("BST", "IST", "CST", "CDT", "AST", "NST", "ART", "PST", "PDT", "MSK", "XYZ", "Foo/Bar")),
    *(
        "2024-07-02 15:04:00+25:00",
        "2024-07-02 15:04:00 +14:01",
        "2024-07-02T15:04:00-15:00",
        "2024-07-02 15:04 +05:60",
        "2024-07-02 15:04 PM",
    ),
    *("2024-07-02 15:04:00.5+2x", "2024-07-02 24:01", "Jul 32, 2024", "2024-07-02 0:30 am", "2024-07-02|15:04"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_has_several_meanings_or_none_is_set_aside(kind, tmp_path):
    log = log_of(["2024-07-02", *REFUSED], kind, tmp_path)
    assert log.ledger.counts == {"used": 1, "bad_time": len(REFUSED)}


def test_words_have_one_offset_since_1970_in_the_tz_database():
    days = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=23 * k) for k in range(1000)]
    meant = {}
    for name in sorted(available_timezones() - {"localtime", "posixrules"}):
        for local in (day.astimezone(ZoneInfo(name)) for day in days):
            meant.setdefault(local.tzname(), set()).add(local.utcoffset())
    for word, minutes in WORDS.items():
        assert meant.get(word, {timedelta(minutes=minutes)}) == {timedelta(minutes=minutes)}
    assert all(len(meant[word]) > 1 for word in ("BST", "IST", "CST", "PST", "MSK", "KST"))


def test_winter_and_summer_words_go_together():
    log = log_of(["2024-01-02 15:04:00 EST", "2024-07-02 15:04:00 EDT", "2024-01-02 15:04 CET", "2024-07-02 15:04 CEST"])
    assert [found.hour for found in moments(log)] == [20, 19, 14, 13]


@pytest.mark.sweep
@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)),
    st.integers(-14 * 4, 14 * 4),
    st.sampled_from(["{:%Y-%m-%dT%H:%M:%S}", "{:%Y-%m-%d %H:%M:%S.%f}"]),
)
def test_every_offset_is_subtracted(clock, quarters, form):
    minutes = 15 * quarters
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    texts = [
        f"{form.format(clock)}{end}"
        for end in (f"{sign}{hours:02}:{rest:02}", f" {sign}{hours:02}{rest:02}", f" UTC{sign}{hours}:{rest:02}")
    ]
    shown = clock if "%f" in form else clock.replace(microsecond=0)
    assert set(moments(log_of(texts))) == {(shown - timedelta(minutes=minutes)).replace(tzinfo=UTC)}


@pytest.mark.sweep
@given(st.datetimes(datetime(1995, 1, 1), datetime(2039, 1, 1)), st.integers(-12, 14))
def test_mail_dates_are_read_as_pythons_mail_package_reads_them(clock, hours):
    text = f"{clock:%a, %d %b %Y %H:%M:%S} {'-' if hours < 0 else '+'}{abs(hours):02}00"
    assert one(text) == parsedate_to_datetime(text)


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "America/Caracas"]
)
def test_the_table_of_offsets_is_the_zone(zone):
    rng = np.random.default_rng(1)
    clocks = rng.integers(-(2**53) // 2, 2**53 // 2, 4_000)
    changes = [moment for year in range(1990, 2040) for moment in _changes(zone, year)]
    around = [change + offset for change in changes for offset in range(-4 * 3600, 4 * 3600, 900)]
    clocks = np.concatenate([clocks, np.array(around, dtype=np.int64) * 1_000_000])
    table = pd.DataFrame({"c": clocks})
    with duckdb.connect() as connection:
        other = f"epoch_us(timezone('{zone}', make_timestamp(c)))"
        assert connection.from_df(table).filter(f"({moment_sql('c', zone)}) <> {other}").fetchall() == []


def _changes(zone, year):
    """Seconds since 1970 near which the offset of a zone changes in a year."""
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=k) for k in range(366)]
    offsets = [day.astimezone(ZoneInfo(zone)).utcoffset() for day in days]
    return [int(after.timestamp()) for after, was, now in zip(days[1:], offsets, offsets[1:], strict=False) if was != now]


# Patterns and numbers


def test_patterns_are_tried_in_order():
    log = log_of(["13/02/2024 10:00", "2024-02-14", "Feb-15-2024"], time_format=["iso", "%d/%m/%Y %H:%M", "%b-%d-%Y"])
    assert [found.day for found in moments(log)] == [13, 14, 15]
    assert one("03/04/2024", time_format=["%d/%m/%Y", "%m/%d/%Y"]).month == 4
    assert one("03/04/2024", time_format=["%m/%d/%Y", "%d/%m/%Y"]).month == 3


PATTERNS = {
    ("02.07.2024 15:04 +0200", "%d.%m.%Y %H:%M %z"): "13:04",
    ("02.07.2024 15:04 Z", "%d.%m.%Y %H:%M %z"): "15:04",
    ("02.07.2024 15:04+02", "%d.%m.%Y %H:%M%z"): "13:04",
    ("02.07.2024 15:04 CEST", "%d.%m.%Y %H:%M %Z"): "13:04",
    ("02.07.2024 15:04 Europe/Berlin", "%d.%m.%Y %H:%M %Z"): "13:04",
    ("15:04 EDT 02/07/2024", "%H:%M %Z %d/%m/%Y"): "19:04",
    ("Tue, 02 Jul 2024 15:04:00 +0200", "%a, %d %b %Y %H:%M:%S %z"): "13:04",
    ("02.07.2024 15:04", "%d.%m.%Y %H:%M"): "06:04",
}


@pytest.mark.parametrize(("text", "pattern"), PATTERNS)
def test_zones_of_a_pattern_follow_the_same_rules(text, pattern):
    assert one(text, time_format=pattern, timezone="Asia/Tokyo").strftime("%H:%M") == PATTERNS[text, pattern]


@pytest.mark.parametrize("text", ["02.07.2024 15:04 BST", "02.07.2024 15:04 +25:00", "02.07.2024 15:04"])
def test_a_pattern_with_a_zone_refuses_what_has_none(text):
    log = log_of(["02.07.2024 15:04 UTC", text], time_format=["%d.%m.%Y %H:%M %z", "%d.%m.%Y %H:%M %Z"])
    assert log.ledger.counts == {"used": 1, "bad_time": 1}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize(
    ("number", "unit"),
    [
        (1704207840, "epoch"),
        (1704207840000, "epoch_ms"),
        (1704207840000000, "epoch_us"),
        (1704207840000000999, "epoch_ns"),
        (45293.6277777778, "excel"),
    ],
)
def test_numbers_since_1970_and_days_of_excel(kind, text, number, unit, tmp_path):
    log = log_of([str(number) if text else number], kind, tmp_path, time_format=unit)
    assert moments(log) == [datetime(2024, 1, 2, 15, 4, tzinfo=UTC)]


def test_days_of_excel_are_in_the_zone_of_the_log():
    assert one(45474.5, time_format="excel", timezone="Europe/Berlin") == datetime(2024, 7, 1, 10, tzinfo=UTC)


def test_a_cell_that_is_a_moment_needs_no_pattern():
    cells = pd.Series([datetime(2024, 2, 1, 10), "13/02/2024 10:00", date(2024, 2, 3), np.datetime64("2024-02-04"), None], dtype=object)
    data = pd.DataFrame({"source": "a", "target": "b", "time": cells})
    with pytest.warns(RowsRejected):
        log = tn.read_log(data, time_format="%d/%m/%Y %H:%M")
    assert log.ledger.counts == {"used": 4, "missing_time": 1}
    assert [found.day for found in moments(log)] == [1, 13, 3, 4]


# A day and a time of day in two columns


def two(days, hours, kind, folder, **options):
    columns = {"source": ["a"] * len(days), "target": ["b"] * len(days), "Start Date": days, "Start Time": hours}
    return tn.read_log(as_kind(kind, columns, folder), columns={"time": ["Start Date", "Start Time"]}, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_day_and_hour_of_a_calendar_export(kind, tmp_path):
    log = two(["1/2/2025", "12/31/2025"], ["3:00:00 PM", "12:00:00 AM"], kind, tmp_path, time_format="%m/%d/%Y %I:%M:%S %p")
    assert moments(log) == [datetime(2025, 1, 2, 15, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)]
    iso = two(["2025-01-02", "2025-01-03"], ["15:00", ""], kind, tmp_path / "iso", timezone="Europe/Berlin")
    assert moments(iso) == [datetime(2025, 1, 2, 14, tzinfo=UTC), datetime(2025, 1, 2, 23, tzinfo=UTC)]


@pytest.mark.parametrize("kind", ["parquet", "pandas", "polars", "pyarrow", "duckdb"])
def test_typed_days_and_hours(kind, tmp_path):
    log = two([date(2025, 1, 2)], [time(15, 30)], kind, tmp_path)
    assert moments(log) == [datetime(2025, 1, 2, 15, 30, tzinfo=UTC)]
    spread = two([datetime(2025, 1, 2)], [datetime(1899, 12, 30, 15, 30)], kind, tmp_path / "moments")
    assert moments(spread) == [datetime(2025, 1, 2, 15, 30, tzinfo=UTC)]


def test_days_of_excel_in_two_columns_and_a_zone_in_a_third():
    assert moments(two([45293.0], [0.6277777778], "pandas", None, time_format="excel")) == [datetime(2024, 1, 2, 15, 4, tzinfo=UTC)]
    data = {"source": ["a"], "target": ["b"], "day": ["2024-07-02"], "hour": ["15:04"], "zone": ["Europe/Berlin"]}
    assert moments(tn.read_log(data, columns={"time": ["day", "hour", "zone"]})) == [datetime(2024, 7, 2, 13, 4, tzinfo=UTC)]


def test_times_of_day_alone_name_the_two_columns():
    frame = pl.DataFrame({"source": ["a"], "target": ["b"], "time": [time(15, 30)]})
    with pytest.raises(DataError, match=r"times of day without a day; name both, columns=\{'time': \['date', 'time'\]\}"):
        tn.read_log(frame)


# Messages

MESSAGES = {
    "excel": (
        ["45293.6277777778", "45294.5"],
        {},
        "'45293.6277777778' is not a time: it looks like a day number of Excel; set time_format='excel'",
    ),
    "seconds": (["1704207840"], {}, "it looks like seconds since 1970; set time_format='epoch'"),
    "milliseconds": (["1704207840000"], {}, "it looks like milliseconds since 1970; set time_format='epoch_ms'"),
    "us": (
        ["01/02/2024 10:00", "01/13/2024 10:00", "01/02/2024 11:00", "01/03/2024 10:00"],
        {"time_format": "%d/%m/%Y %H:%M"},
        "'01/13/2024 10:00' is not a time; time_format='%d/%m/%Y %H:%M' reads 3 of 4, time_format='%m/%d/%Y %H:%M' reads all",
    ),
    "german": (["31.12.2024 10:00", "1.2.2024 9:30"], {}, "time_format='%d.%m.%Y %H:%M' reads all"),
    "twelve": (["12/31/2024, 3:04 PM"], {}, "time_format='%m/%d/%Y, %I:%M %p' reads all"),
    "both": (["01/02/2024", "03/04/2024"], {}, "'%d/%m/%Y' and '%m/%d/%Y' both read all rows: set time_format to the one that is meant"),
    "mixed": (["2024-01-02", "31/01/2024"], {}, "time_format=['iso', '%d/%m/%Y'] reads all"),
    "offset": (["31.12.2024 10:00 +0100"], {}, "time_format='%d.%m.%Y %H:%M %z' reads all"),
    "word": (["2024-07-02", "2024-07-02 15:04 BST"], {}, "BST means several time zones; write offsets such as +01:00"),
    "far": (["2024-07-02", "2024-07-02 15:04 +25:00"], {}, "its offset is beyond 14 hours"),
    "never": (["2024-07-02", "9999-12-31"], {}, "'9999-12-31' lies outside the years 1684 to 2255"),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_the_hint_is_made_from_the_first_bad_time(case):
    times, options, words = MESSAGES[case]
    assert words in said(times, **options)


@pytest.mark.parametrize("kind", ["csv", "parquet", "duckdb"])
def test_the_hint_is_the_same_for_files(kind, tmp_path):
    columns = {"source": ["a"] * 2, "target": ["b"] * 2, "time": ["01/13/2024", "2024-01-02"]}
    with pytest.warns(RowsRejected, match=r"time_format=\['iso', '%m/%d/%Y'\] reads all"):
        tn.read_log(as_kind(kind, columns, tmp_path))


def test_names_are_never_shown():
    for cell in ("Anna Schmidt", "ANNA", "12345", "anna@firm.example"):
        assert cell not in said(["2024-01-02", cell])
    assert "Anna" not in said(["2024-01-02", "2024-01-02 10:00 Anna Schmidt"])


def test_numbers_name_their_unit():
    with pytest.raises(DataError, match="1704207840 looks like seconds since 1970: set time_format='epoch'"):
        log_of([1704207840])


@pytest.mark.parametrize(
    ("values", "options", "unit"), [(["45293.6"], {"time_format": "epoch"}, "excel"), ([1704207840], {"time_format": "epoch_ms"}, "epoch")]
)
def test_a_log_in_the_first_days_of_1970_is_warned_of(values, options, unit):
    with pytest.warns(TienetWarning, match=f"all times lie between 1970-01-01 and 1970-01-.*set time_format='{unit}'"):
        log_of(values, **options)


@pytest.mark.parametrize("given", [3, [], [3], ["iso", "dd/mm"], "%Q"])
def test_what_is_no_format_is_refused(given):
    with pytest.raises(ArgumentError, match="time_format must be"):
        log_of(["2024-01-02"], time_format=given)


# Days of a rule

BERLIN = ["2025-02-28 23:59", "2025-03-01 00:30", "2025-03-20 23:59", "2025-03-21 00:00"]


def used_under(**options):
    rule = tn.TieRule(min_interactions=1, half_life=None, **options)
    return tn.build_ties(log_of(BERLIN, timezone="Europe/Berlin"), PEOPLE, rule=rule)


@pytest.mark.parametrize("day", [str, date.fromisoformat])
def test_days_of_a_rule_are_days_of_the_logs_zone(day):
    assert used_under(since=day("2025-03-01")).interactions.tolist() == [3.0]
    assert used_under(until=day("2025-03-21")).interactions.tolist() == [3.0]
    ties = used_under(as_of=day("2025-03-20"))
    assert ties.interactions.tolist() == [3.0]
    assert ties.window.as_of == round(datetime(2025, 3, 21, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1e6) - 1


def test_moments_of_a_rule_are_moments():
    assert used_under(as_of="2025-03-20T12:00").interactions.tolist() == [2.0]
    assert used_under(since="2025-02-28T23:30+00:00").interactions.tolist() == [3.0]
    assert used_under(since=datetime(2025, 3, 1, 0, 31)).interactions.tolist() == [2.0]


def test_the_sentence_of_a_rule_says_what_a_day_is():
    rule = tn.TieRule(since="2025-03-01", until=date(2025, 4, 1), as_of="2025-03-20")
    assert "window from 2025-03-01, before 2025-04-01, as of the end of 2025-03-20 (days in the time zone of the log)" in str(rule)
    assert "(days" not in str(tn.TieRule(since="2025-03-01T09:00"))
    assert "as of 2025-03-20T09:00" in str(tn.TieRule(as_of="2025-03-20T09:00"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"half_life": "90x"}, "half_life must be a duration"),
        ({"half_life": -1}, "half_life must be positive"),
        ({"since": "soon"}, "since must be a date"),
        ({"until": 3}, "until must be a date"),
        ({"as_of": "2025-13-01"}, "as_of must be a date"),
    ],
)
def test_errors_of_a_rule_name_the_field(options, words):
    with pytest.raises(ArgumentError, match=words):
        tn.TieRule(**options)


def test_logs_of_one_zone_keep_it_when_combined():
    log = log_of(BERLIN, timezone="Europe/Berlin")
    assert tn.combine(log, log).timezone == "Europe/Berlin"
    assert tn.combine(log, log_of(BERLIN)).timezone == "UTC"


# Durations and numbers

DURATIONS = {
    "90": 90,
    "1:30": 90,
    "01:30:00": 90,
    "PT30M": 30,
    "54m 55s": 54 + 55 / 60,
    "1h 30m": 90,
    "P1DT2H": 1560,
    "PT1H0M30S": 60.5,
    "2 hours 5 minutes": 125,
    "90s": 1.5,
    "45 min": 45,
    "1.02:03:04": 1563 + 4 / 60,
    "0 days 00:30:00": 30,
    "1 day, 2:00:00": 1560,
    "": None,
}
UNREAD = ["long", "-5", "1,250", "P", "1:75", "1:30 pm"]


@pytest.mark.parametrize("kind", KINDS)
def test_durations_in_words_are_read_and_none_costs_a_row(kind, tmp_path):
    texts = [*DURATIONS, *UNREAD]
    columns = {"source": ["a"] * len(texts), "target": ["b"] * len(texts), "duration": texts}
    log = tn.read_log(as_kind(kind, columns, tmp_path))
    assert log.ledger.counts == {"used": len(texts)}
    wanted = [np.nan if minutes is None else minutes for minutes in DURATIONS.values()] + [np.nan] * len(UNREAD)
    np.testing.assert_allclose(pd.Series(log.frame["duration"]).to_numpy(), wanted, rtol=1e-12)
    assert log.notes == (f"{len(UNREAD)} durations cannot be read and count as missing (write minutes as a number, 1:30:00 or PT30M)",)
    assert log.notes[0] in str(log)


@pytest.mark.parametrize("kind", ["pandas", "polars", "polars_lazy", "pyarrow", "duckdb"])
def test_typed_durations(kind):
    columns = {"source": ["a", "a"], "target": ["b", "b"], "duration": [timedelta(minutes=90), timedelta(seconds=30)]}
    assert pd.Series(tn.read_log(as_kind(kind, columns, None)).frame["duration"]).tolist() == [90.0, 0.5]


NUMBERS = {
    None: {"1.5": 1.5, "1,250.5": 1250.5, "1,250,000": 1_250_000, "1 250": 1250, "2e3": 2000, "1,5": None, "1,250": None, "1.250,50": None},
    ".": {"1.5": 1.5, "1,250": 1250, "1,250.50": 1250.5, "1,5": None, "12,50": None, "1.250,5": None},
    ",": {"1,5": 1.5, "1.250": 1250, "1.250,50": 1250.5, "1,250": 1.25, "7": 7, "1.5": None, "1\u00a0250,5": 1250.5},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decimal", NUMBERS)
def test_weights_with_commas(kind, decimal, tmp_path):
    texts = NUMBERS[decimal]
    columns = {"source": ["a"] * len(texts), "target": ["b"] * len(texts), "weight": list(texts)}
    with pytest.warns(RowsRejected):
        log = tn.read_log(as_kind(kind, columns, tmp_path), decimal=decimal)
    read = [number for number in texts.values() if number is not None]
    assert pd.Series(log.frame["weight"]).tolist() == read
    assert log.ledger.counts == {"used": len(read), "bad_weight": len(texts) - len(read)}


def test_a_decimal_comma_is_named():
    data = {"source": ["a"] * 3, "target": ["b"] * 3, "weight": ["1", "1,5", "2,5"]}
    with pytest.warns(RowsRejected, match="'1,5' in column 'weight' has a decimal comma: set decimal=','"):
        tn.read_log(data)
    with pytest.warns(RowsRejected, match="'1,250' in column 'weight' can be a decimal or thousands: set decimal=',' or decimal='.'"):
        tn.read_log({**data, "weight": ["1", "1,250", "2"]})
    with pytest.raises(ArgumentError, match=r"decimal must be '\.' or ','; got ';'"):
        tn.read_log(data, decimal=";")


def test_a_word_for_a_weight_is_not_shown():
    with pytest.warns(RowsRejected) as caught:
        tn.read_log({"source": ["a"] * 2, "target": ["b"] * 2, "weight": ["1", "Anna"]})
    assert "Anna" not in str(caught[0].message)


def test_a_word_among_times_that_the_pattern_reads_is_not_answered_with_that_pattern():
    rows = {"source": ["a", "b", "a"], "target": ["b", "a", "b"], "time": ["03/02/2025 09:15", "04/02/2025 16:05", "not a date"]}
    with pytest.warns(RowsRejected) as heard:
        tn.read_log(rows, time_format="%d/%m/%Y %H:%M")
    assert str(heard[0].message).endswith("the first one is not a time; time_format='%d/%m/%Y %H:%M' reads 2 of 3 rows")
