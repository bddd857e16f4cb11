"""Pharmacies tell people of their prescriptions in their own language, and hear what they answer."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="pharmacy",
    pages=(
        "bot.pharmacy.organising.register_pages:blueprint",
        "bot.pharmacy.organising.link_pages:blueprint",
        "bot.pharmacy.organising.hours_pages:blueprint",
        "bot.pharmacy.counter.pages:blueprint",
        "bot.pharmacy.counter.language_pages:blueprint",
        "bot.pharmacy.hooks.hooks_pages:blueprint",
    ),
    machine_pages=("bot.pharmacy.wire.pages:blueprint", "bot.pharmacy.api.pages:api"),
    commands=(
        Command("notices", "What pharmacies tell people.", "bot.pharmacy.notices.commands:notices"),
        Command("pharmacies", "Pharmacies, their links and keys.", "bot.pharmacy.organising.commands:pharmacies"),
    ),
    jobs=(
        Job("follow-notices", 10, "bot.pharmacy.notices.following:follow_texts"),
        Job("remind-to-collect", 600, "bot.pharmacy.notices.reminding:remind_to_collect"),
        Job("say-gathered", 15, "bot.pharmacy.notices.gathering:say_gathered"),
        Job("weigh-prescriptions", 5, "bot.pharmacy.wire.weighing:weigh_due"),
    ),
    guards=("bot.pharmacy.notices.subject:GUARD", "bot.pharmacy.notices.subject:REMINDER_GUARD"),
    questions=(
        "bot.pharmacy.notices.answering:ABOUT_A_PRESCRIPTION",
        "bot.pharmacy.notices.telling:TELL",
    ),
    subjects=("bot.pharmacy.notices.subject:SUBJECT",),
    after_language=("bot.pharmacy.notices.asking_again:ask_again_in",),
    after_opt_out=("bot.pharmacy.notices.ending:end_with_opt_out",),
    after_deaths=("bot.pharmacy.notices.ending:end_with_death",),
    after_changed_numbers=("bot.pharmacy.notices.ending:follow_the_number",),
    reasons=("bot.pharmacy.notices.subject:REASONS",),
    cards=(
        "bot.pharmacy.organising.cards:link_cards",
        "bot.pharmacy.counter.cards:counter_cards",
        "bot.pharmacy.counter.cards:language_cards",
        "bot.pharmacy.hooks.cards:webhook_cards",
    ),
    navigation=(
        "bot.pharmacy.counter.places:COUNTER",
        "bot.pharmacy.counter.places:TODAY",
        "bot.pharmacy.organising.places:FOR_PRACTICES",
        "bot.pharmacy.organising.places:FOR_PHARMACIES",
        "bot.pharmacy.organising.places:HOURS",
        "bot.pharmacy.hooks.places:WEBHOOK",
    ),
    organisation_pages=("bot.pharmacy.organising.places:REGISTER",),
    rights=("bot.pharmacy.organising.rights:CONFIRM_FOR_PRACTICE", "bot.pharmacy.organising.rights:RUN_PHARMACY"),
    retention=(
        Job("forget-counter-searches", 24 * 3600, "bot.pharmacy.counter.searching:forget_searches"),
        Job("forget-kept-answers", 3600, "bot.pharmacy.api.replaying:forget_kept_answers"),
        Job("forget-old-events", 24 * 3600, "bot.pharmacy.hooks.retention:forget_old_events"),
        Job("forget-old-notices", 24 * 3600, "bot.pharmacy.notices.retention:forget_old_notices"),
        Job("forget-old-statuses", 24 * 3600, "bot.pharmacy.wire.retention:forget_old_updates"),
    ),
    metrics=("bot.pharmacy.hooks.figures:webhook_figures",),
    after_restore=("bot.pharmacy.notices.restored",),
    beside_texts=("bot.pharmacy.hooks.delivering:WebhookLoop",),
    demo=("bot.pharmacy.organising.demo:add_demo_pharmacy",),
    first_words=("bot.pharmacy.first_words:first_words",),
)
