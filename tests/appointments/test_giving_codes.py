"""Staff tell, send, print or replace the code of a person."""

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner

from bot.appointments.calendars.feed_commands import clinicians_feed_command, interpreters_feed_command
from bot.appointments.portal.giving_codes import give_code, text_code
from bot.appointments.portal.person_code_commands import people
from bot.audit import CONSOLE
from bot.console import Console
from bot.conversations.about_people import Whom
from bot.database import Database
from bot.patients.person_codes import person_by_code, read_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.appointments.clinics import make_ground
from tests.appointments.interpreting import make_booth, texts_of
from tests.factories import make_account, make_patient, make_practice


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def patient(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, language="ur", interpreter=True)


def whom(patient: Patient) -> Whom:
    return Whom("STATION", patient.nhs_number)


def run(db: Database, settings: Settings, command: click.Command, *words: str) -> Any:
    console = Console()
    console.__dict__ |= {"database": db, "settings": settings}
    return CliRunner().invoke(command, words, obj=console, catch_exceptions=False)


def test_the_code_of_a_person_stays_until_it_is_replaced(db: Database, settings: Settings, patient: Patient) -> None:
    first = give_code(db, settings, whom(patient), CONSOLE).code
    assert give_code(db, settings, whom(patient), CONSOLE).code == first
    second = give_code(db, settings, whom(patient), CONSOLE, replace=True).code
    with db.read() as session:
        assert person_by_code(session, read_code(first)) is None
        found = person_by_code(session, read_code(second))
    assert found is not None
    assert found.id == patient.id


def test_it_is_sent_to_the_person(db: Database, settings: Settings, patient: Patient) -> None:
    given = text_code(db, settings, whom(patient), CONSOLE)
    [text] = texts_of(db, "person-code")
    assert (text.phone, text.kind) == (patient.phone, "notice")
    assert given.code in text.body.splitlines()


def test_it_is_not_sent_to_a_phone_that_is_not_safe(db: Database, settings: Settings, practice: Practice) -> None:
    shared = make_patient(db, practice, phone_status=PhoneStatus.SHARED)
    with pytest.raises(Refused, match="more than one record"):
        text_code(db, settings, whom(shared), CONSOLE)
    assert texts_of(db, "person-code") == []


def test_only_staff_of_the_practice_may(db: Database, settings: Settings, practice: Practice, patient: Patient) -> None:
    booth = make_booth(db, practice)
    staff = make_account(db, Role.PRACTICE, practice=practice)
    give_code(db, settings, whom(patient), actor_of(staff))
    stranger = make_account(db, Role.LEAD, practice=make_practice(db, "OTHER"))
    for actor in (booth.actor, actor_of(stranger)):
        with pytest.raises(Refused, match="Only"):
            give_code(db, settings, whom(patient), actor)


def test_the_command_says_the_code_and_prints_what_to_hand_out(
    db: Database, settings: Settings, patient: Patient
) -> None:
    words = ("code", patient.nhs_number, "--practice", "STATION")
    code = json.loads(run(db, settings, people, *words, "--json").stdout)["code"]
    assert run(db, settings, people, *words).stdout == f"The code is {code}.\n"
    assert code in run(db, settings, people, *words, "--print").stdout.splitlines()
    assert "goes to the person's phone" in run(db, settings, people, *words, "--text").stdout
    assert code not in run(db, settings, people, *words, "--replace").stdout


def test_the_commands_of_calendars_tell_the_address_once(db: Database, settings: Settings) -> None:
    ground = make_ground(db)
    booth = make_booth(db, ground.practice)
    for command, code in (
        (interpreters_feed_command, booth.interpreter.code),
        (clinicians_feed_command, ground.clinician.code),
    ):
        first, second = (json.loads(run(db, settings, command, code, "--json").stdout)["url"] for _ in range(2))
        assert first != second
        assert first.startswith(f"{settings.base_url}/calendar/")
