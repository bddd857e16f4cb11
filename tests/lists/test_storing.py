"""What happens to a list while the rest of the service goes on, and when the work is broken off."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import Session, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.lists import importing, kept
from bot.lists.demo_list import demo_csv
from bot.lists.headings import save_column_meanings
from bot.lists.importing import confirm_import, import_list, preview_list
from bot.lists.waiting import BUSY_FOR, discard_import, forget_unconfirmed_lists
from bot.patients import phone_safety
from bot.patients.listing import list_people
from bot.patients.phone_safety import refresh_every_practice
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.lists import ListImport, ListPart, ListState
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.factories import make_patient, make_practice
from tests.lists.lists import cells, plain_list

FAMILY = plain_list(
    cells(), cells(NHS_Number="9990000212", Mobile_Telephone="07700 900200"), cells(NHS_Number="9990000352")
)


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def preview(db: Database, settings: Settings, practice: Practice, content: bytes = FAMILY) -> int:
    return preview_list(db, settings, practice.id or 0, content, "list.csv", None, None).import_id


def state_of(db: Database, import_id: int) -> str:
    with db.read() as session:
        return session.get_one(ListImport, import_id).state


def statuses(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(Patient.phone_status).order_by(Patient.nhs_number)))


@pytest.fixture
def dies_after_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The process is gone after it has stored one person: not even what follows an error is done."""
    store = importing._store_piece
    left = [1]

    def once(*arguments: object) -> int:
        if not left.pop():
            raise KeyboardInterrupt
        left.append(0)
        return store(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(kept, "PEOPLE_AT_A_TIME", 1)
        patched.setattr(importing, "_store_piece", once)
        patched.setattr(importing, "let_go", lambda *_: None)
        yield patched


def half_stored(db: Database, settings: Settings, practice: Practice, dies_after_one: pytest.MonkeyPatch) -> int:
    """A list of which the first person was stored when the process died."""
    import_id = preview(db, settings, practice)
    with pytest.raises(KeyboardInterrupt):
        confirm_import(db, settings, import_id, CONSOLE)
    dies_after_one.undo()
    return import_id


def test_storing_again_after_a_crash_does_what_is_left(
    db: Database, settings: Settings, practice: Practice, dies_after_one: pytest.MonkeyPatch
) -> None:
    import_id = half_stored(db, settings, practice, dies_after_one)
    assert (state_of(db, import_id), statuses(db)) == (ListState.STORING, [PhoneStatus.SHARED])
    refresh_every_practice(db, settings)
    assert statuses(db) == [PhoneStatus.SHARED], "who shares a number is not known of half a list"
    with pytest.raises(Refused, match="right now"):
        confirm_import(db, settings, import_id, CONSOLE)
    with time_machine.travel(utc_now() + BUSY_FOR + timedelta(seconds=1)):
        assert confirm_import(db, settings, import_id, CONSOLE).stored == 2
    assert statuses(db) == [PhoneStatus.SHARED, PhoneStatus.OWN, PhoneStatus.SHARED]
    assert state_of(db, import_id) == ListState.CONFIRMED


def test_no_column_is_named_while_a_list_is_stored(
    db: Database, settings: Settings, practice: Practice, dies_after_one: pytest.MonkeyPatch
) -> None:
    import_id = half_stored(db, settings, practice, dies_after_one)
    with db.read() as session:
        waiting = session.get_one(ListImport, import_id)
    with pytest.raises(Refused, match="being worked on"):
        save_column_meanings(db, waiting, {}, CONSOLE)
    assert state_of(db, import_id) == ListState.STORING


def test_half_a_list_can_be_discarded_and_another_stored(
    db: Database, settings: Settings, practice: Practice, dies_after_one: pytest.MonkeyPatch
) -> None:
    import_id = half_stored(db, settings, practice, dies_after_one)
    with pytest.raises(Refused, match="right now"):
        discard_import(db, import_id, CONSOLE)
    with pytest.raises(Refused, match="right now"):
        import_list(db, settings, "STATION", FAMILY, selected_for=None, dry_run=False, actor=CONSOLE)
    assert state_of(db, import_id + 1) == ListState.DISCARDED
    with time_machine.travel(utc_now() + BUSY_FOR + timedelta(seconds=1)):
        discard_import(db, import_id, CONSOLE)
        import_list(db, settings, "STATION", FAMILY, selected_for=None, dry_run=False, actor=CONSOLE)
    assert statuses(db) == [PhoneStatus.SHARED, PhoneStatus.OWN, PhoneStatus.SHARED]


def test_a_fault_of_ours_lets_the_list_be_taken_up_at_once(
    db: Database, settings: Settings, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = preview(db, settings, practice)
    with monkeypatch.context() as patched:
        patched.setattr(importing, "_store_piece", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            confirm_import(db, settings, import_id, CONSOLE)
    assert confirm_import(db, settings, import_id, CONSOLE).stored == 3


def test_no_transaction_of_a_list_writes_so_many_people_that_others_wait(
    db: Database, settings: Settings, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_time, size = 100, 450
    monkeypatch.setattr(kept, "PEOPLE_AT_A_TIME", at_a_time)
    monkeypatch.setattr(phone_safety, "_AT_A_TIME", at_a_time)
    import_id = preview(db, settings, practice, demo_csv(size))
    written: list[int] = []
    write = Database.write

    @contextmanager
    def watched(self: Database) -> Iterator[Session]:
        before = people_as_stored(self)
        with write(self) as session:
            yield session
        written.append(len(people_as_stored(self) - before))

    monkeypatch.setattr(Database, "write", watched)
    stored = confirm_import(db, settings, import_id, CONSOLE).stored
    assert sum(written) > stored > size // 2, "everybody once, and those whose number is theirs alone again"
    assert max(written) <= at_a_time


def people_as_stored(db: Database) -> set[tuple[str, str, str | None]]:
    with db.read() as session:
        rows = session.exec(select(Patient.nhs_number, Patient.phone_status, Patient.phone))
        return {(number, status, phone) for number, status, phone in rows}


def test_a_list_is_stored_in_pieces_that_keep_nobody_waiting() -> None:
    assert kept.PEOPLE_AT_A_TIME <= 500
    assert phone_safety._AT_A_TIME <= 5000


def test_what_nobody_finished_in_a_day_is_erased(db: Database, settings: Settings, practice: Practice) -> None:
    import_id = preview(db, settings, practice)
    assert forget_unconfirmed_lists(db, settings) == 0
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        assert forget_unconfirmed_lists(db, settings) == 1
    with db.read() as session:
        found = session.get_one(ListImport, import_id)
        assert (found.state, found.content, found.columns) == (ListState.DISCARDED, None, [])
        assert session.exec(select(ListPart)).all() == []
        assert list(list_people(session, practice.id or 0)) == []


def test_a_number_that_turned_out_wrong_gives_way_to_a_new_one(
    db: Database, settings: Settings, practice: Practice
) -> None:
    number = {"phone_status": PhoneStatus.FAILED, "phone_source": "patient", "phone": "+447700900123"}
    make_patient(db, practice, nhs_number="9990000077", **number)
    for mobile, expected in (("07700 900123", "failed"), ("07700 900300", "own")):
        content = plain_list(cells(Mobile_Telephone=mobile))
        import_list(db, settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)
        assert statuses(db) == [expected]


GIRL = {"NHS_Number": "9990000077", "Date_of_Birth": "12/05/2012"}
HERS, MOTHERS = "07700 900141", "07700 900142"


def listed(db: Database, settings: Settings, day: str, number: str) -> tuple[str | None, str]:
    """A list of that day gives the girl that number: since when it counts, and what is thought of it."""
    with time_machine.travel(f"{day} 12:00 +0000", tick=False):
        content = plain_list(cells(**GIRL, Mobile_Telephone=number))
        import_list(db, settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)
    with db.read() as session:
        girl = session.exec(select(Patient)).one()
    return girl.phone_since.isoformat() if girl.phone_since else None, girl.phone_status


@pytest.mark.usefixtures("practice")
def test_a_list_dates_a_number_when_it_is_new_or_another(db: Database, settings: Settings) -> None:
    assert listed(db, settings, "2026-11-24", MOTHERS) == ("2026-11-24", "unsafe")
    assert listed(db, settings, "2028-05-12", MOTHERS) == ("2026-11-24", "unsafe")
    assert listed(db, settings, "2028-06-01", HERS) == ("2028-06-01", "own")


@pytest.mark.usefixtures("practice")
def test_a_number_that_a_list_leaves_out_for_a_while_is_no_newer_for_it(db: Database, settings: Settings) -> None:
    assert listed(db, settings, "2026-11-24", MOTHERS) == ("2026-11-24", "unsafe")
    assert listed(db, settings, "2028-05-10", "") == ("2026-11-24", "none")
    assert listed(db, settings, "2028-05-20", MOTHERS) == ("2026-11-24", "unsafe")


@pytest.mark.usefixtures("practice")
def test_a_first_number_counts_from_the_list_that_brings_it(db: Database, settings: Settings) -> None:
    assert listed(db, settings, "2026-11-24", "") == (None, "none")
    assert listed(db, settings, "2028-05-12", HERS) == ("2028-05-12", "own")
