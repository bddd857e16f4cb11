"""The phone network itself: takes messages, moves them on, calls webhooks and lets handsets answer."""

import logging
import threading
import time
from dataclasses import dataclass

from bot.simulator.config import SimulatorConfig
from bot.simulator.delivery import FIRST_WAIT_SECONDS, plan_progress
from bot.simulator.faults import FaultBoard
from bot.simulator.fields import inbound_fields, status_fields
from bot.simulator.keywords import NETWORK_TEXTS, OptOutType, keyword
from bot.simulator.personas import answer_to, wait_before_answer
from bot.simulator.phone_numbers import POOL_NUMBER, is_landline
from bot.simulator.records import Answer, CallbackTry, DueCallback, Message, NewMessage
from bot.simulator.store import Store
from bot.simulator.webhooks import Try, WebhookCaller
from bot.simulator.workers import Desk
from bot.texts.parts import count_parts

CALLERS = 2
"""Threads that send callbacks: few, so that taking messages goes first when a batch comes in."""

TICK_SECONDS = 0.04
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sender:
    """One of the account's senders: its number, and the messaging service it belongs to if any."""

    number: str
    service_sid: str | None = None


class Network:
    """One account's messages and handsets. `start` brings it to life; before that it only takes messages."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.store = Store(config.store)
        self.faults = FaultBoard()
        self._answers_on = config.answers_on
        self._in_hand: set[str] = set()
        self._webhooks = WebhookCaller(config.auth_token)
        self._callback_desks = [Desk("callbacks", self._call_back) for _ in range(CALLERS)]
        self._answer_desk = Desk("answers", self._answer, threads=2)
        self._clock = threading.Thread(target=self._run_clock, name="network-clock", daemon=True)
        self._ended = threading.Event()

    def start(self) -> None:
        """Start the threads that move messages on, call webhooks and let handsets answer."""
        for desk in self._callback_desks:
            desk.start()
        self._answer_desk.start()
        self._clock.start()

    def stop(self) -> None:
        """End the threads and close the store. What is still due goes on at the next start."""
        self._ended.set()
        if self._clock.ident is not None:
            self._clock.join(timeout=2)
        for desk in self._callback_desks:
            desk.stop()
        self._answer_desk.stop()
        self.store.close()

    @property
    def answers_on(self) -> bool:
        """Whether some handsets answer by themselves."""
        return self._answers_on

    def set_answers(self, on: bool) -> None:
        """Let handsets answer by themselves, or not: then planned answers are dropped too."""
        self._answers_on = on
        if not on:
            self.store.forget_answers()

    # The account's side

    def sender(self, name: str) -> Sender:
        """The sender behind a number or a messaging service sid. Raises `LookupError` when it is not ours."""
        if name == POOL_NUMBER and self._pool_number() == POOL_NUMBER:
            return Sender(name, self._first_service())
        if name not in self.config.senders:
            raise LookupError(name)
        return Sender(name) if name.startswith("+") else Sender(self._pool_number(), name)

    def accept(self, sender: Sender, handset: str, body: str, callback_url: str | None) -> Message:
        """Take a message of the service. It is kept when this returns."""
        plan = plan_progress(self.faults, wants_callbacks=callback_url is not None)
        new = NewMessage(
            direction="outbound-api",
            handset=handset,
            sender=sender.number,
            service_sid=sender.service_sid,
            body=body,
            parts=count_parts(body).parts,
            status="accepted" if sender.service_sid else "queued",
            spoken=is_landline(handset),
            callback_url=callback_url,
        )
        message = self.store.accept(new, plan)
        if plan.callbacks_first:
            self._wait_for_callbacks(message)
        return message

    def _wait_for_callbacks(self, message: Message) -> None:
        deadline = time.monotonic() + FIRST_WAIT_SECONDS
        while self.store.callbacks_open(message.id) and time.monotonic() < deadline:
            time.sleep(TICK_SECONDS)

    def _pool_number(self) -> str:
        return min((name for name in self.config.senders if name.startswith("+")), default=POOL_NUMBER)

    def _first_service(self) -> str | None:
        return min((name for name in self.config.senders if not name.startswith("+")), default=None)

    # The handset's side

    def handset_sends(self, handset: str, body: str, to: str | None = None) -> tuple[Message, Try]:
        """Somebody sends a text from a handset, which from now on answers nothing by itself.

        Returns how the last try of the service's webhook went. Without `to` it goes to the sender that last texted
        the handset, or else to the account's first one.
        Raises `LookupError` when `to` is none of the account's senders.
        """
        self._in_hand.add(handset)
        return self._sends(handset, body, to)

    def _sends(self, handset: str, body: str, to: str | None) -> tuple[Message, Try]:
        """Keep the text, act on a keyword, call the service."""
        sender = self.sender(to) if to else self._sender_for(handset)
        new = NewMessage("inbound", handset, sender.number, sender.service_sid, body, _parts(body), "received")
        message = self.store.accept(new)
        opt_out = self._handle_keyword(message)
        fields = inbound_fields(message, self.config.account_sid, opt_out)
        last = self._webhooks.call(self.config.inbound_url, fields)[-1]
        self.store.record_webhook(message.id, last.status)
        return message, last

    def _sender_for(self, handset: str) -> Sender:
        last = self.store.last_text_to(handset)
        if last:
            return Sender(last.sender, last.service_sid)
        return self.sender(min(self.config.senders))

    def _handle_keyword(self, message: Message) -> OptOutType | None:
        word = keyword(message.body) if self.config.own_opt_out else None
        pair = message.sender_key, message.handset
        if word == "STOP":
            answers = self.store.block(*pair)
        elif word == "START":
            answers = self.store.unblock(*pair)
            word = word if answers else None
        else:
            answers = word == "HELP"
        if word and answers:
            self._network_answers(message, NETWORK_TEXTS[word])
        return word

    def _network_answers(self, message: Message, text: str) -> None:
        new = NewMessage(
            "outbound-reply",
            message.handset,
            message.sender,
            message.service_sid,
            text,
            _parts(text),
            "delivered",
        )
        self.store.accept(new)

    # What the clock does

    def _run_clock(self) -> None:
        while not self._ended.wait(TICK_SECONDS):
            try:
                self._tick(time.time())
            except Exception:
                _log.exception("The simulated network's clock stumbled and goes on")

    def _tick(self, now: float) -> None:
        for message in self.store.take_due_steps(now):
            self._plan_answer(message, now)
        for due in self.store.take_due_callbacks(now):
            # One desk for each message keeps the callbacks of a message in their order.
            self._callback_desks[due.message_id % CALLERS].put(due)
        for answer in self.store.take_due_answers(now):
            self._answer_desk.put(answer)

    def _call_back(self, due: DueCallback) -> None:
        message = self.store.message_by_id(due.message_id)
        fields = status_fields(message, due, self.config.account_sid)
        tries = self._webhooks.call(message.callback_url or "", fields)
        self.store.record_tries(due, [CallbackTry(due.status, one.at, one.status, one.problem) for one in tries])

    def _plan_answer(self, message: Message, now: float) -> None:
        if not self._answers_on or message.spoken or message.handset in self._in_hand:
            return
        seed = self.config.seed
        answered = self.store.texts_from(message.handset, since=now - 3600)
        body = answer_to(message.body, message.handset, seed, answered)
        if body is not None:
            wait = wait_before_answer(message.handset, seed, answered, self.config.answer_delay)
            self.store.plan_answer(Answer(message.handset, message.sender_key, body, now + wait))

    def _answer(self, answer: Answer) -> None:
        if answer.handset not in self._in_hand:
            self._sends(answer.handset, answer.body, answer.sender)


def _parts(body: str) -> int:
    return max(1, count_parts(body).parts)
