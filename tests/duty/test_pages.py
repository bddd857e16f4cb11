"""What staff, a lead, whoever runs the service and a script see of duty."""

import json
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update
from sqlmodel import select

from bot.audit import AuditEntry
from bot.capability import imported, in_use
from bot.console import Console
from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.duty import DutyEntry
from bot.tables.organisations import Practice
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.factories import make_patient, text_in

ON = {"phone": "07700 900991", "day": "2026-11-24", "clock": "08:00"}
URGENT = "I have chest pain and cannot breathe"


def test_the_home_page_says_that_nobody_is_on_duty_and_then_who_is(signed_in: SignIn) -> None:
    lead = signed_in(Role.LEAD)
    assert "Nobody is on duty" in lead.get("/").get_data(as_text=True)
    assert post(lead, "/duty", ON).status_code == 303
    page = signed_in(Role.PRACTICE).get("/").get_data(as_text=True)
    assert "07700 900 991 is told by text" in page
    assert "Nobody is on duty" not in page


def test_a_lead_keeps_the_rota_and_staff_read_it(db: Database, signed_in: SignIn) -> None:
    lead, staff = signed_in(Role.LEAD), signed_in(Role.PRACTICE)
    post(lead, "/duty", ON)
    page = staff.get("/duty").get_data(as_text=True)
    assert "07700 900 991" in page
    assert "Put a phone on duty" not in page
    assert post(staff, "/duty", ON).status_code == 403
    with db.read() as session:
        begins = session.exec(select(DutyEntry.begins)).one()
    assert post(lead, "/duty/end", {"phone": ON["phone"], "begins": begins.isoformat()}).status_code == 303
    assert "There is nobody in it yet." in lead.get("/duty").get_data(as_text=True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"phone": "01632 960100"}, "not a mobile number"),
        ({"day": ""}, "Give the day"),
        ({"clock": "late"}, "not a time"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(signed_in: SignIn, wrong: dict[str, str], says: str) -> None:
    answer = post(signed_in(Role.LEAD), "/duty", ON | wrong)
    assert (answer.status_code, says in answer.get_data(as_text=True)) == (400, True)


def test_a_lead_switches_the_999_text_to_people_who_are_harmed(db: Database, signed_in: SignIn, world: World) -> None:
    lead = signed_in(Role.LEAD)
    assert "switched off" in lead.get("/duty").get_data(as_text=True)
    assert post(signed_in(Role.PRACTICE), "/duty/if-harmed", {"to": "on"}).status_code == 403
    post(lead, "/duty/if-harmed", {"to": "on"})
    with db.read() as session:
        assert session.get_one(Practice, world.practice.id).text_999_if_harmed
        assert not session.get_one(Practice, world.other.id).text_999_if_harmed
        assert session.exec(select(AuditEntry.action)).all()[-1] == "if-harmed-on"


def test_readyz_counts_practices_without_anybody_and_stays_ready(db: Database, signed_in: SignIn, world: World) -> None:
    for name in ("clock", "worker", "second-opinion"):
        say_alive(db, name)
    lead = signed_in(Role.LEAD)
    answer = lead.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_data(as_text=True) == "ready\n2 practices have nobody on duty who can be told by text.\n"
    post(lead, "/duty", ON)
    assert "1 practice has nobody" in lead.get("/readyz").get_data(as_text=True)
    assert "1 practice has nobody" in signed_in(Role.ADMIN).get("/operations").get_data(as_text=True)
    assert "practices_without_duty 1.0" in lead.get("/metrics").get_data(as_text=True)


def test_staff_see_the_number_of_a_case_what_was_found_and_that_duty_was_told(
    db: Database, settings: Settings, signed_in: SignIn, world: World
) -> None:
    post(signed_in(Role.LEAD), "/duty", ON)
    text_in(db, settings, make_patient(db, world.practice).phone, URGENT)
    with db.write() as session:
        session.execute(update(InboxItem).values(concepts=["chest", "no-fade"]))
    staff = signed_in(Role.PRACTICE)
    listed = staff.get("/inbox").get_data(as_text=True)
    assert "Found: chest, does not fade" in listed
    assert "Case 1. Nobody has opened it yet." in listed
    page = staff.get("/inbox/1").get_data(as_text=True)
    assert "told by text 1 time" in page
    assert "chest, does not fade" in page


def test_paged_comes_after_red_and_before_plain_amber(
    db: Database, settings: Settings, signed_in: SignIn, world: World
) -> None:
    for _ in range(4):
        text_in(db, settings, make_patient(db, world.practice).phone, "who is this")
    amber = {"reason": "urgent", "urgency": "amber"}
    changes: list[dict[str, Any]] = [amber, amber | {"paged": True}, {"reason": "urgent", "urgency": "red"}]
    with db.write() as session:
        for number, changed in enumerate(changes, 2):
            session.execute(update(InboxItem).where(InboxItem.id == number).values(**changed))
    page = signed_in(Role.PRACTICE).get("/inbox").get_data(as_text=True)
    places = [page.index(f'href="/inbox/{number}"') for number in (4, 3, 2, 1)]
    assert places == sorted(places)
    assert "Read now" in page


# Commands.


@pytest.fixture
def run(db: Database, settings: Settings, world: World) -> Any:
    console = Console()
    console.database, console.settings = db, settings

    def run(command: str, *words: str) -> Any:
        """Exit status or the code of a refusal, and what was said."""
        result = CliRunner().invoke(imported(in_use().commands[command].runs), [*words, "--json"], obj=console)
        if isinstance(result.exception, Refused):
            return result.exception.code, []
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]

    return run


