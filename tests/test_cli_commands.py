"""The commands on user files: their text, tables and JSON compared with the functions behind them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from test_cli import call, folder  # noqa: F401 - fixtures
from tienet.base.errors import ArgumentError, DataError, FewClusters
from tienet.cli import session
from tienet.cli.figures import FigureKind, _drawn
from tienet.study.check import check_study

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
TIENET = Path(sys.executable).with_name("tienet")


def table(lines):
    return pd.DataFrame(list(csv.DictReader(lines)))


@pytest.fixture
def network(folder):  # noqa: F811
    return (folder / "log.csv", "--people", folder / "people.csv")


def test_ties_are_those_of_the_function(call, network, study_result, tmp_path):  # noqa: F811
    code, out, err = call("ties", *network)
    assert code == 0
    assert err.count("\n") == 1
    found, expected = table(out), study_result.ties.frame
    assert found["a"].tolist() == expected["a"].tolist()
    np.testing.assert_allclose(found["strength"].astype(float), expected["strength"], rtol=1e-12)
    code, named, _ = call("ties", *network, "-o", tmp_path / "ties.csv", "--quiet")
    assert (code, named) == (0, [str(tmp_path / "ties.csv")])
    assert (tmp_path / "ties.csv").read_text().split("\n")[:-1] == out


def test_the_rule_can_be_said(call, network, study_result):  # noqa: F811
    channel = study_result.log.channels[0]
    words = (
        "--min-interactions",
        5,
        "--half-life",
        "none",
        "--max-size",
        "none",
        "--size-weight",
        "none",
        "--reciprocal",
        "--channel",
        channel,
    )
    code, out, _ = call("ties", *network, *words, "--json")
    rule = tn.TieRule(min_interactions=5, half_life=None, max_size=None, size_weight="none", reciprocal=True, channels=(channel,))
    expected = tn.build_ties(study_result.log, study_result.people, rule=rule)
    (said,) = map(json.loads, out)
    assert code == 0
    assert said["rule"] == str(rule)
    assert said["ties"] == len(expected.a) == len(said["rows"])
    assert said["ledger"] == dict(expected.ledger.counts)


def test_measures_are_those_of_the_function(call, network, study_result):  # noqa: F811
    code, out, err = call("measures", *network, "--of", "Sales", "--toward", "marketing", "--include", "constraint", "--quiet")
    expected = tn.measure_egos(study_result.ties, of="sales", toward=["marketing"], include=["constraint"]).frame
    assert (code, err) == (0, "")
    found = table(out)
    assert list(found) == list(expected)
    for name in list(expected)[1:]:
        numbers = pd.to_numeric(found[name], errors="coerce")
        np.testing.assert_allclose(numbers, expected[name].astype(float), rtol=1e-12, equal_nan=True)


def test_own_column_names_and_exclusions(call, network, folder):  # noqa: F811
    log, people = pd.read_csv(folder / "log.csv"), pd.read_csv(folder / "people.csv")
    bot = people["person"][0]
    log.rename(columns={"source": "sender"}).to_csv(folder / "log.csv", index=False)
    people.rename(columns={"function": "dept"}).to_csv(folder / "people.csv", index=False)
    (folder / "bots.csv").write_text(f"person,reason\n{bot},bot\n")
    names = ("--column", "source=sender", "--people-column", "function=dept")
    code, out, err = call("ties", *network, *names, "--exclude", folder / "bots.csv")
    assert code == 0
    assert bot not in {*table(out)["a"], *table(out)["b"]}
    assert "excluded_person" in err
    assert bot not in err


@pytest.fixture
def cases(tmp_path, study_result):
    pd.DataFrame(dict(study_result.data)).to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path / "cases.csv"


def test_fit_is_the_fit(call, cases, study_result):  # noqa: F811
    formula = study_result.fit.model.formula
    code, out, err = call("fit", cases, "--formula", formula, "--json")
    (said,) = map(json.loads, out)
    assert code == 0
    assert said["n"] == study_result.fit.n
    assert said["missing"] == dict(study_result.fit.dropped)
    assert said["notes"] == err.split("\n")[:-1]
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose([row[name] for row in said["coefficients"]], study_result.fit.frame[name], rtol=1e-8)
    code, shown, _ = call("fit", cases, "--formula", formula)
    assert shown[0].split()[:3] == ["Term", "Estimate", "SE"]
    assert len({len(line) for line in shown}) == 1
    code, rows, _ = call("fit", cases, "--formula", formula, "-o", "-")
    assert table(rows)["term"].tolist() == list(study_result.fit.terms)


def test_fit_with_clusters_and_weights(call, cases):  # noqa: F811
    data = pd.read_csv(cases)
    data["team"], data["w"] = np.arange(len(data)) % 20, 1 + np.arange(len(data)) % 3
    data.to_csv(cases, index=False)
    words = ("--formula", "sales_growth ~ tenure", "--cluster", "team", "--covariance", "CR0", "--weights", "w", "--json", "-q")
    _, out, err = call("fit", cases, *words)
    expected = tn.Moderation("sales_growth ~ tenure", cluster="team", covariance="CR0", weights="w").fit(data)
    assert err == ""
    np.testing.assert_allclose([row["std_error"] for row in json.loads(out[0])["coefficients"]], expected.std_error, rtol=1e-8)


def test_fit_reads_the_same_formulas(call, cases):  # noqa: F811
    data = pd.read_csv(cases)
    data["Team size"] = np.array(["small", "mid", "large"])[np.arange(len(data)) % 3]
    data["tenure"] += 1
    data.to_csv(cases, index=False)
    formula = "sales_growth ~ log(tenure)*C(`Team size`, base='mid') + I(tenure**2) + tenure"
    _, out, _ = call("fit", cases, "--formula", formula, "--json", "-q")
    expected = tn.Moderation(formula).fit(data)
    assert [row["term"] for row in json.loads(out[0])["coefficients"]] == list(expected.terms)
    np.testing.assert_allclose([row["estimate"] for row in json.loads(out[0])["coefficients"]], expected.estimate, rtol=1e-8)
    code, _, err = call("fit", cases, "--formula", "sales_growth ~ tenure + (1|region)")
    assert (code, "random_intercept" in err, err.count("\n")) == (65, True, 1)


def test_check_tells_what_the_study_then_does(call, folder, study_result):  # noqa: F811
    (folder / "study.toml").write_text(
        (folder / "study.toml").read_text().replace('["tenure"]', """["tenure", "C(region, base='North')"]""")
    )
    code, out, err = call("check", folder / "study.toml")
    topics = ["files", "columns", "people", "rows", "ties", "egos", "cases", "model", "analyses", "power"]
    assert (code, err) == (0, "")
    assert [line.split(":")[0] for line in out[: len(topics)]] == topics
    each = study_result.fit.n / len(study_result.fit.terms)
    judged = [f"look at this  few cases: {each:.1f} cases" if topic == "model" else f"fine          {topic}" for topic in topics]
    assert [line[: len(said)] for line, said in zip(out[len(topics) :], ["", *judged], strict=True)] == ["", *judged]
    code, out, _ = call("check", folder / "study.toml", "--json")
    (said,) = map(json.loads, out)
    fit = study_result.fit
    assert said["ready"] is True
    assert said["model"]["terms"] == list(fit.terms)
    assert (said["cases"]["n"], said["cases"]["dropped"], said["cases"]["missing"]) == (fit.n, fit.n_dropped, dict(fit.dropped))
    assert said["model"]["k"] == len(fit.terms)
    assert (said["model"]["numbers"], said["model"]["categories"]) == (["tenure"], ["region"])
    assert said["power"]["f2"] == study_result.detectable_f2
    assert {code: rows for code, rows in said["rows"].items() if code != "rows_in"} == dict(study_result.ties.ledger.counts)
    assert said["people"]["functions"]["sales"] == study_result.cases.egos
    assert not list(folder.glob("*results*"))


def test_check_knows_nothing_of_the_outcome_but_where_it_is_missing(firm):
    def found(outcomes):
        study = tn.Study(log=firm.log, people=firm.people, outcomes=outcomes, controls=["tenure"], no_ties="drop", cluster="team")
        with pytest.warns(FewClusters):
            return list(check_study(study))

    outcomes = firm.outcomes.copy()
    first = found(outcomes)
    outcomes["sales_growth"] = -100 * outcomes["sales_growth"].to_numpy()[::-1]
    assert found(outcomes) == first
    assert [one.topic for one in first][-2:] == ["clusters", "power"]


@pytest.mark.parametrize(
    ("old", "new", "code", "words", "known"),
    [
        ('"people.csv"', '"lost.csv"', 66, "lost.csv", ["files"]),
        ('["tenure"]', '["tenure", "tenur"]', 65, "did you mean 'tenure'", ["files", "columns", "people", "rows", "ties", "egos"]),
        ('no_ties = "drop"', "", 65, 'no_ties = "drop"', ["files", "columns", "people", "rows", "ties", "egos"]),
        ('["tenure"]', '["tenure", "twice"]', 65, "linear combination", ["files", "columns", "people", "rows", "ties", "egos", "cases"]),
    ],
)
def test_check_says_what_it_found_before_the_trouble(call, folder, old, new, code, words, known):  # noqa: F811
    people = pd.read_csv(folder / "people.csv")
    people.assign(twice=2 * people["tenure"]).to_csv(folder / "people.csv", index=False)
    (folder / "study.toml").write_text((folder / "study.toml").read_text().replace(old, new))
    ended, out, err = call("check", folder / "study.toml")
    assert ended == code
    assert [line.split(":")[0] for line in out[: len(known)]] == known
    assert out[len(known) :][0] == ""
    assert {line[14:] for line in out if line.startswith("fine")} <= set(known)
    assert out[-1].startswith("cannot run    study: ")
    assert words in out[-1]
    assert words in err
    assert err.count("\n") == 1
    ended, out, _ = call("check", folder / "study.toml", "--json")
    (said,) = map(json.loads, out)
    assert (ended, said["ready"]) == (code, False)
    assert words in said["problem"]
    assert set(known) < set(said)


def test_the_floor_of_a_study_holds_in_its_figures(study_result):
    result = replace(study_result, study=replace(study_result.study, floor=40))
    names = [label.get_text() for label in _drawn(FigureKind.MATRIX, result, None).get_yticklabels()]
    assert "Other functions" in [name.replace("\n", " ") for name in names]
    ax = _drawn(FigureKind.NETWORK, result, None)
    assert not [dots for dots in ax.collections if dots.get_gid() == "people"]  # groups, because the study file does not say otherwise
    assert not [text for text in ax.texts if "Finance" in text.get_text()]
    ties = replace(study_result, study=replace(study_result.study, floor=10_000))
    rules = _drawn(FigureKind.TIE_RULES, ties, None)
    assert not np.isfinite(np.concatenate([line.get_xdata() for line in rules.get_lines()])).any()  # no mean of a hidden cell
    named = replace(result.study, people_shown="names")
    ax = _drawn(FigureKind.NETWORK, replace(result, study=named), None)
    assert sum(len(dots.get_offsets()) for dots in ax.collections if dots.get_gid() == "people") == len(result.people)
    assert {text.get_text() for text in ax.texts if text.get_gid() == "person"} == set(result.people.person)


def test_plot_writes_one_figure(call, folder):  # noqa: F811
    code, out, _ = call("plot", "interaction", folder / "study.toml", "--function", "Customer Service", "-o", folder / "fig.svg")
    assert (code, out) == (0, [str(folder / "fig.svg")])
    assert "<svg" in (folder / "fig.svg").read_text()
    code, out, _ = call("plot", "coefficients", folder / "study.toml")
    assert code == 0
    assert out[-1] == "</svg>"
    code, _, err = call("plot", "regions", folder / "study.toml", "--function", "marketng")
    assert code == 2
    assert "did you mean 'marketing'" in err


def test_study_in_json(call, folder, study_result, without_figures):  # noqa: F811
    code, out, err = call("study", folder / "study.toml", "--json", "--quiet", "--out", folder / "made")
    (said,) = map(json.loads, out)
    assert (code, err) == (0, "")
    assert said["report"] == str(folder / "made" / "report.html")
    assert said["n"] == study_result.fit.n
    assert said["egos"] == study_result.cases.egos


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("stduy",), 2, "Did you mean 'study'?"),
        (("ties", "log.csv"), 2, "--people"),
        (("ties", "log.csv", "--people", "p.csv", "-o", "x.txt"), 2, "must end in .csv"),
        (("ties", "log.csv", "--people", "p.csv", "-o", "no/such/x.csv"), 73, "its folder does not exist"),
        (("ties", "no.csv", "--people", "p.csv"), 66, "no.csv"),
        (("ties", "no.csv", "--people", "p.csv", "--max-size", "many"), 2, "many"),
        (("ties", "no.csv", "--people", "p.csv", "--size-weight", "newmann"), 2, "did you mean 'newman'"),
        (("ties", "no.csv", "--people", "p.csv", "--column", "source"), 2, "STANDARD=YOURS"),
        (
            ("ties", "no.csv", "--people", "p.csv", "--half-life", "soon"),
            2,
            "--half-life must be a duration, hours, days or weeks as '12h', '90d' or '6w'; got 'soon'",
        ),
        (("ties", "no.csv", "--people", "p.csv", "--min-interactions", "-1"), 2, "--min-interactions must be a positive number"),
        (("ties", "no.csv", "--people", "p.csv", "--size-weight", "new"), 2, "--size-weight must be one of"),
        (("fit", "no.csv", "--formula", "y ~ x"), 66, "no.csv"),
        (("fit", "no.csv", "--formula", "y ~ x", "--covariance", "HC9"), 2, "--covariance must be one of"),
        (("fit", "no.csv", "--formula", "y ~ (x"), 65, "tienet: "),
        (("check", "no.toml"), 66, "no.toml"),
        (("plot", "pie", "no.toml"), 2, "pie"),
    ],
)
def test_every_refusal_is_one_line(call, words, code, said):  # noqa: F811
    ended, out, err = call(*words)
    assert (ended, out) == (code, [])
    assert said in err
    assert err.startswith("tienet: ")
    assert err.count("\n") == 1


def test_toml_errors_name_the_line(call, tmp_path):  # noqa: F811
    (tmp_path / "study.toml").write_text('log = "log.csv"\npeople = people.csv\n')
    code, _, err = call("check", tmp_path / "study.toml")
    assert code == 65
    assert "line 2" in err


def test_interrupted_is_said(call, monkeypatch):  # noqa: F811
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("tienet.study.file.read_study", interrupted)
    assert call("study", "x.toml") == (130, [], "tienet: interrupted\n")


def test_an_interruption_that_a_library_made_its_own_error_is_still_one(call, monkeypatch):  # noqa: F811
    def swallowed(*_):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise DataError("cannot read it") from None

    monkeypatch.setattr("tienet.study.file.read_study", swallowed)
    before = signal.getsignal(signal.SIGINT)
    assert call("study", "x.toml") == (130, [], "tienet: interrupted\n")
    assert signal.getsignal(signal.SIGINT) is before


def test_every_command_has_examples_and_plain_help(call):  # noqa: F811
    for command in ("demo", "check", "study", "plot", "simulate", "read", "ties", "measures", "fit"):
        code, out, _ = call(command, "--help")
        text = "\n".join(out)
        assert code == 0
        assert f"  tienet {command} " in text or f"  tienet {command}\n" in text
        assert all(option in text for option in ("--json", "--quiet"))
        assert text.isascii()
    code, out, _ = call("--help")
    assert all(str(number) in "\n".join(out) for number in (65, 66, 70, 73, 130))
    assert call("--version")[1] == [f"tienet {tn.__version__}"]


def test_help_is_quick_and_loads_nothing_heavy():
    code = (
        "import sys, time\nfrom tienet.cli import main\nsys.argv = ['tienet', 'ties', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'duckdb', 'scipy', 'matplotlib', 'statsmodels', 'networkx', 'rich'} & set(sys.modules)\n"
        "print(time.process_time(), *heavy)"
    )
    last = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")[-2]
    assert len(last.split()) == 1, last
    assert float(last) < 0.5


def test_a_reader_may_stop_and_a_terminal_may_be_poor(network):
    """As a real process: the pipe is closed, and the locale knows no letter beyond ASCII."""
    reading, writing = os.pipe()
    os.close(reading)
    poor = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([TIENET, "ties", *network], stdout=writing, stderr=subprocess.PIPE, env=poor, check=False)
    os.close(writing)
    assert done.returncode == 0
    assert done.stderr.count(b"\n") == 1


def test_completion_knows_the_commands():
    asked = {**os.environ, "_TIENET_COMPLETE": "complete_bash", "COMP_WORDS": "tienet me", "COMP_CWORD": "1"}
    assert subprocess.run([TIENET], capture_output=True, text=True, env=asked, check=True).stdout.split() == ["measures"]


def test_json_has_no_number_that_is_none():
    said = json.loads(session._json({"a": np.float64("nan"), "b": np.array([1, 2]), "c": [np.inf, True, None], "d": Path("x")}))
    assert said == {"a": None, "b": [1, 2], "c": [None, True, None], "d": "x"}


def test_progress_is_shown_on_a_terminal_only(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    for quiet, place in ((False, io.StringIO()), (True, Terminal())):
        monkeypatch.setattr(sys, "stderr", place)
        with session.session("x", as_json=False, quiet=quiet) as say, say.progress() as tell:
            tell("counting", 0, 1)
        assert place.getvalue() == ""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with session.session("x", as_json=False, quiet=False) as say, say.progress() as tell:
        tell("counting", 0, 1)
    assert "counting" in shown.getvalue()
    assert "\x1b[3" not in shown.getvalue()  # no colour


def test_a_study_leaves_out_what_is_no_person(firm, folder):  # noqa: F811
    bot = firm.people.person[firm.people.function == "marketing"][0]
    (folder / "bots.csv").write_text(f"person,reason\n{bot},bot\n")
    path = folder / "study.toml"
    path.write_text('exclude = "bots.csv"\nweights = "w"\n' + path.read_text())
    people = pd.read_csv(folder / "people.csv")
    people.assign(w=1.0 + np.arange(len(people)) % 3).to_csv(folder / "people.csv", index=False)
    result = tn.read_study(path).study.run()
    expected = tn.build_ties(firm.log, firm.people, exclude=pd.DataFrame({"person": [bot], "reason": ["bot"]}))
    assert dict(result.ties.ledger.counts) == dict(expected.ledger.counts)
    assert bot not in result.people.person.tolist()
    data = pd.DataFrame(dict(result.data))
    by_hand = tn.Moderation(result.fit.model.formula, weights="w").fit(data)
    np.testing.assert_allclose(by_hand.estimate, result.fit.estimate, rtol=1e-12)
    assert set(data["w"]) == {1.0, 2.0, 3.0}


def test_a_wrong_exclusion_is_refused(folder):  # noqa: F811
    path = folder / "study.toml"
    before = path.read_text()
    path.write_text("exclude = 3\n" + before)
    with pytest.raises(ArgumentError, match="exclude must be a path"):
        tn.read_study(path)
    (folder / "bots.csv").write_text("person,why\nx,bot\n")
    path.write_text('exclude = "bots.csv"\n' + before)
    with pytest.raises(DataError, match="has no column 'reason'"):
        tn.read_study(path).study.run()
