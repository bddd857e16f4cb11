"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="appointments",
    pages=("bot.appointments.portal.pages:blueprint",),
    machine_pages=("bot.appointments.feed_pages:blueprint",),
    commands=(
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
        Command("people", "People who need an interpreter.", "bot.appointments.person_code_commands:people"),
    ),
    questions=("bot.appointments.questions:ASKS_WHETHER_THEY_COME",),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=("bot.appointments.subject:REASONS",),
    rights=("bot.appointments.feeds:MAKE_CLINICIANS_FEED", "bot.appointments.feeds:MAKE_INTERPRETERS_FEED"),
    cards=("bot.appointments.portal.cards:joining_cards",),
    navigation=("bot.appointments.portal.cards:OWN_VISITS",),
    retention=(Job("forget-proofs", 24 * 3600, "bot.appointments.proving:forget_proofs"),),
)
