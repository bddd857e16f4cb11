"""Any order of freed times, answers, lapses and leaving keeps the promises of the waiting list."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from bot.appointments.by_text.offering import lapse_offers
from bot.appointments.joint.booking import VisitWanted, book_joint_visit
from bot.appointments.joint.claims import cells
from bot.appointments.joint.giving_up import give_up_visit
from bot.appointments.waiting.freed_times import WAITING_OFFER, offer_freed_times
from bot.appointments.waiting.joining import WaitingWanted, join_waiting_list, leave_waiting_list
from bot.appointments.waiting.prospects import BEFORE_START
from bot.appointments.waiting.requests import settle_requests
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.messaging.questions import expire_questions
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.appointments import (
    STILL_WAITS,
    ClaimedTime,
    Offer,
    OfferState,
    Visit,
    WaitingRequest,
    WaitingState,
    Whose,
)
from bot.tables.messaging import Message, OpenQuestion, QuestionState, State
from tests.appointments.clinics import make_agency, make_interpreter
from tests.appointments.world import london, make_clinic, make_clinician, make_session
from tests.factories import make_patient, make_practice, text_in
from tests.messaging.helpers import send_all

BEGIN = "2026-11-24 10:00"
NEXT = date(2026, 11, 25)
number = st.integers(0, 1000)
REFUSALS = {"not-waiting", "already-booked", "nothing-free", "not-booked", "past", "taken"}
PEOPLE = (("en", False), ("en", False), ("en", False), ("ur", True), ("ur", True))
"""Those with the same needs want the same times."""


class LifeOfTheList(RuleBasedStateMachine):
    """Two clinics with few times and one interpreter, and five people, some of whom want just the same."""

    empty_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.db = type(self).empty_database()
        self.clock = time_machine.travel(london(BEGIN), tick=False)
        self.traveller = self.clock.start()
        self.settings = Settings(
            secret_key="a-long-secret-for-tests-of-no-value",
            database_url="sqlite:///unused.db",
            send_window="00:00-24:00",
            sender_parts_per_second=1000,
            question_read_after=0,
        )

    def teardown(self) -> None:
        self.clock.stop()

    @initialize(joined=st.lists(st.tuples(number, number), min_size=4, max_size=8))
    def a_practice(self, joined: list[tuple[int, int]]) -> None:
        self.practice = make_practice(self.db)
        self.clinics = [make_clinic(self.db, self.practice), make_clinic(self.db, self.practice, purpose="cervical")]
        for clinic, opens in zip(self.clinics, ("09:00", "09:20"), strict=True):
            clinician = make_clinician(self.db, self.practice)
            make_session(self.db, clinic, clinician, "wed", opens, "10:00", starts_on=NEXT, until=NEXT)
        make_interpreter(self.db, make_agency(self.db, self.practice))
        self.people = [
            make_patient(self.db, self.practice, language=tag, interpreter=needs, sex="F", phone=f"+4477009003{at:02}")
            for at, (tag, needs) in enumerate(PEOPLE)
        ]
        for who, where in joined:
            self.somebody_joins(who, where, longer=False)

    # What people do.

    @rule(who=number, where=number, longer=st.booleans())
    def somebody_joins(self, who: int, where: int, longer: bool) -> None:
        wanted = WaitingWanted(*self._codes(who, where), longer=longer)
        self._try(lambda: join_waiting_list(self.db, wanted, CONSOLE))

    @rule(who=number, where=number)
    def somebody_leaves(self, who: int, where: int) -> None:
        practice, person, clinic = self._codes(who, where)
        self._try(lambda: leave_waiting_list(self.db, practice, person, clinic, CONSOLE))

    @rule(who=number, where=number)
    def somebody_is_booked(self, who: int, where: int) -> None:
        """The list hears of it within a minute."""
        wanted = VisitWanted(*self._codes(who, where))
        self._try(lambda: book_joint_visit(self.db, self.settings, wanted, CONSOLE))
        self.requests_are_settled()

    @rule(which=number)
    def a_visit_is_given_up(self, which: int) -> None:
        with self.db.read() as session:
            visits = session.exec(select(Visit).order_by(col(Visit.id))).all()
        if visits:
            code = visits[which % len(visits)].code
            self._try(lambda: give_up_visit(self.db, self.settings, code, "person", None, CONSOLE))

    @rule(who=number, says=st.sampled_from(["5", "book", "hello"]))
    def somebody_writes(self, who: int, says: str) -> None:
        text_in(self.db, self.settings, self.people[who % len(self.people)].phone, says)

    @rule(which=number, says=st.sampled_from(["1", "2"]))
    def somebody_answers(self, which: int, says: str) -> None:
        """One of those who were ever asked, in time or not."""
        with self.db.read() as session:
            asked = session.exec(
                select(Message.phone).where(Message.text_key == "waiting-offer", Message.state != State.QUEUED)
            ).all()
        if asked:
            text_in(self.db, self.settings, asked[which % len(asked)], says)

    @rule()
    def the_list_is_looked_at(self) -> None:
        offer_freed_times(self.db, self.settings)

    @rule()
    def a_minute_of_the_clock(self) -> None:
        offer_freed_times(self.db, self.settings)
        send_all(self.db, self.settings)
        self.traveller.shift(timedelta(minutes=1))
        lapse_offers(self.db, self.settings)

    @rule()
    def texts_go(self) -> None:
        send_all(self.db, self.settings)

    @rule(minutes=st.sampled_from([1, 20, 31, 90, 121]))
    def time_passes(self, minutes: int) -> None:
        self.traveller.shift(timedelta(minutes=minutes))

    @rule()
    def holds_and_questions_lapse(self) -> None:
        lapse_offers(self.db, self.settings)
        assert lapse_offers(self.db, self.settings) == 0
        expire_questions(self.db, self.settings)

    @rule()
    def requests_are_settled(self) -> None:
        with self.db.write() as session:
            settle_requests(session, utc_now())
            assert settle_requests(session, utc_now()) == 0

    def _codes(self, who: int, where: int) -> tuple[str, str, str]:
        person, clinic = self.people[who % len(self.people)], self.clinics[where % len(self.clinics)]
        return self.practice.code, person.nhs_number, clinic.code

    def _try(self, verb: Callable[[], Any]) -> None:
        try:
            verb()
        except Refused as refused:
            if refused.code not in REFUSALS:
                raise

    # What is always so.

    @invariant()
    def no_time_is_promised_twice(self) -> None:
        """All the time of an offer that is held is its own, or a visit's of the same person."""
        with self.db.read() as session:
            now = utc_now()
            held = session.exec(
                select(Offer).where(
                    Offer.state == OfferState.HELD, col(Offer.held_until) > now, col(Offer.waiting_id).is_not(None)
                )
            ).all()
            whose = {visit.id: visit.patient_id for visit in session.exec(select(Visit))}
            claims = {(each.kind, each.whose, each.cell): each for each in session.exec(select(ClaimedTime))}
        for offer in held:
            for key in self._cells_of(offer):
                claimed = claims[key]
                assert claimed.offer_id == offer.id or whose[claimed.visit_id] == offer.patient_id

    def _cells_of(self, offer: Offer) -> Iterator[tuple[str, int, int]]:
        for kind, owner in ((Whose.CLINICIAN, offer.clinician_id), (Whose.INTERPRETER, offer.interpreter_id)):
            if owner is not None:
                yield from ((str(kind), owner, cell) for cell in cells(offer.starts, offer.ends))

    @invariant()
    def nobody_is_offered_one_time_twice(self) -> None:
        with self.db.read() as session:
            offers = session.exec(select(Offer).where(col(Offer.waiting_id).is_not(None))).all()
        told = Counter((offer.patient_id, offer.clinic_id, offer.clinician_id, offer.starts) for offer in offers)
        assert max(told.values(), default=0) <= 1
        assert all(offer.starts - offer.made_at >= BEFORE_START for offer in offers)

    @invariant()
    def who_is_asked_has_one_time_before_them(self) -> None:
        with self.db.read() as session:
            requests = session.exec(select(WaitingRequest)).all()
            held = session.exec(
                select(Offer).where(Offer.state == OfferState.HELD, col(Offer.waiting_id).is_not(None))
            ).all()
            open_to = Counter(offer.waiting_id for offer in held)
            for request in requests:
                assert open_to[request.id] == (1 if request.state == WaitingState.ASKED else 0)
                assert (request.ended_at is None) == (request.state in STILL_WAITS)
            assert max(Counter(offer.patient_id for offer in held).values(), default=0) <= 1

    @invariant()
    def a_text_that_waits_speaks_of_a_time_that_is_kept(self) -> None:
        with self.db.read() as session:
            waits = session.exec(
                select(Message.id)
                .join(OpenQuestion, col(OpenQuestion.message_id) == col(Message.id))
                .where(
                    OpenQuestion.kind == WAITING_OFFER,
                    OpenQuestion.state == QuestionState.PENDING,
                    Message.state == State.QUEUED,
                )
            ).all()
            kept = session.exec(select(Offer.message_id).where(Offer.state == OfferState.HELD)).all()
            assert set(waits) <= set(kept)

    @invariant()
    def a_request_that_is_booked_names_its_visit(self) -> None:
        with self.db.read() as session:
            for request in session.exec(select(WaitingRequest).where(WaitingRequest.state == WaitingState.BOOKED)):
                assert session.get_one(Visit, request.visit_id).patient_id == request.patient_id


def test_any_order_of_events_keeps_the_promises_of_the_list(sqlite_database: Callable[[], Database]) -> None:
    LifeOfTheList.empty_database = sqlite_database
    quick = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(LifeOfTheList, settings=quick)  # type: ignore[no-untyped-call]
