"""A simulated firm written as exports of Slack, mail and calendar gives the ties of its plain log."""

from __future__ import annotations

import pandas as pd
import pytest

import tienet as tn
from tienet.study.simulate.exports import write_exports


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A small firm, and the folder of its exports."""
    folder = tmp_path_factory.mktemp("exports")
    firm = tn.simulate_firm(n_people=60, seed=11)
    write_exports(firm, folder)
    return firm, folder


def test_the_ties_of_the_exports_are_those_of_the_plain_log(exported):
    firm, folder = exported
    people = tn.read_people(folder / "people.csv")
    logs = [
        tn.read_slack(folder / "slack.zip", people=people, identities=folder / "who.csv"),
        tn.read_mail(folder / "mail.mbox", people=people),
        tn.read_calendar(folder / "calendar.ics", people=people),
    ]
    found = tn.build_ties(tn.combine(*logs), people).frame
    expected = tn.build_ties(firm.log, firm.people).frame
    # Readers tell direct from group chats, so the number of channels may be one more.
    pd.testing.assert_frame_equal(found.drop(columns="channels"), expected.drop(columns="channels"), rtol=1e-12)


def test_the_exports_hold_records_that_do_not_count_and_no_one_else(exported):
    _, folder = exported
    people = tn.read_people(folder / "people.csv")
    slack = tn.read_slack(folder / "slack.zip", people=people, identities=folder / "who.csv")
    mail = tn.read_mail(folder / "mail.mbox", people=people)
    calendar = tn.read_calendar(folder / "calendar.ics", people=people)
    assert slack.ledger.counts["bot"] > 0
    assert mail.ledger.counts["automatic"] > 0
    assert {"cancelled", "all_day"} <= set(calendar.ledger.counts)
    assert calendar.left_out["room"] > 0
    for log in (slack, mail, calendar):
        assert set(log.frame["source"]) <= set(people.person.tolist())


def test_the_same_seed_gives_the_same_files(exported, tmp_path):
    firm, folder = exported
    write_exports(firm, tmp_path)
    for file in folder.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes()
