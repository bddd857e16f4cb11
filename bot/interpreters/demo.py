"""The demo's agency: three interpreters, each with an account, through the importer that agencies use."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from bot.accounts.accounts import create_account
from bot.accounts.demo import DEMO_PASSWORD, DemoAccount
from bot.accounts.passwords import hash_password
from bot.audit import CONSOLE
from bot.database import Database
from bot.interpreters.agencies import add_agency
from bot.interpreters.importing import import_interpreters
from bot.interpreters.rows import CODE, EMAIL, HOURS, LANGUAGES, NAME, NOTICES, PHONE, SEX
from bot.lists.demo_list import MOBILES_OF_INTERPRETERS, SORANI
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount

AGENCY = "LANGLINE"


@dataclass(frozen=True)
class DemoInterpreter:
    """An interpreter as a row of the agency's list; `notice` is in person, by phone, by video."""

    code: str
    name: str
    sex: str
    phone: str
    email: str
    languages: tuple[str, ...]
    notice: tuple[int, int, int]
    hours: str

    def cells(self) -> list[str]:
        """In the order of `_HEADER`."""
        notice = map(str, self.notice)
        languages = ";".join(self.languages)
        return [self.code, self.name, self.sex, self.phone, self.email, languages, *notice, self.hours]


_HEADER = (CODE, NAME, SEX, PHONE, EMAIL, LANGUAGES, *NOTICES.values(), HOURS)
INTERPRETERS = (
    DemoInterpreter(
        code="LANGLINE-1",
        name="Nadia Hussain",
        sex="F",
        phone=MOBILES_OF_INTERPRETERS[0],
        email="interpreter@demo.example",
        languages=("Urdu", "Punjabi"),
        notice=(4, 0, 1),
        hours="mon-fri 08:30-17:30; sat 09:00-12:00",
    ),
    DemoInterpreter(
        code="LANGLINE-2",
        name="Karwan Aziz",
        sex="M",
        phone=MOBILES_OF_INTERPRETERS[1],
        email="interpreter2@demo.example",
        languages=("Arabic", SORANI, "Urdu"),
        notice=(4, 1, 2),
        hours="mon-fri 09:00-17:00; sat 09:00-12:00",
    ),
    DemoInterpreter(
        code="LANGLINE-3",
        name="Shirin Begum",
        sex="F",
        phone=MOBILES_OF_INTERPRETERS[2],
        email="interpreter3@demo.example",
        languages=("Bengali",),
        notice=(4, 0, 1),
        hours="tue-thu 09:00-17:00; sat 09:00-12:00",
    ),
)


def add_demo_interpreters(db: Database, settings: Settings, practice_code: str, people: Sequence[DemoAccount]) -> None:
    """An agency that serves the demo practice, its interpreters, and an account of each that signs in like the others.

    Again it changes nothing.
    """
    add_agency(db, AGENCY, practice_code, CONSOLE, name="Language Line Hastings", phone="01632 960300")
    import_interpreters(db, settings, AGENCY, _list(), CONSOLE)
    with db.write() as session:
        _add_accounts(session, settings)


def _list() -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    writer.writerows(each.cells() for each in INTERPRETERS)
    return text.getvalue().encode()


def _add_accounts(session: Session, settings: Settings) -> None:
    there = set(session.exec(select(UserAccount.email)))
    missing = [each for each in INTERPRETERS if each.email not in there]
    password_hash = hash_password(DEMO_PASSWORD) if missing else None
    for each in missing:
        create_account(
            session,
            settings,
            email=each.email,
            name=f"{each.name}, interpreter",
            role=Role.INTERPRETER,
            actor=CONSOLE,
            organisation=AGENCY,
            password_hash=password_hash,
            demo=True,
        )
