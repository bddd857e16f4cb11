"""Partners who help, their places, and the people referred to them with a recorded yes."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="partners",
    pages=("bot.partners.pages:blueprint",),
    commands=(Command("partners", "Partners, their practices and their places.", "bot.partners.commands:partners"),),
    cards=("bot.partners.cards:partner_cards",),
    navigation=("bot.partners.cards:REFERRALS",),
)
