"""Why no text goes to a person, said so that it tells a pharmacy nothing about them; and when it is to phone instead.

One code, `no-text-possible`, stands for people who are unknown, unlinked, deregistered or dead, and for numbers that
are not safe. Whom the pharmacy has texted before it is told to phone where texts were refused: it knows them.
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import case, literal
from sqlalchemy import select as columns
from sqlmodel import Session, col

from bot.patients.eligibility import ON_RECORD, Reason, reason_sql
from bot.pharmacy.notices.finding import theirs_sql
from bot.rows import among
from bot.tables.messaging import Kind, Message
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice
from bot.wording.composing import ENGLISH

SPEAKS_ENGLISH = "english"
"""They have the NHS's own message, which is in English."""
NO_TEXT_POSSIBLE, CALL_INSTEAD = "no-text-possible", "call-instead"
NOT_APPROVED, TOO_LATE = "not-approved", "too-late"
NOTHING_TO_SAY = "nothing-to-say"
"""Of what was collected nobody is texted."""
NOT_DISPENSED = "not-dispensed"
"""A person of the pharmacy decides what to tell them."""
WANT_A_CALL = frozenset([Reason.OPTED_OUT, Reason.TEXTING_REFUSED, Reason.NO_MOBILE])
"""Reasons for which a pharmacy that has texted a person before is to phone them."""
_NOT_THEIRS = "not-theirs"


def why_no_text(
    session: Session, pharmacy: Pharmacy, people: Sequence[Patient], *, in_english_too: Collection[int] = ()
) -> Mapping[int, str]:
    """Of these people who is not texted, and the code of why; two statements however many they are.

    :param in_english_too: ids of those who are texted although their language is English.
    """
    ids = [person.id or 0 for person in people]
    reasons = _reasons(session, pharmacy, ids)
    known = texted_before(session, [number for number, reason in reasons.items() if reason in WANT_A_CALL])
    found = {number: call_or_not(reason, (pharmacy.id, number) in known) for number, reason in reasons.items()}
    english = {person.id or 0 for person in people if person.language == ENGLISH} - set(in_english_too)
    return found | dict.fromkeys(english, SPEAKS_ENGLISH)


def _reasons(session: Session, pharmacy: Pharmacy, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    reason = case((theirs_sql(pharmacy), reason_sql(ON_RECORD, Kind.NOTICE)), else_=literal(_NOT_THEIRS))
    statement = columns(col(Patient.id), reason).where(among(session, col(Patient.id), ids))
    return {number or 0: why for number, why in session.execute(statement).all() if why is not None}


def call_or_not(reason: str | None, texted: bool) -> str:
    """What a pharmacy is told of a reason for which no text goes.

    :param texted: whether it has texted the person before.
    """
    return CALL_INSTEAD if texted and reason in WANT_A_CALL else NO_TEXT_POSSIBLE


def texted_before(session: Session, ids: Sequence[int]) -> frozenset[tuple[int, int | None]]:
    """Of which pharmacies these people have had a text that went out: pharmacy and person, by id."""
    if not ids:
        return frozenset()
    statement = (
        columns(col(Notice.pharmacy_id), col(Notice.patient_id))
        .join(Message, col(Message.id) == col(Notice.message_id))
        .where(
            among(session, col(Notice.patient_id), ids),
            col(Message.sent_at).is_not(None),
        )
    )
    return frozenset((row[0], row[1]) for row in session.execute(statement).all())
