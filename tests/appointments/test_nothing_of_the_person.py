"""A walk over everything an interpreter's account can reach, with words that must never be there."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from bot.accounts.access import PUBLIC, open_to
from bot.appointments.calendars.feeds import make_interpreters_feed
from bot.audit import CONSOLE, AuditEntry
from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import check_sign
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import Visit
from bot.tables.interpreters import InterpreterAsk
from tests.applications import application, browser_of
from tests.appointments.clinics import make_clinic, make_clinician, make_ground, make_session, make_visit
from tests.appointments.interpreting import Booth, make_booth, make_person, number_in, texts_of
from tests.factories import make_account, make_patient, text_in
from tests.interpreters.making import make_interpreter

PHONE = "+447700900345"
BORN = date(1961, 2, 3)
NOBODY = "2345678" + check_sign("2345678")
LAST = ("/sign-out", "/sign-in", "/interpreter/leave", "/interpreter/calendar")
"""What ends something that the walk still needs."""


class Fields(HTMLParser):
    """The links and forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[tuple[str, str, dict[str, str]]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])
        elif tag == "form":
            self.forms.append((given.get("method", "get"), given.get("action", ""), {}))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1][2].setdefault(given["name"], given.get("value", ""))
        elif tag == "select" and self.forms:
            self._select = given["name"]
        elif tag == "option" and self.forms and self._select:
            self.forms[-1][2].setdefault(self._select, given.get("value", ""))


class Walk:
    """Everything one browser was told, by the address that told it."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.said: dict[str, str] = {}

    def everywhere(self, typed: Mapping[str, str], *, pressing: bool = True) -> None:
        """Open every page that a link leads to, and press every button on them once."""
        seen: set[str] = set()
        waiting = ["/", "/interpreter/", "/home/cards"]
        while waiting:
            path = waiting.pop()
            if path in seen or path.startswith(LAST):
                continue
            seen.add(path)
            found = Fields(self.get(path))
            waiting += [link for link in found.links if not link.startswith("/static")]
            for method, action, fields in found.forms if pressing else ():
                place = f"{method} {urlsplit(action).path}"
                if place not in seen and not action.startswith(LAST):
                    seen.add(place)
                    waiting += self.press(method, action, fields | {k: v for k, v in typed.items() if k in fields})

    def get(self, path: str) -> str:
        return self._keep(f"GET {path}", self._client.get(path))

    def press(self, method: str, path: str, fields: Mapping[str, str]) -> list[str]:
        """Send a form; gives where it leads."""
        if method == "get":
            self._keep(f"GET {path}", self._client.get(path, query_string=fields))
            return []
        answer = self._client.post(path, data=fields)
        self._keep(f"POST {path}", answer)
        return [answer.location] if answer.location else []

    def _keep(self, what: str, answer: Any) -> str:
        page: str = answer.get_data(as_text=True)
        self.said[f"{what} {answer.status_code} {len(self.said)}"] = f"{dict(answer.headers)} {page}"
        return page


class Secret:
    """Somebody whose every word is known, a clinic with a telling name, and who else is there."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self.ground = ground = make_ground(db)
        self.booth = booth = make_booth(db, ground.practice)
        values: dict[str, Any] = {"surname": "Geheimname", "given_name": "Vertraulich", "born": BORN, "phone": PHONE}
        self.patient, self.code = make_person(db, ground.practice, **values, ethnic_category="Heimlichkeit")
        text_in(db, settings, PHONE, "Meinewortesindprivat")
        doctor = make_clinician(db, ground.practice, code="DRDISKRET", name="Diskreta Doktor")
        self.clinic = make_clinic(db, ground.practice, ground.site, code="SMEARCLINIC", purpose="cervical")
        general = make_clinic(db, ground.practice, ground.site, code="GENERALCLINIC")
        make_session(db, general, doctor, closes="12:00")
        make_session(db, self.clinic, doctor, opens="13:00", closes="15:00")
        make_interpreter(db, booth.agency, "ur", code="INTANDERER", name="Anderer Dolmetscher")
        self.visits = [*self._visits(db)]

    def _visits(self, db: Database) -> Iterator[Visit]:
        """One of the interpreter's own, one asked for, one given up for a reason, and one of somebody else."""
        starts = utc_now() + timedelta(days=3)
        in_clinic = {"patient_id": self.patient.id, "clinic_id": self.clinic.id, "language": "ur"}
        own = {"interpreter_id": self.booth.interpreter.id, "interpreter_mode": "in-person"}
        times = [
            {"starts": starts + timedelta(hours=n), "ends": starts + timedelta(hours=n, minutes=20)} for n in range(4)
        ]
        yield make_visit(db, self.ground, **in_clinic, **own, **times[0], interpreter_state="booked")
        sought = make_visit(db, self.ground, **in_clinic, **times[1], interpreter_state="seeking")
        with db.write() as session:
            asked = {"asked_at": utc_now(), "lapses_at": utc_now() + timedelta(hours=1), "mode": "in-person"}
            session.add(InterpreterAsk(visit_id=sought.id, interpreter_id=self.booth.interpreter.id, **asked))
        yield sought
        off = {"state": "cancelled", "given_up_by": "person", "given_up_why": "Grundgeheim"}
        yield make_visit(db, self.ground, **in_clinic, **own, **times[2], **off)
        self.other = make_patient(db, self.ground.practice, surname="Nachbarin")
        yield make_visit(db, self.ground, **{**in_clinic, "patient_id": self.other.id}, **times[3])

    def words(self) -> list[str]:
        """What must nowhere be said; the code of somebody else's visit as well."""
        number = self.patient.nhs_number
        return [
            *("geheimname", "vertraulich", "heimlichkeit", "meinewortesindprivat", "grundgeheim", "nachbarin"),
            *(number, f"{number[:3]} {number[3:6]} {number[6:]}", self.other.nhs_number),
            *(PHONE, "07700 900 345", "07700900345", "7700900345"),
            *("1961-02-03", "3 february 1961", "03/02/1961", "03 feb 1961"),
            *("smearclinic", "generalclinic", "cervical", "drdiskret", "diskreta doktor"),
            *("intanderer", "anderer dolmetscher"),
            self.visits[3].code.lower(),
        ]


