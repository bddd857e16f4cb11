"""A clinic's day at the practice: read, pressed, printed and booked from; and a visit's own page."""

import html
import re
from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import select

from bot.database import Database
from bot.patients.optouts import record_opt_out
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Visit, VisitState
from bot.tables.interpreters import Interpreter
from bot.tables.patients import OptOutScope, Patient
from tests.applications import application, browser_of
from tests.appointments.clinics import (
    DAY,
    Ground,
    at,
    make_agency,
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
def reception(db: Database, settings: Settings, ground: Ground, interpreter: Interpreter) -> FlaskClient:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00")
    account = make_account(db, Role.PRACTICE, practice=ground.practice)
    return browser_of(application(settings, db, tokens=False), account)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def address(ground: Ground) -> str:
    return f"/clinics/{ground.clinic.code}/{DAY}"


def form(ground: Ground, clock: str = "", **changes: str) -> dict[str, str]:
    starts = at(clock).isoformat() if clock else ""
    values = {"nhs_number": ground.patient.nhs_number, "starts": starts, "day": str(DAY), "idempotency_key": "once"}
    return values | changes


def book(reception: FlaskClient, ground: Ground, clock: str = "", **changes: str) -> str:
    """Press the button; gives the page that it leads to."""
    answer = reception.post(f"/clinics/{ground.clinic.code}/book", data=form(ground, clock, **changes))
    return words(reception.get(answer.location).text if answer.location else answer.text)


def visits(db: Database) -> list[Visit]:
    with db.read() as session:
        return list(session.exec(select(Visit)))


def test_a_visit_is_booked_with_its_interpreter_from_the_list_of_free_times(
    db: Database, reception: FlaskClient, ground: Ground, interpreter: Interpreter
) -> None:
    page = book(reception, ground, "09:00")
    [visit] = visits(db)
    assert (visit.starts, visit.interpreter_id) == (at("09:00"), interpreter.id)
    assert "An interpreter is booked with it." in page
    assert f"{interpreter.name}" in page
    assert ground.patient.surname in page


def test_the_same_form_sent_twice_is_one_visit(db: Database, reception: FlaskClient, ground: Ground) -> None:
    book(reception, ground, "09:00")
    book(reception, ground, "09:00")
    assert len(visits(db)) == 1


def test_a_form_that_was_sent_before_never_says_booked_of_what_is_not(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    book(reception, ground, "09:00")
    other = make_patient(db, ground.practice)
    assert "for somebody else" in book(reception, ground, "09:40", nhs_number=other.nhs_number)
    reception.post(f"/visits/{visits(db)[0].code}/give-up", data={"by": "practice"})
    page = reception.post(f"/clinics/{ground.clinic.code}/book", data=form(ground, "09:00")).text
    assert "that visit was given up since" in page
    assert 'value="once"' not in page


def test_without_a_time_the_first_that_suits_is_booked(db: Database, reception: FlaskClient, ground: Ground) -> None:
    book(reception, ground)
    assert len(visits(db)) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nhs_number": "999 000 0001"}, "NHS number"),
        ({"starts": "tomorrow"}, "Choose a time from the list."),
        ({"starts": "9999-12-31T23:30-05:00"}, "Choose a time from the list."),
        ({"starts": "2026-12-01T15:00+00:00"}, "time"),
        ({"day": "nonsense", "starts": "2020-01-01T09:00+00:00"}, "past"),
    ],
)
def test_what_cannot_be_booked_is_said_at_its_field_and_nothing_is_stored(
    db: Database, reception: FlaskClient, ground: Ground, changes: dict[str, str], says: str
) -> None:
    answer = reception.post(f"/clinics/{ground.clinic.code}/book", data=form(ground, "09:00", **changes))
    assert (answer.status_code, visits(db)) == (409, [])
    assert "There is a problem" in answer.text
    assert says.lower() in words(answer.text).lower()
    assert "python -m" not in answer.text


