"""Only people of linked practices are found, by code or by number and birth date, and nobody learns why not."""

from datetime import date

import pytest

from bot.patients.nhs_numbers import read_nhs_number
from bot.patients.person_codes import make_person_code, new_code, replace_person_code, show_code
from bot.pharmacy.notices.finding import person_by_code, person_by_number
from bot.refusals import Refused
from bot.tables.patients import Patient
from tests.factories import make_patient, make_practice
from tests.messaging.helpers import change
from tests.pharmacy.notices.counting import statements
from tests.pharmacy.notices.world import Town

WHY_NOT = {"dead": {"deceased": True}, "day of death": {"died_on": date(2026, 1, 1)}, "gone": {"registered": False}}


def code_of(town: Town, person: Patient) -> str:
    with town.db.write() as session:
        return make_person_code(session, person.id or 0)


def by_code(town: Town, code: str) -> Patient | None:
    with town.db.read() as session:
        return person_by_code(session, town.pharmacy, code)


def by_number(town: Town, number: str, born: date | None) -> Patient | None:
    with town.db.read() as session:
        return person_by_number(session, town.pharmacy, number, born)


def test_a_person_is_found_by_code_however_it_is_written(town: Town) -> None:
    code = code_of(town, town.person)
    for written in (code, show_code(code), f" {code.lower()} "):
        found = by_code(town, written)
        assert found is not None
        assert found.id == town.person.id


def test_what_is_no_code_is_said_and_says_nothing_of_anybody(town: Town) -> None:
    with pytest.raises(Refused, match="no code"):
        by_code(town, "1234")


def test_a_person_is_found_by_number_and_birth_date_together(town: Town) -> None:
    number = town.person.nhs_number
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}"
    assert by_number(town, spaced, town.person.born) is not None
    assert by_number(town, number, date(1960, 5, 13)) is None
    assert by_number(town, number, None) is not None  # the wire's
    assert read_nhs_number("nonsense").number is None
    assert by_number(town, "nonsense", town.person.born) is None


@pytest.mark.parametrize("changes", [*WHY_NOT.values(), None], ids=[*WHY_NOT, "unlinked"])
def test_whoever_is_not_theirs_is_nobody_in_as_many_statements(town: Town, changes: dict[str, object] | None) -> None:
    elsewhere = make_patient(town.db, make_practice(town.db, "QUAY"))
    person = elsewhere if changes is None else town.person
    if changes:
        change(town.db, person, **changes)
    code = code_of(town, person)
    with statements(town.db) as of_nobody:
        assert by_code(town, new_code()) is None
        assert by_number(town, "9990000018", person.born) is None
    with statements(town.db) as of_them:
        assert by_code(town, code) is None
        assert by_number(town, person.nhs_number, person.born) is None
    assert of_nobody == of_them


def test_a_code_that_was_replaced_stands_for_nobody(town: Town) -> None:
    code = code_of(town, town.person)
    with town.db.write() as session:
        replace_person_code(session, town.person.id or 0)
    assert by_code(town, code) is None
