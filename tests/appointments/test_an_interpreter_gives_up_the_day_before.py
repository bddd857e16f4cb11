"""Scenario F: an interpreter gives up a visit the day before; at no step does any interpreter learn whose it is.

By the commands of staff and of the agency, texts of two interpreters and of the person, and the clock.
"""

import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import time_machine
from sqlmodel import col, select

from bot.appointments.interpreted.interpreter_commands import interpreters
from bot.appointments.interpreted.lost import Answered, accept_ask, give_up_interpreter, lapse_asks
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.visit_commands import visits
from bot.appointments.timetable.clinic_commands import clinicians, clinics, sites
from bot.appointments.timetable.slot_commands import sessions, slots
from bot.appointments.visits import visit_by_code
from bot.audit import CONSOLE
from bot.database import Database
from bot.interpreters.commands import agencies
from bot.interpreters.finding import interpreter_by_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Whose
from bot.tables.attention import InboxItem
from bot.tables.interpreters import InterpreterAsk
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import london, send_all, texts_to, with_changes
from tests.organisations.conftest import Ask
from tests.organisations.conftest import ask as ask

PERSON = "+447700900123"
DILAN, BERI, CEREN, ARI, ZIN = (f"+44770090088{number}" for number in range(1, 6))
WEDNESDAY = "2026-11-25 16:10"
HEADER = "Code,Name,Sex,Phone,Email,Languages,In Person Notice,Telephone Notice,Video Notice,Hours"
HOURS = "mon-sat 08:00-20:00"
LIST = f"""{HEADER}
ARI,Ari Sample,M,07700 900884,,ckb,0,0,0,{HOURS}
BERI,Beri Sample,F,07700 900882,,ckb,0,,0,{HOURS}
CEREN,Ceren Sample,F,07700 900883,,ckb;ar,48,0,,{HOURS}
DILAN,Dilan Sample,F,07700 900881,,ckb,0,0,,{HOURS}
KURMANJI,Zin Sample,F,07700 900885,,kmr,0,0,0,{HOURS}
"""


@dataclass
class Story:
    """What happens, and what each phone shows."""

    db: Database
    settings: Settings
    ask: Ask
    clock: time_machine.Traveller
    person: Patient
    visit: dict[str, Any]

    def at(self, moment: str) -> None:
        """The clock moves on, the job runs, and what is due goes out."""
        self.clock.move_to(london(moment))
        lapse_asks(self.db, self.settings)
        send_all(self.db, self.settings)

    def says(self, phone: str, body: str) -> None:
        self.clock.shift(60)
        text_in(self.db, self.settings, phone, body)
        send_all(self.db, self.settings)

    def heard(self, phone: str) -> list[str | None]:
        return [text.text_key for text in texts_to(self.db, phone) if text.attempts]

    def shown(self) -> dict[str, Any]:
        [line] = self.ask(visits, "show", self.visit["visit"])
        return line

    def asked(self) -> list[str]:
        with self.db.read() as session:
            found = session.exec(
                select(InterpreterAsk).order_by(col(InterpreterAsk.asked_at), col(InterpreterAsk.id))
            ).all()
            codes = {who: interpreter_by_code(session, who).id for who in ("ARI", "BERI", "CEREN", "DILAN", "KURMANJI")}
        names = {number: code for code, number in codes.items()}
        return [f"{names[each.interpreter_id]} {each.mode}" for each in found]

    def slots(self) -> dict[str, str]:
        """How the two slots of the visit stand, by the clock in London."""
        day = ("--from", "2026-11-26", "--to", "2026-11-26")
        lines = self.ask(slots, "list", "--clinic", "SMEARS", *day)
        return {line["starts"][11:16]: line["state"] for line in lines if line["starts"][11:16] in ("09:40", "09:50")}

    def inbox(self) -> list[str]:
        with self.db.read() as session:
            return [item.reason for item in session.exec(select(InboxItem).order_by(col(InboxItem.id)))]

    def id_of(self, code: str) -> int:
        with self.db.read() as session:
            return interpreter_by_code(session, code).id or 0

    def visit_id(self) -> int:
        with self.db.read() as session:
            return visit_by_code(session, self.visit["visit"]).id or 0

    def gives_up(self, code: str) -> None:
        give_up_interpreter(self.db, self.settings, self.visit_id(), self.id_of(code), CONSOLE)
        send_all(self.db, self.settings)


