"""Referrals made with a recorded yes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.database import one_of
from bot.states import Moves


class ReferralState(StrEnum):
    """`waiting` has no place yet; `sent` and `accepted` hold one; the others gave it back."""

    WAITING = "waiting"
    SENT = "sent"
    ACCEPTED = "accepted"
    FULL = "full"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


HOLDING_A_PLACE = (ReferralState.SENT, ReferralState.ACCEPTED)
"""States in which a referral takes one of the partner's places."""


REFERRAL_MOVES = Moves(
    {
        ReferralState.WAITING: (ReferralState.SENT, ReferralState.WITHDRAWN),
        ReferralState.SENT: (
            ReferralState.ACCEPTED,
            ReferralState.FULL,
            ReferralState.CLOSED,
            ReferralState.WITHDRAWN,
        ),
        ReferralState.ACCEPTED: (ReferralState.FULL, ReferralState.CLOSED, ReferralState.WITHDRAWN),
        ReferralState.FULL: (),
        ReferralState.CLOSED: (),
        ReferralState.WITHDRAWN: (),
    }
)


class Consent(SQLModel, table=True):
    """A recorded yes: what was asked, in which wording and language, when, and which message answered it."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("answer_message_id"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int = Field(foreign_key="patient.id")
    partner_id: int = Field(foreign_key="partner.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    text_key: str
    language: str
    wording_digest: str
    question: str
    question_message_id: int = Field(foreign_key="message.id")
    answer_message_id: int = Field(foreign_key="message.id")
    given_at: datetime


class Referral(SQLModel, table=True):
    """One person handed to one partner; `said` is what the person told us, once, in their own words."""

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(one_of("state", ReferralState), name="state"),
        Index("ix_referral_partner", "partner_id", "state", "id"),
        Index("ix_referral_campaign", "campaign_id", "state"),
        Index(
            "uq_referral_open",
            "patient_id",
            "partner_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'sent', 'accepted')"),
            postgresql_where=text("state IN ('waiting', 'sent', 'accepted')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=12)
    practice_id: int = Field(foreign_key="practice.id")
    partner_id: int = Field(foreign_key="partner.id")
    patient_id: int = Field(foreign_key="patient.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    consent_id: int = Field(foreign_key="consent.id")
    purpose: str = Field(max_length=64)
    state: str
    said: str = ""
    outcome: str | None = None
    created_at: datetime
    sent_at: datetime | None = None
    updated_at: datetime


class ReferralText(SQLModel, table=True):
    """A text whose words are among what a referral's person told us."""

    __tablename__ = "referral_text"
    referral_id: int = Field(foreign_key="referral.id", primary_key=True)
    message_id: int = Field(foreign_key="message.id", primary_key=True)


class ReferralNote(SQLModel, table=True):
    """What somebody of the partner noted about a referral, such as "Called, no answer"; kept as long as it is."""

    __tablename__ = "referral_note"
    id: int | None = Field(default=None, primary_key=True)
    referral_id: int = Field(foreign_key="referral.id", index=True)
    user_id: int | None = Field(default=None, foreign_key="user_account.id")
    words: str = Field(max_length=500)
    at: datetime
