from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lists.reading.columns import Field
from bot.lists.reading.file_kinds import LARGEST_LIST
from bot.lists.reading.table import Row
from bot.lists.reading.tables_of_files import open_table, read_table
from bot.refusals import Refused
from tests.lists.lists import COLUMNS, cells, plain_list

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
        (b"\xd0\xcf\x11\xe0rest", "not-a-list", "older Excel workbook"),
        (b"%PDF-1.7", "not-a-list", "PDF"),
        (b"NHS Number,DOB\n\x81\x8d", "not-text", "CSV UTF-8"),
        (b"GIF89a" + b"x" * 300 + b"\0", "not-a-list", "picture"),
        (b"\x7fELF" + b"x" * 300 + b"\0", "not-text", "CSV UTF-8"),
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


def test_a_zero_byte_in_a_name_costs_one_letter() -> None:
    written = plain_list(cells(Surname="Damage"), cells(Given_Name="Zoë")).replace(b"Damage", b"Dam\0ge").decode()
    for encoding in ("utf-8", "cp1252"):
        rows = rows_of(written.encode(encoding))
        assert [rows[0].cells[1], rows[1].cells[2]] == ["Dam\ufffdge", "Zoë"]
    assert len(rows_of(LIST + b"\0")) >= 2


@pytest.mark.parametrize("lines_after", [0, 3, 500])
def test_a_quotation_that_never_ends_swallows_nobody(lines_after: int) -> None:
    content = plain_list(cells()) + b'9990000212,"Example,Sam,1/1/1990\n' + plain_list(cells()) * lines_after
    rows = rows_of(content)
    assert len(rows) == 2 + 2 * lines_after
    assert [row.number for row in rows if row.fault] == [3]
    assert rows[1].cells == ["9990000212", "Example", "Sam", "1/1/1990"]


def test_a_quotation_that_the_next_row_closes_swallows_nobody() -> None:
    rows = rows_of(b'NHS Number,Surname,DOB\n9990000077,"Smith,12/5/1960\n9990000212,"Jones",1/1/1990\n')
    assert [row.cells for row in rows] == [
        ["9990000077", "Smith", "12/5/1960"],
        ["9990000212", "Jones", "1/1/1990"],
    ]
    assert [row.fault is not None for row in rows] == [True, False]


def test_a_space_before_a_quoted_cell_is_no_part_of_it() -> None:
    rows = rows_of(b'"NHS Number", "Surname", "DOB"\n"9990000077", "Smith, Jr", "12/5/1960"\n')
    assert [row.cells for row in rows] == [["9990000077", "Smith, Jr", "12/5/1960"]]


@pytest.mark.parametrize("odd", [b"\x81", b"M\xfcller \xc5\x81ukasz"])
def test_a_byte_of_no_encoding_costs_a_letter_and_not_the_list(odd: bytes) -> None:
    rows = rows_of(plain_list(cells(Surname="ODD"), cells()).replace(b"ODD", odd))
    assert "\ufffd" in rows[0].cells[1]
    assert len(rows) == 2


def test_two_quotation_marks_in_two_rows_mix_up_nobody() -> None:
    rows = rows_of(
        b'NHS Number,Surname,Given Name,DOB\n9990000077,"Smith,Ann,12/5/1960\n'
        b'9990000425,Lee,Bo,3/4/1970\n9990000212,Jones,"Sam",1/1/1990\n9990000352,Ray",Di,2/2/1980\n'
    )
    assert [row.cells[0] for row in rows] == ["9990000077", "9990000425", "9990000212", "9990000352"]
    assert rows[0].cells == ["9990000077", "Smith", "Ann", "12/5/1960"]
    assert [row.number for row in rows if row.fault] == [2]


def test_line_breaks_and_commas_in_a_cell_are_one_row() -> None:
    content = plain_list(cells(Surname="1 High Street, Flat 2, Hastings\nc/o Lee, Ray, and Di\nx,y,z"))
    assert [len(row.cells) for row in rows_of(content)] == [len(COLUMNS)]


def test_a_cell_of_a_million_letters_is_a_cell() -> None:
    rows = rows_of(plain_list(cells(Surname="x" * 1_200_000), cells()))
    assert [(len(row.cells), row.fault) for row in rows] == [(len(COLUMNS), None)] * 2


def test_a_list_without_headings_is_told_so_and_its_first_person_is_no_heading() -> None:
    content = plain_list(cells(), header=cells(NHS_Number="999 000 0212"))
    with pytest.raises(Refused, match="no row of headings"):
        open_table(content)


