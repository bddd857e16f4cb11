"""What texts about visits ask, and what follows each answer. Nothing is given up by silence, or by a doubtful word."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.appointments.by_text.campaign_offers import LONGER, may_be_longer
from bot.appointments.by_text.offering import (
    CHOOSES_A_TIME,
    MOST_PAGES,
    give_back,
    offer_times,
    offered_before,
    offers_of,
    take_offer,
    wish_of_offer,
)
from bot.appointments.by_text.reminders import ASKS_FOR_A_NEW_TIME
from bot.appointments.by_text.telling import visit_values
from bot.appointments.joint.finding import Wish
from bot.appointments.joint.giving_up import give_up_in
from bot.appointments.joint.moving import wish_of_visit
from bot.appointments.own_book.own_system import ask_to_take_out
from bot.appointments.subject import VISIT, about
from bot.appointments.visits import coming_visits
from bot.attention.items import ask_a_person
from bot.audit import PERSON
from bot.clock import LONDON
from bot.conversations.dialogue import leave_to_a_person
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.messaging.questions import Question, close_question
from bot.refusals import Refused
from bot.tables.appointments import Clinic, Offer, Visit, VisitKind, VisitState
from bot.tables.messaging import Kind, OpenQuestion
from bot.texts.catalogue import Times
from bot.understanding.questions import PHONE_ME, QUESTIONS

CANNOT_COME, WHICH_VISIT = "cannot-come", "which-visit"
OTHER_TIMES, NOT_NEEDED = 1, 2
"""What numbers say to `cannot-come`."""
OTHER_PAGE = 4
"""What says "other times" in a list of times, however many it has."""
MOST_LISTED = 4
"""Visits in a list: 5 asks for a call there too."""
NO_TIME_SUITS = "no-time-suits"
REASONS: Mapping[str, str] = {
    NO_TIME_SUITS: "No free time suited the person. They were told that you phone them.",
}
_SOON = timedelta(hours=2)
_LONGEST_AHEAD = timedelta(days=366)
TIME_IS_GONE = frozenset({"taken", "past", "too-late", "nothing-free", "not-suited"})
"""Refusals after which another time may still do."""


def say_they_come(exchange: Exchange, question: OpenQuestion) -> None:
    """They will come: nothing changes, and they are thanked, unless the time has to be another one."""
    visit = visit_asked_about(exchange, question)
    if visit is None:
        return
    if visit.to_move_since is not None:
        leave_to_a_person(exchange)
        return
    say(exchange, "visit-thanks", visit_values(exchange.session, visit, "visit-thanks"), subject=about(visit))


def say_they_cannot(exchange: Exchange, question: OpenQuestion) -> None:
    """They cannot come: they are asked what they want, and the visit stays until they say."""
    visit = visit_asked_about(exchange, question)
    if visit is not None:
        ask_what_they_want(exchange, visit)


def ask_what_they_want(exchange: Exchange, visit: Visit) -> None:
    """Other times, or do they not need the visit? One of the practice's own book is staff's to take out there."""
    give_back(exchange.session, visit.patient_id or 0)
    if visit.kind == VisitKind.EXTERNAL:
        ask_to_take_out(exchange.session, visit)
        acknowledge(exchange)
        return
    key = "visit-cannot-come"
    asked = say(
        exchange,
        key,
        visit_values(exchange.session, visit, key),
        question=CANNOT_COME,
        subject=about(visit),
        sequence=visit.sequence,
    )
    if asked is None:
        ask_a_person(exchange.session, exchange.message, "cancel", subject=about(visit))


def say_what_they_want(exchange: Exchange, question: OpenQuestion) -> None:
    """Other times, no visit at all, or a call."""
    visit = visit_asked_about(exchange, question)
    if visit is None:
        return
    if exchange.reading.choice == NOT_NEEDED:
        _give_up(exchange, visit)
    elif exchange.reading.choice == OTHER_TIMES:
        offer_other_times(exchange, visit)
    else:
        phone_them(exchange, visit)


def _give_up(exchange: Exchange, visit: Visit) -> None:
    try:
        give_up_in(exchange.session, exchange.settings, visit, "person", None, PERSON, exchange=exchange)
    except Refused:
        ask_a_person(exchange.session, exchange.message, "cancel", subject=about(visit))
        acknowledge(exchange)


def ask_for_other_times(exchange: Exchange, question: OpenQuestion) -> None:
    """They want the visit at another time."""
    visit = visit_asked_about(exchange, question)
    if visit is not None:
        offer_other_times(exchange, visit)


def offer_other_times(exchange: Exchange, visit: Visit, *, leaving_out: Collection[datetime] = ()) -> None:
    """Times to which a visit can be moved; it stays as it is until one is taken.

    :param leaving_out: starts that are not wanted.
    """
    try:
        wish = wish_of_visit(exchange.session, visit)
    except Refused:
        _leave_change_to_staff(exchange, visit)
        return
    _offer(exchange, wish, visit=visit, leaving_out=leaving_out)


def _leave_change_to_staff(exchange: Exchange, visit: Visit) -> None:
    ask_a_person(exchange.session, exchange.message, "change", subject=about(visit))
    acknowledge(exchange)


def _offer(
    exchange: Exchange,
    wish: Wish,
    *,
    visit: Visit | None = None,
    page: int = 1,
    gone: bool = False,
    leaving_out: Collection[datetime] = (),
) -> None:
    """Offer times; where none suits, or after some pages, staff phone, and the person hears so."""
    offered = page <= MOST_PAGES and offer_times(
        exchange.session, exchange.settings, wish, exchange=exchange, page=page, gone=gone, leaving_out=leaving_out
    )
    if not offered:
        give_back(exchange.session, wish.patient_id)
        ask_a_person(exchange.session, exchange.message, NO_TIME_SUITS, subject=about(visit) if visit else None)
        say(exchange, "visit-no-times")


def choose_time(exchange: Exchange, question: OpenQuestion) -> None:
    """One of the times, others, a longer visit, or a call. A number that was not among them gets the list again."""
    offers = offers_of(exchange.session, question.message_id)
    chosen = next((offer for offer in offers if offer.number == exchange.reading.choice), None)
    if not offers:
        leave_to_a_person(exchange)
    elif exchange.reading.choice == PHONE_ME:
        ask_for_a_call(exchange, question)
    elif exchange.reading.choice == OTHER_PAGE:
        ask_for_another_page(exchange, question)
    elif chosen is not None:
        close_question(exchange.session, question, exchange.now)
        _take(exchange, chosen, offers)
    else:
        close_question(exchange.session, question, exchange.now)
        if exchange.reading.choice != LONGER or not _offer_longer(exchange, offers):
            show_again(exchange, offers)


def _offer_longer(exchange: Exchange, offers: Sequence[Offer]) -> bool:
    """Times for a longer visit, anew; whether that may be asked for here. Nobody asks why."""
    wish = _wish(exchange, offers[0])
    if wish is not None and not may_be_longer(wish):
        return False
    if wish is not None:
        _offer(exchange, replace(wish, longer=True))
    return True


def show_again(exchange: Exchange, offers: Sequence[Offer]) -> None:
    """The same times once more, as far as they are free, and held anew."""
    wish = _wish(exchange, offers[0])
    shown = [offer.starts for offer in offers]
    page = offers[0].round
    if wish and not offer_times(exchange.session, exchange.settings, wish, exchange=exchange, page=page, only=shown):
        _offer_more(exchange, offers[0], gone=True)


def _take(exchange: Exchange, offer: Offer, offers: Sequence[Offer]) -> None:
    try:
        take_offer(exchange.session, exchange.settings, offer, exchange)
    except Refused as refused:
        if refused.code in TIME_IS_GONE:
            _offer_more(exchange, offers[0], gone=True)
        else:
            _leave_offer_to_staff(exchange, offer)


def _offer_more(exchange: Exchange, offer: Offer, *, gone: bool) -> None:
    """Times that this conversation has not shown. One that has just gone costs nobody a page."""
    wish = _wish(exchange, offer)
    if wish is not None:
        page = offer.round if gone else offer.round + 1
        shown = offered_before(exchange.session, offer)
        _offer(exchange, wish, visit=wish.moving, page=page, gone=gone, leaving_out=shown)


def _wish(exchange: Exchange, offer: Offer) -> Wish | None:
    """What is still wanted by an offer; None where staff have to see to it."""
    try:
        wish = wish_of_offer(exchange.session, offer)
    except Refused:
        wish = None
    if wish and wish.moving and (wish.moving.state != VisitState.BOOKED or wish.moving.starts <= exchange.now):
        wish = None
    if wish is None:
        _leave_offer_to_staff(exchange, offer)
    return wish


def _leave_offer_to_staff(exchange: Exchange, offer: Offer) -> None:
    visit = exchange.session.get(Visit, offer.moves_visit_id) if offer.moves_visit_id else None
    reason = "change" if visit else "book"
    ask_a_person(exchange.session, exchange.message, reason, subject=about(visit) if visit else None)
    acknowledge(exchange)


def ask_for_another_page(exchange: Exchange, question: OpenQuestion) -> None:
    """None of the times suits: others, none of them seen before."""
    close_question(exchange.session, question, exchange.now)
    offers = offers_of(exchange.session, question.message_id)
    if offers:
        _offer_more(exchange, offers[0], gone=False)
    else:
        leave_to_a_person(exchange)


def ask_for_a_call(exchange: Exchange, question: OpenQuestion) -> None:
    """They want to be phoned: staff see it, what was held for them is anybody's, and a visit stays."""
    close_question(exchange.session, question, exchange.now)
    visit = exchange.session.get(Visit, question.subject_id) if question.subject_kind == VISIT else None
    phone_them(exchange, visit)


