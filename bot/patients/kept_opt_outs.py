"""Opt-outs outlive what else we know of a person: of who has left, the wish is kept, and of the number only a hash.

Everything that asks whether a phone has opted out compares phones, in one query for many. So a hash is turned back
into the number at the two places where a number can come to us: in a list, and in a text from it.
"""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings, phone_hash_key
from bot.tables.messaging import Message
from bot.tables.partners import HOLDING_A_PLACE, Referral, ReferralState
from bot.tables.patients import OptOut, Patient, PhoneStatus

KEPT_FOR = timedelta(days=90)
"""How long after the last change a number is kept of somebody who has left the list."""
AT_A_TIME = 500
_OPEN = (*HOLDING_A_PLACE, ReferralState.WAITING)


def hash_phone(settings: Settings, practice_id: int, phone: str) -> str:
    """A phone under our key; another at every practice, so that hashes cannot be compared between them."""
    words = f"opt-out:{practice_id}:{phone}".encode()
    return hmac.new(phone_hash_key(settings).encode(), words, hashlib.sha256).hexdigest()


def key_name(settings: Settings) -> str:
    """What tells one key from another without telling the key."""
    return hashlib.sha256(f"name of:{phone_hash_key(settings)}".encode()).hexdigest()[:16]


def recall_wishes(session: Session, settings: Settings, practice_id: int, phones: Iterable[str]) -> int:
    """These numbers have come (back) to us: put them in place of their hashes; gives how many wishes they had.

    :param phones: E.164.
    """
    hashed = select(OptOut.id).where(OptOut.practice_id == practice_id, col(OptOut.phone_hash).is_not(None))
    if session.exec(hashed.limit(1)).first() is None:
        return 0
    by_hash = {hash_phone(settings, practice_id, phone): phone for phone in phones}
    statement = select(OptOut).where(OptOut.practice_id == practice_id, col(OptOut.phone_hash).in_(by_hash))
    found = session.exec(statement).all()
    for wish in found:
        wish.phone, wish.phone_hash, wish.hash_key = by_hash[wish.phone_hash or ""], None, None
    session.add_all(found)
    session.flush()
    return len(found)


def forget_phones_of_those_gone(db: Database, settings: Settings) -> int:
    """People who left or died, of whom nothing has changed for 90 days: erase the number, keep the wish.

    Gives how many wishes are kept as a hash from now on. Who has an open referral is not gone.
    """
    with db.write() as session:
        open_referral = select(Referral.id).where(
            col(Referral.patient_id) == col(Patient.id), col(Referral.state).in_(_OPEN)
        )
        gone = update(Patient).where(
            col(Patient.phone).is_not(None),
            or_(col(Patient.registered).is_(False), col(Patient.deceased).is_(True)),
            col(Patient.updated_at) < utc_now() - KEPT_FOR,
            ~open_referral.exists(),
        )
        session.execute(
            gone.values(phone=None, phone_status=PhoneStatus.NONE, phone_source="list").execution_options(
                synchronize_session=False
            )
        )
    hashed, after = 0, 0
    while ids := _hash_some(db, settings, after):
        hashed, after = hashed + len(ids), ids[-1]
    return hashed


def _hash_some(db: Database, settings: Settings, after: int) -> list[int]:
    with db.write() as session:
        wishes = session.exec(_of_nobody_here(after)).all()
        for wish in wishes:
            wish.phone_hash = hash_phone(settings, wish.practice_id, wish.phone or "")
            wish.hash_key, wish.phone, wish.message_id = key_name(settings), None, None
        session.add_all(wishes)
    return [wish.id or 0 for wish in wishes]


def _of_nobody_here(after: int) -> SelectOfScalar[OptOut]:
    """Wishes of numbers that nobody on the list has, and that have not been in touch lately."""
    since = utc_now() - KEPT_FOR
    on_the_list = select(Patient.id).where(
        col(Patient.practice_id) == col(OptOut.practice_id), col(Patient.phone) == col(OptOut.phone)
    )
    in_touch = select(Message.id).where(col(Message.phone) == col(OptOut.phone), col(Message.created_at) > since)
    return (
        select(OptOut)
        .where(col(OptOut.id) > after, col(OptOut.phone).is_not(None), col(OptOut.recorded_at) < since)
        .where(~on_the_list.exists(), ~in_touch.exists())
        .order_by(col(OptOut.id))
        .limit(AT_A_TIME)
    )


def wishes_under_another_key(session: Session, settings: Settings) -> int:
    """Opt-outs that cannot be recognised, because the key they were kept under is not ours now."""
    statement = select(func.count()).where(
        col(OptOut.phone_hash).is_not(None), col(OptOut.hash_key) != key_name(settings)
    )
    return session.exec(statement).one()
