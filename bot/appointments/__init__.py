"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="appointments",
    machine_pages=("bot.appointments.feed_pages:blueprint",),
    retention=(Job("forget-proofs", 24 * 3600, "bot.appointments.proving:forget_proofs"),),
    rights=("bot.appointments.feeds:MAKE_CLINICIANS_FEED", "bot.appointments.feeds:MAKE_INTERPRETERS_FEED"),
)
