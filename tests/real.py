"""Real data and real networks, with the results of other software beside them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

import tienet as tn

HERE = Path(__file__).resolve().parent / "data"
BESIDE = HERE.parents[2] / "shared" / "data"
# What may not be passed on, and where it comes from.
UNPUBLISHED = {
    "email_eu_core": "the SNAP collection (email-Eu-core)",
    "enron_jhu": "the R package igraphdata (enron)",
    "maildir_notmuch": "the test data of notmuch",
    "cross_parker_consulting": "R. Cross and A. Parker, The Hidden Power of Social Networks (2004)",
    "regression_moderation/raw/teams.csv": "the teaching files of A. F. Hayes",
    "regression_moderation/raw/disaster.csv": "the teaching files of A. F. Hayes",
    "regression_moderation/expected/teams.json": "the teaching files of A. F. Hayes",
    "regression_moderation/expected/disaster.json": "the teaching files of A. F. Hayes",
    **{f"models/{name}.csv": f"the R package {package}" for name, package in (("swiss_labor", "AER"), ("quine", "MASS"))},
    **{f"models/{name}.csv": f"the R package {package}" for name, package in (("grunfeld", "plm"), ("swiss", "datasets"))},
}


def find(name: str) -> Path:
    """A file or folder of real data: from this repository or, where it may not be passed on, from beside the checkout."""
    for folder in (HERE, BESIDE):
        if (folder / name).exists():
            return folder / name
    if name not in UNPUBLISHED:
        raise FileNotFoundError(f"tests/data/{name} is missing from this checkout")
    pytest.skip(f"{name} is not public: it may not be passed on; it comes from {UNPUBLISHED[name]} and belongs in ../shared/data/{name}")


# Every row counts once and nothing is left out: the rule of the expected files.
EVERY_ROW = tn.TieRule(min_interactions=1e-9, half_life=None, size_weight="none", max_size=None)
# Expected numbers are rounded to 10 significant digits.
CLOSE = {"rtol": 1e-8, "atol": 1e-9}


def table(path) -> pd.DataFrame:
    return pd.read_csv(path, dtype={"id": str, "a": str, "b": str, "function": str}, keep_default_na=False, na_values=[""])


def network(folder) -> dict:
    return json.loads((folder / "network.json").read_text(encoding="utf-8"))


def nodes_of(folder, ties) -> pd.DataFrame:
    path = next(path for path in (folder / "nodes.csv", folder / "nodes.csv.gz") if path.exists())
    return table(path).set_index("id").loc[ties.people.person.tolist()]


def vivainsights(by="FunctionType"):
    rows = pd.read_csv(find("vivainsights") / "raw" / "p2p_data.csv.gz", dtype=str, keep_default_na=False)
    ends = [
        rows[[f"{end}Collaborator_PersonId", f"{end}Collaborator_{by}"]].set_axis(["person", "function"], axis=1)
        for end in ("Primary", "Secondary")
    ]
    people = tn.read_people(pd.concat(ends).drop_duplicates())
    columns = {"source": "PrimaryCollaborator_PersonId", "target": "SecondaryCollaborator_PersonId", "time": "MetricDate"}
    log = tn.read_log(find("vivainsights") / "raw" / "p2p_data.csv.gz", columns=columns)
    folder = "expected_function" if by == "FunctionType" else "expected_organization"
    return tn.build_ties(log, people, rule=EVERY_ROW), find("vivainsights") / folder


def krackhardt(relation):
    folder = find("krackhardt_hightech")
    people = tn.read_people(folder / "raw" / "people.csv", columns={"person": "id", "function": "dept"})
    log = tn.read_log(folder / "raw" / f"{relation}.csv", columns={"source": "from", "target": "to"})
    return tn.build_ties(log, people, rule=EVERY_ROW), folder / f"expected_{relation}"


def email_eu_core():
    folder = find("email_eu_core")
    with gzip.open(folder / "raw" / "email-Eu-core.txt.gz", "rt") as file:
        rows = [line.split() for line in file]
    people = [line.split() for line in (folder / "raw" / "email-Eu-core-department-labels.txt").read_text().splitlines()]
    log = tn.read_log({"source": [row[0] for row in rows], "target": [row[1] for row in rows]})
    assert log.ledger.counts == {"used": 24_929, "self_loop": 642}
    roster = tn.read_people({"person": [row[0] for row in people], "function": [row[1] for row in people]})
    return tn.build_ties(log, roster, rule=EVERY_ROW), folder / "expected"


def enron_people():
    frame = pd.read_csv(find("enron_jhu") / "raw" / "people.csv", dtype=str, keep_default_na=False)
    role = [note.split(",")[0].strip() or "Unknown" for note in frame["Note"]]
    return tn.read_people(pd.DataFrame({"person": frame["id"], "function": role}))


def enron_clean(rule=EVERY_ROW):
    """One row per (from, to, time, kind), without bcc and without 1979: the repeats are found by naming the event after time and kind."""
    rows = pd.read_csv(find("enron_jhu") / "raw" / "messages.csv.gz", dtype=str)
    rows = rows[(rows["Reciptype"] != "bcc") & ~rows["Time"].str.startswith("1979")]
    rows = rows.assign(event=rows["Time"] + " " + rows["Reciptype"])
    log = tn.read_log(rows, columns={"source": "from", "target": "to", "time": "Time", "channel": "Reciptype"})
    return tn.build_ties(log, enron_people(), rule=rule), find("enron_jhu") / "expected_clean"


def enron():
    """Every row as it stands."""
    columns = {"source": "from", "target": "to", "time": "Time", "channel": "Reciptype"}
    log = tn.read_log(find("enron_jhu") / "raw" / "messages.csv.gz", columns=columns)
    return tn.build_ties(log, enron_people(), rule=EVERY_ROW), find("enron_jhu") / "expected"


def maildir():
    """One row per message and recipient, as notmuch read the mails."""
    folder = find("maildir_notmuch") / "expected"
    mails = json.loads((folder / "messages.json").read_text(encoding="utf-8"))
    rows = [(mail["sender"], recipient, mail["time_utc"]) for mail in mails for recipient in mail["recipients"]]
    log = tn.read_log(pd.DataFrame(rows, columns=["source", "target", "time"]))
    people = table(folder / "nodes.csv")["id"]
    return tn.build_ties(log, tn.read_people(pd.DataFrame({"person": people, "function": "list"})), rule=EVERY_ROW), folder


def cross_parker(part: str = "expected"):
    """Information seeking in a consulting firm, every pair or those from a score on."""
    folder = find("cross_parker_consulting")
    rows = pd.read_csv(folder / "raw" / "Cross_Parker-Consulting_info.txt", sep=r"\s+", dtype={"e1": str, "e2": str})
    people = tn.read_people({"person": [str(place) for place in range(1, 47)], "function": ["Consulting"] * 46})
    log = tn.read_log(rows[rows["score"] >= THRESHOLDS[part]], columns={"source": "e1", "target": "e2", "weight": "score"})
    return tn.build_ties(log, people, rule=EVERY_ROW), folder / part


THRESHOLDS = {"expected": 1, "expected_score2plus": 2, "expected_score4plus": 4}
PUBLISHED = {
    "vivainsights": vivainsights,
    "advice": lambda: krackhardt("advice"),
    "friendship": lambda: krackhardt("friendship"),
}


@cache
def published(name):
    """Ties of a network that is in this repository, and the folder of what others found in it."""
    return PUBLISHED[name]()
