"""A campaign of a person's clinic, as rows, and its invitation on their phone."""

from dataclasses import replace
from typing import Any

from bot.appointments.inviting.clinics_invited_to import SCREENING
from bot.campaigns.subject import INVITATION, about
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.tables.appointments import BookingCampaign, Clinic, ClinicPurpose
from bot.tables.campaigns import Batch, Campaign, CampaignMember
from bot.tables.messaging import Kind
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from tests.appointments.clinics import make_agency, make_clinic, make_interpreter
from tests.appointments.talking import Talk

DAYS = ("2026-12-01 09:00-12:00", "2026-12-02 14:00-17:00", "2026-12-05 10:00-12:00")


def for_screening(talk: Talk) -> Talk:
    """The clinic is one for cervical screening."""
    return replace(talk, clinic=changed(talk.db, talk.clinic, purpose=ClinicPurpose.CERVICAL))


def changed(db: Database, row: Any, **values: Any) -> Any:
    """A row with other values in some columns, whatever the rules."""
    with db.write() as session:
        found = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)
        session.add(found)
    return found


def with_interpreter(talk: Talk, *languages: str, code: str = "VOICES", **changes: Any) -> Talk:
    """An interpreter of an agency that serves the practice."""
    make_interpreter(talk.db, make_agency(talk.db, talk.practice, code=code), languages or ("ur",), **changes)
    return talk


def an_event(talk: Talk, places: int = 2, **changes: Any) -> Clinic:
    """A meeting for women at the same site."""
    values = {"code": "MEETING", "purpose": ClinicPurpose.EVENT, "places": places, "women_only": True}
    return make_clinic(talk.db, talk.practice, talk.site, **(values | changes))


def make_campaign(
    db: Database, practice: Practice, clinic: Clinic, event: Clinic | None = None, **changes: Any
) -> Campaign:
    values = {
        "practice_id": practice.id,
        "purpose": SCREENING,
        "criteria": SCREENING,
        "criteria_version": 1,
        "matched": 1,
        "created_at": utc_now(),
    }
    with db.write() as session:
        campaign = Campaign(**(values | changes))
        session.add(campaign)
        session.flush()
        session.add(
            BookingCampaign(
                campaign_id=campaign.id or 0, clinic_id=clinic.id or 0, event_id=event.id if event else None
            )
        )
    return campaign


def add_members(db: Database, campaign: Campaign, *people: Patient, **changes: Any) -> None:
    """They wait to be invited."""
    with db.write() as session:
        session.add_all(
            CampaignMember(
                **{
                    "campaign_id": campaign.id,
                    "patient_id": each.id,
                    "recorded_language": each.language,
                    "language": "en",
                }
                | changes
            )
            for each in people
        )


def invite(talk: Talk, event: Clinic | None = None) -> Campaign:
    """The person is invited to the clinic, and the text has gone out."""
    campaign = make_campaign(talk.db, talk.practice, talk.clinic, event)
    with talk.db.write() as session:
        batch = Batch(campaign_id=campaign.id or 0, number=1, size=1, limited_by="cohort", approved_at=utc_now())
        session.add(batch)
        session.flush()
        member = {"campaign_id": campaign.id, "patient_id": talk.patient.id, "language": "en", "batch_id": batch.id}
        session.add(CampaignMember(**member))
        queue_text(
            session,
            talk.settings,
            text_key="cervical-invitation",
            language=talk.patient.language,
            values={},
            phone=talk.phone,
            practice=session.get_one(Practice, talk.practice.id),
            kind=Kind.OUTREACH,
            patient_id=talk.patient.id,
            subject=about(campaign.id),
            question=INVITATION,
            batch_id=batch.id,
        )
    talk.sent()
    talk.clock.shift(60)
    return campaign
