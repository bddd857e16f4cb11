"""`practices` and `partners`: listed, changed, linked and unlinked, by the console or an administrator."""

import threading
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.campaigns.batches import hold_campaign, stop_campaign
from bot.database import Database
from bot.organisations.commands import practices
from bot.organisations.partners import unlink_partner
from bot.partners.commands import partners
from bot.partners.referring import withdraw_referral
from bot.refusals import Refused
from bot.settings import DEMO_SENDER, Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Organisation, Practice, Sender
from tests.campaigns.helpers import approve, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice
from tests.organisations.conftest import Ask

STATION = ("STATION", "--name", "Station Practice")
SERVICE_SID = "MG" + "a1" * 16


def refusal(ask: Ask, *words: object) -> str:
    with pytest.raises(Refused) as caught:
        ask(*words)
    assert len(caught.value.message) > 20
    return caught.value.code


def senders(db: Database) -> list[tuple[str | None, str | None]]:
    with db.read() as session:
        rows = session.exec(select(Sender).order_by(col(Sender.id)))
        return [(sender.number, sender.service_sid) for sender in rows]


def test_practices_are_listed_with_what_they_are_reached_by(ask: Ask, db: Database):
    ask(practices, "add", *STATION, "--phone", "01632 960100")
    ask(practices, "add", "BRIDGE", "--name", "Bridge Practice")
    lines = ask(practices, "list")
    assert [(line["code"], line["name"], line["phone"]) for line in lines] == [
        ("BRIDGE", "Bridge Practice", None),
        ("STATION", "Station Practice", "+441632960100"),
    ]


def test_a_practice_changes_what_is_said_and_keeps_the_rest(ask: Ask, db: Database):
    ask(practices, "add", *STATION, "--phone", "01632 960100")
    changed = {"code": "STATION", "name": "New Station", "phone": "+441632960100"}
    assert ask(practices, "change", "STATION", "--name", "New Station") == [changed]
    changed["phone"] = "+441632960111"
    assert ask(practices, "change", "STATION", "--phone", "01632 960111") == [changed]


def test_changing_nothing_is_wrong_usage():
    for command in (practices, partners):
        assert CliRunner().invoke(command, ["change", "STATION"]).exit_code == 2


def test_what_cannot_be_changed_is_refused_with_a_reason(ask: Ask, db: Database):
    ask(practices, "add", *STATION)
    assert refusal(ask, practices, "change", "NOWHERE", "--name", "A") == "unknown-practice"
    assert refusal(ask, practices, "change", "STATION", "--phone", "ring us") == "bad-phone"
    assert refusal(ask, practices, "change", "STATION", "--name", " ") == "bad-practice"
    assert refusal(ask, partners, "change", "NOBODY", "--name", "A") == "unknown-partner"


@pytest.mark.parametrize("code", ["-", ".", "..", "", "/", "x" * 33, "A\nB"])
def test_a_code_that_means_something_else_in_an_address_is_refused(ask: Ask, db: Database, code: str):
    assert refusal(ask, practices, "add", "--name", "Odd", "--", code) == "bad-practice"


def test_adding_a_practice_again_changes_its_name_and_phone(ask: Ask, db: Database):
    ask(practices, "add", *STATION)
    assert ask(practices, "add", "STATION", "--name", "Other Name", "--phone", "01632 960111") == [{"code": "STATION"}]
    (line,) = ask(practices, "list")
    assert (line["name"], line["phone"]) == ("Other Name", "+441632960111")


def test_a_code_is_that_of_one_organisation_of_whatever_kind(ask: Ask, db: Database):
    make_partner(db, make_practice(db))
    assert refusal(ask, practices, "add", "CAB", "--name", "Cable Street") == "code-taken"
    words = ("--name", "A", "--places", "3", "--practice", "STATION")
    assert refusal(ask, partners, "add", "STATION", *words) == "code-taken"
    with db.read() as session:
        kinds = session.exec(select(Organisation.code, Organisation.kind).order_by(col(Organisation.code)))
        assert list(kinds) == [("CAB", "partner"), ("STATION", "practice")]


def test_a_practice_has_the_first_sender_unless_it_is_given_another(ask: Ask, db: Database):
    ask(practices, "add", *STATION)
    ask(practices, "add", "BRIDGE", "--name", "Bridge", "--sender", "+44 1632 960002")
    ask(practices, "add", "HAROLD", "--name", "Harold", "--sender", "+441632960002")
    ask(practices, "add", "HILL", "--name", "Hill", "--sender", SERVICE_SID)
    ask(practices, "add", "HILL", "--name", "Hill Practice")
    assert senders(db) == [(DEMO_SENDER, None), ("+441632960002", None), (None, SERVICE_SID)]
    with db.read() as session:
        used = {practice.code: practice.sender_id for practice in session.exec(select(Practice))}
    assert used == {"STATION": 1, "BRIDGE": 2, "HAROLD": 2, "HILL": 3}


@pytest.mark.parametrize("sender", ["07700 900123", "NHS", "MG", "", "+44", "MG 1/2"])
def test_what_cannot_receive_replies_is_no_sender(ask: Ask, db: Database, sender: str):
    assert refusal(ask, practices, "add", *STATION, "--sender", sender) == "bad-sender"
    assert senders(db) == []


