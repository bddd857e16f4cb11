"""Partners who help, their places, and the people referred to them with a recorded yes."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="partners",
    pages=("bot.partners.pages:blueprint",),
    commands=(Command("partners", "Partners, their practices and their places.", "bot.partners.commands:partners"),),
    subjects=("bot.partners.referring:SUBJECT",),
    reasons=("bot.partners.referring:REASONS",),
    checks=("bot.partners.purposes:check_purposes",),
    retention=(Job("forget-old-referrals", 24 * 3600, "bot.partners.retention:forget_old_referrals"),),
    still_in_touch=("bot.partners.retention:has_an_open_referral",),
    rights=("bot.partners.referring:WITHDRAW", "bot.partners.places:SET_PLACES", "bot.partners.noting:NOTE"),
    keeps_link=("bot.partners.links:open_referrals",),
    cards=("bot.partners.cards:partner_cards",),
    navigation=("bot.partners.cards:REFERRALS",),
)
