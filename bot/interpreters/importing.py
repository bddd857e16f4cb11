"""An agency's list of its interpreters: read, judged row by row, and stored; again it changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from bot.accounts.rights import require
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.interpreters.agencies import agency_by_code
from bot.interpreters.hours import Hours
from bot.interpreters.rights import MANAGE_INTERPRETERS
from bot.interpreters.rows import CODE, EMAIL, HEADINGS, NEEDED, InterpreterIn, RowJudged, judge_row
from bot.interpreters.rows import without_those_named_twice as without_twice
from bot.lists.judging.rows_counted import RowsCounted
from bot.lists.reading.named_rows import read_named_rows
from bot.rows import among, insert_many, insert_row, update_row
from bot.settings import Settings
from bot.tables.interpreters import Interpreter, InterpreterHours, InterpreterLanguage
from bot.tables.organisations import Agency


def import_interpreters(
    db: Database, settings: Settings, agency_code: str, content: bytes, actor: Actor, *, dry_run: bool = False
) -> RowsCounted:
    """Add the interpreters of a list (CSV or .xlsx), or change those that are there. Who is not in it stays.

    :raises Refused: no such agency, not an administrator, or the file cannot be read as such a list.
    """
    table = read_named_rows(content, HEADINGS, NEEDED)
    rows = [judge_row(row, test_numbers=settings.test_numbers) for row in table.rows]

    def store(session: Session) -> RowsCounted:
        allowed = require(session, actor, MANAGE_INTERPRETERS, None)
        agency = agency_by_code(session, agency_code)
        kept, duplicates = without_twice(RowJudged(row.row, row.interpreter, list(row.problems)) for row in rows)
        known = _known(session, kept)
        _refuse_of_others(kept, known, agency)
        _leave_out_taken_emails(session, kept)
        result = _count(kept, len(rows), duplicates)
        if not dry_run:
            found = [row.interpreter for row in kept if row.interpreter is not None]
            result.stored = _store(session, agency, found, known)
            counts = {name: value for name, value in vars(result).items() if name != "problems"}
            record(session, allowed, "interpreters-imported", f"agency:{agency.id}", **counts)
        return result

    # Twice: somebody may import the same people at this moment.
    return db.write_with_retry(store)


def _known(session: Session, rows: Iterable[RowJudged]) -> dict[str, Interpreter]:
    codes = [row.interpreter.code for row in rows if row.interpreter is not None]
    found = session.exec(select(Interpreter).where(among(session, col(Interpreter.code), codes)))
    return {interpreter.code: interpreter for interpreter in found}


def _refuse_of_others(rows: Iterable[RowJudged], known: dict[str, Interpreter], agency: Agency) -> None:
    """A code is one interpreter's over the whole service."""
    for row in rows:
        before = known.get(row.interpreter.code) if row.interpreter else None
        if before is not None and before.agency_id != agency.id:
            row.interpreter = None
            row.problem(CODE, "code-taken", f"{before.code} is an interpreter of another agency. Choose another code.")


def _leave_out_taken_emails(session: Session, rows: Sequence[RowJudged]) -> None:
    """An account stands for one interpreter, so an email is one interpreter's."""
    wanted = {row.interpreter.details["email"] for row in rows if row.interpreter} - {None}
    found = session.exec(select(Interpreter).where(among(session, col(Interpreter.email), wanted)))
    whose = {interpreter.email: interpreter.code for interpreter in found}
    for row in rows:
        email = row.interpreter.details["email"] if row.interpreter else None
        if row.interpreter is None or email is None:
            continue
        owner = whose.setdefault(str(email), row.interpreter.code)
        if owner != row.interpreter.code:
            row.interpreter = row.interpreter._replace(details={**row.interpreter.details, "email": None})
            row.problem(EMAIL, "email-taken", f"{email} is the email of interpreter {owner}, so it is left out here.")


def _count(rows: Sequence[RowJudged], total: int, duplicates: int) -> RowsCounted:
    rejected = sum(row.interpreter is None for row in rows)
    fixed = sum(row.interpreter is not None and bool(row.problems) for row in rows)
    problems = [problem for row in rows for problem in row.problems]
    accepted = total - duplicates - rejected - fixed
    return RowsCounted(total, accepted, fixed, rejected, duplicates, problems=problems)


def _store(session: Session, agency: Agency, found: Sequence[InterpreterIn], known: dict[str, Interpreter]) -> int:
    now = utc_now()
    languages, hours = _stored_of(session, [row.id or 0 for row in known.values()])
    changed: dict[int, InterpreterIn] = {}
    for each in found:
        row = known.get(each.code)
        same = row is not None and _details_of(row) == each.details and row.left_at is None
        key = row.id or 0 if row is not None else 0
        if not same or set(each.languages) != languages[key] or set(each.hours) != hours[key]:
            changed[_write(session, row, agency, each, now)] = each
    _replace_lists(session, changed)
    return len(changed)


def _details_of(row: Interpreter) -> dict[str, Any]:
    names = ("name", "sex", "phone", "email", "in_person_notice", "telephone_notice", "video_notice")
    return {name: getattr(row, name) for name in names}


def _write(session: Session, row: Interpreter | None, agency: Agency, each: InterpreterIn, now: datetime) -> int:
    """Store what a row says of somebody; gives the id. Whoever is on the list again is back."""
    values = {**each.details, "updated_at": now, "left_at": None}
    if row is None:
        row = insert_row(session, Interpreter, code=each.code, agency_id=agency.id, created_at=now, **values)
    else:
        update_row(session, row, **values)
    return row.id or 0


def _stored_of(session: Session, ids: Sequence[int]) -> tuple[dict[int, set[str]], dict[int, set[Hours]]]:
    languages: dict[int, set[str]] = defaultdict(set)
    hours: dict[int, set[Hours]] = defaultdict(set)
    spoken = columns(col(InterpreterLanguage.interpreter_id), col(InterpreterLanguage.language))
    for row in session.execute(spoken.where(among(session, col(InterpreterLanguage.interpreter_id), ids))):
        languages[row.interpreter_id].add(row.language)
    worked = columns(InterpreterHours.__table__)  # type: ignore[attr-defined]
    for row in session.execute(worked.where(among(session, col(InterpreterHours.interpreter_id), ids))):
        hours[row.interpreter_id].add((row.weekday, row.opens, row.closes))
    return languages, hours


def _replace_lists(session: Session, changed: dict[int, InterpreterIn]) -> None:
    """The languages and hours of those who changed, as the file has them."""
    for table in (InterpreterLanguage, InterpreterHours):
        whose = among(session, col(table.interpreter_id), list(changed))
        session.execute(delete(table).where(whose), execution_options={"synchronize_session": False})
    insert_many(
        session,
        InterpreterLanguage,
        [{"interpreter_id": key, "language": tag} for key, each in changed.items() for tag in each.languages],
    )
    insert_many(
        session,
        InterpreterHours,
        [
            {"interpreter_id": key, "weekday": day, "opens": opens, "closes": closes}
            for key, each in changed.items()
            for day, opens, closes in each.hours
        ],
    )
