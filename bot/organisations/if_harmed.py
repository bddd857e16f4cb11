"""Whether the 999 text also goes to a phone whose message tells of harm by another person, who may hold that phone.

Off until the clinical safety officer of the practice has decided (hazard H13): then its lead switches it on.
"""

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.tables.accounts import Role
from bot.tables.organisations import Practice

SWITCH_IF_HARMED = declare_right("switch-999-if-harmed", Role.LEAD)


def switch_if_harmed(db: Database, code: str, actor: Actor, *, on: bool) -> Practice:
    """Let the 999 text go to such phones of a practice, or no longer.

    :raises Refused: no such practice, or not its lead.
    """
    with db.write() as session:
        practice = practice_by_code(session, code)
        actor = require(session, actor, SWITCH_IF_HARMED, practice)
        if practice.text_999_if_harmed != on:
            practice.text_999_if_harmed = on
            session.add(practice)
            deed = "if-harmed-on" if on else "if-harmed-off"
            record(session, actor, deed, f"practice:{practice.id}", practice_id=practice.id)
        return practice
