"""Any order of claims, crashes, callbacks, look-ups, wishes and holds keeps the promises of sending."""

import itertools
from collections.abc import Callable
from typing import Any

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from bot.campaigns.subject import about
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.claiming import Claim
from bot.messaging.outbox import cancel_unsent_messages, release_held_messages
from bot.messaging.reconciling import claim_look_ups, expire_leases, settle_look_up
from bot.settings import Settings
from bot.tables.attention import InboxItem
from bot.tables.campaigns import CampaignState
from bot.tables.messaging import Attempt, Kind, Message, Outcome, State
from bot.tables.wording import WordingApproval
from tests.factories import make_partner, make_patient, make_practice
from tests.messaging.helpers import (
    RANK,
    accept,
    approve,
    call_back,
    change,
    claim,
    end,
    found,
    invite,
    live,
    london,
    make_campaign,
    opt_out,
    rows,
)

PEOPLE = 4
ENDINGS = st.sampled_from(["ok", "crash", "timeout", "not-sent", "refused"])
LATE = ("queued", "sent", "delivered", "undelivered")


class LifeOfTexts(RuleBasedStateMachine):
    """A few invitations of one campaign. `network` is what Twilio really holds: attempt reference to sid."""

    empty_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.db = type(self).empty_database()
        self.clock = time_machine.travel(london("2026-11-24 10:00"), tick=False)
        self.traveller = self.clock.start()
        self.sids = itertools.count(1)
        self.in_hand: list[Claim] = []
        self.network: dict[str, str] = {}
        self.claimed: dict[str, Claim] = {}
        self.highest: dict[int, int] = {}
        self.refuses: set[str] = set()

    @initialize()
    def invite_some_people(self) -> None:
        base = Settings(secret_key="a-long-secret-for-tests-of-no-value", database_url="sqlite:///unused.db")
        self.settings = live(base, send_window="00:00-24:00", send_days="all", sender_parts_per_second=1000)
        approve(self.db, "fuel-poverty-invitation")
        self.practice = make_practice(self.db)
        self.campaign = make_campaign(self.db, self.practice, make_partner(self.db, self.practice))
        for index in range(PEOPLE):
            patient = make_patient(self.db, self.practice, language="en", phone=f"+4477009008{index:02d}")
            invite(self.db, self.settings, self.practice, patient, self.campaign)

    def teardown(self) -> None:
        self.clock.stop()

    # What the service does.

    @rule(limit=st.integers(1, 3))
    def claim_some(self, limit: int) -> None:
        for claimed in claim(self.db, self.settings, limit):
            assert claimed.to not in self.refuses, "claimed after the opt-out was committed"
            assert self._may_send(), "claimed while held, stopped or not approved"
            self.in_hand.append(claimed)
            self.claimed[claimed.ref] = claimed

    def _may_send(self) -> bool:
        with self.db.read() as session:
            state = session.get_one(type(self.campaign), self.campaign.id).state
        return state == CampaignState.RUNNING and self._approved()

    def _approved(self) -> bool:
        with self.db.read() as session:
            in_force = session.exec(select(WordingApproval).where(col(WordingApproval.withdrawn_at).is_(None)))
            return in_force.first() is not None

    @precondition(lambda self: self.in_hand)
    @rule(arrives=st.booleans(), ending=ENDINGS)
    def post(self, arrives: bool, ending: str) -> None:
        self._post(arrives, ending)

    @rule(limit=st.integers(1, 3), arrives=st.booleans(), ending=ENDINGS)
    def claim_and_post(self, limit: int, arrives: bool, ending: str) -> None:
        self.claim_some(limit)
        while self.in_hand:
            self._post(arrives, ending)

    def _post(self, arrives: bool, ending: str) -> None:
        claimed = self.in_hand.pop(0)
        if claimed.lease_until <= utc_now():
            ending, arrives = "not-sent", False
        if ending == "ok" or (arrives and ending in ("crash", "timeout")):
            self.network[claimed.ref] = f"SM{next(self.sids)}"
        match ending:
            case "ok":
                accept(self.db, claimed, self.network[claimed.ref])
            case "timeout":
                end(self.db, claimed, Outcome.UNKNOWN)
            case "not-sent":
                end(self.db, claimed, Outcome.NOT_SENT)
            case "refused":
                end(self.db, claimed, Outcome.REFUSED, error_code=30007)

    @rule()
    def look_up_until_it_is_clear(self) -> None:
        for _ in range(3):
            self.traveller.shift(self.settings.reconcile_seconds + 1)
            self.look_up()

    @rule()
    def look_up(self) -> None:
        expire_leases(self.db)
        for wanted in claim_look_ups(self.db, self.settings):
            theirs = [
                found(sid)
                for ref, sid in self.network.items()
                if self.claimed[ref].to == wanted.to and self.claimed[ref].body == wanted.body
            ]
            settle_look_up(self.db, wanted.attempt_id, theirs)

    # What the world does.

    @precondition(lambda self: self.network)
    @rule(data=st.data(), status=st.sampled_from(LATE))
    def status_callback(self, data: Any, status: str) -> None:
        ref = data.draw(st.sampled_from(sorted(self.network)))
        call_back(self.db, ref, self.network[ref], status, 30007 if status == "undelivered" else None)

    @rule(seconds=st.sampled_from([1, 61, 301, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.traveller.shift(seconds)

    @rule(index=st.integers(0, PEOPLE // 2 - 1))
    def somebody_opts_out(self, index: int) -> None:
        phone = f"+4477009008{index:02d}"
        opt_out(self.db, self.practice, phone)
        self.refuses.add(phone)

    @precondition(lambda self: self.claimed)
    @rule(state=st.sampled_from([CampaignState.HELD, CampaignState.RUNNING, CampaignState.RUNNING]))
    def hold_or_resume(self, state: CampaignState) -> None:
        change(self.db, self.campaign, state=state)
        if state == CampaignState.RUNNING:
            with self.db.write() as session:
                release_held_messages(session, about(self.campaign.id), Kind.OUTREACH)

    @precondition(lambda self: len(self.claimed) > PEOPLE)
    @rule()
    def stop_the_campaign(self) -> None:
        with self.db.write() as session:
            cancel_unsent_messages(session, about(self.campaign.id), [Kind.OUTREACH], "campaign-stopped")

    @precondition(lambda self: len(self.claimed) > PEOPLE)
    @rule()
    def withdraw_the_approval(self) -> None:
        with self.db.write() as session:
            for approval in session.exec(select(WordingApproval)):
                approval.withdrawn_at = utc_now()

    @rule()
    def approve_again(self) -> None:
        if not self._approved():
            approve(self.db, "fuel-poverty-invitation")

    # What always holds.

    @invariant()
    def states_never_fall(self) -> None:
        with self.db.read() as session:
            messages: list[Message] = rows(session, Message)
        for message in messages:
            rank, highest = RANK[message.state], self.highest.get(message.id or 0, 0)
            # A text that nobody has seen at Twilio may go back to the queue; nothing else ever falls.
            assert rank >= highest or highest <= RANK[State.SENDING], message.state
            self.highest[message.id or 0] = rank

    @invariant()
    def what_the_network_has_twice_is_said(self) -> None:
        taken = [self.claimed[ref].message_id for ref in self.network]
        with self.db.read() as session:
            told = set(session.exec(select(InboxItem.message_id)))
        assert {message_id for message_id in taken if taken.count(message_id) > 1} <= told

    @invariant()
    def what_we_believe_sent_the_network_has(self) -> None:
        with self.db.read() as session:
            sids = set(session.exec(select(Attempt.sid).where(col(Attempt.sid).is_not(None))))
        assert sids <= set(self.network.values())

    @invariant()
    def nothing_is_in_two_places(self) -> None:
        with self.db.read() as session:
            open_attempts = session.exec(
                select(Attempt.message_id).where(col(Attempt.outcome).in_((Outcome.OPEN, Outcome.UNKNOWN)))
            ).all()
            lost = session.exec(
                select(Message.id).where(
                    col(Message.state).in_((State.SENDING, State.UNCERTAIN)),
                    col(Message.id).not_in(open_attempts or [0]),
                    col(Message.id).not_in(select(InboxItem.message_id)),
                )
            ).all()
        assert len(open_attempts) == len(set(open_attempts))
        assert list(lost) == [], "a text nobody will ever look at again"


def test_any_order_of_events_keeps_the_promises(sqlite_database: Callable[[], Database]) -> None:
    LifeOfTexts.empty_database = sqlite_database
    quick = settings(
        max_examples=15,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(LifeOfTexts, settings=quick)  # type: ignore[no-untyped-call]
