import pytest
from sqlmodel import select

from bot.database import Database
from bot.patients.optouts import lift_opt_out, opted_out_scope_sql, record_opt_out
from bot.tables.organisations import Practice
from bot.tables.patients import OptOut, OptOutScope, Patient
from tests.factories import make_patient, make_practice

PHONE = "+447700900123"


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


def opt_out(db: Database, practice: Practice, scope: OptOutScope = OptOutScope.OUTREACH) -> OptOut:
    with db.write() as session:
        return record_opt_out(session, practice_id=practice.id or 0, phone=PHONE, scope=scope, source="reply")


def lift(db: Database, practice: Practice, phone: str = PHONE) -> bool:
    with db.write() as session:
        return lift_opt_out(session, practice.id or 0, phone)


def scope_of(db: Database, patient: Patient) -> str | None:
    with db.read() as session:
        return session.exec(select(opted_out_scope_sql()).select_from(Patient).where(Patient.id == patient.id)).one()


def change_phone(db: Database, patient: Patient, phone: str) -> None:
    with db.write() as session:
        session.get_one(Patient, patient.id).phone = phone


def test_the_only_person_behind_a_phone_is_known(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, phone=PHONE)
    assert opt_out(db, practice).patient_id == patient.id
    assert scope_of(db, patient) == "outreach"


def test_a_shared_phone_opts_out_everybody_on_it(db: Database, practice: Practice) -> None:
    family = [make_patient(db, practice, phone=PHONE) for _ in range(2)]
    assert opt_out(db, practice).patient_id is None
    assert [scope_of(db, patient) for patient in family] == ["outreach", "outreach"]


def test_an_unknown_phone_can_opt_out(db: Database, practice: Practice) -> None:
    opt_out(db, practice)
    assert scope_of(db, make_patient(db, practice, phone=PHONE)) == "outreach"


def test_the_same_wish_twice_is_one(db: Database, practice: Practice) -> None:
    assert opt_out(db, practice).id == opt_out(db, practice).id


def test_a_wish_may_widen_and_never_narrows(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, phone=PHONE)
    opt_out(db, practice)
    opt_out(db, practice, OptOutScope.ALL)
    assert scope_of(db, patient) == "all"
    opt_out(db, practice, OptOutScope.OUTREACH)
    assert scope_of(db, patient) == "all"


def test_a_wish_follows_the_person_to_a_new_number(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, phone=PHONE)
    opt_out(db, practice)
    change_phone(db, patient, "+447700900999")
    assert scope_of(db, patient) == "outreach"


def test_lifting_it_on_the_new_number_lifts_it_for_the_person(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, phone=PHONE)
    opt_out(db, practice)
    change_phone(db, patient, "+447700900999")
    assert lift(db, practice, "+447700900999")
    assert scope_of(db, patient) is None


def test_lifting_when_there_is_nothing_to_lift_says_so(db: Database, practice: Practice) -> None:
    assert not lift(db, practice)


def test_a_wish_can_come_back_after_it_was_lifted(db: Database, practice: Practice) -> None:
    patient = make_patient(db, practice, phone=PHONE)
    first = opt_out(db, practice)
    assert lift(db, practice)
    assert opt_out(db, practice).id != first.id
    assert scope_of(db, patient) == "outreach"


def test_a_wish_to_one_practice_is_not_one_to_another(db: Database, practice: Practice) -> None:
    other = make_practice(db, "BRIDGE")
    patient = make_patient(db, other, phone=PHONE)
    opt_out(db, practice)
    assert scope_of(db, patient) is None