@pytest.fixture
def story(db: Database, settings: Settings, ask: Ask, tmp_path: Any) -> Any:
    """A woman who speaks Kurdish (Sorani) asked for a woman; she comes on Thursday at 9:40am for 20 minutes."""
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as clock:
        settings = with_changes(settings, sender_parts_per_second=1000, send_window="08:00-20:00")
        practice = make_practice(db)
        person = make_patient(
            db, practice, surname="Verysecret", given_name="Shilan", language="ckb", interpreter=True, phone=PERSON,
            sex="F", born=date(1961, 7, 19),
        )  # fmt: skip
        ask(sites, "add", "MAIN", "--practice", "STATION", "--name", "Station Road", "--address", "12 Station Road")
        ask(clinicians, "add", "NURSE", "--practice", "STATION", "--name", "Nina Nurse", "--sex", "F")
        ask(clinics, "add", "SMEARS", "--practice", "STATION", "--site", "MAIN", "--purpose", "cervical",
            "--slot-minutes", "10", "--held", "all")  # fmt: skip
        ask(sessions, "add", "--clinic", "SMEARS", "--clinician", "NURSE", "--days", "thu", "--from", "09:00",
            "--to", "11:00", "--start", "2026-11-26")  # fmt: skip
        ask(agencies, "add", "TONGUES", "--name", "Many Tongues", "--practice", "STATION")
        file = tmp_path / "interpreters.csv"
        file.write_text(LIST, encoding="utf-8")
        [imported] = ask(interpreters, "import", str(file), "--agency", "TONGUES")
        assert (imported["rows"], imported["stored"]) == (5, 5)
        for_her = ("--practice", "STATION", "--nhs-number", person.nhs_number, "--clinic", "SMEARS")
        [visit] = ask(visits, "make", *for_her, "--starts", "2026-11-26T09:40", "--interpreter-sex", "F")
        send_all(db, settings)
        yield Story(db, settings, ask, clock, person, visit)


def test_the_next_one_is_asked_and_nobody_learns_whose_visit_it_is(story: Story) -> None:
    assert story.visit["interpreter"] == "BERI"
    assert story.heard(BERI) == ["interpreter-booked"]
    story.at(WEDNESDAY)
    story.gives_up("BERI")
    assert story.heard(BERI) == ["interpreter-booked", "interpreter-visit-off"]
    assert story.asked() == ["DILAN in-person"]  # Ari is a man, Ceren wants two days' notice, Zin speaks Kurmanji
    assert story.slots() == {"09:40": "booked", "09:50": "booked"}
    story.says(DILAN, "1")
    assert story.shown() | {"interpreter": "DILAN", "interpreter_state": "booked", "state": "booked"} == story.shown()
    assert story.heard(DILAN) == ["interpreter-ask", "interpreter-booked"]
    assert story.heard(PERSON) == ["visit-booked-woman-interpreter"] * 2  # and now it names Dilan
    nothing_of_the_person_is_told(story)


def test_nobody_is_found_and_she_keeps_the_time_with_an_interpreter_by_phone(story: Story) -> None:
    nobody_by_six(story)
    story.says(PERSON, "1")
    assert story.heard(PERSON)[-2:] == ["interpreter-lost", "interpreter-phone-kept"]
    kept = story.shown()
    assert (kept["state"], kept["mode"], kept["interpreter_mode"]) == ("booked", "in-person", "telephone")
    assert story.inbox() == ["no-interpreter", "interpreter-by-phone"]
    nothing_of_the_person_is_told(story)


def test_nobody_is_found_and_she_chooses_another_day(story: Story) -> None:
    nobody_by_six(story)
    story.says(PERSON, "2")
    assert story.heard(PERSON)[-1] == "visit-times"
    assert story.shown()["starts"] == story.visit["starts"], "the old time stays until a new one is taken"
    story.says(PERSON, "1")
    moved = story.shown()
    assert moved["starts"] > story.visit["starts"]
    assert (moved["state"], moved["interpreter_state"]) == ("booked", "booked")
    assert story.slots() == {"09:40": "free", "09:50": "free"}


