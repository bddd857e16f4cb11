"""The interpreter's own pages: visits, asks, and booking for people who are there."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import check_sign
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import ClaimedTime, InterpreterGivenUp, Proof, Visit
from bot.tables.interpreters import InterpreterAsk
from bot.tables.patients import PhoneStatus
from tests.applications import application, browser_of
from tests.appointments.clinics import Ground, at, make_clinic, make_ground, make_session, make_visit
from tests.appointments.interpreting import Booth, make_booth, make_person, number_in, texts_of
from tests.factories import make_account
from tests.interpreters.making import make_interpreter

IF_RIGHT = "If the code is right, a number has gone to their phone."
NOBODYS_CODE = "2345678" + check_sign("2345678")


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


@pytest.fixture
def booth(db: Database, ground: Ground) -> Booth:
    return make_booth(db, ground.practice)


@pytest.fixture
def client(settings: Settings, db: Database, booth: Booth) -> FlaskClient:
    return browser_of(application(settings, db, tokens=False), booth.account)


def field(page: str, name: str) -> str:
    """What a hidden field of the first form that has it holds."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return unescape(found[1])


def tokens(page: str) -> list[str]:
    return re.findall(r'name="time" value="([^"]+)"', page)


def join(db: Database, client: FlaskClient, code: str) -> str:
    """Enter a code and the number that came of it; gives the page of times."""
    client.post("/interpreter/join", data={"code": code})
    number = number_in(texts_of(db)[-1])
    return client.post("/interpreter/join/number", data={"number": number}, follow_redirects=True).text


def book(client: FlaskClient, token: str, **form: str) -> Any:
    return client.post("/interpreter/book", data={"time": token, "idempotency_key": "one", **form})


def visits(db: Database) -> list[Visit]:
    with db.read() as session:
        return list(session.exec(select(Visit).order_by(col(Visit.id))))


