"""Practices: added once, then known by their code."""

import phonenumbers
from sqlmodel import select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.senders import ensure_first_sender
from bot.people.tables import Practice
from bot.refusals import Refused
from bot.settings import Settings


def add_practice(
    db: Database,
    settings: Settings,
    code: str,
    name: str,
    phone: str | None,
    *,
    actor: Actor,
    demo: bool = False,
) -> Practice:
    """Add a practice that texts from the first sender; adding it again changes its name and phone.

    :param phone: the number people may call, as written in texts; None leaves it as it is.
    :raises Refused: the code, the name or the phone cannot be used.
    """
    code, name = code.strip(), name.strip()
    if not code or len(code) > 32 or not name:
        raise Refused("bad-practice", "A practice needs a code of at most 32 letters, and a name.")
    number = None if phone is None else _phone(phone)
    with db.write() as session:
        practice = session.exec(select(Practice).where(Practice.code == code)).first()
        if practice is None:
            sender = ensure_first_sender(session, settings)
            practice = Practice(code=code, name=name, sender_id=sender.id or 0, demo=demo, created_at=utc_now())
        practice.name = name
        practice.phone = number or practice.phone
        session.add(practice)
        session.flush()
        record(session, actor, "practice-added", f"practice:{practice.id}", practice_id=practice.id)
    return practice


def _phone(written: str) -> str:
    """E.164; the library does not call the landlines kept for drama valid, so only the shape is checked."""
    try:
        parsed = phonenumbers.parse(written, "GB")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Refused("bad-phone", f"{written} is not a phone number. It should look like 01632 960100.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
