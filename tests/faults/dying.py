"""Named points at which a process dies as a machine does, by kill -9.

They are of a message, a booking, a pharmacy's bundle, and an event that a pharmacy's system is told.
"""

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
from bot.pharmacy.hooks import delivering
from bot.pharmacy.notices import gathering
from bot.pharmacy.wire import storing, weighing


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


def die_after_the_event_is_claimed() -> None:
    delivering.claim_due_events = after(delivering.claim_due_events)


def die_after_the_event_is_posted() -> None:
    delivering.record_outcome = die


def die_before_the_event_is_recorded() -> None:
    real = delivering.record_outcome

    def record(*args: Any) -> None:
        event.listen(Session, "before_commit", die)
        real(*args)

    delivering.record_outcome = record


OF_A_WEBHOOK = {
    "after-event-claim": die_after_the_event_is_claimed,
    "after-event-post": die_after_the_event_is_posted,
    "before-event-commit": die_before_the_event_is_recorded,
}


def die_before_the_bundle_is_committed() -> None:
    real = storing._insert

    def insert(*args: Any) -> Any:
        event.listen(Session, "before_commit", die)
        return real(*args)

    storing._insert = insert


def die_after_the_bundle_is_committed() -> None:
    storing._keep = after(storing._keep)


def before_its_commit(function: Callable[..., int]) -> Callable[..., int]:
    """Die before the function's work is committed, provided that there was some."""

    def dying(*args: Any) -> int:
        some = function(*args)
        if some:
            event.listen(Session, "before_commit", die)
        return some

    return dying


def die_before_it_is_weighed() -> None:
    weighing._weigh_some = before_its_commit(weighing._weigh_some)


def die_before_its_text_is_committed() -> None:
    gathering._say_some = before_its_commit(gathering._say_some)


def die_after_its_text_is_committed() -> None:
    gathering._say_of = after(gathering._say_of)


OF_A_BUNDLE = {
    "before-bundle-commit": die_before_the_bundle_is_committed,
    "after-bundle-commit": die_after_the_bundle_is_committed,
    "before-weighed-commit": die_before_it_is_weighed,
    "before-said-commit": die_before_its_text_is_committed,
    "after-said-commit": die_after_its_text_is_committed,
}
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