def own_visit(db: Database, ground: Ground, booth: Booth, **changes: Any) -> Visit:
    own = {"interpreter_id": booth.interpreter.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    return make_visit(db, ground, **({"language": "ur"} | own | changes))


def ask_for(db: Database, booth: Booth, visit: Visit, **changes: Any) -> None:
    with db.write() as session:
        asked = {"asked_at": utc_now(), "lapses_at": utc_now() + timedelta(minutes=30)}
        whose = {"visit_id": visit.id, "interpreter_id": booth.interpreter.id, "mode": "in-person"}
        session.add(InterpreterAsk(**(asked | whose | changes)))


def test_the_first_page_shows_own_visits_and_asks_and_nothing_of_others(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    own = own_visit(db, ground, booth)
    sought = make_visit(db, ground, language="ur", interpreter_state="seeking", starts=at("11:00"), ends=at("11:20"))
    ask_for(db, booth, sought)
    other = make_visit(db, ground, starts=at("12:00"), ends=at("12:20"))
    page = client.get("/interpreter/").text
    for visit in (own, sought):
        assert f"{visit.code[:4]}-{visit.code[4:]}" in page
    assert other.code not in page
    assert "Tuesday 1 December 2026 at 9am" in page
    assert "Station Road, 12 Station Road" in page
    assert client.get("/interpreter").status_code == 200


def test_a_visit_that_is_nobodys_business_is_not_there(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    other = make_visit(db, ground)
    for path in (f"/interpreter/visits/{other.code}", "/interpreter/visits/2345678K"):
        assert client.get(path).status_code == 404
        for deed in ("accept", "decline", "hand-back"):
            assert client.post(f"{path}/{deed}").status_code == 404
        for deed in ("move", "give-up"):
            assert client.post(f"{path}/{deed}").status_code == 400
    assert [visit.state for visit in visits(db)] == ["booked"]


def test_an_account_that_is_on_no_agencys_list_is_told_what_to_do(
    db: Database, settings: Settings, booth: Booth
) -> None:
    stranger = make_account(db, Role.INTERPRETER, agency=booth.agency)
    client = browser_of(application(settings, db), stranger)
    for path, status in (("/interpreter/", 200), ("/interpreter/join", 409), ("/interpreter/times", 409)):
        answer = client.get(path)
        assert answer.status_code == status
        assert "Ask the agency" in answer.text


def test_a_person_who_is_there_is_booked_with_this_interpreter(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    patient, code = make_person(db, ground.practice)
    page = join(db, client, code)
    assert f"{code[:4]}-{code[4:]}" in page
    assert "with you" in page
    answer = book(client, tokens(page)[0], who="me")
    [visit] = visits(db)
    assert answer.location.endswith(f"/interpreter/visits/{visit.code}")
    assert (visit.patient_id, visit.interpreter_id) == (patient.id, booth.interpreter.id)
    assert visit.ends - visit.starts == timedelta(minutes=20)
    assert "The visit is booked." in client.get(answer.location).text
    assert visit.made_by == f"interpreter:{booth.account.id}"


def test_the_same_form_sent_twice_is_one_visit(db: Database, ground: Ground, booth: Booth, client: FlaskClient) -> None:
    make_session(db, ground.clinic, ground.clinician)
    page = join(db, client, make_person(db, ground.practice)[1])
    first, second = (book(client, tokens(page)[0]) for _ in range(2))
    assert first.location == second.location
    assert len(visits(db)) == 1


def test_every_form_that_changes_something_has_a_key(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    own_visit(db, ground, booth)
    page = join(db, client, make_person(db, ground.practice)[1])
    code = book(client, tokens(page)[0]).location
    for path in ("/interpreter/", "/interpreter/join?again=1", "/interpreter/times", code, f"{code}?move=1"):
        page = client.get(path).text.split("<main", 1)[1]
        forms = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
        assert forms, path
        assert all("idempotency_key" in form for form in forms), path


@pytest.mark.parametrize("changes", [{"interpreter": None}, {"interpreter": False}, {"language": None}])
def test_who_is_not_recorded_as_needing_an_interpreter_is_not_booked_without_one(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient, changes: dict[str, Any]
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    page = join(db, client, make_person(db, ground.practice, **changes)[1])
    assert tokens(page) == []
    assert "has not recorded that this person needs an interpreter" in page
    assert book(client, f"20261201T0900Z.{ground.clinic.id}").status_code == 400
    assert visits(db) == []


def test_only_you_leaves_out_times_of_others(db: Database, ground: Ground, booth: Booth, client: FlaskClient) -> None:
    make_session(db, ground.clinic, ground.clinician)
    make_interpreter(db, booth.agency, "ur", code="SOMEBODY")
    own_visit(db, ground, booth, starts=at("09:00"), ends=at("10:00"), patient_id=None, phone="+447700900001")
    join(db, client, make_person(db, ground.practice)[1])
    assert "with another interpreter" in client.get("/interpreter/times").text
    page = client.get("/interpreter/times?who=me").text
    assert tokens(page) == []
    assert "There is no free time that suits." in page


def test_only_general_clinics_are_shown(db: Database, ground: Ground, booth: Booth, client: FlaskClient) -> None:
    cervical = make_clinic(db, ground.practice, ground.site, purpose="cervical", code="SMEAR")
    make_session(db, cervical, ground.clinician)
    page = join(db, client, make_person(db, ground.practice)[1])
    assert tokens(page) == []
    assert "SMEAR" not in page
    assert book(client, f"20261201T0900Z.{cervical.id}").status_code == 400
    assert visits(db) == []


@pytest.mark.parametrize("token", ["", "x", "20261201T0900Z", "20261201T0900Z.999", "20261201T0901Z.x", "²"])
def test_a_time_that_is_none_books_nothing(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient, token: str
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    join(db, client, make_person(db, ground.practice)[1])
    answer = book(client, token)
    assert answer.status_code == 400
    assert "Choose one of the times." in answer.text
    assert visits(db) == []


def test_a_time_that_has_gone_is_said_and_others_are_shown(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    make_interpreter(db, booth.agency, "ur")
    first = tokens(join(db, client, make_person(db, ground.practice)[1]))[0]
    book(client, first)
    join(db, client, make_person(db, ground.practice)[1])
    answer = book(client, first, idempotency_key="two")
    assert answer.status_code == 400
    assert "Choose another time." in answer.text
    assert tokens(answer.text)
    assert first not in tokens(answer.text)


def test_a_visit_of_the_person_is_moved_and_given_up(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    code = book(client, tokens(join(db, client, make_person(db, ground.practice)[1]))[0]).location
    later = tokens(client.get(f"{code}?move=1").text)[-1]
    for _ in range(2):  # the button was pressed twice
        assert client.post(f"{code}/move", data={"time": later}).status_code == 303
    [visit] = visits(db)
    assert (visit.starts, visit.sequence) == (at("09:40"), 1)
    for _ in range(2):
        assert client.post(f"{code}/give-up").status_code == 303
    [visit] = visits(db)
    assert (visit.state, visit.given_up_by, visit.sequence) == ("cancelled", "person", 2)
    with db.read() as session:
        assert session.exec(select(ClaimedTime)).all() == []


def test_after_twenty_minutes_nothing_more_is_booked_for_that_person(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    make_session(db, ground.clinic, ground.clinician)
    first, second, *_ = tokens(join(db, client, make_person(db, ground.practice)[1]))
    code = book(client, first).location
    with time_machine.travel(utc_now() + timedelta(minutes=20)):
        for path, form in (
            ("/interpreter/book", {"time": second}),
            (f"{code}/move", {"time": second}),
            (f"{code}/give-up", {}),
        ):
            answer = client.post(path, data=form)
            assert answer.status_code == 400
            assert "The time for this person is over." in answer.text
        assert client.get("/interpreter/times").location.endswith("/interpreter/join")
    [visit] = visits(db)
    assert (visit.state, visit.starts) == ("booked", at("09:00"))


def test_three_people_at_three_practices_come_one_after_another(db: Database, settings: Settings) -> None:
    grounds = [make_ground(db, code) for code in ("ONE", "TWO", "THREE")]
    for number, ground in enumerate(grounds):
        make_session(
            db, ground.clinic, ground.clinician, opens=f"{9 + 2 * number:02d}:00", closes=f"{10 + 2 * number}:00"
        )
    booth = make_booth(db, *[ground.practice for ground in grounds])
    with time_machine.travel("2026-11-24T23:30:00Z"):
        client = browser_of(application(settings, db, tokens=False), booth.account)
        for number, ground in enumerate(grounds):
            page = join(db, client, make_person(db, ground.practice)[1])
            book(client, tokens(page)[0], who="me", idempotency_key=str(number))
            client.post("/interpreter/leave")
        assert client.get("/interpreter/").text.count("Booked.") == 3
    assert [visit.practice_id for visit in visits(db)] == [ground.practice.id for ground in grounds]
    assert {visit.interpreter_id for visit in visits(db)} == {booth.interpreter.id}


SILENT = [
    {"phone": None, "phone_status": PhoneStatus.NONE},
    {"phone_status": PhoneStatus.SHARED},
    {"phone_status": PhoneStatus.UNSAFE},
]


def test_right_wrong_and_silent_codes_lead_to_the_same_page(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    codes = [make_person(db, ground.practice, **changes)[1] for changes in ({}, *SILENT)]
    pages = []
    for code in [*codes, NOBODYS_CODE]:
        answer = client.post("/interpreter/join", data={"code": code}, follow_redirects=True)
        pages.append((answer.status_code, without_key(answer.text)))
    assert len(set(pages)) == 1
    assert IF_RIGHT in pages[0][1]


def without_key(page: str) -> str:
    return re.sub(r'name="idempotency_key" value="[^"]*"', "", page)


def test_a_slip_is_shown_beside_the_code_and_nothing_is_stored(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    answer = client.post("/interpreter/join", data={"code": "K4M9-2710"})
    assert answer.status_code == 400
    assert "Error: Enter the person" in answer.text
    assert 'value="K4M9-2710"' in answer.text
    with db.read() as session:
        assert session.exec(select(Proof)).all() == []


def test_an_account_that_is_locked_is_told_to_the_practice(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    staff = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=ground.practice))
    for count in range(5):
        assert "Wrong codes" not in staff.get("/").text, count
        client.post("/interpreter/join", data={"code": NOBODYS_CODE})
    assert "Wrong codes at Many Tongues" in staff.get("/").text
    answer = client.post("/interpreter/join", data={"code": NOBODYS_CODE})
    assert answer.status_code == 400
    assert "You can enter a code again in 60 minutes." in answer.text
    with time_machine.travel(utc_now() + timedelta(hours=25)):
        fresh = browser_of(application(settings, db), make_account(db, Role.PRACTICE, practice=ground.practice))
        assert "Wrong codes" not in fresh.get("/").text


def test_an_ask_is_accepted_once_and_declined_kindly(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    sought = make_visit(db, ground, language="ur", interpreter_state="seeking")
    ask_for(db, booth, sought)
    for _ in range(2):
        answer = client.post(f"/interpreter/visits/{sought.code}/accept", follow_redirects=True)
        assert "The visit is yours." in answer.text
    [visit] = visits(db)
    assert (visit.interpreter_id, visit.interpreter_state) == (booth.interpreter.id, "booked")


def test_a_no_that_is_sent_twice_answers_one_question(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    sought = make_visit(db, ground, language="ur", interpreter_state="seeking")
    ask_for(db, booth, sought)
    asked = field(client.get("/interpreter/").text, "ask")
    for _ in range(2):
        answer = client.post(f"/interpreter/visits/{sought.code}/decline", data={"ask": asked}, follow_redirects=True)
        assert "Thank you for telling us." in answer.text
    page = client.get("/interpreter/").text
    assert "Urdu, by phone, 20 minutes" in page
    assert field(page, "ask") != asked


def test_who_is_too_late_hears_that_somebody_else_has_it(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    other = make_interpreter(db, booth.agency, "ur")
    visit = own_visit(db, ground, booth, interpreter_id=other.id)
    ask_for(db, booth, visit, state="lapsed")
    answer = client.post(f"/interpreter/visits/{visit.code}/accept", follow_redirects=True)
    assert "Somebody else has that visit already" in answer.text


def test_a_visit_of_ones_own_is_handed_back_and_somebody_else_sought(
    db: Database, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit = own_visit(db, ground, booth)
    for _ in range(2):
        answer = client.post(f"/interpreter/visits/{visit.code}/hand-back", follow_redirects=True)
        assert "You do not have that visit any more." in answer.text
    [after] = visits(db)
    assert after.interpreter_id is None
    with db.read() as session:
        assert len(session.exec(select(InterpreterGivenUp)).all()) == 1


def test_a_new_calendar_address_is_shown_once(db: Database, booth: Booth, client: FlaskClient) -> None:
    page = client.post("/interpreter/calendar").text
    address = re.search(r"/calendar/[\w-]+\.ics", page)
    assert address
    assert client.get(address[0]).status_code == 200


def test_nobody_but_an_interpreter_opens_these_pages(
    db: Database, settings: Settings, ground: Ground, booth: Booth
) -> None:
    app = application(settings, db)
    for role in Role:
        if role != Role.INTERPRETER:
            practice = None if role in (Role.ADMIN,) else ground.practice
            client = browser_of(app, make_account(db, role, practice=practice))
            for path in ("/interpreter/", "/interpreter/join", "/interpreter/times"):
                assert client.get(path).status_code == 403, role
