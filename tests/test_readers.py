"""Readers of exports: the registry, a toy reader used in every way, and logs combined and written."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from frames import EACH_KIND, as_kind
from test_cli import call  # noqa: F401 - a fixture
from test_study import folder  # noqa: F401 - a fixture
from tienet.base.errors import ArgumentError, DataError, OutputError, SeveralInCell, TienetError
from tienet.network.reading import declare_reason, ledger, write_log
from tienet.network.sources import LogSource, readers, register
from tienet.output.glossary import describe
from tienet.study.check import check_study

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
RULE = tn.TieRule(min_interactions=1)
BOT = ("bot_message", "excluded", "written by a bot")
PEOPLE_SEEN = []


def read_toy(path, *, people=None, bots=False, aliases: str | Path | None = None):
    """Days of messages, a JSON file each."""
    PEOPLE_SEEN.append(people)
    messages = [message for day in sorted(Path(path).glob("*.json")) for message in json.loads(day.read_text())]
    known = json.loads(Path(aliases).read_text()) if aliases else {}
    kept = [message for message in messages if bots or not message["bot"]]
    ends = {end: [known.get(one[end], one[end]) for one in kept] for end in ("source", "target")}
    log = tn.read_log({**ends, "time": [one["time"] for one in kept]})
    return replace(log, ledger=tn.Ledger(log.ledger.counts | {"bot_message": len(messages) - len(kept)}))


@pytest.fixture
def seams(monkeypatch):
    """The registers as the library fills them, and afterwards as they were before."""
    own = {kind: reader for kind, reader in readers().items() if isinstance(reader.place, str)}
    monkeypatch.setattr(register, "_READERS", own)
    before = dict(ledger._REASONS)
    yield
    ledger._REASONS.clear()
    ledger._REASONS.update(before)


@pytest.fixture
def toy(seams, folder, firm):  # noqa: F811
    """The reader, registered, with a study of its export: the firm's log, in which every 50th message is a bot's."""
    declare_reason(*BOT)
    tn.register_reader("toy", read_toy, takes="a folder of JSON files")
    rows = firm.interactions[["time", "source", "target"]].astype(str).assign(bot=np.arange(len(firm.interactions)) % 50 == 0)
    (folder / "toy").mkdir()
    for place, day in enumerate(np.array_split(np.arange(len(rows)), 3)):
        rows.iloc[day].to_json(folder / "toy" / f"{place}.json", orient="records")
    with_log(folder, '{toy = "toy"}')
    return rows


def with_log(folder, log):  # noqa: F811
    file = folder / "study.toml"
    lines = file.read_text().split("\n")
    file.write_text("\n".join([f"log = {log}", *lines[1:]]))
    return file


def ties_of(log, people):
    return tn.build_ties(log, people, rule=RULE).frame


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


# A reader, on every road


def test_a_registered_reader_is_found_by_python_the_study_file_and_the_command(toy, folder, call, tmp_path):  # noqa: F811
    counts = {"used": int((~toy["bot"]).sum()), "bot_message": int(toy["bot"].sum())}
    by_hand = read_toy(folder / "toy")
    assert by_hand.ledger.counts == LogSource("toy", folder / "toy").read().ledger.counts == counts
    assert readers()["toy"].about == "Days of messages, a JSON file each."

    result = tn.read_study(folder / "study.toml").study.run()
    assert result.log.ledger.counts == counts
    assert result.ties.ledger.rows_in == len(toy)
    assert isinstance(PEOPLE_SEEN[-1], tn.People)  # what the study says and the reader asks for
    expected = ties_of(by_hand, result.people)
    pd.testing.assert_frame_equal(ties_of(result.log, result.people), expected)

    told = "\n".join(call("read", "--help")[1])
    assert re.search(r"toy +Days of messages, a JSON file each. \(a folder of JSON files\)", told)
    code, out, err = call("check", folder / "study.toml")
    assert code == 0, err
    assert any(f"bot_message {counts['bot_message']:,}" in line for line in out)
    code, out, err = call("read", "toy", folder / "toy", "-o", tmp_path / "log.parquet")
    assert (code, out) == (0, [str(tmp_path / "log.parquet")]), err
    assert f"bot_message {counts['bot_message']:,}" in err
    pd.testing.assert_frame_equal(ties_of(tn.read_log(tmp_path / "log.parquet"), result.people), expected)


def test_options_are_further_keys_of_the_study_file_and_words_of_the_command(toy, folder, call):  # noqa: F811
    first = toy["source"][1]
    (folder / "who.json").write_text(json.dumps({first: "somebody"}))
    study = tn.read_study(with_log(folder, '{toy = "toy", bots = true, aliases = "who.json"}')).study
    (source,) = study.log_sources
    assert source.options == {"bots": True, "aliases": folder / "who.json"}  # a path, taken from the file's own folder
    log = source.read()
    assert log.ledger.counts == {"used": len(toy)}
    assert "somebody" in set(log.frame["source"])
    code, out, _ = call("read", "toy", folder / "toy", "--option", "bots=true", "--option", f"aliases={folder / 'who.json'}", "--json")
    (said,) = map(json.loads, out)
    assert (code, said["ledger"], len(said["rows"])) == (0, {"used": len(toy)}, len(toy))


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ('{tooy = "toy"}', "readers: table, "),
        ("{}", "each log must name one reader"),
        ('{toy = "toy", table = "log.csv"}', "each log must name one reader"),
        ("[3]", "each log must name one reader"),
        ("{toy = 3}", "toy must be a path in quotes, got 3"),
        ('{toy = "toy", bot = true}', "did you mean 'bots'"),
        ("[]", 'write log = "log.csv"'),
        ("3", 'write log = "log.csv"'),
        ('{toy = "toy"}\ntime_format = "epoch"', "time_format does not apply to exports read as toy"),
        ('{toy = "toy"}\ncolumns = {log = {source = "sender"}}', "[columns.log] does not apply to exports read as toy"),
    ],
)
def test_a_wrong_log_of_a_study_file_is_refused_in_one_line(toy, folder, log, words):  # noqa: F811
    with pytest.raises(TienetError) as error:
        tn.read_study(with_log(folder, log)).study.run()
    assert words in one_line(error)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("tabel", "log.csv"), 2, "did you mean 'table'"),
        (("table", "log.csv", "--option", "delimeter=;"), 2, "did you mean 'delimiter'"),
        (("table", "log.csv", "--option", "delimiter"), 2, "must have the form NAME=VALUE"),
        (("table", "log.csv", "-o", "log.xlsx"), 2, "must end in .parquet or .csv"),
        (("table", "log.csv", "-o", "no/such/log.csv"), 73, "its folder does not exist"),
        (("table", "no.csv"), 66, "no.csv"),
        (("table",), 2, "PATH"),
    ],
)
def test_every_refusal_of_the_command_is_one_line(call, words, code, said):  # noqa: F811
    ended, out, err = call("read", *words)
    assert (ended, out) == (code, [])
    assert said in err
    assert err.count("\n") == 1


def test_a_table_is_a_reader_like_any_other(folder, study_result, call, tmp_path):  # noqa: F811
    for log in ('{table = "log.csv"}', '[{table = "log.csv"}]', '{table = "log.csv", delimiter = ",", columns = {size = "size"}}'):
        result = tn.read_study(with_log(folder, log)).study.run()
        np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-9)
    (folder / "mine.csv").write_text("From;To\nann;bob\n")
    words = ("--column", "source=From", "--column", "target=To", "--option", "delimiter=;")
    assert call("read", "table", folder / "mine.csv", *words)[1] == ["source,target", "ann,bob"]


def test_a_kind_is_registered_once(seams):
    tn.register_reader("toy", read_toy)
    for kind in ("toy", "table"):
        with pytest.raises(ArgumentError, match=f"a reader '{kind}' is already registered"):
            tn.register_reader(kind, read_toy)
    with pytest.raises(ArgumentError, match="lower-case letters"):
        tn.register_reader("My Export", read_toy)
    for no_reader in (3, lambda: None):
        with pytest.raises(ArgumentError, match="first parameter is the path"):
            tn.register_reader("other", no_reader)
    tn.register_reader("frame", lambda path: pd.DataFrame({"source": [path]}))
    with pytest.raises(DataError, match="'frame' returned a DataFrame; it must return an InteractionLog"):
        LogSource("frame", "x").read()
    with pytest.raises(ArgumentError, match="got a list"):
        LogSource("frame", ["x"])


def test_every_reader_of_the_library_can_be_loaded_and_says_what_it_takes():
    for kind, reader in readers().items():
        assert reader.kind == kind
        assert reader.options
        assert reader.about
        assert reader.takes
        assert f"{reader.about} ({reader.takes})".isascii()  # it stands in the help


def test_the_register_itself_loads_no_reader():
    code = (
        "import sys, tienet.network.sources.register as r; r.readers()\n"
        "print(*{'numpy', 'duckdb', 'narwhals', 'tienet.network.reading.log'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


# A reason to leave out a row


def test_a_ledger_refuses_a_reason_that_nobody_declared(seams):
    with pytest.raises(ArgumentError, match=r"reason code 'toy_code' is not declared.*declare_reason"):
        tn.Ledger({"used": 1, "toy_code": 2})
    with pytest.raises(ArgumentError, match="did you mean 'duplicate_event'"):
        tn.Ledger({"used": 1}).after({"duplicate_events": 1})
    with pytest.raises(ArgumentError, match="at least 0; got -1"):
        tn.Ledger({"used": 1}).after({"self_loop": 2})
    declare_reason("toy_code", "duplicate", "a copy")
    found = tn.Ledger({"used": 1, "toy_code": 2, "bad_time": 3})
    assert str(found) == "6 rows in: 1 used, 3 rejected (bad_time 3), 2 duplicate (toy_code 2)"
    assert found.rows_in == found.used + found.rejected + found.excluded + found.duplicate == 6
    assert found.after({"toy_code": 1}).counts == {"bad_time": 3, "toy_code": 3}


def test_a_reason_is_declared_once_in_one_meaning(seams):
    declare_reason(*BOT)
    declare_reason(*BOT)
    for wrong, words in {
        ("bot_message", "excluded", "something else"): "already declared, as excluded: written by a bot",
        ("used", "excluded", "counted"): "already declared",
        ("Bot", "excluded", "written by a bot"): "lower-case letters",
        ("bot", "used", "written by a bot"): "status must be one of .*; got 'used'",
        ("bot", "excluded", " "): "must be a string that is not empty",
    }.items():
        with pytest.raises(ArgumentError, match=words):
            declare_reason(*wrong)


def test_figures_frames_and_the_glossary_know_a_declared_reason(seams):
    declare_reason(*BOT)
    found = tn.Ledger({"used": 5, "bot_message": 2})
    assert [label.get_text() for label in tn.plot(found).get_yticklabels()] == ["bot message\n(excluded)", "used"]
    assert found.frame.to_dict("records")[1] == {"code": "bot_message", "status": "excluded", "rows": 2, "meaning": "written by a bot"}
    assert describe("bot_message").meaning == "excluded: written by a bot"


def test_a_ledger_takes_its_reasons_to_another_process(seams):
    declare_reason(*BOT)
    packed = pickle.dumps(tn.Ledger({"used": 5, "bot_message": 2}))
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer))"
    there = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, check=True)
    assert there.stdout.decode().strip() == "7 rows in: 5 used, 2 excluded (bot_message 2)"


# Logs put together


def rows_of(firm):
    return firm.interactions.head(6_000)


def log_of(kind, rows, place):
    return tn.read_log(as_kind(kind, rows.assign(time=rows["time"].astype("datetime64[us]")).to_dict("list"), place))


@pytest.mark.parametrize("kind", EACH_KIND)
def test_parts_put_together_are_the_whole(firm, study_result, tmp_path, kind):
    rows = rows_of(firm).reset_index(drop=True)
    rows.loc[7, "target"] = rows.loc[7, "source"]
    half = len(rows) // 2
    parts = [rows[:half], rows[half:], rows[half - 100 : half]]  # the last hundred events of the first part once more
    whole = log_of(kind, pd.concat(parts), tmp_path / "whole")
    joined = tn.combine(*(log_of(kind, part, tmp_path / str(place)) for place, part in enumerate(parts)))
    assert joined.ledger.counts == whole.ledger.counts
    assert whole.ledger.counts["duplicate_event"] >= 100
    assert (joined.first, joined.last, joined.channels, joined.has) == (whole.first, whole.last, whole.channels, whole.has)
    found, expected = (tn.build_ties(log, study_result.people, rule=RULE) for log in (joined, whole))
    assert type(found.frame) is type(expected.frame)
    np.testing.assert_array_equal(found.a, expected.a)
    np.testing.assert_array_equal(found.b, expected.b)
    np.testing.assert_allclose(found.frequency, expected.frequency, rtol=1e-9)


def test_files_of_two_kinds_are_put_together_in_a_study(firm, folder, study_result):  # noqa: F811
    rows = firm.interactions
    half = len(rows) // 2
    rows[:half].to_csv(folder / "early.csv", index=False)
    write_log(tn.read_log(rows[half:]), folder / "late.parquet")
    file = with_log(folder, '[{table = "early.csv"}, {table = "late.parquet"}]')
    result = tn.read_study(file).study.run()
    np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-9)
    (folder / "late.parquet").unlink()
    findings = check_study(tn.read_study(file).study)
    assert list(next(findings).data) == ["log 1", "log 2", "people", "outcomes", "not_there"]


def test_columns_that_only_some_logs_state():
    mail = tn.read_log({"source": [1, 2], "target": [2, 3], "channel": ["mail", "mail"], "size": [3, None], "event": ["m1", None]})
    calls = tn.read_log({"source": ["1"], "target": ["2"], "duration": [12.5], "weight": [4]})
    joined = tn.combine(mail, calls)
    assert joined.ledger.counts == {"used": 3}
    frame = joined.frame.sort_values(["source", "weight"]).reset_index(drop=True)
    assert frame["source"].tolist() == ["1", "1", "2"]
    assert frame["weight"].tolist() == [1.0, 4.0, 1.0]
    np.testing.assert_array_equal(frame["size"], [3.0, np.nan, np.nan])
    np.testing.assert_array_equal(frame["duration"], [np.nan, 12.5, np.nan])
    assert frame["channel"].fillna("none").tolist() == ["mail", "none", "mail"]
    assert joined.channels == ("mail",)


def test_logs_that_do_not_go_together_are_refused():
    ends = {"source": ["ann"], "target": ["bob"]}
    plain, timed = tn.read_log(ends), tn.read_log({**ends, "time": ["2025-01-01"]})
    assert tn.combine(plain) is plain
    with pytest.raises(DataError, match="some of the logs have times and others have none"):
        tn.combine(plain, timed)
    polars = pytest.importorskip("polars")
    with pytest.raises(DataError, match="different kinds of frames"):
        tn.combine(plain, tn.read_log(polars.DataFrame(ends)))
    with pytest.raises(ArgumentError, match=r"log 2 must be of type InteractionLog, .*; got a dict"):
        tn.combine(plain, ends)
    with pytest.raises(ArgumentError, match="no log to combine"):
        tn.combine()


# Logs written out


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("kind", EACH_KIND)
def test_a_written_log_gives_the_same_ties(firm, study_result, tmp_path, kind, ending):
    log = log_of(kind, rows_of(firm), tmp_path / "given")
    (tmp_path / "out").mkdir()
    place = write_log(log, tmp_path / "out" / f"log{ending}")
    again = tn.read_log(place, timezone="America/New_York")  # the file's times say their zone
    assert again.has == log.has
    assert (again.first, again.last, again.channels, again.ledger.used) == (log.first, log.last, log.channels, log.ledger.used)
    found, expected = (tn.build_ties(one, study_result.people, rule=RULE) for one in (again, log))
    np.testing.assert_array_equal(found.a, expected.a)
    np.testing.assert_array_equal(found.b, expected.b)
    np.testing.assert_allclose(found.frequency, expected.frequency, rtol=1e-9)
    assert [path.name for path in place.parent.iterdir()] == [place.name]


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_ids_and_gaps_are_written_as_they_are(tmp_path, ending):
    odd = ["NA", "null", "00123", "1e5", 'a "b", c', "line\nend", " ann ", "#x", "Ö;|"]
    numbers = {"size": [3, None, 2, 4, 5, 6, 7, 8, 9], "duration": [None, 0.5, *[1.0] * 7], "weight": np.arange(1, 10) / 3}
    columns = {"source": odd, "target": [*odd[1:], odd[0]], "channel": [None, *odd[:8]], "event": [*odd[:8], None], **numbers}
    columns["time"] = ["2025-01-31T10:00:00.123456Z", *["1969-12-31T23:59:59Z"] * 8]
    with pytest.warns(SeveralInCell, match="1 of 9 rows has ';'"):
        log = tn.read_log(columns)
    with pytest.warns(SeveralInCell, match="1 of 9 rows has ';'"):
        again = tn.read_log(write_log(log, tmp_path / f"log{ending}"))
    pd.testing.assert_frame_equal(*(one.frame.sort_values("source").reset_index(drop=True) for one in (again, log)))


def test_a_log_is_not_written_over_what_it_is_read_from(tmp_path):
    (tmp_path / "log.csv").write_text("source,target\nann,bob\nbob,bob\n")
    log = tn.read_log(tmp_path / "log.csv")
    with pytest.raises(OutputError, match="the log is read from this file"):
        write_log(log, tmp_path / "log.csv")
    with pytest.raises(OutputError, match="no such file or directory"):
        write_log(log, tmp_path / "no" / "log.csv")
    with pytest.raises(ArgumentError, match=r"as \.parquet or \.csv"):
        write_log(log, tmp_path / "log.xlsx")
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]
    assert write_log(log, tmp_path / "out.csv").read_text() == "source,target\nann,bob\n"
