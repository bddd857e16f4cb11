"""A notice as what a text is about: the text of one that was withdrawn, or of a link that has ended, never goes."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, exists, literal, null
from sqlalchemy.orm import Mapped
from sqlmodel import col

from bot.messaging.guards import Guard
from bot.messaging.subjects import SubjectKind
from bot.pharmacy.organising.links import SAID_BY_BOTH
from bot.tables.messaging import Kind, Subject
from bot.tables.pharmacy import Notice, NoticeState, PharmacyPractice

NOTICE = "notice"
WITHDRAWN, COLLECTED, UNLINKED = "notice-withdrawn", "notice-collected", "notice-unlinked"
REASONS = {
    WITHDRAWN: "A text of a pharmacy did not go: the pharmacy had taken back what it said.",
    COLLECTED: "A reminder of a pharmacy did not go: what it speaks of had been collected by then.",
    UNLINKED: "A text of a pharmacy did not go: the practice does not work with the pharmacy any more.",
}


def about(notice: Notice) -> Subject:
    """A notice as a subject."""
    return Subject(NOTICE, notice.id or 0)


def _campaign_of(_notice_id: Mapped[Any]) -> ColumnElement[int | None]:
    return cast(null(), Integer)


def _may_go(notice_id: Mapped[Any]) -> ColumnElement[str | None]:
    its = col(Notice.id) == notice_id
    withdrawn = exists().where(its, col(Notice.state) == NoticeState.WITHDRAWN)
    linked = exists().where(
        its,
        col(PharmacyPractice.pharmacy_id) == col(Notice.pharmacy_id),
        col(PharmacyPractice.practice_id) == col(Notice.practice_id),
        *SAID_BY_BOTH,
    )
    return case((withdrawn, literal(WITHDRAWN)), (~linked, literal(UNLINKED)), else_=null())


def _may_be_reminded(notice_id: Mapped[Any]) -> ColumnElement[str | None]:
    its = col(Notice.id) == notice_id
    collected = exists().where(its, col(Notice.collected_at).is_not(None))
    return case((collected, literal(COLLECTED)), else_=_may_go(notice_id))


SUBJECT = SubjectKind(NOTICE, campaign_of=_campaign_of)
GUARD = Guard(NOTICE, frozenset([Kind.NOTICE]), _may_go)
REMINDER_GUARD = Guard(NOTICE, frozenset([Kind.REMINDER]), _may_be_reminded)
