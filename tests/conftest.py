from __future__ import annotations

import gc
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from _pytest.doctest import DoctestItem
from hypothesis import settings

import tienet as tn
from frames import EACH_KIND, as_kind, given_back
from pages import KEY
from real import PUBLISHED, published
from tienet.base.errors import OutsideSupport
from tienet.network.reading import ledger
from tienet.network.sources import register as sources
from tienet.network.ties.strengths import ADDED
from tienet.output.figures import saving
from tienet.regression.covariance import register as covariances
from tienet.study.page import questions
from tienet.study.page.material import material_of, with_people
from tienet.study.page.rendering import rendered
from tienet.study.results import saving as results

# Scripts that made the stored numbers with other software, and tests on a Spark cluster of their own (`make test-spark`).
collect_ignore = ["oracles", "spark"]
ROOT = Path(__file__).resolve().parents[1]
REGISTERS = (ADDED, covariances._REGISTERED, sources._READERS, ledger._REASONS)


# `pytest --hypothesis-profile=thorough` looks fifty times as long for a counterexample; "sweep" is for `make test-sweeps`.
settings.register_profile("quick", deadline=None, max_examples=10, print_blob=True)
settings.register_profile("sweep", deadline=None, max_examples=100, print_blob=True)
settings.register_profile("thorough", deadline=None, max_examples=500, print_blob=True)
settings.load_profile("quick")


def untracked() -> set[str]:
    """What lies in the checkout and is not tracked: files that git would add, and every entry of the top folder."""
    command = ["git", "ls-files", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    tools = {".hypothesis", ".pytest_cache", ".coverage", "__pycache__"}  # the last holds hatch_build.py, compiled
    names = {*done.stdout.split("\n"), *(path.name for path in ROOT.iterdir())}
    return {name for name in names if name.partition("/")[0] not in tools and not name.startswith(".coverage.")}


def pytest_sessionstart(session):
    if not hasattr(session.config, "workerinput"):
        session.config.stash[BEFORE] = untracked()
        seed, reporter = session.config.getoption("randomly_seed", None), session.config.pluginmanager.get_plugin("terminalreporter")
        if seed is not None and reporter is not None:
            reporter.write_line(f"order of the tests: seed {seed} (`make test SEED={seed}` runs them in this order again)")


class NothingIsLeft:
    """Close the figures that a test left open, and take back what the example of a docstring registered: other tests see both."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        before = [dict(register) for register in REGISTERS]
        try:
            return (yield)
        finally:
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
            if isinstance(item, DoctestItem):
                for register, entries in zip(REGISTERS, before, strict=True):
                    register.clear()
                    register.update(entries)


def pytest_configure(config):
    config.pluginmanager.register(NothingIsLeft())


BEFORE = pytest.StashKey[set[str]]()


def pytest_collection_finish():
    """What was imported stays: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure():
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """Tests write into folders of their own: what appears in the checkout is a failure."""
    if not hasattr(session.config, "workerinput"):
        left = untracked() - session.config.stash[BEFORE]
        if left and exitstatus == 0:
            session.config.stash[LEFT] = sorted(left)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


LEFT = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter, config):
    if left := config.stash.get(LEFT, []):
        terminalreporter.write_line(f"FAILED: files appeared in the checkout during the tests: {', '.join(left)}", red=True)


@pytest.fixture(params=PUBLISHED)
def real_network(request):
    """Ties of each real network of tests/data in turn, and the folder of what others found in it."""
    return published(request.param)


@pytest.fixture(scope="session")
def firm():
    """One simulated firm for all tests that need any."""
    return tn.simulate_firm(n_people=300, seed=5)


@pytest.fixture(scope="session")
def firm_tables(firm, tmp_path_factory):
    """The log, the people and the outcomes of that firm as CSV, written once; tests that change them take `own_tables`."""
    place = tmp_path_factory.mktemp("firm")
    firm.interactions.to_csv(place / "log.csv", index=False)
    firm.people.frame.to_csv(place / "people.csv", index=False)
    firm.outcomes.to_csv(place / "outcomes.csv", index=False)
    return place


@pytest.fixture
def own_tables(firm_tables, tmp_path):
    """The folder of the test with copies of those files, which it may change."""
    return Path(shutil.copytree(firm_tables, tmp_path, dirs_exist_ok=True))


@pytest.fixture
def without_figures(monkeypatch):
    """Studies are saved with one empty figure, since figures take most of the time: for tests of what else is written or said."""

    def write(material, folder):
        (folder / "none.svg").write_text("<svg/>")
        return [folder / "none.svg"]

    monkeypatch.setattr(results, "write_figures", write)


@pytest.fixture(scope="session")
def study_result(firm):
    """The study on that firm."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideSupport)
        study = tn.Study(log=firm.log, people=firm.people, outcomes=firm.outcomes, controls=["tenure", "region"], no_ties="drop")
        return study.run()


@pytest.fixture(scope="session", autouse=True)
def fewer_rewirings():
    """Pages of tests take a hundred random networks instead of a thousand, which is most of the time of a page."""
    held, questions.DRAWS = questions.DRAWS, 100
    yield
    questions.DRAWS = held


@pytest.fixture(scope="session", autouse=True)
def fonts_by_outline():
    """PDFs of tests hold letters by their outlines: to choose the letters of a font takes longer than to draw the figure."""
    held = saving._RC["pdf.fonttype"]
    saving._RC["pdf.fonttype"] = 3
    yield
    saving._RC["pdf.fonttype"] = held


@pytest.fixture(scope="session")
def report_material(study_result):
    """What the pages of that study are made of, once for all of them."""
    return material_of(study_result)


@pytest.fixture(scope="session")
def report_page(report_material):
    """The page of that study with persons, their pseudonyms and places those of one key."""
    return rendered(with_people(report_material, people="pseudonyms", key=KEY))


@pytest.fixture(scope="session")
def groups_page(report_material):
    """The page of that study as it is by default: with groups."""
    return rendered(with_people(report_material, people=None, key=None))


@pytest.fixture(params=EACH_KIND)
def make_frame(request, tmp_path):
    """A table of columns as each kind of input in turn; `.kind` and `.given_back` say which and what comes back."""

    def make(columns, name="input"):
        return as_kind(request.param, columns, tmp_path / name)

    make.kind, make.given_back = request.param, given_back(request.param)
    return make
