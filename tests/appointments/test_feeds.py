"""Calendars by a secret address: what stands in them, and what does not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import select

from bot.appointments.calendars import feed_pages
from bot.appointments.calendars.feeds import make_clinicians_feed, make_interpreters_feed
from bot.appointments.calendars.slowing import Slowing
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.appointments import CalendarFeed, InterpreterGivenUp, Visit
from tests.applications import application
from tests.appointments.clinics import Ground, make_ground, make_visit
from tests.appointments.interpreting import Booth, make_booth
from tests.appointments.reading_calendars import read_calendar
from tests.factories import make_account


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db)


@pytest.fixture
def booth(db: Database, ground: Ground) -> Booth:
    return make_booth(db, ground.practice)


@pytest.fixture
def client(settings: Settings, db: Database) -> FlaskClient:
    return application(settings, db).test_client()


@pytest.fixture(autouse=True)
def nobody_has_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OF_ONE_CALENDAR", "IN_VAIN"):
        monkeypatch.setattr(feed_pages, name, Slowing(30, feed_pages.WITHIN))


def visit_of(db: Database, ground: Ground, booth: Booth, **changes: Any) -> Visit:
    """A visit that this interpreter has."""
    own = {"interpreter_id": booth.interpreter.id, "interpreter_mode": "in-person", "interpreter_state": "booked"}
    return make_visit(db, ground, **({"language": "ur"} | own | changes))


def path_of(db: Database, settings: Settings, booth: Booth) -> str:
    made = make_interpreters_feed(db, settings, booth.interpreter.code, CONSOLE)
    assert made.startswith(f"{settings.base_url}/calendar/")
    return made.removeprefix(settings.base_url)


def change(db: Database, visit: Visit, **changes: Any) -> None:
    with db.write() as session:
        found = session.get_one(Visit, visit.id)
        for name, value in ({"changed_at": utc_now()} | changes).items():
            setattr(found, name, value)


def test_an_interpreters_calendar_says_code_language_mode_place_and_minutes(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit = visit_of(db, ground, booth)
    make_visit(db, ground, starts=visit.ends, ends=visit.ends + timedelta(minutes=10))
    answer = client.get(path_of(db, settings, booth))
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    [event] = read_calendar(answer.data)
    assert event.pop("DTSTAMP")
    assert event == {
        "UID": f"{visit.code}@127.0.0.1",
        "SEQUENCE": "0",
        "DTSTART": "20261201T090000",
        "DTEND": "20261201T092000",
        "starts": visit.starts,
        "ends": visit.ends,
        "SUMMARY": "Urdu, in person, 20 minutes",
        "LOCATION": "Station Road, 12 Station Road",
        "DESCRIPTION": f"Code {visit.code[:4]}-{visit.code[4:]}",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "CLASS": "PRIVATE",
        "END": "VCALENDAR",
    }


def test_a_clinicians_calendar_names_nobody(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit_of(db, ground, booth)
    url = make_clinicians_feed(db, settings, ground.clinician.code, CONSOLE)
    answer = client.get(url.removeprefix(settings.base_url))
    [event] = read_calendar(answer.data)
    assert event["SUMMARY"] == "Visit, Urdu, with an interpreter, in person, 20 minutes"
    for words in (ground.patient.surname, ground.patient.nhs_number, booth.interpreter.name, ground.clinic.code):
        assert words not in answer.text


def test_what_will_not_take_place_stays_for_thirty_days(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit, path = visit_of(db, ground, booth), path_of(db, settings, booth)
    change(db, visit, state="cancelled", sequence=1)
    [event] = read_calendar(client.get(path).data)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", "1")
    with time_machine.travel(utc_now() + timedelta(days=30)):
        assert read_calendar(client.get(path).data) == []


def test_a_visit_that_is_moved_keeps_its_uid(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit, path = visit_of(db, ground, booth), path_of(db, settings, booth)
    [before] = read_calendar(client.get(path).data)
    week = timedelta(days=7)
    change(db, visit, starts=visit.starts + week, ends=visit.ends + week, sequence=1)
    [after] = read_calendar(client.get(path).data)
    assert (after["UID"], after["SEQUENCE"]) == (before["UID"], "1")
    assert after["starts"] == before["starts"] + week


def test_a_visit_that_went_to_somebody_else_is_taken_out(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit, path = visit_of(db, ground, booth), path_of(db, settings, booth)
    with db.write() as session:
        lost = {"visit_id": visit.id, "interpreter_id": booth.interpreter.id, "starts": visit.starts}
        session.add(InterpreterGivenUp(**lost, at=utc_now(), by="interpreter"))
    assert [event["STATUS"] for event in read_calendar(client.get(path).data)] == ["CONFIRMED"]
    change(db, visit, interpreter_id=None, interpreter_state="seeking")
    assert [event["STATUS"] for event in read_calendar(client.get(path).data)] == ["CANCELLED"]


def test_a_program_that_has_it_already_gets_nothing_twice(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    visit, path = visit_of(db, ground, booth), path_of(db, settings, booth)
    first = client.get(path)
    etag = {"If-None-Match": first.headers["ETag"]}
    again = client.get(path, headers=etag)
    assert (again.status_code, again.data) == (304, b"")
    assert "no-store" not in again.headers["Cache-Control"]
    change(db, visit, sequence=1)
    assert client.get(path, headers=etag).status_code == 200


def test_a_new_address_revokes_the_old_which_is_like_one_that_never_was(
    db: Database, settings: Settings, booth: Booth, client: FlaskClient
) -> None:
    old = path_of(db, settings, booth)
    new = path_of(db, settings, booth)
    assert client.get(new).status_code == 200
    revoked, never = client.get(old), client.get("/calendar/never-was.ics")
    assert revoked.status_code == never.status_code == 404
    assert revoked.data == never.data
    assert {*revoked.headers.keys()} == {*never.headers.keys()}


def test_only_a_keyed_hash_of_the_address_is_kept_and_no_cookie_is_set(
    db: Database, settings: Settings, booth: Booth, client: FlaskClient
) -> None:
    path = path_of(db, settings, booth)
    with db.read() as session:
        feed = session.exec(select(CalendarFeed)).one()
    assert path.removeprefix("/calendar/").removesuffix(".ics") not in str(vars(feed))
    assert "Set-Cookie" not in client.get(path).headers


def test_one_calendar_is_read_so_often_and_no_more(
    db: Database, settings: Settings, booth: Booth, client: FlaskClient
) -> None:
    path = path_of(db, settings, booth)
    assert [client.get(path).status_code for _ in range(31)] == [200] * 30 + [429]
    with time_machine.travel(utc_now() + feed_pages.WITHIN):
        assert client.get(path).status_code == 200


def test_who_asks_in_vain_too_often_is_told_so_but_calendars_are_still_read_from_there(
    db: Database, settings: Settings, booth: Booth, client: FlaskClient
) -> None:
    assert [client.get(f"/calendar/{n}.ics").status_code for n in range(31)] == [404] * 30 + [429]
    assert client.get(path_of(db, settings, booth)).status_code == 200


def test_who_may_make_an_address(db: Database, settings: Settings, ground: Ground, booth: Booth) -> None:
    staff = make_account(db, Role.PRACTICE, practice=ground.practice)
    make_clinicians_feed(db, settings, ground.clinician.code, actor_of(staff))
    make_interpreters_feed(db, settings, booth.interpreter.code, booth.actor)
    colleague = make_account(db, Role.INTERPRETER, agency=booth.agency)
    for make, code, actor in (
        (make_clinicians_feed, ground.clinician.code, booth.actor),
        (make_interpreters_feed, booth.interpreter.code, actor_of(staff)),
        (make_interpreters_feed, booth.interpreter.code, actor_of(colleague)),
    ):
        with pytest.raises(Refused, match="Only"):
            make(db, settings, code, actor)


@pytest.mark.parametrize("make", [make_clinicians_feed, make_interpreters_feed])
def test_of_nobody_there_is_no_calendar(db: Database, settings: Settings, make: Any) -> None:
    with pytest.raises(Refused, match="There is no"):
        make(db, settings, "NOBODY", CONSOLE)


def test_a_calendar_of_many_visits_takes_no_more_statements_than_one_of_few(
    db: Database, settings: Settings, ground: Ground, booth: Booth, client: FlaskClient
) -> None:
    path = path_of(db, settings, booth)
    visit_of(db, ground, booth)
    few = statements(db, client, path)
    for minutes in range(5, 100, 5):
        visit_of(db, ground, booth, starts=ground_start(minutes), ends=ground_start(minutes + 5))
    assert statements(db, client, path) == few <= 4


def ground_start(minutes: int) -> Any:
    return utc_now() + timedelta(days=2, minutes=minutes)


def statements(db: Database, client: FlaskClient, path: str) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(path).status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement.startswith("SELECT")])
