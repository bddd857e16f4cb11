"""The demo's practice has somebody on duty, so that whoever tries it sees them told."""

from collections.abc import Sequence

from sqlmodel import select

from bot.accounts.demo import DemoAccount
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.duty.rota import put_on_duty as put
from bot.lists.demo_list import MOBILES_ON_DUTY
from bot.organisations.finding import practice_by_code
from bot.settings import Settings
from bot.tables.duty import DutyEntry


def put_on_duty(db: Database, settings: Settings, practice_code: str, _people: Sequence[DemoAccount]) -> None:
    """Put two phones on duty from now on, of nobody on the list. Again it changes nothing."""
    with db.read() as session:
        practice = practice_by_code(session, practice_code)
        known = session.exec(select(DutyEntry.id).where(DutyEntry.practice_id == practice.id).limit(1)).first()
    if known is None:
        now = utc_now().replace(second=0, microsecond=0)
        for phone in MOBILES_ON_DUTY:
            put(db, settings, practice_code, phone, now, CONSOLE)
