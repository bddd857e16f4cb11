"""What needs me now: the few numbers each role begins its day with."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.memberships import Acting
from bot.attention.escalation import count_escalated
from bot.conversations.inbox import count_open
from bot.lists.conflicts import count_open_conflicts
from bot.tables.accounts import Role, UserAccount
from bot.tables.campaigns import Campaign, CampaignMember, CampaignState
from bot.tables.organisations import Partner
from bot.tables.partners import Referral, ReferralState


@dataclass(frozen=True)
class Card:
    """One thing to look at. `urgency` is red, amber or None."""

    heading: str
    words: str
    path: str
    urgency: str | None = None


def cards_for(session: Session, acting: Acting) -> list[Card]:
    """The cards of the home page of who acts for this, most pressing first."""
    if acting.roles & {Role.PRACTICE, Role.LEAD} and acting.practice_id:
        return _practice_cards(session, acting.practice_id)
    if Role.PARTNER in acting.roles and acting.partner_id:
        return _partner_cards(session, acting.partner_id)
    if Role.ADMIN in acting.roles:
        return _admin_cards(session)
    return []


def _practice_cards(session: Session, practice_id: int) -> list[Card]:
    counts = count_open(session, practice_id)
    return [
        *_escalated_cards(count_escalated(session, practice_id), "/inbox"),
        _inbox_card(counts),
        *_conflict_cards(count_open_conflicts(session, practice_id)),
        _campaign_card(campaigns_with_people_waiting(session, practice_id)),
        _waiting_card(referrals_by_state(session, practice_id=practice_id)),
    ]


def _escalated_cards(number: int, path: str) -> list[Card]:
    """Before everything else: urgent messages that nobody has looked at."""
    if not number:
        return []
    words = f"{_count(number, 'urgent message has', 'urgent messages have')} waited over 10 minutes unopened."
    return [Card("Open these now", words, path, "red")]


def _inbox_card(counts: dict[str, int]) -> Card:
    red, amber, total = counts["red"], counts["amber"], sum(counts.values())
    if not total:
        return Card("Inbox", "Nobody is waiting for an answer.", "/inbox")
    pieces = [f"{number} {word}" for number, word in ((red, "urgent"), (amber, "to read soon")) if number]
    urgent = f" {' and '.join(pieces)}." if pieces else ""
    urgency = "red" if red else "amber" if amber else None
    return Card("Inbox", f"{_count(total, 'message waits', 'messages wait')} for a person.{urgent}", "/inbox", urgency)


def _conflict_cards(people: int) -> list[Card]:
    """Only while there is something to settle."""
    if not people:
        return []
    words = f"Rows of a list disagree about {_count(people, 'person', 'people')}. Choose which is right."
    return [Card("Patient lists", words, "/lists/conflicts", "amber")]


def _campaign_card(campaigns: dict[str, int]) -> Card:
    running, held = campaigns.get(CampaignState.RUNNING, 0), campaigns.get(CampaignState.HELD, 0)
    words = []
    if running:
        words.append(f"{_count(running, 'campaign has', 'campaigns have')} people waiting. May the next batch go?")
    if held:
        words.append(f"{_count(held, 'campaign with people waiting is', 'campaigns with people waiting are')} on hold.")
    return Card("Campaigns", " ".join(words) or "No campaign has people waiting to be invited.", "/campaigns")


def _waiting_card(referrals: dict[str, int]) -> Card:
    waiting = referrals.get(ReferralState.WAITING, 0)
    with_partner = referrals.get(ReferralState.SENT, 0) + referrals.get(ReferralState.ACCEPTED, 0)
    line = f"{_count(waiting, 'person waits', 'people wait')} for a place." if waiting else "Nobody waits for a place."
    words = f"{line} {_count(with_partner, 'person is', 'people are')} with a partner."
    return Card("Referrals", words, "/campaigns", "amber" if waiting else None)


def _partner_cards(session: Session, partner_id: int) -> list[Card]:
    partner = session.get_one(Partner, partner_id)
    counts = referrals_by_state(session, partner_id=partner_id)
    new, accepted = counts.get(ReferralState.SENT, 0), counts.get(ReferralState.ACCEPTED, 0)
    taken = new + accepted
    return [
        Card(
            "New referrals",
            f"{_count(new, 'person said yes and waits', 'people said yes and wait')} to hear from you.",
            "/referrals",
            "amber" if new else None,
        ),
        Card(
            "People you are helping",
            f"{_count(accepted, 'referral is', 'referrals are')} open.",
            "/referrals",
        ),
        Card("Places", f"{taken} of {partner.places} places are taken.", "/referrals"),
    ]


def _admin_cards(session: Session) -> list[Card]:
    open_accounts = session.exec(select(func.count()).where(col(UserAccount.active))).one()
    return [
        *_escalated_cards(count_escalated(session), "/operations"),
        Card("Organisations", "Practices and partners, and who works with whom.", "/organisations"),
        Card("Accounts", f"{_count(open_accounts, 'account is', 'accounts are')} open.", "/accounts"),
        Card("Audit trail", "Who did what, and when.", "/audit"),
        Card("Operations", "Whether everything works, and what is stuck.", "/operations"),
    ]


def campaigns_with_people_waiting(session: Session, practice_id: int) -> dict[str, int]:
    """How many campaigns of a practice in which people wait for a batch are in each state."""
    waiting = select(CampaignMember.id).where(
        CampaignMember.campaign_id == Campaign.id,
        col(CampaignMember.batch_id).is_(None),
        col(CampaignMember.left_out).is_(None),
    )
    statement = select(Campaign.state, func.count(col(Campaign.id))).where(
        Campaign.practice_id == practice_id, waiting.exists()
    )
    return dict(session.exec(statement.group_by(Campaign.state)).all())


def referrals_by_state(
    session: Session, *, practice_id: int | None = None, partner_id: int | None = None
) -> dict[str, int]:
    """How many referrals a practice or a partner has in each state."""
    owner = col(Referral.practice_id) == practice_id if practice_id else col(Referral.partner_id) == partner_id
    statement = select(Referral.state, func.count()).where(owner).group_by(Referral.state)
    return dict(session.exec(statement).all())


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
