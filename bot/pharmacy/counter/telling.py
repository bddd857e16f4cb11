"""What is told at the counter: seen first as it would be sent, said once, and again within a day only on purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session

from bot.accounts.rights import require
from bot.audit import Actor
from bot.clock import next_opening, utc_now
from bot.database import Database
from bot.pharmacy.counter.searching import Found, need_found
from bot.pharmacy.notices.giving import give_notice, lock_people, said_lately
from bot.pharmacy.notices.wording import text_for, values_of
from bot.pharmacy.organising.hours import open_next
from bot.pharmacy.organising.rights import RUN_PHARMACY
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.pharmacy import Notice, NoticeKind, ProblemReason
from bot.texts.languages import LANGUAGES
from bot.wording.composing import ENGLISH, Composed, NotApprovedError, load_wordings

FROM_FORM = "form"


@dataclass(frozen=True)
class Choice:
    """Something that can be told, and how the counter calls it."""

    words: str
    kind: NoticeKind
    reason: ProblemReason | None = None


CHOICES: Mapping[str, Choice] = MappingProxyType(
    {
        "ready": Choice("Ready to collect", NoticeKind.READY),
        "part-ready": Choice("Part ready, the rest later", NoticeKind.PART_READY),
        "on-its-way": Choice("On its way to them", NoticeKind.ON_ITS_WAY),
        "part-on-its-way": Choice("Part on its way", NoticeKind.PART_ON_ITS_WAY),
        "out-of-stock": Choice("Not in stock", NoticeKind.PROBLEM, ProblemReason.OUT_OF_STOCK),
        "needs-doctor": Choice("We must ask the doctor", NoticeKind.PROBLEM, ProblemReason.NEEDS_DOCTOR),
        "cannot-read": Choice("Something is not clear", NoticeKind.PROBLEM, ProblemReason.CANNOT_READ),
        "please-phone": Choice("Please phone us", NoticeKind.PROBLEM, ProblemReason.PLEASE_PHONE),
    }
)
"""What can be told, by its word in a form."""


@dataclass(frozen=True)
class Preview:
    """A text as it would be sent now: in English, and as the person reads it. `goes`: when it may go, UTC.

    `before` is the same notice of the day before, if there was one.
    """

    english: str
    theirs: Composed
    goes: datetime
    before: Notice | None

    @property
    def in_english(self) -> bool:
        """Whether what they read is the English itself."""
        return self.theirs.body == self.english

    @property
    def right_to_left(self) -> bool:
        """Whether the wording runs from right to left."""
        return LANGUAGES[self.theirs.language].right_to_left


def preview(session: Session, settings: Settings, found: Found, choice: Choice, now: datetime) -> Preview:
    """What choosing this would send.

    :raises Refused: `not-approved`: nothing can be sent, and what to do.
    """
    goes = next_opening(now, settings, outreach=False)
    key = text_for(found.pharmacy, choice.kind, choice.reason)
    values = values_of(found.pharmacy, key, open_next(session, found.pharmacy, goes))
    wordings = load_wordings(session, settings, key, [found.person.language])
    try:
        english = wordings.compose(key, ENGLISH, values)
        theirs = wordings.compose(key, found.person.language, values, offers_languages=True)
    except NotApprovedError:
        raise Refused("not-approved", "The words of this text have not been approved yet. Phone the person.") from None
    return Preview(english.body, theirs, goes, _said_before(session, found, choice, now))


def _said_before(session: Session, found: Found, choice: Choice, now: datetime) -> Notice | None:
    last = said_lately(session, found.pharmacy, [found.person], now).get((found.person.id, choice.kind))
    return None if last is None else session.get_one(Notice, last)


def tell(
    db: Database, settings: Settings, pharmacy_code: str, public: str, choice: Choice, actor: Actor, *, anyway: bool
) -> Notice:
    """Say it to the person of a search; the same form again gives the notice that there is.

    :param anyway: although the same was said within a day.
    :raises Refused: `search-over`; `said-before`; `said-otherwise`, something else was said after this search.
    """
    with db.write() as session:
        now = utc_now()
        found = need_found(session, pharmacy_code, public, actor, now)
        lock_people(session, [found.person.id or 0])
        if found.search.notice_id is not None:
            return _the_same(session, found, choice)
        if not anyway and _said_before(session, found, choice, now) is not None:
            raise Refused("said-before", "You told them the same within a day. Send it again only if they need it.")
        notice = _give(session, settings, found, choice, require(session, actor, RUN_PHARMACY, found.pharmacy), now)
        found.search.notice_id = notice.id
        session.add(found.search)
        return notice


def _give(session: Session, settings: Settings, found: Found, choice: Choice, actor: Actor, now: datetime) -> Notice:
    """Somebody has looked at it and says that it goes, also to who reads English."""
    return give_notice(
        session,
        settings,
        found.pharmacy,
        found.person,
        choice.kind,
        reason=choice.reason,
        source=FROM_FORM,
        send_anyway=True,
        actor=actor,
        now=now,
    )


def _the_same(session: Session, found: Found, choice: Choice) -> Notice:
    notice = session.get_one(Notice, found.search.notice_id)
    if (notice.kind, notice.reason) != (choice.kind, choice.reason):
        raise Refused(
            "said-otherwise",
            "Something else was sent to this person a moment ago. Enter the code or number again to send more.",
        )
    return notice
