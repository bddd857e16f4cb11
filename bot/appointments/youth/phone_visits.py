"""What a phone writes that booked a time by a poster: staff see which time it may mean, and say nothing of anybody."""

from collections.abc import Mapping

from sqlalchemy import update
from sqlmodel import col

from bot.appointments.by_text.questions import is_soon
from bot.appointments.by_text.wishes import CANCEL_OR_STOP, is_soon_enough_to_press, is_such_a_word_alone
from bot.appointments.subject import about
from bot.appointments.youth.poster_talk import of_nobody
from bot.appointments.youth.starts import end_waiting, newest_start, visits_of_phone
from bot.attention.items import ask_a_person
from bot.conversations.exchange import Exchange, ReplyKind, acknowledge
from bot.conversations.safety import stop_texting
from bot.tables.appointments import PosterStart, Visit
from bot.tables.attention import InboxItem
from bot.tables.patients import OptOutScope

CANNOT_COME = "poster-cannot-come"
REASONS: Mapping[str, str] = {
    CANNOT_COME: (
        "Whoever booked a time by a poster cannot come, or wants another time. The time stays until you give it up. We "
        "do not know who it is: say nothing about anybody."
    ),
}


def take_wish_of_phone(exchange: Exchange) -> bool:
    """Whether a phone that booked by a poster says that it cannot come: staff see it, and the time stays till then.

    Where its owner has been asked about a visit of their own, that is what they mean.
    """
    if exchange.reading.intent not in ("cancel", "change") or (exchange.patient and exchange.question):
        return False
    start, coming = _theirs(exchange)
    if start is None or not coming:
        return False
    _leave_to_staff(exchange, start, coming[0])
    return True


def cancel_or_stop_of_phone(exchange: Exchange, answered: bool) -> bool:
    """`by_text.wishes.cancel_or_stop` of a phone alone: without the network's block no stop is recorded."""
    start, coming = _theirs(exchange) if is_such_a_word_alone(exchange.reading) else (None, [])
    if start is None or not coming:
        return False
    if not answered:
        _leave_to_staff(exchange, start, coming[0])
        return True
    alone = of_nobody(exchange, start)
    stop_texting(alone, answered=True, scope=OptOutScope.ALL)
    urgency = "red" if is_soon_enough_to_press(coming[0], exchange.now) else None
    ask_a_person(alone.session, alone.message, CANCEL_OR_STOP, urgency, subject=about(coming[0]))
    return True


def name_their_time(exchange: Exchange, kind: ReplyKind) -> None:
    """Staff see beside what a phone writes the time it booked; danger and a stop end what it had begun to book."""
    start, coming = _theirs(exchange)
    if start is not None and kind != "other":
        end_waiting(exchange.session, exchange.message.sender_id, exchange.message.phone)
    if coming:
        _name(exchange, coming[0], pressing=kind == "other" and is_soon(coming[0], exchange.now))


def _name(exchange: Exchange, visit: Visit, *, pressing: bool) -> None:
    session, subject = exchange.session, about(visit)
    session.flush()
    its = update(InboxItem).where(
        col(InboxItem.message_id) == exchange.message.id, col(InboxItem.practice_id) == visit.practice_id
    )
    named = its.where(col(InboxItem.subject_kind).is_(None))
    session.execute(named.values(subject_kind=subject.kind, subject_id=subject.id))
    if pressing:
        session.execute(its.where(col(InboxItem.urgency).is_(None)).values(urgency="amber"))


def _theirs(exchange: Exchange) -> tuple[PosterStart | None, list[Visit]]:
    """What the phone started last, and the times to come that it booked."""
    start = newest_start(exchange.session, exchange.message.sender_id, exchange.message.phone)
    coming = visits_of_phone(exchange.session, exchange.message.phone, exchange.now) if start else []
    return start, list(coming)


def _leave_to_staff(exchange: Exchange, start: PosterStart, visit: Visit) -> None:
    alone = of_nobody(exchange, start)
    urgency = "amber" if is_soon(visit, exchange.now) else None
    ask_a_person(alone.session, alone.message, CANNOT_COME, urgency, subject=about(visit))
    acknowledge(alone)
