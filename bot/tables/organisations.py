"""Practices, partners, agencies and pharmacies, who works with whom, and the numbers their texts go out from."""

from datetime import datetime

from sqlalchemy import CheckConstraint, false
from sqlmodel import Field, SQLModel


class Organisation(SQLModel, table=True):
    """The code of an organisation, unique over all kinds; `kind` is a key of `KINDS`. The rest is in its own table."""

    __tablename__ = "organisation"
    code: str = Field(primary_key=True, max_length=32)
    kind: str


class Practice(SQLModel, table=True):
    """A GP practice: the sender of its texts and the controller of its patients' data.

    `free_text`: its lead lets colleagues write to one person in their own words. In demo nobody need do that.
    `text_999_if_harmed`: the 999 text also goes to a phone whose message tells of harm by another person.
    """

    __tablename__ = "practice"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32, foreign_key="organisation.code")
    name: str
    phone: str | None = None
    sender_id: int = Field(foreign_key="sender.id")
    free_text: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    text_999_if_harmed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    demo: bool = False
    created_at: datetime


class Sender(SQLModel, table=True):
    """A number or messaging service that texts go out from; its rate is shared by all workers.

    `tokens` is what is left in the bucket at `tokens_at`, in parts; it may be below zero.
    """

    __tablename__ = "sender"
    __table_args__ = (CheckConstraint("number IS NOT NULL OR service_sid IS NOT NULL", name="address"),)
    id: int | None = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, unique=True)
    service_sid: str | None = Field(default=None, unique=True)
    tokens: float = 0
    tokens_at: datetime
    stopped_code: int | None = None
    stopped_at: datetime | None = None


class Partner(SQLModel, table=True):
    """An organisation that helps, with a number of places it can take at a time."""

    __tablename__ = "partner"
    __table_args__ = (CheckConstraint("places >= 0", name="places"),)
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32, foreign_key="organisation.code")
    name: str
    phone: str | None = None
    places: int
    demo: bool = False
    created_at: datetime


class PartnerPractice(SQLModel, table=True):
    """A partner works with a practice."""

    __tablename__ = "partner_practice"
    partner_id: int = Field(foreign_key="partner.id", primary_key=True)
    practice_id: int = Field(foreign_key="practice.id", primary_key=True)


class Agency(SQLModel, table=True):
    """An agency that sends interpreters."""

    __tablename__ = "agency"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32, foreign_key="organisation.code")
    name: str
    phone: str | None = None
    demo: bool = False
    created_at: datetime


class Pharmacy(SQLModel, table=True):
    """A pharmacy. `ods` is its organisation code, `address` where people collect, `phone` as people write it.

    `offers` is what it can do beside collecting, parted by commas (`delivery`).
    """

    __tablename__ = "pharmacy"
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=32, foreign_key="organisation.code")
    name: str
    ods: str = Field(unique=True, max_length=16)
    address: str = Field(max_length=200)
    phone: str
    offers: str = Field(default="", max_length=100)
    demo: bool = False
    created_at: datetime


KINDS: dict[str, type[Practice] | type[Partner] | type[Agency] | type[Pharmacy]] = {
    "practice": Practice,
    "partner": Partner,
    "agency": Agency,
    "pharmacy": Pharmacy,
}
"""Each kind of organisation with the table that says the rest about it."""
