"""Telling the person on duty of a case that cannot wait: at once, again until somebody takes it, then the next.

Each phone is told twice before the next one. A case is taken once somebody has opened it, been handed it, or marked it
as done. The text has the number of the case and nothing of the person. What is told is decided by rows: however many
clocks wake this up, and wherever one of them is cut off, each text is queued once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, cast, delete, null
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from bot.attention.duty_clock import CASE, about_case, untaken
from bot.audit import SERVICE, record
from bot.clock import utc_now
from bot.conversations.exchange import Exchange, ReplyKind
from bot.database import Database
from bot.duty.rota import phones_to_tell
from bot.messaging.outbox import queue_text
from bot.messaging.subjects import SubjectKind
from bot.settings import Settings
from bot.tables.attention import DutyClock, InboxItem
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice
from bot.wording.composing import NotApprovedError

FIRST, AGAIN = "duty-case", "duty-case-again"
TIMES_EACH = 2
"""So often a phone is told before the next one is."""
MOST_TOLD = 12
"""Texts about one case at most: two hours of them."""
_WAITS = (State.QUEUED, State.HELD, State.SENDING)
_FAILED = (State.FAILED, State.UNDELIVERED, State.CANCELLED)


def _no_campaign(_case_id: Mapped[int]) -> ColumnElement[int | None]:
    return cast(null(), Integer)


CASES = SubjectKind(CASE, _no_campaign)


@dataclass(frozen=True)
class Running:
    """A case that nobody has taken, its clock, and the last text about it."""

    clock: DutyClock
    item: InboxItem
    last: Message | None

    @property
    def failed(self) -> bool:
        """Whether the last text did not arrive."""
        return self.last is not None and self.last.state in _FAILED

    def is_due(self, now: datetime) -> bool:
        """Whether somebody is to be told by the clock."""
        return self.clock.rings_at is not None and self.clock.rings_at <= now

    def speaks_for(self, other: "Running", now: datetime) -> bool:
        """Whether a text went about this case of late that also tells of the other, from the same phone."""
        as_pressing = self.item.urgency == "red" or other.item.urgency != "red"
        return self.clock.told > 0 and not self.is_due(now) and as_pressing and self.item.phone == other.item.phone


def tell_at_once(exchange: Exchange, kind: ReplyKind) -> None:
    """Tell the person on duty of danger in a reply, in the transaction in which it is stored."""
    if kind == "urgent" and exchange.practice is not None:
        session, now = exchange.session, utc_now()
        running = _running(session, now, exchange.practice.id)
        own = [one for one in running if one.item.message_id == exchange.message.id]
        _ring(session, exchange.settings, own, running, now)
        if own and not phones_to_tell(session, [exchange.practice.id or 0], now):
            record(session, SERVICE, "duty-nobody", f"inbox:{own[0].item.id}", practice_id=exchange.practice.id)


def tell_duty(db: Database, settings: Settings) -> int:
    """Stop the clocks of cases that somebody has taken, and tell who is on duty of the others; gives how many texts."""
    now = utc_now()
    with db.write() as session:
        _stop_clocks(session)
        running = _running(session, now)
        due = [one for one in running if one.is_due(now) or one.failed]
        return _ring(session, settings, due, running, now)


def _stop_clocks(session: Session) -> None:
    taken = select(InboxItem.id).where(col(InboxItem.id) == col(DutyClock.item_id), ~untaken())
    stop = delete(DutyClock).where(taken.correlate(DutyClock).exists())
    session.execute(stop.execution_options(synchronize_session=False))


def _running(session: Session, now: datetime, practice_id: int | None = None) -> list[Running]:
    """Cases that nobody has taken, the most pressing first, each locked: who comes at the same time leaves it out."""
    statement = (
        select(DutyClock, InboxItem, Message)
        .join(InboxItem, col(InboxItem.id) == col(DutyClock.item_id))
        .outerjoin(Message, col(Message.id) == col(DutyClock.message_id))
        .where(untaken(), col(DutyClock.rings_at).is_not(None))
        .order_by(col(InboxItem.paged), col(InboxItem.id))
        .with_for_update(skip_locked=True, of=DutyClock)
    )
    if practice_id is not None:
        statement = statement.where(InboxItem.practice_id == practice_id)
    return [Running(*row) for row in session.exec(statement).all()]


def _ring(
    session: Session, settings: Settings, due: Sequence[Running], running: Sequence[Running], now: datetime
) -> int:
    """Tell whoever is to be told of these; gives how many texts."""
    if not due:
        return 0
    practices = _practices(session, due)
    phones = phones_to_tell(session, list(practices), now)
    told = _times_told(session, due)
    texts = 0
    for one in due:
        practice_id = one.item.practice_id or 0
        if not _is_put_off(one, running, settings, now) and phones.get(practice_id):
            case = told.get(one.clock.item_id, Counter())
            texts += _tell(session, settings, practices[practice_id], one, phones[practice_id], case, now)
    session.flush()
    return texts


def _is_put_off(one: Running, running: Sequence[Running], settings: Settings, now: datetime) -> bool:
    """Whether a text is on its way that tells of it: about it, or about another case from the same phone."""
    for other in running:
        if other is not one and other.item.practice_id == one.item.practice_id and other.speaks_for(one, now):
            one.clock.rings_at = other.clock.rings_at
            return True
    if one.last is not None and one.last.state in _WAITS:
        one.clock.rings_at = now + settings.duty_again
        return True
    return False


def _tell(
    session: Session,
    settings: Settings,
    practice: Practice,
    one: Running,
    phones: Sequence[str],
    told: Counter[str],
    now: datetime,
) -> int:
    clock, item = one.clock, one.item
    phone = min(phones, key=lambda each: (told[each] // TIMES_EACH, phones.index(each)))
    if not one.is_due(now) and one.last is not None and phone == one.last.phone:
        return 0  # the same phone is not tried again before its time
    if clock.told >= MOST_TOLD:
        clock.rings_at = None
        record(session, SERVICE, "duty-given-up", f"inbox:{item.id}", practice_id=practice.id, texts=clock.told)
        return 0
    message = _queue(session, settings, practice, one, phone)
    if message is None:
        return 0
    clock.told, clock.rings_at, clock.message_id = clock.told + 1, now + settings.duty_again, message.id
    session.add(clock)
    record(session, SERVICE, "duty-told", f"inbox:{item.id}", practice_id=practice.id, time=clock.told)
    return 1


def _queue(session: Session, settings: Settings, practice: Practice, one: Running, phone: str) -> Message | None:
    """The text to a phone on duty; None while its wording may not be sent, which the home page says."""
    try:
        return queue_text(
            session,
            settings,
            text_key=FIRST if one.clock.told == 0 else AGAIN,
            language="en",
            values={"number": one.item.id or 0},
            phone=phone,
            practice=practice,
            kind=Kind.ALERT,
            subject=about_case(one.item),
            dedupe_key=f"duty:{one.item.id}:{one.clock.told + 1}",
        )
    except NotApprovedError:
        return None


def _practices(session: Session, due: Sequence[Running]) -> Mapping[int, Practice]:
    ids = {one.item.practice_id for one in due}
    return {practice.id or 0: practice for practice in session.exec(select(Practice).where(col(Practice.id).in_(ids)))}


def _times_told(session: Session, due: Sequence[Running]) -> Mapping[int, Counter[str]]:
    """How often each phone was told of each case; a text that did not arrive counts as if it were told enough."""
    ids = [one.clock.item_id for one in due]
    statement = select(Message.subject_id, Message.phone, Message.state).where(
        Message.subject_kind == CASE, col(Message.subject_id).in_(ids)
    )
    found: dict[int, Counter[str]] = {}
    for case_id, phone, state in session.exec(statement):
        found.setdefault(case_id or 0, Counter())[phone] += TIMES_EACH if state in _FAILED else 1
    return found
