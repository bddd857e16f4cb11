"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="appointments",
    jobs=(
        Job("lapse-asks", 60, "bot.appointments.lost:lapse_asks"),
        Job("remind", 300, "bot.appointments.reminders:remind"),
    ),
    commands=(
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
    ),
    correspondents=("bot.appointments.interpreter_replies:take_reply_of_interpreter",),
    questions=(
        "bot.appointments.lost_answers:ABOUT_THE_INTERPRETER",
        "bot.appointments.questions:NEW_TIME",
        "bot.appointments.questions:WHETHER_THEY_COME",
    ),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=(
        "bot.appointments.lost_reasons:REASONS",
        "bot.appointments.subject:REASONS",
    ),
)
