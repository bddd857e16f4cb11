"""`audit verify`: whether the audit trail is as it was written."""

import hmac
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import click
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import BEFORE_THE_FIRST, AuditEntry, AuditSeal, chained_hash, last_seal, record
from bot.console import EXIT_REFUSED, Console, as_option, json_option, pass_console, say
from bot.database import Database
from bot.operations.rights import ACCEPT_HEAD
from bot.sealing import Head, Sealing

ROWS_AT_A_TIME = 1000


CHANGED, SLIPPED_IN, CUT_OFF, NO_HEAD, FORGED_HEAD, OTHER_KEY, GIVEN_HEAD_GONE = (
    "changed",
    "slipped-in",
    "cut-off",
    "head-missing",
    "head-forged",
    "other-key",
    "given-head-gone",
)
_WORDS = {
    CHANGED: "The audit trail was changed: entry {first_bad} or its place in the chain is not as written.",
    SLIPPED_IN: "The audit trail was changed: entry {first_bad} was slipped in past the service.",
    CUT_OFF: (
        "The audit trail was cut off or made anew: the newest seal that was written down outside the database is not "
        "part of it. Compare it with the lines audit-head of the log."
    ),
    NO_HEAD: (
        "The newest seal that was written down outside the database (audit-head, beside it) is gone. Compare the head "
        "{head} with the lines audit-head of the log; if it is the last of them, run: python -m bot audit accept-head"
    ),
    FORGED_HEAD: (
        "The file audit-head is not as this service has written it, or was written under another AUDIT_KEY. Compare "
        "the head {head} with the lines audit-head of the log; if it is the last of them, run: "
        "python -m bot audit accept-head"
    ),
    OTHER_KEY: (
        "Entry {first_bad} was sealed under another key. Set AUDIT_KEY (or HASH_KEY, SECRET_KEY) to the one of then."
    ),
    GIVEN_HEAD_GONE: "The audit trail was cut off: the head you gave is not part of it any more.",
}


@dataclass(frozen=True)
class AuditCheck:
    """What was found: `first_bad` is the first entry that was changed, taken away or slipped in.

    `why` is what is wrong, one of the words above, or None. `head` is the newest hash. `restored` is when a backup
    was last put in the place of the trail.
    """

    rows: int
    first_bad: int | None
    head: str
    why: str | None = None
    restored: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.why is None


@dataclass
class _Walk:
    """What was seen on the way along the chain."""

    looked_for: frozenset[str]
    head: str = BEFORE_THE_FIRST
    keyed: bool = False
    first_bad: int | None = None
    why: str | None = None
    seen: set[str] = field(default_factory=set)


def verify_audit(db: Database, known_head: str | None = None) -> AuditCheck:
    """Walk the whole chain, look for entries outside it, and for the head that stands outside the database.

    :param known_head: a `head` of an earlier check that must still be part of the chain too.
    """
    try:
        outside, forged = (db.sealing.read_head() if db.sealing else None), False
    except ValueError:
        outside, forged = None, True
    with db.read() as session:
        walk = _walk(session, db.sealing, frozenset(filter(None, (known_head, outside.hash if outside else None))))
        rows = session.exec(select(func.count()).select_from(AuditEntry)).one()
        slipped_in = _outside_the_chain(session)
    if walk.why is None and slipped_in is not None:
        walk.first_bad, walk.why = slipped_in, SLIPPED_IN
    why = walk.why or (FORGED_HEAD if forged else _wrong_end(db, walk, outside, known_head))
    return AuditCheck(rows, walk.first_bad, walk.head, why, outside.restored if outside else None)


def _wrong_end(db: Database, walk: _Walk, outside: Head | None, known_head: str | None) -> str | None:
    if outside is not None and outside.hash not in walk.seen:
        return CUT_OFF
    if known_head is not None and known_head not in walk.seen:
        return GIVEN_HEAD_GONE
    # On one machine alone every seal is written down; of several each has only its own.
    head_belongs = db.sealing is not None and db.sealing.file is not None and db.is_sqlite
    return NO_HEAD if outside is None and head_belongs and walk.keyed else None


def _walk(session: Session, sealing: Sealing | None, looked_for: frozenset[str]) -> _Walk:
    walk = _Walk(looked_for)
    for expected, (seal, entry) in enumerate(_links(session), 1):
        walk.why = _fault_of(seal, entry, expected, walk, sealing)
        if walk.why is not None:
            walk.first_bad = seal.entry_id
            break
        walk.head, walk.keyed = seal.hash, seal.key is not None
        walk.seen |= looked_for & {seal.hash}
    return walk


def _fault_of(
    seal: AuditSeal, entry: AuditEntry | None, expected: int, walk: _Walk, sealing: Sealing | None
) -> str | None:
    if entry is None or seal.number != expected or (walk.keyed and seal.key is None):
        return CHANGED
    right = chained_hash(walk.head, entry, sealing, seal.key)
    if right is None:
        return OTHER_KEY
    return None if hmac.compare_digest(seal.hash, right) else CHANGED


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
    say(asdict(check) | {"ok": check.ok}, as_json, _sentence(check))
    return 0 if check.ok else EXIT_REFUSED


def _sentence(check: AuditCheck) -> str:
    if check.why is not None:
        return _WORDS[check.why].format(first_bad=check.first_bad, head=check.head)
    since = f" A backup was put in its place at {check.restored}." if check.restored else ""
    return f"{check.rows} entries, all as they were written. Head to note elsewhere: {check.head}{since}"


@audit.command("accept-head")
@as_option
@pass_console
def accept_head(console: Console, email: str | None) -> None:
    """Write the present head down outside the database, once you have compared it with the log."""
    with console.database.write() as session:
        actor = require(session, console.actor(email), ACCEPT_HEAD, None)
        record(session, actor, "audit-head-accepted", "audit")
    head = newest_head(console.database)
    if head and console.database.sealing:
        console.database.sealing.note_restored(head)
    click.echo("The head is written down. From here on audit verify looks for it.", err=True)


def newest_head(db: Database, restored: str | None = None) -> Head | None:
    """The newest seal of the database."""
    with db.read() as session:
        last = last_seal(session)
    return Head(last.number or 0, last.hash, restored) if last else None


def begin_head(db: Database) -> None:
    """Write down the head of a trail that an older version has sealed without a key, before anything else follows."""
    with db.read() as session:
        last = last_seal(session)
    if db.sealing and last and last.key is None:
        db.sealing.note(last.number or 0, last.hash, begins=True)
