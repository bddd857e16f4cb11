import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session, col, select

from bot.audit import CONSOLE, SERVICE, AuditEntry
from bot.campaigns.capacity import partner_capacity, people_asked_for_consent
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.partners import add_partner
from bot.partners.places import places_free, set_places
from bot.partners.purposes import purposes
from bot.partners.referring import (
    accept_referral,
    close_referral,
    decline_full,
    make_referral,
    withdraw_referral,
)
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role, actor_of
from bot.tables.attention import InboxItem
from bot.tables.campaigns import CampaignMember
from bot.tables.messaging import Kind, Message, OpenQuestion, QuestionState
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import Consent, Referral
from tests.campaigns.helpers import approve, consent_of, deliver_all, make_cohort, plan, say_yes
from tests.factories import make_account, make_partner, make_practice


def refer(db: Database, settings: Settings, *, places: int, yeses: int) -> tuple[int, list[Referral]]:
    """A campaign whose first people said yes to a partner that then has so many places; gives the partner's id."""
    practice = make_practice(db)
    partner = make_partner(db, practice, places=30)
    make_cohort(db, practice, 10, language="pl")
    campaign = plan(db, settings).campaign
    approve(db, settings, campaign)
    deliver_all(db)
    set_places(db, settings, "CAB", places, CONSOLE)
    return partner.id or 0, say_yes(db, settings, campaign, yeses)


def states(db: Database) -> list[str]:
    with db.read() as session:
        return [referral.state for referral in session.exec(select(Referral).order_by(col(Referral.id)))]


def places(db: Database) -> int:
    with db.read() as session:
        return session.exec(select(Partner.places)).one()


def texts(session: Session, key: str) -> list[Message]:
    return list(session.exec(select(Message).where(Message.text_key == key).order_by(col(Message.id))))


def test_a_yes_gets_a_place_or_waits_in_line(db: Database, settings: Settings):
    refer(db, settings, places=2, yeses=3)
    assert states(db) == ["sent", "sent", "waiting"]


def test_people_who_say_yes_at_once_never_get_more_places_than_there_are(db: Database, settings: Settings):
    refer(db, settings, places=2, yeses=0)
    with db.read() as session:
        members = session.exec(select(CampaignMember).limit(6).order_by(col(CampaignMember.patient_id))).all()
    ready = threading.Barrier(len(members))

    def say_yes_now(member: CampaignMember) -> str:
        ready.wait()
        with db.write() as session:
            return consent_of(session, settings, member).state

    with ThreadPoolExecutor(len(members)) as people:
        answers = list(people.map(say_yes_now, members))
    assert sorted(answers) == ["sent"] * 2 + ["waiting"] * 4


def test_a_person_is_referred_once_while_a_referral_is_open(db: Database, settings: Settings):
    _, (referral,) = refer(db, settings, places=2, yeses=1)
    with db.write() as session:
        consent = session.get_one(Consent, referral.consent_id)
        practice = session.get_one(Practice, referral.practice_id)
        again = make_referral(
            session,
            settings,
            consent=consent,
            practice=practice,
            purpose=purposes()["fuel-poverty"],
            in_their_words=[],
        )
    assert (again.id, again.said) == (referral.id, "heating band hai")
    assert states(db) == ["sent"]


def test_a_closed_referral_gives_its_place_to_whoever_waits_longest(db: Database, settings: Settings):
    partner_id, referrals = refer(db, settings, places=1, yeses=3)
    accept_referral(db, partner_id, referrals[0].code, SERVICE)
    closed = close_referral(db, settings, partner_id, referrals[0].code, "energy-cost-cut", SERVICE)
    assert (closed.state, closed.outcome) == ("closed", "energy-cost-cut")
    assert states(db) == ["closed", "sent", "waiting"]
    with db.read() as session:
        (found,) = texts(session, "fuel-poverty-place-found")
    assert (found.patient_id, found.kind, found.language) == (referrals[1].patient_id, Kind.NOTICE, "pl")


