"""Lists of patients: looked at first, stored when a person confirms.

Rows are judged before anything is written. Then people are stored some hundreds a transaction, so that nobody who
texts us meanwhile has to wait. A list whose storing was broken off stays, and storing it again does what is left:
until the last step numbers that are new count as shared, so nobody is texted on half a list.
"""

from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bot.accounts.rights import declare_right, require
from bot.audit import Actor, record
from bot.clock import london_today, utc_now
from bot.database import Database
from bot.lists.conflicts import Conflicts
from bot.lists.headings import columns_to_keep
from bot.lists.judging.grouping import ListedPerson
from bot.lists.judging.judged_rows import JudgedRows
from bot.lists.judging.judging import ImportResult, Judging, Progress, meanings_of
from bot.lists.kept import erase_kept, keep_people, keep_rejects, keep_rows, kept_people
from bot.lists.limits import limited
from bot.lists.listed import KEPT_FOR, keep_listed
from bot.lists.reading.columns import Field, read_header
from bot.lists.reading.file_kinds import refuse_by_size
from bot.lists.reading.table import Table
from bot.lists.reading.tables_of_files import open_table, read_table, refuse_without_needed
from bot.lists.storing import Storing, attributes_of
from bot.lists.texting import Reach
from bot.lists.waiting import BUSY_FOR, content_of, end, find_list, let_go, lock_practice, mark, move, take_up
from bot.organisations.finding import practice_by_code
from bot.patients.criteria import find_criteria
from bot.patients.kept_opt_outs import recall_opt_outs
from bot.patients.phone_safety import refresh_phone_safety
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.lists import ListImport, ListState

IMPORT = declare_right("import-lists", Role.PRACTICE, Role.LEAD)
_REPORT_EVERY = 5000  # rows


@dataclass(frozen=True)
class ListPreview:
    """A list that was looked at and waits for a person to confirm it."""

    import_id: int
    counts: dict[str, int]


def receive_list(
    db: Database,
    practice_id: int,
    content: bytes,
    file_name: str,
    selected_for: str | None,
    user_id: int | None,
    *,
    keep_ethnic_category: bool = False,
) -> int:
    """Keep a list until it is confirmed or discarded. It is to be looked at; nothing of it was read yet.

    :raises Refused: the file is empty or too large, or the criteria are not known.
    """
    if selected_for is not None:
        find_criteria(selected_for)
    refuse_by_size(content)
    with db.write() as session:
        waiting = ListImport(
            practice_id=practice_id,
            user_id=user_id,
            file_name=file_name[:200],
            content=content,
            selected_for=selected_for,
            keep_ethnic_category=keep_ethnic_category,
            state=ListState.READING,
            created_at=utc_now(),
        )
        session.add(waiting)
        session.flush()
        return waiting.id or 0


def look_at_list(db: Database, settings: Settings, import_id: int) -> dict[str, int]:
    """Judge every row of a list that was received, and count; nobody is stored.

    :raises Refused: it cannot be read to its end, and is not kept; or somebody is at it already.
    """
    return look_through(db, settings, begin_looking(db, import_id)).counts()


def begin_looking(db: Database, import_id: int) -> ListImport:
    """Take a list up to look at it, so that its page tells from then on that somebody is at it.

    :raises Refused: there is no such list, it is at its end, or somebody is at it already.
    """
    return take_up(db, import_id, ListState.READING)


def look_through(
    db: Database,
    settings: Settings,
    waiting: ListImport,
    result: ImportResult | None = None,
    progress: Progress | None = None,
) -> ImportResult:
    """Do what `begin_looking` took up: judge the list once, and keep what was found until it is at its end.

    Its state says afterwards whether a person must say first which column is which.

    :param result: counts the rows; by default without keeping their problems.
    :raises Refused: as `look_at_list`.
    """
    import_id = waiting.id or 0
    result = result or ImportResult(keep_problems=False)
    try:
        with limited():
            state, found = _look(db, settings, waiting, result, _reporting_progress(db, import_id, progress))
    except Refused as refused:
        end(db, import_id, ListState.REFUSED, refusal=refused.message)
        raise
    except BaseException:
        let_go(db, import_id)
        raise
    with db.write() as session:
        move(session, import_id, state, tries=0, **found)
    return result


