"""Opt-outs outlive what else we know of a person: of who has left, the opt-out is kept, and of the number only a hash.

Everything that asks whether a phone has opted out compares phones, in one query for many. So a hash is turned back
into the number at the two places where a number can come to us: in a list, and in a text from it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy import bindparam, exists, func, or_, update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.capability import in_use
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Fault
from bot.rows import among
from bot.settings import Settings, phone_hash_key
from bot.tables.messaging import Message
from bot.tables.patients import OptOut, Patient, PhoneStatus

KEPT_FOR = timedelta(days=90)
"""How long after the last change a number is kept of somebody who has left the list."""
AT_A_TIME = 500


def hash_phone(settings: Settings, practice_id: int, phone: str) -> str:
    """A phone under our key; another at every practice, so that hashes cannot be compared between them."""
    words = f"opt-out:{practice_id}:{phone}".encode()
    return hmac.new(phone_hash_key(settings).encode(), words, hashlib.sha256).hexdigest()


def key_name(settings: Settings) -> str:
    """What tells one key from another without telling the key."""
    return hashlib.sha256(f"name of:{phone_hash_key(settings)}".encode()).hexdigest()[:16]


def recall_opt_outs(session: Session, settings: Settings, practice_id: int, phones: Iterable[str]) -> int:
    """These numbers have come (back) to us: put them in place of their hashes; gives how many opt-outs they had.

    :param phones: E.164.
    """
    hashed = select(OptOut.id).where(OptOut.practice_id == practice_id, col(OptOut.phone_hash).is_not(None))
    if session.exec(hashed.limit(1)).first() is None:
        return 0
    by_hash = {hash_phone(settings, practice_id, phone): phone for phone in phones}
    statement = select(OptOut).where(OptOut.practice_id == practice_id, col(OptOut.phone_hash).in_(by_hash))
    found = session.exec(statement).all()
    for opt_out in found:
        opt_out.phone, opt_out.phone_hash, opt_out.hash_key = by_hash[opt_out.phone_hash or ""], None, None
    session.add_all(found)
    session.flush()
    return len(found)


def opted_out_phones(session: Session, settings: Settings, practice_id: int, phones: Iterable[str]) -> set[str]:
    """Which of these numbers have opted out of texts of the practice; nothing is changed.

    :param phones: E.164.
    """
    by_hash = {hash_phone(settings, practice_id, phone): phone for phone in phones}
    in_force = (OptOut.practice_id == practice_id, col(OptOut.lifted_at).is_(None))
    by_phone = select(OptOut.phone).where(*in_force, among(session, col(OptOut.phone), by_hash.values()))
    hashed = select(OptOut.phone_hash).where(*in_force, among(session, col(OptOut.phone_hash), by_hash))
    plain = {phone for phone in session.exec(by_phone) if phone}
    return plain | {by_hash[found] for found in session.exec(hashed) if found}


def is_opted_out(session: Session, settings: Settings, practice_id: int, phone: str) -> bool:
    """The same of one number, which is asked of every text to somebody who is no patient."""
    session.flush()
    hashed = hash_phone(settings, practice_id, phone)
    given = {"of_practice": practice_id, "of_phone": phone, "of_hash": hashed}
    return bool(session.connection().scalar(_HAS_OPTED_OUT, given))


_HAS_OPTED_OUT = select(
    exists().where(
        col(OptOut.practice_id) == bindparam("of_practice"),
        col(OptOut.lifted_at).is_(None),
        or_(col(OptOut.phone) == bindparam("of_phone"), col(OptOut.phone_hash) == bindparam("of_hash")),
    )
)


def forget_phones_of_those_gone(db: Database, settings: Settings) -> int:
    """People who left or died, of whom nothing has changed for 90 days: erase the number, keep the opt_out.

    Gives how many opt-outs are kept as a hash from now on. Who still has to be reached (an open referral) is not gone.
    """
    with db.write() as session:
        gone = update(Patient).where(
            col(Patient.phone).is_not(None),
            or_(col(Patient.registered).is_(False), col(Patient.deceased).is_(True)),
            col(Patient.updated_at) < utc_now() - KEPT_FOR,
            *(~needed() for needed in in_use().bring("still_in_touch")),
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
        opt_outs = session.exec(_of_nobody_here(after)).all()
        for opt_out in opt_outs:
            opt_out.phone_hash = hash_phone(settings, opt_out.practice_id, opt_out.phone or "")
            opt_out.hash_key, opt_out.phone, opt_out.message_id = key_name(settings), None, None
        session.add_all(opt_outs)
    return [opt_out.id or 0 for opt_out in opt_outs]


def _of_nobody_here(after: int) -> SelectOfScalar[OptOut]:
    """Opt-outs of numbers that nobody on the list has, and that have not been in touch lately."""
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


def lost_key(session: Session, settings: Settings) -> Iterator[Fault]:
    """Said by `/readyz`: opt-outs that we hold and cannot recognise."""
    if lost := opt_outs_under_another_key(session, settings):
        yield Fault(
            f"{lost} opt-outs were kept under another key: set HASH_KEY to the SECRET_KEY of before.",
            f"{lost} opt-outs of people who left cannot be recognised: the service's secret key was changed.",
            "Should such a person come back, they could be texted against their wish. "
            "Ask whoever runs the service to give it the key of before, as the operating guide says.",
        )


def opt_outs_under_another_key(session: Session, settings: Settings) -> int:
    """Opt-outs that cannot be recognised, because the key they were kept under is not ours now."""
    statement = select(func.count()).where(
        col(OptOut.phone_hash).is_not(None), col(OptOut.hash_key) != key_name(settings)
    )
    return session.exec(statement).one()