def test_what_happened_is_pressed_and_what_was_pressed_wrongly_is_put_right(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    with time_machine.travel(at("09:20"), tick=False):
        client = browser_of(reception.application, make_account(db, Role.LEAD, practice=ground.practice))
        for outcome in ("arrived", "attended", "arrived"):
            back = {"clinic": ground.clinic.code, "day": str(DAY)}
            answer = client.post(f"/visits/{visit.code}/outcome", data={"outcome": outcome, **back})
            assert answer.location.endswith(f"{address(ground)}#{visit.code}")
            assert visits(db)[0].state == outcome


def test_somebody_who_may_not_be_texted_is_shown_as_phone_only(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    silent = make_patient(db, ground.practice, texting_refused=True, surname="Quietly")
    make_visit(db, ground, patient_id=silent.id)
    page = words(reception.get(address(ground)).text)
    assert "Phone only : refused texts" in page


def test_whom_the_network_blocks_is_shown_as_phone_only(db: Database, reception: FlaskClient, ground: Ground) -> None:
    make_visit(db, ground, patient_id=ground.patient.id)
    assert "Phone only" not in words(reception.get(address(ground)).text.split('id="book"')[0])
    with db.write() as session:
        whose = {"practice_id": ground.practice.id or 0, "phone": ground.patient.phone or ""}
        record_opt_out(session, **whose, scope=OptOutScope.OUTREACH, source="twilio")  # type: ignore[arg-type]
    assert "Phone only : asked for no texts" in words(reception.get(address(ground)).text)


@pytest.mark.parametrize(
    "path", ["/clinics/NOWHERE/2026-12-01", "/clinics/{}/2026-13-45", "/clinics/{}/today", "/clinics/{}/9999-12-31"]
)
def test_a_day_or_clinic_that_is_none_is_not_found(reception: FlaskClient, ground: Ground, path: str) -> None:
    assert reception.get(path.format(ground.clinic.code)).status_code == 404


def test_another_practices_clinic_and_visit_do_not_exist(
    db: Database, settings: Settings, reception: FlaskClient, ground: Ground
) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    stranger = make_account(db, Role.LEAD, practice=make_practice(db, "ELSEWHERE"))
    browser = browser_of(application(settings, db, tokens=False), stranger)
    assert browser.get(address(ground)).status_code == 404
    for path in (f"/visits/{visit.code}", f"/visits/{visit.code}.fhir.json"):
        assert browser.get(path).status_code == 404
    for deed in ("outcome", "move", "give-up"):
        assert browser.post(f"/visits/{visit.code}/{deed}", data={"outcome": "attended"}).status_code == 404
    assert visits(db)[0].state == VisitState.BOOKED


def test_a_visit_is_moved_and_given_up_on_its_own_page(db: Database, reception: FlaskClient, ground: Ground) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    assert "Another time" in reception.get(f"/visits/{visit.code}").text
    reception.post(f"/visits/{visit.code}/move", data={"starts": at("09:20").isoformat()})
    assert (visits(db)[0].starts, visits(db)[0].sequence) == (at("09:20"), 1)
    for wrong in ("soon", "9999-12-31T23:30-05:00"):
        answer = reception.post(f"/visits/{visit.code}/move", data={"starts": wrong})
        assert (answer.status_code, "Choose a time from the list." in answer.text) == (409, True)
    reception.post(f"/visits/{visit.code}/move", data={"starts": "2026-12-01T09:40"})  # the wall clock in London
    assert visits(db)[0].starts == at("09:40")
    reception.post(f"/visits/{visit.code}/give-up", data={"by": "practice", "reason": "The clinician is ill"})
    assert visits(db)[0].state == VisitState.CANCELLED
    page = words(reception.get(f"/visits/{visit.code}").text)
    assert "Will not take place" in page
    assert "The clinician is ill" in page


def test_a_person_need_not_have_the_same_interpreter_again(
    db: Database, reception: FlaskClient, ground: Ground, interpreter: Interpreter
) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    path = f"/visits/{visit.code}"
    assert "Not this interpreter again" in reception.get(path).text
    for _ in range(2):  # the back button
        reception.post(f"{path}/another-interpreter")
    [visit] = visits(db)
    assert (visit.state, visit.interpreter_id) == (VisitState.BOOKED, None)
    book(reception, ground, "09:40", idempotency_key="two")
    assert len(visits(db)) == 1


def test_the_visit_of_somebody_who_died_can_be_seen_and_given_up(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    book(reception, ground, "09:00")
    with db.write() as session:
        session.get_one(Patient, ground.patient.id).deceased = True
    [visit] = visits(db)
    assert "Give the time up" in reception.get(f"/visits/{visit.code}").text
    reception.post(f"/visits/{visit.code}/give-up", data={"by": "practice"})
    assert visits(db)[0].state == VisitState.CANCELLED


def test_a_visit_is_an_appointment_of_fhir_without_its_reason(
    db: Database, reception: FlaskClient, ground: Ground, interpreter: Interpreter
) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    answer = reception.get(f"/visits/{visit.code}.fhir.json")
    assert answer.mimetype == "application/fhir+json"
    found = answer.get_json(force=True)
    assert (found["resourceType"], found["status"], found["minutesDuration"]) == ("Appointment", "booked", 20)
    assert found["start"] == at("09:00").isoformat()
    assert {"text": "interpreter"} in [kind for one in found["participant"] for kind in one.get("type", [])]
    assert interpreter.name not in answer.text
    reception.post(f"/visits/{visit.code}/give-up", data={"by": "person"})
    gone = reception.get(f"/visits/{visit.code}.fhir.json").get_json(force=True)
    assert gone["cancelationReason"]["coding"][0]["code"] == "pat"


@pytest.fixture
def statements(db: Database) -> Iterator[Callable[[], int]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield lambda: len(seen)
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_day_of_many_visits_takes_as_many_statements_as_one_of_few(
    db: Database, reception: FlaskClient, ground: Ground, statements: Callable[[], int]
) -> None:
    counts = []
    for more in (3, 30):
        for _ in range(more):
            make_visit(db, ground, patient_id=make_patient(db, ground.practice).id)
        before = statements()
        assert reception.get(address(ground)).status_code == 200
        counts.append(statements() - before)
    assert counts[0] == counts[1]


def test_visits_names_the_next_days_of_a_clinic_and_who_needs_an_interpreter(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    page = reception.get("/visits").text
    assert f'href="{address(ground)}"' in page
    assert "0 visits, 6 times free" in words(page)
    assert f"{ground.patient.given_name} {ground.patient.surname}" in words(page)
    book(reception, ground, "09:00")
    page = words(reception.get("/visits").text)
    assert "1 visit, 4 times free" in page
    assert "Everybody who needs an interpreter has a visit to come" in page


def test_a_day_without_free_times_leads_to_the_next_that_has_some(reception: FlaskClient, ground: Ground) -> None:
    page = reception.get(f"/clinics/{ground.clinic.code}/2026-11-29").text
    assert "No time is free on this day. The next days:" in words(page)
    assert f'href="{address(ground)}"' in page


def test_who_is_booked_twice_is_noticed(db: Database, reception: FlaskClient, ground: Ground) -> None:
    book(reception, ground, "09:00")
    page = book(reception, ground, "09:30", idempotency_key="again")
    assert "this person has another visit, Tuesday 1 December 2026 at 9am" in page
    assert len(visits(db)) == 2


def test_nothing_can_be_pressed_before_the_day(db: Database, reception: FlaskClient, ground: Ground) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    for path in (address(ground), f"/visits/{visit.code}"):
        assert "Did not attend" not in reception.get(path).text
    with time_machine.travel(at("08:50"), tick=False):
        client = browser_of(reception.application, make_account(db, Role.LEAD, practice=ground.practice))
        page = words(client.get(address(ground)).text)
        assert "Arrived" in page
        assert "Did not attend" not in page


def test_a_language_that_nobody_interprets_is_named_as_the_reason(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    other = make_patient(db, ground.practice, language="so", interpreter=True)
    page = book(reception, ground, nhs_number=other.nhs_number)
    assert "No time that suits is left in this clinic: no interpreter speaks the person's language." in page


def test_the_visit_of_somebody_who_died_is_given_up_and_nobody_is_to_be_phoned(
    db: Database, reception: FlaskClient, ground: Ground
) -> None:
    book(reception, ground, "09:00")
    [visit] = visits(db)
    with db.write() as session:
        session.get_one(Patient, ground.patient.id).deceased = True
    page = reception.get(f"/visits/{visit.code}")
    assert page.status_code == 200
    assert "hone the person" not in words(page.text)
    assert "Phone only" not in words(page.text)
    reception.post(f"/visits/{visit.code}/give-up", data={"by": "practice", "reason": "They died"})
    assert "find the person a new time" not in words(reception.get(f"/visits/{visit.code}").text)
    assert visits(db)[0].state == VisitState.CANCELLED
