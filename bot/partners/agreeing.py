"""From a yes to a proposal, or one that staff recorded, to a referral; the one before it is closed."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.audit import SERVICE, Actor
from bot.messaging.outbox import cancel_unsent_messages
from bot.organisations.finding import are_linked, lock_partners
from bot.partners.erasing import move_words_away
from bot.partners.proposing import end_proposal
from bot.partners.purposes import MOVED, find_purpose
from bot.partners.referring import (
    ABOUT_A_REFERRAL,
    make_referral,
    move,
    partners_own,
    places_left,
    promote_waiting,
    record_referral,
)
from bot.partners.telling import about_referral
from bot.settings import Settings
from bot.tables.messaging import Message
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import OPEN_STATES, Consent, Proposal, ProposalState, Referral, ReferralState, ReferralText


def refer_agreed(
    session: Session, settings: Settings, proposal: Proposal, consent: Consent, also_wrote: Sequence[Message]
) -> Referral | None:
    """Refer the person who said yes to a proposal.

    None where that would help nobody: the partner works with the practice no more, or it has no place by now and the
    person waits in line for another. Nothing is shared then.
    """
    old = session.get(Referral, proposal.instead_of_id) if proposal.instead_of_id else None
    partners = {proposal.partner_id} | ({old.partner_id} if old else set())
    lock_partners(session, partners)
    old = partners_own(session, old.partner_id, old.code) if old else None
    partner = session.get_one(Partner, proposal.partner_id)
    in_line = old is not None and old.state == ReferralState.WAITING
    if not are_linked(session, partner.id, proposal.practice_id) or (in_line and places_left(session, partner) <= 0):
        end_proposal(session, proposal, ProposalState.DROPPED)
        return None
    made = _refer(session, settings, consent, proposal.purpose, old, proposal.said, also_wrote, proposal.made_by)
    end_proposal(session, proposal, ProposalState.AGREED)
    return made


def refer_at_once(
    session: Session,
    settings: Settings,
    consent: Consent,
    purpose: str,
    *,
    instead_of: Referral | None,
    said: str,
    actor: Actor,
) -> Referral:
    """Refer a person whose yes staff have recorded."""
    partners = {consent.partner_id} | ({instead_of.partner_id} if instead_of else set())
    lock_partners(session, partners)
    old = partners_own(session, instead_of.partner_id, instead_of.code) if instead_of else None
    return _refer(session, settings, consent, purpose, old, said, (), actor.user_id, actor)


def _refer(
    session: Session,
    settings: Settings,
    consent: Consent,
    purpose: str,
    old: Referral | None,
    said: str,
    also_wrote: Sequence[Message],
    made_by: int | None,
    actor: Actor = SERVICE,
) -> Referral:
    before = _texts_of(session, old) if old else []
    words = [old.said if old else "", said, *(text.body for text in also_wrote)]
    made = make_referral(
        session,
        settings,
        consent=consent,
        practice=session.get_one(Practice, consent.practice_id),
        purpose=find_purpose(purpose),
        in_their_words=[*before, *also_wrote],
        said="\n".join(filter(None, words)),
        made_by=made_by,
        actor=actor,
    )
    if old is not None and old.id != made.id:
        _leave(session, settings, old, actor)
    return made


def _texts_of(session: Session, old: Referral) -> Sequence[Message]:
    """The texts a referral's words are, as far as they are kept."""
    statement = (
        select(Message)
        .join(ReferralText, col(ReferralText.message_id) == col(Message.id))
        .where(ReferralText.referral_id == old.id)
        .order_by(col(Message.id))
    )
    return session.exec(statement).all()


def _leave(session: Session, settings: Settings, old: Referral, actor: Actor) -> None:
    """The referral before is over: its words went along, its place comes back, and no text about it goes any more."""
    move_words_away(session, old)
    if old.state not in OPEN_STATES:
        return
    old.outcome = MOVED
    move(session, old, ReferralState.CLOSED)
    cancel_unsent_messages(session, about_referral(old), ABOUT_A_REFERRAL, "referral-moved")
    record_referral(session, actor, "referral-moved", old)
    promote_waiting(session, settings, session.get_one(Partner, old.partner_id))
