"""What a phone says that texts a poster's code: is it their own, when were they born, and the time is booked for it.

A birthday decides nothing: whatever it is, the same is said and the same is done. Danger and a stop come before all.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import select

from bot.appointments.by_text.telling import tell_booked
from bot.appointments.joint.booking import book_in
from bot.appointments.joint.finding import Wish, find_times
from bot.appointments.youth.codes import IMPOSSIBLE, Birthday, read_birthday, read_poster_code
from bot.appointments.youth.posters import time_of
from bot.appointments.youth.starts import (
    STARTS_A_DAY,
    WAITS,
    WAITS_FOR,
    about_start,
    end_waiting,
    lock_start,
    newest_start,
    starts_lately,
    visits_of_phone,
    who_may_it_be,
)
from bot.attention.items import ask_a_person
from bot.audit import PERSON
from bot.clock import LONDON, utc_now
from bot.conversations.exchange import Exchange, acknowledge, say
from bot.refusals import Refused
from bot.rows import insert_row, update_row
from bot.tables.appointments import Clinic, Poster, PosterStage, PosterStart, Visit
from bot.tables.messaging import Message
from bot.tables.organisations import Practice
from bot.understanding.questions import QuestionKind
from bot.understanding.reading import read_reply

TOO_OFTEN, NOT_READ = "poster-too-often", "poster-not-read"
REASONS: Mapping[str, str] = {
    TOO_OFTEN: "This phone has texted a poster's code several times today. Nothing more was booked. Phone it.",
    NOT_READ: "Somebody texted a poster's code, and we could not read what came after it. Nothing was booked.",
}
OWN_PHONE, BIRTHDAY = "poster-own-phone", "poster-birthday"
NOT_OWN_PHONE, TIME_GONE = "poster-not-own-phone", "poster-time-gone"
AGAIN_WITHIN = timedelta(minutes=2)
"""A code that comes again within that time was sent twice."""
_ASKED_AT_MOST = 2
_IS_IT_THEIRS = QuestionKind("own-phone")
_SOMETHING_ELSE = ("language", "wrong_number", "call_me", "help")
"""Wishes that are seen to as they always are."""


def take_poster_text(exchange: Exchange) -> bool:
    """Whether a text begins with a poster's code, or answers what was asked after one, and is dealt with.

    Whoever's record has the phone, the record has no part in it.
    """
    session, phone = exchange.session, exchange.message.phone
    wanted = read_poster_code(exchange.message.body)
    poster = session.get(Poster, wanted.code) if wanted else None
    if wanted and poster:
        _begin(of_nobody(exchange, poster), poster, wanted.number)
        return True
    start = newest_start(session, exchange.message.sender_id, phone)
    if start is None:
        return False
    if start.stage in WAITS and _is_what_they_answer(exchange, start):
        return _go_on(exchange, lock_start(session, start))
    return False


def of_nobody(exchange: Exchange, of: Poster | PosterStart) -> Exchange:
    """The text as one of a phone alone, to the practice of the poster."""
    message = exchange.message
    message.practice_id, message.patient_id = of.practice_id, None
    exchange.session.add(message)
    practice = exchange.session.get_one(Practice, of.practice_id)
    return replace(exchange, practice=practice, patient=None, people=(), asked=None)


def _is_what_they_answer(exchange: Exchange, start: PosterStart) -> bool:
    """Whether nothing newer was asked on the phone, and the answer comes in time."""
    asked_at = start.answered_at or start.at
    newer = exchange.question is not None and (exchange.question.opened_at or exchange.now) > asked_at
    return not newer and exchange.now < asked_at + WAITS_FOR


def _begin(exchange: Exchange, poster: Poster, number: int | None) -> None:
    session, phone = exchange.session, exchange.message.phone
    sender_id = exchange.practice.sender_id if exchange.practice else exchange.message.sender_id
    before = newest_start(session, sender_id, phone)
    if before and before.poster_code == poster.code and _was_sent_twice(exchange, before, number):
        return
    if starts_lately(session, phone, exchange.now) >= STARTS_A_DAY:
        ask_a_person(session, exchange.message, TOO_OFTEN)
        acknowledge(exchange)
        return
    end_waiting(session, sender_id, phone)
    starts = time_of(session, poster, number)
    coming = visits_of_phone(session, phone, exchange.now)
    theirs = next((visit for visit in coming if visit.starts == starts), None)
    free = theirs is None and _is_free(exchange, poster, starts)
    stage = PosterStage.BOOKED if theirs else PosterStage.OWN_PHONE if free else PosterStage.GONE
    start = insert_row(
        session,
        PosterStart,
        poster_code=poster.code,
        number=number or 0,
        practice_id=poster.practice_id,
        sender_id=sender_id,
        phone=phone,
        stage=stage,
        visit_id=theirs.id if theirs else None,
        at=exchange.now,
    )
    if theirs:
        tell_booked(session, exchange.settings, theirs, exchange=exchange)
    else:
        _say(exchange, start, OWN_PHONE if free else TIME_GONE)


def _say(exchange: Exchange, start: PosterStart, key: str) -> None:
    """Starts are few a day, so what is said of them needs no other limit."""
    say(exchange, key, subject=about_start(start), limited=False)


def _was_sent_twice(exchange: Exchange, before: PosterStart, number: int | None) -> bool:
    """The first of the two is answered; nothing is asked or counted again."""
    return before.number == (number or 0) and exchange.now - before.at < AGAIN_WITHIN


def _is_free(exchange: Exchange, poster: Poster, starts: datetime | None) -> bool:
    if starts is None or poster.ended_at is not None:
        return False
    wish = Wish(None, exchange.session.get_one(Clinic, poster.clinic_id), phone=exchange.message.phone)
    return bool(find_times(exchange.session, wish, utc_now(), limit=1, only_starts=[starts]).times)


def _go_on(exchange: Exchange, start: PosterStart) -> bool:
    reading = read_reply(exchange.message.body, exchange.reading.language, _IS_IT_THEIRS)
    if start.stage not in WAITS:
        return True  # its twin was quicker, and is answered
    if reading.intent in _SOMETHING_ELSE:
        return False
    answered = of_nobody(exchange, start)
    if start.stage == PosterStage.BIRTHDAY:
        _take_birthday(answered, start, says_no=reading.intent in ("no", "cancel"))
    elif reading.intent == "yes":
        _ask_birthday(answered, start)
    elif reading.intent in ("no", "cancel"):
        _close(answered, start, PosterStage.NOT_THEIRS)
        _say(answered, start, NOT_OWN_PHONE)
    else:
        _ask_again(answered, start, OWN_PHONE)
    return True


def _ask_birthday(exchange: Exchange, start: PosterStart) -> None:
    update_row(exchange.session, start, stage=PosterStage.BIRTHDAY, answered_at=exchange.now)
    _say(exchange, start, BIRTHDAY)


def _take_birthday(exchange: Exchange, start: PosterStart, *, says_no: bool) -> None:
    """Book the time. Who does not say a day is asked once more; a birthday is a help, and no condition."""
    birthday = read_birthday(exchange.message.body)
    if birthday is not None:
        _book(exchange, start, birthday)
    elif _came_too_soon(exchange, start):
        return
    elif says_no:
        _leave_to_staff(exchange, start)
    elif _times_asked(exchange, start, BIRTHDAY) < _ASKED_AT_MOST:
        _say(exchange, start, BIRTHDAY)
    else:
        _book(exchange, start, IMPOSSIBLE)


def _came_too_soon(exchange: Exchange, start: PosterStart) -> bool:
    """A second "1" right after the first answers what was asked before."""
    asked = start.answered_at or start.at
    return exchange.now - asked < timedelta(seconds=exchange.settings.question_read_after)


def _ask_again(exchange: Exchange, start: PosterStart, key: str) -> None:
    if _times_asked(exchange, start, key) < _ASKED_AT_MOST:
        _say(exchange, start, key)
    else:
        _leave_to_staff(exchange, start)


def _leave_to_staff(exchange: Exchange, start: PosterStart) -> None:
    _close(exchange, start, PosterStage.ENDED)
    ask_a_person(exchange.session, exchange.message, NOT_READ, subject=about_start(start))
    acknowledge(exchange)


def _times_asked(exchange: Exchange, start: PosterStart, key: str) -> int:
    subject = about_start(start)
    asked = select(func.count()).where(
        Message.text_key == key, Message.subject_kind == subject.kind, Message.subject_id == subject.id
    )
    return exchange.session.scalar(asked) or 0


def _close(exchange: Exchange, start: PosterStart, stage: PosterStage) -> None:
    update_row(exchange.session, start, stage=stage, answered_at=exchange.now)


def _book(exchange: Exchange, start: PosterStart, birthday: Birthday) -> None:
    """Book the time for the phone; whoever claims it first has it."""
    session = exchange.session
    today = exchange.now.astimezone(LONDON).date()
    may_be = who_may_it_be(session, start.practice_id, birthday, today)
    visit = _claim(exchange, start)
    update_row(
        session,
        start,
        stage=PosterStage.BOOKED if visit else PosterStage.GONE,
        visit_id=visit.id if visit else None,
        may_be_id=may_be if visit else None,
        answered_at=exchange.now,
    )
    if visit is None:
        _say(exchange, start, TIME_GONE)


def _claim(exchange: Exchange, start: PosterStart) -> Visit | None:
    session = exchange.session
    poster = session.get_one(Poster, start.poster_code)
    starts = time_of(session, poster, start.number or None)
    if starts is None or poster.ended_at is not None:
        return None
    wish = Wish(None, session.get_one(Clinic, poster.clinic_id), phone=start.phone)
    try:
        return book_in(session, exchange.settings, wish, starts, PERSON, exchange=exchange)
    except Refused:
        return None
