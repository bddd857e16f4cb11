"""What offers of a campaign have beside times: an event in the place of one, and a longer visit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from bot.appointments.by_text.telling import site_in_words
from bot.appointments.inviting.clinics_invited_to import invited_to
from bot.appointments.joint.finding import Wish
from bot.clock import LONDON
from bot.tables.appointments import Clinic, ClinicPurpose, Offer, Site
from bot.texts.catalogue import Value

LONGER = 6
"""What asks for a longer visit in a list of times."""
EVENT = 3
"""The number of an event, on the first page alone."""


def may_be_longer(wish: Wish) -> bool:
    """Whether a longer visit is offered beside the times: to who was invited to screening and has not asked yet."""
    asked_for = wish.longer or wish.moving is not None
    return wish.campaign_id is not None and wish.clinic.purpose == ClinicPurpose.CERVICAL and not asked_for


def wish_for_event(session: Session, wish: Wish) -> Wish | None:
    """The event of a campaign in the place of its clinic; None where there is none that its text may speak of.

    The text says that it is for women, so none is offered that is open to everybody, or to who is not recorded as one.
    """
    if not may_be_longer(wish):
        return None
    invited = invited_to(session, wish.campaign_id or 0)
    event = invited.event if invited else None
    if event is None or not event.women_only or wish.patient is None or wish.patient.sex != "F":
        return None
    return replace(wish, clinic=event, clinician_sex=None)


def has_event(offers: Sequence[Offer]) -> bool:
    """Whether the last of these offers is an event in the place of a time."""
    return offers[-1].clinic_id != offers[0].clinic_id


def event_values(session: Session, offers: Sequence[Offer]) -> Mapping[str, Value]:
    """When and where the event is that is among these offers."""
    if not has_event(offers):
        return {}
    event = offers[-1]
    wall = event.starts.astimezone(LONDON)
    site = session.get_one(Site, session.get_one(Clinic, event.clinic_id).site_id)
    return {"event_date": wall.date(), "event_time": wall.time(), "event_place": site_in_words(site)}
