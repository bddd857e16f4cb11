import pytest
from sqlmodel import select

from bot.audit import CONSOLE, AuditEntry
from bot.campaigns.fuel_poverty import COLD_HOME_RESPIRATORY
from bot.clock import london_today
from bot.database import Database
from bot.lists.conflicts import count_open_conflicts, open_conflicts, settle_conflict
from bot.lists.importing import import_list
from bot.lists.judging.judging import ImportResult
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.lists import ListConflict
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PatientCode
from tests.factories import make_practice
from tests.lists.lists import cells, plain_list, with_columns

ANOTHER_PHONE = {"Mobile_Telephone": "07700 900200"}


class Lists:
    """Imports lists into one practice, and settles what their rows disagree on."""

    def __init__(self, db: Database, settings: Settings, practice: Practice) -> None:
        self.db, self.settings, self.practice_id = db, settings, practice.id or 0

    def store(self, *rows: list[str], selected_for: str | None = None) -> ImportResult:
        return self.store_file(plain_list(*rows), selected_for)

    def store_file(self, content: bytes, selected_for: str | None = None) -> ImportResult:
        return import_list(
            self.db, self.settings, "STATION", content, selected_for=selected_for, dry_run=False, actor=CONSOLE
        )

    def open(self) -> list[ListConflict]:
        with self.db.read() as session:
            found = open_conflicts(session, self.practice_id)
            assert len(found) == count_open_conflicts(session, self.practice_id)
            return list(found)

    def settle(self, choice: int) -> None:
        settle_conflict(self.db, self.settings, self.open()[0].id or 0, choice, CONSOLE)

    def patient(self) -> Patient | None:
        with self.db.read() as session:
            return session.exec(select(Patient).where(Patient.nhs_number == "9990000077")).first()

    def phone(self) -> str | None:
        found = self.patient()
        assert found is not None
        return found.phone

    def left_out(self) -> str | None:
        with self.db.read() as session:
            return session.exec(select(COLD_HOME_RESPIRATORY.reason_sql(london_today()))).one()


@pytest.fixture
def lists(db: Database, settings: Settings) -> Lists:
    return Lists(db, settings, make_practice(db))


def test_what_was_stored_before_stays_until_a_person_has_chosen(lists: Lists) -> None:
    lists.store(cells(Mobile_Telephone="07700 900001"))
    lists.store(cells(), cells(**ANOTHER_PHONE))
    assert lists.phone() == "+447700900001"
    assert [conflict.fields for conflict in lists.open()] == [["Mobile Telephone"]]


@pytest.mark.parametrize(("choice", "phone"), [(0, "+447700900123"), (1, "+447700900200")])
def test_the_version_that_was_chosen_is_used_and_its_alternatives_are_erased(
    lists: Lists, db: Database, choice: int, phone: str
) -> None:
    lists.store(cells(), cells(**ANOTHER_PHONE))
    lists.settle(choice)
    assert (lists.phone(), lists.left_out()) == (phone, None)
    with db.read() as session:
        kept = session.exec(select(ListConflict)).one()
        assert (kept.state, kept.versions) == ("settled", [])
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "conflict-settled")).one().detail == {}


def test_the_same_list_again_asks_nothing_new_before_and_after_it_is_settled(lists: Lists) -> None:
    rows = (cells(), cells(**ANOTHER_PHONE))
    lists.store(*rows)
    assert (lists.store(*rows).stored, len(lists.open())) == (0, 1)
    lists.settle(1)
    assert (lists.store(*reversed(rows)).stored, lists.open(), lists.phone()) == (0, [], "+447700900200")


def test_a_list_that_says_one_thing_settles_it(lists: Lists) -> None:
    lists.store(cells(), cells(**ANOTHER_PHONE))
    lists.store(cells(Mobile_Telephone="07700 900300"))
    assert (lists.open(), lists.phone()) == ([], "+447700900300")


def test_a_list_without_that_column_settles_nothing(lists: Lists) -> None:
    lists.store(cells(), cells(**ANOTHER_PHONE))
    lists.store_file(with_columns({"NHS Number": "9990000077", "DOB": "12/05/1960", "Surname": "New"}))
    assert (len(lists.open()), lists.phone()) == (1, None)


@pytest.mark.parametrize(
    "changes", [{"Date_of_Death": "01/02/2020"}, {"SMS_Consent": "N"}, {"Registration_Status": "Left"}]
)
def test_nobody_is_invited_while_rows_disagree_on_whether_they_may_be(lists: Lists, changes: dict[str, str]) -> None:
    lists.store(cells())
    lists.store(cells(), cells(**changes))
    assert lists.left_out() == "unsafe-phone"
    lists.settle(0)
    assert lists.left_out() is None


def test_of_rows_that_disagree_on_who_it_is_nothing_is_used(lists: Lists, db: Database) -> None:
    lists.store(
        cells(), cells(Date_of_Birth="13/05/1960", Problem_Codes="13645005"), selected_for="cold-home-respiratory"
    )
    assert lists.patient() is None
    lists.settle(1)
    found = lists.patient()
    assert found is not None
    assert found.born.day == 13
    assert lists.left_out() is None
    with db.read() as session:
        assert [row.code for row in session.exec(select(PatientCode))] == ["13645005"]


def test_a_person_can_put_a_stored_date_of_birth_right(lists: Lists) -> None:
    lists.store(cells())
    lists.store(cells(Surname="A"), cells(Surname="A", Date_of_Birth="13/05/1960"))
    assert (lists.patient() or Patient()).surname == "Example"
    lists.settle(1)
    assert (lists.patient() or Patient()).born.day == 13


def test_what_the_person_told_us_outlives_the_choice(lists: Lists, db: Database) -> None:
    lists.store(cells())
    with db.write() as session:
        found = session.exec(select(Patient)).one()
        found.language, found.language_source = "so", "patient"
        session.add(found)
    lists.store(cells(Main_Language="Polish"), cells(Main_Language="Urdu"))
    lists.settle(0)
    assert (lists.patient() or Patient()).language == "so"


def test_a_task_is_settled_once_and_by_a_real_choice(lists: Lists) -> None:
    lists.store(cells(), cells(**ANOTHER_PHONE))
    number = lists.open()[0].id or 0
    with pytest.raises(Refused, match="Choose"):
        lists.settle(2)
    lists.settle(0)
    with pytest.raises(Refused, match="already"):
        settle_conflict(lists.db, lists.settings, number, 0, CONSOLE)


def test_a_value_only_one_row_has_is_no_disagreement(lists: Lists) -> None:
    result = lists.store(cells(Mobile_Telephone="", Main_Language=""), cells())
    assert (result.conflicts, lists.phone()) == (0, "+447700900123")
    assert (lists.patient() or Patient()).language == "ur"
