"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability

CAPABILITY = Capability(
    name="appointments",
    questions=("bot.appointments.questions:ASKS_WHETHER_THEY_COME",),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=("bot.appointments.subject:REASONS",),
)