def test_a_late_yes_takes_it_once_and_the_next_is_thanked(story: Story) -> None:
    nobody_by_six(story)
    first = accept_ask(story.db, story.settings, story.visit_id(), story.id_of("CEREN"), CONSOLE)
    second = accept_ask(story.db, story.settings, story.visit_id(), story.id_of("DILAN"), CONSOLE)
    send_all(story.db, story.settings)
    assert [first, second] == [Answered.BOOKED, Answered.GONE]
    assert story.heard(CEREN)[-1] == "interpreter-booked"
    assert story.heard(DILAN)[-1] == "interpreter-ask-gone"
    assert story.heard(PERSON)[-1] == "interpreter-by-phone"
    nothing_of_the_person_is_told(story)


def nobody_by_six(story: Story) -> None:
    """From 16:10 on each is asked for half an hour, first to be there, then to help by phone."""
    story.at(WEDNESDAY)
    story.gives_up("BERI")
    for moment in ("16:40", "17:10", "17:40", "17:59"):
        story.at(f"2026-11-25 {moment}")
    assert story.asked() == ["DILAN in-person", "CEREN telephone", "DILAN telephone"]
    assert "interpreter-lost" not in story.heard(PERSON)
    story.at("2026-11-25 18:00")
    assert story.heard(PERSON)[-1] == "interpreter-lost"
    assert story.inbox() == ["no-interpreter"]
    lost = story.shown()
    assert (lost["state"], lost["interpreter"], lost["interpreter_state"]) == ("booked", None, "failed")
    [text] = [text for text in texts_to(story.db, PERSON) if text.text_key == "interpreter-lost"]
    for family in ("relative", "family", "friend", "husband", "daughter"):
        assert family not in text.body.lower()


def nothing_of_the_person_is_told(story: Story) -> None:
    """No text to an interpreter's phone holds who the person is, what the clinic is for, or anything of the sort."""
    person = story.person
    secrets = (person.surname, person.given_name, person.nhs_number, PERSON, "1961", "SMEARS", "cervical", "smear")
    told = [text.body for phone in (ARI, BERI, CEREN, DILAN, ZIN) for text in texts_to(story.db, phone)]
    assert told
    assert [(secret, body) for secret in secrets for body in told if secret.lower() in body.lower()] == []


@pytest.mark.parametrize("round_", range(3))
def test_who_is_booked_elsewhere_in_the_same_second_is_in_one_place(story: Story, round_: int) -> None:
    """Dilan says yes to this visit while staff book her for another one at that time."""
    of_practice = ("--practice", "STATION")
    story.ask(clinicians, "add", "DOCTOR", *of_practice, "--name", "Dora Doctor", "--sex", "F")
    story.ask(clinics, "add", "GENERAL", *of_practice, "--site", "MAIN", "--purpose", "general",
              "--slot-minutes", "10")  # fmt: skip
    story.ask(sessions, "add", "--clinic", "GENERAL", "--clinician", "DOCTOR", "--days", "thu", "--from", "09:40",
              "--to", "10:00", "--start", "2026-11-26")  # fmt: skip
    with story.db.read() as session:
        practice = session.get_one(Practice, story.person.practice_id)
    other = make_patient(story.db, practice, language="ckb", interpreter=True)
    story.at(WEDNESDAY)
    story.gives_up("BERI")
    story.ask(interpreters, "away", "BERI", "--from", "2026-11-26", "--to", "2026-11-26")
    wanted = VisitWanted("STATION", other.nhs_number, "GENERAL", starts=london("2026-11-26 09:40"), interpreter_sex="F")
    ready, outcomes = threading.Barrier(2), dict[str, Any]()

    def accept() -> None:
        ready.wait()
        outcomes["accept"] = accept_ask(story.db, story.settings, story.visit_id(), story.id_of("DILAN"), CONSOLE)

    def book() -> None:
        ready.wait()
        try:
            outcomes["book"] = book_joint_visit(story.db, story.settings, wanted, CONSOLE)
        except Refused as refused:
            outcomes["book"] = refused.code

    threads = [threading.Thread(target=deed) for deed in (accept, book)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    booked_here = outcomes["accept"] is Answered.BOOKED
    assert outcomes["accept"] in (Answered.BOOKED, Answered.BUSY)
    assert isinstance(outcomes["book"], str) is booked_here, outcomes
    with story.db.read() as session:
        dilan = select(ClaimedTime.visit_id).where(
            ClaimedTime.kind == Whose.INTERPRETER, ClaimedTime.whose == story.id_of("DILAN")
        )
        assert len(set(session.exec(dilan))) == 1
