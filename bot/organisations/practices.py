"""Practices: added once, then known by their code."""

from sqlmodel import select

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.naming import read_code_and_name, read_public_phone
from bot.organisations.senders import ensure_first_sender
from bot.settings import Settings
from bot.tables.organisations import Practice


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
    code, name = read_code_and_name("practice", code, name)
    number = None if phone is None else read_public_phone(phone)
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
