"""How each text stands in a language: what is in force, what waits to be read, and who has read it."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from sqlmodel import Session, col, select

from bot.tables.wording import WordingApproval, WordingDraft, WordingRejection
from bot.texts.catalogue import Text, catalogue
from bot.texts.check import Problem
from bot.texts.wording import Wording, wording_for
from bot.wording.faults import faults_of
from bot.wording.in_force import Place, fits, worded
from bot.wording.rights import readers_needed


class WordingState(StrEnum):
    """Where a text stands in a language, from what is done to what is not there."""

    APPROVED = "approved"
    ONE_MORE = "needs-one-more"
    CHANGED = "changed"
    DRAFT = "draft"
    FAULTY = "faulty"
    REJECTED = "rejected"
    MISSING = "missing"


WAITS = frozenset([WordingState.ONE_MORE, WordingState.CHANGED, WordingState.DRAFT])
"""States in which somebody may approve."""


@dataclass(frozen=True)
class Candidate:
    """The wording that people are asked to read. `draft` is None for one that came with the service."""

    wording: Wording
    draft: WordingDraft | None = None
    shipped: bool = False

    def is_for(self, text: Text) -> bool:
        """Whether it was made for the English that its text has today."""
        return self.shipped or (self.draft is not None and self.draft.source_hash == hash_of(text.source))


@dataclass(frozen=True)
class Standing:
    """One text in one language, with every row about it, the oldest first."""

    text: Text
    language: str
    drafts: Sequence[WordingDraft]
    approvals: Sequence[WordingApproval]
    rejections: Sequence[WordingRejection]

    @cached_property
    def in_force(self) -> WordingApproval | None:
        """The approval that completed the wording in force."""
        read = [approval for approval in self._valid if fits(self.text.key, approval.body)]
        complete = [approval for approval in read if self.is_complete(approval.digest)]
        return max(complete, key=lambda approval: approval.id or 0, default=None)

    @cached_property
    def _valid(self) -> list[WordingApproval]:
        return [approval for approval in self.approvals if getattr(approval, "withdrawn_at", None) is None]

    def is_complete(self, digest: str) -> bool:
        """Whether enough people stand by a wording."""
        read = self.readers_of(digest)
        return bool(read) and len(read) >= min(approval.needed for approval in read)

    def readers_of(self, digest: str) -> list[WordingApproval]:
        """The approvals of a wording that nobody has taken back."""
        return [approval for approval in self._valid if approval.digest == digest]

    @cached_property
    def candidate(self) -> Candidate | None:
        """What is to be read next: the newest that was written for the English of today, else the nearest to it."""
        return next(self._candidates(), None)

    def _candidates(self) -> Iterator[Candidate]:
        turned_down = {rejection.draft_id for rejection in self.rejections}
        not_wanted = {rejection.digest for rejection in self.rejections if rejection.draft_id is None}
        kept = [draft for draft in reversed(self.drafts) if draft.id not in turned_down]
        today = hash_of(self.text.source)
        yield from (self._of(draft) for draft in kept if draft.source_hash == today)
        shipped = wording_for(self.text.key, self.language)
        if shipped and shipped.digest not in not_wanted:
            yield Candidate(shipped, shipped=True)
        yield from (self._of(draft) for draft in kept if draft.source_hash != today and fits(self.text.key, draft.body))
        if self.in_force:
            earlier = worded(self.text, self.language, self.in_force.body)
            yield from [Candidate(earlier)] if earlier.digest not in not_wanted else []

    def _of(self, draft: WordingDraft) -> Candidate:
        return Candidate(worded(self.text, self.language, draft.body), draft)

    def says_today(self, body: str) -> bool:
        """Whether the candidate has these very words, and for the English of today."""
        candidate = self.candidate
        if candidate is None or candidate.wording.body != body:
            return False
        return self.needed == 0 or candidate.is_for(self.text)

    @cached_property
    def faults(self) -> Sequence[Problem]:
        """What keeps the candidate from being approved."""
        if self.candidate is None or self.is_complete(self.candidate.wording.digest):
            return ()
        return faults_of(self.text.key, self.language, self.candidate.wording.body)

    @property
    def is_changed(self) -> bool:
        """Whether the wording in force was approved beside another English than that of today."""
        approved = self.in_force
        return approved is not None and worded(self.text, self.language, approved.body).digest != approved.digest

    @cached_property
    def needed(self) -> int:
        """How many people still have to approve the candidate."""
        if self.candidate is None or self.is_complete(self.candidate.wording.digest):
            return 0
        return max(readers_needed(self.text.key) - len(self.readers_of(self.candidate.wording.digest)), 1)

    @property
    def state(self) -> WordingState:
        """Where it stands."""
        if self.candidate is None:
            return WordingState.REJECTED if self.rejections else WordingState.MISSING
        if self.needed == 0:
            return WordingState.APPROVED
        if self.faults:
            return WordingState.FAULTY
        if self.readers_of(self.candidate.wording.digest):
            return WordingState.ONE_MORE
        return WordingState.CHANGED if self.is_changed else WordingState.DRAFT

    def wrote(self, user_id: int | None) -> bool:
        """Whether somebody wrote these very words themselves."""
        body = self.candidate.wording.body if self.candidate else None
        return user_id is not None and any(one.made_by == user_id and one.body == body for one in self.drafts)

    def has_read(self, user_id: int | None) -> bool:
        """Whether somebody has approved the candidate already."""
        digest = self.candidate.wording.digest if self.candidate else ""
        return any(approval.approved_by == user_id for approval in self.readers_of(digest))

    def may_be_approved_by(self, user_id: int | None) -> bool:
        """Whether it waits for somebody like this person."""
        return self.state in WAITS and not self.wrote(user_id) and not self.has_read(user_id)


@lru_cache(maxsize=256)
def hash_of(source: str) -> str:
    """The SHA-256 of an English source, in hexadecimal."""
    return hashlib.sha256(source.encode()).hexdigest()


def read_standings(session: Session, tags: Sequence[str], keys: Iterable[str] | None = None) -> list[Standing]:
    """How texts stand in these languages, lifelines first; three queries, however many there are.

    :param keys: the texts wanted, None is all.
    """
    wanted = sorted(catalogue() if keys is None else keys, key=lambda key: (not catalogue()[key].lifeline, key))
    found = [
        _by_place(session.exec(select(table).where(*_of(table, tags, wanted)).order_by(col(table.id))))
        for table in TABLES
    ]
    return _standings(tags, wanted, found)


def read_outline(session: Session, tags: Sequence[str]) -> list[Standing]:
    """`read_standings` of every text, to be counted and not to be changed: without what only a history needs.

    Rows in place of objects: of many languages there are thousands.
    """
    wanted = sorted(catalogue(), key=lambda key: (not catalogue()[key].lifeline, key))
    found = []
    for table in TABLES:
        columns = [column for column in table.__table__.columns if column.name not in _OF_A_HISTORY]
        valid = [col(table.withdrawn_at).is_(None)] if table is WordingApproval else []
        rows = select(*columns).where(*_of(table, tags, wanted), *valid).order_by(col(table.id))
        found.append(_by_place(session.execute(rows)))
    return _standings(tags, wanted, found)


TABLES: Any = (WordingDraft, WordingApproval, WordingRejection)
_OF_A_HISTORY = (
    "source",
    "made_at",
    "approved_at",
    "withdrawn_at",
    "rejected_at",
    "withdrawn_by",
    "why",
    "rejected_by",
)


def _standings(tags: Sequence[str], keys: Sequence[str], found: Sequence[Mapping[Place, list[Any]]]) -> list[Standing]:
    places = [(key, tag) for tag in tags for key in keys]
    return [Standing(catalogue()[key], tag, *(rows.get((key, tag), []) for rows in found)) for key, tag in places]


def read_standing(session: Session, key: str, tag: str) -> Standing:
    """How one text stands in one language."""
    return read_standings(session, [tag], [key])[0]


def _of(table: Any, tags: Sequence[str], keys: Sequence[str]) -> tuple[Any, ...]:
    return col(table.language).in_(tags), col(table.text_key).in_(keys)


def _by_place(rows: Iterable[Any]) -> Mapping[Place, list[Any]]:
    found: dict[Place, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.text_key, row.language].append(row)
    return found
