"""An appointment report from its upload to its end: looked at, kept until somebody confirms it, stored."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from bot.accounts.rights import declare_right, require
from bot.appointments.joint.booking import in_one_step
from bot.appointments.reports.looking import Looked, ReadReport, look_at, read_rows
from bot.appointments.reports.storing import ReportStoring
from bot.appointments.reports.telling import tell_reported
from bot.audit import Actor, record
from bot.clock import utc_now
from bot.database import Database
from bot.lists.judging.row_reading import CellProblem
from bot.lists.limits import limited
from bot.organisations.finding import practice_by_code
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.appointments import AppointmentReport
from bot.tables.organisations import Practice

IMPORT_VISITS = declare_right("import-visits", Role.PRACTICE, Role.LEAD)
WAITING, STORED, DISCARDED = "waiting", "stored", "discarded"
UNCONFIRMED_FOR = timedelta(hours=24)
"""How long a report may wait for its confirmation."""
_NO_CONTENT = defer(AppointmentReport.content)  # type: ignore[arg-type]


@dataclass(frozen=True)
class ReportResult:
    """What became of a report. `counts` are those of `Looked.counts`; `told`: how many texts were queued."""

    counts: dict[str, int]
    problems: list[CellProblem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    report_id: int | None = None
    told: int = 0


def receive_report(db: Database, practice_id: int, content: bytes, file_name: str, user_id: int | None) -> int:
    """Keep a report until it is confirmed or discarded; nothing of it is stored, and nobody is told anything.

    :raises Refused: it cannot be read as an appointment report; then it is not kept.
    """
    read_rows(content)
    with db.write() as session:
        return _keep(session, practice_id, content, file_name, user_id).id or 0


def _keep(session: Session, practice_id: int, content: bytes, file_name: str, user_id: int | None) -> AppointmentReport:
    report = AppointmentReport(
        practice_id=practice_id, user_id=user_id, file_name=file_name[:200], content=content, created_at=utc_now()
    )
    session.add(report)
    session.flush()
    return report


def preview_report(db: Database, report: AppointmentReport) -> Looked:
    """What would become of a report that waits, if it was confirmed now.

    :raises Refused: it is no longer kept.
    """
    with db.read() as session:
        content = session.exec(select(AppointmentReport.content).where(AppointmentReport.id == report.id)).one()
    if content is None:
        raise _not_waiting()
    read = read_rows(content)
    with db.read() as session:
        return look_at(session, report.practice_id, read, utc_now())


def confirm_report(
    db: Database, settings: Settings, report_id: int, actor: Actor, *, confirmation: bool
) -> ReportResult:
    """Store a report that waits.

    :param confirmation: people are told of what is new, moved or off.
    :raises Refused: it was confirmed or discarded before.
    """
    with db.read() as session:
        content = session.exec(select(AppointmentReport.content).where(AppointmentReport.id == report_id)).first()
    if content is None:
        raise _not_waiting()
    read = read_rows(content)

    def store(session: Session) -> Looked:
        return _store(session, settings, _held(session, report_id), read, actor, confirmation)

    looked = in_one_step(db, store)
    return _result(looked, report_id, tell_reported(db, settings))


def import_report(
    db: Database,
    settings: Settings,
    practice_code: str,
    content: bytes,
    *,
    file_name: str,
    dry_run: bool,
    confirmation: bool,
    actor: Actor,
) -> ReportResult:
    """Look at a report and, unless it is a dry run, store it at once.

    :raises Refused: no such practice, an account that is not the practice's, or the file is no appointment report.
    """
    with db.read() as session:
        practice = practice_by_code(session, practice_code)
        actor, practice_id = require(session, actor, IMPORT_VISITS, practice), practice.id or 0
    with limited():
        read = read_rows(content)
    if dry_run:
        with db.read() as session:
            looked = look_at(session, practice_id, read, utc_now())
        return _result(looked, None, 0, stored=False)

    def store(session: Session) -> tuple[Looked, int | None]:
        report = _keep(session, practice_id, b"", file_name, actor.user_id)
        return _store(session, settings, report, read, actor, confirmation), report.id

    looked, report_id = in_one_step(db, store)
    return _result(looked, report_id, tell_reported(db, settings))


def _store(
    session: Session,
    settings: Settings,
    report: AppointmentReport,
    read: ReadReport,
    actor: Actor,
    confirmation: bool,
) -> Looked:
    """Two reports of one practice at once would make the same visits: the second waits for the first."""
    session.exec(select(Practice.id).where(Practice.id == report.practice_id).with_for_update(key_share=True)).one()
    looked = look_at(session, report.practice_id, read, utc_now())
    ReportStoring(session, settings, report, looked, actor).store(confirmation=confirmation)
    report.state, report.content, report.stored_at = STORED, None, utc_now()
    report.confirmation, report.counts = confirmation, looked.counts()
    if looked.coverage is not None:
        report.first_day, report.last_day = looked.coverage.first_day, looked.coverage.last_day
    session.add(report)
    counts: dict[str, Any] = looked.counts()
    record(session, actor, "report-stored", f"report:{report.id}", practice_id=report.practice_id, **counts)
    return looked


def _result(looked: Looked, report_id: int | None, told: int, *, stored: bool = True) -> ReportResult:
    counts = looked.counts() if stored else looked.counts() | {"stored": 0}
    return ReportResult(counts, looked.problems, looked.notes, report_id, told)


def discard_report(db: Database, report_id: int, actor: Actor) -> None:
    """Forget a report that waits.

    :raises Refused: it was confirmed or discarded before.
    """
    with db.write() as session:
        report = _held(session, report_id)
        report.state, report.content = DISCARDED, None
        session.add(report)
        record(session, actor, "report-discarded", f"report:{report_id}", practice_id=report.practice_id)


def _held(session: Session, report_id: int) -> AppointmentReport:
    """A report that waits, locked until the end of the transaction. :raises Refused: it does not, or is not there."""
    report = session.get(AppointmentReport, report_id, options=[_NO_CONTENT], with_for_update=True)
    if report is None or report.state != WAITING:
        raise _not_waiting()
    return report


def _not_waiting() -> Refused:
    return Refused("report-not-waiting", "This report was stored or discarded already. Upload one to begin again.")


def find_report(session: Session, report_id: int) -> AppointmentReport | None:
    """A report by its number, without its file."""
    return session.get(AppointmentReport, report_id, options=[_NO_CONTENT])


def reports_of(session: Session, practice_id: int, most: int) -> list[AppointmentReport]:
    """The last reports of a practice without their files, the latest first."""
    theirs = select(AppointmentReport).where(AppointmentReport.practice_id == practice_id).options(_NO_CONTENT)
    return list(session.exec(theirs.order_by(col(AppointmentReport.id).desc()).limit(most)))


def forget_unconfirmed_reports(db: Database, _settings: Settings) -> int:
    """Erase reports that have waited for a day; gives how many."""
    with db.write() as session:
        erased = session.execute(
            update(AppointmentReport)
            .where(col(AppointmentReport.state) == WAITING)
            .where(col(AppointmentReport.created_at) < utc_now() - UNCONFIRMED_FOR)
            .values(state=DISCARDED, content=None)
        )
    return int(erased.rowcount)  # type: ignore[attr-defined]
