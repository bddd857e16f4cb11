"""Nothing that goes to a parent's number says anything of a young person, whatever is booked and whoever asks."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.appointments.by_text.reminders import remind
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.joint.moving import move_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.subject import about
from bot.audit import CONSOLE
from bot.messaging.outbox import queue_text
from bot.tables.appointments import Visit, VisitState
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.appointments.world import make_clinic, make_session
from tests.appointments.youth.walls import HERS, MOTHERS, Wall
from tests.factories import make_patient
from tests.messaging.helpers import london, texts_to

SECRETS = ("Aisha", "Saturday", "28 November", "10:30", "11:30", "Station Road", "Young", "appointment on", "time on")


def booked_by_staff(wall: Wall, girl: Patient) -> Visit:
    wanted = VisitWanted(wall.practice.code, girl.nhs_number, wall.clinic.code, london("2026-11-28 10:30"))
    return book_joint_visit(wall.db, wall.settings, wanted, CONSOLE)


def says_nothing(wall: Wall, phone: str = MOTHERS) -> bool:
    bodies = [text.body for text in texts_to(wall.db, phone) if text.attempts]
    return not [secret for secret in SECRETS for body in bodies if secret in body]


def nothing_follows(wall: Wall, visit: Visit) -> None:
    """A visit that stays as it is."""


def moved(wall: Wall, visit: Visit) -> None:
    move_visit(wall.db, wall.settings, visit.code, london("2026-11-28 11:30"), CONSOLE)


def given_up(wall: Wall, visit: Visit) -> None:
    give_up_visit(wall.db, wall.settings, visit.code, "practice", None, CONSOLE)


def missed(wall: Wall, visit: Visit) -> None:
    wall.at("2026-11-28 11:00")
    record_outcome(wall.db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE)


@pytest.mark.parametrize("then", [nothing_follows, moved, given_up, missed])
@pytest.mark.parametrize("young", [{}, {"born": london("2010-11-25 12:00").date()}])
@pytest.mark.parametrize("mother_is_listed", [True, False])
def test_what_happens_to_a_visit_is_never_told_there(
    wall: Wall, young: dict[str, Any], then: Callable[[Wall, Visit], None], mother_is_listed: bool
) -> None:
    if mother_is_listed:
        make_patient(wall.db, wall.practice, phone=MOTHERS)
    girl = wall.young(**young)
    visit = booked_by_staff(wall, girl)
    wall.sent()
    then(wall, visit)
    for moment in ("2026-11-25 10:31", "2026-11-27 10:31", "2026-11-27 11:31", "2026-11-30 10:30"):
        wall.at(max(moment, "2026-11-28 11:00") if then is missed else moment)
        remind(wall.db, wall.settings)
        wall.sent()
    assert wall.told(MOTHERS) == []


@pytest.mark.parametrize(
    "words",
    ["cancel", "cannot come", "change the appointment", "1", "2", "5", "book", "is her appointment on?", "iptal"],
)
@pytest.mark.parametrize("purpose", ["youth", "general"])
def test_a_parent_who_writes_hears_nothing_and_changes_nothing(wall: Wall, words: str, purpose: str) -> None:
    girl = wall.young()
    if purpose == "general":
        wall.clinic = make_clinic(wall.db, wall.practice, purpose="general")
        make_session(wall.db, wall.clinic, None, "sat", "10:00", "12:00")
    visit = booked_by_staff(wall, girl)
    wall.says(words, MOTHERS)
    assert says_nothing(wall)
    [after] = wall.visits()
    assert (after.state, after.sequence, after.starts) == (VisitState.BOOKED, 0, visit.starts)
    assert wall.inbox() or words == "iptal"


@pytest.mark.parametrize("words", ["cannot come", "change the appointment"])
def test_a_parent_who_asks_is_told_to_phone(wall: Wall, words: str) -> None:
    booked_by_staff(wall, wall.young())
    wall.says(words, MOTHERS)
    assert wall.told(MOTHERS) == ["staff-other-people"]
    assert wall.reasons() == ["young-persons-number"]
    assert "we cannot talk about other people by text" in wall.last(MOTHERS)


def test_a_question_that_was_open_when_the_number_stopped_being_theirs_says_nothing_more(wall: Wall) -> None:
    girl = wall.young(phone=HERS, phone_status=PhoneStatus.CONFIRMED, phone_source="patient")
    booked_by_staff(wall, girl)
    wall.sent()
    assert wall.told() == ["young-person-booked"]
    with wall.db.write() as session:
        changed = session.get_one(Patient, girl.id)
        changed.phone_status, changed.phone_source = PhoneStatus.UNSAFE, "staff"
        session.add(changed)
    wall.says("2")
    assert wall.told() == ["young-person-booked", "person-will-read"]
    assert wall.reasons() == ["young-persons-number"]


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.REMINDER, Kind.QUESTION, Kind.ANSWER, Kind.OUTREACH])
@pytest.mark.parametrize("phone", [MOTHERS, HERS])
def test_no_claim_lets_a_text_about_their_visit_go_to_an_unconfirmed_number(wall: Wall, kind: Kind, phone: str) -> None:
    girl = wall.young()
    visit = booked_by_staff(wall, girl)
    queued(wall, girl, visit, kind, phone)
    wall.sent()
    assert wall.told(phone) == []


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.REMINDER, Kind.QUESTION, Kind.ANSWER])
def test_their_own_confirmed_number_gets_it(wall: Wall, kind: Kind) -> None:
    girl = wall.young(phone=HERS, phone_status=PhoneStatus.CONFIRMED, phone_source="patient")
    visit = booked_by_staff(wall, girl)
    queued(wall, girl, visit, kind, HERS)
    wall.sent()
    assert "young-person-reminder" in wall.told()


def queued(wall: Wall, girl: Patient, visit: Visit, kind: Kind, phone: str) -> Message:
    """A text about the visit, however it came into the outbox."""
    wall_time = visit.starts
    with wall.db.write() as session:
        return queue_text(
            session,
            wall.settings,
            text_key="young-person-reminder",
            language="en",
            values={"date": wall_time.date(), "time": wall_time.time(), "address": "12 Station Road"},
            phone=phone,
            practice=session.get_one(Practice, wall.practice.id),
            kind=kind,
            patient_id=girl.id,
            subject=about(visit),
            at_once_until=london("2026-11-24 20:00"),
        )


def test_a_confirmed_young_person_is_told_and_asked_whether_they_come(wall: Wall) -> None:
    girl = wall.young(phone=HERS, phone_status=PhoneStatus.CONFIRMED, phone_source="patient")
    booked_by_staff(wall, girl)
    wall.sent()
    said = wall.last()
    assert wall.told() == ["young-person-booked"]
    assert "It is private. You are not wasting our time." in said
    assert "12 Station Road" in said
    for secret in ("Aisha", "Young People", "Station Practice", "YOUTH", "clinic"):
        assert secret not in said
    wall.clock.shift(60)
    wall.says("2")
    assert wall.told()[-1] == "visit-cannot-come"


@pytest.mark.parametrize("moment", ["2026-11-25 10:31", "2026-11-27 10:31"])
def test_every_reminder_of_theirs_says_when_and_where_alone(wall: Wall, moment: str) -> None:
    girl = wall.young(phone=HERS, phone_status=PhoneStatus.CONFIRMED, phone_source="patient", language="en")
    booked_by_staff(wall, girl)
    wall.sent().at(moment)
    remind(wall.db, wall.settings)
    wall.sent()
    assert wall.told()[1:] in (["young-person-reminder"], [])
    assert "Young People" not in wall.last()
    assert moment.startswith("2026-11-25") or len(wall.told()) == 2


def test_a_moved_visit_names_the_address_and_not_the_site(wall: Wall) -> None:
    girl = wall.young(phone=HERS, phone_status=PhoneStatus.CONFIRMED, phone_source="patient")
    moved(wall, booked_by_staff(wall, girl))
    wall.sent()
    assert wall.told()[-1] == "visit-moved"
    assert "12 Station Road" in wall.last()
    assert "Young People" not in wall.last()