def phone_them(exchange: Exchange, visit: Visit | None) -> None:
    """Staff phone the person, who hears that somebody reads what they wrote."""
    if exchange.patient is not None:
        give_back(exchange.session, exchange.patient.id or 0)
    urgency = "amber" if visit and is_soon(visit, exchange.now) else None
    ask_a_person(exchange.session, exchange.message, "call-me", urgency, subject=about(visit) if visit else None)
    acknowledge(exchange)


def is_soon(visit: Visit, now: datetime) -> bool:
    """Whether a visit begins so soon that what its person writes cannot wait."""
    return now < visit.starts <= now + _SOON


def want_new_time(exchange: Exchange, question: OpenQuestion) -> None:
    """Who did not come wants another time: of the same clinic, where it is one of ours."""
    close_question(exchange.session, question, exchange.now)
    missed = exchange.session.get(Visit, question.subject_id)
    clinic = exchange.session.get(Clinic, missed.clinic_id) if missed and missed.clinic_id else None
    if missed is None or clinic is None or exchange.patient is None:
        ask_a_person(exchange.session, exchange.message, "book")
        acknowledge(exchange)
        return
    wish = Wish(
        exchange.patient,
        clinic,
        missed.clinician_sex,
        missed.interpreter_sex,
        missed.longer,
        campaign_id=missed.campaign_id,
    )
    _offer(exchange, wish)