def _look(
    db: Database, settings: Settings, waiting: ListImport, result: ImportResult, progress: Progress
) -> tuple[ListState, dict[str, Any]]:
    """What becomes of the list, and what is to be noted on it."""
    import_id = waiting.id or 0
    with db.write() as session:
        erase_kept(session, import_id)
        meanings = meanings_of(session, waiting.practice_id)
    table = open_table(content_of(db, import_id), meanings)
    columns = columns_to_keep(table)
    if table.header.missing():
        return ListState.COLUMNS, {"columns": columns}
    found = _judge_and_keep(db, settings, waiting, table, result, progress)
    return ListState.PREVIEWED, {"columns": columns, "counts": result.counts(), "notes": result.notes, **found}


def _judge_and_keep(
    db: Database, settings: Settings, waiting: ListImport, table: Table, result: ImportResult, progress: Progress
) -> dict[str, Any]:
    import_id, practice_id, keep = waiting.id or 0, waiting.practice_id, waiting.keep_ethnic_category
    with (
        closing(JudgedRows()) as rows,
        Judging(db, settings, practice_id, table, keep_ethnic_category=keep) as judging,
    ):
        judging.count(result, progress, rows)
        answered = judging.header.answered()
        keep_people(db, import_id, judging.people)
        keep_rows(db, import_id, rows)
        if result.rejected:
            keep_rejects(db, import_id, judging.table, rows)
        reach = Reach(db, settings, practice_id, judging.people, answered).count()
    return {"fields": sorted(field.value for field in answered), "reach": reach}


def preview_list(
    db: Database,
    settings: Settings,
    practice_id: int,
    content: bytes,
    file_name: str,
    selected_for: str | None,
    user_id: int | None,
) -> ListPreview:
    """Look at a list and keep it until it is confirmed or discarded; nobody is stored.

    :raises Refused: the file cannot be read as a list, or the criteria are not known.
    """
    import_id = receive_list(db, practice_id, content, file_name, selected_for, user_id)
    return ListPreview(import_id, look_at_list(db, settings, import_id))


def confirm_import(
    db: Database, settings: Settings, import_id: int, actor: Actor, progress: Progress | None = None
) -> ImportResult:
    """Store the people of a list that was looked at; after a crash, those that are left.

    :raises Refused: there is no such list, it was confirmed or discarded before, or somebody is at it.
    """
    waiting = begin_storing(db, import_id)
    return store_list(db, settings, waiting, actor, counted_before(waiting), progress)


def counted_before(waiting: ListImport) -> ImportResult:
    """What was counted when the list was looked at, of which nobody is stored yet."""
    counted: dict[str, Any] = waiting.counts | {"stored": 0}
    return ImportResult(**counted, notes=waiting.notes, keep_problems=False)


def begin_storing(db: Database, import_id: int) -> ListImport:
    """Take a list up, alone in its practice, to store it.

    :raises Refused: as `confirm_import`.
    """
    return take_up(db, import_id, ListState.STORING)


def store_list(
    db: Database,
    settings: Settings,
    waiting: ListImport,
    actor: Actor,
    result: ImportResult,
    progress: Progress | None = None,
) -> ImportResult:
    """Do what `begin_storing` took up: store the people as they were found when the list was looked at."""
    import_id = waiting.id or 0
    columns, people = frozenset(map(Field, waiting.fields)), 0
    report = _reporting_progress(db, import_id, progress)
    try:
        for piece in kept_people(db, import_id):
            result.stored += _store_piece(db, settings, waiting, columns, piece)
            people += len(piece)
            report(people)
        refresh_phone_safety(db, waiting.practice_id, london_today())
    except BaseException:
        let_go(db, import_id)
        raise
    _finish(db, waiting, actor, result)
    return result


