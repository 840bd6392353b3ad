"""`tienet init`: which tables and columns are recognised, what the study file says, and that it runs."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from test_cli import call  # noqa: F401 - a fixture
from tienet.base.errors import DataError, InputNotFound
from tienet.study.proposal.log_roles import log_roles
from tienet.study.proposal.looking import encoding_of, look
from tienet.study.proposal.patterns import PATTERNS, reading_patterns, times_written
from tienet.study.proposal.proposing import propose
from tienet.study.proposal.study_text import study_text
from tienet.study.proposal.vocabulary import COLUMNS, FUNCTIONS, kind_of_function, likeness, plain

pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
PEOPLE = [f"p{place:02d}" for place in range(40)]
ENGLISH = ("Sales", "Marketing", "Customer Support", "Finance")


def mail(person):
    return f"{person}@firm.example"


def write(folder, name, header, rows, *, sep=",", encoding="utf-8"):
    """A CSV file in which every cell with a sign of CSV is quoted."""
    lines = [sep.join(f'"{cell}"' if set(str(cell)) & set(';,"\t') else str(cell) for cell in row) for row in (header, *rows)]
    (folder / name).write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))


def pairs(count=300, seed=1):
    rng = np.random.default_rng(seed)
    return [tuple(PEOPLE[place] for place in rng.choice(len(PEOPLE), 3, replace=False)) for _ in range(count)]


def roster(folder, names=("person", "function"), labels=ENGLISH, spelled=mail, **how):
    write(folder, "people.csv", names, [(spelled(person), labels[place % 4]) for place, person in enumerate(PEOPLE)], **how)


def proposed(folder):
    """The proposal, and its file as a dictionary."""
    tables, _ = look([folder])
    proposal = propose(tables)
    return proposal, tomllib.loads(study_text(proposal, folder))


def test_standard_names_need_no_mapping(tmp_path):
    write(tmp_path, "log.csv", ("source", "target", "time"), [(mail(a), mail(b), "2025-01-02 10:00") for a, b, _ in pairs()])
    roster(tmp_path)
    write(tmp_path, "outcomes.csv", ("person", "sales_growth"), [(mail(person), k / 7) for k, person in enumerate(PEOPLE[::4])])
    proposal, file = proposed(tmp_path)
    assert {name: file[name] for name in ("log", "people", "outcomes")} == {
        "log": "log.csv",
        "people": "people.csv",
        "outcomes": "outcomes.csv",
    }
    assert (file["outcome"], file["of"], file["functions"]) == ("sales_growth", "Sales", ["Marketing", "Customer Support"])
    assert not {"columns", "separator", "ids", "time_format", "encoding", "decimal", "aliases"} & set(file)
    assert [line.key for line in proposal.lines if not line.sure] == ["no_ties", "timezone"]


@pytest.mark.parametrize(
    ("header", "labels", "outcome", "of", "functions"),
    [
        (("From: (Address)", "To: (Address)", "Date"), ENGLISH, "Quota attainment", "Sales", ["Marketing", "Customer Support"]),
        (
            ("Von: (Adresse)", "An: (Adresse)", "Gesendet"),
            ("Vertrieb", "Marketing", "Kundendienst", "Personal"),
            "Umsatz",
            "Vertrieb",
            ["Marketing", "Kundendienst"],
        ),
        (
            ("Expéditeur", "Destinataires", "Envoyé le"),
            ("Ventes", "Marketing", "Service client", "RH"),
            "Chiffre d'affaires",
            "Ventes",
            ["Marketing", "Service client"],
        ),
        (
            ("Remitente", "Destinatario", "Fecha de envío"),
            ("Ventas", "Mercadotecnia", "Atención al cliente", "Finanzas"),
            "Ventas",
            "Ventas",
            ["Mercadotecnia", "Atención al cliente"],
        ),
    ],
)
def test_names_in_four_languages(tmp_path, header, labels, outcome, of, functions):
    write(tmp_path, "a.csv", (*header, "X"), [(mail(a), mail(b), "13.02.2025 09:15", "x") for a, b, _ in pairs()])
    roster(tmp_path, labels=labels)
    write(tmp_path, "c.csv", ("person", "tenure", outcome), [(mail(person), k, 10 * k) for k, person in enumerate(PEOPLE[::4], 1)])
    _, file = proposed(tmp_path)
    assert [file["columns"]["log"][name] for name in ("source", "target", "time")] == list(header)
    assert (file["of"], file["functions"], file["time_format"]) == (of, functions, "%d.%m.%Y %H:%M")
    assert file["columns"].get("outcomes", {}).get(file["outcome"], file["outcome"]) == outcome
    assert file["outcome"].isidentifier()


def test_recipients_in_cells_and_in_copy(tmp_path):
    rows = [(a, mail(a), f"{mail(b)};{mail(c)}", mail(c), "02/28/2025 3:05 PM") for a, b, c in pairs()]
    write(tmp_path, "mail.csv", ("From: (Name)", "From: (Address)", "To: (Address)", "CC: (Address)", "Sent"), rows)
    roster(tmp_path)
    _, file = proposed(tmp_path)
    assert file["columns"]["log"]["target"] == ["To: (Address)", "CC: (Address)"]
    assert (file["separator"], file["time_format"]) == (";", "%m/%d/%Y %I:%M %p")


def test_day_and_hour_in_two_columns(tmp_path):
    rows = [(mail(a), mail(b), "28/02/2025", "15:05:00") for a, b, _ in pairs()]
    write(tmp_path, "calendar.csv", ("Organizer", "Required Attendees", "Start Date", "Start Time"), rows)
    roster(tmp_path)
    _, file = proposed(tmp_path)
    assert file["columns"]["log"]["time"] == ["Start Date", "Start Time"]
    assert file["time_format"] == "%d/%m/%Y %H:%M:%S"


def test_lines_above_a_table_are_passed_over(tmp_path):
    rows = [(mail(a), f"{mail(b)}; {mail(c)}", "2025-02-28 15:05") for a, b, c in pairs()]
    write(tmp_path, "calls.csv", ("Absender", "Empfänger", "Datum"), rows, sep=";")
    above = "Auswertung der Telefonanlage\nStand: 1. März 2025, 10 Uhr\n\n".encode()
    (tmp_path / "calls.csv").write_bytes(above + (tmp_path / "calls.csv").read_bytes())
    roster(tmp_path)
    _, file = proposed(tmp_path)
    assert file["columns"]["log"] == {"source": "Absender", "target": "Empfänger", "time": "Datum"}
    assert file["separator"] == ";"
    log = tn.read_log(tmp_path / "calls.csv", columns=file["columns"]["log"], separator=";")
    assert (log.ledger.used, log.ledger.rejected) == (300, 0)


def test_a_row_per_person_and_event(tmp_path):
    rows = [(f"m{place // 3}", mail(PEOPLE[place * 7 % 40]), f"2025-01-{1 + place // 3 % 28:02d} 10:00") for place in range(300)]
    write(tmp_path, "meetings.csv", ("Meeting ID", "Attendee", "Start"), rows)
    roster(tmp_path)
    _, file = proposed(tmp_path)
    assert file["columns"]["log"] == {"source": "Attendee", "time": "Start", "event": "Meeting ID"}


def test_columns_without_names_that_say_anything_are_recognised_by_their_values(tmp_path):
    write(tmp_path, "l.csv", ("a", "b", "c"), [(a, b, "2025-02-03T10:00:00Z") for a, b, _ in pairs()], sep="\t")
    write(tmp_path, "q.csv", ("x", "y", "z"), [(person, ENGLISH[place % 4], place) for place, person in enumerate(PEOPLE)], sep="\t")
    proposal, file = proposed(tmp_path)
    assert (file["log"], file["people"]) == ("l.csv", "q.csv")
    assert file["columns"]["log"] == {"source": "a", "target": "b", "time": "c"}
    assert file["columns"]["people"] == {"person": "x", "function": "y"}
    assert "timezone" not in file
    assert {line.key for line in proposal.lines if not line.sure} >= {"log", "source", "target"}


def test_the_rule_for_ids_is_the_strictest_that_matches(tmp_path):
    spellings = {"exact": mail, "trim": lambda person: f"{mail(person)}\u00a0", "address": lambda person: f"Ann <{mail(person).upper()}>"}
    for rule, spelled in spellings.items():
        folder = tmp_path / rule
        folder.mkdir()
        write(folder, "log.csv", ("source", "target", "time"), [(spelled(a), spelled(b), "2025-01-02") for a, b, _ in pairs()])
        roster(folder)
        assert proposed(folder)[1].get("ids", "exact") == rule


def test_outcomes_by_employee_number_and_a_log_by_mail_address_meet_in_the_roster(tmp_path):
    write(tmp_path, "log.csv", ("source", "target", "time"), [(mail(a), mail(b), "2025-01-02") for a, b, _ in pairs()])
    rows = [(f"{place:05d}", mail(person), ENGLISH[place % 4]) for place, person in enumerate(PEOPLE)]
    write(tmp_path, "staff.csv", ("Employee number", "Email", "Department"), rows)
    write(tmp_path, "targets.csv", ("No", "Year", "Growth"), [(f"{place:05d}", 2025, f"{place / 8:.3f}") for place in range(0, 40, 4)])
    _, file = proposed(tmp_path)
    assert file["aliases"] == "Email"
    assert file["columns"]["people"] == {"person": "Employee number", "function": "Department"}
    assert file["columns"]["outcomes"] == {"person": "No"}
    assert file["outcome"] == "Growth"


def test_an_outcome_in_the_people_table(tmp_path):
    write(tmp_path, "log.csv", ("source", "target", "time"), [(a, b, "2025-01-02") for a, b, _ in pairs()])
    rows = [(person, ENGLISH[place % 4], 2 * place, place) for place, person in enumerate(PEOPLE)]
    write(tmp_path, "people.csv", ("person", "function", "tenure", "revenue"), rows)
    _, file = proposed(tmp_path)
    assert (file["outcomes"], file["outcome"]) == ("people.csv", "revenue")


def test_a_control_with_blanks_in_its_name_is_named_as_it_is_written_in_the_file(tmp_path):
    write(tmp_path, "log.csv", ("source", "target", "time"), [(a, b, "2025-01-02") for a, b, _ in pairs()])
    rows = [(person, ENGLISH[place % 4], 2 * place, place % 3) for place, person in enumerate(PEOPLE)]
    write(tmp_path, "people.csv", ("person", "function", "Years with firm", "Region"), rows)
    tables, _ = look([tmp_path])
    text = study_text(propose(tables), tmp_path)
    assert 'such as: "Years with firm", Region' in text
    assert tomllib.loads(text)["controls"] == []


def test_managers_make_no_log_and_heads_no_functions(tmp_path):
    write(tmp_path, "log.csv", ("source", "target", "time"), [(a, b, "2025-01-02") for a, b, _ in pairs(60)])
    rows = [(person, PEOPLE[place // 8], PEOPLE[place // 5], ENGLISH[place % 4]) for place, person in enumerate(PEOPLE)]
    write(tmp_path, "staff.csv", ("Person", "Manager", "Department head", "Department"), rows)
    proposal, file = proposed(tmp_path)
    assert (proposal.log.path.name, file["columns"]["people"]) == ("log.csv", {"person": "Person", "function": "Department"})


def test_files_of_one_kind_are_one_pattern(tmp_path):
    for month in range(1, 4):
        write(tmp_path, f"mail_{month}.csv", ("source", "target", "time"), [(a, b, "2025-01-02") for a, b, _ in pairs(seed=month)])
    roster(tmp_path, spelled=str)
    proposal, file = proposed(tmp_path)
    assert file["log"] == "mail_*.csv"
    assert proposal.log.rows == 900
    write(tmp_path, "mail_x.csv", ("something", "else"), [("1", "2")])  # a pattern would take this one too
    assert proposed(tmp_path)[1]["log"] == "mail_1.csv"


def test_parquet_and_zoned_times(tmp_path):
    log = pd.DataFrame([(a, b, pd.Timestamp("2025-01-02T10:00Z")) for a, b, _ in pairs()], columns=["sender", "recipient", "ts"])
    log.to_parquet(tmp_path / "log.parquet")
    roster(tmp_path, spelled=str)
    _, file = proposed(tmp_path)
    assert file["columns"]["log"] == {"source": "sender", "target": "recipient", "time": "ts"}
    assert not {"timezone", "time_format"} & set(file)


def test_lists_of_people_need_no_separator(tmp_path):
    log = pd.DataFrame([(a, [b, c], "2025-01-02 10:00") for a, b, c in pairs()], columns=["sender", "recipients", "time"])
    log.to_parquet(tmp_path / "log.parquet")
    roster(tmp_path, spelled=str)
    proposal, file = proposed(tmp_path)
    assert file["columns"]["log"] == {"source": "sender", "target": "recipients"}
    assert "separator" not in file
    assert next(line for line in proposal.lines if line.key == "people").reason.endswith(
        "100% of the ids in the log are in column 'person'"
    )


def test_bytes_are_no_size(tmp_path):
    header = ("sender", "recipient", "date", "size", "attendee count")
    for name, size in (("bytes", 123_456), ("people", 7)):
        folder = tmp_path / name
        folder.mkdir()
        write(folder, "log.csv", header, [(a, b, "2025-01-02", size + place, 3) for place, (a, b, _) in enumerate(pairs())])
        (table,), _ = look([folder])
        assert log_roles(table).other["size"].name == ("size" if name == "people" else "attendee count")


@pytest.mark.parametrize(
    ("values", "patterns", "zoned", "sure"),
    [
        (["2025-01-02T10:00:00Z", "2025-01-02 10:00:00+02:00"], (), True, True),
        (["2025-01-02", "2025-01-02 10:00"], (), False, True),
        (["13.02.2025 09:15", "1.3.2025 10:00"], ("%d.%m.%Y %H:%M",), False, True),
        (["01/02/2025 09:15", "03/04/2025 09:15"], ("%d/%m/%Y %H:%M",), False, False),
        (["01/13/2025 09:15", "03/04/2025 09:15"], ("%m/%d/%Y %H:%M",), False, True),
        (["1/2/2025 3:04:05 PM", "1/22/2025 3:04:05 AM"], ("%m/%d/%Y %I:%M:%S %p",), False, True),
        (["1704207840", "1704207841"], ("epoch",), True, True),
        (["1704207840000"], ("epoch_ms",), True, True),
        (["45293.6277777778", "45294"], ("excel",), False, True),
        (["Thu, 02 Jan 2025 10:00:00 +0100"], (), True, True),
        (["02.01.2025 10:00 +0100"], ("%d.%m.%Y %H:%M %z",), True, True),
        (["02.01.2025", "02.01.2025 10:00:01"], ("%d.%m.%Y", "%d.%m.%Y %H:%M:%S"), False, True),
    ],
)
def test_how_times_are_written(values, patterns, zoned, sure):
    found = times_written(values, named=True)
    assert (found.patterns, found.zoned, found.sure) == (patterns, zoned, sure)


def test_every_pattern_is_tried_on_what_it_writes():
    moment = datetime(2025, 2, 28, 15, 4, 5, 123456, tzinfo=UTC)
    assert [pattern for pattern in PATTERNS if pattern not in reading_patterns(moment.strftime(pattern))] == []


@pytest.mark.parametrize("values", [["ann", "bob"], ["12", "13"], ["p1@firm.example"], ["yesterday 10:00"], [], ["13.13.2025"]])
def test_what_is_no_time(values):
    assert times_written(values, named=True) is None


@pytest.mark.parametrize("value", ["45293.5", "1704207840"])
def test_numbers_are_times_only_in_a_column_named_so(value):
    assert times_written([value], named=False) is None


def test_every_name_of_the_vocabulary_is_written_as_it_is_compared():
    assert all(plain(name) == name for names in (*COLUMNS.values(), *FUNCTIONS.values()) for name in names)
    assert all(likeness(name, column) == 1 for column, names in COLUMNS.items() for name in names)
    assert all(kind_of_function(name) == kind for kind, names in FUNCTIONS.items() for name in names)


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [("Käthe", "utf-8", None), ("Käthe", "cp1252", "cp1252"), ("Käthe", "utf-16", None), ("Kathe, Bob", "utf-16-le", "utf-16-le")],
)
def test_the_encoding_of_a_file(tmp_path, text, encoding, found):
    (tmp_path / "x.csv").write_bytes((f"name\n{text}\n" * 30_000).encode(encoding))
    assert encoding_of(tmp_path / "x.csv") == found


def test_tables_that_are_not_used_and_files_passed_over_are_named(tmp_path, call):  # noqa: F811
    write(tmp_path, "log.csv", ("source", "target", "time"), [(a, b, "2025-01-02") for a, b, _ in pairs()])
    roster(tmp_path, spelled=str)
    write(tmp_path, "rooms.csv", ("room", "floor"), [("r1", 1)])
    (tmp_path / "broken.parquet").write_bytes(b"no parquet at all")
    code, _, err = call("init", tmp_path, "--out", tmp_path / "study.toml")
    assert code == 65
    assert "passed over broken.parquet" in err
    assert "rooms.csv" in (tmp_path / "study.toml").read_text()
    assert "# outcomes = " in (tmp_path / "study.toml").read_text()


def test_refusals(tmp_path, call):  # noqa: F811
    with pytest.raises(InputNotFound):
        look([tmp_path / "nothing"])
    with pytest.raises(InputNotFound):
        look([tmp_path])
    write(tmp_path, "rooms.csv", ("room", "floor"), [("r1", 1)])
    with pytest.raises(DataError, match="looks like a log"):
        propose(look([tmp_path])[0])
    (tmp_path / "study.toml").write_text("mine = 1\n")
    code, out, err = call("init", tmp_path, "--out", tmp_path / "study.toml")
    assert (code, out) == (73, [])
    assert "--force" in err
    assert (tmp_path / "study.toml").read_text() == "mine = 1\n"
    assert call("init", tmp_path, "--out", tmp_path / "study.txt")[0] == 2


@pytest.fixture
def firm_folder(tmp_path, firm):
    """Three tables of a simulated firm under other names."""
    log = firm.interactions.rename(columns={"time": "Sent", "source": "Sender", "target": "Recipient"})
    log.to_csv(tmp_path / "mails.csv", index=False, sep=";")
    firm.people.frame.rename(columns={"person": "Employee", "function": "Department"}).to_csv(tmp_path / "staff.csv", index=False)
    firm.outcomes.rename(columns={"person": "Sales rep", "sales_growth": "Growth (%)"}).to_csv(tmp_path / "targets.csv", index=False)
    return tmp_path


def test_init_writes_a_study_that_runs_and_gives_the_numbers_of_the_chain(call, firm_folder, firm):  # noqa: F811
    file = firm_folder / "study.toml"
    code, out, err = call("init", firm_folder, "--out", file)
    assert (code, err) == (0, "")
    assert out[0].startswith(f"{file}: log mails.csv, people staff.csv, outcomes targets.csv")
    assert any(line.startswith("fine") for line in out)
    result = tn.read_study(file).study.run()
    by_hand = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, no_ties="drop").run()
    pd.testing.assert_series_equal(result.fit.frame["estimate"], by_hand.fit.frame["estimate"], rtol=1e-9)


def test_nothing_of_init_names_a_person(call, firm_folder, firm):  # noqa: F811
    _, out, err = call("init", firm_folder, "--out", firm_folder / "study.toml", "--json")
    (said,) = map(json.loads, out)
    assert said["ready"] is True
    assert said["check"]["verdict"][-1]["state"] in ("fine", "look at this")
    words = (firm_folder / "study.toml").read_text() + err + out[0]
    assert not [person for person in firm.people.person if f'"{person}"' in words or f" {person} " in words]


@pytest.mark.sweep
def test_init_as_a_module_in_this_folder(firm_folder):
    done = subprocess.run([sys.executable, "-m", "tienet", "init", "-q"], cwd=firm_folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.split(":")[0]) == Path("study.toml")
    assert tomllib.loads((firm_folder / "study.toml").read_text())["log"] == "mails.csv"
