"""Many who ask for a time at the same moment: each is kept their own, and each takes at most one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.database import Database
from bot.settings import Settings
from bot.tables.appointments import ClaimedTime, Offer, OfferState, Visit
from bot.tables.messaging import Message
from tests.appointments.clinics import make_agency, make_interpreter
from tests.appointments.talking import Talk
from tests.factories import text_in

PEOPLE = 8


@pytest.fixture
def people(talk: Talk) -> list[Talk]:
    """Eight people who need the one interpreter, and two mornings."""
    make_interpreter(talk.db, make_agency(talk.db, talk.practice))
    talk.opens("2026-12-01 09:00-11:00", "2026-12-02 09:00-11:00")
    return [talk.person(phone=f"+4477009001{number:02}", language="ur", interpreter=True) for number in range(PEOPLE)]


def all_write(people: list[Talk], body: str) -> None:
    def write(one: Talk) -> Message:
        return text_in(one.db, one.settings, one.phone, body)

    with ThreadPoolExecutor(PEOPLE) as pool:
        list(pool.map(write, people))


def overlapping(offers: list[Offer]) -> list[tuple[int | None, int | None]]:
    return [
        (one.id, other.id)
        for one in offers
        for other in offers
        if (one.id or 0) < (other.id or 0) and one.starts < other.ends and other.starts < one.ends
    ]


def test_no_time_is_held_for_two_and_each_books_one(people: list[Talk]) -> None:
    all_write(people, "book")
    held = [offer for offer in people[0].all(Offer) if offer.state == OfferState.HELD]
    assert overlapping(held) == []
    for one in people:
        one.sent()
    people[0].clock.shift(timedelta(minutes=1))
    asked = [one for one in people if one.heard()]
    all_write(asked, "1")
    visits = people[0].all(Visit)
    assert len({visit.starts for visit in visits}) == len(visits) == len(asked)
    with people[0].db.read() as session:
        claims = session.connection().execute(ClaimedTime.__table__.select()).all()  # type: ignore[attr-defined]
    assert {claim.visit_id for claim in claims if claim.visit_id} == {visit.id for visit in visits}


def test_one_person_who_writes_twice_at_once_has_one_offer(
    people: list[Talk], db: Database, settings: Settings
) -> None:
    one = people[0]
    all_write([one, one], "book")
    open_offers = [offer for offer in one.all(Offer) if offer.state in (OfferState.HELD, OfferState.SOFT)]
    assert len({offer.message_id for offer in open_offers}) == 1