def test_one_line_of_fifty_megabytes_is_refused() -> None:
    for line in (
        b"NHS Number,Date of Birth," * 2_000_000,
        b"x" * 50_000_000,
        b'NHS Number,DOB\n"' + b"x," * 25_000_000,
    ):
        with pytest.raises(Refused, match="too long"):
            rows_of(line)


def test_five_thousand_columns_are_refused_and_a_hundred_are_read() -> None:
    for columns, good in ((100, True), (5000, False)):
        header = [*COLUMNS, *(f"Column {number}" for number in range(columns))]
        content = plain_list([*cells(), *["x"] * columns], header=header)
        if good:
            assert len(rows_of(content)) == 1
        else:
            with pytest.raises(Refused, match="Export only those"):
                rows_of(content)


def test_every_row_with_a_stray_quotation_mark_is_read_by_itself() -> None:
    rows = rows_of(b"NHS Number,Surname,DOB\n" + b'9990000077,"Smith,12/5/1960\n' * 2001)
    assert len(rows) == 2001
    assert {row.cells[1] for row in rows} == {"Smith"}


@pytest.mark.parametrize("mark", ["\x1a", "\x1a\r\n", "\x04", "\ufeff", "\u200b,,", "_x000D_", "\x1a\n\x1a\n"])
def test_an_end_mark_is_no_row(mark: str) -> None:
    assert [row.number for row in rows_of(plain_list(cells()) + mark.encode())] == [2]


@pytest.mark.parametrize(
    "end", ["214 patients", "Total: 1", "Count,1", "1", "End of report\nPrinted 23/11/2026", "\n2\n"]
)
def test_the_count_at_the_end_of_an_export_is_no_row(end: str) -> None:
    rows = rows_of(plain_list(cells()) + end.encode())
    assert [row.number for row in rows] == [2]


def test_what_looks_like_a_count_in_the_middle_is_a_row() -> None:
    rows = rows_of(plain_list(cells()) + b"Total: 1\n" + plain_list(cells())[len(plain_list()) :])
    assert [row.number for row in rows] == [2, 3, 4]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<!DOCTYPE html><table>", "web page"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b'<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>', "FHIR is read as JSON"),
        (b'\xef\xbb\xbf<!-- x --> <f:Patient xmlns:f="http://hl7.org/fhir"/>', "FHIR is read as JSON"),
        (b"<Patient><id/></Patient>", "FHIR is read as JSON"),
        (b'<?xml version="1.0"?>\n<Bundle xmlns="http://hl7.org/fhir"/>', "FHIR is read as JSON"),
        ('<Patient xmlns="http://hl7.org/fhir"/>'.encode("utf-16"), "FHIR is read as JSON"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "workbook as XML"),
        (b"<table><tr><td>NHS Number</td>", "web page"),
        (b"<a/>", "XML"),
        (b"{\\rtf1", "Word document"),
        (b"\x89PNG\r\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"-----BEGIN PGP MESSAGE-----", "encrypted"),
        (b"SQLite format 3\0", "database"),
    ],
)
def test_a_wrong_file_is_named_and_told_what_to_export(content: bytes, says: str) -> None:
    with pytest.raises(Refused) as refused:
        rows_of(content)
    assert says in refused.value.message
    assert "Export it again as CSV" in refused.value.message


def test_headings_we_do_not_know_are_read_by_what_the_practice_said_of_them() -> None:
    content = b"Identifier,Born,Tel\n9990000077,12/05/1960,07700 900123\n"
    assert open_table(content).header.missing()
    meanings = {"identifier": Field.NHS_NUMBER, "born": Field.BORN, "tel": Field.PHONE}
    assert read_table(content, meanings).header.places == {Field.NHS_NUMBER: (0,), Field.BORN: (1,), Field.PHONE: (2,)}
    assert not read_table(plain_list(cells()), {"surname": None}).header.has(Field.SURNAME)


@given(st.binary(max_size=400), st.sampled_from([b"", b"NHS Number,Date of Birth\n"]))
def test_any_bytes_give_rows_or_a_refusal(content: bytes, start: bytes) -> None:
    with suppress(Refused):
        rows_of(start + content)


@pytest.mark.parametrize("line", ['9990000077,a",b,"c\n', 'a","\n', '"a\n', 'x",b,"\n'])
def test_stray_quotation_marks_all_over_cost_no_more_than_their_lines(line: str) -> None:
    content = b"NHS Number,DOB,Surname\n" + line.encode() * 60_000
    started = process_time()
    assert len(rows_of(content)) == 60_000
    assert process_time() - started < 12
