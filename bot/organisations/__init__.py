"""Practices and partners, who works with whom, and the numbers their texts go out from."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="organisations",
    pages=("bot.organisations.pages:blueprint",),
    cards=("bot.organisations.cards:organisation_cards",),
    navigation=("bot.organisations.cards:ORGANISATIONS",),
    rights=(
        "bot.organisations.rights:MANAGE_ORGANISATIONS",
        "bot.organisations.free_text:SWITCH_FREE_TEXT",
        "bot.organisations.if_harmed:SWITCH_IF_HARMED",
    ),
    commands=(Command("practices", "GP practices.", "bot.organisations.commands:practices"),),
)