def want_no_new_time(exchange: Exchange, question: OpenQuestion) -> None:
    """No is no, and nobody asks again."""
    close_question(exchange.session, question, exchange.now)


Meant = Callable[[Exchange, Visit], None]
"""What is done about the visit that a person means."""
_WISHES: Mapping[str, Meant] = {"cancel": ask_what_they_want, "change": offer_other_times}


def choose_visit(exchange: Exchange, question: OpenQuestion) -> None:
    """Which of several visits they meant: what they wished goes on with that one."""
    wish, *ids = (question.detail or "").split()
    at = (exchange.reading.choice or 0) - 1
    if exchange.reading.choice == PHONE_ME or wish not in _WISHES:
        ask_for_a_call(exchange, question)
        return
    close_question(exchange.session, question, exchange.now)
    visit = still_to_come(exchange, int(ids[at])) if 0 <= at < len(ids) else None
    if visit is None:
        ask_which(exchange, wish)
    else:
        _WISHES[wish](exchange, visit)


def ask_which(exchange: Exchange, wish: str) -> None:
    """Do what is wished with the visit that is meant: the one asked about, or the only one; else ask which."""
    if exchange.patient is None:
        leave_to_a_person(exchange)
        return
    coming = coming_visits(exchange.session, exchange.patient.id or 0, exchange.now)
    meant = [visit for visit in coming if visit.id == _asked_about(exchange)] or coming
    if not meant:
        leave_to_a_person(exchange)
    elif len(meant) == 1:
        if exchange.question:
            close_question(exchange.session, exchange.question, exchange.now)
        _WISHES[wish](exchange, meant[0])
    else:
        _ask_which_of(exchange, wish, meant[:MOST_LISTED])


