"""A label with the opaque code of a person: nothing on it says who they are, and a pharmacy can scan it."""

from sqlmodel import Session

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.conversations.about_people import CHANGE_PEOPLE, Whom
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.patients.person_codes import make_person_code
from bot.patients.told import person_to_change
from bot.pharmacy.counter.languages import language_need
from bot.pharmacy.counter.searching import need_found
from bot.refusals import Refused
from bot.tables.patients import Patient


def practices_label(db: Database, whom: Whom, actor: Actor) -> str:
    """The code for a label that the practice gives to a person; made now where there is none.

    :raises Refused: `unknown-practice`, `not-allowed`, `unknown-person`.
    """
    with db.write() as session:
        practice = practice_by_code(session, whom.practice_code)
        acting = require(session, actor, CHANGE_PEOPLE, practice)
        return _code(session, person_to_change(session, practice, whom.nhs_number), acting)


def pharmacys_label(db: Database, pharmacy_code: str, public: str, actor: Actor) -> str:
    """The code for a label that a pharmacy keeps with what it has for the person of a search, who agreed to it.

    :raises Refused: `search-over`, `unknown-pharmacy`, `not-allowed`; `not-agreed`.
    """
    with db.write() as session:
        found = need_found(session, pharmacy_code, public, actor, utc_now())
        if language_need(session, found.pharmacy, found.person) is None:
            raise Refused("not-agreed", "There is no label for this person, because they have not agreed to one.")
        return _code(session, found.person, actor)


def _code(session: Session, person: Patient, actor: Actor) -> str:
    code = make_person_code(session, person.id or 0)
    record(session, actor, "person-label-made", f"patient:{person.id}", practice_id=person.practice_id)
    return code
