"""Times offered to a person by text: held for them while they decide, then anybody's, and booked if still free.

A text never says that a time is kept which is not. One offer is open to a person at a time.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, update
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from bot.appointments.by_text.campaign_offers import EVENT, event_values, has_event, may_be_longer, wish_for_event
from bot.appointments.by_text.spreading import spread
from bot.appointments.joint.booking import book_in, lock_clinic
from bot.appointments.joint.choosing import FreeTime
from bot.appointments.joint.claims import (
    TakenError,
    Wanted,
    claim_place,
    claim_time,
    days_of,
    hold_until,
    lock_days,
    release_time,
)
from bot.appointments.joint.finding import Wish, find_times, may_still_come
from bot.appointments.joint.moving import move_in, wish_of_visit
from bot.appointments.subject import about
from bot.appointments.waiting.holds import kept_for, wait_on
from bot.audit import PERSON
from bot.clock import LONDON, next_opening, utc_now
from bot.conversations.exchange import Exchange, say
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.patients.eligibility import why_not
from bot.refusals import Refused
from bot.rows import CHUNK, delete_in_pieces, insert_row, update_row
from bot.settings import Settings
from bot.tables.appointments import (
    STILL_OFFERED,
    ClaimedTime,
    Clinic,
    Offer,
    OfferState,
    Slot,
    SlotKind,
    Visit,
    WaitingRequest,
    Whose,
)
from bot.tables.messaging import Kind, Message, State
from bot.tables.organisations import Practice
from bot.tables.patients import Patient
from bot.texts.catalogue import Times, Value, catalogue
from bot.wording.composing import NotApprovedError

CHOOSES_A_TIME = "slots"
"""The question that an offer asks."""
MOST_PAGES = 3
"""Pages of other times in one conversation; then staff phone."""
UNTIL_TAKEN = timedelta(hours=2)
"""A text that the network has not taken by then is not sent, and its times are anybody's again."""
ANSWERABLE = timedelta(hours=24)
_KEPT = timedelta(days=90)
_LOOKED_AT = 100
_HELD_AT_MOST = 3
"""One in so many of a clinic's free held slots may be on hold."""
_UNSENT, _NEVER_WENT = (State.QUEUED, State.HELD), (State.CANCELLED, State.FAILED)


def offer_times(
    session: Session,
    settings: Settings,
    wish: Wish,
    *,
    exchange: Exchange | None = None,
    page: int = 1,
    gone: bool = False,
    leaving_out: Collection[datetime] = (),
    only: Collection[datetime] | None = None,
) -> Message | None:
    """Find times for a person, hold them, and ask which suits; None where none suits or no text can go.

    What they were offered before is anybody's again. Who was invited by a campaign with an event gets that as number 3
    on the first page.

    :param wish: with `moving`, taking one moves that visit, which stays as it is until then.
    :param exchange: the person wrote, and is answered.
    :param page: which page of times in one conversation, from 1.
    :param gone: the time they chose has just gone, which the text says.
    :param only: none but these starts, such as those they were shown before.
    """
    if wish.patient is None:
        return None  # a phone of nobody known is asked nothing
    now = utc_now()
    lock_clinic(session, wish.clinic)
    give_back(session, wish.patient_id)
    times = _times(session, wish, now, leaving_out, only)
    if not times:
        return None
    begins = now if exchange else next_opening(now, settings, outreach=False)
    until = begins + UNTIL_TAKEN
    held_until = until if _may_hold(session, wish, times, now) else None
    event: list[Offer] = []
    if held_until and page == 1 and not gone:
        event = _hold_event(session, wish, held_until, now, leaving_out, only)
    offers = _hold(session, wish, times[: EVENT - 1] if event else times, page, held_until, now)
    if not offers:
        let_go(session, event, OfferState.EXPIRED)
        return None
    offers += event
    message = _ask(session, settings, wish, _text_key(wish, offers, gone), offers, until, exchange)
    if message is None:
        let_go(session, offers, OfferState.EXPIRED)
        return None
    _of_message(session, offers, message)
    return message


def _text_key(wish: Wish, offers: Sequence[Offer], gone: bool) -> str:
    if gone:
        return "visit-times-gone"
    if not offers[0].held_until:
        return "visit-times-first-come"
    if has_event(offers):
        return "screening-times-event"
    return "screening-times" if may_be_longer(wish) else "visit-times"


def _hold_event(
    session: Session,
    wish: Wish,
    until: datetime,
    now: datetime,
    leaving_out: Collection[datetime],
    only: Collection[datetime] | None,
) -> list[Offer]:
    """A place at the event of the person's campaign, held; none where there is no event, or no place that suits."""
    at_event = wish_for_event(session, wish)
    if at_event is None:
        return []
    lock_clinic(session, at_event.clinic)
    times = _times(session, at_event, now, leaving_out, only)
    return _hold(session, at_event, times[:1], 1, until, now, number=EVENT)


