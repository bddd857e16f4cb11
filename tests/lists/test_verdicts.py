from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.lists.judging.row_reading import PersonIn, ReadingRules
from bot.lists.judging.verdicts import RowVerdict, Verdict, judge_row, judge_rows
from bot.lists.reading.columns import PLAIN_LIST, read_header
from bot.lists.reading.table import Row
from bot.tables.patients import PhoneStatus
from tests.lists.lists import PLAIN, cells

RULES = ReadingRules(PLAIN, date(2026, 11, 23), test_numbers=True)


def judge(**changes: str) -> RowVerdict:
    return judge_row(2, cells(**changes), RULES)


def person(**changes: str) -> PersonIn:
    found = judge(**changes).person
    assert found is not None
    return found


def test_a_usual_row_is_accepted_as_it_is() -> None:
    assert judge() == RowVerdict(
        row=2,
        verdict=Verdict.ACCEPTED,
        person=PersonIn(
            nhs_number="9990000077",
            born=date(1960, 5, 12),
            surname="Example",
            given_name="Alex",
            sex="F",
            phone="+447700900123",
            phone_status=PhoneStatus.OWN,
            language="ur",
            codes=frozenset({"195967001"}),
            registered=True,
        ),
    )


def test_needed_cells_alone_are_enough() -> None:
    row = ["9990000077", "", "", "12/05/1960", *[""] * 8]
    assert judge_row(2, row, RULES).verdict == Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"NHS_Number": ""}, "NHS Number", "nhs-number-missing"),
        ({"NHS_Number": "0000000000"}, "NHS Number", "nhs-number-zeros"),
        ({"NHS_Number": "9991234567"}, "NHS Number", "nhs-number-check-digit"),
        ({"Date_of_Birth": ""}, "Date of Birth", "birth-date-missing"),
        ({"Date_of_Birth": "13/25/1990"}, "Date of Birth", "not-a-date"),
        ({"Date_of_Birth": "01/01/2050"}, "Date of Birth", "birth-date-future"),
        ({"Date_of_Birth": "01/01/1850"}, "Date of Birth", "birth-date-too-old"),
    ],
)
def test_a_row_is_rejected_only_when_we_cannot_know_who_it_is(changes: dict[str, str], column: str, code: str) -> None:
    verdict = judge(**changes)
    assert (verdict.verdict, verdict.person) == (Verdict.REJECTED, None)
    assert [(p.row, p.column, p.code) for p in verdict.problems] == [(2, column, code)]