def test_partners_are_listed_with_places_and_practices(ask: Ask, db: Database):
    make_partner(db, make_practice(db), make_practice(db, "BRIDGE"))
    make_partner(db, code="AGE", places=5, name="Age Concern", phone=None)
    assert ask(partners, "list") == [
        {"code": "AGE", "name": "Age Concern", "phone": None, "places": 5, "practices": []},
        {
            "code": "CAB",
            "name": "Citizens Advice",
            "phone": "+441632960200",
            "places": 30,
            "practices": ["BRIDGE", "STATION"],
        },
    ]


def test_a_partner_changes_its_name_or_phone(ask: Ask, db: Database):
    make_partner(db, make_practice(db))
    (line,) = ask(partners, "change", "CAB", "--name", "Citizens Advice Rother", "--phone", "01632 960222")
    assert (line["code"], line["name"], line["phone"]) == ("CAB", "Citizens Advice Rother", "+441632960222")


def test_a_partner_is_unlinked_from_one_practice_and_linked_again(ask: Ask, db: Database):
    make_partner(db, make_practice(db), make_practice(db, "BRIDGE"))
    assert ask(partners, "unlink", "CAB", "--practice", "STATION")[0]["practices"] == ["BRIDGE"]
    assert refusal(ask, partners, "unlink", "CAB", "--practice", "STATION") == "partner-not-linked"
    ask(partners, "add", "CAB", "--practice", "STATION")
    assert ask(partners, "list")[0]["practices"] == ["BRIDGE", "STATION"]


def test_a_campaign_that_is_not_stopped_keeps_the_link(ask: Ask, db: Database, settings: Settings):
    practice, other = make_practice(db), make_practice(db, "BRIDGE")
    make_partner(db, practice, other)
    campaign = plan(db, settings).campaign
    assert refusal(ask, partners, "unlink", "CAB", "--practice", "STATION") == "still-in-use"
    hold_campaign(db, campaign, CONSOLE)
    assert refusal(ask, partners, "unlink", "CAB", "--practice", "STATION") == "still-in-use"
    ask(partners, "unlink", "CAB", "--practice", "BRIDGE")
    stop_campaign(db, campaign, CONSOLE)
    assert ask(partners, "unlink", "CAB", "--practice", "STATION")[0]["practices"] == []


def test_an_open_referral_keeps_the_link(ask: Ask, db: Database, settings: Settings):
    practice = make_practice(db)
    make_partner(db, practice)
    make_cohort(db, practice, 3)
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    (referral,) = say_yes(db, settings, campaign, 1)
    stop_campaign(db, campaign, CONSOLE)
    with pytest.raises(Refused, match="1 referral is open"):
        ask(partners, "unlink", "CAB", "--practice", "STATION")
    withdraw_referral(db, settings, referral.code, CONSOLE)
    assert ask(partners, "unlink", "CAB", "--practice", "STATION")[0]["practices"] == []


@pytest.mark.parametrize("role", list(Role))
def test_an_administrator_does_it_and_nobody_else(ask: Ask, db: Database, role: Role):
    practice = make_practice(db)
    partner = make_partner(db, practice)
    here = {"partner": partner} if role == Role.PARTNER else {} if role == Role.ADMIN else {"practice": practice}
    somebody = ("--as", make_account(db, role, **here).email)
    deeds = [
        (practices, "list"),
        (practices, "add", "HILL", "--name", "Hill"),
        (practices, "change", "STATION", "--name", "New"),
        (partners, "list"),
        (partners, "change", "CAB", "--name", "New"),
        (partners, "add", "AGE", "--name", "Age", "--places", "3", "--practice", "STATION"),
        (partners, "unlink", "CAB", "--practice", "STATION"),
    ]
    for deed in deeds:
        if role == Role.ADMIN:
            ask(*deed, *somebody)
        else:
            assert refusal(ask, *deed, *somebody) == "not-allowed"


def test_a_plan_made_while_the_link_ends_is_seen_or_refused(ask: Ask, db: Database, settings: Settings):
    make_partner(db, make_practice(db))
    refused: list[str] = []

    def attempt(deed: Callable[[], object]) -> None:
        try:
            deed()
        except Refused as error:
            refused.append(error.code)

    deeds = (lambda: plan(db, settings), lambda: unlink_partner(db, "CAB", "STATION", CONSOLE))
    threads = [threading.Thread(target=attempt, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused in (["still-in-use"], ["partner-not-linked"])


def test_a_lead_switches_texts_in_own_words(ask: Ask, db: Database):
    practice = make_practice(db)
    lead = make_account(db, Role.LEAD, practice=practice).email
    for to, on in (("on", True), ("off", False)):
        said = ask(practices, "change", "STATION", "--free-text", to, "--as", lead)
        assert said == [{"code": "STATION", "free_text": on}]
    staff = make_account(db, Role.PRACTICE, practice=practice).email
    assert refusal(ask, practices, "change", "STATION", "--free-text", "on", "--as", staff) == "not-allowed"
    assert refusal(ask, practices, "change", "STATION", "--free-text", "on") == "needs-person"


def test_texts_in_own_words_are_switched_alone():
    done = CliRunner().invoke(practices, ["change", "STATION", "--free-text", "on", "--name", "New"])
    assert done.exit_code == 2
    assert "alone" in done.output