def _asked_about(exchange: Exchange) -> int | None:
    """The visit that is spoken of on the phone, if it is one."""
    question = exchange.question
    one = question is not None and question.subject_kind == VISIT and question.kind != WHICH_VISIT
    return question.subject_id if question and one else None


def _ask_which_of(exchange: Exchange, wish: str, visits: Sequence[Visit]) -> None:
    times: Times = tuple((number, visit.starts.astimezone(LONDON)) for number, visit in enumerate(visits, 1))
    detail = " ".join([wish, *(str(visit.id) for visit in visits)])
    asked = say(
        exchange,
        "visit-which",
        {"times": times},
        kind=Kind.QUESTION,
        question=WHICH_VISIT,
        subject=about(visits[0]),
        detail=detail,
    )
    if asked is None:
        ask_a_person(exchange.session, exchange.message, wish)


def visit_asked_about(exchange: Exchange, question: OpenQuestion) -> Visit | None:
    """The visit of a question that is answered now; None where it is over, and a person reads what they wrote."""
    close_question(exchange.session, question, exchange.now)
    visit = still_to_come(exchange, question.subject_id)
    if visit is None:
        leave_to_a_person(exchange)
    return visit


def still_to_come(exchange: Exchange, visit_id: int | None) -> Visit | None:
    """A visit of this person that is booked and has not begun."""
    visit = exchange.session.get(Visit, visit_id) if visit_id else None
    if visit is None or exchange.patient is None or visit.patient_id != exchange.patient.id:
        return None
    return visit if visit.state == VisitState.BOOKED and visit.starts > exchange.now else None


def starts_of(session: Session, visit_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When each of these visits starts: until then it can be said whether one comes."""
    starts = select(Visit.id, Visit.starts).where(col(Visit.id).in_(visit_ids))
    return {visit_id or 0: moment for visit_id, moment in session.exec(starts)}


def _numbers_of_list(question: OpenQuestion) -> Collection[int]:
    return [*range(1, len((question.detail or "").split())), PHONE_ME]


WHETHER_THEY_COME = Question(
    means=QUESTIONS["visit"],
    lasts=_LONGEST_AHEAD,
    answers={
        "yes": say_they_come,
        "no": say_they_cannot,
        "cancel": say_they_cannot,
        "change": ask_for_other_times,
        "choice": ask_for_a_call,
        "call_me": ask_for_a_call,
    },
    ends=starts_of,
)
WHAT_THEY_WANT = Question(
    means=QUESTIONS[CANNOT_COME],
    lasts=timedelta(hours=4),
    answers={"choice": say_what_they_want, "change": ask_for_other_times, "call_me": ask_for_a_call},
)
WHICH_OF_SEVERAL = Question(
    means=QUESTIONS[WHICH_VISIT],
    lasts=timedelta(hours=24),
    answers={"choice": choose_visit, "call_me": ask_for_a_call},
    offers=_numbers_of_list,
)
WHICH_TIME = Question(
    means=QUESTIONS[CHOOSES_A_TIME],
    lasts=timedelta(hours=24),
    answers={
        "choice": choose_time,
        "no": ask_for_another_page,
        "change": ask_for_another_page,
        "call_me": ask_for_a_call,
    },
)
NEW_TIME = Question(
    means=QUESTIONS[ASKS_FOR_A_NEW_TIME],
    lasts=timedelta(days=7),
    answers={
        "yes": want_new_time,
        "no": want_no_new_time,
        "book": want_new_time,
        "choice": ask_for_a_call,
        "call_me": ask_for_a_call,
    },
)
WHETHER_TO_TALK = Question(
    means=QUESTIONS["talk"],
    lasts=timedelta(days=14),
    answers={"choice": ask_for_a_call, "call_me": ask_for_a_call},
)
