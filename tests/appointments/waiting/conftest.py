"""People who wait in the clinic of `talk`, and the jobs that offer them freed times."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.appointments.by_text.offering import lapse_offers
from bot.appointments.waiting.freed_times import offer_freed_times
from bot.appointments.waiting.joining import WaitingWanted, join_waiting_list
from bot.audit import CONSOLE
from bot.tables.appointments import Clinic, WaitingRequest
from tests.appointments.talking import Talk
from tests.messaging.helpers import change


@dataclass
class Line:
    """The waiting list of a clinic, by the one who was put on it first."""

    talk: Talk

    def joins(self, who: Talk, clinic: Clinic | None = None, **wishes: Any) -> WaitingRequest:
        """A person joins, a minute after the one before."""
        self.talk.clock.shift(60)
        code = (clinic or who.clinic).code
        wanted = WaitingWanted(who.practice.code, who.patient.nhs_number, code, **wishes)
        return join_waiting_list(self.talk.db, wanted, CONSOLE)

    def person(self, number: int, **changes: Any) -> Talk:
        """Another person, who waits; without an interpreter unless told otherwise."""
        values: dict[str, Any] = {"language": "en", "phone": f"+4477009002{number:02}"}
        return self.talk.person(**(values | changes))

    def of(self, n: int, **changes: Any) -> list[Talk]:
        """So many people who join one after the other."""
        people = [self.person(number, **changes) for number in range(n)]
        for one in people:
            self.joins(one)
        return people

    def offers(self) -> int:
        """The job runs, and what it says goes out."""
        made = offer_freed_times(self.talk.db, self.talk.settings)
        self.talk.sent()
        lapse_offers(self.talk.db, self.talk.settings)
        return made

    def later(self, **time: int) -> int:
        """So much later holds that ran out lapse, and the job runs."""
        self.talk.clock.shift(timedelta(**time))
        lapse_offers(self.talk.db, self.talk.settings)
        return self.offers()

    def stands(self) -> list[str]:
        """Every request's state, in the order in which they were made."""
        return [str(request.state) for request in self.talk.all(WaitingRequest)]

    def asked(self) -> list[int]:
        return [request.asked for request in self.talk.all(WaitingRequest)]

    def changes(self, row: Any, **changes: Any) -> None:
        change(self.talk.db, row, **changes)


@pytest.fixture
def line(talk: Talk) -> Line:
    return Line(talk)
