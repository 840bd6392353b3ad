"""The command line and study files: repairs in their own words, settings of reading, the verdict of a check, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from test_cli import call, folder  # noqa: F401 - fixtures
from tienet.base.errors import ArgumentError, DataError, InputNotFound, RowsRejected, RowsUnmatched
from tienet.cli.failures import EXIT_CODES
from tienet.cli.networks import log_settings
from tienet.cli.options import in_keys, in_options
from tienet.study.check import check_study
from tienet.study.file import known_keys, read_study
from tienet.study.verdict import verdicts

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
OPTIONS = (
    "column",
    "people_column",
    "half_life",
    "time_format",
    "channel",
    "reciprocal",
    "encoding",
    "ids",
    "separator",
    "max_size",
    "since",
)


@pytest.mark.parametrize(
    ("python", "options", "keys"),
    [
        ("say TieRule(half_life=None)", "say --half-life none", 'say half_life = "none" under [rule]'),
        ("say tn.TieRule(half_life=None, max_size=None)", "say --half-life none --max-size none", None),
        ("say read_log(..., ids='address')", "say --ids 'address'", 'say ids = "address"'),
        ('say read_log(..., ids="address", separator=";")', "say --ids 'address' --separator ';'", 'say ids = "address", separator = ";"'),
        ("columns={'source': ...}", "--column source=...", 'source = "..." under [columns.log]'),
        ("columns={'person': ...}", "--people-column person=...", 'person = "..." under [columns.people]'),
        ("columns={'target': ['To', 'Cc']}", "--column target=To,Cc", 'target = ["To", "Cc"] under [columns.log]'),
        (
            "columns={'time': ['Start Date', 'Start Time']}",
            "--column 'time=Start Date,Start Time'",
            'time = ["Start Date", "Start Time"] under [columns.log]',
        ),
        ("set time_format='%d/%m/%Y (%H:%M)'", "set --time-format '%d/%m/%Y (%H:%M)'", 'set time_format = "%d/%m/%Y (%H:%M)"'),
        ("time_format=['%d/%m/%Y', 'epoch']", "--time-format '%d/%m/%Y' --time-format 'epoch'", 'time_format = ["%d/%m/%Y", "epoch"]'),
        ("channels=['Email', 'Chat']", "--channel 'Email' --channel 'Chat'", 'channels = ["Email", "Chat"] under [rule]'),
        ("use reciprocal=True", "use --reciprocal", "use reciprocal = true under [rule]"),
        ("use max_size=50.", "use --max-size 50.", "use max_size = 50 under [rule]."),
        ("set encoding='cp1252' (or another)", "set --encoding 'cp1252' (or another)", 'set encoding = "cp1252" (or another)'),
        ("encoding='it''s' is not known", None, None),
        ("since='2025-01-01', until later", "--since '2025-01-01', until later", None),
        ("length='unweighted' has no option here", "length='unweighted' has no option here", "length='unweighted' has no option here"),
        ("n = 5, p=0.05 of x.half_life=3", "n = 5, p=0.05 of x.half_life=3", "n = 5, p=0.05 of x.half_life=3"),
        ("half_life must be positive", "--half-life must be positive", "half_life must be positive"),
        ("the half_life must be positive", "the half_life must be positive", "the half_life must be positive"),
        ("half_life='9", "half_life='9", "half_life='9"),
        ("half_life=", "half_life=", "half_life="),
        ("half_life=[[[", "half_life=[[[", "half_life=[[["),
        ("TieRule(half_life=None", None, None),
        ("TieRule(length=3)", "TieRule(length=3)", "TieRule(length=3)"),
        (
            "columns={'people': {'line_manager': 'Line Manager'}}",
            None,
            'line_manager = "Line Manager" under [columns.people]',
        ),
    ],
)
def test_repairs_are_worded_for_the_door(python, options, keys):
    said = in_options(python, OPTIONS)
    assert options is None or said == options
    assert keys is None or in_keys(python) == keys


def test_every_rule_and_setting_has_a_key():
    keys = known_keys()
    assert keys["half_life"] == "rule"
    assert keys["floor"] == "report"
    assert all(keys[name] == "" for name in ("ids", "separator", "skip", "decimal", "delimiter", "encoding", "aliases", "time_format"))


def test_commands_word_repairs_in_their_own_options(call, folder):  # noqa: F811
    log = pd.read_csv(folder / "log.csv").rename(columns={"source": "Sender"})
    log.to_csv(folder / "log.csv", index=False)
    code, _, err = call("ties", folder / "log.csv", "--people", folder / "people.csv")
    assert code == 65
    assert "--column source=..." in err
    assert "columns=" not in err
    code, _, err = call("check", folder / "study.toml")
    assert code == 65
    assert 'source = "..." under [columns.log]' in err
    log.drop(columns="time").rename(columns={"Sender": "source"}).to_csv(folder / "log.csv", index=False)
    assert "--half-life none" in call("ties", folder / "log.csv", "--people", folder / "people.csv")[2]
    assert 'half_life = "none" under [rule]' in call("study", folder / "study.toml")[2]


def test_several_columns_for_one_name_and_several_formats():
    found = log_settings(["target=To,Cc", "target=Bcc", "source=From", "channel=a,b"], ["%d", "%m"], skip=0, ids=None)
    assert found == {
        "columns": {"target": ["To", "Cc", "Bcc"], "source": "From", "channel": "a,b"},
        "time_format": ["%d", "%m"],
        "skip": 0,
    }
    assert log_settings(None, ["%d"]) == {"time_format": "%d"}
    assert log_settings(None, None, ids=None) == {}


def test_delimiters_and_encodings_of_the_tables_of_a_study(folder, study_result):  # noqa: F811
    people = pd.read_csv(folder / "people.csv")
    people.assign(tëam=people["team"]).to_csv(folder / "people.csv", index=False, sep="|", encoding="cp1252")
    log = pd.read_csv(folder / "log.csv")
    log.to_csv(folder / "log.csv", index=False, sep="~")
    text = (folder / "study.toml").read_text().replace('["tenure"]', '["tenure", "region"]')
    (folder / "study.toml").write_text(f'delimiter = "~"\nencoding = {{people = "cp1252"}}\n{text}')
    result = read_study(folder / "study.toml").study.run()
    np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-9)
    assert "tëam" in result.people.attributes
    (folder / "study.toml").write_text(f'delimiter = {{log = "~", people = "|"}}\nencoding = {{people = "cp1252"}}\n{text}')
    assert read_study(folder / "study.toml").study.run().fit.n == study_result.fit.n


def test_delimiter_as_an_option(call, folder, study_result):  # noqa: F811
    log = pd.read_csv(folder / "log.csv")
    log.to_csv(folder / "log.csv", index=False, sep="~")
    code, out, _ = call("ties", folder / "log.csv", "--people", folder / "people.csv", "--delimiter", "~", "--json")
    assert code == 0
    assert json.loads(out[0])["ties"] == len(study_result.ties.a)
    code, out, _ = call("read", "table", folder / "log.csv", "--delimiter", "~")
    assert (code, len(out) - 1) == (0, study_result.log.ledger.used)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('ids = "adress"', "did you mean 'address'"),
        ("skip = -1", "skip must be a whole number"),
        ("skip = 1.5", "skip must be a whole number"),
        ("separator = 3", "separator must be a string"),
        ('separator = ""', "separator must not be empty"),
        ("time_format = [1]", "time_format must be"),
        ('delimiter = {logs = ";"}', "did you mean 'log'"),
        ("encoding = {log = 3}", "encoding of log must be a string"),
        ("aliases = 3", "aliases must be a path"),
        ("[columns]\nlog = 3", "must map standard column names"),
        ("[columns.log]\ntarget = [1]", "must map standard column names"),
    ],
)
def test_settings_of_the_wrong_kind_are_refused_in_one_line(folder, line, words):  # noqa: F811
    path = folder / "study.toml"
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(ArgumentError) as error:
        read_study(path)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"x = " + b"[" * 100_000, DataError, "not valid TOML"),
        (b"[" * 100_000, DataError, "not valid TOML"),
        (b"x = " + b"{a = " * 50_000, DataError, "not valid TOML"),
        (b"\0" * 1_000, DataError, "not valid TOML"),
        (b"\xff\xfe\x00", DataError, "not a UTF-8 text file"),
        (b"# " + b"a" * 2_000_000, DataError, "larger than a study file"),
        (b"a = 1\na = 2", DataError, "not valid TOML"),
        (b'"\\u001b]0;x" = 1', ArgumentError, "is not a known key"),
        (b"", DataError, "does not say where the"),
        (b"\xef\xbb\xbf# a file of Windows\r\n", DataError, "does not say where the"),
    ],
)
def test_what_is_no_study_file_is_refused_in_one_short_line(tmp_path, content, kind, words):
    (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(kind) as error:
        read_study(tmp_path / "study.toml")
    said = str(error.value)
    assert words in said
    assert len(said) <= 300
    assert said.isprintable()


@pytest.mark.parametrize("path", ["x" * 5_000, "a\0b", ".", "no/such.toml"])
def test_paths_that_cannot_be_opened(path):
    with pytest.raises(InputNotFound):
        read_study(path)


def test_a_log_that_is_some_other_file_of_the_machine_is_not_shown(call, folder):  # noqa: F811
    (folder / "secret").write_text("root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n")
    path = folder / "study.toml"
    path.write_text(path.read_text().replace('"log.csv"', '"../' + folder.name + '/secret"'))
    code, out, err = call("check", path)
    assert code == 65
    assert not [word for word in ("root", "bash", "x:0") if word in err + "".join(out[1:])]


@pytest.mark.sweep
def test_the_verdict_marks_what_is_over_a_limit(firm):
    log = firm.interactions
    people, outcomes = firm.people.frame, firm.outcomes
    known = people["person"]

    def topics(log=log, people=people, outcomes=outcomes, **changes):
        study = tn.Study(log=log, people=people, outcomes=outcomes, no_ties="drop", **changes)
        return {one.topic: one for one in verdicts(check_study(study)) if one.state == "look at this"}

    assert set(topics()) <= {"few cases", "warning"}
    assert "sizes" in topics(log=log.drop(columns=["size", "event"]))
    assert "sizes" not in topics(log=log.drop(columns="size"))  # they are counted
    strange = log.drop(columns="event").assign(source=["nobody" if place % 5 == 0 else one for place, one in enumerate(log["source"])])
    with pytest.warns(RowsUnmatched):
        found = topics(log=strange)
    assert f"{(strange['source'] == 'nobody').sum():,}" in found["unknown people"].text
    timeless = log.assign(time=["" if place % 50 == 0 else one for place, one in enumerate(log["time"].astype(str))])
    with pytest.warns(RowsRejected):
        found = topics(log=timeless)
    rejected = -(-len(log) // 50)
    assert found["rejected rows"].text.startswith(f"{rejected:,} of {len(log):,} rows (2.0%)")
    channel = tn.read_log(log).channels[0]
    with pytest.warns(RowsUnmatched):
        found = topics(rule=tn.TieRule(channels=[*tn.read_log(log).channels, f"{channel}x"]))
    assert f"{channel}x" in found["channels"].text
    half = outcomes.iloc[: len(outcomes) // 2]
    assert f"{len(outcomes) - len(half)} of {len(outcomes)} people have no outcome" in topics(outcomes=half)["outcomes"].text
    assert "few cases" in topics(outcomes=half)
    lost = people.assign(function=[None if place % 6 == 0 else one for place, one in enumerate(people["function"])])
    assert f"{-(-len(known) // 6)} of {len(known)} people have no function" in topics(people=lost)["functions"].text


def test_the_verdict_is_at_the_end_and_in_json(call, folder):  # noqa: F811
    log = pd.read_csv(folder / "log.csv")
    log.drop(columns=["size", "event"]).to_csv(folder / "log.csv", index=False)
    code, out, _ = call("check", folder / "study.toml")
    block = out[out.index("") + 1 :]
    assert code == 0
    assert all(re.match("(fine|look at this|cannot run) +[a-z]", line) for line in block)
    assert any(line.startswith("look at this  sizes: the log does not state how many people") for line in block)
    code, out, _ = call("check", folder / "study.toml", "--json")
    said = json.loads(out[0])
    assert [f"{one['state']:<14}{one['topic']}" for one in said["verdict"]] == [line.partition(":")[0] for line in block]


def test_one_list_of_exit_codes(call):  # noqa: F811
    text = Path(__file__).parents[1].joinpath("docs", "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|$", text, flags=re.M)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES
    _, out, _ = call("--help")
    assert [line.split(maxsplit=1) for line in out if re.match(r" +\d+ ", line)] == [[str(code), said] for code, said in EXIT_CODES.items()]


def test_python_m_tienet():
    done = subprocess.run([sys.executable, "-m", "tienet", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tienet {tn.__version__}\n"


def test_fit_tells_where_variables_are_centred(call, tmp_path):  # noqa: F811
    pd.DataFrame({"y": [1, 2, 3, 2.5, 4, 5, 6], "x": [2, 3, 5, 1, 4, 6, 7], "z": [3, 1, 2, 4, 4, 1, 7]}).to_csv(tmp_path / "d.csv")
    _, out, _ = call("fit", tmp_path / "d.csv", "--formula", "y ~ x*z")
    assert any(line.startswith("x (centred at 4.000)") for line in out)
    assert not any("centred" in line for line in call("fit", tmp_path / "d.csv", "--formula", "y ~ x*z", "--center", "none")[1])
    assert not any("centred" in line for line in call("fit", tmp_path / "d.csv", "--formula", "y ~ x + z")[1])


def test_a_control_may_have_blanks_in_its_name_or_get_another_by_a_key(call, folder):  # noqa: F811
    people = pd.read_csv(folder / "people.csv").rename(columns={"tenure": "Years in firm"})
    people.to_csv(folder / "people.csv", index=False)
    path = folder / "study.toml"
    path.write_text(path.read_text().replace('"tenure"', '"Years in firm"'))
    assert call("check", path)[0] == 0
    as_named = read_study(path).study.run()
    text = path.read_text().replace('"Years in firm"', '"years_in_firm"')
    path.write_text(f'{text}[columns.people]\nyears_in_firm = "Years in firm"\n')
    assert call("check", path)[0] == 0
    np.testing.assert_allclose(read_study(path).study.run().fit.estimate, as_named.fit.estimate, rtol=1e-12)


def test_decimal_commas_in_outcomes_and_controls(folder, study_result):  # noqa: F811
    for name, column in (("outcomes.csv", "sales_growth"), ("people.csv", "tenure")):
        table = pd.read_csv(folder / name)
        table[column] = [str(value).replace(".", ",") for value in table[column]]
        table.to_csv(folder / name, index=False, sep=";")
    path = folder / "study.toml"
    path.write_text(path.read_text().replace('["tenure"]', '["tenure", "region"]'))
    with pytest.raises(DataError, match="decimal comma; set decimal=','"):
        read_study(path).study.run()
    path.write_text('decimal = ","\n' + path.read_text())
    result = read_study(path).study.run()
    np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-9)


def test_ids_of_outcomes_follow_the_rule_of_the_study(firm, study_result):
    outcomes = firm.outcomes.assign(person=[f" Rep <{one.upper()}>" for one in firm.outcomes["person"]])
    given = {"log": firm.log, "people": firm.people, "controls": ["tenure", "region"], "no_ties": "drop"}
    with pytest.raises(DataError, match="none of the"):
        tn.Study(**given, outcomes=outcomes).run()
    result = tn.Study(**given, outcomes=outcomes, ids="address").run()
    np.testing.assert_allclose(result.fit.estimate, study_result.fit.estimate, rtol=1e-12)
    twice = pd.concat([outcomes, firm.outcomes.head(1)])
    with pytest.raises(DataError, match="1 row repeat"):
        tn.Study(**given, outcomes=twice, ids="address").run()


def test_the_help_of_init_and_the_options_of_reading(call):  # noqa: F811
    text = "\n".join(call("init", "--help")[1])
    assert "  tienet init\n" in text
    assert text.isascii()
    for command in ("read", "ties", "measures"):
        helped = "\n".join(call(command, "--help")[1])
        for option in ("column", "separator", "ids", "time-format", "timezone", "decimal", "skip", "delimiter", "encoding"):
            assert f"--{option}" in helped, (command, option)
    assert all(f"--{option}" in "\n".join(call("fit", "--help")[1]) for option in ("delimiter", "encoding"))
