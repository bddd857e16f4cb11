"""`audit verify`: whether the audit trail is as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.audit import BEFORE_THE_FIRST, AuditEntry, AuditSeal, chained_hash
from bot.console import EXIT_REFUSED, Console, json_option, pass_console, say
from bot.database import Database

ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class AuditCheck:
    """What was found: `first_bad` is the first entry that was changed, taken away or slipped in.

    `head` is the newest hash. Kept elsewhere, it shows later that the end of the trail was not cut off either.
    """

    rows: int
    first_bad: int | None
    head: str
    known_head_found: bool

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.first_bad is None and self.known_head_found


def verify_audit(db: Database, known_head: str | None = None) -> AuditCheck:
    """Walk the whole chain, and look for entries outside it.

    :param known_head: a `head` of an earlier check that must still be part of the chain.
    """
    with db.read() as session:
        first_bad, head, seen = _walk(session, known_head)
        rows = session.exec(select(func.count()).select_from(AuditEntry)).one()
        slipped_in = _outside_the_chain(session)
    return AuditCheck(rows, first_bad if first_bad is not None else slipped_in, head, seen or known_head is None)


def _walk(session: Session, known_head: str | None) -> tuple[int | None, str, bool]:
    previous, seen = BEFORE_THE_FIRST, False
    for expected, (seal, entry) in enumerate(_links(session), 1):
        if entry is None or seal.number != expected or seal.hash != chained_hash(previous, entry):
            return seal.entry_id, previous, seen
        previous = seal.hash
        seen = seen or previous == known_head
    return None, previous, seen


def _links(session: Session) -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    statement = (
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, col(AuditEntry.id) == col(AuditSeal.entry_id))
        .order_by(col(AuditSeal.number))
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    yield from session.exec(statement)


def _outside_the_chain(session: Session) -> int | None:
    sealed = select(AuditSeal.number).where(col(AuditSeal.entry_id) == col(AuditEntry.id))
    return session.exec(select(func.min(AuditEntry.id)).where(~sealed.exists())).one()


@click.group()
def audit() -> None:
    """The trail of who did what."""


@audit.command("verify")
@click.option("--head", metavar="HASH", help="A head noted at an earlier check; it must still be in the chain.")
@json_option
@pass_console
def verify(console: Console, head: str | None, as_json: bool) -> int:
    """Check that no entry was changed, taken away or slipped in; exit status 1 when one was."""
    check = verify_audit(console.database, head)
    answer = {"rows": check.rows, "ok": check.ok, "first_bad": check.first_bad, "head": check.head}
    say(answer, as_json, _sentence(check))
    return 0 if check.ok else EXIT_REFUSED


def _sentence(check: AuditCheck) -> str:
    if check.first_bad is not None:
        return f"The audit trail was changed: entry {check.first_bad} or its place in the chain is not as written."
    if not check.known_head_found:
        return "The audit trail was cut off: the head you gave is not part of it any more."
    return f"{check.rows} entries, all as they were written. Head to note elsewhere: {check.head}"
