"""Staff refer people: with a yes they were told and wrote down, or by asking the person by text."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from bot.audit import CONSOLE, SERVICE, AuditEntry
from bot.campaigns.people_referred import REFER_THEM
from bot.campaigns.referral_commands import referrals
from bot.console import Console
from bot.conversations.about_people import Whom, record_death
from bot.conversations.actions import act_on
from bot.conversations.inbox import list_items
from bot.messaging.questions import expire_questions
from bot.partners.lapsing import lapse_proposals
from bot.partners.places import set_places
from bot.partners.referring import close_referral, decline_full
from bot.partners.staff_referring import Wanted, refer_person, reroute_referral
from bot.refusals import Refused
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from bot.tables.messaging import Message
from bot.tables.partners import ConsentHow
from tests.applications import application, browser_of, form_token
from tests.conversations.conftest import Conversation
from tests.conversations.conftest import clock as clock
from tests.conversations.conftest import talk as talk
from tests.factories import make_account, make_partner, make_practice
from tests.messaging.helpers import change, opt_out
from tests.partners.several import WARM, agree_to_all, answers, proposals, standing

SAID = "The boiler broke a week ago. Call after 3pm."


def wanted(talk: Conversation, how: ConsentHow | None = ConsentHow.PHONE, **changes: Any) -> Wanted:
    usual = {"practice": "STATION", "nhs_number": talk.patient.nhs_number, "partner": "CAB", "said": SAID}
    return Wanted(**(usual | {"purpose": "fuel-poverty", "said_yes": how} | changes))


def refer(talk: Conversation, how: ConsentHow | None = ConsentHow.PHONE, **changes: Any) -> Any:
    made = refer_person(talk.db, talk.settings, wanted(talk, how, **changes), CONSOLE)
    talk.sent()
    return made


def staff(talk: Conversation, role: Role = Role.PRACTICE) -> FlaskClient:
    return browser_of(application(talk.settings, talk.db), make_account(talk.db, role, practice=talk.practice))


def adviser(talk: Conversation) -> FlaskClient:
    return browser_of(application(talk.settings, talk.db), make_account(talk.db, Role.PARTNER, partner=talk.partner))


def test_a_yes_on_the_phone_makes_a_referral_with_who_when_and_how(talk: Conversation) -> None:
    nurse = make_account(talk.db, Role.PRACTICE, practice=talk.practice)
    made = refer_person(talk.db, talk.settings, wanted(talk), actor_of(nurse))
    [consent] = talk.consents
    assert (made.referral.state, made.referral.said, made.referral.made_by) == ("sent", SAID, nurse.id)
    assert (consent.how, consent.recorded_by, consent.answer_message_id) == ("phone", nurse.id, None)
    assert consent.question.startswith("Station Practice: may we give Citizens Advice your name")
    assert talk.all(Message) == []
    page = adviser(talk).get(f"/referrals/{made.referral.code}").text
    assert SAID in page
    assert "They said yes to staff of Station Practice on the phone" in page
    deeds = [entry.action for entry in talk.all(AuditEntry)]
    assert {"consent-recorded", "referral-made"} <= set(deeds)


def test_it_joins_the_same_line_and_gets_its_place_in_turn(talk: Conversation) -> None:
    agree_to_all(talk)
    other = talk.person(language="pl", phone="+447700900124")
    assert refer(other).referral.state == "waiting"
    set_places(talk.db, talk.settings, "CAB", 2, CONSOLE)
    assert standing(other) == [(talk.partner.id, "sent")]
    other.sent()
    assert other.last().text_key == "fuel-poverty-place-found"


def test_a_question_by_text_shares_nothing_before_the_yes(talk: Conversation) -> None:
    made = refer(talk, None)
    assert (made.referral, talk.last().text_key, talk.last().language) == (None, "referral-consent", "ur")
    assert standing(talk) == talk.consents == []
    assert SAID not in adviser(talk).get("/referrals").text
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "sent")]
    [consent] = talk.consents
    assert (consent.how, consent.text_key, talk.referrals[0].said) == ("text", "referral-consent", SAID)
    assert [(one.state, one.said) for one in proposals(talk)] == [("agreed", "")]
    assert talk.last().text_key == "fuel-poverty-referred"


def test_a_no_is_told_that_nothing_was_shared_and_what_staff_wrote_goes(talk: Conversation) -> None:
    refer(talk, None)
    answers(talk, "2")
    assert (standing(talk), talk.last().text_key) == ([], "fuel-poverty-not-shared")
    assert [(one.state, one.said) for one in proposals(talk)] == [("refused", "")]


def test_who_does_not_answer_is_handed_back_and_what_staff_wrote_goes(talk: Conversation) -> None:
    refer(talk, None)
    talk.clock.shift(timedelta(days=8))
    expire_questions(talk.db, talk.settings)
    assert lapse_proposals(talk.db, talk.settings) == 1
    assert [(one.state, one.said) for one in proposals(talk)] == [("lapsed", "")]
    assert [item.reason for item in talk.all(InboxItem)] == ["referral-not-answered"]


def test_who_has_died_is_not_asked_any_more(talk: Conversation) -> None:
    refer(talk, None)
    record_death(talk.db, Whom("STATION", talk.patient.nhs_number), None, CONSOLE)
    assert [(one.state, one.said) for one in proposals(talk)] == [("dropped", "")]
    assert ("consent", "expired") in talk.states()


def test_asked_about_another_meanwhile_only_the_newer_counts(talk: Conversation) -> None:
    warm = make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    refer(talk, None)
    refer(talk, None, partner="WARM")
    assert [one.state for one in proposals(talk)] == ["dropped", "asked"]
    answers(talk, "1")
    assert standing(talk) == [(warm.id, "sent")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"nhs_number": "9990000018"}, "unknown-person"),
        ({"partner": "NOBODY"}, "unknown-partner"),
        ({"partner": "FAR"}, "partner-not-linked"),
        ({"purpose": "cervical-screening"}, "not-for-this"),
        ({"purpose": "cured"}, "unknown-purpose"),
        ({"said": "x" * 1001}, "too-long"),
    ],
)
def test_what_cannot_be_says_what_to_do(talk: Conversation, changes: dict[str, Any], code: str) -> None:
    make_partner(talk.db, make_practice(talk.db, "BRIDGE"), code="FAR")
    with pytest.raises(Refused) as refused:
        refer(talk, **changes)
    assert refused.value.code == code
    assert standing(talk) == talk.consents == []


def test_nobody_is_referred_twice_to_one_partner_nor_after_death(talk: Conversation) -> None:
    refer(talk)
    with pytest.raises(Refused, match="with Citizens Advice already"):
        refer(talk)
    change(talk.db, talk.patient, deceased=True)
    with pytest.raises(Refused, match="has died"):
        refer(talk, partner="CAB")


def test_who_wants_no_texts_is_phoned_and_may_say_yes_there(talk: Conversation) -> None:
    opt_out(talk.db, talk.practice, talk.phone)
    with pytest.raises(Refused, match="Phone them"):
        refer(talk, None)
    assert proposals(talk) == []
    assert refer(talk).referral.state == "sent"


def test_only_staff_of_the_practice_refer_its_people(talk: Conversation) -> None:
    strangers = [
        make_account(talk.db, Role.PARTNER, partner=talk.partner),
        make_account(talk.db, Role.LEAD, practice=make_practice(talk.db, "BRIDGE")),
    ]
    for stranger in strangers:
        with pytest.raises(Refused, match="Only staff or a lead of Station Practice"):
            refer_person(talk.db, talk.settings, wanted(talk), actor_of(stranger))


def test_a_referral_is_moved_with_a_yes_that_staff_recorded(talk: Conversation) -> None:
    warm = make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    agree_to_all(talk, "yes the boiler is broken")
    old = talk.referrals[0]
    made = reroute_referral(talk.db, talk.settings, old.code, "WARM", ConsentHow.IN_PERSON, CONSOLE)
    assert standing(talk) == [(talk.partner.id, "closed"), (warm.id, "sent")]
    before, after = talk.referrals
    assert (before.outcome, before.said, after.said) == ("another-partner", "", "yes the boiler is broken")
    assert after.code == made.referral.code
    page = adviser(talk).get(f"/referrals/{old.code}").text
    assert "Moved to another partner".lower() in page.lower()
    assert "boiler" not in page
    assert talk.phone not in page


def test_moved_by_text_the_first_stays_until_the_yes(talk: Conversation) -> None:
    warm = make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    agree_to_all(talk)
    reroute_referral(talk.db, talk.settings, talk.referrals[0].code, "WARM", None, CONSOLE)
    talk.sent()
    assert (standing(talk), talk.last().text_key) == ([(talk.partner.id, "sent")], "referral-second-offer")
    answers(talk, "1")
    assert standing(talk) == [(talk.partner.id, "closed"), (warm.id, "sent")]


def test_the_place_that_comes_back_goes_to_who_waits_longest(talk: Conversation) -> None:
    make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    agree_to_all(talk)
    other = talk.person(language="pl", phone="+447700900124")
    refer(other)
    reroute_referral(talk.db, talk.settings, talk.referrals[0].code, "WARM", ConsentHow.PHONE, CONSOLE)
    assert standing(other) == [(talk.partner.id, "sent")]


def test_what_ended_otherwise_is_not_moved_and_what_was_sent_back_is(talk: Conversation) -> None:
    warm = make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    refer(talk)
    code = talk.referrals[0].code
    with pytest.raises(Refused, match="is with Citizens Advice already"):
        reroute_referral(talk.db, talk.settings, code, "CAB", ConsentHow.PHONE, CONSOLE)
    decline_full(talk.db, talk.settings, talk.partner.id or 0, code, SERVICE)
    reroute_referral(talk.db, talk.settings, code, "WARM", ConsentHow.PHONE, CONSOLE)
    assert standing(talk) == [(talk.partner.id, "full"), (warm.id, "sent")]
    new = talk.referrals[-1].code
    close_referral(talk.db, talk.settings, warm.id or 0, new, "advice-given", SERVICE)
    with pytest.raises(Refused, match="closed by now"):
        reroute_referral(talk.db, talk.settings, new, "CAB", ConsentHow.PHONE, CONSOLE)


def test_the_pages_refer_move_and_take_back(talk: Conversation) -> None:
    make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    nurse = staff(talk)
    form = {"csrf_token": form_token(nurse), "nhs_number": talk.patient.nhs_number, "partner": "CAB"}
    form |= {"purpose": "fuel-poverty", "said": SAID}
    unsaid = nurse.post("/people-referred", data=form)
    assert unsaid.status_code == 400
    assert "Choose how they agree" in unsaid.text
    assert SAID in unsaid.text
    done = nurse.post("/people-referred", data=form | {"said_yes": "phone"})
    code = talk.referrals[0].code
    assert done.location == f"/people-referred/{code}"
    page = nurse.get(done.location).text
    assert "on the phone, as staff recorded" in page
    assert "May we give Warm Homes Hastings" in page
    moved = nurse.post(f"/people-referred/{code}/move", data=form | {"partner": "WARM", "said_yes": "text"})
    assert moved.location == "/people-referred"
    assert "Asked by text, no answer yet" in nurse.get(moved.location).text
    nurse.post(f"/campaigns/referrals/{code}/withdraw", data=form)
    page = nurse.get(f"/people-referred/{code}").text
    assert "Removed: what the person told the partner" in page
    assert SAID not in page
    assert "Asked by text" not in nurse.get("/people-referred").text


def test_another_practice_sees_and_does_nothing(talk: Conversation) -> None:
    refer(talk)
    other = make_practice(talk.db, "BRIDGE")
    browser = browser_of(application(talk.settings, talk.db), make_account(talk.db, Role.LEAD, practice=other))
    code, form = talk.referrals[0].code, {"csrf_token": form_token(browser), "partner": "CAB", "said_yes": "phone"}
    assert code not in browser.get("/people-referred").text
    assert browser.get(f"/people-referred/{code}").status_code == 404
    assert browser.post(f"/people-referred/{code}/move", data=form).status_code == 404


def test_an_item_of_the_inbox_leads_to_the_form_with_the_person_in_it(talk: Conversation) -> None:
    talk.invited().says("hello who are you people")
    with talk.db.read() as session:
        number = list_items(session, talk.practice.id or 0)[-1].item.id
    nurse = staff(talk)
    page = nurse.get(f"/inbox/{number}").text
    address = f"/people-referred/new?nhs_number={talk.patient.nhs_number}&amp;item={number}"
    assert address in page
    assert talk.patient.nhs_number in nurse.get(address.replace("&amp;", "&")).text
    with pytest.raises(Refused, match="a page of its own"):
        act_on(talk.db, talk.settings, number or 0, talk.practice.id or 0, REFER_THEM, CONSOLE)


def test_the_commands_answer_in_json(talk: Conversation) -> None:
    make_partner(talk.db, talk.practice, code="WARM", name=WARM)
    console = Console()
    console.database, console.settings = talk.db, talk.settings

    def run(*words: str) -> Any:
        done = CliRunner().invoke(referrals, [*words, "--json"], obj=console, catch_exceptions=False)
        return json.loads(done.stdout)

    whom = ("--practice", "STATION", "--nhs", talk.patient.nhs_number, "--partner", "CAB")
    made = run("make", *whom, "--purpose", "fuel-poverty", "--said", SAID, "--said-yes", "in-person")
    assert made == {"referral": talk.referrals[0].code, "partner": "CAB", "state": "sent"}
    assert run("reroute", made["referral"], "--partner", "WARM") == {
        "referral": None,
        "partner": "WARM",
        "state": "asked",
    }
    withdrawn = run("withdraw", made["referral"])
    assert withdrawn["state"] == "withdrawn"
    assert withdrawn["kept"].startswith("Kept for 8 years")
