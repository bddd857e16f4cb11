"""Who is on duty for a practice, and how they are told by text of what cannot wait."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="duty",
    pages=("bot.duty.duty_pages:blueprint",),
    commands=(Command("duty", "Who is told by text of what cannot wait.", "bot.duty.commands:duty"),),
    jobs=(Job("tell-duty", 10, "bot.duty.telling:tell_duty"),),
    correspondents=("bot.duty.replies:take_reply_of_duty",),
    after_reply=("bot.duty.telling:tell_at_once",),
    subjects=("bot.duty.telling:CASES",),
    reasons=("bot.duty.replies:REASONS",),
    rights=("bot.duty.rota:SET_DUTY",),
    cards=("bot.duty.cards:duty_cards",),
    metrics=("bot.duty.figures:duty_figures",),
    notes=("bot.duty.figures:nobody_on_duty",),
    demo=("bot.duty.demo:put_on_duty",),
)
