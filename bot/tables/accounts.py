"""People who work with the service: accounts, and how they sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bot.audit import Actor
from bot.database import one_of


class Role(StrEnum):
    """What a person does in an organisation; the order is from what may least to what may most."""

    PRACTICE = "practice"
    LEAD = "lead"
    PARTNER = "partner"
    REVIEWER = "reviewer"
    PHARMACY = "pharmacy"
    INTERPRETER = "interpreter"
    ADMIN = "admin"


class UserAccount(SQLModel, table=True):
    """An account: who signs in. Email is kept in lower case. `session_epoch` goes up to end all its sessions.

    What it may do stands in its memberships. `totp_secret` is encrypted; the second factor counts from `totp_since`
    on. `totp_step` is the last step of the code clock that signed in: no code counts twice.
    """

    __tablename__ = "user_account"
    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str = ""
    password_hash: str | None = None
    session_epoch: int = 0
    active: bool = True
    demo: bool = False
    created_at: datetime
    totp_secret: str | None = None
    totp_since: datetime | None = None
    totp_step: int | None = None


class Membership(SQLModel, table=True):
    """A role of an account in an organisation; without one, in the service itself, as administrators have it."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("role <> 'admin' OR organisation IS NULL", name="admin"),
        UniqueConstraint("user_id", "role", "organisation"),
        # NULL is not equal to NULL, so the constraint alone would let these be there twice.
        Index(
            "uq_membership_service",
            "user_id",
            "role",
            unique=True,
            sqlite_where=text("organisation IS NULL"),
            postgresql_where=text("organisation IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user_account.id")
    role: str
    organisation: str | None = Field(default=None, foreign_key="organisation.code", max_length=32)


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


class AccountSession(SQLModel, table=True):
    """A browser that is signed in. Only a keyed hash of what its cookie carries is kept; `ends_at` is in UTC.

    It counts while its `epoch` is that of the account.
    """

    __tablename__ = "account_session"
    id: int | None = Field(default=None, primary_key=True)
    key_hash: str = Field(unique=True, max_length=64)
    user_id: int = Field(foreign_key="user_account.id")
    epoch: int
    ends_at: datetime = Field(index=True)


class SignInAttempt(SQLModel, table=True):
    """A try to sign in, counted by account, by place, and by both together; kept only as keyed hashes."""

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_account", "account_hash", "at"),
        Index("ix_sign_in_attempt_address", "address_hash", "at"),
        Index("ix_sign_in_attempt_both", "both_hash", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    account_hash: str
    address_hash: str
    both_hash: str = Field(default="", max_length=64)
    succeeded: bool
    at: datetime


def actor_of(account: UserAccount) -> Actor:
    """The audit trail's name for a person, while no role is used; `require` puts the role in its place."""
    return Actor(account.id, f"account:{account.id}")
