"""Write the figures of docs/figures.md from the sample firm: `make figures`. Same data and libraries, same bytes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

import tienet as tn
from tienet.output.figures.drawing import plot, sheet
from tienet.output.figures.saving import save

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "data" / "samples"
FUNCTIONS = ["marketing", "customer_service"]
PAIR = {"focal": "total_ties_marketing", "moderator": "tie_strength_marketing"}
SERVICE = {"focal": "total_ties_customer_service", "moderator": "tie_strength_customer_service"}


def fitted() -> tn.ModerationFit:
    """Fit the model of the README to the sample firm."""
    log, people = tn.read_log(SAMPLES / "log.csv.gz"), tn.read_people(SAMPLES / "people.csv")
    egos = tn.measure_egos(tn.build_ties(log, people, rule=tn.TieRule(min_interactions=3)), of="sales", toward=FUNCTIONS)
    outcomes = pd.read_csv(SAMPLES / "outcomes.csv", dtype={"person": str})
    data = egos.frame.merge(outcomes, left_on="ego", right_on="person").merge(people.frame, on="person")
    return tn.claro_ramos("sales_growth", FUNCTIONS, controls=["tenure"], no_ties="drop").fit(data)


def main() -> None:
    """Write all of them."""
    fit = fitted()
    results = {
        "interaction": tn.predict_surface(fit, **PAIR),
        "steering-map": tn.regression.probes.response_surface(fit, **SERVICE),
        "floodlight": tn.johnson_neyman(fit, **PAIR),
        "turning-point": tn.turning_point(fit, focal=SERVICE["focal"]),
        "steps": fit.steps,
    }
    for name, result in results.items():
        save(plot(result, sheet(result)), HERE / "img" / f"{name}.png", dpi=150)


if __name__ == "__main__":
    main()
