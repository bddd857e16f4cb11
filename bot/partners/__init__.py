"""Partners who help, their places, and the people referred to them with a recorded yes."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="partners",
    pages=("bot.partners.pages:blueprint",),
    commands=(Command("partners", "Partners, their practices and their places.", "bot.partners.commands:partners"),),
    questions=("bot.partners.taking_back:ASKS_TO_WITHDRAW",),
    late_answers=("bot.partners.taking_back:ask_whether_to_withdraw",),
    subjects=("bot.partners.referring:SUBJECT", "bot.partners.proposing:SUBJECT"),
    reasons=("bot.partners.referring:REASONS",),
    checks=("bot.partners.purposes:check_purposes",),
    jobs=(Job("lapse-proposals", 3600, "bot.partners.lapsing:lapse_proposals"),),
    retention=(
        Job("forget-old-referrals", 24 * 3600, "bot.partners.retention:forget_old_referrals"),
        Job("erase-withdrawn", 24 * 3600, "bot.partners.retention:erase_withdrawn"),
        Job("forget-old-proposals", 24 * 3600, "bot.partners.lapsing:forget_old_proposals"),
    ),
    after_deaths=("bot.partners.proposing:drop_with_death",),
    still_in_touch=("bot.partners.retention:has_an_open_referral",),
    rights=(
        "bot.partners.referring:WITHDRAW",
        "bot.partners.staff_referring:REFER",
        "bot.partners.places:SET_PLACES",
        "bot.partners.noting:NOTE",
        "bot.partners.exporting:READ",
    ),
    keeps_link=("bot.partners.links:open_referrals",),
    demo=("bot.partners.demo:add_second_partner",),
    cards=("bot.partners.cards:partner_cards",),
    navigation=("bot.partners.cards:REFERRALS",),
)
