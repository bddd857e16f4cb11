"""Which text invites to cervical screening."""

from sqlmodel import Session

from bot.appointments.inviting.clinics_invited_to import clinic_of
from bot.partners.purposes import Invitation, partner_values
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner

SCREENING_TEXT = "cervical-invitation"
WITH_A_PARTNER = "cervical-invitation-partner"
NEUTRAL = "nurse-invitation"
"""Says that the nurse has an appointment, and not what for."""


def screening_invitation(session: Session, campaign: Campaign) -> Invitation:
    """The neutral wording where the practice chose it; else the one that names the partner, if there is one."""
    if clinic_of(session, campaign).booking.neutral:
        return Invitation(NEUTRAL, {})
    if campaign.partner_id is None:
        return Invitation(SCREENING_TEXT, {})
    partner = session.get_one(Partner, campaign.partner_id)
    return Invitation(WITH_A_PARTNER, partner_values(partner, WITH_A_PARTNER))
