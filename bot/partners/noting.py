"""What a partner's people note about a referral, for each other: "Called, no answer"."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.audit import Actor
from bot.clock import utc_now
from bot.database import Database
from bot.organisations.finding import lock_partner
from bot.partners.referring import partners_own, record_referral
from bot.refusals import Refused
from bot.tables.accounts import Role, UserAccount
from bot.tables.partners import HOLDING_A_PLACE, Referral, ReferralNote

NOTE = declare_right("note-referrals", Role.PARTNER)
NO_ANSWER = "Called, no answer"
LONGEST = 500
"""Characters of a note."""


@dataclass(frozen=True)
class Note:
    """A note as its partner reads it: `at` in UTC, `by` the name of the account."""

    words: str
    at: datetime
    by: str


def add_note(db: Database, partner_id: int, code: str, words: str, actor: Actor) -> ReferralNote:
    """Keep a note with a referral that holds a place.

    :raises Refused: no words, or too many; not the partner's own referral or people; the referral has ended.
    """
    words = words.strip()
    if not words:
        raise Refused("no-words", "Write what you want to remember, such as when you will call again.")
    if len(words) > LONGEST:
        raise Refused("too-long", f"A note has at most {LONGEST} characters; this one has {len(words)}.")
    with db.write() as session:
        actor = require(session, actor, NOTE, lock_partner(session, partner_id))
        referral = partners_own(session, partner_id, code)
        if referral.state not in HOLDING_A_PLACE:
            raise Refused("referral-moved-on", f"Referral {code} has ended. Nothing was noted.")
        note = ReferralNote(referral_id=referral.id or 0, user_id=actor.user_id, words=words, at=utc_now())
        session.add(note)
        record_referral(session, actor, "referral-noted", referral)
        return note


def notes_of(session: Session, referrals: Collection[Referral]) -> Mapping[int | None, Sequence[Note]]:
    """The notes of each of these referrals, by its id, the newest first."""
    statement = (
        select(ReferralNote, UserAccount)
        .outerjoin(UserAccount, col(UserAccount.id) == col(ReferralNote.user_id))
        .where(col(ReferralNote.referral_id).in_([referral.id for referral in referrals]))
        .order_by(col(ReferralNote.id).desc())
    )
    notes: dict[int | None, list[Note]] = defaultdict(list)
    for note, account in session.exec(statement):
        notes[note.referral_id].append(Note(note.words, note.at, _name(account)))
    return notes


def _name(account: UserAccount | None) -> str:
    return (account.name or account.email) if account else "the console"
