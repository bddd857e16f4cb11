"""A practice's lists: read, judged row by row, stored."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="lists",
    pages=("bot.lists.pages:blueprint", "bot.lists.conflict_pages:blueprint"),
    commands=(Command("patients", "A practice's list of patients.", "bot.lists.commands:patients"),),
    jobs=(Job("take-up-lists", 60, "bot.lists.reader:take_up_lists_left"),),
    retention=(
        Job("forget-unconfirmed-lists", 600, "bot.lists.waiting:forget_unconfirmed_lists"),
        Job("forget-listed", 24 * 3600, "bot.lists.listed:forget_listed"),
    ),
    rights=("bot.lists.importing:IMPORT",),
    cards=("bot.lists.cards:conflict_cards",),
    navigation=("bot.lists.cards:LISTS",),
)
