"""You said, we did: what came of a campaign, told back to everybody in their own languages."""

from bot.capability import Capability, Command

CAPABILITY = Capability(
    name="said_and_done",
    pages=("bot.said_and_done.lead_pages:blueprint", "bot.said_and_done.public_pages:blueprint"),
    commands=(
        Command(
            "campaign publish", "Show everybody what came of a campaign.", "bot.said_and_done.commands:publish_command"
        ),
        Command("campaign unpublish", "Take its page back.", "bot.said_and_done.commands:unpublish_command"),
    ),
    beside_campaign=("bot.said_and_done.links:PAGE_OF_CAMPAIGN",),
    after_restore=("bot.said_and_done.restored",),
    rights=("bot.said_and_done.publishing:PUBLISH",),
)