def _times(
    session: Session,
    wish: Wish,
    now: datetime,
    leaving_out: Collection[datetime],
    only: Collection[datetime] | None,
) -> list[FreeTime]:
    """The times to offer, with the days of their interpreters locked, so that no travel is overlooked."""
    not_these = {*leaving_out, wish.moving.starts} if wish.moving else leaving_out
    try:
        found = find_times(session, wish, now, limit=_LOOKED_AT, only_starts=only, leaving_out=not_these)
    except Refused:
        return []
    chosen = spread(found.times)
    days = [
        (time.interpreter.id, day) for time in chosen if time.interpreter for day in days_of(time.starts, time.ends)
    ]
    if days and lock_days(session, days):
        return [time for time in chosen if may_still_come(session, wish, time, now)]
    return chosen


def _may_hold(session: Session, wish: Wish, times: Sequence[FreeTime], now: datetime) -> bool:
    """Whether no more than a third of the clinic's free held slots are on hold then. Open slots are not counted."""
    kept = (
        col(Slot.clinic_id) == wish.clinic.id,
        col(Slot.kind) == SlotKind.HELD,
        col(Slot.released_at).is_(None),
        col(Slot.withdrawn_at).is_(None),
        col(Slot.starts) > now,
    )
    its = (
        col(ClaimedTime.kind) == Whose.CLINICIAN,
        col(ClaimedTime.whose) == col(Slot.clinician_id),
        col(ClaimedTime.cell) >= col(Slot.first_cell),
        col(ClaimedTime.cell) < col(Slot.end_cell),
    )
    visited = exists().where(*its, col(ClaimedTime.visit_id).is_not(None))
    on_hold = exists().where(*its, col(ClaimedTime.held_until) > now)
    wanted = col(Slot.id).in_([slot for time in times for slot in time.slots])
    counted = sqlalchemy_select(func.count(), _count_if(on_hold), _count_if(wanted)).where(*kept, ~visited)
    free, held, more = session.execute(counted).one()
    return not more or (held + more) * _HELD_AT_MOST <= free


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _hold(
    session: Session,
    wish: Wish,
    times: Sequence[FreeTime],
    page: int,
    until: datetime | None,
    now: datetime,
    *,
    number: int = 1,
) -> list[Offer]:
    """The offers, numbered from `number`, each with its time claimed; what somebody was quicker to take is left out."""
    offers: list[Offer] = []
    for time in times:
        offer = _insert(session, wish, time, number + len(offers), page, until, now)
        if until is None or _claim(session, wish, time, offer, until, now):
            offers.append(offer)
        else:
            update_row(session, offer, state=OfferState.GONE, held_until=None)
    return offers


def hold_freed_time(
    session: Session, wish: Wish, time: FreeTime, request: WaitingRequest, until: datetime, now: datetime
) -> Offer:
    """Hold a freed time for one who waits, until then; the days of its interpreter are locked before.

    :raises TakenError: somebody was quicker; roll back.
    """
    for offer in _hold(session, wish, [time], 1, until, now):
        update_row(session, offer, waiting_id=request.id, campaign_id=request.campaign_id)
        return offer
    raise TakenError


def _insert(
    session: Session, wish: Wish, time: FreeTime, number: int, page: int, until: datetime | None, now: datetime
) -> Offer:
    return insert_row(
        session,
        Offer,
        practice_id=wish.clinic.practice_id,
        patient_id=wish.patient_id,
        clinic_id=wish.clinic.id or 0,
        clinician_id=time.clinician.id if time.clinician else None,
        number=number,
        round=page,
        starts=time.starts,
        ends=time.ends,
        language=wish.needs.language,
        clinician_sex=wish.clinician_sex,
        interpreter_sex=wish.interpreter_sex,
        longer=wish.longer,
        interpreter_id=time.interpreter.id if time.interpreter else None,
        moves_visit_id=wish.moving.id if wish.moving else None,
        campaign_id=wish.campaign_id,
        state=OfferState.SOFT if until is None else OfferState.HELD,
        held_until=until,
        until=now + UNTIL_TAKEN + ANSWERABLE,
        made_at=now,
    )


