"""Which wording may be sent: approvals, and texts composed from them."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="wording",
    pages=("bot.wording.pages:blueprint",),
    cards=("bot.wording.cards:review_cards",),
    navigation=("bot.wording.cards:TEXTS",),
    rights=("bot.wording.rights:APPROVE", "bot.wording.rights:WRITE"),
    commands=(Command("texts", "The texts people get, and who has approved them.", "bot.wording.commands:texts"),),
)
