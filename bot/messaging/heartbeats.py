"""Parts and jobs of the service say that they are at work; `/readyz` and the operations page read it."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.messaging import Heartbeat

JOB = "job:"
"""Before the name of a job where its last run is noted."""


def say_alive(db: Database, name: str) -> None:
    """Note that a part of the service is alive."""
    with db.write() as session:
        session.merge(Heartbeat(name=name, at=utc_now()))


def last_runs(session: Session) -> dict[str, datetime]:
    """When each part of the service, and each job, last said that it was at work."""
    return dict(session.exec(select(col(Heartbeat.name), col(Heartbeat.at)).order_by(col(Heartbeat.name))).all())


def beat(db: Database, _settings: Settings) -> None:
    """The clock is alive."""
    say_alive(db, "clock")
