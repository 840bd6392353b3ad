"""Every result says what to cite, and every reference is cited by some result."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import tienet as tn
from public import PUBLIC, public
from test_docs import records
from tienet.base.record import Record
from tienet.base.references import REFERENCES, cited

SOURCE = Path(tn.__file__).parent

# What only passes on what it was given rests on no work: `cite()` names the software.
SOFTWARE_ONLY = {"InteractionLog", "People", "Ledger", "EgoNetwork"}


def public_records():
    named = [public(name) for name in PUBLIC]
    return [one for one in named if inspect.isclass(one) and issubclass(one, Record)]


def keys_in_the_source():
    found = set()
    for path in SOURCE.rglob("*.py"):
        if path.name != "references.py":
            texts = (node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant))
            found |= {text for text in texts if isinstance(text, str) and re.fullmatch(r"[a-z][a-z_]*_(18|19|20)\d\d", text)}
    return found


@pytest.mark.parametrize("noun", public_records(), ids=lambda noun: noun.__name__)
def test_every_public_record_says_what_it_rests_on(noun):
    assert (noun._works is Record._works) == (noun.__name__ in SOFTWARE_ONLY)


def test_every_result_cites_in_one_line(study_result):
    for record in records(study_result):
        line, name = record.cite(), type(record).__name__
        assert line.startswith("tienet "), name
        assert "\n" not in line, name
        assert (name in SOFTWARE_ONLY) or record._works(), name
        assert line.count("; ") >= len(set(record._works())), name
    assert study_result.log.cite() == cited(())
    assert "Claro, D. P. & Ramos" in study_result.cite()
    assert "Newman" in study_result.cite()


def test_every_key_is_a_work_and_every_work_is_used():
    used = keys_in_the_source()
    assert used - set(REFERENCES) == set()
    assert set(REFERENCES) - used == set()


def test_works_stand_in_the_order_of_their_keys_and_have_a_year():
    assert list(REFERENCES) == sorted(REFERENCES)
    for key, text in REFERENCES.items():
        year = re.search(r"\d{4}$", key)[0]
        assert f"({year})" in text, key
        assert "\n" not in text


def test_a_work_is_named_once_in_the_order_given():
    line = cited(["white_1980", "cohen_1988", "white_1980"])
    assert line.count("White") == 1
    assert line.index("White") < line.index("Cohen")


def test_what_was_chosen_decides_what_is_cited(firm):
    plain = tn.build_ties(firm.log, firm.people, rule=tn.TieRule(size_weight="none", half_life=None))
    assert "Newman" not in plain.cite()
    assert "Ahmad" not in plain.cite()
    usual = tn.build_ties(firm.log, firm.people)
    assert "Newman, M. E. J. (2001)" in usual.cite()
    assert "Tie-Decay" in usual.cite()
    several = tn.network.survey.reliability(np.array([[1, 2], [2, 2], [3, 4], [5, 4]]))
    assert "Cronbach" in several.cite()
    assert "Cronbach" not in tn.network.survey.reliability([[1], [2], [3]]).cite()
