"""Small files that cost much to read: each is a kind of trouble that somebody sent to some other service."""

import io
import json
import zipfile
from collections.abc import Callable, Mapping

from tests.lists.files import with_member, workbook
from tests.lists.lists import COLUMNS, cells, plain_list

MANY = 1_000_000
_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_NAMES = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def _book() -> bytes:
    return workbook(COLUMNS, cells())


def styles(filling: str) -> bytes:
    """A workbook whose one number format is that long."""
    formats = f'<numFmts><numFmt numFmtId="164" formatCode="{filling}"/></numFmts>'
    body = f'<styleSheet {_MAIN}>{formats}<cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'
    return with_member(_book(), "xl/styles.xml", body.encode())


def many_formats() -> bytes:
    formats = "".join(f'<numFmt numFmtId="{number}" formatCode="[[[dd"/>' for number in range(300_000))
    body = f'<styleSheet {_MAIN}><numFmts>{formats}</numFmts><cellXfs><xf numFmtId="164"/></cellXfs></styleSheet>'
    return with_member(_book(), "xl/styles.xml", body.encode())


def sheets(number: int) -> bytes:
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(number))
    body = f"<workbook {_MAIN} {_NAMES}><sheets>{listed}</sheets></workbook>"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="worksheets/sheet1.xml"/>' for n in range(number)
    )
    names = "http://schemas.openxmlformats.org/package/2006/relationships"
    book = with_member(_book(), "xl/workbook.xml", body.encode())
    relations = f'<Relationships xmlns="{names}">{related}</Relationships>'
    return with_member(book, "xl/_rels/workbook.xml.rels", relations.encode())


