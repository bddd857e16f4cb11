"""What the tea round does: asks about milk, takes a wish for a cup, and keeps its texts back at cup 13."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, null
from sqlalchemy.orm import Mapped
from sqlmodel import Session

from bot.accounts.memberships import Acting
from bot.attention.items import ask_a_person
from bot.conversations.exchange import Exchange, say
from bot.database import Database
from bot.messaging.guards import HOLD, Guard
from bot.messaging.questions import Question, close_question
from bot.messaging.subjects import SubjectKind
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.messaging import Kind, OpenQuestion
from bot.tables.patients import OptOut
from bot.understanding.questions import QuestionKind
from bot.web import Card, Place

HELD_CUP, SPILT_CUP = 13, 14
REASONS = {"wants-milk": "They take milk. Bring it.", "spilt": "The cup was spilt. Bring another."}
TEA = Place("Tea", "/tea", frozenset([Role.LEAD]))
happened: list[tuple[str, Any]] = []
"""What the capability was told, for a test to look at."""


def pour(_db: Database, settings: Settings) -> None:
    happened.append(("poured", settings.mode))


def with_milk(exchange: Exchange, question: OpenQuestion) -> None:
    close_question(exchange.session, question, exchange.now)
    ask_a_person(exchange.session, exchange.message, "wants-milk")
    happened.append(("milk", question.subject))


def how_much(exchange: Exchange, question: OpenQuestion) -> None:
    close_question(exchange.session, question, exchange.now)
    happened.append(("sugar", exchange.reading.choice))


MILK = Question(
    means=QuestionKind("milk", choices=frozenset({3, 4})),
    lasts=timedelta(hours=1),
    answers={"yes": with_milk, "choice": how_much},
)


def book_a_cup(exchange: Exchange) -> None:
    say(exchange, "person-will-read")
    happened.append(("cup", exchange.reading.intent))


def _kept(cup: Mapped[Any]) -> ColumnElement[str | None]:
    return case((cup == HELD_CUP, HOLD), (cup == SPILT_CUP, "spilt"), else_=null())


NOT_AT_NIGHT = Guard("cup", frozenset([Kind.NOTICE]), _kept)
CUP = SubjectKind("cup", campaign_of=lambda cup: case((cup == -1, cup)))


def cards(_session: Session, acting: Acting) -> list[Card]:
    return [Card("Tea", "The kettle is on.", "/tea")] if Role.LEAD in acting.roles else []


def note_opt_out(_session: Session, opt_out: OptOut) -> None:
    happened.append(("opted out", opt_out.scope))


def note_deaths(_session: Session, patient_ids: Sequence[int]) -> None:
    happened.append(("died", list(patient_ids)))


def note_changed_numbers(_session: Session, patient_ids: Sequence[int]) -> None:
    happened.append(("moved", list(patient_ids)))
