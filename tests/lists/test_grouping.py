from datetime import date

import pytest

from bot.lists.judging.grouping import ListedPeople
from bot.lists.judging.row_reading import ReadingRules
from bot.lists.judging.verdicts import RowVerdict, Verdict, judge_rows
from bot.lists.reading.rows import Row
from tests.lists.lists import PLAIN, cells

RULES = ReadingRules(PLAIN, date(2026, 11, 23), test_numbers=True)


def group(*rows: list[str]) -> tuple[ListedPeople, list[RowVerdict]]:
    people = ListedPeople(PLAIN)
    numbered = (Row(number, row) for number, row in enumerate(rows, start=2))
    return people, list(people.group(judge_rows(numbered, RULES)))


def test_the_same_person_again_is_a_duplicate_whose_codes_are_kept() -> None:
    people, verdicts = group(cells(), cells(Problem_Codes="13645005"), cells())
    assert [v.verdict for v in verdicts] == [Verdict.ACCEPTED, Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert [listed.person.codes for listed in people.people_listed()] == [{"195967001", "13645005"}]
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
        ({"Date_of_Birth": "13/05/1960"}, "Date of Birth"),
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
