"""What becomes of a message after it was accepted: its statuses and the callbacks that tell of them."""

from dataclasses import dataclass

from bot.simulator.errors import DELIVERY_ERRORS
from bot.simulator.faults import FaultBoard

SENDING_AFTER, SENT_AFTER, END_AFTER = 0.1, 0.25, 0.6
"""Seconds after acceptance. A real network takes as long as it likes; a demo should not wait."""

ENDS_FAILED = frozenset({30004, 30007})
"""Stopped before a handset was tried; the other codes are reported by the operator as undelivered."""

FIRST_WAIT_SECONDS = 5.0


@dataclass(frozen=True)
class Step:
    """A status the message reaches, `after` so many seconds."""

    status: str
    after: float
    error_code: int | None = None


@dataclass(frozen=True)
class Callback:
    """A status callback, due `after` so many seconds. A lost one is recorded and never sent."""

    step: Step
    after: float
    lost: bool = False


@dataclass(frozen=True)
class Plan:
    """All that will happen to one message. `callbacks_first`: the answer waits for the callbacks."""

    steps: tuple[Step, ...]
    callbacks: tuple[Callback, ...]
    callbacks_first: bool = False


def plan_progress(faults: FaultBoard, wants_callbacks: bool) -> Plan:
    """Decide what happens to a message, with the faults that strike it. The first status gets no callback."""
    steps = _steps(faults)
    if not wants_callbacks:
        return Plan(steps, ())
    if faults.strikes("callbacks-first"):
        steps = tuple(Step(step.status, 0.0, step.error_code) for step in steps)
        return Plan(steps, _callbacks(steps, faults), callbacks_first=True)
    if faults.strikes("callbacks-reversed"):
        return Plan(steps, _reversed(steps))
    return Plan(steps, _callbacks(steps, faults))


def _steps(faults: FaultBoard) -> tuple[Step, ...]:
    error = next((code for code in DELIVERY_ERRORS if faults.strikes(str(code))), None)
    if error in ENDS_FAILED:
        return Step("sending", SENDING_AFTER), Step("failed", END_AFTER, error)
    end = Step("undelivered", END_AFTER, error) if error else Step("delivered", END_AFTER)
    return Step("sending", SENDING_AFTER), Step("sent", SENT_AFTER), end


def _callbacks(steps: tuple[Step, ...], faults: FaultBoard) -> tuple[Callback, ...]:
    planned: list[Callback] = []
    for step in steps:
        if faults.strikes("callbacks-lost"):
            planned.append(Callback(step, step.after, lost=True))
            continue
        late = faults.seconds("callbacks-late") if faults.strikes("callbacks-late") else 0.0
        copies = 2 if faults.strikes("callbacks-repeated") else 1
        planned += [Callback(step, step.after + late)] * copies
    return tuple(planned)


def _reversed(steps: tuple[Step, ...]) -> tuple[Callback, ...]:
    return tuple(Callback(step, END_AFTER + 0.05 * place) for place, step in enumerate(reversed(steps)))