def test_both_reasons_of_a_rejected_row_are_given() -> None:
    assert len(judge(NHS_Number="1", Date_of_Birth="x").problems) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Mobile_Telephone": "7700900123"}, "phone-lost-zero"),
        ({"Mobile_Telephone": "01632 960001"}, "phone-not-mobile"),
        ({"Mobile_Telephone": "+92 300 1234567"}, "phone-not-uk"),
        ({"Mobile_Telephone": "4.477E+11"}, "phone-scientific"),
        ({"Mobile_Telephone": "ask"}, "phone-unreadable"),
        ({"Main_Language": "Klingon"}, "language-unknown"),
        ({"Sex": "?!q"}, "sex-unknown"),
        ({"Interpreter_Required": "perhaps"}, "interpreter-unknown"),
        ({"Problem_Codes": "195967001;wheeze"}, "code-unreadable"),
        ({"Problem_Codes": "1.95967E+08"}, "code-unreadable"),
        ({"Problem_Codes": "10692761000119100"}, "code-unreadable"),
        ({"Surname": "A" * 201}, "name-too-long"),
        ({"Surname": "A" * 1_000_000}, "cell-too-long"),
        ({"Date_of_Death": "??"}, "date-of-death-unreadable"),
        ({"Date_of_Death": "31/02/2020"}, "date-of-death-unreadable"),
        ({"Date_of_Death": "01/01/2090"}, "date-of-death-unreadable"),
        ({"SMS_Consent": "ask first"}, "consent-unknown"),
        ({"Date_of_Birth": "12/05/60"}, "two-digit-year"),
        ({"Date_of_Birth": "33232"}, "spreadsheet-day"),
    ],
)
def test_anything_else_is_fixed_with_a_reason_on_its_cell(changes: dict[str, str], code: str) -> None:
    verdict = judge(**changes)
    assert verdict.verdict == Verdict.FIXED
    assert [(p.column, p.code) for p in verdict.problems] == [(next(iter(changes)).replace("_", " "), code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"NHS_Number": " 999-000-0077 "},
        {"Sex": "female"},
        {"Main_Language": "URDU"},
        {"Main_Language": ""},
        {"Main_Language": "Not Recorded"},
        {"Interpreter_Required": "YES"},
        {"Mobile_Telephone": "+44 (0)7700 900123"},
        {"Mobile_Telephone": ""},
        {"Registration_Status": "Deducted"},
        {"Date_of_Death": "03/04/2024"},
        {"SMS_Consent": "Dissent"},
    ],
)
def test_spaces_capitals_and_plain_answers_are_simply_read(changes: dict[str, str]) -> None:
    assert judge(**changes).verdict == Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        *(("Urdu", "ur"), ("pl", "pl"), ("Main spoken language Polish (finding)", "pl"), ("315579002", "pl")),
        *(("Farsi", "fa"), ("PUNJABI", "pa-Guru"), ("", None), ("Unknown", None)),
        *(("315579002.0", "pl"), ("315579002 |Main spoken language Polish (finding)|", "pl")),
    ],
)
def test_a_language_is_a_name_a_tag_or_a_snomed_term_or_code(written: str, tag: str | None) -> None:
    assert person(Main_Language=written).language == tag


def test_an_unknown_language_is_kept_as_written_and_read_as_not_recorded() -> None:
    found = person(Main_Language="Klingon")
    assert (found.language, found.language_as_written) == (None, "Klingon")


@pytest.mark.parametrize(
    ("written", "needed"),
    [
        *(("Y", True), ("yes", True), ("1", True), ("315594003", True), ("Interpreter needed (finding)", True)),
        *(("N", False), ("No", False), ("315595002", False), ("Interpreter not needed", False)),
        *(("", None), ("Not recorded", None), ("?", None), ("Interpreter", None)),
        *(("315594003 |Interpreter needed|", True), ("Polish interpreter needed", True), ("204331000000107", True)),
        *(("Requires interpreter", True), ("Interpreter needed, not family", True)),
        *(("Does not need an interpreter", False), ("No longer needs an interpreter", False)),
    ],
)
def test_interpreter_need_is_yes_no_or_not_recorded(written: str, needed: bool | None) -> None:
    assert person(Interpreter_Required=written).interpreter is needed


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("195967001", {"195967001"}),
        ("195967001;13645005", {"195967001", "13645005"}),
        (" 195967001 ; 13645005 ; ", {"195967001", "13645005"}),
        ("195967001 | Asthma | ; 10692761000119107", {"195967001", "10692761000119107"}),
        ("195967001, 13645005", {"195967001", "13645005"}),
        ("195967001.0", {"195967001"}),
        ("", set()),
    ],
)
def test_codes_are_snomed_concepts_parted_by_semicolons(written: str, codes: set[str]) -> None:
    assert person(Problem_Codes=written).codes == codes


@pytest.mark.parametrize(
    ("written", "registered"),
    [("", None), ("Registered", True), ("REGISTERED", True), ("Temporary", False), ("Left", False)],
)
def test_only_registered_or_nothing_counts_as_registered(written: str, registered: bool | None) -> None:
    assert person(Registration_Status=written).registered is registered


