"""Whether a person's pharmacy may know which language they need: their record says so, or they are asked once.

They are asked after the first notice of a pharmacy that they have answered: by then they know who writes, and one who
wants to be phoned is understood. Their language has to be known, and another than English.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.conversations.exchange import Exchange, say
from bot.messaging.questions import Question, close_question
from bot.pharmacy.notices.subject import NOTICE, about
from bot.pharmacy.notices.wording import MAY_TELL, THANKS
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, TellPharmacy
from bot.understanding.questions import QuestionKind
from bot.wording.composing import ENGLISH

BY_TEXT, BY_RECORD = "text", "record"
"""Where it is known from: the person answered by text, or staff say that the practice's record has it."""


def may_tell(session: Session, patient_id: int, pharmacy_id: int | None) -> bool:
    """Whether a pharmacy may know which language a person needs: what was said last of it, or of all of them."""
    found = _said(session, patient_id, pharmacy_id)
    return found is not None and found.yes


def _said(session: Session, patient_id: int, pharmacy_id: int | None) -> TellPharmacy | None:
    of_it_or_all = or_(col(TellPharmacy.pharmacy_id).is_(None), col(TellPharmacy.pharmacy_id) == pharmacy_id)
    statement = select(TellPharmacy).where(TellPharmacy.patient_id == patient_id, of_it_or_all)
    newest = statement.order_by(col(TellPharmacy.said_at).desc(), col(TellPharmacy.id).desc()).limit(1)
    return session.exec(newest).first()


def note_may_tell(
    session: Session,
    patient_id: int,
    pharmacy_id: int | None,
    *,
    yes: bool,
    source: str,
    message_id: int | None = None,
    now: datetime,
) -> None:
    """Keep whether a pharmacy may know it; what was said last counts. The person is locked.

    :param pharmacy_id: None for every pharmacy, as the practice's record means it.
    :param source: `BY_TEXT` or `BY_RECORD`.
    """
    its = select(TellPharmacy).where(
        TellPharmacy.patient_id == patient_id, col(TellPharmacy.pharmacy_id).is_not_distinct_from(pharmacy_id)
    )
    before = session.exec(its).first()
    said = before or TellPharmacy(patient_id=patient_id, pharmacy_id=pharmacy_id, yes=yes, source=source, said_at=now)
    said.yes, said.source, said.message_id, said.said_at = yes, source, message_id, now
    session.add(said)
    session.flush()


def ask_whether_to_tell(exchange: Exchange, pharmacy: Pharmacy, notice: Notice) -> None:
    """Ask it with the answer to a notice, once for good, of those for whom it is not known of that pharmacy."""
    person = exchange.patient
    if person is None or person.language in (None, ENGLISH) or _known_or_asked(exchange.session, person, pharmacy):
        return
    say(exchange, MAY_TELL, {"pharmacy": pharmacy.name}, question=TELL.name, subject=about(notice))


def _known_or_asked(session: Session, person: Patient, pharmacy: Pharmacy) -> bool:
    if _said(session, person.id or 0, pharmacy.id) is not None:
        return True
    asked = (
        select(Message.id)
        .join(Notice, col(Notice.id) == col(Message.subject_id))
        .where(
            Message.patient_id == person.id,
            Message.text_key == MAY_TELL,
            Message.subject_kind == NOTICE,
            Notice.pharmacy_id == pharmacy.id,
        )
    )
    return session.exec(asked.limit(1)).first() is not None


def _take(exchange: Exchange, question: OpenQuestion, *, yes: bool) -> None:
    """The answer is about the pharmacy that the question named."""
    session = exchange.session
    close_question(session, question, exchange.now)
    session.exec(select(Patient.id).where(Patient.id == question.patient_id).with_for_update(key_share=True)).one()
    notice = session.get_one(Notice, question.subject_id)
    note_may_tell(
        session,
        question.patient_id,
        notice.pharmacy_id,
        yes=yes,
        source=BY_TEXT,
        message_id=exchange.message.id,
        now=exchange.now,
    )
    say(exchange, THANKS, {"pharmacy": session.get_one(Pharmacy, notice.pharmacy_id).name})


TELL = Question(
    means=QuestionKind(MAY_TELL),
    lasts=timedelta(days=7),
    answers={
        "yes": lambda exchange, question: _take(exchange, question, yes=True),
        "no": lambda exchange, question: _take(exchange, question, yes=False),
    },
)
