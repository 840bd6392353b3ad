"""Write simulated firms to files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tienet.study.simulate.firm import Firm


def write_firm(folder: Path, people: int, seed: int, *, results: str) -> Path:
    """Write the firm's tables to data/, and a study file that refers to them; return its path."""
    from tienet.base.writing import make_folder, write_text
    from tienet.study.simulate.firm import simulate_firm

    make_folder(folder / "data")
    firm = simulate_firm(people, seed)
    write_firm_tables(firm, folder / "data")
    return write_text(folder / "study.toml", STUDY_TOML.format(folder=results))


def write_firm_as_exports(folder: Path, people: int, seed: int, *, results: str) -> Path:
    """Write the firm as exports of its systems to data/, and a study file that reads them; return its path."""
    from tienet.base.writing import make_folder, write_text, writing
    from tienet.study.simulate.exports import write_exports
    from tienet.study.simulate.firm import simulate_firm

    make_folder(folder / "data")
    firm = simulate_firm(people, seed)
    write_exports(firm, folder / "data")
    with writing(folder / "data" / "outcomes.csv") as place:
        firm.outcomes.to_csv(place, index=False)
    return write_text(folder / "study.toml", EXPORTS_TOML + STUDY_TOML[STUDY_TOML.index("outcomes =") :].format(folder=results))


def write_firm_tables(firm: Firm, folder: Path) -> None:
    """Write log.csv, people.csv, outcomes.csv and truth.csv of a simulated firm."""
    from tienet.base.writing import write_csv, writing

    people = firm.people.frame
    people["function"] = people["function"].map(firm.people.labels)
    for name, frame in (("log", firm.interactions), ("people", people), ("outcomes", firm.outcomes)):
        with writing(folder / f"{name}.csv") as place:
            frame.to_csv(place, index=False)
    truth = firm.truth._columns()
    write_csv(folder / "truth.csv", truth)


EXPORTS_TOML = """\
# A study of simulated exports. Paths are relative to the folder of this file.
log = [
    {slack = "data/slack.zip"},
    {mail = "data/mail.mbox"},
    {calendar = "data/calendar.ics"},
]
identities = "data/who.csv"     # who is who where an export states no address
people = "data/people.csv"      # person, function; here also team, region, tenure, email
"""

STUDY_TOML = """\
# A study of simulated data. Paths are relative to the folder of this file.
log = "data/log.csv"            # time, source, target; here also event, channel, size
people = "data/people.csv"      # person, function; here also team, region, tenure
outcomes = "data/outcomes.csv"  # person and the outcome

outcome = "sales_growth"
of = "sales"
functions = ["marketing", "customer_service"]
controls = ["tenure", "region"]
no_ties = "drop"                # or "zero_with_indicator"
covariance = "HC3"

[rule]
min_interactions = 3
half_life = "90d"               # "none" for no decay
size_weight = "newman"
max_size = 50

[report]
title = "A simulated sales force"
people = "pseudonyms"           # the people are simulated; "groups", the default, shows no persons
folder = "{folder}"
"""