@pytest.mark.parametrize(
    ("written", "deceased", "died_on"),
    [
        ("", None, None),
        ("03/04/2024", True, date(2024, 4, 3)),
        ("Y", True, None),
        ("N", False, None),
        ("31/02/2020", True, None),
        ("02/2020", True, None),
    ],
)
def test_a_death_is_a_date_or_a_yes_and_any_doubt_means_no_texts(
    written: str, deceased: bool | None, died_on: date | None
) -> None:
    found = person(Date_of_Death=written)
    assert (found.deceased, found.died_on) == (deceased, died_on)


@pytest.mark.parametrize(
    ("written", "refused"),
    [
        ("", None),
        ("N", True),
        ("no", True),
        ("Declined", True),
        ("Dissent", True),
        ("Y", False),
        ("Consent", False),
        ("ask", True),
    ],
)
def test_no_declined_and_dissent_refuse_texts_and_any_doubt_too(written: str, refused: bool | None) -> None:
    assert person(SMS_Consent=written).texting_refused is refused


@pytest.mark.parametrize(
    ("written", "sex"),
    [("f", "F"), ("Male", "M"), ("Indeterminate", "X"), ("Not known", "U"), ("?!q", "U"), ("", None)],
)
def test_sex_is_one_of_four_letters(written: str, sex: str | None) -> None:
    assert person(Sex=written).sex == sex


def test_a_full_name_is_split_when_there_is_no_surname() -> None:
    reading = ReadingRules(read_header(["NHS Number", "DOB", "Full Name"]), RULES.today, True)
    for written in ("EXAMPLE, Alex (Mr)", "Mr Alex EXAMPLE"):
        found = judge_row(2, ["9990000077", "12/05/1960", written], reading).person
        assert found is not None
        assert (found.surname, found.given_name) == ("EXAMPLE", "Alex")


def with_two(heading: str, other: str, first: str, second: str) -> RowVerdict:
    reading = ReadingRules(read_header(["NHS Number", "DOB", heading, other]), RULES.today, True)
    return judge_row(2, ["9990000077", "12/05/1960", first, second], reading)


@pytest.mark.parametrize("first", ["", "01632 960001", "ask"])
def test_of_two_phone_columns_the_first_number_that_can_be_texted_counts(first: str) -> None:
    verdict = with_two("Telecom Number", "Mobile", first, "07700 900200")
    assert verdict.verdict == Verdict.ACCEPTED
    assert verdict.person is not None
    assert verdict.person.phone == "+447700900200"


def test_where_no_phone_column_has_a_mobile_the_first_says_why() -> None:
    verdict = with_two("Telecom Number", "Mobile", "01632 960001", "ask")
    assert [p.code for p in verdict.problems] == ["phone-not-mobile"]


@pytest.mark.parametrize("first", ["Not Recorded", "Klingon", ""])
def test_of_two_language_columns_the_first_that_names_one_counts(first: str) -> None:
    verdict = with_two("Main Language", "Preferred Language", first, "Polish")
    assert (verdict.person.language if verdict.person else None, verdict.problems) == ("pl", ())


def test_one_of_two_columns_is_enough_to_refuse_texts_or_to_have_left() -> None:
    refused = with_two("SMS Consent", "Consent to Text", "Y", "N").person
    left = with_two("Registration Status", "Patient Type", "Registered", "Deducted").person
    assert refused is not None
    assert refused.texting_refused is True
    assert left is not None
    assert left.registered is False


def test_a_name_too_long_for_a_name_is_cut_and_the_person_kept() -> None:
    assert person(Surname="A" * 300).surname == "A" * 200


def test_a_cell_no_spreadsheet_could_keep_is_left_out_and_its_message_stays_short() -> None:
    verdict = judge(Main_Language="x" * 40_000, Interpreter_Required="y" * 30_000)
    assert [p.code for p in verdict.problems] == ["cell-too-long", "interpreter-unknown"]
    assert verdict.person is not None
    assert verdict.person.phone == "+447700900123"
    assert all(len(p.message) < 200 for p in verdict.problems)


def test_a_long_cell_in_a_column_that_is_not_for_us_says_nothing() -> None:
    assert with_two("Notes", "Surname", "x" * 1_000_000, "Example").problems == ()


