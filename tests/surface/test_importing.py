"""Lists as strangers bring them: the plain list to the letter, and files that are no lists."""

import codecs
from pathlib import Path
from typing import Any

import pytest

from tests.surface.console import Console

HEADER = (
    "NHS Number,Surname,Given Name,Date of Birth,Sex,Mobile Telephone,Main Language,Interpreter Required,"
    "Problem Codes,Registration Status,Date of Death,SMS Consent"
)
COLUMNS = HEADER.split(",")
COUNTS = ("rows", "accepted", "fixed", "rejected", "duplicates", "stored")


def nhs_number(index: int) -> str:
    """The index-th made-up NHS number that is valid."""
    found = 0
    for nine in range(999_300_000, 999_400_000):
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(str(nine))) % 11
        if check != 10:
            found += 1
        if found == index + 1 and check != 10:
            return f"{nine}{check % 11}"
    raise ValueError(index)


NUMBERS = [nhs_number(index) for index in range(40)]


def row(index: int, **cells: str) -> str:
    """A row about somebody in good order, save what is said otherwise."""
    usual = {
        "NHS Number": NUMBERS[index],
        "Surname": "Smith",
        "Given Name": "Ann",
        "Date of Birth": "25/12/1980",
        "Sex": "F",
        "Mobile Telephone": f"07700 9{index:05}",
        "Main Language": "Urdu",
        "Interpreter Required": "Y",
        "Problem Codes": "195967001",
    }
    named = {name.replace("_", " "): value for name, value in cells.items()}
    return ",".join((usual | named).get(name, "") for name in COLUMNS)


def a_list(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


@pytest.fixture
def practice(console: Console) -> str:
    console.ask("practices", "add", "LISTS", "--name", "Practice of lists")
    return "LISTS"


@pytest.fixture
def own(embedded: Console) -> str:
    embedded.ask("practices", "add", "LISTS", "--name", "Practice of lists")
    return "LISTS"


def counts(answer: Any) -> list[int]:
    return [answer[name] for name in COUNTS]


def test_importing_a_list_twice_stores_it_once_and_people_come_out_as_documented(
    console: Console, practice: str
) -> None:
    text = a_list(row(0), row(1, Problem_Codes="195967001; 13645005", Main_Language="", SMS_Consent="N"))
    assert counts(console.import_text(practice, text, "--dry-run")) == [2, 2, 0, 0, 0, 0]
    assert counts(console.import_text(practice, text)) == [2, 2, 0, 0, 0, 2]
    assert counts(console.import_text(practice, text)) == [2, 2, 0, 0, 0, 0]
    people = {person["nhs_number"]: person for person in console.lines("patients", "list", "--practice", practice)}
    assert people[NUMBERS[0]] == {
        "nhs_number": NUMBERS[0],
        "name": "Ann Smith",
        "born": "1980-12-25",
        "sex": "F",
        "phone": "+447700900000",
        "phone_status": "own",
        "language": "ur",
        "interpreter": True,
        "codes": ["195967001"],
        "opted_out": None,
        "registered": True,
        "deceased": False,
        "texting_refused": False,
        "imd_decile": None,
        "ethnic_category": None,
        "cervical_screening": None,
    }
    assert people[NUMBERS[1]]["codes"] == ["13645005", "195967001"]
    assert people[NUMBERS[1]]["language"] is None


@pytest.mark.parametrize(
    "content",
    [
        a_list(row(2)).encode(),
        a_list(row(2)).replace("\n", "\r\n").encode(),
        a_list(row(2)).replace("\n", "\r").encode(),
        codecs.BOM_UTF8 + a_list(row(2, Surname="Łukasz")).encode(),
        a_list(row(2, Surname="O’Brien", Given_Name="Zoë")).encode("cp1252"),
        a_list(row(2, Surname="Łukasz")).encode("utf-16"),
        a_list(row(2)).replace(",", "\t").encode(),
        a_list(row(2)).replace(",", ";").encode(),
        a_list(row(2)).rstrip("\n").encode(),
        ("Report: cold homes\nRun: today\n\n" + a_list(row(2))).encode(),
        a_list(row(2, Surname='"Smith, the\nelder"')).encode(),
        a_list(row(2), "", ",,,", "  ").encode(),
    ],
)
def test_one_person_is_read_however_the_file_is_written(embedded: Console, own: str, content: bytes) -> None:
    answer = embedded.import_text(own, content, "--dry-run")
    assert (counts(answer), answer["problems"]) == ([1, 1, 0, 0, 0, 0], [])


def test_headings_have_aliases_in_any_order_beside_columns_we_do_not_know(embedded: Console, own: str) -> None:
    text = (
        "Postcode,Last Name,FORENAME,dob,Gender,mobile_number,First Language,Interpreter Needed,Patient Type,"
        f"deceased,Consent to Text,NHS_No\nTN34,Doe,Jo,3-Apr-1985,male,+44 7700 900003,Polish,no,Regular,,Yes,"
        f"{NUMBERS[3]}\n"
    )
    answer = embedded.import_text(own, text)
    assert (counts(answer), answer["problems"]) == ([1, 1, 0, 0, 0, 1], [])
    people = {person["nhs_number"]: person for person in embedded.lines("patients", "list", "--practice", own)}
    person = people[NUMBERS[3]]
    assert (person["name"], person["born"], person["sex"], person["language"]) == ("Jo Doe", "1985-04-03", "M", "pl")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"NHS_Number": ""}, "nhs-number-missing"),
        ({"NHS_Number": "0000000000"}, "nhs-number-zeros"),
        ({"NHS_Number": "9991234567"}, "nhs-number-check-digit"),
        ({"NHS_Number": "999300"}, "nhs-number-length"),
        ({"Date_of_Birth": ""}, "birth-date-missing"),
        ({"Date_of_Birth": "31/02/1990"}, "not-a-date"),
        ({"Date_of_Birth": "01/01/2999"}, "birth-date-future"),
        ({"Date_of_Birth": "01/01/1890"}, "birth-date-too-old"),
    ],
)
def test_a_row_is_rejected_only_when_we_cannot_know_who_it_is(
    embedded: Console, own: str, cells: dict[str, str], code: str
) -> None:
    answer = embedded.import_text(own, a_list(row(4, **cells)), "--dry-run")
    (problem,) = answer["problems"]
    assert counts(answer) == [1, 0, 0, 1, 0, 0]
    assert (problem["row"], problem["code"], set(problem)) == (2, code, {"row", "column", "code", "message"})