def test_the_rota_by_command(run: Any) -> None:
    to = ("--practice", "STATION", "--phone", "07700900991")
    code, [made] = run("duty", "set", *to, "--from", "2026-11-24T08:00")
    assert (code, made) == (0, {"practice": "STATION", "phone": "+447700900991", "from": "2026-11-24T08:00:00+00:00"})
    run("duty", "set", "--practice", "STATION", "--phone", "07700900992", "--from", "2026-11-25")
    _, lines = run("duty", "list", "--practice", "STATION")
    assert [(line["phone"], line["now"], line["place"]) for line in lines] == [
        ("+447700900992", False, None),
        ("+447700900991", True, 1),
    ]
    assert run("duty", "end", *to) == (0, [{"practice": "STATION", "ended": 1}])
    assert run("duty", "end", *to) == ("not-on-duty", [])


@pytest.mark.parametrize(
    ("phone", "begins", "code"),
    [("01632960100", "2026-11-24", "bad-phone"), ("07700900991", "soon", "bad-date")],
)
def test_a_command_that_cannot_be_done_says_why(run: Any, phone: str, begins: str, code: str) -> None:
    assert run("duty", "set", "--practice", "STATION", "--phone", phone, "--from", begins) == (code, [])


def test_the_999_text_to_people_who_are_harmed_by_command(run: Any, world: World) -> None:
    change = ("practices", "change", "STATION", "--999-if-harmed", "on")
    assert run(*change) == ("needs-person", [])
    lead = world.accounts[Role.LEAD].email
    assert run(*change, "--as", lead) == (0, [{"code": "STATION", "999_if_harmed": True}])


def test_the_inbox_by_command_says_what_was_found(run: Any, db: Database, settings: Settings, world: World) -> None:
    text_in(db, settings, make_patient(db, world.practice).phone, URGENT)
    _, [line] = run("inbox", "list", "--practice", "STATION")
    assert (line["urgent"], line["paged"]) == ("red", False)
    assert isinstance(line["concepts"], list)


def test_a_reading_by_command_has_concepts_and_paged(run: Any) -> None:
    _, [reading] = run("replies", "read", URGENT)
    assert isinstance(reading["concepts"], list)
    assert reading["paged"] is False
    assert "by_another" not in reading
