"""How many times each group of a campaign may still be promised, what the status and the page say, and the terms."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from bot.appointments.inviting.clinics_invited_to import settle
from bot.appointments.inviting.figures import campaign_figures
from bot.appointments.inviting.groups import count_groups
from bot.appointments.inviting.invitations import screening_invitation
from bot.appointments.inviting.panel import campaign_panel
from bot.campaigns.groups import Group
from bot.clock import utc_now
from bot.database import Database
from bot.partners.purposes import Invitation, Panel, Terms
from bot.refusals import Refused
from bot.tables.appointments import BookingCampaign, Clinic, ClinicPurpose, OfferState, WaitingRequest
from bot.tables.campaigns import Batch, Campaign, CampaignMember
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.patients import Patient
from tests.appointments.clinics import (
    DAY,
    Ground,
    make_agency,
    make_clinic,
    make_clinician,
    make_ground,
    make_interpreter,
    make_offer,
    make_session,
    make_site,
    make_visit,
)
from tests.appointments.inviting.campaigns import add_members, make_campaign
from tests.factories import make_partner, make_patient, make_practice


@pytest.fixture
def ground(db: Database) -> Ground:
    return make_ground(db, purpose=ClinicPurpose.CERVICAL)


@pytest.fixture
def campaign(db: Database, ground: Ground) -> Campaign:
    return make_campaign(db, ground.practice, ground.clinic)


def people(
    db: Database, ground: Ground, n: int, language: str | None = "ur", interpreter: bool = True
) -> list[Patient]:
    return [make_patient(db, ground.practice, language=language, interpreter=interpreter, sex="F") for _ in range(n)]


def groups_of(db: Database, campaign: Campaign) -> Sequence[Group]:
    with db.read() as session:
        return count_groups(session, session.get_one(Campaign, campaign.id), utc_now())


def free_of(db: Database, campaign: Campaign) -> dict[str, float]:
    return {group.key: group.free for group in groups_of(db, campaign)}


def panel_of(db: Database, campaign: Campaign) -> Panel:
    with db.read() as session:
        return campaign_panel(session, session.get_one(Campaign, campaign.id), utc_now())


def figures_of(db: Database, campaign: Campaign) -> dict[str, Any]:
    with db.read() as session:
        return dict(campaign_figures(session, session.get_one(Campaign, campaign.id), utc_now()))


def with_times(db: Database, ground: Ground, *languages: str, days: int = 1) -> None:
    """Six slots a day, and an interpreter for these languages."""
    for day in range(days):
        make_session(db, ground.clinic, ground.clinician, "09:00", "10:00", DAY + timedelta(days=day))
    if languages:
        make_interpreter(db, make_agency(db, ground.practice), languages)


def test_groups_are_languages_and_then_everybody_else(db: Database, ground: Ground, campaign: Campaign) -> None:
    with_times(db, ground, "ur", "bn", days=2)
    add_members(db, campaign, *people(db, ground, 20), *people(db, ground, 20, "bn"), *people(db, ground, 3, None))
    add_members(db, campaign, *people(db, ground, 2, "pl", interpreter=False), *people(db, ground, 1, None, False))
    assert [(group.key, group.words, group.free) for group in groups_of(db, campaign)] == [
        ("bn:interpreter", "Bengali, with an interpreter", 3),
        ("ur:interpreter", "Urdu, with an interpreter", 3),
        ("unknown:interpreter", "No language recorded, with an interpreter", 0),
        ("everybody", "Everybody else", 0),
    ]


def test_who_of_the_record_is_of_which_group(db: Database, ground: Ground, campaign: Campaign) -> None:
    urdu, unknown, other = people(db, ground, 1), people(db, ground, 1, None), people(db, ground, 1, "ur", False)
    add_members(db, campaign, *urdu, *unknown, *other)
    found: dict[str, list[int | None]] = {}
    with db.read() as session:
        left = {urdu[0].id, unknown[0].id, other[0].id}
        for group in groups_of(db, campaign):
            its = session.exec(select(Patient.id).where(group.whom)).all()
            found[group.key] = [person for person in its if person in left]
            left -= set(found[group.key])
    assert found == {
        "ur:interpreter": [urdu[0].id],
        "unknown:interpreter": [unknown[0].id],
        "everybody": [other[0].id],
    }


def test_what_is_further_off_than_four_weeks_is_promised_to_nobody(
    db: Database, ground: Ground, campaign: Campaign
) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "10:00", DAY + timedelta(days=28))
    add_members(db, campaign, *people(db, ground, 2, "en", False))
    assert free_of(db, campaign) == {"everybody": 0}


def test_a_held_time_is_not_free_and_who_chooses_without_one_counts(
    db: Database, ground: Ground, campaign: Campaign
) -> None:
    with_times(db, ground, "ur")
    members = people(db, ground, 20)
    add_members(db, campaign, *members)
    assert free_of(db, campaign)["ur:interpreter"] == 3
    for number in (1, 2):
        values = {"patient_id": members[0].id, "campaign_id": campaign.id, "state": OfferState.SOFT}
        make_offer(db, ground, number=number, held_until=None, **values)
    assert free_of(db, campaign)["ur:interpreter"] == 2


def test_who_waits_for_that_clinic_counts_for_their_own_group(db: Database, ground: Ground, campaign: Campaign) -> None:
    with_times(db, ground, "ur", "bn")
    bengali = people(db, ground, 10, "bn")
    add_members(db, campaign, *people(db, ground, 20), *bengali)
    before = free_of(db, campaign)
    another = make_clinic(db, ground.practice, ground.site)
    with db.write() as session:
        session.add_all(_request(ground, clinic, bengali[0]) for clinic in (ground.clinic, another))
    assert free_of(db, campaign) == before | {"bn:interpreter": before["bn:interpreter"] - 1}


def _request(ground: Ground, clinic: Clinic, patient: Patient) -> WaitingRequest:
    return WaitingRequest(
        practice_id=ground.practice.id or 0,
        patient_id=patient.id or 0,
        clinic_id=clinic.id or 0,
        since=utc_now(),
        made_by="console",
    )


def test_yeses_to_expect_are_taken_from_their_group_also_those_of_another_campaign_of_the_clinic(
    db: Database, ground: Ground, campaign: Campaign
) -> None:
    with_times(db, ground, "ur")
    add_members(db, campaign, *people(db, ground, 20))
    other = make_campaign(db, ground.practice, ground.clinic)
    _texted(db, ground, other, people(db, ground, 5))
    assert free_of(db, campaign)["ur:interpreter"] == pytest.approx(3 - 5 * 0.2)
    assert free_of(db, other)["ur:interpreter"] == pytest.approx(3 - 5 * 0.2)


def _texted(db: Database, ground: Ground, campaign: Campaign, invited: list[Patient]) -> None:
    with db.write() as session:
        batch = Batch(
            campaign_id=campaign.id or 0, number=1, size=len(invited), limited_by="slots", approved_at=utc_now()
        )
        session.add(batch)
        session.flush()
        for each in invited:
            member = {"campaign_id": campaign.id, "patient_id": each.id, "language": "en", "batch_id": batch.id}
            session.add(CampaignMember(**member))
            session.add(_text(ground, each, batch))


def _text(ground: Ground, patient: Patient, batch: Batch) -> Message:
    return Message(
        direction=Direction.OUT,
        kind=Kind.OUTREACH,
        state=State.DELIVERED,
        practice_id=ground.practice.id,
        sender_id=ground.practice.sender_id,
        patient_id=patient.id,
        batch_id=batch.id,
        phone=patient.phone or "",
        body="",
        parts=1,
        not_before=utc_now(),
        sent_at=utc_now(),
        created_at=utc_now(),
        updated_at=utc_now(),
    )


@pytest.mark.parametrize("size", [1, 12])
def test_counting_takes_the_same_statements_however_much_there_is(
    db: Database, ground: Ground, campaign: Campaign, size: int
) -> None:
    agency = make_agency(db, ground.practice)
    for day in range(size):
        make_session(db, ground.clinic, ground.clinician, "09:00", "12:00", DAY + timedelta(days=day))
        make_interpreter(db, agency, ("ur", "bn"))
    add_members(db, campaign, *people(db, ground, size), *people(db, ground, size, "bn"))
    statements: list[str] = []
    listener = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    groups_of(db, campaign)
    event.remove(db.engine, "before_cursor_execute", listener)
    assert len([each for each in statements if each != "BEGIN"]) <= 13


def test_the_status_counts_visits_who_waits_and_free_times(db: Database, ground: Ground, campaign: Campaign) -> None:
    with_times(db, ground, "ur")
    members = people(db, ground, 20)
    add_members(db, campaign, *members, *people(db, ground, 1, None), *people(db, ground, 1, "en", False))
    for state in ("booked", "arrived", "attended", "cancelled", "did-not-attend"):
        make_visit(db, ground, campaign_id=campaign.id, state=state, starts=utc_now(), ends=utc_now() + timedelta(1))
    make_visit(db, ground, state="booked")
    with db.write() as session:
        session.add(
            WaitingRequest(**(_request(ground, ground.clinic, members[0]).model_dump() | {"campaign_id": campaign.id}))
        )
    assert figures_of(db, campaign) == {
        "booked": 2,
        "attended": 1,
        "waiting_list": 1,
        "free_times": [
            {"language": "ur", "interpreter": True, "sex": "F", "length": "double", "n": 3},
            {"language": None, "interpreter": True, "sex": "F", "length": "double", "n": 0},
            {"language": None, "interpreter": False, "sex": "F", "length": "single", "n": 0},
        ],
    }


def test_a_youth_clinic_promises_no_sex(db: Database, ground: Ground) -> None:
    clinic = make_clinic(db, ground.practice, ground.site, purpose=ClinicPurpose.YOUTH)
    make_session(db, clinic, make_clinician(db, ground.practice, sex="M"))
    campaign = make_campaign(db, ground.practice, clinic)
    add_members(db, campaign, *people(db, ground, 1, "en", False))
    assert figures_of(db, campaign)["free_times"] == [
        {"language": None, "interpreter": False, "sex": None, "length": "single", "n": 6}
    ]


def test_the_page_says_for_whom_nothing_is_free_and_what_would_help(
    db: Database, ground: Ground, campaign: Campaign
) -> None:
    with_times(db, ground, "ur")
    add_members(db, campaign, *people(db, ground, 20), *people(db, ground, 2, "bn"), *people(db, ground, 1, None))
    panel = panel_of(db, campaign)
    assert panel.rows == (
        ("Bengali, with an interpreter", 0, 0, 2),
        ("Urdu, with an interpreter", 3, 3, 20),
        ("No language recorded, with an interpreter", 0, 0, 1),
        ("Everybody else", 0, 0, 0),
    )
    assert panel.notes == (
        "Bengali, with an interpreter: 2 people are not invited yet, as no time is free. "
        "Hours of an interpreter for Bengali would help.",
        "No language recorded, with an interpreter: 1 person is not invited yet, as no time is free. "
        "Record which language each of them speaks.",
    )


def note_of(db: Database, campaign: Campaign) -> str:
    [note] = panel_of(db, campaign).notes
    return note


def test_without_a_woman_a_session_of_one_would_help(db: Database, ground: Ground, campaign: Campaign) -> None:
    make_session(db, ground.clinic, make_clinician(db, ground.practice, sex="M"))
    add_members(db, campaign, *people(db, ground, 2, "en", False))
    assert free_of(db, campaign) == {"everybody": 0}
    assert "A session of a woman clinician would help" in note_of(db, campaign)


def test_without_two_slots_together_longer_sessions_would_help(
    db: Database, ground: Ground, campaign: Campaign
) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:10")
    make_interpreter(db, make_agency(db, ground.practice), ("ur",))
    add_members(db, campaign, *people(db, ground, 2))
    assert "Longer sessions would help" in note_of(db, campaign)


@pytest.mark.parametrize("slots", [True, False])
def test_where_others_have_them_or_there_are_none_more_slots_would_help(
    db: Database, ground: Ground, campaign: Campaign, slots: bool
) -> None:
    if slots:
        with_times(db, ground, "ur")
        add_members(db, campaign, *people(db, ground, 20))
    add_members(db, campaign, *people(db, ground, 2, "en", False))
    assert note_of(db, campaign).endswith("More slots would help.")


def test_all_times_may_be_promised_already(db: Database, ground: Ground, campaign: Campaign) -> None:
    make_session(db, ground.clinic, ground.clinician, "09:00", "09:10")
    waits = people(db, ground, 2, "en", False)
    add_members(db, campaign, *waits)
    with db.write() as session:
        session.add(_request(ground, ground.clinic, waits[0]))
    assert "as all free times are promised. More slots would help." in note_of(db, campaign)


def test_an_event_that_is_not_for_women_is_not_offered_and_the_page_says_so(db: Database, ground: Ground) -> None:
    meeting = make_clinic(db, ground.practice, ground.site, code="MEETING", purpose=ClinicPurpose.EVENT, places=9)
    campaign = make_campaign(db, ground.practice, ground.clinic, meeting)
    assert "The event MEETING is not offered" in note_of(db, campaign)


def settled(db: Database, ground: Ground, purpose: str = "cervical-screening", **terms: Any) -> BookingCampaign:
    values = {"practice_id": ground.practice.id, "purpose": purpose, "criteria": purpose, "criteria_version": 1}
    with db.write() as session:
        campaign = Campaign(**values, matched=0, created_at=utc_now())
        session.add(campaign)
        session.flush()
        settle(session, ground.practice, campaign, Terms(**terms))
        return session.get_one(BookingCampaign, campaign.id)


def test_a_campaign_keeps_its_clinic_its_event_and_its_wording(db: Database, ground: Ground) -> None:
    meeting = make_clinic(db, ground.practice, ground.site, purpose=ClinicPurpose.EVENT, places=9)
    kept = settled(db, ground, clinic=ground.clinic.code, event=meeting.code, neutral=True)
    assert (kept.clinic_id, kept.event_id, kept.neutral) == (ground.clinic.id, meeting.id, True)


def test_a_clinic_that_does_not_fit_is_refused(db: Database, ground: Ground) -> None:
    general = make_clinic(db, ground.practice, ground.site)
    elsewhere = make_practice(db, "ELSEWHERE")
    theirs = make_clinic(db, elsewhere, make_site(db, elsewhere), purpose=ClinicPurpose.CERVICAL)
    for code, terms in [
        ("needs-clinic", {}),
        ("unknown-clinic", {"clinic": "NOWHERE"}),
        ("not-suited", {"clinic": general.code}),
        ("another-practice", {"clinic": theirs.code}),
        ("unknown-clinic", {"clinic": ground.clinic.code, "event": "NOWHERE"}),
        ("not-suited", {"clinic": ground.clinic.code, "event": general.code}),
    ]:
        with pytest.raises(Refused) as refused:
            settled(db, ground, **terms)
        assert refused.value.code == code


@pytest.mark.parametrize("neutral", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_which_text_invites(db: Database, ground: Ground, neutral: bool, named: bool) -> None:
    partner = make_partner(db, ground.practice) if named else None
    campaign = make_campaign(db, ground.practice, ground.clinic, partner_id=partner.id if partner else None)
    with db.write() as session:
        session.get_one(BookingCampaign, campaign.id).neutral = neutral
    with db.read() as session:
        invitation = _invitation(session, campaign)
    partners = Invitation("cervical-invitation-partner", {"partner": "Citizens Advice"})
    plain = partners if named else Invitation("cervical-invitation", {})
    assert invitation == (Invitation("nurse-invitation", {}) if neutral else plain)


def _invitation(session: Session, campaign: Campaign) -> Invitation:
    return screening_invitation(session, session.get_one(Campaign, campaign.id))


def test_who_has_answered_no_or_has_a_visit_needs_no_time(db: Database, ground: Ground, campaign: Campaign) -> None:
    with_times(db, ground, "ur")
    said_no, has_visit, *others = people(db, ground, 3)
    add_members(db, campaign, said_no, answer="no")
    add_members(db, campaign, has_visit, answer="yes")
    add_members(db, campaign, *others)
    make_visit(db, ground, patient_id=has_visit.id, campaign_id=campaign.id)
    add_members(db, campaign, *people(db, ground, 4, "en", False))
    assert free_of(db, campaign) == {"ur:interpreter": 1, "everybody": 4}