FIXED = [
    ({"Mobile_Telephone": "7700900030"}, "Mobile Telephone"),
    ({"Mobile_Telephone": "01424 123456"}, "Mobile Telephone"),
    ({"Mobile_Telephone": "+33 6 12 34 56 78"}, "Mobile Telephone"),
    ({"Mobile_Telephone": "4.477E+11"}, "Mobile Telephone"),
    ({"Main_Language": "Klingon"}, "Main Language"),
    ({"Problem_Codes": "H33.."}, "Problem Codes"),
    ({"Sex": "?"}, "Sex"),
    ({"Date_of_Death": "soon"}, "Date of Death"),
    ({"SMS_Consent": "perhaps"}, "SMS Consent"),
    ({"Interpreter_Required": "perhaps"}, "Interpreter Required"),
]
ACCEPTED = [
    {"Mobile_Telephone": ""},
    {"Mobile_Telephone": "+44 (0)7700-900 030"},
    {"NHS_Number": f" {NUMBERS[4][:3]} {NUMBERS[4][3:6]}-{NUMBERS[4][6:]} "},
    {"Date_of_Birth": "03/04/1985"},
    {"Date_of_Birth": "1985-04-03"},
    {"Main_Language": "zh-Hans"},
    {"Main_Language": "315588006"},
    {"Main_Language": "PANJABI"},
    {"Main_Language": ""},
    {"Sex": "female"},
    {"Registration_Status": "Registered"},
    {"Registration_Status": "Deducted"},
    {"Date_of_Death": "01/02/2020"},
    {"SMS_Consent": "Dissent"},
    {"Problem_Codes": ""},
]


def test_what_can_be_mended_or_set_aside_keeps_the_person_with_a_reason_on_the_cell(
    embedded: Console, own: str
) -> None:
    rows = [row(index + 5, **cells) for index, (cells, _) in enumerate(FIXED)]
    answer = embedded.import_text(own, a_list(*rows), "--dry-run")
    assert counts(answer) == [len(rows), 0, len(rows), 0, 0, 0]
    told = [(problem["row"], problem["column"]) for problem in answer["problems"]]
    assert told == [(index + 2, column) for index, (_, column) in enumerate(FIXED)]


def test_spaces_capitals_and_a_day_first_date_are_simply_read(embedded: Console, own: str) -> None:
    for cells in ACCEPTED:
        answer = embedded.import_text(own, a_list(row(4, **cells)), "--dry-run")
        assert (counts(answer), answer["problems"]) == ([1, 1, 0, 0, 0, 0], []), cells


