"""The command as typed: its output, its messages and its exit codes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import tienet as tn
from tienet import cli
from tienet.cli.session import labelled

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")


def run(monkeypatch, capsys, *words):
    """Exit code, stdout lines and stderr of one call."""
    monkeypatch.setattr(sys, "argv", ["tienet", *map(str, words)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return ended.value.code or 0, out.split("\n")[:-1], err


@pytest.fixture
def call(monkeypatch, capsys):
    return lambda *words: run(monkeypatch, capsys, *words)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as a real process, once."""
    folder = tmp_path_factory.mktemp("demo") / "out"
    tienet = Path(sys.executable).with_name("tienet")
    done = subprocess.run([tienet, "demo", "--out", folder, "--people", "240"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_demo_writes_what_it_names(demo):
    folder, done = demo
    assert done.stdout.startswith(f"{folder / 'report.html'}, with ")
    assert done.stdout.count("\n") == 1
    assert (folder / "report.html").stat().st_size > 10_000
    for name in re.findall(r"\w+\.(?:md|bib|toml|json)", done.stdout):
        assert (folder / name).is_file(), name
    figures, tables = ({path.name for path in (folder / name).iterdir() if path.stat().st_size > 0} for name in ("figures", "tables"))
    assert f"{len(figures) // 3} figures, {len({Path(name).stem for name in tables}) - 1} tables" in done.stdout
    assert {"interaction_marketing.svg", "interaction_customer_service.png", "floodlight_marketing.svg"} <= figures
    assert {"coefficients.csv", "steps.csv", "ledger.csv", "regions_marketing.csv"} <= tables
    described = pd.read_csv(folder / "tables" / "descriptives.csv").columns
    assert not {"low", "high"} & set(described)  # the smallest and the largest value are one person's
    assert "Traceback" not in done.stderr


@pytest.mark.sweep
def test_simulate_writes_the_demos_firm_whose_study_gives_the_demo_again(demo, call, tmp_path, monkeypatch):
    monkeypatch.setattr("tienet.study.page.questions.DRAWS", 1000)  # as the demo, which ran in a process of its own
    folder, _ = demo
    code, out, _ = call("simulate", "--out", tmp_path / "firm", "--people", 240, "--seed", 1)
    assert code == 0
    assert out == [str(tmp_path / "firm" / "study.toml")]
    firm = tn.simulate_firm(240, seed=1)
    people = pd.read_csv(tmp_path / "firm" / "data" / "people.csv")
    assert people["person"].tolist() == firm.people.person.tolist()
    # Both commands write one study file, but for the folder of the results, and one set of data: one run is the run of either.
    texts = [(place / "study.toml").read_text() for place in (tmp_path / "firm", folder)]
    assert texts[0].replace('folder = "results"', 'folder = "."') == texts[1]
    for table in (folder / "data").iterdir():
        assert (tmp_path / "firm" / "data" / table.name).read_bytes() == table.read_bytes()
    code, out, err = call("study", out[0])
    assert code == 0
    assert "sales_growth in" in err
    again = tmp_path / "firm" / "results"
    for name in ("coefficients.csv", "steps.csv", "ledger.csv", "regions_marketing.csv"):
        assert (again / "tables" / name).read_text() == (folder / "tables" / name).read_text()
    # Pseudonyms, and with them the picture of the network, are new on every page.
    pages = [
        re.sub(r'<section id="network".*?</section>|<script.*?</script>', "", (place / "report.html").read_text(), flags=re.S)
        for place in (again, folder)
    ]
    assert pages[0] == pages[1]


def test_help_and_usage(call):
    assert call("--help")[0] == 0
    assert call("stduy")[0] == 2
    assert call("demo", "--people", "5")[0] == 2
    assert call()[0] in (0, 2)  # nothing asked: the help


@pytest.fixture
def folder(own_tables):
    text = 'log = "log.csv"\npeople = "people.csv"\noutcomes = "outcomes.csv"\ncontrols = ["tenure"]\nno_ties = "drop"\n'
    (own_tables / "study.toml").write_text(text)
    return own_tables


def spoil(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("study.toml", '"log.csv"', '"lost.csv"', 66, "lost.csv"),
        ("study.toml", "no_ties", "noties", 65, "did you mean 'no_ties'"),
        ("study.toml", "[", "{", 65, "not valid TOML"),
        ("log.csv", "source", "sauce", 65, "has no column 'source'; did you mean 'sauce'"),
        ("people.csv", "function", "functon", 65, "has no column 'function'; did you mean 'functon'"),
        ("outcomes.csv", "sales_growth", "growth", 65, "'sales_growth'"),
    ],
)
def test_trouble_is_one_line_and_an_exit_code(folder, call, file, old, new, code, words):
    spoil(folder / file, old, new)
    ended, out, err = call("study", folder / "study.toml")
    assert ended == code
    assert out == []
    assert words in err
    assert err.count("\n") == 1


def test_empty_files_and_missing_study(folder, call):
    (folder / "log.csv").write_text("")
    assert call("study", folder / "study.toml")[::2] == (65, "tienet: log.csv has no usable row: the file is empty\n")
    (folder / "log.csv").write_text("source,target,time\n")
    ended, _, err = call("study", folder / "study.toml")
    assert ended == 65
    assert "the table is empty" in err
    ended, _, err = call("study", folder / "nothing.toml")
    assert ended == 66
    assert "nothing.toml" in err


def test_a_place_that_cannot_be_written_to(folder, call, tmp_path):
    (tmp_path / "file").write_text("")
    for words in (
        ("study", folder / "study.toml", "--out", tmp_path / "file" / "x"),
        ("simulate", "--out", tmp_path / "file"),
        ("demo", "--out", tmp_path / "file"),
    ):
        ended, _, err = call(*words)
        assert ended == 73
        assert "cannot write" in err
        assert err.count("tienet:") == 1


def test_rejected_rows_are_noted_and_not_fatal(folder, call, without_figures):
    spoil(folder / "log.csv", "\n", "\n,,,,,\n")
    ended, _, err = call("study", folder / "study.toml")
    assert ended == 0
    assert "note: log.csv: 1 of" in err
    assert "log.csv:2 missing_source" in err


def test_an_internal_error_shows_no_stack(call, monkeypatch):
    def broken(*_):
        raise RuntimeError("odd")

    monkeypatch.setattr("tienet.study.file.read_study", broken)
    ended, _, err = call("study", "x.toml")
    assert ended == 70
    assert "internal error (RuntimeError: odd)" in err


def test_lines_of_a_check_go_on_below_their_text_on_a_terminal():
    lines = labelled("ids:      ", "one two three four five six seven", width=30).splitlines()
    assert lines[0].startswith("ids:      one")
    assert len(lines) > 1
    assert all(line[:10].isspace() and line[10] != " " and len(line) <= 30 for line in lines[1:])
    assert labelled("ids:      ", "one two three", width=10) == "ids:      one two three"
