"""Sites, clinics and their slots, visits, what is offered, and the one lock on anybody's time."""

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import JSON, Field, SQLModel

from bot.database import one_of
from bot.states import Moves
from bot.tables.interpreters import Mode


class ClinicPurpose(StrEnum):
    """What a clinic is for; no text and no interpreter ever says it."""

    GENERAL = "general"
    CERVICAL = "cervical"
    YOUTH = "youth"
    EVENT = "event"


class SlotKind(StrEnum):
    """`held`: kept for visits with an interpreter, or for one language, until it is released."""

    OPEN = "open"
    HELD = "held"


class VisitKind(StrEnum):
    """`external`: booked in the practice's own system, and known from its report."""

    OURS = "ours"
    EXTERNAL = "external"


class VisitState(StrEnum):
    """Where a visit stands."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    ATTENDED = "attended"
    DID_NOT_ATTEND = "did-not-attend"
    CANCELLED = "cancelled"


VISIT_MOVES = Moves(
    {
        VisitState.BOOKED: (
            VisitState.ARRIVED,
            VisitState.ATTENDED,
            VisitState.DID_NOT_ATTEND,
            VisitState.CANCELLED,
        ),
        VisitState.ARRIVED: (VisitState.BOOKED, VisitState.ATTENDED),
        VisitState.ATTENDED: (VisitState.BOOKED, VisitState.ARRIVED),
        VisitState.DID_NOT_ATTEND: (VisitState.BOOKED, VisitState.ARRIVED, VisitState.ATTENDED),
        VisitState.CANCELLED: (),
    }
)
"""What was pressed by mistake can be pressed right; a visit given up stays so, for its time may be another's."""
TAKES_TIME = (VisitState.BOOKED, VisitState.ARRIVED, VisitState.ATTENDED, VisitState.DID_NOT_ATTEND)


class InterpreterState(StrEnum):
    """Whether a visit has its interpreter. `failed`: nobody was found, and staff know."""

    NOT_NEEDED = "not-needed"
    BOOKED = "booked"
    SEEKING = "seeking"
    FAILED = "failed"


class OfferState(StrEnum):
    """`held`: nobody else gets the time; `soft`: whoever answers first; `gone`: somebody else has it."""

    HELD = "held"
    SOFT = "soft"
    TAKEN = "taken"
    GONE = "gone"
    EXPIRED = "expired"


STILL_OFFERED = (OfferState.HELD, OfferState.SOFT)
"""States in which an offer can be answered."""


class Whose(StrEnum):
    """Whose time is claimed. A `place` is a seat at an event: whose is the slot's id, the cell the seat's number."""

    CLINICIAN = "clinician"
    INTERPRETER = "interpreter"
    PATIENT = "patient"
    PLACE = "place"


class Site(SQLModel, table=True):
    """A place where people are seen, by its public name and address."""

    __tablename__ = "site"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    name: str = Field(max_length=100)
    address: str = Field(max_length=200)


class SiteTravel(SQLModel, table=True):
    """Minutes from one site to another, in either direction; the site with the smaller id stands first."""

    __tablename__ = "site_travel"
    __table_args__ = (
        CheckConstraint("one_id < other_id", name="order"),
        CheckConstraint("minutes >= 0", name="minutes"),
    )
    one_id: int = Field(foreign_key="site.id", primary_key=True)
    other_id: int = Field(foreign_key="site.id", primary_key=True)
    minutes: int


