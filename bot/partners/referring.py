"""Referrals: one person, with a recorded yes, handed to one partner; honest when there is no place.

A referral in the states `sent` and `accepted` holds a place. Every place that comes back goes to the person
who has waited longest.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import SERVICE, Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.outbox import cancel_unsent_messages
from bot.messaging.subjects import SubjectKind
from bot.organisations.finding import lock_partner
from bot.partners.asked import REFERRAL
from bot.partners.capacity import count_holding
from bot.partners.erasing import take_back_consent
from bot.partners.proposing import drop_proposals
from bot.partners.purposes import Purpose, find_purpose
from bot.partners.telling import (
    NOT_ANSWERED,
    PARTNER_FULL,
    about_referral,
    offer_another,
    tell,
    tell_of_full_partner,
)
from bot.partners.words import keep_words
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Partner, Practice
from bot.tables.partners import OPEN_STATES, REFERRAL_MOVES, Consent, Referral, ReferralState
from bot.tables.patients import Patient

STATE_WORDS: Mapping[str, str] = {
    "sent": "new",
    "accepted": "accepted",
    "waiting": "waiting for a place",
    "closed": "closed",
    "full": "sent back, the partner was full",
    "withdrawn": "withdrawn by the person",
}
"""What a practice reads of a referral's state."""

WITHDRAW = declare_right("withdraw-referrals", Role.PRACTICE, Role.LEAD)
REASONS: Mapping[str, str] = {
    PARTNER_FULL: "The partner has no place for this person, who needs help in another way.",
    NOT_ANSWERED: "This person was asked whether a partner may help them, and did not answer.",
}
ABOUT_A_REFERRAL = (Kind.ANSWER, Kind.NOTICE)
"""Kinds of text that tell a person how their referral stands."""


def _campaign_of(referral_id: Mapped[Any]) -> ColumnElement[int | None]:
    return select(col(Referral.campaign_id)).where(col(Referral.id) == referral_id).scalar_subquery()


SUBJECT = SubjectKind(REFERRAL, campaign_of=_campaign_of)
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def make_referral(
    session: Session,
    settings: Settings,
    *,
    consent: Consent,
    practice: Practice,
    purpose: Purpose,
    in_their_words: Sequence[Message],
    said: str | None = None,
    made_by: int | None = None,
    actor: Actor = SERVICE,
) -> Referral:
    """Refer the person of a recorded yes: `sent` when the partner has a place, else `waiting` in line.

    While a referral of that person to that partner is open, it is given back unchanged. `in_their_words` are the
    texts in which the person told us something; `said` is what is kept of it, by default those texts.
    """
    partner = lock_partner(session, consent.partner_id)
    known = _open_referral(session, consent)
    if known is not None:
        return known
    now = utc_now()
    has_place = places_left(session, partner) > 0
    referral = Referral(
        code=_new_code(session),
        practice_id=practice.id or 0,
        partner_id=consent.partner_id,
        patient_id=consent.patient_id,
        campaign_id=consent.campaign_id,
        consent_id=consent.id or 0,
        state=ReferralState.SENT if has_place else ReferralState.WAITING,
        purpose=purpose.name,
        said="\n".join(text.body for text in in_their_words) if said is None else said,
        made_by=made_by,
        created_at=now,
        sent_at=now if has_place else None,
        updated_at=now,
    )
    session.add(referral)
    session.flush()
    keep_words(session, settings, referral, in_their_words)
    record_referral(session, actor, "referral-made", referral)
    return referral


def _open_referral(session: Session, consent: Consent) -> Referral | None:
    statement = select(Referral).where(
        Referral.patient_id == consent.patient_id,
        Referral.partner_id == consent.partner_id,
        col(Referral.state).in_(OPEN_STATES),
    )
    return session.exec(statement).first()


def _new_code(session: Session) -> str:
    """A code people can read out; letters and digits that look alike are left out."""
    while True:
        code = "R" + "".join(secrets.choice(_CODE_LETTERS) for _ in range(7))
        if session.exec(select(Referral.id).where(Referral.code == code)).first() is None:
            return code


def places_left(session: Session, partner: Partner) -> int:
    """Places of a locked partner that nobody holds; below zero where it has taken on more."""
    return partner.places - count_holding(session, partner)


def promote_waiting(session: Session, settings: Settings, partner: Partner) -> int:
    """Give the places left of a locked partner to those who wait longest, and tell them; gives how many."""
    left = places_left(session, partner)
    if left <= 0:
        return 0
    line = (
        select(Referral, Patient, Practice)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Practice, col(Practice.id) == col(Referral.practice_id))
        .where(Referral.partner_id == partner.id, Referral.state == ReferralState.WAITING)
        .order_by(col(Referral.id))
        .limit(left)
    )
    promoted = session.exec(line).all()
    for referral, patient, practice in promoted:
        referral.sent_at = utc_now()
        move(session, referral, ReferralState.SENT)
        tell(session, settings, referral, patient, practice, "place_found")
        record_referral(session, SERVICE, "referral-got-place", referral)
    return len(promoted)


