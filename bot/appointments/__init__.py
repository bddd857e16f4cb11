"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="appointments",
    pages=(
        "bot.appointments.own_system_pages:blueprint",
        "bot.appointments.reports.pages:blueprint",
    ),
    jobs=(
        Job("remind", 300, "bot.appointments.reminders:remind"),
        Job("tell-reported", 60, "bot.appointments.reports.telling:tell_reported"),
    ),
    questions=(
        "bot.appointments.questions:NEW_TIME",
        "bot.appointments.questions:WHETHER_THEY_COME",
    ),
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    reasons=("bot.appointments.subject:REASONS",),
    cards=("bot.appointments.cards:own_system_cards",),
    navigation=("bot.appointments.cards:VISITS",),
    rights=(
        "bot.appointments.own_system_doing:WORK_OWN_SYSTEM",
        "bot.appointments.reports.importing:IMPORT_VISITS",
    ),
    retention=(
        Job("forget-unconfirmed-reports", 600, "bot.appointments.reports.importing:forget_unconfirmed_reports"),
    ),
)
