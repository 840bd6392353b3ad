from __future__ import annotations

import warnings

import pytest

import tienet as tn
from frames import KINDS, as_kind, given_back
from real import PUBLISHED, published
from tienet.base.errors import OutsideSupport

# Scripts that made the stored numbers with other software, and tests on a Spark cluster of their own (`make test-spark`).
collect_ignore = ["oracles", "spark"]


@pytest.fixture(params=PUBLISHED)
def real_network(request):
    """Ties of each real network of tests/data in turn, and the folder of what others found in it."""
    return published(request.param)


@pytest.fixture(scope="session")
def firm():
    """One simulated firm for all tests that need any."""
    return tn.simulate_firm(n_people=300, seed=5)


@pytest.fixture(scope="session")
def study_result(firm):
    """The study on that firm."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure", "region"], no_ties="drop")
        return study.run()


@pytest.fixture(params=KINDS)
def make_frame(request, tmp_path):
    """A table of columns as each kind of input in turn; `.kind` and `.given_back` say which and what comes back."""

    def make(columns, name="input"):
        return as_kind(request.param, columns, tmp_path / name)

    make.kind, make.given_back = request.param, given_back(request.param)
    return make