class Clinician(SQLModel, table=True):
    """Somebody of a practice who sees people."""

    __tablename__ = "clinician"
    __table_args__ = (CheckConstraint("sex IN ('F', 'M', 'X', 'U')", name="sex"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    name: str = Field(max_length=100)
    sex: str = "U"


class Clinic(SQLModel, table=True):
    """What is offered at a site, in which steps and by which rules.

    `held_all`, or the first `held_first` slots of each session, are held; `held_language` for one language alone.
    `release_days` are working days, `notice_hours` how long before its start a time can still be booked.
    `places`: how many an event takes. `bank_holidays`: it is open on them.
    """

    __tablename__ = "clinic"
    __table_args__ = (
        CheckConstraint(one_of("purpose", ClinicPurpose), name="purpose"),
        CheckConstraint("slot_minutes > 0 AND slot_minutes % 5 = 0", name="slot_minutes"),
        CheckConstraint("places IS NULL OR places > 0", name="places"),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    site_id: int = Field(foreign_key="site.id")
    purpose: str = ClinicPurpose.GENERAL
    slot_minutes: int
    women_only: bool = False
    places: int | None = None
    held_all: bool = False
    held_first: int = 0
    held_language: str | None = Field(default=None, max_length=16)
    release_days: int = 2
    notice_hours: int = 0
    bank_holidays: bool = False
    created_at: datetime


class ClinicSession(SQLModel, table=True):
    """Hours of a clinician in a clinic that come again, on the wall clock in London; of nobody at an event.

    `days` are weekdays parted by commas, 0 is Monday; `every`: each how many weeks, counted from that of `starts_on`.
    `until` is the last day. `ended_at`: since then it makes no slots.
    """

    __tablename__ = "clinic_session"
    __table_args__ = (
        CheckConstraint("opens < closes", name="order"),
        CheckConstraint("every >= 1", name="every"),
    )
    id: int | None = Field(default=None, primary_key=True)
    clinic_id: int = Field(foreign_key="clinic.id", index=True)
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id", index=True)
    days: str = Field(max_length=16)
    opens: time
    closes: time
    starts_on: date
    until: date | None = None
    every: int = 1
    ended_at: datetime | None = None


class Closure(SQLModel, table=True):
    """Days on which a site is closed, the first and the last among them."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("first_day <= last_day", name="order"),)
    id: int | None = Field(default=None, primary_key=True)
    site_id: int = Field(foreign_key="site.id", index=True)
    first_day: date
    last_day: date


class ClinicianAway(SQLModel, table=True):
    """A day in London on which a clinician sees nobody, said beside their sessions: no slots are made on it."""

    __tablename__ = "clinician_away"
    clinician_id: int = Field(foreign_key="clinician.id", primary_key=True)
    day: date = Field(primary_key=True)
    why: str = Field(max_length=200)
    said_at: datetime


class Slot(SQLModel, table=True):
    """One step of a session's time, in UTC. Whether it is free stands in `claimed_time` alone.

    `first_cell` and `end_cell` are its 5-minute cells, the end not among them (`claimed_time`). `session_id` is null
    where it came from the practice's own system, which calls it `external_ref`. `released_at`: since then it is open.
    """

    __tablename__ = "slot"
    __table_args__ = (
        CheckConstraint(one_of("kind", SlotKind), name="kind"),
        CheckConstraint("starts < ends", name="order"),
        Index(
            "uq_slot_clinician_starts",
            "clinician_id",
            "starts",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index(
            "uq_slot_event",
            "clinic_id",
            "starts",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL AND clinician_id IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL AND clinician_id IS NULL"),
        ),
        Index("ix_slot_clinic", "clinic_id", "starts"),
        Index("ix_slot_session", "session_id", "starts"),
        UniqueConstraint("clinic_id", "external_ref"),
    )
    id: int | None = Field(default=None, primary_key=True)
    clinic_id: int = Field(foreign_key="clinic.id")
    session_id: int | None = Field(default=None, foreign_key="clinic_session.id")
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id")
    starts: datetime
    ends: datetime
    first_cell: int
    end_cell: int
    kind: str = SlotKind.OPEN
    language: str | None = Field(default=None, max_length=16)
    released_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: str | None = Field(default=None, max_length=200)
    external_ref: str | None = Field(default=None, max_length=100)


class Visit(SQLModel, table=True):
    """A time that a person has with a clinician, and with an interpreter where one is needed. Times are UTC.

    `mode` is how the person meets the clinician, `interpreter_mode` how the interpreter is there. `language`,
    `clinician_sex`, `interpreter_sex` and `longer` are what was asked for, so that a move keeps it. `sequence` goes up
    with every change a calendar shows; `moved_from` is the start before the last move. `phone` is for a visit of a
    phone without a record. `to_move_since`: its slots are gone and staff have to find another time.
    `external_ref` is the id the practice's own system gives it. `idempotency_key`: asked for again, it is this visit.
    """

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("kind", VisitKind), name="kind"),
        CheckConstraint(one_of("state", VisitState), name="state"),
        CheckConstraint(one_of("mode", Mode), name="mode"),
        CheckConstraint(f"interpreter_mode IS NULL OR {one_of('interpreter_mode', Mode)}", name="interpreter_mode"),
        CheckConstraint(one_of("interpreter_state", InterpreterState), name="interpreter_state"),
        CheckConstraint("starts < ends", name="order"),
        CheckConstraint("patient_id IS NOT NULL OR phone IS NOT NULL", name="whose"),
        CheckConstraint("given_up_by IS NULL OR given_up_by IN ('person', 'practice')", name="given_up_by"),
        UniqueConstraint("practice_id", "idempotency_key"),
        UniqueConstraint("practice_id", "external_ref"),
        Index("ix_visit_practice", "practice_id", "starts"),
        Index("ix_visit_patient", "patient_id", "starts"),
        Index("ix_visit_clinician", "clinician_id", "starts"),
        Index("ix_visit_interpreter", "interpreter_id", "starts"),
        Index(
            "ix_visit_seeking",
            "starts",
            sqlite_where=text("interpreter_state IN ('seeking', 'failed')"),
            postgresql_where=text("interpreter_state IN ('seeking', 'failed')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=8)
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    phone: str | None = None
    clinic_id: int | None = Field(default=None, foreign_key="clinic.id")
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id")
    site_id: int | None = Field(default=None, foreign_key="site.id")
    starts: datetime
    ends: datetime
    kind: str = VisitKind.OURS
    mode: str = Mode.IN_PERSON
    state: str = VisitState.BOOKED
    given_up_by: str | None = None
    given_up_why: str | None = Field(default=None, max_length=200)
    given_up_at: datetime | None = None
    language: str | None = Field(default=None, max_length=16)
    clinician_sex: str | None = Field(default=None, max_length=1)
    interpreter_sex: str | None = Field(default=None, max_length=1)
    longer: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    interpreter_id: int | None = Field(default=None, foreign_key="interpreter.id")
    interpreter_mode: str | None = None
    interpreter_state: str = InterpreterState.NOT_NEEDED
    sequence: int = 0
    moved_from: datetime | None = None
    to_move_since: datetime | None = None
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    external_ref: str | None = Field(default=None, max_length=100)
    idempotency_key: str | None = Field(default=None, max_length=100)
    made_by: str = Field(max_length=64)
    made_at: datetime
    changed_at: datetime


class InterpreterGivenUp(SQLModel, table=True):
    """An interpreter lost or gave up a visit: who, when, and how long before it; agencies are billed by it."""

    __tablename__ = "interpreter_given_up"
    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visit.id", index=True)
    interpreter_id: int = Field(foreign_key="interpreter.id", index=True)
    starts: datetime
    at: datetime
    by: str = Field(max_length=16)


class Offer(SQLModel, table=True):
    """A time with its number in a text. `of_message_id` is that text, null until it is queued.

    `held_until` is when the hold ends and null once it is soft; `until` is when it cannot be answered any more.
    `campaign_id`: what it is booked for. `waiting_id`: a freed time, offered to who waits for one.
    `moves_visit_id`: taking it moves that visit. `round`: which page of times in one conversation, from 1.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint(one_of("state", OfferState), name="state"),
        Index("ix_offer_patient", "patient_id", "state"),
        Index("ix_offer_clinic", "clinic_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int = Field(foreign_key="patient.id")
    clinic_id: int = Field(foreign_key="clinic.id")
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id")
    number: int
    round: int = 1
    starts: datetime
    ends: datetime
    language: str | None = Field(default=None, max_length=16)
    clinician_sex: str | None = Field(default=None, max_length=1)
    interpreter_sex: str | None = Field(default=None, max_length=1)
    longer: bool = False
    interpreter_id: int | None = Field(default=None, foreign_key="interpreter.id")
    moves_visit_id: int | None = Field(default=None, foreign_key="visit.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    waiting_id: int | None = Field(default=None, foreign_key="waiting_request.id", index=True)
    message_id: int | None = Field(default=None, foreign_key="message.id", index=True)
    state: str = OfferState.HELD
    held_until: datetime | None = None
    until: datetime
    made_at: datetime


class ClaimedTime(SQLModel, table=True):
    """Five minutes of somebody that are taken: the one lock on anybody's time, for no two rows can be the same.

    `cell` counts five minutes since 1970 in UTC. A row is a visit's, or an offer's until `held_until`.
    """

    __tablename__ = "claimed_time"
    __table_args__ = (
        CheckConstraint(one_of("kind", Whose), name="kind"),
        CheckConstraint("(visit_id IS NULL) <> (offer_id IS NULL)", name="one_reason"),
        CheckConstraint("(offer_id IS NULL) = (held_until IS NULL)", name="held_until"),
        Index("ix_claimed_time_visit", "visit_id"),
        Index("ix_claimed_time_offer", "offer_id"),
        {"sqlite_with_rowid": False},
    )
    kind: str = Field(primary_key=True, max_length=16)
    whose: int = Field(primary_key=True)
    cell: int = Field(primary_key=True)
    visit_id: int | None = Field(default=None, foreign_key="visit.id")
    offer_id: int | None = Field(default=None, foreign_key="offer.id")
    held_until: datetime | None = None


class BookingCampaign(SQLModel, table=True):
    """The clinic that a campaign invites to, beside what every campaign has.

    `event_id` is a clinic of purpose `event` that people may choose instead. `neutral`: the invitation names no test.
    """

    __tablename__ = "booking_campaign"
    campaign_id: int = Field(foreign_key="campaign.id", primary_key=True)
    clinic_id: int = Field(foreign_key="clinic.id", index=True)
    event_id: int | None = Field(default=None, foreign_key="clinic.id")
    neutral: bool = False


class WaitingState(StrEnum):
    """`asked`: a freed time is before them, and nobody else is asked for it; `left`: they wait no longer."""

    WAITING = "waiting"
    ASKED = "asked"
    BOOKED = "booked"
    LEFT = "left"


STILL_WAITS = (WaitingState.WAITING, WaitingState.ASKED)


class WaitingRequest(SQLModel, table=True):
    """A person waits for a time in a clinic, because none that suits was free. Times are UTC.

    What was asked for stands beside it; the language and whether an interpreter is needed are those of the record.
    `asked`: how many freed times they were offered. `visit_id` is the visit it became.
    """

    __tablename__ = "waiting_request"
    __table_args__ = (
        CheckConstraint(one_of("state", WaitingState), name="state"),
        Index(
            "uq_waiting_request_patient",
            "patient_id",
            "clinic_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'asked')"),
            postgresql_where=text("state IN ('waiting', 'asked')"),
        ),
        Index("ix_waiting_request_practice", "practice_id", "state", "since"),
        Index("ix_waiting_request_clinic", "clinic_id", "state", "since"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int = Field(foreign_key="patient.id")
    clinic_id: int = Field(foreign_key="clinic.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", index=True)
    clinician_sex: str | None = Field(default=None, max_length=1)
    interpreter_sex: str | None = Field(default=None, max_length=1)
    longer: bool = False
    state: str = WaitingState.WAITING
    since: datetime
    asked: int = 0
    ended_at: datetime | None = None
    visit_id: int | None = Field(default=None, foreign_key="visit.id")
    made_by: str = Field(max_length=64)


class VisitPlan(SQLModel, table=True):
    """Waiting people put into interpreters' hours, for staff to look at; nothing of it is booked until they apply it.

    `first_come`: how many would have been placed first come, first served. `travel_minutes` are the interpreters'.
    `night`: the evening (London) for which it was made of its own accord, one at most.
    """

    __tablename__ = "visit_plan"
    id: int | None = Field(default=None, primary_key=True)
    first_day: date
    last_day: date
    requests: int
    placed: int
    first_come: int
    travel_minutes: int
    night: date | None = Field(default=None, unique=True)
    made_at: datetime


class VisitPlanLine(SQLModel, table=True):
    """What a plan has for one who waits: a time with an interpreter, or by which rule there is none (`why`).

    `in_queue`: first come, first served would have placed them as well. `visit_id` once it is applied and booked;
    `refused` is the code of what kept it from being booked then.
    """

    __tablename__ = "visit_plan_line"
    plan_id: int = Field(foreign_key="visit_plan.id", primary_key=True)
    request_id: int = Field(foreign_key="waiting_request.id", primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    starts: datetime | None = None
    ends: datetime | None = None
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id")
    interpreter_id: int | None = Field(default=None, foreign_key="interpreter.id")
    why: str | None = Field(default=None, max_length=32)
    in_queue: bool = False
    visit_id: int | None = Field(default=None, foreign_key="visit.id")
    refused: str | None = Field(default=None, max_length=32)


class Poster(SQLModel, table=True):
    """A code that hangs on a wall, by which a young person asks for one of its times from their own phone.

    It says which clinic, not who reads it nor where it hangs. `ended_at`: since then it starts nothing.
    """

    __tablename__ = "poster"
    code: str = Field(primary_key=True, max_length=8)
    clinic_id: int = Field(foreign_key="clinic.id", index=True)
    practice_id: int = Field(foreign_key="practice.id")
    made_at: datetime
    ended_at: datetime | None = None


class PosterTime(SQLModel, table=True):
    """A time on a poster with the number that chooses it, from 1 (UTC)."""

    __tablename__ = "poster_time"
    poster_code: str = Field(foreign_key="poster.code", primary_key=True, max_length=8)
    number: int = Field(primary_key=True)
    starts: datetime


class PosterStage(StrEnum):
    """How far a phone has come that texted a poster's code; `own-phone` and `birthday` wait for an answer."""

    OWN_PHONE = "own-phone"
    BIRTHDAY = "birthday"
    BOOKED = "booked"
    GONE = "gone"
    NOT_THEIRS = "not-theirs"
    ENDED = "ended"


class PosterStart(SQLModel, table=True):
    """A phone texted a poster's code. Nothing of a record is read out, used or changed by it.

    `may_be_id`: the one young person of the practice with the birthday that was given, a hint for staff, no identity.
    `at` and `answered_at` are UTC; a stage that waits ends after a day.
    """

    __tablename__ = "poster_start"
    __table_args__ = (
        CheckConstraint(one_of("stage", PosterStage), name="stage"),
        Index("ix_poster_start_phone", "phone", "sender_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    poster_code: str = Field(foreign_key="poster.code", index=True, max_length=8)
    number: int
    practice_id: int = Field(foreign_key="practice.id")
    sender_id: int = Field(foreign_key="sender.id")
    phone: str
    stage: str = PosterStage.OWN_PHONE
    may_be_id: int | None = Field(default=None, foreign_key="patient.id")
    visit_id: int | None = Field(default=None, foreign_key="visit.id")
    at: datetime
    answered_at: datetime | None = None


class OwnSystemTask(SQLModel, table=True):
    """Something staff have to do by hand in the practice's own appointment book, until it is ticked.

    `missing`: the visit was not in a report that should have had it; staff say whether it is off.
    """

    __tablename__ = "own_system_task"
    __table_args__ = (
        CheckConstraint("what IN ('enter', 'take-out', 'missing', 'unclear')", name="what"),
        Index("ix_own_system_task_practice", "practice_id", "done_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    visit_id: int = Field(foreign_key="visit.id", index=True)
    what: str = Field(max_length=16)
    made_at: datetime
    done_at: datetime | None = None
    done_by: int | None = Field(default=None, foreign_key="user_account.id")


class AppointmentReport(SQLModel, table=True):
    """A practice's appointment report that was looked at: it waits to be confirmed, or says what it covered.

    `content` is gone once it is confirmed or discarded. `first_day` and `last_day` are the days it speaks of.
    `confirmation`: the people are told what the report changed. `counts` says what became of it once it is stored.
    """

    __tablename__ = "appointment_report"
    __table_args__ = (CheckConstraint("state IN ('waiting', 'stored', 'discarded')", name="state"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    file_name: str = Field(max_length=200)
    content: bytes | None = None
    state: str = "waiting"
    confirmation: bool = False
    first_day: date | None = None
    last_day: date | None = None
    counts: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    created_at: datetime
    stored_at: datetime | None = None


class ReportedVisit(SQLModel, table=True):
    """What the practice's own system says of a visit beside its time, as its report writes it.

    `report_id`: the last report that had it. `to_tell`: what the person has still to be told, `booked`, `moved` or
    `off`; null once it is told, or where nobody asked for it.
    """

    __tablename__ = "reported_visit"
    __table_args__ = (
        CheckConstraint("to_tell IS NULL OR to_tell IN ('booked', 'moved', 'off')", name="to_tell"),
        Index(
            "ix_reported_visit_to_tell",
            "visit_id",
            sqlite_where=text("to_tell IS NOT NULL"),
            postgresql_where=text("to_tell IS NOT NULL"),
        ),
    )
    visit_id: int = Field(foreign_key="visit.id", primary_key=True)
    report_id: int | None = Field(default=None, foreign_key="appointment_report.id", index=True)
    clinic: str = Field(default="", max_length=100)
    clinician: str = Field(default="", max_length=100)
    site: str = Field(default="", max_length=100)
    to_tell: str | None = Field(default=None, max_length=8)


class Proof(SQLModel, table=True):
    """A number that a person who is there reads to the interpreter: one lives at a time, and it counts once.

    `number_hash` is keyed. `proven_until`: until then the interpreter may book for that person (UTC). A code of nobody
    has one as well, without a patient, so that nothing tells it from a right one. `idempotency_key` is that of the
    form: sent again, it starts nothing.
    """

    __tablename__ = "proof"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index("ix_proof_user", "user_id", "made_at"),
        Index("ix_proof_patient", "patient_id", "made_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    patient_id: int | None = Field(default=None, foreign_key="patient.id")
    person_code: str = Field(max_length=8)
    number_hash: str = Field(max_length=64)
    texted: bool = False
    made_at: datetime
    until: datetime
    tries: int = 0
    proven_until: datetime | None = None
    ended_at: datetime | None = None
    idempotency_key: str | None = Field(default=None, max_length=100)


class WrongCode(SQLModel, table=True):
    """An account entered a code of nobody; five in an hour lock its joining for an hour."""

    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code_user", "user_id", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    at: datetime


class CalendarFeed(SQLModel, table=True):
    """The secret address of somebody's calendar; only a keyed hash of its token is kept. A new one revokes the old."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("(interpreter_id IS NULL) <> (clinician_id IS NULL)", name="whose"),
        Index("ix_calendar_feed_interpreter", "interpreter_id"),
        Index("ix_calendar_feed_clinician", "clinician_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True, max_length=64)
    interpreter_id: int | None = Field(default=None, foreign_key="interpreter.id")
    clinician_id: int | None = Field(default=None, foreign_key="clinician.id")
    made_at: datetime
    revoked_at: datetime | None = None
