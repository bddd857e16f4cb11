"""What became of the wordings of a text in a language, and what has changed in its English since."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.rows import among
from bot.tables.accounts import UserAccount
from bot.tables.wording import Origin, WordingApproval, WordingRejection
from bot.texts.wording import wording_digest, wording_for
from bot.wording.composing import ENGLISH
from bot.wording.standing import Standing

CAME_FROM = {Origin.EDIT: "Written here", Origin.IMPORT: "Came in a PO file"}
_PIECES = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True)
class Event:
    """One thing that was done with a wording: when, by whom, and the words it was done with."""

    at: datetime
    who: str
    what: str
    body: str
    why: str = ""


def history_of(session: Session, standing: Standing) -> list[Event]:
    """Everything that was done with the wordings of a text, the newest first."""
    names = names_of(session, standing)
    events = [*_written(standing, names), *_approved(standing, names), *_rejected(standing, names)]
    return sorted(events, key=lambda event: event.at, reverse=True)


def names_of(session: Session, standing: Standing) -> dict[int | None, str]:
    """The names of everybody who wrote, approved or turned down a wording of a text."""
    people = {one.made_by for one in standing.drafts} | {one.approved_by for one in standing.approvals}
    people |= {one.withdrawn_by for one in standing.approvals}
    people |= {one.rejected_by for one in standing.rejections}
    found = session.exec(select(UserAccount).where(among(session, col(UserAccount.id), people - {None})))
    return {None: "Not recorded"} | {account.id: account.name or account.email for account in found}


def _written(standing: Standing, names: dict[int | None, str]) -> Iterator[Event]:
    for draft in standing.drafts:
        yield Event(draft.made_at, names[draft.made_by], CAME_FROM[Origin(draft.origin)], draft.body)


def _approved(standing: Standing, names: dict[int | None, str]) -> Iterator[Event]:
    for approval in standing.approvals:
        yield Event(approval.approved_at, names[approval.approved_by], "Approved", approval.body)
        if approval.withdrawn_at is not None:
            yield Event(approval.withdrawn_at, names[approval.withdrawn_by], "Approval taken back", approval.body)


def _rejected(standing: Standing, names: dict[int | None, str]) -> Iterator[Event]:
    for one in standing.rejections:
        yield Event(one.rejected_at, names[one.rejected_by], "Turned down", _body_of(standing, one), one.why)


def _body_of(standing: Standing, rejection: WordingRejection) -> str:
    """The words that were turned down; nothing where the service came with others since."""
    if rejection.draft_id is not None:
        return next(draft.body for draft in standing.drafts if draft.id == rejection.draft_id)
    shipped = wording_for(standing.text.key, standing.language)
    return shipped.body if shipped and shipped.digest == rejection.digest else ""


def last_turned_down(standing: Standing) -> str:
    """The words that were turned down last, for whoever writes them better; nothing where they are not known."""
    return _body_of(standing, standing.rejections[-1]) if standing.rejections else ""


@dataclass(frozen=True)
class Piece:
    """Words of an English source: `same`, `added` since an approval, or `gone`."""

    kind: str
    words: str


def change_of_source(session: Session, standing: Standing) -> list[Piece]:
    """What has changed in the English since the wording in force was approved; nothing where it is not known."""
    approval = standing.in_force
    source = _source_of(session, approval) if approval and standing.is_changed else None
    return compared(source, standing.text.source) if source is not None else []


def _source_of(session: Session, approval: WordingApproval) -> str | None:
    """The English an approval was given beside; of an older one it is found among the English that was approved."""
    if approval.source is not None:
        return approval.source
    english = select(col(WordingApproval.body)).where(
        WordingApproval.text_key == approval.text_key, WordingApproval.language == ENGLISH
    )
    known = session.exec(english).all()
    return next((source for source in known if wording_digest(source, approval.body) == approval.digest), None)


def compared(before: str, after: str) -> list[Piece]:
    """Two sentences word by word."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(new[j1:j2])))
            continue
        pieces += [
            Piece(kind, words) for kind, words in (("gone", _join(old[i1:i2])), ("added", _join(new[j1:j2]))) if words
        ]
    return pieces


def _join(words: Sequence[str]) -> str:
    return "".join(words)
