from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.people.columns import Field
from bot.people.list_reading import LARGEST_LIST, Row, read_table
from bot.refusals import Refused
from tests.people.lists import cells, plain_list

LIST = plain_list(cells(Surname="Łukasz"), cells(Given_Name="Zoë"))


def rows_of(content: bytes) -> list[Row]:
    return list(read_table(content).rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_unicode_a_spreadsheet_writes_is_read(encoding: str) -> None:
    rows = rows_of(LIST.decode().encode(encoding))
    assert rows[0].cells[1] == "Łukasz"
    assert rows[1].cells[2] == "Zoë"


def test_windows_1252_is_read_with_its_quotes() -> None:
    rows = rows_of(plain_list(cells(Surname="O’Brien")).decode().encode("cp1252"))
    assert rows[0].cells[1] == "O’Brien"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_any_usual_separator_is_found(delimiter: str) -> None:
    content = plain_list(cells(Surname="Smith, Jones; Co"), delimiter=delimiter)
    assert rows_of(content)[0].cells[1] == "Smith, Jones; Co"


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = plain_list(cells(Surname="Two\nlines"), cells(), [], cells())
    assert [row.number for row in rows_of(content)] == [2, 3, 5]


def test_title_rows_above_the_header_are_skipped_and_counted() -> None:
    content = b"Report: NHS Number and more\r\nRun: 23/11/2026\r\n\r\n" + LIST
    assert read_table(content).header_row == 4
    assert [row.number for row in rows_of(content)] == [5, 6]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_will_do(end: str) -> None:
    assert len(rows_of(LIST.decode().replace("\r\n", end).encode())) == 2


def test_headings_of_other_systems_are_understood_in_any_case_and_order() -> None:
    table = read_table(b"dob,Patient ID,NHS_No,TELECOM NUMBER,Last name,Main spoken language,SNOMED codes\n")
    assert set(table.header.places) == {
        *(Field.BORN, Field.NHS_NUMBER, Field.PHONE, Field.SURNAME, Field.LANGUAGE, Field.CODES),
    }
    assert table.header.heading(Field.BORN) == "dob"


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "empty-file", "empty"),
        (b" \r\n\r\n", "empty-file", "CSV"),
        (b"\xef\xbb\xbf", "empty-file", "CSV"),
        (b"PK\x03\x04rest", "not-a-list", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "not-a-list", "password-protected"),
        (b"%PDF-1.7", "not-a-list", "PDF"),
        (b"NHS Number,DOB\n\x81\x8d", "not-text", "CSV UTF-8"),
        (b"GIF89a" + b"x" * 300 + b"\0", "not-text", "CSV UTF-8"),
        (b"hello\nworld\n", "no-header", "headings"),
        (b"NHS Number,Surname\n1,2\n", "missing-column", "no column Date of Birth"),
        (b"Surname,Date of Birth\n1,2\n", "missing-column", "no column NHS Number"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_export(content: bytes, code: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_table(content)
    assert refused.value.code == code
    assert says in refused.value.message


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_table(b"x" * (LARGEST_LIST + 1))
    assert refused.value.code == "file-too-large"


@pytest.mark.parametrize("lines_after", [0, 3, 500])
def test_a_quotation_that_never_ends_is_refused_by_its_row(lines_after: int) -> None:
    content = plain_list(cells()) + b'9990000212,"Example,Sam,1/1/1990\n' + plain_list(cells()) * lines_after
    with pytest.raises(Refused) as refused:
        rows_of(content)
    assert refused.value.code == "broken-quotes"
    assert "Row 3 " in refused.value.message


@given(st.binary(max_size=400), st.sampled_from([b"", b"NHS Number,Date of Birth\n"]))
def test_any_bytes_give_rows_or_a_refusal(content: bytes, start: bytes) -> None:
    with suppress(Refused):
        rows_of(start + content)
