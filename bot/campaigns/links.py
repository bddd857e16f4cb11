"""A campaign ties its partner to its practice until it is stopped."""

from sqlmodel import Session, col, select

from bot.campaigns.capacity import draws_on
from bot.tables.campaigns import Campaign, CampaignState


def campaigns_not_stopped(session: Session, partner_id: int, practice_id: int) -> str | None:
    """The campaigns of the two that are not stopped, in a sentence."""
    statement = (
        select(Campaign.id)
        .where(draws_on(partner_id), Campaign.practice_id == practice_id)
        .where(Campaign.state != CampaignState.STOPPED)
        .order_by(col(Campaign.id))
    )
    numbers = [str(number) for number in session.exec(statement)]
    if not numbers:
        return None
    which = f"Campaign {numbers[0]} is" if len(numbers) == 1 else f"Campaigns {', '.join(numbers)} are"
    return f"{which} not stopped: a lead of the practice stops it first."
