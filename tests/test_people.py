from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tienet as tn
from frames import FRAMES, as_kind, to_columns
from tienet.base.errors import ArgumentError, DataError, RowsRejected
from tienet.base.wording import snake_case

ROSTER = {
    "person": ["ann", "bob", "NA", "00123", " cat "],
    "function": ["Sales", "Customer Service", None, "R&D", "sales"],
    "team": ["007", "008", None, "7", "8"],
    "tenure": [1.5, 2.0, None, 4.0, 5.0],
}


def test_every_input_gives_the_same_people_and_the_callers_kind_of_frame(make_frame):
    people = tn.read_people(make_frame(ROSTER))
    assert isinstance(people.frame, make_frame.given_back)
    assert to_columns(people.frame) == {**ROSTER, "function": ["sales", "customer_service", "unassigned", "r_d", "sales"]}
    assert people.functions == ("customer_service", "r_d", "sales", "unassigned")
    assert people.ledger.counts == {"used": 5}
    assert people.labels == {"sales": "Sales", "customer_service": "Customer Service", "r_d": "R&D", "unassigned": "unassigned"}


def test_repeats_and_missing_persons_are_counted(make_frame):
    table = {"person": ["ann", "ann", None, "bob", "ann"], "function": ["Sales", "Sales", "Sales", "Ops", "Sales"]}
    with pytest.warns(RowsRejected, match="1 of 5 rows rejected"):
        people = tn.read_people(make_frame(table))
    assert people.ledger.counts == {"used": 2, "missing_person": 1, "repeated_row": 2}
    assert people.person.tolist() == ["ann", "bob"]


def test_a_person_in_two_functions_is_refused_without_naming_the_person():
    with pytest.raises(DataError, match="rows 1, 3 name the same person with different values") as caught:
        tn.read_people({"person": ["secretann", "bob", "secretann"], "function": ["Sales", "Sales", "Ops"]})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("dtype", ["string", "str", "object", "category", "string[pyarrow]"])
def test_every_pandas_text_type_knows_missing_values(dtype):
    frame = pd.DataFrame({"person": pd.Series(["a", "b"], dtype=dtype), "function": pd.Series(["Sales", None], dtype=dtype)})
    assert tn.read_people(frame).function.tolist() == ["sales", "unassigned"]


def test_nullable_whole_numbers_are_ids():
    frame = pd.DataFrame({"person": pd.Series([1, None, 2], dtype="Int64"), "function": ["Sales", "Sales", "Ops"]})
    with pytest.warns(RowsRejected):
        assert tn.read_people(frame).person.tolist() == ["1", "2"]


@pytest.mark.parametrize("kind", [*FRAMES, "parquet"])
def test_floating_point_ids_are_refused(kind, tmp_path):
    with pytest.raises(DataError, match="column 'person' holds floating-point numbers"):
        tn.read_people(as_kind(kind, {"person": [1.0, 2.0], "function": ["a", "b"]}, tmp_path))


def test_spellings_of_one_function_are_one_and_the_first_is_shown():
    people = tn.read_people({"person": list("abcd"), "function": ["Customer  Service", "customer_service ", "CUSTOMER-SERVICE", "Sales"]})
    assert people.function.tolist() == ["customer_service"] * 3 + ["sales"]
    assert people.labels["customer_service"] == "Customer Service"
    assert people.holders("Customer Service").tolist() == people.holders("customer_service").tolist() == [0, 1, 2]
    assert str(people) == "4 people in 2 functions: Customer Service 3, Sales 1"


@pytest.mark.parametrize(
    ("label", "name"),
    [("R&D", "r_d"), (" Vertrieb Süd ", "vertrieb_süd"), ("G_and_A", "g_and_a"), ("3rd line", "3rd_line")],
)
def test_labels_in_snake_case(label, name):
    assert snake_case(label) == name
    assert snake_case(snake_case(label)) == name


@pytest.mark.parametrize(
    ("labels", "words"), [(["C++", "C#"], "'C++' and 'C#' would both be called 'c'"), (["&&", "Sales"], "'&&' has no letter or digit")]
)
def test_different_functions_never_become_one_unseen(labels, words):
    with pytest.raises(DataError) as error:
        tn.read_people({"person": ["a", "b"], "function": labels})
    assert words in str(error.value)


def test_numbers_and_codes_are_told_apart():
    table = {
        "person": list("abc"),
        "function": ["x"] * 3,
        "code": ["007", "1", "2"],
        "years": ["1", "2.5", None],
        "odd": ["1_000", "2", "3"],
        "word": ["nan", "1", "2"],
    }
    attributes = tn.read_people(table).attributes
    assert attributes["code"].tolist() == ["007", "1", "2"]
    assert attributes["years"].tolist()[:2] == [1.0, 2.5]
    assert attributes["years"][2] != attributes["years"][2]
    assert attributes["odd"].tolist() == ["1_000", "2", "3"]
    assert attributes["word"].tolist() == ["nan", "1", "2"]


def test_mapped_columns_win_over_columns_of_the_canonical_name():
    table = {"id": ["a", "b"], "dept": ["Sales", "Ops"], "person": ["Ann", "Bob"], "function": ["x", "y"], "team": ["t", "u"]}
    people = tn.read_people(table, columns={"person": "id", "function": "dept"})
    assert to_columns(people.frame) == {"person": ["a", "b"], "function": ["sales", "ops"], "team": ["t", "u"]}


def test_refusals():
    with pytest.raises(DataError, match="no column 'function'; did you mean 'functon'"):
        tn.read_people({"person": ["a"], "functon": ["Sales"]})
    with pytest.raises(ArgumentError, match="columns: one of person, function, person is given two names"):
        tn.read_people({"person": ["a"], "function": ["Sales"]}, columns={"persn": "person"})
    with pytest.raises(DataError, match="has no usable row: 2 rows in: 0 used, 2 rejected"):
        tn.read_people({"person": [None, ""], "function": ["Sales", "Ops"]})
    with pytest.raises(DataError, match="has no usable row"):
        tn.read_people(pd.DataFrame({"person": [], "function": []}, dtype="str"))
    people = tn.read_people({"person": ["a", "b"], "function": ["Sales", "Marketing"]})
    with pytest.raises(ArgumentError, match="no one in the people table holds the function 'marketting'; did you mean 'marketing'"):
        people.holders("marketting")


def test_positions_of_ids_and_of_strangers():
    people = tn.read_people({"person": ["b", "a", "NA"], "function": ["x"] * 3})
    assert people.codes(["a", "NA", "b", "c", None]).tolist() == [1, 2, 0, -1, -1]
    assert len(people) == 3
    with pytest.raises(ValueError, match="read-only"):
        people.person[0] = "z"


def test_the_face_shows_no_person():
    people = tn.read_people({"person": ["secretann"], "function": ["Sales"], "manager": ["secretbob"]})
    assert "secret" not in str(people) + repr(people) + people._repr_html_()


def test_whole_numbers_with_a_gap_stay_whole_in_every_kind_of_table(tmp_path):
    table = pa.table({"person": pa.array([2**60 + 1, None, 7]), "function": ["Sales"] * 3, "tenure": pa.array([1, 2, None])})
    pq.write_table(table, tmp_path / "people.parquet")
    for data in (tmp_path / "people.parquet", duckdb.from_arrow(table), table):
        with pytest.warns(RowsRejected):
            people = tn.read_people(data)
        assert people.person.tolist() == [str(2**60 + 1), "7"]
        np.testing.assert_array_equal(people.attributes["tenure"], [1.0, np.nan])
