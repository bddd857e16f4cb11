"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="appointments",
    commands=(
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
    ),
    questions=("bot.appointments.questions:ASKS_WHETHER_THEY_COME",),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=("bot.appointments.subject:REASONS",),
)
