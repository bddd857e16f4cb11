"""The forms on the page of an item that change what is known of its person; none of them sends a text."""

import html
import re

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from bot.database import Database
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.messaging import Direction, Message
from bot.tables.patients import OptOut, Patient, PhoneStatus
from tests.accounts.conftest import SignIn, World, post
from tests.accounts.conftest import app as app
from tests.accounts.conftest import client as client
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.conversations.test_inbox import PHONE, write_in
from tests.factories import make_patient

PEOPLE = "What this tells us about"
DEEDS: dict[str, dict[str, str]] = {
    "opt-out": {"scope": "all"},
    "died": {"sure": "yes"},
    "lives": {},
    "phone": {"whose": "own", "seen": PHONE},
    "language": {"language": "so"},
}
every_deed = pytest.mark.parametrize("deed", DEEDS)


@pytest.fixture
def fatima(db: Database, world: World) -> Patient:
    return make_patient(db, world.practice, phone=PHONE, given_name="Fatima", surname="Example", language="ur")


@pytest.fixture
def item(db: Database, world: World, fatima: Patient) -> int:
    return write_in(db, world.practice, patient_id=fatima.id)


def words(page: str) -> str:
    """A page as it is read."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def press(client: FlaskClient, item: int, person: Patient, deed: str, **form: str) -> str:
    """Fill in one of the forms; gives the page it leads to."""
    answer = post(client, f"/inbox/{item}/people/{person.id}/{deed}", form)
    assert (answer.status_code, answer.location.endswith(f"/inbox/{item}")) == (303, True)
    return words(client.get(answer.location).get_data(as_text=True))


def now(db: Database, person: Patient) -> Patient:
    with db.read() as session:
        return session.get_one(Patient, person.id)


def opt_outs(db: Database) -> list[str]:
    with db.read() as session:
        return [opt_out.scope for opt_out in session.exec(select(OptOut).order_by(col(OptOut.id)))]


@pytest.mark.parametrize(
    ("deed", "form", "said"),
    [
        ("opt-out", {"scope": "outreach"}, "Fatima Example gets no more invitations. An answer from you may still go."),
        ("opt-out", {"scope": "all"}, "Fatima Example gets no more texts at all. Phone instead."),
        ("died", {"sure": "yes"}, "Fatima Example is marked as having died. Nothing more will be texted to them."),
        ("died", {"sure": "yes", "day": "2026-11-01"}, "Fatima Example is marked as having died."),
        ("phone", {"whose": "own", "seen": PHONE}, "This number counts as Fatima Example’s own from now on."),
        ("phone", {"whose": "not-own", "seen": PHONE}, "This number does not count as Fatima Example’s own any more."),
        ("phone", {"whose": "wrong", "seen": PHONE}, "This is recorded as a wrong number for Fatima Example."),
        ("language", {"language": "pl"}, "What goes to Fatima Example from now on is in Polish."),
        ("language", {"language": "cs"}, "Czech is recorded for Fatima Example. There are no texts in Czech yet"),
    ],
)
def test_each_form_leads_back_with_one_sentence_and_sends_nothing(
    db: Database, signed_in: SignIn, item: int, fatima: Patient, deed: str, form: dict[str, str], said: str
) -> None:
    assert f"Done. {said}" in press(signed_in(Role.PRACTICE), item, fatima, deed, **form)
    assert now(db, fatima).updated_at > fatima.updated_at or opt_outs(db)
    with db.read() as session:
        assert session.exec(select(Message).where(Message.direction == Direction.OUT)).all() == []
        assert session.get_one(InboxItem, item).state == "open"


@pytest.mark.parametrize(
    ("deed", "form", "said"),
    [
        ("opt-out", {}, "Choose what they want no more"),
        ("opt-out", {"scope": "everything"}, "Choose what they want no more"),
        ("died", {"day": "2026-11-01"}, "Tick the box to say that Fatima Example has died."),
        ("died", {"sure": "yes", "day": "yesterday"}, "Enter the day as a date"),
        ("died", {"sure": "yes", "day": "2026-11-25"}, "That day has not come yet."),
        ("died", {"sure": "yes", "day": "1960-05-11"}, "That is before they were born."),
        ("phone", {"seen": PHONE}, "Choose whose number this is."),
        ("phone", {"whose": "mine", "seen": PHONE}, "Choose whose number this is."),
        ("phone", {"whose": "own", "seen": "+447700900999"}, "Another number is on record by now."),
        ("phone", {"whose": "own"}, "Another number is on record by now."),
        ("language", {}, "Choose one of the languages."),
        ("language", {"language": "xx"}, "Choose one of the languages."),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    db: Database, signed_in: SignIn, item: int, fatima: Patient, deed: str, form: dict[str, str], said: str
) -> None:
    page = press(signed_in(Role.PRACTICE), item, fatima, deed, **form)
    assert "This could not be done" in page
    assert said in page
    assert now(db, fatima) == fatima
    assert opt_outs(db) == []


def test_nothing_is_chosen_at_the_start(signed_in: SignIn, item: int, fatima: Patient) -> None:
    page = signed_in(Role.PRACTICE).get(f"/inbox/{item}").get_data(as_text=True)
    forms = page[page.index('class="etr-person"') :]
    assert " checked" not in forms
    assert "What this tells us about Fatima Example" in words(page)


def test_several_on_one_phone_are_named_each_with_their_birth_date(
    db: Database, world: World, signed_in: SignIn, item: int, fatima: Patient
) -> None:
    amir = make_patient(db, world.practice, phone=PHONE, given_name="Amir", surname="Example")
    client = signed_in(Role.PRACTICE)
    page = words(client.get(f"/inbox/{item}").get_data(as_text=True))
    for name in ("Fatima", "Amir"):
        assert f"{PEOPLE} {name} Example Born Thursday 12 May 1960." in page
        assert f"What does {name} Example want no more?" in page
    press(client, item, amir, "opt-out", scope="all")
    with db.read() as session:
        assert [(kept.patient_id, kept.phone) for kept in session.exec(select(OptOut).order_by(col(OptOut.id)))] == [
            (amir.id, None)
        ]


def test_a_child_is_not_confirmed_by_staff(db: Database, world: World, signed_in: SignIn) -> None:
    child = make_patient(db, world.practice, phone=PHONE, born=world.practice.created_at.date().replace(year=2012))
    item = write_in(db, world.practice, patient_id=child.id)
    client = signed_in(Role.PRACTICE)
    page = client.get(f"/inbox/{item}").get_data(as_text=True)
    assert 'value="own"' not in page
    assert "only they themselves can confirm" in page
    said = press(client, item, child, "phone", whose="own", seen=PHONE)
    assert "They are under 16, so only they themselves can confirm" in said
    assert now(db, child).phone_status == PhoneStatus.OWN


def test_of_a_number_that_is_not_on_record_any_more_nothing_is_asked(
    db: Database, signed_in: SignIn, item: int, fatima: Patient
) -> None:
    with db.write() as session:
        session.get_one(Patient, fatima.id).phone = "+447700900999"
    page = words(signed_in(Role.PRACTICE).get(f"/inbox/{item}").get_data(as_text=True))
    assert PEOPLE in page
    assert "About this phone number" not in page


def test_a_stranger_is_nobody_to_change(db: Database, world: World, signed_in: SignIn) -> None:
    item = write_in(db, world.practice, known=False)
    assert PEOPLE not in signed_in(Role.PRACTICE).get(f"/inbox/{item}").get_data(as_text=True)


def test_a_death_by_mistake_can_be_taken_back_only_where_staff_recorded_it(
    db: Database, signed_in: SignIn, item: int, fatima: Patient
) -> None:
    client = signed_in(Role.PRACTICE)
    assert "That was a mistake" not in client.get(f"/inbox/{item}").get_data(as_text=True)
    assert "That was a mistake: they live" in press(client, item, fatima, "died", sure="yes")
    assert "is not marked as having died any more" in press(client, item, fatima, "lives")
    assert not now(db, fatima).deceased
    with db.write() as session:
        session.get_one(Patient, fatima.id).deceased = True
    page = press(client, item, fatima, "lives")
    assert "The practice’s list says so" in page.replace("'", "’")
    assert "That was a mistake" not in page


def test_an_item_that_is_done_still_takes_what_it_tells(
    db: Database, signed_in: SignIn, item: int, fatima: Patient
) -> None:
    client = signed_in(Role.PRACTICE)
    post(client, f"/inbox/{item}/done")
    assert "Done. Fatima Example gets no more texts" in press(client, item, fatima, "opt-out", scope="all")


@every_deed
def test_only_people_of_that_item_can_be_changed_there(
    db: Database, world: World, signed_in: SignIn, item: int, fatima: Patient, deed: str
) -> None:
    elsewhere = make_patient(db, world.practice, phone="+447700900999")
    strangers = make_patient(db, world.other, phone=PHONE)
    client = signed_in(Role.LEAD)
    for person in (elsewhere, strangers):
        assert post(client, f"/inbox/{item}/people/{person.id}/{deed}", DEEDS[deed]).status_code == 404
        assert now(db, person) == person
    theirs = write_in(db, world.other, patient_id=strangers.id)
    assert post(client, f"/inbox/{theirs}/people/{strangers.id}/{deed}", DEEDS[deed]).status_code == 404
    assert opt_outs(db) == []


@every_deed
@pytest.mark.parametrize("role", [Role.PARTNER, Role.REVIEWER, Role.ADMIN])
def test_others_are_turned_away(
    db: Database, signed_in: SignIn, item: int, fatima: Patient, deed: str, role: Role
) -> None:
    address = f"/inbox/{item}/people/{fatima.id}/{deed}"
    assert post(signed_in(role), address, DEEDS[deed]).status_code == 403
    assert now(db, fatima) == fatima


@every_deed
def test_a_form_without_its_token_changes_nothing(
    db: Database, signed_in: SignIn, item: int, fatima: Patient, deed: str
) -> None:
    address = f"/inbox/{item}/people/{fatima.id}/{deed}"
    assert signed_in(Role.PRACTICE).post(address, data=DEEDS[deed]).status_code == 400
    assert now(db, fatima) == fatima


def test_a_name_is_never_read_as_markup(db: Database, world: World, signed_in: SignIn) -> None:
    person = make_patient(db, world.practice, phone=PHONE, given_name="<script>alert(1)</script>", surname="{0.x} %s")
    item = write_in(db, world.practice, patient_id=person.id)
    client = signed_in(Role.PRACTICE)
    assert "<script>alert" not in client.get(f"/inbox/{item}").get_data(as_text=True)
    for deed, form in DEEDS.items():
        answer = post(client, f"/inbox/{item}/people/{person.id}/{deed}", form)
        assert answer.status_code == 303
        assert "<script>alert" not in client.get(answer.location).get_data(as_text=True)


def test_beside_a_preview_there_is_nothing_else_to_press(signed_in: SignIn, item: int, fatima: Patient) -> None:
    form = {"key": "staff-thank-you", "language": "en", "seen": "99"}
    page = post(signed_in(Role.PRACTICE), f"/inbox/{item}/preview", form).get_data(as_text=True)
    assert "It has not gone yet" in page
    assert PEOPLE not in page
