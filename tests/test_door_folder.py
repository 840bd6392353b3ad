"""An analyst's folder of three badly written files gets to a report with `tienet init` and one edit."""

from __future__ import annotations

import re
import tomllib
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest

import tienet as tn
from test_cli import call  # noqa: F401 - a fixture
from tienet.study.proposal.looking import look
from tienet.study.proposal.proposing import propose
from tienet.study.proposal.study_text import study_text

pytest.importorskip("python_calamine", reason="an Excel roster needs the extra excel")
pytestmark = pytest.mark.filterwarnings("ignore::tienet.base.errors.OutsideSupport")
FIRST = ("Jörg", "Käthe", "Süß", "Ünal", "Zoé", "Ann, Dr.")
GERMAN = {"Sales": "Vertrieb", "Customer Service": "Kundendienst", "Finance": "Finanzen", "Product": "Produkt", "Operations": "Betrieb"}
ROWS = 30_000


def xlsx(*sheets):
    """A workbook."""
    return _packed([_rows(sheet) for sheet in sheets])


def _rows(sheet):
    spelled = []
    for row in sheet:
        cells = "".join(
            f"<c><v>{cell}</v></c>" if isinstance(cell, float) else f'<c t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'
            for cell in row
        )
        spelled.append(f"<row>{cells}</row>")
    return "".join(spelled)


