"""Inviting people who meet agreed criteria, in batches as large as the partner has places for."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="campaigns",
    pages=("bot.campaigns.pages:blueprint", "bot.campaigns.referral_pages:blueprint"),
    commands=(
        Command("criteria", "Who a campaign is for.", "bot.campaigns.commands:criteria"),
        Command(
            "campaign",
            "Plan it, release its batches, watch, hold or stop it.",
            "bot.campaigns.commands:campaign",
        ),
        Command("messages", "Texts sent and received.", "bot.messaging.commands:messages"),
        Command("referrals", "Look at referrals, and take one back.", "bot.partners.referral_commands:referrals"),
    ),
    cards=("bot.campaigns.cards:campaign_cards",),
    navigation=("bot.campaigns.cards:CAMPAIGNS",),
)
