"""Who may do what with wordings."""

from collections.abc import Sequence

from sqlmodel import Session, select

from bot.accounts.rights import declare_right, require_anywhere
from bot.audit import Actor
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.organisations import Practice
from bot.tables.wording import WordProposal
from bot.texts.catalogue import catalogue
from bot.texts.check import ALL_LANGUAGES

APPROVE = declare_right("approve-wording", Role.REVIEWER, Role.LEAD)
WRITE = declare_right("write-wording", Role.REVIEWER, Role.LEAD, Role.ADMIN)
MOST_READERS = 2
"""People who have to approve a text that speaks of illness or care."""


def require_may_approve(session: Session, account: UserAccount) -> tuple[Actor, int | None]:
    """Who acts under the role used, and the practice that role is had in, if it is one.

    That it is this person, a page knows by its session, and in live a command by a code of their app.

    :raises Refused: `not-allowed`.
    """
    actor, code = require_anywhere(session, actor_of(account), APPROVE)
    return actor, _practice_id(session, code)


def require_may_write(session: Session, actor: Actor) -> tuple[Actor, int | None]:
    """Who writes a draft, as above; the console may. :raises Refused: `not-allowed`."""
    actor, code = require_anywhere(session, actor, WRITE)
    return actor, _practice_id(session, code)


def _practice_id(session: Session, code: str | None) -> int | None:
    return session.exec(select(Practice.id).where(Practice.code == code)).first()


def readers_needed(key: str) -> int:
    """How many people have to approve a wording of a text."""
    return MOST_READERS if catalogue()[key].clinical else 1


def require_known(keys: Sequence[str], tag: str) -> None:
    """:raises Refused: a language that has no texts, or a text that is none of the catalogue."""
    if tag not in ALL_LANGUAGES:
        raise Refused("unknown-language", f"There are no texts in the language {tag}.", by_command="texts list")
    unknown = [key for key in keys if key not in catalogue()]
    if unknown:
        raise Refused("unknown-text", f"There is no text {', '.join(unknown)}.", by_command="texts list")


def subject_of(key: str, tag: str) -> str:
    """A wording as the audit trail names it."""
    return f"wording:{key}:{tag}"


def subject_of_word(proposal: WordProposal) -> str:
    """A proposed word as the audit trail names it, by its number and language."""
    return f"word:{proposal.id}:{proposal.language}"
