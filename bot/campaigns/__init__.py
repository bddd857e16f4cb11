"""Inviting people who meet agreed criteria, in batches as large as the partner has places for."""

from bot.capability import Capability, Command, Job

CAPABILITY = Capability(
    name="campaigns",
    pages=(
        "bot.campaigns.pages:blueprint",
        "bot.campaigns.referral_pages:blueprint",
        "bot.campaigns.people_pages:blueprint",
    ),
    commands=(
        Command("criteria", "Who a campaign is for.", "bot.campaigns.commands:criteria"),
        Command(
            "campaign",
            "Plan it, release its batches, watch, hold or stop it.",
            "bot.campaigns.commands:campaign",
        ),
        Command("messages", "Texts sent and received.", "bot.campaigns.message_commands:messages"),
        Command("referrals", "Make, move, list and take back referrals.", "bot.campaigns.referral_commands:referrals"),
    ),
    questions=("bot.campaigns.consenting:ASKS_TO_COME", "bot.campaigns.consenting:ASKS_FOR_CONSENT"),
    guards=("bot.campaigns.subject:GUARD",),
    subjects=("bot.campaigns.left_out:SUBJECT",),
    criteria=("bot.campaigns.fuel_poverty:COLD_HOME_RESPIRATORY", "bot.campaigns.english_classes:CRITERIA"),
    purposes=("bot.campaigns.fuel_poverty:FUEL_POVERTY", "bot.campaigns.english_classes:ENGLISH_CLASSES"),
    promises=("bot.campaigns.capacity:promised_places",),
    after_reply=("bot.campaigns.member_answers:count_reply",),
    after_language=("bot.campaigns.consenting:ask_again_in",),
    after_opt_out=("bot.campaigns.member_answers:count_opt_out",),
    actions=("bot.campaigns.asking_again:ASK_AGAIN", "bot.campaigns.people_referred:REFER_THEM"),
    retention=(Job("forget-left-out", 24 * 3600, "bot.campaigns.left_out:forget_left_out"),),
    after_restore=("bot.campaigns.restored",),
    demo=("bot.campaigns.demo:sign_all_criteria",),
    rights=("bot.campaigns.rights:PLAN", "bot.campaigns.rights:RELEASE"),
    keeps_link=("bot.campaigns.links:campaigns_not_stopped",),
    cards=("bot.campaigns.cards:campaign_cards",),
    navigation=("bot.campaigns.cards:CAMPAIGNS",),
)
