"""Two clocks that look at the list at the same moment: no time is offered twice, and nobody gets two texts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from bot.appointments.waiting.freed_times import offer_freed_times
from bot.clock import utc_now
from bot.tables.appointments import Offer, OfferState
from tests.appointments.clinics import make_agency, make_clinic, make_clinician, make_interpreter, make_session
from tests.appointments.waiting.conftest import Line

JOBS = 4


def at_once(line: Line) -> int:
    with ThreadPoolExecutor(JOBS) as pool:
        made = pool.map(lambda _: offer_freed_times(line.talk.db, line.talk.settings), range(JOBS))
        return sum(made)


def held(line: Line) -> list[Offer]:
    return [offer for offer in line.talk.all(Offer) if offer.state == OfferState.HELD]


def test_each_time_goes_to_one_person_and_each_person_gets_one_text(line: Line) -> None:
    people = line.of(6)
    line.talk.opens("2026-11-26 09:00-09:40")
    assert at_once(line) == 4
    line.talk.sent()
    assert [len(one.heard()) for one in people] == [1, 1, 1, 1, 0, 0]
    assert len({offer.starts for offer in held(line)}) == 4


def test_a_person_who_waits_in_several_clinics_gets_one_text(line: Line) -> None:
    """Each job may be at another clinic."""
    [one] = line.of(1)
    for _ in range(3):
        clinic = make_clinic(line.talk.db, line.talk.practice, line.talk.site)
        clinician = make_clinician(line.talk.db, line.talk.practice)
        make_session(line.talk.db, clinic, clinician, "09:00", "10:00", tomorrow())
        line.joins(one, clinic)
    line.talk.opens("2026-11-26 09:00-09:40")
    at_once(line)
    line.talk.sent()
    assert one.heard() == ["waiting-offer"]
    assert len(held(line)) == 1


def test_an_interpreter_whom_two_clinics_want_is_promised_once(line: Line) -> None:
    make_interpreter(line.talk.db, make_agency(line.talk.db, line.talk.practice))
    people = line.of(2, language="ur", interpreter=True)
    clinic = make_clinic(line.talk.db, line.talk.practice, line.talk.site)
    other = make_clinician(line.talk.db, line.talk.practice)
    make_session(line.talk.db, clinic, other, "09:00", "09:20", tomorrow())
    line.talk.opens("2026-11-25 09:00-09:20")
    for one in people:
        line.joins(one, clinic)
    at_once(line)
    assert len(held(line)) == 1


def tomorrow() -> date:
    return utc_now().date() + timedelta(days=1)