def defined_names(number: int) -> bytes:
    names = "".join(f'<definedName name="n{n}">Sheet1!$A$1</definedName>' for n in range(number))
    body = (
        f"<workbook {_MAIN} {_NAMES}><definedNames>{names}</definedNames>"
        '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    return with_member(_book(), "xl/workbook.xml", body.encode())


def sheet(rows: str) -> bytes:
    return with_member(_book(), "xl/worksheets/sheet1.xml", _SHEET.format(rows).encode())


def with_texts(book: bytes, strings: str) -> bytes:
    """The same workbook, in which cells refer to these texts."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{office}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")), 1
        )
    )
    names = "http://schemas.openxmlformats.org/package/2006/relationships"
    relations = f'<Relationships xmlns="{names}">{related}</Relationships>'
    book = with_member(book, "xl/_rels/workbook.xml.rels", relations.encode())
    return with_member(book, "xl/sharedStrings.xml", f"<sst {_MAIN}>{strings}</sst>".encode())


def one_long_text_everywhere(text: str, columns: int, rows: int) -> bytes:
    row = "<row>" + '<c t="s"><v>0</v></c>' * columns + "</row>"
    return with_texts(sheet(row * rows), f'<si><t xml:space="preserve">{text}</t></si>')


def entities() -> bytes:
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "lol">{inner}]>'
    return with_member(_book(), "xl/worksheets/sheet1.xml", f"{doctype}<x>&e11;</x>".encode())


def zip_members(number: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("xl/workbook.xml", b"x")
        for count in range(number):
            packed.writestr(str(count), b"")
    return target.getvalue()


def csv_with(line: bytes, times: int) -> bytes:
    return plain_list(cells()) + line * times


COSTLY: Mapping[str, Callable[[], bytes]] = {
    "styles of 15 MB, open brackets": lambda: styles("[" * 15_000_000),
    "styles of 15 MB, quotes": lambda: styles("&quot;" * 2_500_000),
    "styles of 15 MB, an open quote and letters": lambda: styles("&quot;" + "a" * 14_000_000),
    "300,000 formats": many_formats,
    "90,000 sheets": lambda: sheets(90_000),
    "200,000 defined names": lambda: defined_names(200_000),
    "a million cells in a row": lambda: sheet("<row>" + "<c><v>1</v></c>" * MANY + "</row>"),
    "a million rows": lambda: sheet("<row><c><v>1</v></c></row>" * MANY),
    "a million empty rows": lambda: sheet("<row/>" * MANY),
    "a wide heading of one long text": lambda: one_long_text_everywhere("n" * 30_000_000, 16_000, 60),
    "long spaces everywhere": lambda: one_long_text_everywhere(" " * 30_000_000, 16_000, 60),
    "long odd spaces everywhere": lambda: one_long_text_everywhere("\u2003" * 10_000_000, 1_000, 60),
    "a text of a million runs": lambda: with_texts(
        sheet('<row><c t="s"><v>0</v></c></row>'), f"<si>{'<r><t>a</t></r>' * MANY}</si>"
    ),
    "a cell of a million texts": lambda: sheet(f'<row><c t="inlineStr"><is>{"<t>ab</t>" * MANY}</is></c></row>'),
    "a deep sheet": lambda: sheet("<row>" + "<a>" * MANY + "</a>" * MANY + "</row>"),
    "entities": entities,
    "entities as xml": lambda: b'<?xml version="1.0"?>' + entities_alone(),
    "a ratio of a thousand": lambda: sheet("<row><c><v>1</v></c></row>" + " " * 200_000_000),
    "100,000 members": lambda: zip_members(100_000),
    "stray quotes": lambda: csv_with(b'"\n', MANY),
    "stray quotes in cells": lambda: csv_with(b'a,"b\n', 100_000),
    "stray quotes in long lines": lambda: csv_with(b'"' + b"a," * 40_000 + b"\n", 250),
    "two quotes and letters": lambda: csv_with(b'"a"b,"\n', 100_000),
    "quotes alone": lambda: csv_with(b'"', 4_000_000),
    "quotes and commas": lambda: csv_with(b'",', 4_000_000),
    "commas alone": lambda: b"," * 7_000_000 + b"\n" + b"," * 7_000_000,
    "wide rows": lambda: csv_with(b"," * 900_000 + b"\n", 30),
    "separators of all kinds": lambda: (b",;|\t" * 200_000 + b"\n") * 40,
    "line ends alone": lambda: csv_with(b"\n", 3_000_000),
    "short rows": lambda: csv_with(b"1\n", 150_000),
    "combining marks": lambda: csv_with(("\u0316\u0301" * 16_000 + ",").encode() * 13 + b"\n", 20),
    "long words": lambda: csv_with((b"9" * 32_000 + b",") * 13 + b"\n", 40),
    "long codes": lambda: csv_with(b",,,,,,,,," + b"123456 " * 4_500 + b",,\n", 60),
    "one repeated key": lambda: b'{"resourceType":"Bundle",' + b",".join([b'"a":1'] * 2_000_000) + b"}",
    "one repeated entry": lambda: b'{"resourceType":"Bundle",' + b",".join([b'"entry":[]'] * 1_200_000) + b"}",
    "a repeated key within": lambda: b'[{"resourceType":"Patient",' + b",".join([b'"a":1'] * 2_000_000) + b"}]",
    "a million numbers": lambda: b"[" + b"1," * 300_000 + b"1]",
    "deep JSON": lambda: b'{"a":' * 2_000_000,
    "deep arrays": lambda: b"[" * 12_000_000,
    "deep arrays, a line each": lambda: (b"[" * 50_000 + b"\n") * 200,
    "lines of JSON": lambda: b'{"resourceType":"Patient"}\n' * 50_000,
    "many names of a person": lambda: json.dumps(
        {"resourceType": "Patient", "name": [{"family": "a"}] * 500_000, "identifier": [{"system": "x"}] * 500_000}
    ).encode(),
    "many conditions of one": lambda: (
        b'{"resourceType":"Patient","id":"1"}\n'
        + b"".join(
            b'{"resourceType":"Condition","subject":{"reference":"Patient/1"},"code":{"coding":'
            b'[{"system":"http://snomed.info/sct","code":"%d"}]}}\n' % (100_000 + n)
            for n in range(60_000)
        )
    ),
    "a long number": lambda: b'[{"resourceType":"Patient","a":' + b"9" * 4_000_000 + b"}]",
    "spaces before JSON": lambda: b" " * 30_000_000 + b"{}",
}


def entities_alone() -> bytes:
    with zipfile.ZipFile(io.BytesIO(entities())) as packed:
        return packed.read("xl/worksheets/sheet1.xml")