def test_when_the_partner_says_full_the_person_is_told_and_the_practice_looks_on(db: Database, settings: Settings):
    partner_id, referrals = refer(db, settings, places=1, yeses=1)
    assert decline_full(db, settings, partner_id, referrals[0].code, SERVICE).state == "full"
    with db.read() as session:
        (told,) = texts(session, "fuel-poverty-partner-full")
        item = session.exec(select(InboxItem)).one()
        partner = session.get_one(Partner, partner_id)
        assert partner_capacity(session, partner, utc_now()).holding == 0
    assert told.patient_id == item.patient_id == referrals[0].patient_id
    assert (item.reason, partner.places) == ("partner-full", 1)


def test_we_are_full_costs_no_place_unless_said(db: Database, settings: Settings):
    partner_id, referrals = refer(db, settings, places=2, yeses=3)
    decline_full(db, settings, partner_id, referrals[0].code, SERVICE)
    assert (places(db), states(db)) == (2, ["full", "sent", "sent"])


def test_a_partner_with_no_places_left_has_those_that_are_taken(db: Database, settings: Settings):
    partner_id, referrals = refer(db, settings, places=3, yeses=4)
    decline_full(db, settings, partner_id, referrals[0].code, SERVICE, no_places_left=True)
    assert (places(db), states(db)) == (2, ["full", "sent", "sent", "waiting"])
    with db.read() as session:
        assert places_free(session, partner_id, utc_now()) == 0


def test_no_places_left_never_adds_places_to_a_partner_that_helps_more_than_it_has(db: Database, settings: Settings):
    partner_id, referrals = refer(db, settings, places=4, yeses=4)
    set_places(db, settings, "CAB", 1, CONSOLE)
    decline_full(db, settings, partner_id, referrals[0].code, SERVICE, no_places_left=True)
    assert places(db) == 1


def test_a_withdrawn_referral_gives_its_place_back_once(db: Database, settings: Settings):
    _, referrals = refer(db, settings, places=1, yeses=3)
    for _ in range(2):
        assert withdraw_referral(db, settings, referrals[0].code, CONSOLE).state == "withdrawn"
        assert states(db) == ["withdrawn", "sent", "waiting"]
    assert withdraw_referral(db, settings, referrals[2].code, CONSOLE).state == "withdrawn"
    with db.read() as session:
        entries = session.exec(
            select(AuditEntry).where(AuditEntry.action == "referral-withdrawn").order_by(col(AuditEntry.id))
        ).all()
    assert len(entries) == 2


def test_a_referral_that_has_ended_stays_as_it_ended_and_loses_its_words(db: Database, settings: Settings):
    partner_id, (referral,) = refer(db, settings, places=1, yeses=1)
    close_referral(db, settings, partner_id, referral.code, "advice-given", SERVICE)
    erased = withdraw_referral(db, settings, referral.code, CONSOLE)
    assert (erased.state, erased.outcome, erased.said) == ("closed", "advice-given", "")
    with pytest.raises(Refused, match="no referral"):
        withdraw_referral(db, settings, "RNOWHERE", CONSOLE)


def test_only_staff_of_the_practice_withdraw_its_referral(db: Database, settings: Settings):
    partner_id, (referral,) = refer(db, settings, places=1, yeses=1)
    with db.read() as session:
        practice = session.get_one(Practice, referral.practice_id)
        partner = session.get_one(Partner, partner_id)
    strangers = (
        make_account(db, Role.PARTNER, partner=partner),
        make_account(db, Role.REVIEWER, practice=practice),
        make_account(db, Role.LEAD, practice=make_practice(db, "BRIDGE")),
    )
    for stranger in strangers:
        with pytest.raises(Refused, match="Only staff or a lead of Station Practice"):
            withdraw_referral(db, settings, referral.code, actor_of(stranger))
    own = make_account(db, Role.PRACTICE, practice=practice)
    assert withdraw_referral(db, settings, referral.code, actor_of(own)).state == "withdrawn"


def test_fewer_places_take_nothing_from_anybody(db: Database, settings: Settings):
    refer(db, settings, places=3, yeses=3)
    assert set_places(db, settings, "CAB", 1, CONSOLE).free == 0
    assert states(db) == ["sent", "sent", "sent"]


def test_more_places_go_to_those_who_wait_and_to_nobody_twice(db: Database, settings: Settings):
    refer(db, settings, places=1, yeses=4)
    assert set_places(db, settings, "CAB", 3, CONSOLE).promoted == 2
    assert set_places(db, settings, "CAB", 3, CONSOLE).promoted == 0
    assert states(db) == ["sent", "sent", "sent", "waiting"]
    with db.read() as session:
        assert len(texts(session, "fuel-poverty-place-found")) == 2


