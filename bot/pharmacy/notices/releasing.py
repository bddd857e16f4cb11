"""A notice that waits because the same was said within a day goes all the same, as somebody has said."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.pharmacy.notices.calling import why_no_text
from bot.pharmacy.notices.ending import keep_from
from bot.pharmacy.notices.giving import lock_people
from bot.pharmacy.notices.saying import say_notices
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, NoticeState


def send_anyway(session: Session, settings: Settings, notice: Notice, actor: Actor, now: datetime) -> Notice:
    """Let a held duplicate go, in the caller's transaction; whether the person may be texted is asked again.

    :raises Refused: `not-held`, it does not wait for that (any more).
    """
    lock_people(session, [notice.patient_id or 0])
    fresh = select(Notice).where(Notice.id == notice.id).with_for_update(key_share=True)
    found = session.exec(fresh, execution_options={"populate_existing": True}).one()
    if found.state != NoticeState.HELD or found.duplicate_of is None:
        raise Refused("not-held", "This notice does not wait any more. Look at the list again.")
    pharmacy = session.get_one(Pharmacy, found.pharmacy_id)
    person = session.exec(select(Patient).where(col(Patient.id) == found.patient_id)).one()
    why = why_no_text(session, pharmacy, [person], in_english_too=[person.id or 0]).get(person.id or 0)
    found.changed_at = now
    if why:
        keep_from(session, [(found, why)], now)
    else:
        say_notices(session, settings, pharmacy, {person.id or 0: person}, [found])
    record(session, actor, "notice-sent-anyway", f"notice:{found.id}", practice_id=found.practice_id)
    return found
