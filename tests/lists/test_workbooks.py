import io
import zipfile
from contextlib import suppress
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.lists.reading.rows import Row
from bot.lists.reading.tables_of_files import read_table
from bot.lists.reading.workbooks import LARGEST_UNPACKED
from bot.refusals import Refused
from tests.lists.files import archive, with_member, workbook
from tests.lists.lists import COLUMNS, cells

LIST = workbook(COLUMNS, cells(), cells(Surname="Łukasz"))
SHEET = "xl/worksheets/sheet1.xml"


def rows_of(content: bytes) -> list[Row]:
    return list(read_table(content).rows())


def refusal(content: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        rows_of(content)
    return refused.value


def test_a_workbook_is_read_like_a_list() -> None:
    rows = rows_of(LIST)
    assert [row.number for row in rows] == [2, 3]
    assert rows[1].cells[1] == "Łukasz"


def test_the_sheet_with_the_header_is_found_below_its_titles() -> None:
    content = workbook(["Report: respiratory"], [], COLUMNS, cells(), titles=("Notes", "List"))
    assert read_table(content).header_row == 3
    assert [row.number for row in rows_of(content)] == [4]


def test_numbers_and_dates_of_a_workbook_are_written_in_full() -> None:
    header = ["NHS Number", "Date of Birth", "Mobile", "Interpreter Required"]
    row = [9990000077, date(1985, 4, 3), 447700900123.0, True]
    assert rows_of(workbook(header, row))[0].cells == ["9990000077", "1985-04-03", "447700900123", "Y"]
    assert rows_of(workbook(header, [9990000077, datetime.fromisoformat("1985-04-03T01:02"), 7700900123, False]))[
        0
    ].cells == [
        *("9990000077", "1985-04-03 01:02:00", "7700900123", "N"),
    ]


def test_a_formula_is_read_as_what_it_showed_last() -> None:
    assert rows_of(workbook(COLUMNS, cells(Surname="=1+1")))[0].cells[1] == ""


def test_a_hidden_sheet_is_not_read() -> None:
    book = load_workbook(io.BytesIO(LIST))
    book.create_sheet("Empty")
    book["Sheet1"].sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    assert refusal(target.getvalue()).code == "no-header"


def test_a_workbook_that_declares_to_unpack_to_a_gigabyte_is_refused_before_anything_is_unpacked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"<workbook/>")
        with packed.open(SHEET, "w", force_zip64=True) as member:
            for _ in range(LARGEST_UNPACKED // (1 << 24) + 1):
                member.write(b" " * (1 << 24))
    for opening in ("open", "read", "extract", "extractall"):
        monkeypatch.setattr(zipfile.ZipFile, opening, unpacked)
    with pytest.raises(Refused, match="unpacks to far more"):
        read_table(target.getvalue())


def unpacked(*_: object, **__: object) -> None:
    raise AssertionError("a member was unpacked")


def test_a_workbook_whose_declared_size_lies_is_refused() -> None:
    content = bytearray(with_member(LIST, SHEET, b" " * 20_000_000))
    true_size = (20_000_000).to_bytes(4, "little")
    while true_size in content:
        at = content.index(true_size)
        content[at : at + 4] = (1000).to_bytes(4, "little")
    assert refusal(bytes(content)).code == "damaged-workbook"


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>", "not-a-list"),
        (b"<worksheet><sheetData><row><c><v>" + b"1" * 6_000_000 + b"</v></c></row>", "workbook-too-large"),
        (b"<worksheet><sheetData><row", "damaged-workbook"),
        (b"", "damaged-workbook"),
    ],
)
def test_a_workbook_made_to_do_harm_is_refused(sheet: bytes, code: str) -> None:
    assert refusal(with_member(LIST, SHEET, sheet)).code == code


def test_a_row_numbered_a_thousand_million_does_not_make_a_thousand_million_rows() -> None:
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    header = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % name for name in (b"NHS Number", b"DOB"))
    sheet = b'<worksheet xmlns="%s"><sheetData><row r="1">%s</row><row r="999999999"><c><v>1</v></c></row>' % (
        main,
        header,
    )
    assert refusal(with_member(LIST, SHEET, sheet + b"</sheetData></worksheet>")).code == "workbook-too-large"


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"word/document.xml": b"<a/>"}, "Word document"),
        ({"xl/workbook.bin": b"1"}, "binary Excel"),
        ({"content.xml": b"<a/>"}, "OpenDocument"),
        ({"list.csv": b"1,2"}, "Unpack it first"),
    ],
)
def test_other_packed_files_are_named(members: dict[str, bytes], says: str) -> None:
    assert says in refusal(archive(members)).message


def test_a_password_is_asked_to_be_taken_off() -> None:
    protected = b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refusal(protected).message
    assert "damaged" in refusal(b"PK\x03\x04rest").message


@given(st.integers(0, len(LIST) - 1), st.binary(min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_gives_rows_or_a_refusal(at: int, damage: bytes) -> None:
    with suppress(Refused):
        rows_of(LIST[:at] + damage + LIST[at + len(damage) :])