def test_what_a_spreadsheet_needs_to_keep_zeros_is_taken_off() -> None:
    assert judge(NHS_Number='="9990000077"', Mobile_Telephone="'07700900123").verdict == Verdict.ACCEPTED


def test_a_row_with_more_cells_than_headings_is_fixed_and_said() -> None:
    assert [p.code for p in judge_row(2, [*cells(), "more"], RULES).problems] == ["extra-cells"]


def test_an_event_line_without_a_person_belongs_to_the_person_above() -> None:
    event = [""] * 8 + ["13645005", "", "", ""]
    verdicts = list(judge_rows([Row(2, cells()), Row(3, event)], RULES))
    assert verdicts[1].person is not None
    assert (verdicts[1].person.nhs_number, verdicts[1].person.codes) == ("9990000077", {"13645005"})


def test_an_event_line_under_a_rejected_person_is_rejected_too() -> None:
    event = [""] * 8 + ["13645005", "", "", ""]
    verdicts = list(judge_rows([Row(2, cells(NHS_Number="1")), Row(3, event)], RULES))
    assert [v.verdict for v in verdicts] == [Verdict.REJECTED, Verdict.REJECTED]


@given(st.lists(st.one_of(st.text(), st.sampled_from(cells())), max_size=len(PLAIN_LIST) + 2))
def test_any_cells_get_a_verdict(row: list[Any]) -> None:
    verdict = judge_row(2, row, RULES)
    assert (verdict.person is None) == (verdict.verdict == Verdict.REJECTED)
    assert bool(verdict.problems) == (verdict.verdict != Verdict.ACCEPTED)


A, B = "195967001", "13645005"


@pytest.mark.parametrize(
    "between",
    [
        *("\t", "\x0b", "\r", "\x1d", "\x85", "\u200b", "\u2028", "\u00a0", " / ", " - ", " & ", " + ", " and ", "|"),
        *("/", "\u2013", " \u2022 ", " |Asthma| ", " (Asthma) / ", ": ", "#", " ~ ", " \\ "),
    ],
)
def test_two_codes_in_a_cell_are_two_codes_whatever_stands_between(between: str) -> None:
    verdict = judge(Problem_Codes=f"{A}{between}{B}")
    assert (verdict.problems, verdict.person.codes if verdict.person else None) == ((), {A, B})


@pytest.mark.parametrize(
    ("written", "others"),
    [
        (f"{A} / H33", ["H33"]),
        (f"{A}, J45.9", ["J45.9"]),
        (f"{A} & wheeze", ["wheeze"]),
        (f"{A} Asthma 20190305", ["20190305"]),
        (f"{A} - 05/03/2019", ["05/03/2019"]),
        (f"{A}.{B}", [f".{B}".strip(".")]),
        (f"{A}, 12345", ["12345"]),
    ],
)
def test_what_a_cell_holds_beside_a_code_is_never_left_out_without_a_word(written: str, others: list[str]) -> None:
    verdict = judge(Problem_Codes=written)
    assert verdict.person is not None
    assert verdict.person.codes == {A}
    assert [p.code for p in verdict.problems] == ["code-unreadable"] * len(others)
    assert all(other in p.message for other, p in zip(others, verdict.problems, strict=True))


@pytest.mark.parametrize("term", ["Asthma, unspecified", "|Vitamin B12 deficiency|", "- Type 2 diabetes", "(disorder)"])
def test_the_term_after_a_code_is_no_other_code(term: str) -> None:
    assert judge(Problem_Codes=f"{A} {term}").problems == ()


@pytest.mark.parametrize("column", ["Surname", "Given_Name"])
def test_a_separator_in_a_name_is_a_space_and_an_apostrophe_stays(column: str) -> None:
    for written, read in (("Van\tDyk", "Van Dyk"), ("'t Hooft", "'t Hooft"), ("علی\u200cرضا", "علی\u200cرضا")):
        found = person(**{column: written})
        assert read in (found.surname, found.given_name)


