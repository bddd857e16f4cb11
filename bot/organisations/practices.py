"""Practices: added once, then known by their code."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.codes import take_code
from bot.organisations.finding import practice_by_code
from bot.organisations.naming import read_code_and_name, read_public_phone, rename
from bot.organisations.rights import MANAGE_ORGANISATIONS
from bot.organisations.senders import ensure_first_sender, ensure_sender
from bot.settings import Settings
from bot.tables.organisations import Practice, Sender


def add_practice(
    db: Database,
    settings: Settings,
    code: str,
    name: str,
    phone: str | None,
    *,
    actor: Actor,
    sender: str | None = None,
    demo: bool = False,
) -> Practice:
    """Add a practice; adding it again changes its name and, where they are given, its phone and its sender.

    :param phone: the number people may call, as written in texts; None leaves it as it is.
    :param sender: the number or messaging service its texts go out from; a new practice has the first by default.
    :raises Refused: the code, the name, the phone or the sender cannot be used; another kind of organisation has the
        code; not an administrator.
    """
    code, name = read_code_and_name("practice", code, name)
    number = None if phone is None else read_public_phone(phone)

    def add(session: Session) -> Practice:
        allowed = require(session, actor, MANAGE_ORGANISATIONS, None)
        take_code(session, code, "practice")
        practice = session.exec(select(Practice).where(Practice.code == code)).first()
        if practice is None:
            first = ensure_first_sender(session, settings)
            practice = Practice(code=code, name=name, sender_id=first.id or 0, demo=demo, created_at=utc_now())
        if sender is not None:
            practice.sender_id = ensure_sender(session, settings, sender).id or 0
        practice.name = name
        practice.phone = number or practice.phone
        session.add(practice)
        session.flush()
        record(session, allowed, "practice-added", f"practice:{practice.id}", practice_id=practice.id)
        return practice

    # Twice: somebody may take the same code, or make the same sender, at this moment.
    return db.write_with_retry(add)


def change_practice(db: Database, code: str, actor: Actor, *, name: str | None, phone: str | None) -> Practice:
    """Change the name of a practice, its phone, or both; None leaves it as it is.

    :raises Refused: no such practice, a name or phone that cannot be used, or not an administrator.
    """
    with db.write() as session:
        actor = require(session, actor, MANAGE_ORGANISATIONS, None)
        practice = practice_by_code(session, code)
        rename(practice, "practice", name, phone)
        session.add(practice)
        record(session, actor, "practice-changed", f"practice:{practice.id}", practice_id=practice.id)
        return practice


@dataclass(frozen=True)
class PracticeLine:
    """A practice as it is listed, with what its texts go out from."""

    code: str
    name: str
    phone: str | None
    sender: str

    def as_json(self) -> dict[str, Any]:
        """What `practices list` says."""
        return {"code": self.code, "name": self.name, "phone": self.phone, "sender": self.sender}


def list_practices(session: Session) -> list[PracticeLine]:
    """All practices by code."""
    statement = select(Practice, Sender).join(Sender, col(Sender.id) == col(Practice.sender_id))
    return [
        PracticeLine(practice.code, practice.name, practice.phone, sender.number or sender.service_sid or "")
        for practice, sender in session.exec(statement.order_by(col(Practice.code)))
    ]