def _claim(session: Session, wish: Wish, time: FreeTime, offer: Offer, until: datetime, now: datetime) -> bool:
    """Claim clinician, or a place, and interpreter for an offer. What the visit that moves has itself is theirs."""
    wanted: list[Wanted] = []
    if time.clinician is not None:
        wanted.append((Whose.CLINICIAN, time.clinician.id, time.starts, time.ends))
    if time.interpreter is not None:
        wanted.append((Whose.INTERPRETER, time.interpreter.id, time.starts, time.ends))
    moving, held = wish.moving, {"now": now, "offer_id": offer.id, "held_until": until}
    own = moving is not None and moving.starts < time.ends and time.starts < moving.ends
    try:
        with session.begin_nested():
            if wanted:
                claim_time(session, wanted, partly=own, **held)  # type: ignore[arg-type]
            if wish.clinic.places is not None:
                claim_place(session, time.slots[0], wish.clinic.places, **held)  # type: ignore[arg-type]
    except TakenError:
        return False
    return True


def _ask(
    session: Session,
    settings: Settings,
    wish: Wish,
    key: str,
    offers: Sequence[Offer],
    until: datetime,
    exchange: Exchange | None,
) -> Message | None:
    at_clinic = offers[:-1] if has_event(offers) else offers
    known: dict[str, Value] = {"minutes": settings.offer_hold_minutes, "times": _numbered(at_clinic)}
    known |= event_values(session, offers)
    values = {name: known[name] for name in catalogue()[key].slots if name in known}
    subject = about(wish.moving) if wish.moving else None
    sequence = wish.moving.sequence if wish.moving else None
    if exchange is not None:
        return say(
            exchange,
            key,
            values,
            kind=Kind.QUESTION,
            question=CHOOSES_A_TIME,
            subject=subject,
            sequence=sequence,
            use_by=until,
        )
    patient = wish.patient
    booked = wish.moving is not None
    if (
        patient is None
        or patient.phone is None
        or why_not(session, Kind.NOTICE, patient.practice_id, patient.phone, patient.id, booked=booked)
    ):
        return None
    try:
        return queue_text(
            session,
            settings,
            text_key=key,
            language=patient.language,
            values=values,
            phone=patient.phone,
            practice=session.get_one(Practice, patient.practice_id),
            kind=Kind.QUESTION,
            subject=subject,
            question=CHOOSES_A_TIME,
            patient_id=patient.id,
            subject_sequence=sequence,
            use_by=until,
        )
    except (NotApprovedError, Refused):
        return None


def _numbered(offers: Iterable[Offer]) -> Times:
    return tuple((offer.number, offer.starts.astimezone(LONDON)) for offer in offers)


def _of_message(session: Session, offers: Sequence[Offer], message: Message) -> None:
    session.flush()
    ids = [offer.id for offer in offers]
    session.execute(update(Offer).where(col(Offer.id).in_(ids)).values(message_id=message.id))


def offers_of(session: Session, message_id: int) -> list[Offer]:
    """What a text offered, by number; also one that goes in the place of a text that did not arrive."""
    before = select(Message.id).where(Message.retried_by_id == message_id)
    of_it = (col(Offer.message_id) == message_id) | col(Offer.message_id).in_(before)
    return list(session.exec(select(Offer).where(of_it).order_by(col(Offer.number))))


def offered_before(session: Session, offer: Offer) -> set[datetime]:
    """Every start that the conversation of an offer has shown so far."""
    first = select(func.max(Offer.id)).where(
        Offer.patient_id == offer.patient_id, Offer.round == 1, Offer.number == 1, col(Offer.id) <= offer.id
    )
    shown = select(Offer.starts).where(
        Offer.patient_id == offer.patient_id, col(Offer.id) >= first.scalar_subquery(), col(Offer.id) > 0
    )
    return set(session.exec(shown))


def wish_of_offer(session: Session, offer: Offer) -> Wish:
    """What was asked for when an offer was made, with the interpreter it was made with if that can be.

    :raises Refused: `not-ours`.
    """
    if offer.moves_visit_id is not None:
        wish = wish_of_visit(session, session.get_one(Visit, offer.moves_visit_id))
        return (
            wish
            if wish.clinic.id == offer.clinic_id
            else replace(wish, clinic=session.get_one(Clinic, offer.clinic_id))
        )
    return Wish(
        patient=session.get_one(Patient, offer.patient_id),
        clinic=session.get_one(Clinic, offer.clinic_id),
        clinician_sex=offer.clinician_sex,
        interpreter_sex=offer.interpreter_sex,
        longer=offer.longer,
        campaign_id=offer.campaign_id,
    )