def import_list(
    db: Database,
    settings: Settings,
    practice_code: str,
    content: bytes,
    *,
    selected_for: str | None,
    dry_run: bool,
    actor: Actor,
    keep_ethnic_category: bool = False,
    progress: Progress | None = None,
    file_name: str = "list",
) -> ImportResult:
    """Look at a list and, unless it is a dry run, store its people.

    :raises Refused: no such practice or criteria, an account that is not the practice's, or the file cannot be
        read as a list.
    """
    if selected_for is not None:
        find_criteria(selected_for)
    with db.read() as session:
        practice = practice_by_code(session, practice_code)
        actor, practice_id = require(session, actor, IMPORT, practice), practice.id or 0
    result = ImportResult()
    if dry_run:
        with limited():
            _judge_alone(db, settings, practice_id, content, keep_ethnic_category, result, progress)
        return result
    result.list_id = import_id = receive_list(
        db,
        practice_id,
        content,
        file_name,
        selected_for,
        actor.user_id,
        keep_ethnic_category=keep_ethnic_category,
    )
    look_through(db, settings, begin_looking(db, import_id), result, progress)
    return store_list(db, settings, _begin_at_once(db, import_id), actor, result)


def _judge_alone(
    db: Database,
    settings: Settings,
    practice_id: int,
    content: bytes,
    keep_ethnic_category: bool,
    result: ImportResult,
    progress: Progress | None,
) -> None:
    with db.read() as session:
        meanings = meanings_of(session, practice_id)
    table = read_table(content, meanings)
    with Judging(db, settings, practice_id, table, keep_ethnic_category=keep_ethnic_category) as judging:
        judging.count(result, progress)


def _begin_at_once(db: Database, import_id: int) -> ListImport:
    """Begin to store a list that was looked at just now; who cannot be asked about its columns is told at once."""
    try:
        with db.read() as session:
            found = find_list(session, import_id)
            meanings = meanings_of(session, found.practice_id) if found else {}
        if found is not None and found.state == ListState.COLUMNS:
            refuse_without_needed(read_header([column["heading"] for column in found.columns], meanings))
        return begin_storing(db, import_id)
    except Refused as refused:
        end(db, import_id, ListState.DISCARDED, refusal=refused.message)
        raise


def _store_piece(
    db: Database, settings: Settings, waiting: ListImport, columns: frozenset[Field], piece: list[ListedPerson]
) -> int:
    """One short transaction: these people, their codes, and what their rows disagree on."""
    now = utc_now()
    with db.write() as session:
        lock_practice(session, waiting.practice_id)
        storing = Storing(session, waiting.practice_id, attributes_of(columns), now)
        conflicts = Conflicts(session, waiting.practice_id, columns, waiting.selected_for, now)
        entries = conflicts.entries(piece)
        phones = [entry.person.phone for entry in entries if entry.person.phone]
        recall_opt_outs(session, settings, waiting.practice_id, phones)
        storing.store(entries)
        keep_listed(session, waiting.practice_id, waiting.id or 0, [entry.person.nhs_number for entry in entries])
        if Field.CODES in columns:
            storing.replace_codes({entry.person.nhs_number: entry.person.codes for entry in entries})
        if waiting.selected_for is not None:
            storing.select_for(waiting.selected_for, [entry.person.nhs_number for entry in entries])
        conflicts.note(piece)
        mark(session, waiting.id or 0, busy_until=now + BUSY_FOR)
    return len(storing.touched)


def _finish(db: Database, waiting: ListImport, actor: Actor, result: ImportResult) -> None:
    with db.write() as session:
        now = utc_now()
        ended = {"confirmed_at": now, "counts": result.counts(), "notes": result.notes}
        kept = {"content": None, "people_kept_until": now + KEPT_FOR}
        move(session, waiting.id or 0, ListState.CONFIRMED, **kept, **ended)
        practice_id = waiting.practice_id
        record(session, actor, "list-imported", "patients", practice_id=practice_id, **result.counts())


def _reporting_progress(db: Database, import_id: int, progress: Progress | None = None) -> Progress:
    """Note on the list how far it was read, so that its page can tell, and that somebody is still at it."""
    reported = 0

    def report(rows: int) -> None:
        nonlocal reported
        if rows >= reported + _REPORT_EVERY:
            reported = rows
            with db.write() as session:
                mark(session, import_id, rows_done=rows, busy_until=utc_now() + BUSY_FOR)
        if progress is not None:
            progress(rows)

    return report
