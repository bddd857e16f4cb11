"""The demo has words that wait: the administrator proposed them, and whoever plays the lead decides."""

from collections.abc import Sequence
from contextlib import suppress

from sqlmodel import select

from bot.accounts.demo import DemoAccount
from bot.database import Database
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.wording import WordProposal
from bot.understanding.added import DANGER, REPLIES
from bot.wording.words.proposing import propose_word

_PROPOSED = (
    ("ur", DANGER, "fever", "hararat"),
    ("ur", DANGER, "dizzy", "ghashi"),
    ("ur", REPLIES, "cancel", "multavi"),
    ("pl", REPLIES, "cancel", "odpuszcz"),
)


def propose_words(db: Database, _settings: Settings, _practice: str, people: Sequence[DemoAccount]) -> None:
    """Propose a few words in the administrator's name. Again it changes nothing; what the lists have is left out."""
    with db.read() as session:
        known = session.exec(select(WordProposal.id).limit(1)).first()
    proposer = next((one.account for one in people if one.role == Role.ADMIN), None)
    if known is not None or proposer is None:
        return
    for tag, lists, concept, word in _PROPOSED:
        with suppress(Refused):
            propose_word(db, tag, lists, concept, word, proposer, whole=False)
