"""The clinic that a campaign invites to: settled as the campaign is planned, and what a person of it wishes for."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlmodel import Session, col, select

from bot.appointments.finding_by_code import clinic_by_code, refuse_another_practice
from bot.appointments.joint.finding import Wish
from bot.partners.purposes import Choice, Choices, Terms
from bot.refusals import Refused
from bot.tables.appointments import BookingCampaign, Clinic, ClinicPurpose, Site
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Practice
from bot.tables.patients import Patient

SCREENING, YOUTH = "cervical-screening", "youth-clinic"
"""Purposes that invite to times of a clinic."""
CLINIC_OF: Mapping[str, ClinicPurpose] = {SCREENING: ClinicPurpose.CERVICAL, YOUTH: ClinicPurpose.YOUTH}
"""What the clinic of each of them is for."""
_CLINICIAN_SEX: Mapping[str, str] = {ClinicPurpose.CERVICAL: "F"}
"""The invitation says that a woman does it, so nobody else is offered."""


class InvitedTo(NamedTuple):
    """A campaign's clinic, and the event that people may choose instead."""

    booking: BookingCampaign
    clinic: Clinic
    event: Clinic | None

    @property
    def clinician_sex(self) -> str | None:
        """By whom alone people are seen, where the invitation says it."""
        return _CLINICIAN_SEX.get(self.clinic.purpose)

    def wish_of(self, patient: Patient) -> Wish:
        """What a person who says yes is offered."""
        return Wish(patient, self.clinic, self.clinician_sex, campaign_id=self.booking.campaign_id)


def settle(session: Session, practice: Practice, campaign: Campaign, terms: Terms) -> None:
    """Keep which clinic a new campaign invites to, which event beside it, and whether the wording is neutral.

    :raises Refused: `needs-clinic`; `unknown-clinic`, `another-practice`; `not-suited`, a clinic for something else.
    """
    if not terms.clinic:
        raise Refused(
            "needs-clinic", "Choose the clinic to which people are invited.", by_command="give it with --clinic CODE"
        )
    clinic = _clinic(session, practice, terms.clinic, CLINIC_OF[campaign.purpose])
    event = _clinic(session, practice, terms.event, ClinicPurpose.EVENT) if terms.event else None
    session.add(
        BookingCampaign(
            campaign_id=campaign.id or 0,
            clinic_id=clinic.id or 0,
            event_id=event.id if event else None,
            neutral=terms.neutral,
        )
    )
    session.flush()


def _clinic(session: Session, practice: Practice, code: str, purpose: ClinicPurpose) -> Clinic:
    clinic = clinic_by_code(session, code)
    refuse_another_practice(clinic, "clinic", practice)
    if clinic.purpose != purpose:
        raise Refused(
            "not-suited",
            f"The purpose of clinic {clinic.code} is {clinic.purpose}, and it has to be {purpose}. Choose another.",
        )
    return clinic


def choices_for(purpose: ClinicPurpose, *, events: bool = False) -> Callable[[Session, int], Choices]:
    """What a practice can choose from as it plans: its clinics for that, and its events where there may be one."""

    def choices(session: Session, practice_id: int) -> Choices:
        wanted = [purpose, *([ClinicPurpose.EVENT] if events else [])]
        named = (
            select(Clinic, Site)
            .join(Site, col(Site.id) == col(Clinic.site_id))
            .where(Clinic.practice_id == practice_id, col(Clinic.purpose).in_(wanted))
            .order_by(col(Clinic.code))
        )
        found = [
            (clinic.purpose, Choice(clinic.code, f"{clinic.code}, {site.name}")) for clinic, site in session.exec(named)
        ]
        return Choices(
            [choice for its, choice in found if its == purpose],
            [choice for its, choice in found if its == ClinicPurpose.EVENT],
        )

    return choices


def invited_to(session: Session, campaign_id: int) -> InvitedTo | None:
    """The clinic of a campaign; None for a campaign that invites to none."""
    booking = session.get(BookingCampaign, campaign_id)
    if booking is None:
        return None
    clinics = select(Clinic).where(col(Clinic.id).in_([booking.clinic_id, booking.event_id]))
    found = {clinic.id: clinic for clinic in session.exec(clinics)}
    return InvitedTo(booking, found[booking.clinic_id], found.get(booking.event_id))


def clinic_of(session: Session, campaign: Campaign) -> InvitedTo:
    """The clinic of a campaign whose purpose has one."""
    found = invited_to(session, campaign.id or 0)
    if found is None:
        raise ValueError(f"campaign {campaign.id} has no clinic")
    return found
