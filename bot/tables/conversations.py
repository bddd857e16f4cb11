"""How a reply was read."""

from sqlmodel import Field, SQLModel


class ReplyReading(SQLModel, table=True):
    """How an inbound message was understood, for staff and for learning how often a person is needed."""

    __tablename__ = "reply_reading"
    message_id: int = Field(foreign_key="message.id", primary_key=True)
    intent: str
    urgent: str | None = None
    choice: int | None = None
    language: str | None = None
    romanised: bool = False
    rule: str
    to_person: bool
    question_id: int | None = Field(default=None, foreign_key="open_question.id")
