"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="appointments",
    pages=("bot.appointments.portal.pages:blueprint",),
    machine_pages=("bot.appointments.feed_pages:blueprint",),
    commands=(
        Command("clinicians", "Clinicians of a practice.", "bot.appointments.clinic_commands:clinicians"),
        Command("clinics", "What is offered at a site.", "bot.appointments.clinic_commands:clinics"),
        Command("closures", "Days on which a site is closed.", "bot.appointments.clinic_commands:closures"),
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
        Command("people", "People who need an interpreter.", "bot.appointments.person_code_commands:people"),
        Command("sessions", "When clinicians work in a clinic.", "bot.appointments.slot_commands:sessions"),
        Command("sites", "Places where people are seen.", "bot.appointments.clinic_commands:sites"),
        Command("slots", "The times people can be booked in.", "bot.appointments.slot_commands:slots"),
    ),
    jobs=(
        Job("lapse-asks", 60, "bot.appointments.lost:lapse_asks"),
        Job("make-slots", 24 * 3600, "bot.appointments.slots:make_slots_ahead"),
        Job("release-held-slots", 600, "bot.appointments.slots:release_held_slots"),
        Job("remind", 300, "bot.appointments.reminders:remind"),
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
    rights=(
        "bot.appointments.clinics:MANAGE_CLINICS",
        "bot.appointments.feeds:MAKE_CLINICIANS_FEED",
        "bot.appointments.feeds:MAKE_INTERPRETERS_FEED",
        "bot.appointments.rights:BOOK_VISITS",
        "bot.appointments.slots:MAKE_SLOTS",
    ),
    cards=("bot.appointments.portal.cards:joining_cards",),
    navigation=("bot.appointments.portal.cards:OWN_VISITS",),
    retention=(
        Job("forget-old-claims", 3600, "bot.appointments.claims:forget_old_claims"),
        Job("forget-proofs", 24 * 3600, "bot.appointments.proving:forget_proofs"),
    ),
)