def test_another_partners_referral_does_not_exist(db: Database, settings: Settings):
    _, (referral,) = refer(db, settings, places=1, yeses=1)
    stranger = make_partner(db, code="AGE").id or 0
    deeds = [
        lambda: accept_referral(db, stranger, referral.code, SERVICE),
        lambda: close_referral(db, settings, stranger, referral.code, "advice-given", SERVICE),
        lambda: decline_full(db, settings, stranger, referral.code, SERVICE),
    ]
    for deed in deeds:
        with pytest.raises(Refused, match="no referral"):
            deed()


def test_a_referral_that_moved_on_is_not_moved_again(db: Database, settings: Settings):
    partner_id, (referral,) = refer(db, settings, places=1, yeses=1)
    accept_referral(db, partner_id, referral.code, SERVICE)
    assert accept_referral(db, partner_id, referral.code, SERVICE).state == "accepted"
    close_referral(db, settings, partner_id, referral.code, "not-wanted", SERVICE)
    for deed in (
        lambda: accept_referral(db, partner_id, referral.code, SERVICE),
        lambda: decline_full(db, settings, partner_id, referral.code, SERVICE),
    ):
        with pytest.raises(Refused, match="by now"):
            deed()


def test_only_known_outcomes_close_a_referral(db: Database, settings: Settings):
    partner_id, (referral,) = refer(db, settings, places=1, yeses=1)
    with pytest.raises(Refused, match="Energy cost cut"):
        close_referral(db, settings, partner_id, referral.code, "cured", SERVICE)
    assert "home-improvement" in purposes()["fuel-poverty"].outcomes


def test_an_open_consent_question_counts_as_one_whole_place(db: Database, settings: Settings):
    refer(db, settings, places=30, yeses=0)
    with db.write() as session:
        partner, now = session.exec(select(Partner)).one(), utc_now()
        before = partner_capacity(session, partner, now).expected
        invitation = session.exec(select(Message).order_by(col(Message.id))).first()
        assert invitation is not None
        session.add(
            OpenQuestion(
                sender_id=invitation.sender_id,
                practice_id=invitation.practice_id,
                phone=invitation.phone,
                patient_id=invitation.patient_id,
                subject_kind=invitation.subject_kind,
                subject_id=invitation.subject_id,
                kind="consent",
                state=QuestionState.OPEN,
                message_id=invitation.id,
            )
        )
        session.flush()
        after = partner_capacity(session, partner, now).expected
        asked = session.execute(people_asked_for_consent(partner)).all()
    assert len(asked) == 1
    assert after - before == pytest.approx(1 - 34 / 105)


def test_a_partner_is_added_once_and_linked_again(db: Database):
    make_practice(db)
    make_practice(db, "HAROLD")
    with pytest.raises(Refused, match="--name"):
        add_partner(db, "CAB", "STATION", CONSOLE, name=None, places=None, phone=None)
    first = add_partner(db, "CAB", "STATION", CONSOLE, name="Citizens Advice", places=5, phone=None)
    again = add_partner(db, "CAB", "HAROLD", CONSOLE, name=None, places=None, phone=None)
    assert first.id == again.id
    with db.read() as session:
        assert places_free(session, first.id or 0, utc_now()) == 5
        actions = [entry.action for entry in session.exec(select(AuditEntry).order_by(col(AuditEntry.id)))]
    assert actions == ["partner-added", "partner-linked", "partner-linked"]


def test_only_the_partner_itself_sets_its_places(db: Database, settings: Settings):
    practice = make_practice(db)
    partner = make_partner(db, practice)
    own = make_account(db, Role.PARTNER, partner=partner)
    lead = make_account(db, Role.LEAD, practice=practice)
    assert set_places(db, settings, "CAB", 12, actor_of(own)).places == 12
    with pytest.raises(Refused, match="Only an adviser of Citizens Advice"):
        set_places(db, settings, "CAB", 500, actor_of(lead))
    with pytest.raises(Refused, match="whole number"):
        set_places(db, settings, "CAB", -1, CONSOLE)
