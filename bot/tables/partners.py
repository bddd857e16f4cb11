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
OPEN_STATES = (ReferralState.WAITING, *HOLDING_A_PLACE)
"""States of a referral that has not ended."""


REFERRAL_MOVES = Moves(
    {
        ReferralState.WAITING: (ReferralState.SENT, ReferralState.CLOSED, ReferralState.WITHDRAWN),
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


class ConsentHow(StrEnum):
    """How a yes was given: by text, or to staff, who recorded it."""

    TEXT = "text"
    PHONE = "phone"
    IN_PERSON = "in-person"


class Consent(SQLModel, table=True):
    """A recorded yes: what was asked, in which wording and language, when, and which message answered it.

    What was said to staff has no messages: `question` is what they read out, `recorded_by` who wrote down the yes (null
    for the console). `withdrawn_at`: since then it holds no more.
    """

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("answer_message_id"),
        CheckConstraint(one_of("how", ConsentHow), name="how"),
        CheckConstraint(
            "how <> 'text' OR (question_message_id IS NOT NULL AND answer_message_id IS NOT NULL)", name="by_text"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    patient_id: int = Field(foreign_key="patient.id")
    partner_id: int = Field(foreign_key="partner.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    text_key: str
    language: str
    wording_digest: str
    question: str
    question_message_id: int | None = Field(default=None, foreign_key="message.id")
    answer_message_id: int | None = Field(default=None, foreign_key="message.id")
    given_at: datetime
    how: str = Field(default=ConsentHow.TEXT, max_length=16, sa_column_kwargs={"server_default": "text"})
    recorded_by: int | None = Field(default=None, foreign_key="user_account.id")
    withdrawn_at: datetime | None = None


class Referral(SQLModel, table=True):
    """One person handed to one partner; `said` is what the person told us, once, in their own words.

    `made_by`: the member of staff who referred them; null where their own answer to a campaign did. `erased_at`: since
    then what they said, and what the partner noted, is gone.
    """

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
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    erased_at: datetime | None = None


class ProposalState(StrEnum):
    """`asked` waits for the person's answer; `lapsed`: none came; `dropped`: it is not asked any more."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    DROPPED = "dropped"


class Proposal(SQLModel, table=True):
    """A partner of whom a person is asked by text; nothing is shared and no referral is made before their yes.

    `instead_of_id`: the referral whose partner cannot take them. `said`: what staff wrote down of what they told us,
    kept no longer than the question is open.
    """

    __tablename__ = "referral_proposal"
    __table_args__ = (
        CheckConstraint(one_of("state", ProposalState), name="state"),
        Index(
            "uq_referral_proposal_open",
            "patient_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        Index("ix_referral_proposal_practice", "practice_id", "state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    partner_id: int = Field(foreign_key="partner.id")
    patient_id: int = Field(foreign_key="patient.id")
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")
    instead_of_id: int | None = Field(default=None, foreign_key="referral.id", index=True)
    purpose: str = Field(max_length=64)
    said: str = ""
    state: str = ProposalState.ASKED
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    made_at: datetime
    ended_at: datetime | None = None


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
