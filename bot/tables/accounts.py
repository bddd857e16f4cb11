"""People who work with the service: accounts, and how they sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from bot.audit import Actor
from bot.database import one_of


class Role(StrEnum):
    """What an account may do; a partner account sees only its partner, a practice account only its practice."""

    PRACTICE = "practice"
    LEAD = "lead"
    PARTNER = "partner"
    REVIEWER = "reviewer"
    PHARMACY = "pharmacy"
    INTERPRETER = "interpreter"
    ADMIN = "admin"


OF_A_PRACTICE = frozenset([Role.PRACTICE, Role.LEAD])


class UserAccount(SQLModel, table=True):
    """An account. Email is kept in lower case. `session_epoch` goes up to end all its sessions.

    `totp_secret` is encrypted; the second factor counts from `totp_since` on. `totp_step` is the last step of the
    code clock that signed in: no code counts twice.
    """

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint(one_of("role", Role), name="role"),)
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    role: str
    practice_id: int | None = Field(default=None, foreign_key="practice.id")
    partner_id: int | None = Field(default=None, foreign_key="partner.id")
    password_hash: str | None = None
    session_epoch: int = 0
    active: bool = True
    demo: bool = False
    created_at: datetime
    totp_secret: str | None = None
    totp_since: datetime | None = None
    totp_step: int | None = None


class RecoveryCode(SQLModel, table=True):
    """Signs in once when the phone with the codes is lost; only a keyed hash is kept."""

    __tablename__ = "recovery_code"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id", index=True)
    code_hash: str = Field(unique=True, max_length=64)
    used_at: datetime | None = None


class PasswordLink(SQLModel, table=True):
    """A one-time link to set a password; only a hash of its token is kept."""

    __tablename__ = "password_link"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    token_hash: str = Field(unique=True)
    expires_at: datetime
    used_at: datetime | None = None


class SignInAttempt(SQLModel, table=True):
    """A try to sign in, counted by account name and by address; both are kept only as keyed hashes."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account", "account_hash", "at"),
        Index("ix_sign_in_attempt_address", "address_hash", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    account_hash: str
    address_hash: str
    succeeded: bool
    at: datetime


def actor_of(account: UserAccount) -> Actor:
    """The audit trail's name for an account."""
    return Actor(account.id, f"{account.role}:{account.id}")
