"""CSV files as exports really write them: read exactly, or refused in a line that names the cause. Expected values are counted by hand."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tienet as tn
from frames import to_columns
from tienet.base.errors import ArgumentError, DataError, RowsRejected, SeveralInCell
from tienet.network.reading.files.csv_records import Layout, lines_of, survey

RULE = tn.TieRule(min_interactions=1, half_life=None)
TEAM = {"person": ["ann", "bob", "cyn", "dan"], "function": ["Sales", "Marketing", "Marketing", "Finance"]}


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def quiet_log(data, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RowsRejected)
        warnings.simplefilter("ignore", SeveralInCell)
        return tn.read_log(data, **options)


def refused(reader, *args, **options) -> str:
    with pytest.raises((DataError, ArgumentError)) as caught:
        reader(*args, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) <= 300
    return message


def pairs(log) -> list[tuple[str, str]]:
    held = to_columns(log.frame)
    return list(zip(held["source"], held["target"], strict=True))


# Damaged lines

DAMAGED = {
    '4,bob,dan,2024-01-02,"5" screen"': "a quote inside a field",
    r'4,bob,dan,2024-01-02,"a \"b\" c, d"': "a quote inside a field",
    '4,bob,dan,2024-01-02,"unclosed': "a quote that never closes",
    '"4,bob,dan,2024-01-02,unclosed': "a quote that never closes",
    '4,"bob"x,dan,2024-01-02,fine': "a quote inside a field",
    "4,bob,dan,2024-01-02": "4 values where the header has 5",
    "4,bob,dan,2024-01-02,a,b,c": "7 values where the header has 5",
    "4": "1 value where the header has 5",
    '4,"bob, dan",2024-01-02,x': "4 values where the header has 5",
    '4,bob,dan,2024-01-02,"": unclosed"': "a quote inside a field",
}


@pytest.mark.sweep
@pytest.mark.parametrize("place", [0, 1, 1000, 30_000, 59_999, 60_000])
@pytest.mark.parametrize("line", DAMAGED)
def test_a_damaged_line_costs_one_row_wherever_it_stands(line, place, tmp_path):
    rows = [f'{n},ann,bob,2024-01-01,"fine, {n}"\n' for n in range(60_000)]
    text = "id,source,target,time,subject\n" + "".join([*rows[:place], line + "\n", *rows[place:]])
    with pytest.warns(RowsRejected, match="1 of 60,001 rows rejected"):
        log = tn.read_log(write(tmp_path / "q.csv", text))
    assert dict(log.ledger.counts) == {"used": 60_000, "malformed_line": 1}
    (reject,) = log.rejects
    assert (reject.file, reject.line, reject.code, reject.detail) == ("q.csv", place + 2, "malformed_line", DAMAGED[line])
    assert log.frame["source"].eq("ann").all()


@pytest.mark.parametrize("share", [2, 10])
def test_many_damaged_lines_cost_as_many_rows(share, tmp_path):
    rows = [f'{n},ann,"b,{n}"\n' if n % share else f'{n},"ann"x,bob\n' for n in range(20_000)]
    log = quiet_log(write(tmp_path / "q.csv", "id,source,target\n" + "".join(rows)))
    bad = 20_000 // share
    assert dict(log.ledger.counts) == {"used": 20_000 - bad, "malformed_line": bad}
    assert [reject.line for reject in log.rejects] == list(range(2, 20_002, share))
    assert to_columns(log.frame)["target"] == [f"b,{n}" for n in range(20_000) if n % share]


def test_unclosed_quotes_one_after_another_cost_a_row_each(tmp_path):
    text = 'source,target,subject\nann,bob,"one\nann,bob,"two\nann,cyn,three\nbob,cyn,"four\n'
    log = quiet_log(write(tmp_path / "q.csv", text))
    assert [(reject.line, reject.detail) for reject in log.rejects] == [(n, "a quote that never closes") for n in (2, 3, 5)]
    assert pairs(log) == [("ann", "cyn")]


def test_quotes_within_plain_text_and_blanks_around_quotes_are_no_damage(tmp_path):
    text = 'source,target,subject\nann,bob,5" screen\n"ann" , "cyn","a ""b"" c"\nann,dan,say "x"\n'
    log = tn.read_log(write(tmp_path / "q.csv", text))
    assert pairs(log) == [("ann", "bob"), ("ann", "cyn"), ("ann", "dan")]


def test_long_texts_in_quotes_are_one_row(tmp_path):
    body = "line, with a comma\r\n" * 200_000  # 4 MB in one value
    text = f'source,target,body\r\nann,bob,"{body}"\r\nbob,cyn,short\r\n,dan,x\r\n'
    log = quiet_log(write(tmp_path / "q.csv", text))
    assert pairs(log) == [("ann", "bob"), ("bob", "cyn")]
    assert [(reject.line, reject.code) for reject in log.rejects] == [(200_004, "missing_source")]


def test_damaged_lines_of_a_people_table_are_counted_and_explained(tmp_path):
    text = 'person,function,note\nann,Sales,"5" screen"\nbob,Marketing,fine\ncyn,Sales\n'
    with pytest.warns(RowsRejected, match=r"malformed lines 2, 4 \(the first: a quote inside a field\)") as caught:
        people = tn.read_people(write(tmp_path / "ppl.csv", text))
    assert people.person.tolist() == ["bob"]
    assert dict(people.ledger.counts) == {"used": 1, "malformed_line": 2}
    assert str(tmp_path) not in str(caught[0].message)


def test_the_warning_says_what_is_wrong(tmp_path):
    path = write(tmp_path / "q.csv", 'source,target\nann,bob\nann,"bob" x\n,bob\n')
    with pytest.warns(RowsRejected, match=r"\(the first: q\.csv:3 malformed_line \(a quote inside a field\), q\.csv:4 missing_source\)"):
        log = tn.read_log(path)
    assert [reject.detail for reject in log.rejects] == ["a quote inside a field", "no id of the person it came from"]


def test_damage_in_a_compressed_file_and_in_one_of_many(tmp_path):
    write(tmp_path / "a.csv.gz", gzip.compress(b'source,target\nann,bob\nann,"b" x\nbob,cyn\n'))
    write(tmp_path / "b.csv", 'target,source\r\ndan,ann\r\n"unclosed\r\n,ann\r\n')
    log = quiet_log(tmp_path)
    assert [(reject.file, reject.line, reject.code) for reject in log.rejects] == [
        ("a.csv.gz", 3, "malformed_line"),
        ("b.csv", 3, "malformed_line"),
        ("b.csv", 4, "missing_target"),
    ]
    assert pairs(log) == [("ann", "bob"), ("bob", "cyn"), ("ann", "dan")]
    people = tn.read_people(TEAM)
    assert tn.build_ties(log, people, rule=RULE).interactions.tolist() == [1, 1, 1]


# Line ends, marks, blank lines, trailing delimiters


@pytest.mark.parametrize("ends", [("\n", "\r\n"), ("\r\n", "\r"), ("\r", "\n"), ("\n", "\r\n", "\r")])
def test_line_ends_may_change_from_line_to_line(ends, tmp_path):
    text = "".join(f"{row}{ends[n % len(ends)]}" for n, row in enumerate(["source,target", *["ann,bob"] * 5000, ",bob", "ann,cyn"]))
    log = quiet_log(write(tmp_path / "log.csv", text))
    assert dict(log.ledger.counts) == {"used": 5001, "missing_source": 1}
    assert [reject.line for reject in log.rejects] == [5002]


def test_line_ends_within_quotes_stay_as_they_are(tmp_path):
    text = b'source,target\r\n"ann\r\nab","bob\nb"\r\n"c\rd",e\r\n'
    log = tn.read_log(write(tmp_path / "log.csv", text))
    assert pairs(log) == [("ann\r\nab", "bob\nb"), ("c\rd", "e")]


@pytest.mark.parametrize("marks", [1, 2, 3])
def test_byte_order_marks_are_no_part_of_a_name(marks, tmp_path):
    log = tn.read_log(write(tmp_path / "log.csv", b"\xef\xbb\xbf" * marks + b"time,source,target\n2024-01-01,ann,bob\n"))
    assert log.has == {"time", "source", "target"}
    assert log.first is not None


def test_blank_lines_and_rows_of_delimiters(tmp_path):
    log = quiet_log(write(tmp_path / "log.csv", "\n\nsource,target\n\nann,bob\n\n\n,\nbob,cyn\n\n"))
    assert dict(log.ledger.counts) == {"used": 2, "missing_source": 1}
    assert [reject.line for reject in log.rejects] == [8]


def test_a_delimiter_at_the_end_of_every_row_but_the_header(tmp_path):
    log = tn.read_log(write(tmp_path / "log.csv", "source,target\nann,bob,\nbob,cyn,\n"))
    assert pairs(log) == [("ann", "bob"), ("bob", "cyn")]
    log = tn.read_log(write(tmp_path / "log.csv", "source,target,\nann,bob\nbob,cyn\n"))
    assert pairs(log) == [("ann", "bob"), ("bob", "cyn")]


# Files with different columns


def test_a_column_that_begins_with_a_later_file(tmp_path):
    write(tmp_path / "w1.csv", "source,target,time\nann,bob,2024-01-01\n")
    write(tmp_path / "w2.csv", "source,target,time,weight\nann,bob,2024-02-01,25\n")
    people = tn.read_people(TEAM)
    assert tn.build_ties(tn.read_log(tmp_path / "w?.csv"), people, rule=RULE).interactions.tolist() == [26]
    named = tn.read_log(tmp_path / "w?.csv", columns={"weight": "weight"})
    assert named.frame["weight"].tolist() == [1, 25]
    (tmp_path / "w2.csv").rename(tmp_path / "w0.csv")
    assert tn.read_log(tmp_path / "w?.csv").frame["weight"].tolist() == [25, 1]


def test_columns_that_only_some_files_have_are_missing_in_the_others(tmp_path):
    write(tmp_path / "a.csv", "source,target,size,duration\nann,bob,3,10\n")
    write(tmp_path / "b.csv", "channel;target;source\nmail;bob;ann\n")
    write(tmp_path / "c.csv", "source\ttarget\tsize\nann\tbob\t\nann\tcyn\t1\n")
    log = quiet_log(tmp_path)
    assert dict(log.ledger.counts) == {"used": 3, "bad_size": 1}
    held = to_columns(log.frame)
    assert np.isnan(held["size"]).tolist() == [False, True, True] if isinstance(held["size"], np.ndarray) else held["size"][0] == 3
    assert [reject.file for reject in log.rejects] == ["c.csv"]


def test_a_file_without_source_or_target_is_named(tmp_path):
    write(tmp_path / "a.csv", "source,target\nann,bob\n")
    write(tmp_path / "b.csv", "from,target\nann,bob\n")
    told = refused(tn.read_log, tmp_path / "*.csv")
    assert "b.csv has no column 'source', which a.csv has" in told
    write(tmp_path / "p1.csv", "person,function\nann,Sales\n")
    write(tmp_path / "p2.csv", "person,dept\nbob,Sales\n")
    assert "p2.csv has no column 'function'" in refused(tn.read_people, str(tmp_path / "p?.csv"))


# Lines above the header and below the table


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_the_line_that_names_the_delimiter(line, tmp_path):
    path = write(tmp_path / "log.csv", f"{line}\r\nsource;target\r\nann;bob\r\n;bob\r\n")
    log = quiet_log(path)
    assert pairs(log) == [("ann", "bob")]
    assert [reject.line for reject in log.rejects] == [4]
    people = tn.read_people(write(tmp_path / "people.csv", f"{line}\nperson;function\nann;Sales, inside\n"))
    assert people.labels["sales_inside"] == "Sales, inside"


PREAMBLE = 'Mail log of the firm\nfrom 2024-01-01, to 2024-02-01, all "rooms\n\n'


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_header_below_other_lines_is_found_by_its_names(ending, tmp_path):
    text = PREAMBLE + "Sent,From,To\n2024-01-01,ann,bob\n2024-01-02,,bob\n"
    path = write(tmp_path / "log.csv", text.replace("\n", ending))
    mapped = {"time": "Sent", "source": "From", "target": "To"}
    for options in ({}, {"skip": 3}, {"skip": 2}):
        log = quiet_log(path, columns=mapped, **options)
        assert dict(log.ledger.counts) == {"used": 1, "missing_source": 1}
        assert [reject.line for reject in log.rejects] == [6]
    assert "no column" in refused(tn.read_log, path, columns={"source": "Nobody", "target": "To"})
    assert "skip must be a whole number" in refused(tn.read_log, path, skip=-1)


def test_skipped_lines_may_look_like_a_header(tmp_path):
    path = write(tmp_path / "log.csv", "source,target,old\nsource,target\nann,bob\n")
    assert pairs(tn.read_log(path, skip=1)) == [("ann", "bob")]
    assert "no line with text" in refused(tn.read_log, path, skip=9)


ATTENDANCE = (
    "1. Summary\nMeeting title\tWeekly\nAttended participants\t2\nStart time\t1/2/24, 10:00:00 AM\n\n"
    "2. Participants\nName\tFirst Join\tEmail\tRole\nAnn Ab\t1/2/24\tann@x.example\tOrganizer\nBob Bo\t1/2/24\tbob@x.example\tPresenter\n\n"
    "3. In-Meeting Activities\nName\tJoin Time\tLeave Time\tDuration\tRole\nAnn Ab\t1\t2\t3\tOrganizer\nBob Bo\t1\t2\t3\tPresenter\n"
)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8", "utf-8-sig"])
def test_the_table_with_the_wanted_columns_among_several(encoding, tmp_path):
    path = write(tmp_path / "attendance.csv", ATTENDANCE, encoding)
    people = tn.read_people(path, columns={"person": "Email", "function": "Role"})
    assert people.person.tolist() == ["ann@x.example", "bob@x.example"]
    assert people.labels == {"organizer": "Organizer", "presenter": "Presenter"}


def test_several_tables_without_the_wanted_columns_are_named(tmp_path):
    path = write(tmp_path / "attendance.csv", ATTENDANCE, "utf-16")
    told = refused(tn.read_log, path)
    assert "1. Summary, 2. Participants, 3. In-Meeting Activities" in told
    assert "'source'" in told
    assert "Ann" not in told


# Encodings


def test_a_header_in_another_encoding_is_told(tmp_path):
    path = write(tmp_path / "log.csv", "Absender;Empfänger;Datum\nann;bob;2024-01-01\n", "cp1252")
    mapped = {"source": "Absender", "target": "Empfänger", "time": "Datum"}
    assert "cannot be decoded as utf-8 (" in refused(tn.read_log, path, columns=mapped)
    assert "set encoding='cp1252'" in refused(tn.read_log, path, columns=mapped)
    assert pairs(tn.read_log(path, columns=mapped, encoding="cp1252")) == [("ann", "bob")]


def test_people_with_accents_are_not_lost_in_silence(tmp_path):
    text = "source,target\n" + "ann,bob\nmüller,bob\n" * 50
    path = write(tmp_path / "log.csv", text, "latin-1")
    told = refused(tn.read_log, path)
    assert "log.csv cannot be decoded as utf-8 (line 3 and others); set encoding='cp1252'" in told
    assert tn.read_log(path, encoding="latin-1").ledger.counts == {"used": 100}


def test_one_stray_line_of_many_is_set_aside(tmp_path):
    rows = b"ann,bob\n" * 20_000
    log = quiet_log(write(tmp_path / "log.csv", b"source,target\n" + rows + b"m\xfcller,bob\n" + rows))
    assert dict(log.ledger.counts) == {"used": 40_000, "malformed_line": 1}
    assert [(reject.line, reject.detail) for reject in log.rejects] == [(20_002, "bytes that are not utf-8")]
    told = refused(tn.read_people, write(tmp_path / "p.csv", b"person,function\nann,Sales\n" * 1 + b"m\xfcller,Sales\n"))
    assert "cannot be decoded as utf-8 (line 3); set encoding='cp1252'" in told


@pytest.mark.parametrize(
    "encoding", ["utf-16", "base64", "rot13", "hex", "punycode", "undefined", "latin-99", "utf-32", "idna", "\0", "x" * 5000]
)
def test_encodings_that_do_not_fit_are_refused_in_a_line(encoding, tmp_path):
    path = write(tmp_path / "log.csv", "source,target\nann,bob\nbob,ann\n")
    assert "encod" in refused(tn.read_log, path, encoding=encoding)


@pytest.mark.parametrize("delimiter", ["||", "", "\n", '"', "§"])
def test_delimiters_that_are_not_one_character_are_refused_in_a_line(delimiter, tmp_path):
    path = write(tmp_path / "log.csv", "source,target\nann,bob\n")
    assert "delimiter" in refused(tn.read_log, path, delimiter=delimiter)


@pytest.mark.parametrize(("written", "mark"), [("\\t", "\t"), ("tab", "\t"), (":", ":"), ("^", "^"), (" ", " "), ("]", "]"), ("%", "%")])
def test_unusual_delimiters(written, mark, tmp_path):
    path = write(tmp_path / "log.csv", 'source,target\nann,"b o"\n"x"y,z\n'.replace(",", mark))
    log = quiet_log(path, delimiter=written)
    assert pairs(log) == [("ann", "b o")]
    assert [reject.line for reject in log.rejects] == [3]


# Any mixture

VALUES = ["ann", "bob", "müller", "李", "two\nlines", "a\r\nb", 'say "hi"', "a,b;c\td", "x" * 300, "-", "5 %"]
BROKEN = ['ann,"bob"x', "only", "a,b,c,d", 'ann,"never']


@pytest.mark.sweep
@given(
    st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from([*VALUES, ""])) | st.sampled_from(BROKEN) | st.none(), max_size=14),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["", "sep", "above"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
)
def test_any_file_is_read_exactly_or_line_by_line(entries, delimiter, end, encoding, begin, quoting, packed):
    rows = [("first", "second"), *(entry for entry in entries if isinstance(entry, tuple)), ("last", "second")]
    laid = [("first", "second"), *entries, ("last", "second")]
    start = {"": "", "sep": f"sep={delimiter}{end}", "above": f"a report{end}{end}"}[begin]
    text, bad = f"{start}source{delimiter}target{end}", []
    for entry in laid:
        if isinstance(entry, str):
            bad.append(text.count("\n") + 1)
            text += entry.replace(",", delimiter) + end
        elif entry is None:
            text += end
        else:
            out = io.StringIO()
            csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerow(entry)
            text += out.getvalue()
    data = text.encode(encoding)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("log.csv.gz" if packed else "log.csv")
        path.write_bytes(gzip.compress(data) if packed else data)
        log = quiet_log(path, delimiter=None if begin == "sep" else delimiter)
        read = sorted(pairs(log))
    expected = [(source, target) for source, target in rows if target and source != target]
    assert read == sorted(expected)
    assert [reject.line for reject in log.rejects if reject.code == "malformed_line"] == bad
    assert log.ledger.rows_in == len(rows) + len(bad)


@given(st.binary(max_size=400), st.integers(2, 5))
def test_no_bytes_are_lost_or_counted_twice(data, width):
    """Records, damaged stretches and blank lines together are the whole text, whatever it is."""
    found = survey(io.BytesIO(data), Layout(",", width, 0, 1))
    lines = lines_of(io.BytesIO(data), Layout(",", width, 0, 1), np.arange(1, found.records + 1))
    assert (lines > 0).all()
    assert (np.diff(lines) > 0).all()
    assert not set(lines.tolist()) & found.lines.keys()
    assert len(found.lines) == found.damaged
    assert all(0 <= start < end <= len(data) + 1 for start, end in found.gaps)
    kept, start = b"", 0
    for gap in (*found.gaps, (None, None)):
        kept, start = kept + data[start : gap[0]], gap[1] or 0
    again = survey(io.BytesIO(kept), Layout(",", width, 0, 1))
    assert (again.records, again.damaged) == (found.records, 0)


@given(
    st.lists(st.sampled_from(["a", "b,c", '"', '""', ",", "\n", "\r\n", " ", "x", '"q"', "é"]), max_size=60).map("".join), st.integers(2, 4)
)
def test_small_and_large_blocks_find_the_same(text, width):
    import tienet.network.reading.files.csv_records as records

    data = text.encode()
    whole = survey(io.BytesIO(data), Layout(",", width, 0, 1))
    block, records.BLOCK = records.BLOCK, 3
    try:
        parts = survey(io.BytesIO(data), Layout(",", width, 0, 1))
    finally:
        records.BLOCK = block
    assert (parts.records, parts.lines, parts.gaps, parts.spanning) == (whole.records, whole.lines, whole.gaps, whole.spanning)
