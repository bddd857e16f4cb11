"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="appointments",
    jobs=(Job("remind", 300, "bot.appointments.reminders:remind"),),
    commands=(
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
    ),
    questions=(
        "bot.appointments.questions:NEW_TIME",
        "bot.appointments.questions:WHETHER_THEY_COME",
    ),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=("bot.appointments.subject:REASONS",),
)
