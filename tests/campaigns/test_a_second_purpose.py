"""English classes beside help with a cold home: each purpose has its own people, texts, partner and outcomes."""

import html
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner
from sqlmodel import col, select

from bot.audit import CONSOLE, AuditEntry
from bot.campaigns.commands import campaign, criteria
from bot.campaigns.english_classes import ENGLISH_CLASSES
from bot.campaigns.fuel_poverty import FUEL_POVERTY
from bot.campaigns.referral_commands import referrals as referrals_command
from bot.clock import utc_now
from bot.console import Console
from bot.database import Database
from bot.partners.places import set_places
from bot.partners.referring import accept_referral, close_referral, decline_full
from bot.patients.criteria import sign_criteria
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount
from bot.tables.campaigns import Campaign, CareStatement
from bot.tables.messaging import Message
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Consent, Referral
from bot.tables.patients import Patient, PhoneStatus
from bot.texts.catalogue import catalogue
from bot.wording.approvals import approve_wordings
from bot.wording.rights import APPROVE
from tests.authenticators import set_up_app
from tests.campaigns.conftest import Browser
from tests.factories import make_account, make_partner, make_patient, make_practice, text_in
from tests.messaging.helpers import keys_to, london, opt_out, send_all, with_changes

REASONS = (
    "no-language english-speaker under-age deceased not-registered "
    "no-mobile shared-phone unsafe-phone texting-refused opted-out"
).split()
HALINA, NOOR, ILL = "+447700900901", "+447700900902", "+447700900903"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(london("2026-11-24 10:05"), tick=False) as traveller:
        yield traveller


@pytest.fixture
def console(db: Database, settings: Settings, clock: time_machine.Traveller) -> Console:
    console = Console()
    console.database, console.settings = db, with_changes(settings, sender_parts_per_second=1000)
    return console


@pytest.fixture
def practice(db: Database, clock: time_machine.Traveller) -> Practice:
    """A practice with two partners, one person for each reason, and two who can join a class."""
    practice = make_practice(db)
    make_partner(db, practice, code="CAB", name="Citizens Advice")
    make_partner(db, practice, code="HILL", name="Hillside Learning", phone=None, places=2)
    without_illness: dict[str, Any] = {"codes": (), "language": "pl"}
    for changes in (
        {"language": None},
        {"language": "en"},
        {"language": "bfi"},
        {"born": date(2012, 1, 1)},
        {"deceased": True},
        {"registered": False},
        {"phone": None, "phone_status": PhoneStatus.NONE},
        {"phone_status": PhoneStatus.SHARED},
        {"phone_status": PhoneStatus.FAILED},
        {"texting_refused": True},
    ):
        make_patient(db, practice, **(without_illness | changes))
    opted = make_patient(db, practice, **without_illness)
    opt_out(db, practice, opted.phone)
    make_patient(db, practice, **without_illness, phone=HALINA, given_name="Halina")
    make_patient(db, practice, **(without_illness | {"language": "ur"}), phone=NOOR, given_name="Noor")
    make_patient(db, practice, language="en", phone=ILL, given_name="Tom")
    return practice