def test_lines_that_repeat_a_person_are_duplicates_whose_codes_are_kept(console: Console, practice: str) -> None:
    again = row(20, Problem_Codes="13645005")
    blank = "," * 8 + "87433001" + "," * 3
    answer = console.import_text(practice, a_list(row(20), again, blank, row(20, Surname="Other"), row(21)))
    assert counts(answer) == [5, 2, 0, 0, 3, 2]
    assert "conflict" in {problem["code"] for problem in answer["problems"]}
    people = {person["nhs_number"]: person for person in console.lines("patients", "list", "--practice", practice)}
    assert people[NUMBERS[20]]["codes"] == ["13645005", "195967001", "87433001"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n  \n",
        bytes(range(256)) * 100,
        b"PK\x03\x04" + b"0" * 100,
        b'[{"NHS Number": "9990000077"}]',
        row(22).encode(),
        b"NHS Number,Surname\n9990000077,Smith\n",
        b"x" * 10_000_000,
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(embedded: Console, own: str, content: bytes) -> None:
    path = embedded.world.folder / "odd.bin"
    path.write_bytes(content)
    assert embedded.refusal("patients", "import", str(path), "--practice", own)


def test_a_zero_byte_costs_a_letter_of_a_name_and_not_the_list(embedded: Console, own: str) -> None:
    path = embedded.world.folder / "damaged.csv"
    path.write_bytes(a_list(row(22, Surname="a\0b"), row(23)).encode())
    told = embedded.ask("patients", "import", str(path), "--practice", own, "--dry-run")
    assert counts(told) == [2, 1, 1, 0, 0, 0]


def test_a_header_alone_is_a_list_of_nobody(embedded: Console, own: str) -> None:
    assert counts(embedded.import_text(own, HEADER)) == [0, 0, 0, 0, 0, 0]


def test_ten_thousand_rows_are_read_and_progress_goes_to_stderr(embedded: Console, own: str) -> None:
    path = embedded.world.folder / "long.csv"
    path.write_text(a_list(*[row(24)] * 10_000))
    done = embedded.run("patients", "import", str(path), "--practice", own, "--dry-run", "--json")
    (answer,) = done.lines
    assert counts(answer) == [10_000, 1, 0, 0, 9_999, 0]
    assert "10,000 rows read" in done.err


def test_rejected_rows_are_written_where_they_can_be_mended_and_imported(embedded: Console, own: str) -> None:
    rejects = embedded.world.folder / "rejects.csv"
    text = a_list(row(25), row(26, Date_of_Birth="", Surname="=1+1"))
    embedded.import_text(own, text, "--rejects", str(rejects))
    written = rejects.read_text(encoding="utf-8-sig")
    assert "'=1+1" in written
    mended = written.replace(",'=1+1,Ann,,", ",Smith,Ann,25/12/1980,")
    assert counts(embedded.import_text(own, mended)) == [1, 1, 0, 0, 0, 1]


def test_rejects_that_cannot_be_written_are_refused_before_anybody_is_stored(embedded: Console, own: str) -> None:
    path = embedded.world.folder / "whole.csv"
    path.write_text(a_list(row(27)))
    words = ("patients", "import", str(path), "--practice", own, "--rejects")
    assert embedded.refusal(*words, str(embedded.world.folder / "nowhere" / "rejects.csv")) == "cannot-write"
    assert embedded.refusal(*words, str(path)) == "rejects-is-the-list"
    assert path.read_text() == a_list(row(27))
    assert NUMBERS[27] not in {person["nhs_number"] for person in embedded.lines("patients", "list", "--practice", own)}


def test_a_list_may_come_from_a_pipe(embedded: Console, own: str) -> None:
    words = ("patients", "import", "-", "--practice", own, "--dry-run")
    assert counts(embedded.ask(*words, stdin=a_list(row(28)).encode())) == [1, 1, 0, 0, 0, 0]


def test_only_the_practices_own_people_import_its_list(embedded: Console, own: str, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(a_list(row(29)))
    words = ("patients", "import", str(path), "--practice", "STATION", "--dry-run", "--as")
    assert embedded.ask(*words, "practice@demo.example")["accepted"] == 1
    assert embedded.refusal(*words, "partner@demo.example") == "not-allowed"
    others = ("patients", "import", str(path), "--practice", own, "--as")
    assert embedded.refusal(*others, "lead@demo.example") == "not-allowed"
    assert embedded.refusal(*others, "stranger@example.org") == "unknown-account"


def test_people_the_practices_own_search_chose_meet_the_condition_without_codes(console: Console) -> None:
    console.ask("practices", "add", "CHOSEN", "--name", "Chosen")
    console.ask("partners", "add", "HELPER", "--name", "Helper", "--places", "3", "--practice", "CHOSEN")
    text = a_list(row(30, Problem_Codes=""))
    plan = ("campaign", "plan", "--practice", "CHOSEN", "--purpose", "fuel-poverty", "--partner", "HELPER")
    console.import_text("CHOSEN", text)
    assert console.refusal(*plan) == "no-practice-phone"
    console.ask("practices", "change", "CHOSEN", "--phone", "01632 960300")
    assert console.ask(*plan)["cohort"] == 0
    console.import_text("CHOSEN", text, "--selected-for", "cold-home-respiratory")
    assert console.ask(*plan)["cohort"] == 1
    path = console.world.folder / "list.csv"
    assert (
        console.refusal("patients", "import", str(path), "--practice", "CHOSEN", "--selected-for", "nothing")
        == "unknown-criteria"
    )
