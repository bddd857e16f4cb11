"""An interpreter with an account, and people who need one."""

import re
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot.audit import Actor
from bot.database import Database
from bot.interpreters.accounts import Interpreting
from bot.patients.person_codes import make_person_code
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.interpreters import Interpreter
from bot.tables.messaging import Message
from bot.tables.organisations import Agency, Practice
from bot.tables.patients import Patient
from tests.factories import make_account, make_patient, make_practice
from tests.interpreters.making import make_agency, make_interpreter


@dataclass(frozen=True)
class Booth:
    """An interpreter of an agency that serves one practice."""

    practice: Practice
    agency: Agency
    interpreter: Interpreter
    account: UserAccount

    @property
    def me(self) -> Interpreting:
        """The interpreter as verbs know them."""
        return Interpreting(self.account.id or 0, self.interpreter.id or 0, self.agency.id or 0)

    @property
    def actor(self) -> Actor:
        return actor_of(self.account)


def make_booth(db: Database, *practices: Practice, languages: tuple[str, ...] = ("ur",), **changes: Any) -> Booth:
    """An interpreter with an account, in an agency that serves these practices, or one of its own."""
    practices = practices or (make_practice(db),)
    agency = make_agency(db, *practices)
    account = make_account(db, Role.INTERPRETER, agency=agency)
    interpreter = make_interpreter(db, agency, *languages, email=account.email, **changes)
    return Booth(practices[0], agency, interpreter, account)


def make_person(db: Database, practice: Practice, **changes: Any) -> tuple[Patient, str]:
    """Somebody who needs an interpreter, with their code."""
    patient = make_patient(db, practice, **({"language": "ur", "interpreter": True} | changes))
    with db.write() as session:
        return patient, make_person_code(session, patient.id or 0)


def texts_of(db: Database, text_key: str = "person-there") -> list[Message]:
    """Every text of that key, the oldest first."""
    with db.read() as session:
        return list(session.exec(select(Message).where(Message.text_key == text_key).order_by(col(Message.id))))


def number_in(message: Message) -> str:
    """The number that a text tells."""
    [number] = re.findall(r"\b\d{6}\b", message.body)
    return str(number)
