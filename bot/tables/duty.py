"""Who is told by text of what cannot wait."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class DutyEntry(SQLModel, table=True):
    """A phone (E.164) that is on duty for a practice from a moment on, until the next moment of its rota.

    Entries of one moment are on duty together, in the order in which they were made.
    """

    __tablename__ = "duty_entry"
    __table_args__ = (UniqueConstraint("practice_id", "begins", "phone"),)
    id: int | None = Field(default=None, primary_key=True)
    practice_id: int = Field(foreign_key="practice.id")
    phone: str
    begins: datetime
    made_by: int | None = Field(default=None, foreign_key="user_account.id")
    made_at: datetime
