"""An open referral ties its partner to its practice."""

from sqlmodel import Session, col, func, select

from bot.tables.partners import OPEN_STATES, Referral


def open_referrals(session: Session, partner_id: int, practice_id: int) -> str | None:
    """How many referrals from the one to the other are open, in a sentence."""
    statement = (
        select(func.count())
        .select_from(Referral)
        .where(Referral.partner_id == partner_id, Referral.practice_id == practice_id)
        .where(col(Referral.state).in_(OPEN_STATES))
    )
    number = session.exec(statement).one()
    if not number:
        return None
    are = "1 referral is" if number == 1 else f"{number} referrals are"
    return f"{are} open: the partner closes them, or the practice withdraws them."
