"""A partner's referrals as its people see them: while a place is held with the person, afterwards without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, func
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, case, col, select

from bot.clock import utc_now
from bot.partners.noting import Note, notes_of
from bot.partners.purposes import Purpose, find_purpose
from bot.tables.organisations import Practice
from bot.tables.partners import HOLDING_A_PLACE, REFERRAL_MOVES, Consent, Referral, ReferralState
from bot.tables.patients import Patient
from bot.texts.languages import LANGUAGES

OPEN, ENDED = "open", "ended"
WITHDRAWAL_SHOWN_FOR = timedelta(days=14)
SHOWN: Mapping[str, str] = {
    OPEN: "Open: new, and those you are helping",
    ReferralState.SENT: "New",
    ReferralState.ACCEPTED: "You are helping",
    ReferralState.CLOSED: "Closed",
    ReferralState.FULL: "Sent back: you were full",
    ReferralState.WITHDRAWN: "Withdrawn by the person",
    ENDED: "Ended, however it did",
}
"""What a partner may choose to see, by the word in the address. Who waits in line is counted, never shown."""
_INTERPRETER = {True: "Needed", False: "Not needed", None: "Not recorded"}


@dataclass(frozen=True)
class Choice:
    """Which referrals to show: a word of `SHOWN`, and a purpose and a practice's code if only those."""

    state: str = OPEN
    purpose: str | None = None
    practice: str | None = None


@dataclass(frozen=True)
class Case:
    """A referral to a partner. Whose it is shows while it holds a place, afterwards only how it ended."""

    referral: Referral
    practice: Practice
    _patient: Patient = field(repr=False)
    _consent: Consent = field(repr=False)
    _notes: Sequence[Note] = field(default=(), repr=False)

    @property
    def is_open(self) -> bool:
        """Whether it holds a place."""
        return self.referral.state in HOLDING_A_PLACE

    @property
    def patient(self) -> Patient | None:
        """The person, while the referral holds a place."""
        return self._patient if self.is_open else None

    @property
    def consent(self) -> Consent | None:
        """What the person agreed to, while the referral holds a place."""
        return self._consent if self.is_open else None

    @property
    def notes(self) -> Sequence[Note]:
        """What was noted, the newest first; nothing once the person has withdrawn."""
        return () if self.referral.state == ReferralState.WITHDRAWN else self._notes

    @property
    def name(self) -> str:
        """The person's name; empty once the referral has ended."""
        return f"{self.patient.given_name} {self.patient.surname}".strip() if self.patient else ""

    @property
    def phone(self) -> str | None:
        """The person's number, E.164, while the referral holds a place."""
        return self.patient.phone if self.patient else None

    @property
    def language(self) -> str:
        """The language in English and as its speakers call it; empty once the referral has ended."""
        known = LANGUAGES.get(self.patient.language or "") if self.patient else None
        return f"{known.english} ({known.native})" if known else "Not recorded" if self.patient else ""

    @property
    def interpreter(self) -> str:
        """Whether the person needs an interpreter, in words; empty once the referral has ended."""
        return _INTERPRETER[self.patient.interpreter] if self.patient else ""

    @property
    def purpose(self) -> Purpose:
        """What the person is referred for, and how it may end."""
        return find_purpose(self.referral.purpose)

    @property
    def outcome(self) -> str:
        """How it ended, as the partner said when it closed it; else empty."""
        return self.purpose.outcome_in_words(self.referral.outcome)

    @property
    def state(self) -> str:
        """Where it stands, in words; with the outcome, when there is one."""
        words = SHOWN[self.referral.state]
        return f"{words}: {self.outcome.lower()}" if self.outcome else words

    @property
    def since(self) -> datetime:
        """Since when it has stood there, in UTC."""
        return self.referral.updated_at


def list_cases(
    session: Session, partner_id: int, choice: Choice, *, skip: int = 0, limit: int | None = None
) -> list[Case]:
    """The partner's referrals of that choice: open ones as they wait, new ones first; others as they ended, last first.

    :param skip: how many to leave out at the beginning; limit: how many there are at most.
    """
    new_first = case((col(Referral.state) == ReferralState.SENT, 0), else_=1)
    newest_first = (col(Referral.updated_at).desc(), col(Referral.id).desc())
    is_open = choice.state == OPEN or choice.state in HOLDING_A_PLACE
    order = (new_first, col(Referral.updated_at), col(Referral.id)) if is_open else newest_first
    chosen = _cases(*_chosen(partner_id, choice)).order_by(*order)
    rows = session.execute(chosen.offset(skip).limit(limit)).all()
    notes = notes_of(session, [row[0] for row in rows])
    return [_case(row, notes) for row in rows]


def one_case(session: Session, partner_id: int, code: str) -> Case | None:
    """The partner's referral of that code; None while it waits in line, and when there is none."""
    own = (col(Referral.partner_id) == partner_id, col(Referral.code) == code)
    row = session.execute(_cases(*own, col(Referral.state) != ReferralState.WAITING)).first()
    return _case(row, notes_of(session, [row[0]])) if row else None


def _case(row: Row[Referral, Practice, Patient, Consent], notes: Mapping[int | None, Sequence[Note]]) -> Case:
    referral, practice, patient, consent = row
    return Case(referral, practice, patient, consent, notes.get(referral.id, ()))


def count_waiting(session: Session, partner_id: int) -> int:
    """How many people wait in line for a place of the partner."""
    waiting = (Referral.partner_id == partner_id, Referral.state == ReferralState.WAITING)
    return session.exec(select(func.count()).select_from(Referral).where(*waiting)).one()


def withdrawn_lately(session: Session, partner_id: int) -> Sequence[Referral]:
    """The partner's referrals whose person took back their yes in the last two weeks, the last first.

    That is how the partner hears of it: by the code alone, so that it stops and puts away its own copies.
    """
    since = utc_now() - WITHDRAWAL_SHOWN_FOR
    statement = (
        select(Referral)
        .join(Consent, col(Consent.id) == col(Referral.consent_id))
        .where(Referral.partner_id == partner_id, col(Referral.sent_at).is_not(None), col(Consent.withdrawn_at) > since)
        .order_by(col(Consent.withdrawn_at).desc(), col(Referral.id).desc())
    )
    return session.exec(statement).all()


def _chosen(partner_id: int, choice: Choice) -> list[ColumnElement[bool]]:
    states = {OPEN: HOLDING_A_PLACE, ENDED: REFERRAL_MOVES.ends}.get(choice.state, (choice.state,))
    chosen = [col(Referral.partner_id) == partner_id, col(Referral.state).in_(states)]
    chosen += [col(Referral.purpose) == choice.purpose] if choice.purpose else []
    chosen += [col(Practice.code) == choice.practice] if choice.practice else []
    return chosen


def _cases(*conditions: ColumnElement[bool]) -> Select[Referral, Practice, Patient, Consent]:
    return (
        sqlalchemy_select(Referral, Practice, Patient, Consent)
        .join(Patient, col(Patient.id) == col(Referral.patient_id))
        .join(Consent, col(Consent.id) == col(Referral.consent_id))
        .join(Practice, col(Practice.id) == col(Referral.practice_id))
        .where(*conditions)
    )
