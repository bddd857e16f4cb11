"""What people write about visits outside any question, or too late for one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from bot.appointments.by_text.campaign_offers import LONGER, may_be_longer
from bot.appointments.by_text.offering import CHOOSES_A_TIME, give_back, offer_times, offers_of, wish_of_offer
from bot.appointments.by_text.questions import (
    OTHER_PAGE,
    ask_what_they_want,
    ask_which,
    is_soon,
    phone_them,
    still_to_come,
)
from bot.appointments.joint.finding import Wish
from bot.appointments.subject import VISIT, about
from bot.appointments.visits import coming_visits
from bot.attention.items import ask_a_person
from bot.conversations.dialogue import leave_to_a_person
from bot.conversations.exchange import Exchange, ReplyKind
from bot.conversations.safety import stop_texting
from bot.patients.eligibility import why_not
from bot.refusals import Refused
from bot.tables.appointments import Clinic, ClinicPurpose, Offer, Visit, VisitState
from bot.tables.attention import InboxItem
from bot.tables.messaging import Kind, OpenQuestion, QuestionState
from bot.tables.patients import OptOutScope, Patient
from bot.understanding.questions import PHONE_ME
from bot.understanding.reading import Reading
from bot.wording.composing import ENGLISH

CANCEL_OR_STOP = "cancel-or-stop"
REASONS: Mapping[str, str] = {
    CANCEL_OR_STOP: (
        "The person texted a word that stops our texts and may also mean their appointment, which stays booked. "
        "Phone them, as no text can go."
    ),
}
_SOON = timedelta(hours=24)
_STILL_ANSWERED = timedelta(days=7)
"""How long after an offer has run out its answer gets new times."""
_MOST_CLINICS = 5


def cancel(exchange: Exchange) -> None:
    """They want no visit, or cannot come: they are asked what they want. Without a visit a person reads it."""
    ask_which(exchange, "cancel")


def change(exchange: Exchange) -> None:
    """They want a visit at another time. Without a visit a person reads it."""
    ask_which(exchange, "change")


def book(exchange: Exchange) -> None:
    """They want a visit: times of a general clinic of the practice, if it has any; else a person reads it.

    So does one of whom no language is recorded and who seems to write another than English: that is asked first.
    """
    patient = exchange.patient
    read = patient is not None and (patient.language or exchange.written_in == ENGLISH)
    offered = patient and read and _may_book(exchange, patient) and _offer_general(exchange, patient)
    if not offered:
        leave_to_a_person(exchange)


def _may_book(exchange: Exchange, patient: Patient) -> bool:
    """Whether the phone is their own, what we answer can go, and they have nothing to come that they may mean."""
    whom = (patient.practice_id, exchange.message.phone, patient.id)
    if any(why_not(exchange.session, kind, *whom) for kind in (Kind.NOTICE, Kind.QUESTION)):
        return False
    return not coming_visits(exchange.session, patient.id or 0, exchange.now)


def _offer_general(exchange: Exchange, patient: Patient) -> bool:
    general = (
        select(Clinic)
        .where(Clinic.practice_id == patient.practice_id, Clinic.purpose == ClinicPurpose.GENERAL)
        .order_by(col(Clinic.id))
        .limit(_MOST_CLINICS)
    )
    clinics = exchange.session.exec(general).all()
    wishes = (Wish(patient, clinic) for clinic in clinics)
    return any(offer_times(exchange.session, exchange.settings, wish, exchange=exchange) for wish in wishes)


def cancel_or_stop(exchange: Exchange, answered: bool) -> bool:
    """A word that stops texts and gives up appointments, from somebody who has one to come.

    Where the network has blocked us it is a stop of every text, the visit stays, and staff phone. Else the person is
    asked, and no stop is recorded. Of a phone that several share, nobody knows whose visit it is.

    :return: whether it was seen to.
    """
    visits = _visits_meant(exchange)
    if not visits:
        return False
    if exchange.patient is not None and not answered:
        ask_which(exchange, "cancel")
        return True
    stop_texting(exchange, answered=answered, scope=OptOutScope.ALL if answered else None)
    pressing = any(is_soon_enough_to_press(visit, exchange.now) for visit in visits)
    ask_a_person(
        exchange.session, exchange.message, CANCEL_OR_STOP, "red" if pressing else None, subject=about(visits[0])
    )
    return True


def is_soon_enough_to_press(visit: Visit, now: datetime) -> bool:
    """Whether a visit begins so soon that a stop that may mean it has to be looked at first."""
    return visit.starts <= now + _SOON


def is_such_a_word_alone(reading: Reading) -> bool:
    """Whether a reply says no more than a word that stops texts and gives up appointments."""
    alone = reading.rule == "network-word" or reading.rule.startswith("stop-word")
    return reading.may_cancel and alone and not reading.urgent and not reading.bereaved


def _visits_meant(exchange: Exchange) -> list[Visit]:
    """Visits to come of everybody who has the phone, where nothing but such a word was said."""
    if not is_such_a_word_alone(exchange.reading):
        return []
    ids = [person.id for person in exchange.people]
    coming = select(Visit).where(
        col(Visit.patient_id).in_(ids), Visit.state == VisitState.BOOKED, col(Visit.starts) > exchange.now
    )
    return list(exchange.session.exec(coming.order_by(col(Visit.starts), col(Visit.id)))) if ids else []


def give_back_when_pressing(exchange: Exchange, kind: ReplyKind) -> None:
    """Danger and a stop come before any offer: what was held for the person is anybody's."""
    if kind != "other":
        for person in exchange.people:
            give_back(exchange.session, person.id or 0)


