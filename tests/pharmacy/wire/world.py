"""A pharmacy whose system posts to us, in short words for tests."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlmodel import col, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.notices.gathering import say_gathered
from bot.pharmacy.organising.keys import make_key
from bot.pharmacy.wire.weighing import weigh_due
from bot.settings import Settings
from bot.tables.pharmacy import PrescriptionUpdate
from tests.applications import application
from tests.pharmacy.notices.world import Town
from tests.pharmacy.wire.tasks import Json, a_task, bundle_of, post


class Wired(Town):
    """The town with a key of its pharmacy, and Tasks of its person."""

    def __init__(self, db: Database, settings: Settings, clock: time_machine.Traveller) -> None:
        super().__init__(db, settings, clock)
        self.key = make_key(db, "PRIORY", CONSOLE)
        self.client = application(settings, db).test_client()

    def task(self, status: str = "Ready to Collect", **more: Any) -> Json:
        """A Task of the person, of this moment."""
        now = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
        return a_task(status, **({"nhs_number": self.person.nhs_number, "at": now} | more))

    def post(self, *tasks: Json, **headers: str) -> Any:
        """The answer to a bundle of these, and the next turn of the job."""
        answer = post(self.client, self.key, bundle_of(*tasks), **headers)
        weigh_due(self.db, self.settings)
        return answer

    def says_of(self, *statuses: str, **more: Any) -> None:
        """Statuses of items one after the other, each an item of its own unless told; all are taken."""
        tasks = [self.task(status, **({"item": f"ITEM-{place}"} | more)) for place, status in enumerate(statuses)]
        assert self.post(*tasks).status_code == 201

    def kept(self) -> list[PrescriptionUpdate]:
        """Everything that has been kept."""
        with self.db.read() as session:
            return list(session.exec(select(PrescriptionUpdate).order_by(col(PrescriptionUpdate.id))))

    def after(self, clock: time_machine.Traveller, span: timedelta) -> None:
        """Let time go by, and the jobs do what is due."""
        clock.shift(span)
        weigh_due(self.db, self.settings)
        say_gathered(self.db, self.settings)

    def stands(self) -> list[tuple[str, str]]:
        """Kind and state of every notice."""
        return [(notice.kind, notice.state) for notice in self.notices()]
