"""A partner's table of referrals: what may be chosen and saved of it, the notes, and what nobody needs any more."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.database import Database
from bot.partners.capacity import taken_in_words
from bot.partners.noting import add_note
from bot.partners.referring import accept_referral, close_referral, withdraw_referral
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.messaging import Message
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Referral, ReferralNote
from bot.tables.patients import Patient
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.partners.conftest import Browser

NAMES = ("Noor", "Halina", "Bashir")


@pytest.fixture
def partner(db: Database) -> Partner:
    return make_partner(db, make_practice(db), places=8)


@pytest.fixture
def referrals(db: Database, settings: Settings, partner: Partner) -> list[Referral]:
    """Three people, of whom Noor came first."""
    make_cohort(db, practice_of(db), 3, language="ur")
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    made = say_yes(db, settings, campaign, 3)
    with db.write() as session:
        for referral, name in zip(made, NAMES, strict=True):
            patient = session.get_one(Patient, referral.patient_id)
            patient.given_name = name
            session.add(patient)
    return made


def practice_of(db: Database) -> Practice:
    with db.read() as session:
        return session.exec(select(Practice)).one()


@pytest.fixture
def adviser(db: Database, partner: Partner, referrals: list[Referral], browser: Browser) -> FlaskClient:
    return browser(make_account(db, Role.PARTNER, partner=partner, name="Ada Adviser"))


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """The names on the page, in their order."""
    page = client.get(f"/referrals{query}").text
    return sorted((name for name in NAMES if name in page), key=page.index)


def codes(client: FlaskClient, query: str = "") -> list[str]:
    return [row["Referral"] for row in saved(client, query)]


def saved(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/referrals.csv{query}")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_new_people_come_first_and_each_state_can_be_chosen(
    db: Database, settings: Settings, partner: Partner, referrals: list[Referral], adviser: FlaskClient
) -> None:
    noor = referrals[0]
    accept_referral(db, partner.id or 0, noor.code, CONSOLE)
    assert shown(adviser) == ["Halina", "Bashir", "Noor"]
    assert shown(adviser, "?state=sent") == ["Halina", "Bashir"]
    assert shown(adviser, "?state=accepted") == ["Noor"]
    close_referral(db, settings, partner.id or 0, noor.code, "advice-given", CONSOLE)
    assert shown(adviser) == ["Halina", "Bashir"]
    assert codes(adviser, "?state=closed") == [noor.code]
    assert "Closed: advice given" in adviser.get("/referrals?state=closed").text


def test_purpose_and_practice_are_chosen_too(
    db: Database, partner: Partner, referrals: list[Referral], adviser: FlaskClient
) -> None:
    assert len(codes(adviser, "?purpose=fuel-poverty&practice=STATION")) == 3
    assert codes(adviser, "?purpose=english-classes") == []
    assert codes(adviser, "?practice=BRIDGE") == []
    assert "No referral is like that" in adviser.get("/referrals?practice=BRIDGE").text
    assert len(codes(adviser, "?state=nonsense")) == 3


def test_who_waits_in_line_is_counted_and_never_shown(
    db: Database, referrals: list[Referral], adviser: FlaskClient
) -> None:
    with db.write() as session:
        waits = session.get_one(Referral, referrals[2].id)
        waits.state = "waiting"
        session.add(waits)
    page = adviser.get("/referrals").text
    assert "1 person waits in line" in page
    assert "Bashir" not in page
    assert codes(adviser, "?state=waiting") == [referrals[0].code, referrals[1].code]
    assert adviser.get(f"/referrals/{referrals[2].code}").status_code == 404


def test_who_it_was_is_not_shown_once_a_referral_has_ended(
    db: Database, settings: Settings, partner: Partner, referrals: list[Referral], adviser: FlaskClient
) -> None:
    noor, halina, _ = referrals
    add_note(db, partner.id or 0, noor.code, "Wants to be called after six", CONSOLE)
    add_note(db, partner.id or 0, halina.code, "Halina moved", CONSOLE)
    close_referral(db, settings, partner.id or 0, noor.code, "advice-given", CONSOLE)
    withdraw_referral(db, settings, halina.code, CONSOLE)
    closed = adviser.get(f"/referrals/{noor.code}").text
    assert "Noor" not in closed
    assert "heating band hai" not in closed
    assert "Wants to be called after six" in closed
    withdrawn = adviser.get(f"/referrals/{halina.code}").text
    assert "Withdrawn by the person" in withdrawn
    assert "Halina" not in withdrawn
    assert "Halina" not in adviser.get("/referrals?state=withdrawn").text
    [row] = saved(adviser, "?state=withdrawn")
    assert (row["Name"], row["Phone"], row["Last note"]) == ("", "", "")
    [row] = saved(adviser, "?state=closed")
    assert (row["Name"], row["Phone"], row["Last note"]) == ("", "", "Wants to be called after six")


def test_called_no_answer_is_one_press_and_says_who_and_when(
    db: Database, referrals: list[Referral], adviser: FlaskClient
) -> None:
    page = adviser.get("/referrals").text
    assert page.count('name="words" value="Called, no answer"') == 3
    answer = adviser.post(
        f"/referrals/{referrals[0].code}/note",
        data={"words": "Called, no answer"},
        headers={"Referer": "http://localhost/referrals?state=sent"},
    )
    assert (answer.status_code, answer.location) == (303, "/referrals?state=sent")
    assert "Ada Adviser, today at 9am" in adviser.get("/referrals").text
    with db.read() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "referral-noted")).one()
        assert (
            session.exec(
                select(Message).where(Message.text_key != "fuel-poverty-invitation").order_by(col(Message.id))
            ).all()[3:]
            == []
        )
    assert "no answer" not in str(entry.model_dump())


def test_a_note_needs_words_and_not_too_many(db: Database, referrals: list[Referral], adviser: FlaskClient) -> None:
    path = f"/referrals/{referrals[0].code}/note"
    for words, said in (("  ", "Write what you want to remember"), ("x" * 501, "at most 500 characters")):
        answer = adviser.post(path, data={"words": words})
        assert answer.status_code == 400
        assert said in answer.text
    with db.read() as session:
        assert session.exec(select(ReferralNote)).all() == []


def test_a_note_belongs_to_an_open_referral_of_the_partner_and_to_its_people(
    db: Database, settings: Settings, partner: Partner, referrals: list[Referral]
) -> None:
    code, stranger = referrals[0].code, make_partner(db, code="AGE")
    outsider = make_account(db, Role.PARTNER, partner=stranger)
    with pytest.raises(Refused, match="no referral"):
        add_note(db, stranger.id or 0, code, "Hello", actor_of(outsider))
    with pytest.raises(Refused, match="Only an adviser of Citizens Advice"):
        add_note(db, partner.id or 0, code, "Hello", actor_of(outsider))
    close_referral(db, settings, partner.id or 0, code, "advice-given", CONSOLE)
    with pytest.raises(Refused, match="has ended"):
        add_note(db, partner.id or 0, code, "Hello", CONSOLE)


def test_a_practice_does_not_read_the_notes(
    db: Database, partner: Partner, referrals: list[Referral], browser: Browser
) -> None:
    add_note(db, partner.id or 0, referrals[0].code, "Owes 800 pounds", CONSOLE)
    nurse = browser(make_account(db, Role.PRACTICE, practice=practice_of(db)))
    for path in ("referrals", "referrals.csv"):
        answer = nurse.get(f"/campaigns/{referrals[0].campaign_id}/{path}")
        assert answer.status_code == 200
        assert "Owes" not in answer.text


def test_the_spreadsheet_runs_nothing(
    db: Database, partner: Partner, referrals: list[Referral], adviser: FlaskClient
) -> None:
    with db.write() as session:
        person = session.get_one(Patient, referrals[0].patient_id)
        person.given_name = "=HYPERLINK(1)"
        session.add(person)
    add_note(db, partner.id or 0, referrals[0].code, "@SUM(A1)", CONSOLE)
    row = saved(adviser)[0]
    assert row["Name"].startswith("'=HYPERLINK")
    assert row["Last note"] == "'@SUM(A1)"
    assert row["Phone"].startswith("07700 900")


def test_accepting_keeps_the_choice_and_texts_nobody(
    db: Database, referrals: list[Referral], adviser: FlaskClient
) -> None:
    with db.read() as session:
        before = len(session.exec(select(Message)).all())
    assert "Accepting sends no text" in adviser.get("/referrals").text
    came_from = {"Referer": "http://localhost/referrals?state=sent"}
    answer = adviser.post(f"/referrals/{referrals[0].code}/accept", headers=came_from)
    assert answer.location == "/referrals?state=sent"
    with db.read() as session:
        assert len(session.exec(select(Message)).all()) == before
        assert session.exec(select(Referral.state).order_by(col(Referral.id))).all() == ["accepted", "sent", "sent"]


def test_what_the_person_is_told_is_shown_before_we_are_full_is_pressed(
    db: Database, referrals: list[Referral], adviser: FlaskClient
) -> None:
    code = referrals[0].code
    page = adviser.get(f"/referrals/{code}").text
    with db.read() as session:
        places = session.exec(select(Partner.places)).one()
    answer = adviser.post(f"/referrals/{code}/full")
    assert answer.status_code == 303
    with db.read() as session:
        told = session.exec(select(Message).where(Message.text_key == "fuel-poverty-partner-full")).one()
        assert session.exec(select(Partner.places)).one() == places
    assert told.body in page
    assert "Your places stay as they are" in adviser.get("/referrals").text


@pytest.mark.parametrize(
    ("holding", "places", "words"),
    [
        (3, 5, "3 of 5 places are taken."),
        (5, 5, "5 of 5 places are taken."),
        (0, 0, "There are no places at the moment."),
        (25, 5, "All 5 places are taken, and 20 more people referred before keep their places."),
        (6, 5, "All 5 places are taken, and 1 more person referred before keeps their place."),
        (2, 1, "The 1 place is taken, and 1 more person referred before keeps their place."),
        (2, 0, "There are no places at the moment, and 2 people referred before keep their places."),
    ],
)
def test_more_people_than_places_are_said_kindly(holding: int, places: int, words: str) -> None:
    assert taken_in_words(holding, places).startswith(words)
