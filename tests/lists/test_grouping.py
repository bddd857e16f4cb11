from datetime import date

import pytest

from bot.lists.judging.grouping import ListedPeople
from bot.lists.judging.row_reading import ReadingRules
from bot.lists.judging.verdicts import RowVerdict, Verdict, judge_rows
from bot.lists.reading.table import Row
from tests.lists.lists import PLAIN, cells, listed_people

RULES = ReadingRules(PLAIN, date(2026, 11, 23), test_numbers=True)


def group(*rows: list[str]) -> tuple[ListedPeople, list[RowVerdict]]:
    people = ListedPeople(PLAIN, date(2026, 11, 24))
    numbered = (Row(number, row) for number, row in enumerate(rows, start=2))
    return people, list(people.group(judge_rows(numbered, RULES)))


def test_the_same_person_again_is_a_duplicate_whose_codes_are_kept() -> None:
    people, verdicts = group(cells(), cells(Problem_Codes="13645005"), cells())
    assert [v.verdict for v in verdicts] == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert [listed.person.codes for listed in listed_people(people)] == [{"195967001", "13645005"}]
    assert verdicts[1].problems[-1].message == "The same person as in row 2; the codes of both rows are kept."


@pytest.mark.parametrize(
    "changes", [{"Mobile_Telephone": ""}, {"Surname": ""}, {"Surname": "EXAMPLE"}, {"Main_Language": ""}]
)
def test_blank_cells_and_capitals_contradict_nothing(changes: dict[str, str]) -> None:
    _, verdicts = group(cells(), cells(**changes))
    assert verdicts[1].problems[-1].code == "repeated"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"Mobile_Telephone": "07700 900200"}, "Mobile Telephone"),
        ({"Surname": "Other"}, "Surname"),
        ({"Date_of_Death": "Y"}, "Date of Death"),
        ({"SMS_Consent": "N"}, "SMS Consent"),
    ],
)
def test_rows_that_disagree_are_a_conflict_for_a_person_to_decide(changes: dict[str, str], column: str) -> None:
    _, verdicts = group(cells(), cells(**changes))
    problem = verdicts[1].problems[-1]
    assert (verdicts[1].verdict, problem.code, problem.column) == (Verdict.DUPLICATE, "conflict", column)
    assert "Row 2" in problem.message


def test_a_rejected_row_is_never_the_first_about_somebody() -> None:
    _, verdicts = group(cells(Date_of_Birth=""), cells())
    assert [v.verdict for v in verdicts] == [Verdict.REJECTED, Verdict.ACCEPTED]


BORN_OTHERWISE = {"Date_of_Birth": "13/05/1960"}


def test_rows_that_disagree_on_the_birth_date_are_rejected_and_named() -> None:
    people, verdicts = group(cells(), cells(**BORN_OTHERWISE), cells(Surname="Other", **BORN_OTHERWISE))
    assert [v.verdict for v in verdicts[1:]] == [Verdict.REJECTED, Verdict.REJECTED]
    assert {v.problems[-1].code for v in verdicts[1:]} == {"birth-date-conflict"}
    assert verdicts[1].named == "Alex Example 9990000077"
    assert list(people.withdrawn) == [2]
    assert len(listed_people(people)[0].others) == 2


def test_the_codes_of_events_stay_with_the_row_they_stand_under() -> None:
    event = [""] * 8 + ["44054006", "", "", ""]
    people, verdicts = group(cells(), cells(Problem_Codes="13645005", **BORN_OTHERWISE), event)
    assert verdicts[2].verdict == Verdict.REJECTED
    listed = listed_people(people)[0]
    assert [version.person.codes for version in (listed.first, *listed.others)] == [
        *({"195967001"}, {"13645005", "44054006"}),
    ]


def test_a_rejected_row_names_the_person_as_the_file_does() -> None:
    _, verdicts = group(cells(NHS_Number="1"), cells(NHS_Number="", Surname=""), [""] * 12)
    assert [v.named for v in verdicts] == ["Alex Example 1", "Alex", ""]
