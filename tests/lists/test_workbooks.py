import io
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from bot.lists.judging.judging import ImportResult
from bot.lists.judging.row_reading import ReadingRules
from bot.lists.judging.verdicts import judge_rows
from bot.lists.reading.table import Row
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


def judged(content: bytes) -> ImportResult:
    table = read_table(content)
    result = ImportResult()
    for verdict in judge_rows(table.rows(), ReadingRules(table.header, date(2026, 11, 23), True, table.epoch)):
        result.add(verdict)
    return result


def members_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def prefixed(content: bytes, prefix: bytes = b"x") -> bytes:
    """As Open XML SDK and ClosedXML write: every element with a prefix."""

    def with_prefix(part: bytes) -> bytes:
        part = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1" + prefix + rb":\2", part)
        return part.replace(b' xmlns="', b" xmlns:" + prefix + b'="')

    changed = (name for name in members_of(content) if name.startswith("xl/") and name.endswith(".xml"))
    members = members_of(content)
    return archive(members | {name: with_prefix(members[name]) for name in changed if "theme" not in name})


def strict(content: bytes) -> bytes:
    """As Excel saves "Strict Open XML Spreadsheet"."""
    purl = b"http://purl.oclc.org/ooxml/"
    replaced = (
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", purl + b"spreadsheetml/main"),
        (
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            purl + b"officeDocument/relationships",
        ),
    )
    members = members_of(content)
    for name, part in members.items():
        for old, new in replaced:
            part = part.replace(old, new)
        members[name] = part
    return archive(members)


@pytest.mark.parametrize("written", [prefixed, strict, lambda content: strict(prefixed(content, b"ss"))])
def test_a_workbook_is_read_whatever_its_names_are_prefixed_with(written: Callable[[bytes], bytes]) -> None:
    content = workbook(COLUMNS, cells(), cells(Surname="Łukasz", Date_of_Birth=date(1985, 4, 3)))  # type: ignore[arg-type]
    assert rows_of(written(content)) == rows_of(content)
    assert rows_of(content)[1].cells[3] == "1985-04-03"


def test_twelve_thousand_people_with_a_prefix_are_no_bomb() -> None:
    content = prefixed(workbook(COLUMNS, *(cells(Surname=f"Person {index}") for index in range(12_000))))
    assert len(members_of(content)[SHEET]) > 4 << 20
    assert len(rows_of(content)) == 12_000


def saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("formatted", [True, False])
@pytest.mark.parametrize("born", [date(1985, 4, 3), date(1925, 4, 3), date(2020, 2, 29)])
def test_days_count_from_the_workbooks_own_epoch(born: date, formatted: bool) -> None:
    book = load_workbook(io.BytesIO(workbook(["NHS Number", "Date of Birth"])))
    book.epoch = CALENDAR_MAC_1904
    cell = born if formatted else (born - date(1904, 1, 1)).days
    book.active.append(["9990000077", cell])
    table = read_table(saved(book))
    rules = ReadingRules(table.header, date(2026, 11, 23), True, table.epoch)
    [verdict] = judge_rows(table.rows(), rules)
    assert verdict.person is not None
    assert verdict.person.born == born


def test_a_day_number_without_a_format_counts_from_1900_otherwise() -> None:
    [row] = rows_of(workbook(["NHS Number", "Date of Birth"], ["9990000077", 31140]))
    assert row.cells == ["9990000077", "31140"]
    assert (
        judged(workbook(["NHS Number", "Date of Birth"], ["9990000077", 31140])).problems[0].message.endswith("1985.")
    )


def test_hidden_rows_are_read_and_marked() -> None:
    book = load_workbook(io.BytesIO(LIST))
    book.active.row_dimensions[3].hidden = True
    assert [(row.number, row.hidden) for row in rows_of(saved(book))] == [(2, False), (3, True)]


@pytest.mark.parametrize("escape", ["_x000D_", "_x000D_\n", "_x0009_", "_x200B_"])
def test_what_a_workbook_escapes_is_undone_in_headings_and_cells(escape: str) -> None:
    headings = [f"{heading}{escape}" for heading in COLUMNS]
    result = judged(workbook(headings, [f"{cell}{escape}" if cell else cell for cell in cells()]))
    assert (result.rows, result.accepted) == (1, 1)


def test_numbers_of_any_shape_are_written_in_full() -> None:
    sheet = members_of(workbook(["NHS Number", "Date of Birth"], [1, 2]))[SHEET]
    values = sheet.replace(b"<v>1</v>", b"<v>9.990000077E9</v>").replace(b"<v>2</v>", b"<v>31140.0</v>")
    content = with_member(workbook(["NHS Number", "Date of Birth"], [1, 2]), SHEET, values)
    assert rows_of(content)[0].cells == ["9990000077", "31140"]


def with_shared_strings(content: bytes, strings: bytes) -> bytes:
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Type="%s" Target="sharedStrings.xml" Id="rId9"/>' % kind
    name = "xl/_rels/workbook.xml.rels"
    relations = members_of(content)[name].replace(b"</Relationships>", relation + b"</Relationships>")
    return with_member(with_member(content, name, relations), "xl/sharedStrings.xml", strings)


@pytest.mark.parametrize("kind", ["inlineStr", "str", "s"])
def test_text_is_read_however_it_is_kept(kind: str) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    text = {
        "inlineStr": "<is><r><t>Łu</t></r><r><t>kasz</t></r><rPh><t>x</t></rPh></is>",
        "str": "<f>A1</f><v>Łukasz</v>",
        "s": "<v>0</v>",
    }[kind]
    row = '<row><c t="inlineStr"><is><t>NHS Number</t></is></c><c t="inlineStr"><is><t>DOB</t></is></c></row>'
    row += f'<row r="7"><c t="{kind}">{text}</c><c r="B7" t="inlineStr"><is><t>x</t></is></c></row>'
    sheet = f'<worksheet xmlns="{main}"><sheetData>{row}</sheetData></worksheet>'
    strings = f'<sst xmlns="{main}"><si><r><t>Łu</t></r><rPh><t>x</t></rPh><r><t>kasz</t></r></si></sst>'
    content = with_shared_strings(with_member(LIST, SHEET, sheet.encode()), strings.encode())
    assert [(found.number, found.cells) for found in rows_of(content)] == [(7, ["Łukasz", "x"])]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", SHEET])
def test_no_part_may_have_entities(part: str) -> None:
    members = members_of(with_shared_strings(LIST, b"<sst/>"))
    harmful = b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + members[part].split(b"?>")[-1]
    assert refusal(archive(members | {part: harmful})).code == "not-a-list"


def test_a_workbook_with_many_sheets_and_styles_is_read_at_once() -> None:
    members = members_of(LIST)
    sheets = b"".join(b'<sheet name="S%d" sheetId="%d" r:id="rId1"/>' % (number, number) for number in range(90_000))
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace(b"</sheets>", sheets + b"</sheets>")
    members["xl/styles.xml"] = members["xl/styles.xml"].replace(b"</cellXfs>", b"<xf/>" * 2_500_000 + b"</cellXfs>")
    started = process_time()
    assert len(rows_of(archive(members))) == 2
    assert process_time() - started < 20
