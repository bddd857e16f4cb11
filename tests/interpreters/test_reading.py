from datetime import time, timedelta

from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.reading import candidates
from bot.tables.interpreters import BlockedInterpreter, InterpreterAway
from tests.factories import make_patient, make_practice
from tests.interpreters.making import make_agency, make_interpreter


def test_interpreters_are_read_with_languages_hours_and_times_away(db: Database) -> None:
    practice = make_practice(db)
    hours = ((0, time(8, 30), time(11)), (3, time(13), time(17)))
    someone = make_interpreter(
        db, make_agency(db, practice), "ckb", "ar", hours=hours, in_person_notice=48, video_notice=None
    )
    now = utc_now()
    with db.write() as session:
        key = {"interpreter_id": someone.id}
        session.add(InterpreterAway(**key, starts=now - timedelta(days=2), ends=now - timedelta(days=1)))
        session.add(InterpreterAway(**key, starts=now, ends=now + timedelta(days=1)))
    with db.read() as session:
        [found] = candidates(session, practice.id or 0)
    assert (found.id, found.code, found.name, found.sex) == (someone.id, someone.code, someone.name, "F")
    assert found.languages == {"ckb", "ar"}
    assert found.notice == {"in-person": 48, "telephone": 0}
    assert sorted(found.hours) == list(hours)
    assert found.away == ((now, now + timedelta(days=1)),)
    assert (found.linked, found.blocked, found.known, found.busy) == (True, False, False, ())


def test_agencies_that_do_not_serve_the_practice_are_marked(db: Database) -> None:
    here, elsewhere = make_practice(db), make_practice(db, "HILL")
    ours = make_interpreter(db, make_agency(db, here, elsewhere), "ckb")
    theirs = make_interpreter(db, make_agency(db, elsewhere, code="OTHER"), "ckb")
    with db.read() as session:
        found = {each.id: each.linked for each in candidates(session, here.id or 0)}
        assert found == {ours.id: True, theirs.id: False}
        assert [each.id for each in candidates(session, here.id or 0, only=[theirs.id or 0])] == [theirs.id]
        assert candidates(session, here.id or 0, only=[]) == []


def test_whom_a_person_does_not_want_is_marked_for_that_person_alone(db: Database) -> None:
    practice = make_practice(db)
    someone = make_interpreter(db, make_agency(db, practice), "ckb")
    wary, other = make_patient(db, practice), make_patient(db, practice)
    with db.write() as session:
        session.add(BlockedInterpreter(patient_id=wary.id, interpreter_id=someone.id))
    with db.read() as session:
        for patient_id, blocked in ((wary.id, True), (other.id, False), (None, False)):
            [found] = candidates(session, practice.id or 0, patient_id=patient_id)
            assert found.blocked is blocked


def test_who_has_left_is_not_read(db: Database) -> None:
    practice = make_practice(db)
    make_interpreter(db, make_agency(db, practice), "ckb", left_at=utc_now())
    with db.read() as session:
        assert candidates(session, practice.id or 0) == []
