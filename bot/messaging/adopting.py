"""The usual end of a POST, for many texts in four statements: Twilio took the text, and nothing else happened."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, update
from sqlmodel import Session, col

from bot.messaging.claiming import Claim
from bot.messaging.twilio.gateway import SendResult
from bot.messaging.twilio.statuses import STATE_OF_TWILIO
from bot.rows import one_of_given
from bot.tables.messaging import Attempt, Message, Outcome, State

Ended = tuple[Claim, SendResult]


def adopt_plain(session: Session, outcomes: Sequence[Ended], now: datetime) -> list[Ended]:
    """Adopt the texts of which nothing is known but that Twilio has them; gives the others, to be judged singly.

    Plain is a first attempt that is still open, without a sid: no callback has come before us, nobody has looked
    it up, and there can be no other copy.
    """
    accepted = {claim.attempt_id: (claim, result) for claim, result in outcomes if _is_accepted(claim, result)}
    plain = _still_open(session, accepted) if accepted else []
    if plain:
        known = _known(session, [accepted[attempt_id][1].sid for attempt_id in plain])
        plain = [attempt_id for attempt_id in plain if accepted[attempt_id][1].sid not in known]
    if plain:
        _adopt(session, [accepted[attempt_id] for attempt_id in plain], now)
    done = set(plain)
    return [(claim, result) for claim, result in outcomes if claim.attempt_id not in done]


def _is_accepted(claim: Claim, result: SendResult) -> bool:
    state = STATE_OF_TWILIO.get(result.status or "queued", State.ACCEPTED)
    return result.outcome == Outcome.ACCEPTED and bool(result.sid) and claim.number == 1 and state == State.ACCEPTED


def _still_open(session: Session, attempt_ids: Iterable[int]) -> list[int]:
    """In the order of their ids, so that two workers never wait for each other."""
    connection = session.connection()
    return list(connection.scalars(_open_among(connection.dialect.name), {"attempts": list(attempt_ids)}))


@cache
def _open_among(dialect: str) -> Select[Any]:
    return (
        select(col(Attempt.id))
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(
            one_of_given(col(Attempt.id), "attempts", dialect),
            col(Attempt.outcome) == Outcome.OPEN,
            col(Attempt.sid).is_(None),
            col(Message.state) == State.SENDING,
        )
        .order_by(col(Attempt.id))
        .with_for_update(key_share=True, of=Attempt)
    )


def _known(session: Session, sids: Sequence[str | None]) -> set[str | None]:
    """Sids that belong to another attempt already, or were given to two of these."""
    connection = session.connection()
    elsewhere = connection.scalars(_known_among(connection.dialect.name), {"sids": sids})
    return {*elsewhere, *(sid for sid in sids if sids.count(sid) > 1)}


@cache
def _known_among(dialect: str) -> Select[Any]:
    return select(col(Attempt.sid)).where(one_of_given(col(Attempt.sid), "sids", dialect))


def _adopt(session: Session, plain: Sequence[Ended], now: datetime) -> None:
    adopted = [
        {
            "of_attempt": claim.attempt_id,
            "of_message": claim.message_id,
            "of_sid": result.sid,
            "reported": result.status or "queued",
            "at": now,
        }
        for claim, result in plain
    ]
    connection = session.connection()
    connection.execute(_ADOPTING, adopted)
    connection.execute(_ACCEPTING, adopted)


_ADOPTING = (
    update(Attempt)
    .where(col(Attempt.id) == bindparam("of_attempt"))
    .values(sid=bindparam("of_sid"), outcome=Outcome.ACCEPTED, ended_at=bindparam("at"))
)
_ACCEPTING = (
    update(Message)
    .where(col(Message.id) == bindparam("of_message"), col(Message.state) == State.SENDING)
    .values(
        state=State.ACCEPTED,
        sid=bindparam("of_sid"),
        twilio_status=bindparam("reported"),
        sent_at=bindparam("at"),
        updated_at=bindparam("at"),
    )
)
