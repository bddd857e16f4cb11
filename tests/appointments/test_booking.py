"""Booking, moving and giving up: clinician, interpreter and person in one step, or nobody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, col, select

from bot.appointments.joint.booking import VisitWanted, book_in, book_joint_visit
from bot.appointments.joint.finding import Wish
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.joint.moving import move_visit
from bot.appointments.joint.outcomes import record_outcome
from bot.appointments.timetable.slots import free_slots
from bot.appointments.visits import line_of, visit_by_code
from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import check_sign
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import ClaimedTime, InterpreterGivenUp, OwnSystemTask, Visit, VisitState
from bot.tables.interpreters import BlockedInterpreter, Interpreter, InterpreterAway
from bot.tables.messaging import Message
from tests.appointments.clinics import (
    DAY,
    Ground,
    at,
    make_agency,
    make_clinic,
    make_clinician,
    make_ground,
    make_interpreter,
    make_session,
    make_visit,
)
from tests.factories import make_account, make_patient, make_practice


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


@pytest.fixture
def interpreter(db: Database, ground: Ground) -> Interpreter:
    return make_interpreter(db, make_agency(db, ground.practice))


@pytest.fixture
def morning(db: Database, ground: Ground) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")


def wanted(ground: Ground, clock: str | None = None, **changes: Any) -> VisitWanted:
    values = {
        "practice_code": ground.practice.code,
        "nhs_number": ground.patient.nhs_number,
        "clinic_code": ground.clinic.code,
        "starts": at(clock) if clock else None,
    }
    return VisitWanted(**(values | changes))


Book = Callable[..., Visit]


@pytest.fixture
def book(db: Database, settings: Settings, ground: Ground) -> Book:
    def do(clock: str | None = None, **changes: Any) -> Visit:
        return book_joint_visit(db, settings, wanted(ground, clock, **changes), CONSOLE)

    return do


def refusal(code: str, do: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        do()
    assert refused.value.code == code, refused.value.message
    return refused.value.message


def claimed(session: Session) -> dict[str, int]:
    kinds = session.exec(select(col(ClaimedTime.kind))).all()
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def others(db: Database, ground: Ground, **changes: Any) -> str:
    """The NHS number of somebody else."""
    return make_patient(db, ground.practice, **({"language": "ur", "interpreter": True} | changes)).nhs_number


def texts(db: Database) -> list[str | None]:
    with db.read() as session:
        return list(session.exec(select(col(Message.text_key)).order_by(col(Message.id))))


@pytest.mark.usefixtures("morning")
def test_a_visit_takes_the_time_of_clinician_interpreter_and_person(
    db: Database, ground: Ground, interpreter: Interpreter, book: Book
) -> None:
    visit = book("09:00")
    with db.read() as session:
        assert claimed(session) == {"clinician": 4, "interpreter": 4, "patient": 4}
        assert line_of(session, visit) == {
            "visit": visit.code,
            "starts": "2026-12-01T09:00:00+00:00",
            "ends": "2026-12-01T09:20:00+00:00",
            "clinic": ground.clinic.code,
            "clinician": ground.clinician.code,
            "mode": "in-person",
            "interpreter": interpreter.code,
            "interpreter_mode": "in-person",
            "interpreter_state": "booked",
            "state": "booked",
            "sequence": 0,
            "kind": "ours",
        }
        [entry] = session.exec(select(AuditEntry)).all()
        assert (entry.action, entry.subject, entry.practice_id) == (
            "visit-booked",
            f"visit:{visit.id}",
            ground.practice.id,
        )
    assert texts(db)[0] == "visit-booked-woman-interpreter"


@pytest.mark.usefixtures("morning", "interpreter")
def test_who_comes_second_is_told_that_it_is_taken_and_can_have_another(
    db: Database, ground: Ground, book: Book
) -> None:
    book("09:00")
    other = others(db, ground)
    assert "Choose another" in refusal("taken", lambda: book("09:00", nhs_number=other))
    assert refusal("taken", lambda: book("09:10", nhs_number=other))
    assert book(None, nhs_number=other).starts == at("09:20")


@pytest.mark.usefixtures("morning", "interpreter")
def test_any_time_goes_on_until_nothing_is_left(db: Database, ground: Ground, book: Book) -> None:
    starts = [book(None, nhs_number=others(db, ground)).starts for _ in range(3)]
    assert starts == [at("09:00"), at("09:20"), at("09:40")]
    refusal("nothing-free", lambda: book(None, nhs_number=others(db, ground)))


@pytest.mark.usefixtures("interpreter")
def test_the_only_interpreter_who_suits_being_booked_is_taken(
    db: Database, ground: Ground, settings: Settings, book: Book, morning: None
) -> None:
    second = make_clinic(db, ground.practice, ground.site)
    make_session(db, second, make_clinician(db, ground.practice), "09:00", "10:00")
    book("09:00")
    other = others(db, ground)
    assert "interpreters" in refusal("taken", lambda: book("09:00", clinic_code=second.code, nhs_number=other))


@pytest.mark.usefixtures("morning")
def test_what_was_never_there_is_not_suited_and_says_why(db: Database, ground: Ground, book: Book) -> None:
    assert "09:00 or 09:10" in refusal("not-suited", lambda: book("09:05"))
    assert "not held" in refusal("not-suited", lambda: book("11:00"))
    assert "two slots" in refusal("not-suited", lambda: book("09:50"))
    assert "speaks the person's language" in refusal("not-suited", lambda: book("09:00"))
    agency = make_agency(db, ground.practice)
    late = make_interpreter(db, agency, in_person_notice=1000)
    assert "too soon" in refusal("not-suited", lambda: book("09:00"))
    blocked = make_interpreter(db, agency)
    with db.write() as session:
        session.add(BlockedInterpreter(patient_id=ground.patient.id or 0, interpreter_id=blocked.id or 0))
    assert "does not want" in refusal("not-suited", lambda: book("09:00"))
    assert "sex" in refusal("not-suited", lambda: book("09:00", clinician_sex="M"))
    assert late.id != blocked.id


def test_a_held_time_is_not_suited_for_others(db: Database, ground: Ground, book: Book) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00", kind="held")
    other = others(db, ground, interpreter=False)
    assert "held" in refusal("not-suited", lambda: book("09:00", nhs_number=other))


def test_a_clinic_for_women_is_not_suited_for_others(db: Database, settings: Settings) -> None:
    ground = make_ground(db, women_only=True)
    make_session(db, ground.clinic, ground.clinician)
    man = others(db, ground, interpreter=False, sex="M")
    ask = wanted(ground, "09:00", nhs_number=man)
    assert "women" in refusal("not-suited", lambda: book_joint_visit(db, settings, ask, CONSOLE))


@pytest.mark.usefixtures("morning", "interpreter")
def test_what_is_past_or_within_the_notice_is_refused_when_it_is_booked(
    db: Database, settings: Settings, ground: Ground, book: Book
) -> None:
    with time_machine.travel(at("09:00")):
        refusal("past", lambda: book("09:00"))
    hasty = make_clinic(db, ground.practice, ground.site, notice_hours=48)
    make_session(db, hasty, make_clinician(db, ground.practice), "09:00", "10:00")
    with time_machine.travel(at("09:01") - timedelta(hours=48)):
        assert "48 hours" in refusal("too-late", lambda: book("09:00", clinic_code=hasty.code))


@pytest.mark.usefixtures("morning", "interpreter")
def test_nobody_is_in_two_places(db: Database, ground: Ground, book: Book) -> None:
    make_interpreter(db, make_agency(db, ground.practice, code="MORE"))
    second = make_clinic(db, ground.practice, ground.site)
    make_session(db, second, make_clinician(db, ground.practice), "09:00", "10:00")
    book("09:00")
    assert "another visit" in refusal("already-booked", lambda: book("09:00"))
    assert "another visit" in refusal("already-booked", lambda: book("09:10", clinic_code=second.code))
    assert book("09:20", clinic_code=second.code).starts == at("09:20")


@pytest.mark.usefixtures("morning", "interpreter")
def test_the_same_key_is_the_same_visit(db: Database, book: Book) -> None:
    first = book("09:00", idempotency_key="form-1")
    assert book("09:00", idempotency_key="form-1").id == first.id
    assert book(None, idempotency_key="form-1").id == first.id
    assert texts(db) == ["visit-booked-woman-interpreter", "interpreter-booked"]


@pytest.mark.usefixtures("morning", "interpreter")
def test_a_key_of_somebody_elses_visit_books_nothing_and_shows_nothing(
    db: Database, ground: Ground, book: Book
) -> None:
    book("09:00", idempotency_key="form-1")
    other = make_patient(db, ground.practice)
    refusal("key-used", lambda: book("09:40", nhs_number=other.nhs_number, idempotency_key="form-1"))
    for odd in ("", "x" * 101, "a\x00b"):
        refusal("bad-key", lambda key=odd: book("09:40", nhs_number=other.nhs_number, idempotency_key=key))


@pytest.mark.usefixtures("morning", "interpreter")
def test_two_practices_cannot_be_mixed(db: Database, ground: Ground, book: Book) -> None:
    elsewhere = make_practice(db, "HIGHST")
    stranger = make_patient(db, elsewhere)
    refusal("unknown-person", lambda: book("09:00", nhs_number=stranger.nhs_number))
    refusal("another-practice", lambda: book("09:00", practice_code="HIGHST", nhs_number=stranger.nhs_number))
    refusal("unknown-clinic", lambda: book("09:00", clinic_code="NONE"))


@pytest.mark.usefixtures("morning", "interpreter")
def test_staff_of_another_practice_book_nothing(db: Database, settings: Settings, ground: Ground) -> None:
    other = actor_of(make_account(db, Role.PRACTICE, practice=make_practice(db, "HIGHST")))
    refusal("not-allowed", lambda: book_joint_visit(db, settings, wanted(ground, "09:00"), other))
    own = actor_of(make_account(db, Role.PRACTICE, practice=ground.practice))
    assert book_joint_visit(db, settings, wanted(ground, "09:00"), own).made_by == f"practice:{own.user_id}"


@pytest.mark.usefixtures("morning", "interpreter")
def test_what_is_refused_inside_a_transaction_leaves_it_as_it_was(
    db: Database, settings: Settings, ground: Ground, book: Book
) -> None:
    book("09:00")
    other = make_patient(db, ground.practice, language="ur", interpreter=True)
    with db.write() as session:
        wish = Wish(other, ground.clinic)
        with pytest.raises(Refused):
            book_in(session, settings, wish, at("09:00"), CONSOLE)
        assert book_in(session, settings, wish, at("09:20"), CONSOLE).starts == at("09:20")
    with db.read() as session:
        assert claimed(session) == {"clinician": 8, "interpreter": 8, "patient": 8}


def test_an_event_is_booked_until_it_is_full(db: Database, settings: Settings) -> None:
    ground = make_ground(db, places=2, slot_minutes=60)
    make_session(db, ground.clinic, None, "14:00", "15:00")
    visits = []
    for _ in range(2):
        other = others(db, ground, interpreter=False)
        visits.append(book_joint_visit(db, settings, wanted(ground, "14:00", nhs_number=other), CONSOLE))
    assert visits[0].clinician_id is None
    late = wanted(ground, "14:00", nhs_number=others(db, ground, interpreter=False))
    refusal("taken", lambda: book_joint_visit(db, settings, late, CONSOLE))
    give_up_visit(db, settings, visits[0].code, "person", None, CONSOLE)
    assert book_joint_visit(db, settings, late, CONSOLE).starts == at("14:00")


def test_a_full_event_is_not_free_however_many_places_another_has(db: Database, settings: Settings) -> None:
    ground = make_ground(db, places=1, slot_minutes=60)
    make_clinic(db, ground.practice, ground.site, places=9)
    make_session(db, ground.clinic, None, "14:00", "16:00")
    somebody = others(db, ground, interpreter=False)
    book_joint_visit(db, settings, wanted(ground, "14:00", nhs_number=somebody), CONSOLE)
    with db.read() as session:
        free = free_slots(session, ground.clinic.id, at("14:00"), at("16:00"))
    assert [slot.starts for slot in free] == [at("15:00")]


@pytest.mark.usefixtures("morning")
def test_a_move_keeps_the_visit_its_interpreter_and_its_needs(
    db: Database, settings: Settings, ground: Ground, interpreter: Interpreter, book: Book
) -> None:
    visit = book("09:00", longer=True, interpreter_sex="F", clinician_sex="F")
    make_interpreter(db, make_agency(db, ground.practice, code="MORE"), code="AAA")
    moved = move_visit(db, settings, visit.code, at("09:40"), CONSOLE)
    assert (moved.id, moved.code, moved.sequence, moved.moved_from) == (visit.id, visit.code, 1, at("09:00"))
    assert (moved.starts, moved.ends, moved.interpreter_id) == (at("09:40"), at("10:00"), interpreter.id)
    assert (moved.longer, moved.interpreter_sex, moved.clinician_sex) == (True, "F", "F")
    with db.read() as session:
        assert claimed(session) == {"clinician": 4, "interpreter": 4, "patient": 4}
        assert session.exec(select(InterpreterGivenUp)).all() == []
    assert book("09:00", nhs_number=others(db, ground)).starts == at("09:00"), "the old time is free at once"
    assert "visit-moved" in texts(db)


@pytest.mark.usefixtures("morning", "interpreter")
def test_a_visit_can_move_by_one_slot_into_its_own_time(db: Database, settings: Settings, book: Book) -> None:
    visit = book("09:00")
    assert move_visit(db, settings, visit.code, at("09:10"), CONSOLE).starts == at("09:10")
    with db.read() as session:
        assert claimed(session) == {"clinician": 4, "interpreter": 4, "patient": 4}


@pytest.mark.usefixtures("morning", "interpreter")
def test_a_move_that_is_refused_leaves_the_visit_where_it_was(
    db: Database, settings: Settings, ground: Ground, book: Book
) -> None:
    visit = book("09:00")
    book("09:20", nhs_number=others(db, ground))
    refusal("taken", lambda: move_visit(db, settings, visit.code, at("09:20"), CONSOLE))
    refusal("already-booked", lambda: move_visit(db, settings, visit.code, at("09:00"), CONSOLE))
    refusal("not-suited", lambda: move_visit(db, settings, visit.code, at("12:00"), CONSOLE))
    with db.read() as session:
        now = visit_by_code(session, visit.code)
        assert (now.starts, now.sequence) == (at("09:00"), 0)
        assert claimed(session) == {"clinician": 8, "interpreter": 8, "patient": 8}


def test_a_move_takes_the_next_interpreter_when_its_own_cannot_come(
    db: Database, settings: Settings, ground: Ground, interpreter: Interpreter, book: Book
) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00", day=DAY + timedelta(days=1))
    wednesdays = make_interpreter(db, make_agency(db, ground.practice, code="MORE"), hours=((2, "08:00", "18:00"),))
    visit = book("09:00")
    assert visit.interpreter_id == interpreter.id
    tomorrow = DAY + timedelta(days=1)
    with db.write() as session:
        away = InterpreterAway(
            interpreter_id=interpreter.id or 0, starts=at("00:00", tomorrow), ends=at("23:00", tomorrow)
        )
        session.add(away)
    moved = move_visit(db, settings, visit.code, at("09:00", tomorrow), CONSOLE)
    assert moved.interpreter_id == wednesdays.id
    with db.read() as session:
        [lost] = session.exec(select(InterpreterGivenUp)).all()
        assert (lost.interpreter_id, lost.starts, lost.by) == (interpreter.id, at("09:00"), "practice")


@pytest.mark.usefixtures("morning", "interpreter")
def test_what_is_given_up_is_anybodys_at_once(db: Database, settings: Settings, ground: Ground, book: Book) -> None:
    visit = book("09:00")
    gone = give_up_visit(db, settings, visit.code, "practice", "The nurse is ill", CONSOLE)
    assert (gone.state, gone.given_up_by, gone.given_up_why, gone.sequence) == (
        "cancelled",
        "practice",
        "The nurse is ill",
        1,
    )
    assert texts(db)[-1] == "visit-off"
    with db.read() as session:
        assert claimed(session) == {}
        assert session.exec(select(InterpreterGivenUp)).one().by == "practice"
    assert book("09:00", nhs_number=others(db, ground)).starts == at("09:00")
    assert give_up_visit(db, settings, visit.code, "person", None, CONSOLE).given_up_by == "practice"
    refusal("not-booked", lambda: move_visit(db, settings, visit.code, at("09:20"), CONSOLE))


@pytest.mark.usefixtures("morning", "interpreter")
def test_who_gives_up_otherwise_than_by_text_is_not_texted(db: Database, settings: Settings, book: Book) -> None:
    visit = book("09:00")
    give_up_visit(db, settings, visit.code, "person", None, CONSOLE)
    assert not {"visit-off", "visit-given-up"} & set(texts(db))


@pytest.mark.usefixtures("morning", "interpreter")
def test_what_was_pressed_by_mistake_can_be_pressed_right(db: Database, book: Book) -> None:
    visit = book("09:00")
    refusal("not-yet", lambda: record_outcome(db, visit.code, VisitState.ATTENDED, CONSOLE))
    with time_machine.travel(at("08:50")):
        assert record_outcome(db, visit.code, VisitState.ARRIVED, CONSOLE).state == "arrived"
        refusal("not-booked", lambda: record_outcome(db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE))
        assert record_outcome(db, visit.code, VisitState.BOOKED, CONSOLE).state == "booked"
        refusal("not-yet", lambda: record_outcome(db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE))
    with time_machine.travel(at("09:30")):
        assert record_outcome(db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE).state == "did-not-attend"
        assert record_outcome(db, visit.code, VisitState.ATTENDED, CONSOLE).state == "attended"


@pytest.mark.usefixtures("morning", "interpreter")
def test_nobody_stayed_away_where_no_interpreter_had_been_found(db: Database, ground: Ground) -> None:
    visit = make_visit(db, ground, interpreter_state="failed")
    with time_machine.travel(at("09:30")):
        message = refusal("no-interpreter", lambda: record_outcome(db, visit.code, VisitState.DID_NOT_ATTEND, CONSOLE))
    assert "nobody stayed away" in message


@pytest.mark.usefixtures("interpreter")
def test_what_is_booked_in_a_time_of_the_practices_own_system_is_to_be_entered_there(
    db: Database, settings: Settings, ground: Ground, book: Book
) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:40", session_id=None)

    def tasks() -> list[tuple[str, bool]]:
        with db.read() as session:
            found = session.exec(select(OwnSystemTask).order_by(col(OwnSystemTask.id)))
            return [(task.what, task.done_at is not None) for task in found]

    visit = book("09:00")
    assert tasks() == [("enter", False)]
    give_up_visit(db, settings, visit.code, "person", None, CONSOLE)
    assert tasks() == [("enter", True)], "nobody had entered it, and nobody need take it out"
    again = book("09:00")
    with db.write() as session:
        for task in session.exec(select(OwnSystemTask)):
            task.done_at = utc_now()
            session.add(task)
    move_visit(db, settings, again.code, at("09:20"), CONSOLE)
    assert tasks() == [("enter", True), ("enter", True), ("take-out", False), ("enter", False)]


def test_external_visits_are_moved_and_given_up_in_their_own_system(
    db: Database, settings: Settings, ground: Ground
) -> None:
    visit = make_visit(db, ground, kind="external")
    refusal("not-ours", lambda: move_visit(db, settings, visit.code, at("09:20"), CONSOLE))
    refusal("not-ours", lambda: give_up_visit(db, settings, visit.code, "person", None, CONSOLE))


def test_a_code_of_nobody_is_told_apart_from_a_slip(db: Database) -> None:
    with db.read() as session:
        refusal("bad-code", lambda: visit_by_code(session, "K4M9-27T8"))
        refusal("unknown-visit", lambda: visit_by_code(session, "2222222" + check_sign("2222222")))