def press_before_a_visit(exchange: Exchange, kind: ReplyKind) -> None:
    """Whatever somebody writes shortly before their visit ("10 min late") may be about it, and is read first."""
    if kind != "other" or exchange.patient is None:
        return
    coming = coming_visits(exchange.session, exchange.patient.id or 0, exchange.now)
    if not coming or not is_soon(coming[0], exchange.now):
        return
    its = update(InboxItem).where(col(InboxItem.message_id) == exchange.message.id, col(InboxItem.urgency).is_(None))
    subject = about(coming[0])
    exchange.session.flush()
    exchange.session.execute(its.values(urgency="amber", subject_kind=subject.kind, subject_id=subject.id))


def answer_old_offer(exchange: Exchange) -> bool:
    """A number that answers an offer which ran out lately gets new times, if nothing newer was asked."""
    reading = exchange.reading
    number = reading.matched if reading.rule == "number-without-question" else ""
    last = last_question(exchange)
    if number not in ("1", "2", "3", "4", "5", "6") or last is None or last.kind != CHOOSES_A_TIME:
        return False
    if last.expires_at is None or not last.expires_at <= exchange.now < last.expires_at + _STILL_ANSWERED:
        return False
    offers = offers_of(exchange.session, last.message_id)
    if not offers:
        return False
    if int(number) == PHONE_ME:
        visit = exchange.session.get(Visit, last.subject_id) if last.subject_kind == VISIT else None
        phone_them(exchange, visit)
        return True
    return _offer_anew(exchange, offers[0], int(number))


def change_their_mind(exchange: Exchange) -> bool:
    """A 2 or a 5 from who has said that they come, and was asked nothing since: it is about that visit still."""
    number = exchange.reading.matched if exchange.reading.rule == "number-without-question" else ""
    last = last_question(exchange, QuestionState.ANSWERED)
    if number not in ("2", "5") or last is None or last.kind != VISIT or last.subject_kind != VISIT:
        return False
    visit = still_to_come(exchange, last.subject_id)
    if visit is None:
        return False
    what_follows = phone_them if number == "5" else ask_what_they_want
    what_follows(exchange, visit)
    return True


def last_question(exchange: Exchange, *states: QuestionState) -> OpenQuestion | None:
    """What was asked last on the phone, if it stands so; of no state: if it ran out without an answer."""
    asked = select(OpenQuestion).where(
        OpenQuestion.sender_id == exchange.message.sender_id,
        OpenQuestion.phone == exchange.message.phone,
        col(OpenQuestion.opened_at).is_not(None),
    )
    last = exchange.session.exec(asked.order_by(col(OpenQuestion.id).desc()).limit(1)).first()
    stands = last is not None and last.state in (states or (QuestionState.OPEN, QuestionState.EXPIRED))
    theirs = last is not None and exchange.patient is not None and last.patient_id == exchange.patient.id
    return last if stands and theirs else None


def _offer_anew(exchange: Exchange, offer: Offer, number: int) -> bool:
    try:
        wish = wish_of_offer(exchange.session, offer)
    except Refused:
        return False
    moving = wish.moving
    if moving is not None and (moving.state != VisitState.BOOKED or moving.starts <= exchange.now):
        return False
    longer = number == LONGER and may_be_longer(wish)
    gone = number not in (OTHER_PAGE, LONGER)
    anew = replace(wish, longer=wish.longer or longer)
    return offer_times(exchange.session, exchange.settings, anew, exchange=exchange, gone=gone) is not None
