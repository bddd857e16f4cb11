"""A capability that exists for tests alone: a clinic that people are invited to, without a partner."""

from bot.capability import Capability

CAPABILITY = Capability(
    name="open-clinic",
    questions=("tests.open_clinic.inviting:MORE",),
    criteria=("tests.open_clinic.inviting:CRITERIA",),
    purposes=("tests.open_clinic.inviting:OPEN_CLINIC",),
)