@pytest.fixture
def secret(db: Database, settings: Settings) -> Secret:
    return Secret(db, settings)


@pytest.fixture
def app(settings: Settings, db: Database) -> Flask:
    return application(settings, db, tokens=False)


def found_in(said: Mapping[str, str], secret: Secret) -> list[tuple[str, str]]:
    return [(where, word) for where, page in said.items() for word in secret.words() if word in page.lower()]


def audit_of(db: Database, booth: Booth) -> dict[str, str]:
    """The lines that what this account did has left in the trail."""
    with db.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.user_id == booth.account.id)).all()
    return {f"audit {entry.action}": json.dumps([entry.subject, entry.detail, entry.actor]) for entry in entries}


def test_the_words_are_there_for_those_they_belong_to(db: Database, app: Flask, secret: Secret) -> None:
    """Or the walk would find nothing whatever was said."""
    staff = browser_of(app, make_account(db, Role.PRACTICE, practice=secret.ground.practice))
    inbox = staff.get("/inbox").text.lower()
    assert "meinewortesindprivat" in inbox
    assert "geheimname" in inbox


def book_what_can_be_booked(walk: Walk, secret: Secret) -> None:
    """Times that are free, gone, past, or of a clinic that is no business of an interpreter."""
    for query in ("", "?from=x&sex=q", "?who=me&sex=M", "?who=me&longer=yes", "?from=2027-12-01T09:00:00Z"):
        walk.get(f"/interpreter/times{query}")
    found = re.findall(r'name="time" value="([^"]+)"', walk.get("/interpreter/times"))
    odd = ("", "x", f"20261201T1300Z.{secret.clinic.id}", "20261101T0900Z.1", "20261201T0903Z.1")
    for number, token in enumerate([*found[:2], *found[:1], *odd]):
        walk.press("post", "/interpreter/book", {"time": token, "idempotency_key": str(number)})
    for visit in secret.visits:
        path = f"/interpreter/visits/{visit.code}"
        walk.get(f"{path}?move=1")
        for token in (*found[-1:], f"20261201T1300Z.{secret.clinic.id}", f"20261201T1303Z.{secret.clinic.id}"):
            walk.press("post", f"{path}/move", {"time": token})


def test_nothing_of_the_person_is_said_anywhere(
    db: Database, settings: Settings, app: Flask, secret: Secret, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    walk = Walk(browser_of(app, secret.booth.account))
    feed = make_interpreters_feed(db, settings, secret.booth.interpreter.code, CONSOLE).removeprefix(settings.base_url)
    with structlog.testing.capture_logs() as logs:
        walk.everywhere({}, pressing=False)
        walk.get(feed)
        walk.press("post", "/interpreter/join", {"code": NOBODY})
        walk.press("post", "/interpreter/join", {"code": "K4M9-2710"})
        walk.press("post", "/interpreter/join", {"code": secret.code, "idempotency_key": "a"})
        walk.press("post", "/interpreter/join/number", {"number": "1"})
        walk.everywhere({}, pressing=False)
        walk.press("post", "/interpreter/join/number", {"number": number_in(texts_of(db)[-1])})
        book_what_can_be_booked(walk, secret)
        walk.everywhere({}, pressing=False)
        walk.everywhere({"code": secret.code})
        assert "BEGIN:VEVENT" in walk.get(feed)
        walk.press("post", "/interpreter/calendar", {})
        walk.press("post", "/interpreter/leave", {})
        book_what_can_be_booked(walk, secret)
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            roles = open_to(app.view_functions[rule.endpoint]) if rule.endpoint != "static" else PUBLIC
            if roles != PUBLIC:
                walk.get(rule.rule)
    done = {where.rsplit(" ", 2)[0] for where in walk.said if where.startswith("POST")}
    for deed in ("book", "move", "give-up", "hand-back", "accept", "decline"):
        assert any(where.endswith(f"/{deed}") for where in done), deed
    answers = {int(where.split()[-2]) for where in walk.said if "/book" in where}
    assert answers == {303, 400}
    told = dict(walk.said) | audit_of(db, secret.booth)
    told |= {f"log {n}": json.dumps(line, default=str) for n, line in enumerate(logs)}
    told |= {f"record {n}": record.getMessage() for n, record in enumerate(caplog.records)}
    assert len(logs) > 20
    assert found_in(told, secret) == []


def test_a_code_of_a_person_stands_in_no_address_and_no_log(
    db: Database, app: Flask, secret: Secret, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = browser_of(app, secret.booth.account)
    with structlog.testing.capture_logs() as logs:
        answer = client.post("/interpreter/join", data={"code": secret.code})
        client.post("/interpreter/join/number", data={"number": number_in(texts_of(db)[-1])})
        page = client.get("/interpreter/times").text
    shown = f"{secret.code[:4]}-{secret.code[4:]}"
    assert shown in page
    found = Fields(page)
    for place in [answer.location, *found.links, *(action for _, action, _ in found.forms)]:
        assert secret.code not in place
        assert shown not in place
    for line in [json.dumps(logs, default=str), caplog.text]:
        assert secret.code not in line
        assert shown not in line
