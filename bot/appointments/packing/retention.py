"""How long plans are kept."""

from datetime import timedelta

from sqlmodel import col, delete, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import VisitPlan, VisitPlanLine

KEPT = timedelta(days=30)


def forget_old_plans(db: Database, _settings: Settings) -> int:
    """The job: take away plans of over thirty days ago with their lines; gives how many plans."""
    old = col(VisitPlan.made_at) < utc_now() - KEPT
    with db.write() as session:
        session.execute(delete(VisitPlanLine).where(col(VisitPlanLine.plan_id).in_(select(VisitPlan.id).where(old))))
        return int(session.execute(delete(VisitPlan).where(old)).rowcount)  # type: ignore[attr-defined]
