"""Clinics and visits: clinician, interpreter and person booked in one step, and all that is said about it by text."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="appointments",
    pages=(
        "bot.appointments.own_system_pages:blueprint",
        "bot.appointments.reports.pages:blueprint",
        "bot.appointments.to_move_pages:blueprint",
        "bot.appointments.without_interpreter_pages:blueprint",
    ),
    cards=(
        "bot.appointments.without_interpreter_cards:without_interpreter_cards",
        "bot.appointments.to_move_cards:to_move_cards",
        "bot.appointments.cards:own_system_cards",
    ),
    commands=(
        Command("clinicians", "Clinicians of a practice.", "bot.appointments.clinic_commands:clinicians"),
        Command("clinics", "What is offered at a site.", "bot.appointments.clinic_commands:clinics"),
        Command("closures", "Days on which a site is closed.", "bot.appointments.clinic_commands:closures"),
        Command(
            "interpreters",
            "Interpreters, and what they are booked for.",
            "bot.appointments.interpreter_commands:interpreters",
        ),
        Command("sessions", "When clinicians work in a clinic.", "bot.appointments.slot_commands:sessions"),
        Command("sites", "Places where people are seen.", "bot.appointments.clinic_commands:sites"),
        Command("slots", "The times people can be booked in.", "bot.appointments.slot_commands:slots"),
        Command("visits", "Find a time, book it, move it, give it up.", "bot.appointments.reports.commands:visits"),
    ),
    jobs=(
        Job("lapse-asks", 60, "bot.appointments.lost:lapse_asks"),
        Job("make-slots", 24 * 3600, "bot.appointments.slots:make_slots_ahead"),
        Job("release-held-slots", 600, "bot.appointments.slots:release_held_slots"),
        Job("remind", 300, "bot.appointments.reminders:remind"),
        Job("tell-reported", 60, "bot.appointments.reports.telling:tell_reported"),
        Job("lapse-offers", 60, "bot.appointments.offering:lapse_offers"),
        Job("ask-about-silence", 600, "bot.appointments.silence:ask_about_silence"),
    ),
    correspondents=("bot.appointments.interpreter_replies:take_reply_of_interpreter",),
    questions=(
        "bot.appointments.lost_answers:ABOUT_THE_INTERPRETER",
        "bot.appointments.questions:NEW_TIME",
        "bot.appointments.questions:WHAT_THEY_WANT",
        "bot.appointments.questions:WHETHER_THEY_COME",
        "bot.appointments.questions:WHICH_OF_SEVERAL",
        "bot.appointments.questions:WHICH_TIME",
    ),
    wishes={
        "book": "bot.appointments.wishes:book",
        "cancel": "bot.appointments.wishes:cancel",
        "change": "bot.appointments.wishes:change",
    },
    subjects=("bot.appointments.subject:SUBJECT",),
    guards=("bot.appointments.subject:GUARD",),
    after_reply=("bot.appointments.wishes:give_back_when_pressing",),
    instead_of_stop=("bot.appointments.wishes:cancel_or_stop",),
    late_answers=("bot.appointments.wishes:answer_old_offer",),
    after_language=("bot.appointments.asking_again:ask_again_in",),
    reasons=(
        "bot.appointments.lost_reasons:REASONS",
        "bot.appointments.questions:REASONS",
        "bot.appointments.silence:REASONS",
        "bot.appointments.subject:REASONS",
        "bot.appointments.wishes:REASONS",
    ),
    navigation=("bot.appointments.cards:VISITS",),
    rights=(
        "bot.appointments.clinics:MANAGE_CLINICS",
        "bot.appointments.reports.importing:IMPORT_VISITS",
        "bot.appointments.rights:BOOK_VISITS",
        "bot.appointments.slots:MAKE_SLOTS",
    ),
    retention=(
        Job("forget-old-claims", 3600, "bot.appointments.claims:forget_old_claims"),
        Job("forget-unconfirmed-reports", 600, "bot.appointments.reports.importing:forget_unconfirmed_reports"),
    ),
)
