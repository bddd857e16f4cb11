"""Named points of a message's life, and of a booking, at which a process dies as a machine does: kill -9."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from sqlalchemy import event
from sqlmodel import Session

from bot.appointments.joint import booking, visit_commands
from bot.messaging import sending
from bot.messaging.twilio.gateway import Gateway


def die(*_: Any, **__: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def after(function: Callable[..., Any]) -> Callable[..., Any]:
    """Die once the function has done its work, provided that there was some."""

    def dying(*args: Any, **kwargs: Any) -> Any:
        return die() if function(*args, **kwargs) else []

    return dying


def die_after_the_claim() -> None:
    sending.claim_due_messages = after(sending.claim_due_messages)


def die_while_posting() -> None:
    real = Gateway.send

    def send(self: Gateway, claim: Any) -> Any:
        threading.Timer(0.15, die).start()
        return real(self, claim)

    Gateway.send = send  # type: ignore[method-assign]


def die_after_the_post() -> None:
    Gateway.send = after(Gateway.send)  # type: ignore[method-assign]


def die_before_the_outcome_is_committed() -> None:
    real = sending.record_outcomes

    def record(*args: Any) -> None:
        event.listen(Session, "before_commit", die)
        real(*args)

    sending.record_outcomes = record


def die_after_the_outcome_is_committed() -> None:
    real = sending.record_outcomes

    def record(*args: Any) -> None:
        real(*args)
        die()

    sending.record_outcomes = record


def die_with_time_claimed() -> None:
    booking.tell_booked = die


def die_before_the_visit_is_committed() -> None:
    real = booking.tell_booked

    def tell(*args: Any, **kwargs: Any) -> Any:
        event.listen(Session, "before_commit", die)
        return real(*args, **kwargs)

    booking.tell_booked = tell


def die_after_the_visit_is_committed() -> None:
    visit_commands.book_joint_visit = after(booking.book_joint_visit)


OF_A_BOOKING = {
    "after-visit-claim": die_with_time_claimed,
    "before-visit-commit": die_before_the_visit_is_committed,
    "after-visit-commit": die_after_the_visit_is_committed,
}
POINTS = {
    "after-claim": die_after_the_claim,
    "while-posting": die_while_posting,
    "after-post": die_after_the_post,
    "before-outcome-commit": die_before_the_outcome_is_committed,
    "after-outcome-commit": die_after_the_outcome_is_committed,
}
"""What to call in the process that is to die, before it begins."""