def take_offer(session: Session, settings: Settings, offer: Offer, exchange: Exchange) -> Visit:
    """Book the time of an offer, or move the visit there, and confirm it; the other offers are anybody's again.

    :raises Refused: as `book_in` and `move_in`; then the offer is gone, and nothing else is changed.
    """
    wish = replace(wish_of_offer(session, offer), keeping=offer.interpreter_id)
    try:
        if wish.moving is not None:
            visit = move_in(session, settings, wish.moving, offer.starts, PERSON, wish=wish, exchange=exchange)
        else:
            visit = book_in(session, settings, wish, offer.starts, PERSON, exchange=exchange)
    except Refused:
        update_row(session, offer, state=OfferState.GONE, held_until=None)
        release_time(session, offer_ids=[offer.id or 0])
        raise
    update_row(session, offer, state=OfferState.TAKEN, held_until=None)
    release_time(session, offer_ids=[offer.id or 0])
    give_back(session, offer.patient_id)
    return visit


def give_back(session: Session, patient_id: int) -> int:
    """What a person was offered is anybody's again; gives how many times that were."""
    theirs = select(Offer).where(Offer.patient_id == patient_id, col(Offer.state).in_(STILL_OFFERED))
    offers = list(session.exec(theirs))
    let_go(session, offers, OfferState.EXPIRED)
    return len(offers)


def let_go(session: Session, offers: Sequence[Offer], state: OfferState) -> None:
    """What was held for these offers is anybody's, and who waits for a time goes on waiting."""
    if not offers:
        return
    release_time(session, offer_ids=[offer.id or 0 for offer in offers])
    for offer in offers:
        update_row(session, offer, state=state, held_until=None)
    wait_on(session, offers)


def lapse_offers(db: Database, settings: Settings) -> int:
    """The job: holds run from when the network took their text, and end; gives how many offers it changed.

    A time that is not held any more can still be chosen for a day, if it is free then. One whose text never went is
    anybody's at once.
    """
    now = utc_now()
    if not _any_open(db):
        return 0
    with db.write() as session:
        return _start_holds(session, settings, now) + _end_holds(session, now) + _end_offers(session, now)


def _any_open(db: Database) -> bool:
    with db.read() as session:
        return session.exec(select(Offer.id).where(col(Offer.state).in_(STILL_OFFERED)).limit(1)).first() is not None


def _start_holds(session: Session, settings: Settings, now: datetime) -> int:
    taken = (
        select(Offer, Message.sent_at)
        .join(Message, col(Message.id) == col(Offer.message_id))
        .where(Offer.state == OfferState.HELD, col(Message.sent_at).is_not(None), col(Offer.held_until) > now)
    )
    started = 0
    for offer, sent_at in session.exec(taken):
        until = (sent_at or now) + _kept_for(offer, settings)
        if offer.held_until != until:
            update_row(session, offer, held_until=until, until=(sent_at or now) + ANSWERABLE)
            hold_until(session, [offer.id or 0], until)
            started += 1
    return started


def _kept_for(offer: Offer, settings: Settings) -> timedelta:
    if offer.waiting_id is None:
        return timedelta(minutes=settings.offer_hold_minutes)
    return kept_for(offer.starts, offer.made_at)


def _end_holds(session: Session, now: datetime) -> int:
    """Those that ran out are soft; those whose text did not go, and freed times offered to who waits, are over."""
    in_vain = and_(col(Message.state).in_(_UNSENT), col(Message.use_by) < now)
    never_went = or_(and_(col(Message.state).in_(_NEVER_WENT), col(Message.retried_by_id).is_(None)), in_vain)
    over = (
        select(Offer, Message.state)
        .outerjoin(Message, col(Message.id) == col(Offer.message_id))
        .where(Offer.state == OfferState.HELD, or_(col(Offer.held_until) <= now, never_went))
    )
    ended: dict[OfferState, list[Offer]] = {OfferState.SOFT: [], OfferState.EXPIRED: []}
    for offer, state in session.exec(over):
        went = state not in (None, *_UNSENT, *_NEVER_WENT)
        ended[OfferState.SOFT if went and offer.waiting_id is None else OfferState.EXPIRED].append(offer)
    for state, offers in ended.items():
        let_go(session, offers, state)
    return sum(map(len, ended.values()))


def _end_offers(session: Session, now: datetime) -> int:
    ended = update(Offer).where(col(Offer.state) == OfferState.SOFT, col(Offer.until) <= now)
    return int(session.execute(ended.values(state=OfferState.EXPIRED)).rowcount)  # type: ignore[attr-defined]


def forget_old_offers(db: Database, _settings: Settings) -> int:
    """The job: take away offers of long ago; gives how many."""
    some = (
        select(Offer.id)
        .where(col(Offer.until) < utc_now() - _KEPT, col(Offer.state).not_in(STILL_OFFERED))
        .limit(CHUNK)
    )
    return delete_in_pieces(db, delete(Offer).where(col(Offer.id).in_(some)))
