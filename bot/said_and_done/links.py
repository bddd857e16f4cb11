"""The way from a campaign to its public page."""

from bot.campaigns.beside import Beside

PAGE_OF_CAMPAIGN = Beside("You said, we did: tell people what came of it", "/campaigns/{campaign_id}/page")
