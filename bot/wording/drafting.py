"""Writing another wording, and turning one down: rows that are only added."""

import re

from sqlmodel import Session

from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.refusals import Refused
from bot.tables.accounts import UserAccount
from bot.tables.wording import Origin, WordingDraft, WordingRejection
from bot.texts.catalogue import catalogue
from bot.texts.check import Problem
from bot.texts.parts import plain
from bot.wording.approvals import changed_meanwhile, take_back
from bot.wording.composing import ENGLISH
from bot.wording.faults import faults_of
from bot.wording.in_force import worded
from bot.wording.rights import require_known, require_may_approve, require_may_write, subject_of
from bot.wording.standing import hash_of, read_standing

LONGEST_REASON = 200
_OF_A_PERSON = re.compile(r"(?:\d[ -]?){7}|@")
"""A phone or NHS number, or an email address: the words stay for ever, so none may be of a person."""


class HasFaults(Refused):
    """A wording that is not kept because of what is wrong with it, each fault with its sentence."""

    def __init__(self, faults: tuple[Problem, ...]) -> None:
        super().__init__("wording-has-problems", " ".join(fault.message for fault in faults))
        self.faults = faults


def tidied(body: str) -> str:
    """A body as it is kept: plain characters, no spaces at the ends of lines, no empty lines around it."""
    lines = plain(body.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def write_draft(db: Database, key: str, tag: str, body: str, actor: Actor) -> WordingDraft:
    """Keep a wording that somebody wrote on the page of the text; it waits to be approved.

    :raises HasFaults: what a machine can see wrong with it; it is not kept.
    :raises Refused: English, which is changed with the service; no such text; nothing changed; not allowed.
    """
    require_known([key], tag)
    refuse_english(tag)
    body = tidied(body)
    if faults := faults_of(key, tag, body):
        raise HasFaults(faults)
    with db.write() as session:
        actor, practice_id = require_may_write(session, actor)
        if read_standing(session, key, tag).says_today(body):
            raise Refused("nothing-changed", "You changed nothing, so nothing was kept.")
        return add_draft(session, key, tag, body, Origin.EDIT, actor, practice_id)


def refuse_english(tag: str) -> None:
    """:raises Refused: the English is what all wordings are made from, so it does not change beneath them."""
    if tag == ENGLISH:
        raise Refused(
            "english-is-the-source",
            "The English is what every language is translated from. It changes with the service itself: "
            "turn it down with the reason, and tell whoever runs this service.",
        )


def add_draft(
    session: Session, key: str, tag: str, body: str, origin: Origin, actor: Actor, practice_id: int | None
) -> WordingDraft:
    """Add the row of a draft, and say so in the audit trail, that of a practice if the role used is had in one."""
    text = catalogue()[key]
    draft = WordingDraft(
        text_key=key,
        language=tag,
        body=body,
        source_hash=hash_of(text.source),
        origin=origin,
        made_by=actor.user_id,
        made_at=utc_now(),
    )
    session.add(draft)
    session.flush()
    digest = worded(text, tag, body).digest
    subject = subject_of(key, tag)
    record(session, actor, "draft-wording", subject, practice_id=practice_id, draft=draft.id, digest=digest)
    return draft


def reject_wording(db: Database, key: str, tag: str, digest: str, why: str, account: UserAccount) -> WordingRejection:
    """Turn down the wording that waits to be read, with a word why; a first approval of it is taken back.

    :param digest: of the wording that was read.
    :raises Refused: no reason given, one that names a person, another wording waits meanwhile, or it is approved.
    """
    require_known([key], tag)
    why = reason_of(why)
    with db.write() as session:
        actor, practice_id = require_may_approve(session, account)
        standing = read_standing(session, key, tag)
        candidate = standing.candidate
        if candidate is None or candidate.wording.digest != digest:
            raise changed_meanwhile()
        if standing.needed == 0:
            raise Refused("approved-already", "This wording is approved. Take the approval back instead.")
        take_back(session, standing.readers_of(digest), account)
        rejection = WordingRejection(
            text_key=key,
            language=tag,
            digest=digest,
            draft_id=candidate.draft.id if candidate.draft else None,
            why=why,
            rejected_by=account.id or 0,
            rejected_at=utc_now(),
        )
        session.add(rejection)
        record(session, actor, "reject-wording", subject_of(key, tag), practice_id=practice_id, digest=digest)
    return rejection


def reason_of(why: str) -> str:
    """A reason as it is kept. :raises Refused: none is given, it is too long, or it names a person."""
    why = " ".join(why.split())
    if not why:
        raise Refused("needs-why", "Say in a few words what is wrong, so that whoever writes the next one knows.")
    if len(why) > LONGEST_REASON:
        raise Refused("why-too-long", f"Say it in {LONGEST_REASON} characters or fewer.")
    if _OF_A_PERSON.search(why):
        raise Refused("why-names-a-person", "Leave out phone numbers, NHS numbers and addresses: these words stay.")
    return why