@pytest.mark.parametrize(
    "name",
    [
        *("?ukasz", "MÃ¼ller", "Å‚ukasz", "Ù…Ø­Ù…Ø¯", "â€™t Hooft", "O&#39;Brien", "O&apos;Brien", "O&#x27;Brien"),
        *("M√ºller", "M├╝ller", "M\\u00fcller", "M%C3%BCller", "M=C3=BCller", "O\x92Brien", "M¿ller", "Jos\ufffd"),
        "Smith\u00c2\u00a0Jones",
    ],
)
def test_a_damaged_name_is_flagged(name: str) -> None:
    assert [p.code for p in judge(Surname=name).problems] == ["name-letter-lost"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Müller",
            "JOÃO",
            "ANDRÉ’S",
            "Ægir",
            "Ștefan",
            "Nguyễn",
            "O’Brien",
            "Smith & Jones",
            "Łukasz",
            "محمد",
            "Zoë-Ann",
        )
    ],
)
def test_a_name_with_accents_is_not_damaged(name: str) -> None:
    assert judge(Surname=name).problems == ()


@pytest.mark.parametrize("word", ["?", "??", "*", "!", "/", "✗", "N/A?"])
def test_signs_that_say_nothing_we_know_refuse_texts(word: str) -> None:
    verdict = judge(SMS_Consent=word)
    assert [p.code for p in verdict.problems] == ["consent-unknown"]
    assert verdict.person is not None
    assert verdict.person.texting_refused is True


@pytest.mark.parametrize("word", ["", " ", "-", "\u2212", "."])
def test_a_dash_is_a_blank_answer_about_texts(word: str) -> None:
    assert not person(SMS_Consent=word).texting_refused


def test_two_phone_columns_with_two_mobiles_are_said_and_none_is_guessed() -> None:
    verdict = with_two("Mobile Telephone", "Mobile", "07700 900123", "07700 900200")
    assert [(p.column, p.code) for p in verdict.problems] == [("Mobile Telephone", "phone-several")]
    assert verdict.person is not None
    assert (verdict.person.phone, verdict.person.phone_status) == (None, PhoneStatus.UNREADABLE)


def test_two_phone_columns_with_the_same_mobile_are_one() -> None:
    assert with_two("Mobile Telephone", "Mobile", "07700 900123", "+44 7700 900123").problems == ()


@pytest.mark.parametrize(
    ("heading", "other", "first", "second", "code"),
    [
        ("Surname", "Last Name", "Smith", "Jones", "name-several"),
        ("Sex", "Gender", "F", "Male", "sex-several"),
        ("Main Language", "First Language", "Urdu", "Polish", "language-several"),
        ("Interpreter Required", "Interpreter Needed", "N", "Y", "interpreter-several"),
        ("Date of Death", "Deceased", "01/02/2020", "01/03/2020", "date-of-death-several"),
        ("IMD Decile", "Deprivation Decile", "1", "9", "decile-several"),
        ("Ethnicity", "Ethnic Category", "A", "B", "ethnic-category-several"),
    ],
)
def test_two_columns_of_one_meaning_that_differ_are_said(
    heading: str, other: str, first: str, second: str, code: str
) -> None:
    assert [p.code for p in with_two(heading, other, first, second).problems] == [code]
    assert with_two(heading, other, first, first).problems == ()


@pytest.mark.parametrize(
    ("other", "value", "code"),
    [("NHS No", "9990000212", "nhs-number-several"), ("Birth Date", "13/05/1960", "birth-date-several")],
)
def test_two_columns_that_differ_on_who_it_is_reject_the_row(other: str, value: str, code: str) -> None:
    rules = ReadingRules(read_header(["NHS Number", "DOB", other]), RULES.today, True)
    verdict = judge_row(2, ["9990000077", "12/05/1960", value], rules)
    assert (verdict.verdict, [p.code for p in verdict.problems]) == (Verdict.REJECTED, [code])
