"""Whether colleagues of a practice may write to people in their own words: in live its lead says so."""

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.database import Database
from bot.organisations.finding import practice_by_code
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.organisations import Practice

SWITCH_FREE_TEXT = declare_right("switch-free-text", Role.LEAD)


def may_use_own_words(settings: Settings, practice: Practice) -> bool:
    """Whether texts in own words may go for a practice: in demo always, in live where its lead has switched them on."""
    return not settings.live or practice.free_text


def switch_free_text(db: Database, code: str, actor: Actor, *, on: bool) -> Practice:
    """Let colleagues of a practice write in their own words, or no longer; what waits to go still goes.

    :raises Refused: no such practice, or not its lead.
    """
    with db.write() as session:
        practice = practice_by_code(session, code)
        actor = require(session, actor, SWITCH_FREE_TEXT, practice)
        if practice.free_text != on:
            practice.free_text = on
            session.add(practice)
            deed = "free-text-on" if on else "free-text-off"
            record(session, actor, deed, f"practice:{practice.id}", practice_id=practice.id)
        return practice
