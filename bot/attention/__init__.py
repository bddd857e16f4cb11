"""What a person must look at: reasons and items, no pages."""

from bot.capability import Capability, Job

CAPABILITY = Capability(
    name="attention",
    jobs=(Job("escalate-unopened", 30, "bot.attention.escalation:escalate_unopened"),),
    retention=(Job("erase-old-notes", 3600, "bot.attention.retention:erase_old_notes"),),
    rights=("bot.attention.rights:WORK_INBOX",),
    metrics=("bot.attention.figures:inbox_figures",),
    reasons=("bot.attention.reasons:REASONS",),
)
