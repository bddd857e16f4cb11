"""A wish not to be texted outlives the number it was about."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.lists.importing import import_list
from bot.patients.kept_opt_outs import KEPT_FOR, forget_phones_of_those_gone, hash_phone, opt_outs_under_another_key
from bot.patients.optouts import opted_out_scope_sql, record_opt_out
from bot.settings import Settings
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut, OptOutScope, Patient
from tests.factories import make_patient, make_practice, text_in

HEADER = "NHS Number,Date of Birth,Mobile Telephone,Registration Status\n"


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def opt_out(db: Database, practice: Practice, phone: str | None) -> None:
    with db.write() as session:
        record_opt_out(
            session, practice_id=practice.id or 0, phone=phone or "", scope=OptOutScope.OUTREACH, source="reply"
        )


def wish(db: Database) -> OptOut:
    with db.read() as session:
        return session.exec(select(OptOut)).one()


def scope(db: Database, nhs_number: str) -> str | None:
    with db.read() as session:
        statement = select(opted_out_scope_sql()).select_from(Patient).where(Patient.nhs_number == nhs_number)
        return session.exec(statement).one()


def import_again(db: Database, settings: Settings, nhs_number: str, mobile: str) -> None:
    content = f"{HEADER}{nhs_number},12/05/1960,{mobile},Registered\n".encode()
    import_list(db, settings, "STATION", content, selected_for=None, dry_run=False, actor=CONSOLE)


def later(settings: Settings, db: Database) -> int:
    with time_machine.travel(utc_now() + KEPT_FOR + timedelta(days=1)):
        return forget_phones_of_those_gone(db, settings)


def test_of_somebody_who_left_only_a_keyed_hash_of_the_number_stays(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    assert later(settings, db) == 1
    kept = wish(db)
    assert (kept.phone, kept.phone_hash) == (None, hash_phone(settings, practice.id, gone.phone))
    with db.read() as session:
        assert session.get_one(Patient, gone.id).phone is None
    assert later(settings, db) == 0


def test_while_the_person_is_on_the_list_the_number_stays(db, settings, practice) -> None:
    here = make_patient(db, practice)
    opt_out(db, practice, here.phone)
    assert later(settings, db) == 0
    assert wish(db).phone == here.phone


def test_somebody_who_left_lately_is_not_forgotten_yet(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    assert forget_phones_of_those_gone(db, settings) == 0


def test_when_the_number_comes_back_in_a_list_the_wish_is_honoured(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    later(settings, db)
    other = "9990000018" if gone.nhs_number != "9990000018" else "9990000026"
    import_again(db, settings, other, gone.phone.replace("+44", "0"))
    assert scope(db, other) == OptOutScope.OUTREACH
    assert wish(db).phone == gone.phone


def test_when_the_person_comes_back_under_another_number_the_wish_is_honoured(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    later(settings, db)
    import_again(db, settings, gone.nhs_number, "07700 900999")
    assert scope(db, gone.nhs_number) == OptOutScope.OUTREACH


def test_start_from_a_number_kept_as_a_hash_lifts_the_wish(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    later(settings, db)
    text_in(db, settings, gone.phone, "START")
    assert wish(db).lifted_at is not None


def test_a_wish_under_another_key_is_noticed(db, settings, practice) -> None:
    gone = make_patient(db, practice, registered=False)
    opt_out(db, practice, gone.phone)
    later(settings, db)
    rotated = settings.model_copy(update={"secret_key": "another"})
    kept = rotated.model_copy(update={"hash_key": settings.secret_key})
    with db.read() as session:
        assert opt_outs_under_another_key(session, settings) == 0
        assert opt_outs_under_another_key(session, rotated) == 1
        assert opt_outs_under_another_key(session, kept) == 0
