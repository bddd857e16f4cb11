"""Lists of patients: looked at first, stored when a person confirms. Each verb is one transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from sqlmodel import Session, col, select

from bot.audit import Actor, record
from bot.campaigns.criteria import find_criteria
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.partners.finding import practice_by_code
from bot.people.columns import Field, Header
from bot.people.grouping import People
from bot.people.list_reading import Table, read_table
from bot.people.phone_safety import refresh_phone_safety
from bot.people.storing import Storing, chunks
from bot.people.tables import ListImport, Patient, Practice
from bot.people.verdicts import PersonIn, Problem, Reading, RowVerdict, Verdict, judge_rows
from bot.refusals import Refused
from bot.settings import Settings

Progress = Callable[[int], None]
"""Told how many rows have been read so far."""

_COUNT_OF = {
    Verdict.ACCEPTED: "accepted",
    Verdict.FIXED: "fixed",
    Verdict.REJECTED: "rejected",
    Verdict.DUPLICATE: "duplicates",
}


@dataclass
class ImportResult:
    """What became of a list: accepted + fixed + rejected + duplicates = rows; `stored` are new or changed."""

    rows: int = 0
    accepted: int = 0
    fixed: int = 0
    rejected: int = 0
    duplicates: int = 0
    stored: int = 0
    problems: list[Problem] = field(default_factory=list)
    rejected_rows: set[int] = field(default_factory=set)
    conflicts: int = 0

    def counts(self) -> dict[str, int]:
        """The numbers alone, without anything about a person."""
        names = ("rows", "accepted", "fixed", "rejected", "duplicates", "conflicts", "stored")
        return {name: getattr(self, name) for name in names}

    def add(self, verdict: RowVerdict) -> None:
        """Count one row."""
        self.rows += 1
        name = _COUNT_OF[verdict.verdict]
        setattr(self, name, getattr(self, name) + 1)
        self.problems.extend(verdict.problems)
        self.conflicts += any(problem.code == "conflict" for problem in verdict.problems)
        if verdict.verdict is Verdict.REJECTED:
            self.rejected_rows.add(verdict.row)


@dataclass(frozen=True)
class Preview:
    """A list that was looked at and waits for a person to confirm it."""

    import_id: int
    counts: dict[str, int]


class _Reader:
    """Reads one list through: verdicts in the order of its rows, and everybody met on the way."""

    def __init__(self, session: Session, settings: Settings, practice_id: int, content: bytes) -> None:
        self.table: Table = read_table(content)
        self.header: Header = self.table.header
        self.people = People(self.header)
        self._session = session
        self._practice_id = practice_id
        self._reading = Reading(self.header, london_today(), settings.test_numbers)

    def pieces(self) -> Iterator[list[RowVerdict]]:
        """Verdicts, a thousand rows at a time, compared with the people stored already."""
        grouped = self.people.group(judge_rows(self.table.rows(), self._reading))
        for piece in chunks(grouped):
            yield self._compare_births(piece)

    def _compare_births(self, piece: list[RowVerdict]) -> list[RowVerdict]:
        """An NHS number alone does not prove who somebody is: a stored date of birth is never overwritten."""
        births = _stored_births(self._session, self._practice_id, [p.nhs_number for p in _first_rows(piece)])
        return [self._set_birth_aside(verdict, births) for verdict in piece]

    def _set_birth_aside(self, verdict: RowVerdict, births: dict[str, date]) -> RowVerdict:
        person = verdict.person
        if person is None or births.get(person.nhs_number, person.born) == person.born:
            return verdict
        if verdict.verdict is Verdict.DUPLICATE:
            return verdict
        message = "We have this NHS number with another date of birth, which was kept. Check which is right."
        problem = Problem(verdict.row, self.header.heading(Field.BORN), "birth-date-differs", message)
        return verdict.with_problem(Verdict.FIXED, problem)


def _first_rows(piece: list[RowVerdict]) -> list[PersonIn]:
    return [v.person for v in piece if v.person is not None and v.verdict is not Verdict.DUPLICATE]


def _stored_births(session: Session, practice_id: int, numbers: list[str]) -> dict[str, date]:
    statement = select(col(Patient.nhs_number), col(Patient.born)).where(
        Patient.practice_id == practice_id, col(Patient.nhs_number).in_(numbers)
    )
    return dict(session.exec(statement).all())


def preview_list(
    db: Database,
    settings: Settings,
    practice_id: int,
    content: bytes,
    file_name: str,
    selected_for: str | None,
    user_id: int | None,
) -> Preview:
    """Look at a list and keep it until it is confirmed or discarded; nobody is stored.

    :raises Refused: the file cannot be read as a list, or the criteria are not known.
    """
    if selected_for is not None:
        find_criteria(selected_for)
    with db.read() as session:
        result = _look_at(session, settings, practice_id, content)
    with db.write() as session:
        waiting = ListImport(
            practice_id=practice_id,
            user_id=user_id,
            file_name=file_name[:200],
            content=content,
            selected_for=selected_for,
            counts=result.counts(),
            created_at=utc_now(),
        )
        session.add(waiting)
        session.flush()
        return Preview(waiting.id or 0, result.counts())


def preview_rows(
    session: Session,
    settings: Settings,
    waiting: ListImport,
    verdict: Verdict | None,
    *,
    skip: int,
    most: int,
) -> tuple[Header, list[RowVerdict]]:
    """Rows of a waiting list: those with that verdict, or else those with something to look at.

    :raises Refused: it was confirmed or discarded, so its rows are no longer kept.
    """
    reader = _Reader(session, settings, waiting.practice_id, _waiting_content(waiting))
    every = (row for piece in reader.pieces() for row in piece)
    wanted = (row for row in every if (row.verdict is verdict if verdict else row.problems))
    return reader.header, list(islice(wanted, skip, skip + most))


def confirm_import(db: Database, settings: Settings, import_id: int, actor: Actor) -> ImportResult:
    """Store the people of a list that was looked at.

    :raises Refused: there is no such list, or it was confirmed or discarded before.
    """
    with db.write() as session:
        waiting = _waiting(session, import_id)
        result = _store(session, settings, waiting.practice_id, _waiting_content(waiting), waiting.selected_for, actor)
        waiting.state, waiting.content, waiting.confirmed_at = "confirmed", None, utc_now()
        waiting.counts = result.counts()
        session.add(waiting)
        return result


def discard_import(db: Database, import_id: int, actor: Actor) -> None:
    """Forget a list that was looked at.

    :raises Refused: there is no such list, or it was confirmed or discarded before.
    """
    with db.write() as session:
        waiting = _waiting(session, import_id)
        waiting.state, waiting.content = "discarded", None
        session.add(waiting)
        record(session, actor, "list-discarded", f"list:{import_id}", practice_id=waiting.practice_id)


def import_list(
    db: Database,
    settings: Settings,
    practice_code: str,
    content: bytes,
    *,
    selected_for: str | None,
    dry_run: bool,
    actor: Actor,
    progress: Progress | None = None,
) -> ImportResult:
    """Look at a list and, unless it is a dry run, store its people.

    :raises Refused: no such practice or criteria, or the file cannot be read as a list.
    """
    if selected_for is not None:
        find_criteria(selected_for)
    if dry_run:
        with db.read() as session:
            practice = practice_by_code(session, practice_code)
            return _look_at(session, settings, practice.id or 0, content, progress)
    with db.write() as session:
        practice = practice_by_code(session, practice_code)
        return _store(session, settings, practice.id or 0, content, selected_for, actor, progress)


def _look_at(
    session: Session, settings: Settings, practice_id: int, content: bytes, progress: Progress | None = None
) -> ImportResult:
    result = ImportResult()
    for piece in _Reader(session, settings, practice_id, content).pieces():
        _count(result, piece, progress)
    return result


def _store(
    session: Session,
    settings: Settings,
    practice_id: int,
    content: bytes,
    selected_for: str | None,
    actor: Actor,
    progress: Progress | None = None,
) -> ImportResult:
    # Two lists of one practice at once would insert the same people: the second waits for the first.
    session.exec(select(Practice.id).where(Practice.id == practice_id).with_for_update()).one()
    reader, result = _Reader(session, settings, practice_id, content), ImportResult()
    storing = Storing(session, practice_id, reader.header, utc_now())
    for piece in reader.pieces():
        _count(result, piece, progress)
        storing.store(_first_rows(piece))
    if reader.header.has(Field.CODES):
        storing.replace_codes(reader.people.codes)
    if selected_for is not None:
        storing.select_for(selected_for, reader.people.codes)
    refresh_phone_safety(session, practice_id, london_today())
    result.stored = len(storing.touched)
    record(session, actor, "list-imported", "patients", practice_id=practice_id, **result.counts())
    return result


def _count(result: ImportResult, piece: list[RowVerdict], progress: Progress | None) -> None:
    for verdict in piece:
        result.add(verdict)
    if progress is not None:
        progress(result.rows)


def _waiting(session: Session, import_id: int) -> ListImport:
    statement = select(ListImport).where(ListImport.id == import_id).with_for_update()
    waiting = session.exec(statement).first()
    if waiting is None:
        raise Refused("unknown-list", "There is no such list. Upload it again.")
    _waiting_content(waiting)
    return waiting


def _waiting_content(waiting: ListImport) -> bytes:
    if waiting.state != "previewed" or waiting.content is None:
        word = "stored" if waiting.state == "confirmed" else "discarded"
        raise Refused("list-not-waiting", f"This list was {word} already. Upload a list to begin again.")
    return waiting.content