def _packed(sheets):
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package, kind = "http://schemas.openxmlformats.org/package/2006", "application/vnd.openxmlformats-officedocument.spreadsheetml"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = f'Relationships xmlns="{package}/relationships"'
    numbers = range(1, len(sheets) + 1)
    kinds = "".join(f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{kind}.worksheet+xml"/>' for at in numbers)
    listed = "".join(f'<sheet name="Blatt {at}" sheetId="{at}" r:id="r{at}"/>' for at in numbers)
    linked = "".join(f'<Relationship Id="r{at}" Type="{office}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{kinds}</Types>',
        "_rels/.rels": f'<{links}><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<{links}>{linked}</Relationships>",
        **{
            f"xl/worksheets/sheet{at}.xml": f"<worksheet {main}><sheetData>{rows}</sheetData></worksheet>"
            for at, rows in zip(numbers, sheets, strict=True)
        },
    }
    held = BytesIO()
    with ZipFile(held, "w") as book:
        for name, text in parts.items():
            book.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return held.getvalue()


def mails_of(firm):
    """One row per mail: sender, minute, and the different recipients, from the firm's interactions."""
    log = firm.interactions.head(ROWS)
    minute = pd.to_datetime(log["time"], utc=True).dt.tz_localize(None).dt.floor("min")
    mails = log.assign(time=minute).groupby(["time", "source"], sort=False)["target"].agg(lambda names: list(dict.fromkeys(names)))
    return mails.reset_index()


@pytest.fixture
def bad_folder(firm, tmp_path):
    """Mails in cp1252 with semicolons, German dates and names in cells; the roster in Excel; targets with decimal commas."""
    rng = np.random.default_rng(3)
    people = firm.people.frame
    address = {person: f"{person}@firma.example" for person in people["person"]}
    first = {person: FIRST[place % len(FIRST)] for place, person in enumerate(people["person"])}

    def cell(person):
        spelled = address[person].upper() if rng.random() < 0.5 else address[person]
        name = f'"{first[person]}"' if "," in first[person] else first[person]
        return f"{name} <{spelled}>" if rng.random() < 0.9 else f" {spelled} "

    mails = mails_of(firm)
    recipients = ["; ".join(map(cell, names)) for names in mails["target"]]
    table = pd.DataFrame(
        {"Absender": mails["source"].map(cell), "Empfänger": recipients, "Gesendet": mails["time"].dt.strftime("%d.%m.%Y %H:%M")}
    )
    table.assign(Betreff="Grüße; äöü").to_csv(tmp_path / "Mails 2025.csv", sep=";", index=False, encoding="cp1252")
    labels = people["function"].map(firm.people.labels).replace(GERMAN)
    roster = zip(address.values(), labels, people["tenure"].astype(float), strict=True)
    (tmp_path / "Mitarbeiter.xlsx").write_bytes(xlsx([("E-Mail", "Abteilung", "Betriebszugehörigkeit"), *roster]))
    reached = [f"{value:.2f}".replace(".", ",") for value in firm.outcomes["sales_growth"]]
    names = [address[person].title() for person in firm.outcomes["person"]]
    targets = pd.DataFrame({"Mitarbeiter": names, "Zielerreichung (%)": reached, "Jahr": 2025})
    targets.to_csv(tmp_path / "Ziele.csv", sep=";", index=False, encoding="cp1252")
    return tmp_path


def by_hand(firm):
    """The same study without the files: one row per mail and recipient, made in pandas."""
    mails = mails_of(firm)
    people = mails.apply(lambda mail: {mail["source"], *mail["target"]}, axis=1)
    rows = mails.assign(size=people.map(len), event=[f"m{place}" for place in range(len(mails))]).explode("target")
    log = tn.read_log(rows, timezone="Europe/Berlin")
    outcomes = firm.outcomes.assign(zielerreichung=firm.outcomes["sales_growth"].round(2))
    return tn.Study(log=log, people=firm.people, outcomes=outcomes, outcome="zielerreichung", no_ties="drop").run()


@pytest.mark.sweep
def test_three_bad_files_get_to_a_report_with_one_edit(call, bad_folder, firm):  # noqa: F811
    file = bad_folder / "study.toml"
    code, out, err = call("init", bad_folder, "--out", file)
    assert code == 0, err
    assert not [line for line in out if line.startswith("cannot run") or "unknown people" in line or "rejected" in line]
    text = file.read_text(encoding="utf-8")
    said = tomllib.loads(text)
    assert (said["log"], said["people"], said["outcomes"]) == ("Mails 2025.csv", "Mitarbeiter.xlsx", "Ziele.csv")
    assert (said["ids"], said["separator"], said["decimal"], said["time_format"]) == ("address", ";", ",", "%d.%m.%Y %H:%M")
    assert not [person for person in firm.people.person if f"{person}@" in text + "".join(out) + err]
    edited = text.replace('timezone = "UTC"', 'timezone = "Europe/Berlin"')
    assert edited != text
    file.write_text(edited, encoding="utf-8")
    code, out, err = call("study", file, "--out", bad_folder / "report")
    assert code == 0, err
    assert (bad_folder / "report" / "report.html").stat().st_size > 10_000
    result, expected = tn.read_study(file).study.run(), by_hand(firm)
    assert result.log.ledger.rejected == 0
    plain = [re.sub("kundendienst", "customer_service", term) for term in result.fit.terms]
    assert plain == list(expected.fit.terms)
    assert len(result.ties.a) == len(expected.ties.a)
    np.testing.assert_allclose(result.fit.estimate, expected.fit.estimate, rtol=1e-9)  # sums run in another order


def test_a_workbook_with_a_title_and_several_sheets(tmp_path):
    rng = np.random.default_rng(1)
    people = [f"p{place:02d}" for place in range(40)]
    pairs = [rng.choice(40, 2, replace=False) for _ in range(300)]
    log = pd.DataFrame([(people[a], people[b], "2025-01-02") for a, b in pairs], columns=["source", "target", "time"])
    log.to_csv(tmp_path / "log.csv", index=False)
    roster = [(person, ("Vertrieb", "Marketing", "Kundendienst", "Personal")[place % 4]) for place, person in enumerate(people)]
    targets = [(person, float(place)) for place, person in enumerate(people[::4])]
    sheets = ([("Stand Januar", "")], [("Personalliste", ""), ("Mitarbeiter", "Bereich"), *roster], [("Mitarbeiter", "Umsatz"), *targets])
    (tmp_path / "HR.xlsx").write_bytes(xlsx(*sheets))
    tables, _ = look([tmp_path])
    said = tomllib.loads(study_text(propose(tables), tmp_path))
    assert (said["log"], said["people"], said["outcomes"], said["outcome"]) == ("log.csv", "HR.xlsx", "HR.xlsx", "Umsatz")
    assert said["columns"]["people"] == {"person": "Mitarbeiter", "function": "Bereich"}
    (tmp_path / "study.toml").write_text(study_text(propose(tables), tmp_path), encoding="utf-8")
    study = tn.read_study(tmp_path / "study.toml").study
    assert tn.read_people(study.people, columns=study.columns["people"]).person.tolist() == people
