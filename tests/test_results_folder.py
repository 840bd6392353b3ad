"""What a run writes: which files, the same bytes each time, nothing of people or places in them, and nothing of the user's lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
import zipfile
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import tienet as tn
from chromium import executable
from tienet.base.bibliography import bibtex, full_reference, works_known
from tienet.base.errors import ArgumentError, FilesKept, InputNotFound, NotPrinted, OutputError
from tienet.base.references import REFERENCES
from tienet.base.writing import write_csv, write_text
from tienet.cli.app import main
from tienet.output.tables.word import to_docx
from tienet.study.origin.keys import fingerprint, read_key, write_key
from tienet.study.page.material import material_of
from tienet.study.results import browser, drawings, folder, saving
from tienet.study.results.record import RunAsked
from tienet.study.results.tabling import descriptives_grid, paper_grid

MARK = "zq7x"  # in the id of everyone, and in no word of ours
STUDY = """\
log = "inputs/log.csv"
people = "inputs/people.csv"
outcomes = "inputs/outcomes.csv"
functions = ["marketing"]
controls = ["tenure"]
no_ties = "drop"
outcome_unit = "percentage points"

[labels]
tenure = "years with the firm"

[report]
title = "A small <firm> & co"
people = "pseudonyms"
key = "firm.key"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the files of a small firm, a study file and a key."""
    here = tmp_path_factory.mktemp("anna_schmidt")
    firm = tn.simulate_firm(n_people=100, seed=4)
    (here / "inputs").mkdir()
    log, people, outcomes = firm.interactions, firm.people.frame, firm.outcomes
    people["function"] = people["function"].map(firm.people.labels)
    for table, columns in ((log, ["source", "target"]), (people, ["person"]), (outcomes, ["person"])):
        for column in columns:
            table[column] = MARK + table[column].astype(str)
    for name, table in (("log", log), ("people", people), ("outcomes", outcomes)):
        table.to_csv(here / "inputs" / f"{name}.csv", index=False)
    (here / "study.toml").write_text(STUDY)
    write_key(here / "firm.key")
    return here


@pytest.fixture(scope="module")
def few_figures():
    """Only the first: each kind of figure has tests of its own, and all of them take long."""
    every = drawings.figures_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawings, "figures_of", lambda material: islice(every(material), 1))
        yield


@pytest.fixture(scope="module")
def result(place):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tn.TienetWarning)
        return tn.read_study(place / "study.toml").study.run()


@pytest.fixture(scope="module")
def material(result):
    return material_of(result)


@pytest.fixture(scope="module")
def saved(place, result, material, few_figures):
    """The results twice, the second time over an older result with files of its own."""
    asked = RunAsked("tienet study study.toml", (place / "study.toml").read_bytes())
    first, second = place / "first", place / "second"
    older = {"report.html": "old", "tables/gone.csv": "a\n1\n", "tables/edited.csv": "a\n2\n"}
    for name, text in older.items():
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text(text)
    listed = [{"name": name, "sha256": hashlib.sha256(text.encode()).hexdigest()} for name, text in older.items()]
    (second / "provenance.json").write_text(json.dumps({"outputs": listed}))
    (second / "tables" / "edited.csv").write_text("my own\n")
    (second / "references.bib").write_text("my own works\n")
    (second / "notes.txt").write_text("mine\n")
    saving.save_study(result, first, asked=asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving, "material_of", lambda _: material)  # made apart from that of the first
        with pytest.warns(FilesKept, match=r"references\.bib"):
            saving.save_study(result, second, asked=asked)
    return first, second


def files(place):
    return {one.relative_to(place).as_posix(): one.read_bytes() for one in place.rglob("*") if one.is_file()}


def record(place):
    return json.loads((place / "provenance.json").read_text())


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def test_the_folder_holds_what_is_promised(saved, result):
    found = set(files(saved[0]))
    assert {"report.html", "summary.md", "provenance.json", "study.toml", "methods.md", "references.bib", "tables/README.md"} <= found
    endings = {f"tables/{name}.{ending}" for name in ("paper", "descriptives") for ending in ("docx", "tex", "html", "md")}
    endings |= {f"figures/interactions.{ending}" for ending in ("svg", "png", "pdf")}
    assert endings <= found
    assert {"tables/coefficients.csv", "tables/ledger.csv", "tables/slopes_marketing.csv"} <= found
    assert not [name for name in found if "tienet-" in name or name.startswith(".")]


def test_the_same_inputs_and_key_give_the_same_bytes(saved):
    first, second = map(files, saved)
    common = set(first) - {"provenance.json"}
    assert {name: second[name] for name in common} == {name: first[name] for name in common}
    one, other = map(record, saved)
    assert set(one) == set(other)
    assert {name: one[name] for name in one if name != "created"} == {name: other[name] for name in other if name != "created"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one["created"])


def test_files_of_the_older_result_go_and_those_of_the_user_stay(saved):
    second = files(saved[1])
    assert "tables/gone.csv" not in second
    assert second["tables/edited.csv"] == b"my own\n"
    assert second["references.kept.bib"] == b"my own works\n"
    assert second["notes.txt"] == b"mine\n"
    assert second["report.html"] != b"old"
    assert "report.kept.html" not in second


def test_no_id_and_no_path_is_in_any_file(saved, place):
    for name, content in files(saved[0]).items():
        texts = [content]
        if name.endswith(".docx"):
            with zipfile.ZipFile(saved[0] / name) as archive:
                texts = [archive.read(one) for one in archive.namelist()]
        for text in texts:
            assert MARK.encode() not in text, name
            assert b"anna_schmidt" not in text, name
            assert name == "study.toml" or b"inputs/" not in text, name


def test_the_record_tells_what_others_need(saved, place, result):
    found = record(saved[0])
    assert list(found) == [
        *("tienet", "python", "packages", "platform", "command", "study", "inputs", "seeds", "key_fingerprint", "outputs", "created")
    ]
    assert found["tienet"] == tn.__version__
    assert set(found["packages"]) == {"numpy", "scipy", "pandas", "duckdb", "narwhals", "matplotlib", "statsmodels"}
    assert found["packages"]["numpy"] == np.__version__
    for one in found["inputs"]:
        path = place / "inputs" / one["name"]
        content = path.read_bytes()
        assert one == {"name": path.name, "sha256": sha256(content), "bytes": len(content), "rows": content.count(b"\n") - 1}
    assert [one["name"] for one in found["inputs"]] == ["log.csv", "people.csv", "outcomes.csv"]
    outputs = {one["name"]: one["sha256"] for one in found["outputs"]}
    assert outputs == {name: sha256(content) for name, content in files(saved[0]).items() if name != "provenance.json"}
    key = (place / "firm.key").read_bytes()
    assert found["key_fingerprint"] == hashlib.blake2b(key, digest_size=4).hexdigest()
    assert key.hex() not in json.dumps(found)
    assert found["study"]["rule"]["min_interactions"] == 3
    assert found["study"]["covariance"] == "HC3"
    assert "key" not in found["study"]
    assert found["command"] == "tienet study study.toml"


def test_the_study_file_is_copied_as_read(saved):
    assert (saved[0] / "study.toml").read_bytes() == STUDY.encode()


def test_the_summary_says_what_the_page_says(saved, result, material):
    text = (saved[0] / "summary.md").read_text()
    assert text.startswith("# A small \\<firm\\> & co\n")
    (card,) = material.cards
    assert f"p = {card.difference.p_value:.3f}".replace("0.", ".", 1)[:5] in text or "p < .001" in text
    assert f"- Difference: {card.difference.estimate:+.2f}".replace("-0", "−0").replace(": -", ": −") in text
    assert "see which" not in text
    assert " ." not in text.replace("= .", "").replace("< .", "").replace("> .", "")


def test_the_tables_of_the_paper_are_the_steps_of_the_page(saved, result, material):
    tables = saved[0] / "tables"
    grid = paper_grid(material)
    assert grid.header == ("", "1 Controls", "2 Ties", "3 Squares", "4 Products")
    markdown = (tables / "paper.md").read_text()
    for term, estimate in zip(result.fit.terms, result.fit.estimate, strict=True):
        assert f"{abs(estimate):.3f}" in markdown, term
    assert "Years with the firm" in markdown
    assert "Total ties to Marketing" in markdown
    assert (tables / "paper.html").read_text().startswith("<!doctype html>")
    assert r"\begin{tabular}" in (tables / "paper.tex").read_text()
    means = [f"{variable.mean:.3f}" for variable in map(result.fit.polynomial.variable, result.fit.variables)]
    assert "centred at their means" in markdown
    assert not any(mean in markdown.partition("*Note.*")[2] for mean in means)  # times n, the number of ties of a hidden cell


def test_word_reads_the_tables(saved, result, material):
    docx = pytest.importorskip("docx")
    grid = descriptives_grid(material)
    (table,) = docx.Document(str(saved[0] / "tables" / "descriptives.docx")).tables
    assert tuple(cell.text for cell in table.rows[0].cells) == grid.header
    assert {"Min", "Max"}.isdisjoint(grid.header)
    assert [tuple(cell.text for cell in row.cells) for row in table.rows[1:]] == list(grid.rows)


def test_the_list_of_tables_has_a_line_for_each(saved):
    lines = (saved[0] / "tables" / "README.md").read_text().splitlines()
    told = dict(re.fullmatch(r"- `(.+)`: (.+)", line).groups() for line in lines if line.startswith("- "))
    assert set(told) == {one.name for one in (saved[0] / "tables").iterdir()} - {"README.md"}
    assert all(said.endswith(".") and len(said) > 12 for said in told.values())


def test_references_have_titles_and_those_of_articles_a_doi(saved):
    text = (saved[0] / "references.bib").read_text()
    heads = re.findall(r"^@(\w+)\{(\w+),$", text, re.MULTILINE)
    assert text.count("\n  title = {") == len(heads)
    assert {"white_1980", "claro_ramos_2018", "gelman_stern_2006", "aiken_west_1991"} & {key for _, key in heads}
    assert text.count("{") == text.count("}")
    methods = (saved[0] / "methods.md").read_text()
    assert "https://doi.org/10.1198/000313006X152649" in methods


def test_each_entry_is_the_work_of_its_key():
    for key in works_known():
        line = full_reference(key)
        year, name = re.search(r"\d{4}$", key)[0], re.match(r"[^,]+", REFERENCES[key])[0]
        assert f"({year})" in line, key
        assert line.startswith(name), key
        numbers = re.findall(r"\d+-\d+|e\d{5}|\d{6}", REFERENCES[key].partition(f"({year})")[2])
        assert all(number in line for number in numbers), key
    assert len(re.findall(r"^  doi = ", bibtex(works_known()), re.MULTILINE)) >= 0.8 * len(works_known())


def test_a_study_made_in_python_leaves_a_study_file_that_says_the_same(place, result, tmp_path):
    from tienet.study.origin.inputs import inputs_of
    from tienet.study.results.settings import settings_of, study_file_of

    for name in ("log", "people", "outcomes"):
        shutil.copy(place / "inputs" / f"{name}.csv", tmp_path)
    (tmp_path / "study.toml").write_text(study_file_of(result, inputs_of(result)))
    again = tn.read_study(tmp_path / "study.toml").study
    assert settings_of(
        type(result)(**{name: getattr(result, name) for name in result.__dataclass_fields__} | {"study": again})
    ) == settings_of(result)


def test_a_study_of_frames_says_so(firm, study_result):
    from tienet.study.origin.inputs import inputs_of
    from tienet.study.results.settings import study_file_of

    inputs = inputs_of(study_result)
    assert [(one.table, one.sha256) for one in inputs] == [("log", None), ("people", None), ("outcomes", None)]
    assert inputs[0].rows == firm.log.ledger.rows_in
    told = tomllib.loads(study_file_of(study_result, inputs))
    assert "log" not in told
    assert told["controls"] == ["tenure", "region"]


def test_a_folder_of_files_has_the_hash_that_sha256sum_gives(place, result, tmp_path):
    from tienet.study.origin.inputs import _of_path

    logs = tmp_path / "logs"
    (logs / "b").mkdir(parents=True)
    (logs / "b" / "one.csv").write_text("1\n")
    (logs / "a.csv").write_text("22\n")
    (found,) = _of_path("log", logs, 3)
    lines = "".join(f"{sha256(text)}  ./{name}\n" for name, text in (("a.csv", b"22\n"), ("b/one.csv", b"1\n")))
    assert (found.name, found.size, found.rows) == ("logs", 5, 3)
    assert found.sha256 == sha256(lines.encode())


# The folder as such.


def write_run(place, **texts):
    """A run that writes these files, as `save_study` does."""
    with folder.replacing(place) as part:
        for name, text in texts.items():
            write_text(part / name, text)
        outputs = [{"name": name, "sha256": folder.hash_of(part / name)} for name in folder.names_in(part)]
        write_text(part / folder.RECORD, json.dumps({"outputs": outputs}))


def test_a_run_that_fails_leaves_everything_as_it_was(tmp_path):
    place = tmp_path / "results"
    write_run(place, a="1")
    before = files(place)

    def stopped(kind):
        with folder.replacing(place) as part:
            write_text(part / "a", "2")
            raise kind

    for kind in (KeyboardInterrupt, MemoryError):
        with pytest.raises(kind):
            stopped(kind)
    assert files(place) == before
    with pytest.raises(ZeroDivisionError), folder.replacing(tmp_path / "new" / "deep"):
        raise ZeroDivisionError
    assert not (tmp_path / "new").exists()


def test_a_run_that_was_killed_while_it_moved_its_files_is_put_right_by_the_next(tmp_path, monkeypatch):
    place = tmp_path / "results"
    write_run(place, a="1", b="1")
    # As a kill leaves it: one file is new, the record is old, and the turn is not given back.
    (place / "a").write_text("2")
    (place / folder._TURN).mkdir()
    (place / folder._TURN / folder.RECORD).write_text(json.dumps({"outputs": [{"name": "a", "sha256": sha256(b"2")}]}))
    monkeypatch.setattr(folder, "_PATIENCE", 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_run(place, a="3")
    assert set(files(place)) == {"a", folder.RECORD}
    assert files(place)["a"] == b"3"


def test_two_runs_at_once_leave_one_of_them_whole(tmp_path):
    def runs(who):
        for _ in range(10):
            write_run(tmp_path, **{f"f{n}": who for n in range(20)})

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # as that a file is kept
        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(runs, "ab")) == [None, None]
    assert len({content for name, content in files(tmp_path).items() if name != folder.RECORD}) == 1
    assert len(files(tmp_path)) == 21


def test_a_record_cannot_make_a_run_remove_files_elsewhere(tmp_path):
    victim = tmp_path / "mine.txt"
    victim.write_text("mine")
    place = tmp_path / "results"
    place.mkdir()
    names = ("../mine.txt", str(victim), "a/b/../../../mine.txt")
    (place / folder.RECORD).write_text(json.dumps({"outputs": [{"name": name, "sha256": sha256(b"mine")} for name in names]}))
    write_run(place, a="1")
    assert victim.read_text() == "mine"
    for broken in ("", "[]", '{"outputs": [1]}', '{"outputs": {}}'):
        (place / folder.RECORD).write_text(broken)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FilesKept)
            write_run(place, a="1")
        assert (place / "a").read_text() == "1"


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"):
        folder.refuse_folder(tmp_path / "file" / "results")
    folder.refuse_folder(tmp_path / "new" / "results")
    assert not (tmp_path / "new").exists()


# Single files.


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = write_text(tmp_path / "table.csv", "old\n")

    class Broken:
        def tolist(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_csv(path, {"a": Broken()})
    assert path.read_text() == "old\n"

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="no space left on device"):
        write_text(path, "new\n")
    assert [one.name for one in tmp_path.iterdir()] == ["table.csv"]
    assert path.read_text() == "old\n"


@pytest.mark.skipif(os.name == "nt", reason="no links and modes")
def test_a_link_stays_a_link_and_a_mode_stays_the_mode(tmp_path):
    path = write_text(tmp_path / "real.csv", "old\n")
    path.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    assert write_text(link, "new\n") == link
    assert link.is_symlink()
    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_word_document_has_no_time_of_writing(tmp_path, monkeypatch):
    pytest.importorskip("docx")
    grid = tn.descriptives({"x": [1.0, 2.0, 4.0], "y": [2.0, 1.0, 3.0]}, ["x", "y"]).grid
    with zipfile.ZipFile(to_docx(grid, tmp_path / "a.docx")) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


# The key.


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_a_key_is_for_its_owner_alone_and_never_written_over(tmp_path, capsys, monkeypatch):
    path = tmp_path / "firm.key"
    monkeypatch.setattr(sys, "argv", ["tienet", "key", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    key = path.read_bytes()
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert fingerprint(key) in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 73
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "exists already" in said
    assert path.read_bytes() == key


def test_a_key_file_that_is_none_is_one_line(tmp_path):
    with pytest.raises(InputNotFound, match=r"tienet key no\.key"):
        read_key(tmp_path / "no.key")
    for content in (b"", bytes(31), bytes(65)):
        (tmp_path / "bad.key").write_bytes(content)
        with pytest.raises(ArgumentError, match="must hold 32 to 64 secret bytes"):
            read_key(tmp_path / "bad.key")
    assert read_key(bytes(32)) == bytes(32)
    assert read_key(None) is None


# The command.


def run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["tienet", *map(str, words)])
    with warnings.catch_warnings(), pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code, *capsys.readouterr()


def test_the_command_says_in_one_line_what_it_wrote_and_without_a_browser_writes_the_rest(
    place, result, material, few_figures, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(saving, "material_of", lambda _: material)
    monkeypatch.setattr(type(result.study), "run", lambda *_, **__: result)
    monkeypatch.setattr(browser, "find_browser", lambda: None)
    code, out, err = run(monkeypatch, capsys, "study", place / "study.toml", "--out", tmp_path / "r", "--pdf", "--key", place / "firm.key")
    assert code == 73
    assert out.count("\n") == 1
    assert str(tmp_path / "r" / "report.html") in out
    assert "report.pdf was not made" in err.splitlines()[-1]
    found = record(tmp_path / "r")
    assert found["command"] == "tienet study study.toml --key firm.key --pdf"
    assert "report.pdf" not in files(tmp_path / "r")
    assert not [one for one in (tmp_path / "r").iterdir() if one.name.startswith(".")]


def test_a_key_that_is_missing_stops_the_command_before_the_work(place, tmp_path, monkeypatch, capsys):
    code, out, err = run(monkeypatch, capsys, "study", place / "study.toml", "--out", tmp_path / "r", "--key", tmp_path / "no.key")
    assert (code, out, err.count("\n")) == (66, "", 1)
    assert not (tmp_path / "r").exists()


def test_dates_leave_a_pdf_at_the_same_length():
    for content in (b"/CreationDate (D:20261130100304+00'00')\n/ModDate (D:20261130100304Z)", b"/ID [<00FFab><12>]", b"no date"):
        made = browser.undated(content)
        assert len(made) == len(content)
        assert b"2026" not in made
        assert browser.undated(made) == made
    assert b"FF" not in browser.undated(b"/ID [<00FFab><12>]")


@pytest.mark.sweep
@pytest.mark.skipif(executable() is None, reason="no chromium on this machine")
def test_the_whole_command_gives_the_same_bytes_in_two_processes(place, tmp_path):
    """All figures and report.pdf among them; sets and dictionaries of text come in another order in each process."""
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "tienet", "study", place / "study.toml", "--out", tmp_path / seed, "--pdf", "--quiet"]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed}, stdout=subprocess.DEVNULL)
    first, second = files(tmp_path / "1"), files(tmp_path / "2")
    assert {"report.pdf", "figures/ties.pdf", "figures/map_marketing.png"} <= set(first)
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] in ([], ["provenance.json"])
    dated = [json.loads(one["provenance.json"]) | {"created": ""} for one in (first, second)]
    assert dated[0] == dated[1]


def test_a_browser_that_fails_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "find_browser", lambda: sys.executable)
    with pytest.raises(NotPrinted, match=r"report\.pdf was not made"):
        browser.print_page(tmp_path / "page.html", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


def test_python_m_is_the_command_and_versions_are_told(capsys):
    done = subprocess.run([sys.executable, "-m", "tienet", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"tienet {tn.__version__}\n"
    tn.show_versions()
    out = capsys.readouterr().out
    assert out.startswith("tienet ")
    assert re.search(rf"^numpy +{re.escape(np.__version__)}$", out, re.MULTILINE)