def run(console: Console, group: Any, *words: str) -> Any:
    """What a command answers: an object, or a list where it answers a line a thing."""
    done = CliRunner().invoke(group, [*words, "--json"], obj=console, catch_exceptions=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines if words[0] == "list" else lines[0]


def plan(console: Console, purpose: str, partner: str, *more: str) -> Any:
    words = ("plan", "--practice", "STATION", "--purpose", purpose, "--partner", partner)
    return run(console, campaign, *words, *more)


def says(console: Console, clock: time_machine.Traveller, phone: str, body: str) -> None:
    """A person writes, long enough after our text to have read it, and what we answer goes out."""
    clock.shift(60)
    text_in(console.database, console.settings, phone, body)
    clock.shift(5)
    send_all(console.database, console.settings)


def says_yes_twice(console: Console, clock: time_machine.Traveller, phone: str) -> None:
    says(console, clock, phone, "1")
    says(console, clock, phone, "1")


def release(console: Console, number: int) -> int:
    size: int = run(console, campaign, "approve", str(number))["size"]
    send_all(console.database, console.settings)
    return size


def of(db: Database, table: type, **values: Any) -> list[Any]:
    with db.read() as session:
        return list(session.exec(select(table).filter_by(**values).order_by("id")))


def partner_id(db: Database, code: str) -> int:
    with db.read() as session:
        return session.exec(select(Partner.id).where(Partner.code == code)).one() or 0


def test_two_purposes_run_side_by_side_by_command(
    db: Database, console: Console, clock: time_machine.Traveller, practice: Practice
) -> None:
    classes = plan(console, "english-classes", "HILL")
    assert list(classes["excluded"]) == REASONS
    assert classes["excluded"] == dict.fromkeys(REASONS, 1) | {"no-language": 1, "english-speaker": 3}
    assert (classes["matched"], classes["cohort"]) == (10, 2)
    assert classes["by_language"] == {"pl": 1, "ur": 1}
    warmth = plan(console, "fuel-poverty", "CAB")
    assert (warmth["matched"], warmth["cohort"]) == (1, 1)
    first = run(console, campaign, "approve", str(classes["campaign"]))
    assert (first["size"], first["limited_by"]) == (2, "cohort")
    assert release(console, warmth["campaign"]) == 1
    for phone in (HALINA, NOOR, ILL):
        says_yes_twice(console, clock, phone)
    joined = ["english-classes-invitation", "english-classes-consent", "english-classes-referred-no-phone"]
    assert keys_to(db, HALINA) == keys_to(db, NOOR) == joined
    assert keys_to(db, ILL) == ["fuel-poverty-invitation", "fuel-poverty-consent", "fuel-poverty-referred"]
    assert [text.language for text in of(db, Message, phone=NOOR, direction="out")] == ["ur"] * 3
    assert [consent.text_key for consent in of(db, Consent)] == [
        "english-classes-consent",
        "english-classes-consent",
        "fuel-poverty-consent",
    ]
    listed = run(console, referrals_command, "list", "--campaign", str(classes["campaign"]))
    assert [(row["partner"], row["state"]) for row in listed] == [("HILL", "sent")] * 2
    status = run(console, campaign, "status", str(classes["campaign"]))
    assert (status["replies"]["yes"], status["referrals"]["sent"]) == (2, 2)
    close_with_their_own_outcomes(db, console, of(db, Referral))


def close_with_their_own_outcomes(db: Database, console: Console, made: list[Referral]) -> None:
    """Each partner closes its referral with an outcome of its purpose, and with no other's."""
    [halina, _, ill] = made
    assert [referral.purpose for referral in made] == ["english-classes", "english-classes", "fuel-poverty"]
    hill, cab = partner_id(db, "HILL"), partner_id(db, "CAB")
    for partner, referral, outcome in ((hill, halina, "energy-cost-cut"), (cab, ill, "joined-class")):
        with pytest.raises(Refused) as refused:
            close_referral(db, console.settings, partner, referral.code, outcome, CONSOLE)
        assert refused.value.code == "unknown-outcome"
    accept_referral(db, hill, halina.code, CONSOLE)
    close_referral(db, console.settings, hill, halina.code, "joined-class", CONSOLE)
    close_referral(db, console.settings, cab, ill.code, "energy-cost-cut", CONSOLE)
    assert [(one.state, one.outcome) for one in of(db, Referral)] == [
        ("closed", "joined-class"),
        ("sent", None),
        ("closed", "energy-cost-cut"),
    ]


def test_two_purposes_run_side_by_side_by_page(
    db: Database, console: Console, clock: time_machine.Traveller, practice: Practice, browser: Browser
) -> None:
    lead = browser(make_account(db, Role.LEAD, practice=practice))
    listed = lead.get("/campaigns").text
    assert '<option value="english-classes">English classes</option>' in listed
    assert '<option value="fuel-poverty">Help with a cold home</option>' in listed
    pages = {}
    for purpose, partner in (("english-classes", "HILL"), ("fuel-poverty", "CAB")):
        planned = lead.post("/campaigns", data={"purpose": purpose, "partner": partner})
        pages[purpose] = planned.headers["Location"]
    cohort = html.unescape(lead.get(f"{pages['english-classes']}/cohort").text)
    assert "10 people have another language than English recorded." in cohort
    assert "4 others on the list speak English, or have no language recorded." in cohort
    assert "free English classes" in lead.get(f"{pages['english-classes']}/preview").text
    for page in pages.values():
        lead.post(f"{page}/approve", data={"batch": "1"})
    send_all(db, console.settings)
    for phone in (HALINA, ILL):
        says_yes_twice(console, clock, phone)
    says(console, clock, NOOR, "2")
    assert keys_to(db, NOOR)[-1] == "english-classes-no-thanks"
    with db.read() as session:
        hill, cab = session.exec(select(Partner).order_by(col(Partner.code).desc())).all()
        classes, warmth = session.exec(select(Referral).order_by(col(Referral.id))).all()
    teacher, adviser = (browser(make_account(db, Role.PARTNER, partner=partner)) for partner in (hill, cab))
    seen, others = teacher.get("/referrals").text, adviser.get("/referrals").text
    assert ("Halina" in seen, "Tom" in seen) == (True, False)
    assert ("Halina" in others, "Tom" in others) == (False, True)
    assert all(f'<option value="{name}">' in seen for name in ENGLISH_CLASSES.outcomes)
    assert '<option value="energy-cost-cut">' not in seen
    assert '<option value="joined-class">' not in others
    refused = teacher.post(f"/referrals/{classes.code}/close", data={"outcome": "energy-cost-cut"})
    assert refused.status_code >= 400
    assert teacher.post(f"/referrals/{warmth.code}/close", data={"outcome": "joined-class"}).status_code == 404
    teacher.post(f"/referrals/{classes.code}/close", data={"outcome": "joined-class"})
    assert [(one.state, one.outcome) for one in of(db, Referral)] == [("closed", "joined-class"), ("sent", None)]
    assert "Joined a class" in teacher.get("/referrals").text
    assert "joined a class" in lead.get(pages["english-classes"]).text.lower()
    assert "joined a class" not in lead.get(pages["fuel-poverty"]).text.lower()


def test_who_says_no_to_sharing_is_told_so_in_the_words_of_that_purpose(
    db: Database, console: Console, clock: time_machine.Traveller, practice: Practice
) -> None:
    release(console, plan(console, "english-classes", "HILL")["campaign"])
    says(console, clock, HALINA, "1")
    says(console, clock, HALINA, "2")
    assert keys_to(db, HALINA)[-2:] == ["english-classes-consent", "english-classes-not-shared"]
    assert of(db, Referral) == []


def a_full_class(db: Database, console: Console, clock: time_machine.Traveller) -> None:
    """Two people said yes, and there is a place for the first."""
    release(console, plan(console, "english-classes", "HILL")["campaign"])
    set_places(db, console.settings, "HILL", 1, CONSOLE)
    for phone in (HALINA, NOOR):
        says_yes_twice(console, clock, phone)
    assert [one.state for one in of(db, Referral)] == ["sent", "waiting"]
    assert keys_to(db, NOOR)[-1] == "english-classes-waiting"


def close(db: Database, settings: Settings, partner: int, code: str) -> None:
    close_referral(db, settings, partner, code, "joined-class", CONSOLE)


def more_places(db: Database, settings: Settings, _partner: int, _code: str) -> None:
    set_places(db, settings, "HILL", 2, CONSOLE)


@pytest.mark.parametrize("happens", [close, more_places])
def test_a_place_that_is_found_is_told_in_the_words_of_that_purpose(
    db: Database,
    console: Console,
    clock: time_machine.Traveller,
    practice: Practice,
    happens: Callable[[Database, Settings, int, str], None],
) -> None:
    a_full_class(db, console, clock)
    happens(db, console.settings, partner_id(db, "HILL"), of(db, Referral)[0].code)
    assert of(db, Referral)[1].state == "sent"
    assert keys_to(db, NOOR)[-1] == "english-classes-place-found"


def test_a_partner_that_is_full_is_told_in_the_words_of_that_purpose(
    db: Database, console: Console, clock: time_machine.Traveller, practice: Practice
) -> None:
    a_full_class(db, console, clock)
    halina = of(db, Referral)[0]
    decline_full(db, console.settings, partner_id(db, "HILL"), halina.code, CONSOLE, no_places_left=True)
    assert keys_to(db, HALINA)[-1] == "english-classes-partner-full"
    assert keys_to(db, NOOR)[-1] == "english-classes-waiting"


def test_a_partner_with_a_phone_is_named_with_it(
    db: Database, console: Console, clock: time_machine.Traveller, practice: Practice
) -> None:
    release(console, plan(console, "english-classes", "CAB")["campaign"])
    says_yes_twice(console, clock, HALINA)
    assert keys_to(db, HALINA)[-1] == "english-classes-referred"


def test_no_text_of_one_purpose_is_one_of_the_other() -> None:
    assert set(ENGLISH_CLASSES.texts.keys).isdisjoint(FUEL_POVERTY.texts.keys)
    assert all(key.startswith("english-classes-") for key in ENGLISH_CLASSES.texts.keys)
    assert len(ENGLISH_CLASSES.texts.keys) == 9


@pytest.fixture
def lead(db: Database, practice: Practice) -> UserAccount:
    return make_account(db, Role.LEAD, practice=practice, password_hash="has signed in")


@pytest.fixture
def earnest(db: Database, console: Console, practice: Practice, lead: UserAccount) -> Console:
    """The console of a rehearsal, with everything signed and approved."""
    console.settings = console.settings.model_copy(update={"mode": "live", "twilio_api_url": "http://127.0.0.1:29999"})
    with db.read() as session:
        hill, cab = session.exec(select(Partner).order_by(col(Partner.code).desc())).all()
    for signer in (lead, *(make_account(db, Role.PARTNER, partner=partner) for partner in (hill, cab))):
        app = set_up_app(db, console.settings, signer)
        for name in ("english-classes", "cold-home-respiratory"):
            in_person = ("--as", signer.email, "--code", app.code())
            run(console, criteria, "sign", name, "--practice", "STATION", *in_person)
    for person in (lead, make_account(db, Role.REVIEWER, password_hash="has signed in")):
        approve_wordings(db, list(catalogue()), "en", person)
    return console


def refusal(console: Console, *more: str, purpose: str = "english-classes") -> str:
    with pytest.raises(Refused) as refused:
        plan(console, purpose, "HILL", *more)
    return refused.value.code


def test_in_live_a_lead_states_once_that_it_is_care(
    db: Database, earnest: Console, practice: Practice, lead: UserAccount
) -> None:
    assert refusal(earnest, "--as", lead.email) == "needs-statement"
    assert of_statements(db) == []
    plan(earnest, "english-classes", "HILL", "--states-care", "--as", lead.email)
    [statement] = of_statements(db)
    assert (statement.practice_id, statement.purpose, statement.user_id) == (practice.id, "english-classes", lead.id)
    plan(earnest, "english-classes", "HILL", "--states-care", "--as", lead.email)
    plan(earnest, "english-classes", "HILL")
    assert len(of_statements(db)) == 1
    [entry] = of(db, AuditEntry, action="care-stated")
    assert (entry.user_id, entry.subject, entry.practice_id) == (lead.id, "purpose:english-classes", practice.id)


def test_what_was_stated_in_the_demo_does_not_count_in_live(
    db: Database, earnest: Console, practice: Practice, lead: UserAccount
) -> None:
    actress = make_account(db, Role.LEAD, practice=practice, demo=True)
    with db.write() as session:
        session.add(
            CareStatement(
                practice_id=practice.id or 0, purpose="english-classes", user_id=actress.id or 0, stated_at=utc_now()
            )
        )
    assert refusal(earnest) == "needs-statement"
    plan(earnest, "english-classes", "HILL", "--states-care", "--as", lead.email)
    assert [statement.user_id for statement in of_statements(db)] == [lead.id]


def of_statements(db: Database) -> list[CareStatement]:
    with db.read() as session:
        return list(session.exec(select(CareStatement).order_by(col(CareStatement.stated_at))))


def test_in_live_nobody_but_a_lead_can_state_it(db: Database, earnest: Console, practice: Practice) -> None:
    assert Role.PRACTICE not in APPROVE.roles
    reception = make_account(db, Role.PRACTICE, practice=practice)
    assert refusal(earnest, "--states-care", "--as", reception.email) == "not-allowed"
    assert refusal(earnest, "--states-care") == "needs-statement"
    assert of_statements(db) == []
    assert of(db, Campaign) == []


def test_in_live_help_with_a_cold_home_needs_no_statement(db: Database, earnest: Console) -> None:
    assert plan(earnest, "fuel-poverty", "CAB")["cohort"] == 1
    assert of_statements(db) == []


def test_the_statement_of_one_practice_is_not_that_of_another(
    db: Database, earnest: Console, practice: Practice, lead: UserAccount
) -> None:
    plan(earnest, "english-classes", "HILL", "--states-care", "--as", lead.email)
    other = make_practice(db, "HAROLD")
    partner = make_partner(db, other, code="LEARN")
    for signer in (
        make_account(db, Role.LEAD, practice=other),
        make_account(db, Role.PARTNER, partner=partner),
    ):
        sign_criteria(db, "HAROLD", "english-classes", signer)
    words = ("plan", "--practice", "HAROLD", "--purpose", "english-classes", "--partner", "LEARN")
    with pytest.raises(Refused) as refused:
        run(earnest, campaign, *words)
    assert refused.value.code == "needs-statement"


def test_in_demo_no_statement_is_needed(db: Database, console: Console, practice: Practice) -> None:
    assert plan(console, "english-classes", "HILL")["cohort"] == 2


def test_an_unknown_purpose_is_refused_with_those_there_are(console: Console, practice: Practice) -> None:
    with pytest.raises(Refused, match="fuel-poverty, english-classes") as refused:
        plan(console, "french-classes", "HILL")
    assert refused.value.code == "unknown-purpose"


def test_people_of_a_class_need_no_illness(db: Database, console: Console, practice: Practice) -> None:
    with db.read() as session:
        halina = session.exec(select(Patient).where(Patient.phone == HALINA)).one()
    assert halina.language == "pl"
    assert plan(console, "fuel-poverty", "CAB")["by_language"] == {"en": 1}