def accept_referral(db: Database, partner_id: int, code: str, actor: Actor) -> Referral:
    """The partner takes the person on; accepting again changes nothing.

    :raises Refused: not this partner's, or not in a state to be accepted.
    """
    with db.write() as session:
        lock_partner(session, partner_id)
        referral = partners_own(session, partner_id, code)
        if referral.state != ReferralState.ACCEPTED:
            move(session, referral, ReferralState.ACCEPTED)
            record_referral(session, actor, "referral-accepted", referral)
        return referral


def close_referral(
    db: Database, settings: Settings, partner_id: int, code: str, outcome: str, actor: Actor
) -> Referral:
    """The partner is done, with an outcome; the place comes back.

    :raises Refused: unknown outcome; not this partner's; the referral holds no place.
    """
    with db.write() as session:
        partner = lock_partner(session, partner_id)
        referral = partners_own(session, partner_id, code)
        outcomes = find_purpose(referral.purpose).outcomes
        if outcome not in outcomes:
            raise Refused("unknown-outcome", f"Choose how it ended: {', '.join(outcomes.values())}.")
        _require_move(referral, ReferralState.CLOSED)
        referral.outcome = outcome
        move(session, referral, ReferralState.CLOSED)
        record_referral(session, actor, "referral-closed", referral, outcome=outcome)
        promote_waiting(session, settings, partner)
        return referral


def decline_full(
    db: Database, settings: Settings, partner_id: int, code: str, actor: Actor, *, no_places_left: bool = False
) -> Referral:
    """The partner cannot take this person after all. The next partner of the campaign with a place is offered to them.

    Where there is none, or no text may go, they are told, and the practice looks for other help. The place comes back
    and goes to whoever waits longest. With `no_places_left` the partner has as many places from now on as are taken:
    none is free.
    :raises Refused: not this partner's, or it holds no place.
    """
    with db.write() as session:
        partner = lock_partner(session, partner_id)
        referral = partners_own(session, partner_id, code)
        move(session, referral, ReferralState.FULL)
        if no_places_left:
            _leave_none_free(session, partner, actor)
        if not offer_another(session, settings, referral):
            tell_of_full_partner(session, settings, referral)
        record_referral(session, actor, "referral-declined-full", referral, no_places_left=no_places_left)
        promote_waiting(session, settings, partner)
        return referral


def _leave_none_free(session: Session, partner: Partner, actor: Actor) -> None:
    partner.places = min(partner.places, count_holding(session, partner))
    session.add(partner)
    record(session, actor, "places-set", f"partner:{partner.id}", places=partner.places, promoted=0)


def withdraw_referral(db: Database, settings: Settings, code: str, actor: Actor) -> Referral:
    """The person told the practice that they do not want it any more. The place goes to whoever waits longest.

    What they said, and what the partner noted, is erased, also of a referral that has ended; how it ended stays. Doing
    it again changes nothing.
    :raises Refused: no such referral; not the practice's own staff.
    """
    with db.write() as session:
        found = session.exec(select(Referral).where(Referral.code == code)).first()
        if found is None:
            raise _unknown(code)
        actor = require(session, actor, WITHDRAW, session.get_one(Practice, found.practice_id))
        return withdraw_in(session, settings, found, actor)


def withdraw_in(session: Session, settings: Settings, found: Referral, actor: Actor) -> Referral:
    """`withdraw_referral` in the transaction in hand, by whoever may."""
    partner = lock_partner(session, found.partner_id)
    referral = partners_own(session, found.partner_id, found.code)
    if referral.erased_at is not None:
        return referral
    is_open = referral.state in OPEN_STATES
    if is_open:
        move(session, referral, ReferralState.WITHDRAWN)
        cancel_unsent_messages(session, about_referral(referral), ABOUT_A_REFERRAL, "referral-withdrawn")
    take_back_consent(session, referral)
    drop_proposals(session, referral.patient_id)
    record_referral(session, actor, "referral-withdrawn" if is_open else "referral-erased", referral)
    promote_waiting(session, settings, partner)
    return referral


def partners_own(session: Session, partner_id: int, code: str) -> Referral:
    """The partner's referral of that code, as it is now. :raises Refused: it has none such."""
    statement = select(Referral).where(Referral.code == code, Referral.partner_id == partner_id)
    referral = session.exec(statement, execution_options={"populate_existing": True}).first()
    if referral is None:
        raise _unknown(code)
    return referral


def _unknown(code: str) -> Refused:
    return Refused("unknown-referral", f"There is no referral {code} here.")


def _require_move(referral: Referral, state: ReferralState) -> None:
    if not REFERRAL_MOVES.may(referral.state, state):
        raise Refused(
            "referral-moved-on",
            f"Referral {referral.code} is {referral.state} by now. Reload the page to see where it stands.",
        )


def move(session: Session, referral: Referral, state: ReferralState) -> None:
    """Let a referral stand there from now on.

    :raises Refused: it is not in a state from which it may move there.
    """
    _require_move(referral, state)
    referral.state = state
    referral.updated_at = utc_now()
    session.add(referral)
    session.flush()


def record_referral(session: Session, actor: Actor, action: str, referral: Referral, **detail: str | bool) -> None:
    """Write what was done about a referral into the audit trail."""
    subject = f"referral:{referral.code}"
    state = str(referral.state)
    record(session, actor, action, subject, practice_id=referral.practice_id, state=state, **detail)
