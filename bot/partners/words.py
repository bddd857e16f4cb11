"""What a referral's person told us, text by text, with the English a machine makes of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor
from bot.database import Database
from bot.gists.asking import Heard, ask_for_gists, ask_for_missing_gists
from bot.gists.reporting import REPORT_GISTS, lock_gist, note_report
from bot.gists.showing import Gist, Reader, gists_of
from bot.refusals import Refused
from bot.rows import insert_many
from bot.settings import Settings
from bot.tables.conversations import ReplyReading
from bot.tables.messaging import Message
from bot.tables.organisations import Partner
from bot.tables.partners import HOLDING_A_PLACE, Referral, ReferralText
from bot.tables.patients import Patient


@dataclass(frozen=True)
class Said:
    """One text of the person, the language it was read in, and what stands under it."""

    message: Message
    language: str | None
    gist: Gist | None


def keep_words(session: Session, settings: Settings, referral: Referral, texts: Sequence[Message]) -> None:
    """Keep which texts a new referral's words are, and have their English made for the partner."""
    if not texts:
        return
    keys = [{"referral_id": referral.id, "message_id": text.id} for text in texts]
    insert_many(session, ReferralText, keys)
    ask_for_gists(session, settings, heard_of(session, referral))


def heard_of(session: Session, referral: Referral) -> list[Heard]:
    """The texts of a referral's person, the oldest first."""
    recorded = session.get_one(Patient, referral.patient_id).language
    statement = (
        select(Message, ReplyReading)
        .join(ReferralText, col(ReferralText.message_id) == col(Message.id))
        .outerjoin(ReplyReading, col(ReplyReading.message_id) == col(Message.id))
        .where(ReferralText.referral_id == referral.id)
        .order_by(col(Message.id))
    )
    return [Heard(message, reading, recorded) for message, reading in session.exec(statement)]


def said_in(session: Session, settings: Settings, referral: Referral, user_id: int) -> list[Said]:
    """What the person told us, for somebody of the partner; nothing once the words of a text were erased.

    What the referral itself keeps of them is then all there is.
    """
    heard = heard_of(session, referral) if referral.state in HOLDING_A_PLACE else []
    if any(one.message.erased_at for one in heard):
        return []
    gists = gists_of(session, settings, heard, Reader(referral.practice_id, user_id))
    return [Said(one.message, one.written.language, gists.get(one.message.id or 0)) for one in heard]


def ask_for_english(db: Database, settings: Settings, partner_id: int, code: str) -> None:
    """Have the English made that somebody of the partner misses, who looks at one of its referrals."""
    with db.read() as session:
        referral = _open(session, partner_id, code)
        heard = heard_of(session, referral) if referral else []
    ask_for_missing_gists(db, settings, heard)


def report_gist_of_referral(
    db: Database, partner_id: int, code: str, translation_id: int, actor: Actor, *, wrong: bool = True
) -> None:
    """Somebody of the partner says that the English of what the person wrote is wrong, or takes that back.

    :raises Refused: `unknown-gist`, it is not among the words of an open referral of theirs; `not-allowed`.
    """
    with db.write() as session:
        actor = require(session, actor, REPORT_GISTS, session.get_one(Partner, partner_id))
        translation, referral = lock_gist(session, translation_id), _open(session, partner_id, code)
        if referral is None or session.get(ReferralText, (referral.id, translation.message_id)) is None:
            raise Refused("unknown-gist", "This English is not among the words of a referral you have open.")
        note_report(session, translation, referral.practice_id, actor, wrong=wrong)


def _open(session: Session, partner_id: int, code: str) -> Referral | None:
    own = (Referral.partner_id == partner_id, Referral.code == code, col(Referral.state).in_(HOLDING_A_PLACE))
    return session.exec(select(Referral).where(*own)).first()
