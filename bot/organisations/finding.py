"""Practices and partners by the codes people know them by."""

from collections.abc import Collection

from sqlmodel import Session, select

from bot.refusals import Refused
from bot.tables.organisations import Partner, PartnerPractice, Practice


def practice_by_code(session: Session, code: str) -> Practice:
    """The practice with that code. :raises Refused: there is none."""
    found = session.exec(select(Practice).where(Practice.code == code)).first()
    if found is None:
        raise Refused(
            "unknown-practice", f"There is no practice {code}.", by_command=f"practices add {code} --name NAME"
        )
    return found


def partner_by_code(session: Session, code: str) -> Partner:
    """The partner with that code. :raises Refused: there is none."""
    found = session.exec(select(Partner).where(Partner.code == code)).first()
    if found is None:
        raise Refused(
            "unknown-partner",
            f"There is no partner {code}.",
            by_command=f"partners add {code} --name NAME --places N --practice CODE",
        )
    return found


def are_linked(session: Session, partner_id: int | None, practice_id: int | None) -> bool:
    """Whether the partner works with the practice."""
    return session.get(PartnerPractice, (partner_id, practice_id)) is not None


def held_link(
    session: Session, partner_id: int | None, practice_id: int | None, *, to_end_it: bool = False
) -> PartnerPractice | None:
    """The link between the two, if there is one; it cannot be ended until this transaction is.

    :param to_end_it: wait for everybody who holds it, so that what they made of it is seen.
    """
    lock = {"read": not to_end_it}
    return session.get(PartnerPractice, (partner_id, practice_id), with_for_update=lock, populate_existing=True)


def lock_partner(session: Session, partner_id: int) -> Partner:
    """The partner as it is now, locked until the transaction ends: others who give out its places wait.

    SQLite has one writer at a time, so there the transaction itself is the lock. Rows that only name the partner
    (a consent) may still be added by others: a stronger lock would let two consents at once block each other.
    """
    statement = select(Partner).where(Partner.id == partner_id).with_for_update(key_share=True)
    return session.exec(statement, execution_options={"populate_existing": True}).one()


def lock_partners(session: Session, partner_ids: Collection[int]) -> None:
    """`lock_partner` of several, always in the same order: two who need the same ones do not wait for each other."""
    for partner_id in sorted(set(partner_ids)):
        lock_partner(session, partner_id)


def lock_practice(session: Session, practice_id: int) -> Practice:
    """The practice as it is now, locked until the transaction ends: others who promise times of its clinics wait.

    As with a partner, rows that only name it may still be added by others.
    """
    statement = select(Practice).where(Practice.id == practice_id).with_for_update(key_share=True)
    return session.exec(statement, execution_options={"populate_existing": True}).one()
