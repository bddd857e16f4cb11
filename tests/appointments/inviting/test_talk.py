"""An invitation to a clinic, and all that may be answered: times, an event, longer, no, and the waiting list."""

import pytest

from bot.appointments.by_text.offering import lapse_offers
from bot.appointments.joint.claims import claim_place
from bot.clock import utc_now
from bot.tables.appointments import Clinic, InterpreterState, Offer, Slot, Visit, WaitingRequest
from bot.tables.campaigns import CampaignMember
from tests.appointments.clinics import make_session
from tests.appointments.inviting.campaigns import (
    DAYS,
    an_event,
    changed,
    for_screening,
    invite,
    with_interpreter,
)
from tests.appointments.talking import Talk

INVITED = "cervical-invitation"


@pytest.fixture
def woman(talk: Talk) -> Talk:
    """Somebody who needs an interpreter for Urdu, of whom one works; the clinic has times on two days."""
    her = for_screening(talk).person(sex="F", language="ur", interpreter=True, phone="+447700900124")
    return with_interpreter(her).opens(*DAYS)


@pytest.mark.parametrize(("yes", "second"), [("1", "2"), ("\u06f1", "\u06f2"), ("haan", "2")])
def test_a_yes_gets_times_and_a_number_books_one_with_an_interpreter(woman: Talk, yes: str, second: str) -> None:
    campaign = invite(woman)
    woman.says(yes)
    assert woman.heard() == [INVITED, "screening-times"]
    assert woman.times() == ["1 2026-12-01 09:00 held", "2 2026-12-02 14:00 held", "3 2026-12-05 10:00 held"]
    woman.says(second)
    assert woman.heard()[-1] == "visit-booked-woman-interpreter"
    [visit] = woman.all(Visit)
    assert woman.visits() == [("2026-12-02 14:00", "booked")]
    assert (visit.campaign_id, visit.interpreter_state) == (campaign.id, InterpreterState.BOOKED)
    assert (visit.clinician_sex, (visit.ends - visit.starts).seconds) == ("F", 20 * 60)
    [member] = woman.all(CampaignMember)
    assert member.answer == "yes"


def test_only_times_of_a_woman_are_offered(woman: Talk) -> None:
    changed(woman.db, woman.clinician, sex="M")
    invite(woman)
    woman.says("1")
    assert woman.times() == []
    assert woman.heard()[-1] == "waiting-joined"


def test_other_times_are_none_that_were_shown(woman: Talk) -> None:
    invite(woman)
    woman.says("1")
    woman.says("4")
    assert woman.heard()[-1] == "screening-times"
    assert woman.times() == ["1 2026-12-01 09:20 held", "2 2026-12-02 14:20 held", "3 2026-12-05 10:20 held"]
    assert {offer.campaign_id for offer in woman.all(Offer)} == {woman.all(CampaignMember)[0].campaign_id}


def test_six_offers_longer_times_and_what_is_booked_is_longer(woman: Talk) -> None:
    alone = woman.person(sex="F", language="en", phone="+447700900125")
    invite(alone)
    alone.says("1")
    alone.says("6")
    assert alone.heard()[-2:] == ["screening-times", "visit-times"]
    assert alone.times() == ["1 2026-12-01 09:00 held", "2 2026-12-02 14:00 held", "3 2026-12-05 10:00 held"]
    alone.says("1")
    [visit] = alone.all(Visit)
    assert (visit.longer, (visit.ends - visit.starts).seconds) == (True, 20 * 60)


def test_six_under_times_that_are_longer_shows_them_again(woman: Talk) -> None:
    invite(woman)
    woman.says("1")
    woman.says("6")
    times = woman.times()
    woman.says("6")
    assert woman.times() == times
    assert woman.heard()[-1] == "visit-times"


def test_six_is_nothing_where_nobody_was_invited(woman: Talk) -> None:
    woman.booked("2026-12-01 09:00")
    woman.says("2")
    woman.says("1")
    times = woman.times()
    woman.says("6")
    assert woman.times() == times


def test_a_six_that_comes_too_late_gets_longer_times(woman: Talk) -> None:
    alone = woman.person(sex="F", language="en", phone="+447700900125")
    invite(alone)
    alone.says("1")
    alone.at("2026-11-26 10:00").says("6")
    assert alone.heard()[-1] == "visit-times"
    assert {offer.longer for offer in alone.all(Offer) if offer.state == "held"} == {True}


@pytest.fixture
def with_event(woman: Talk) -> Talk:
    make_session(woman.db, an_event(woman), None, "11:00", "11:10")
    return woman


def _invite_to_event(talk: Talk) -> None:
    event = next(each for each in talk.all(Clinic) if each.code == "MEETING")
    invite(talk, event)


def test_an_event_is_the_third_choice_and_takes_a_place(with_event: Talk) -> None:
    _invite_to_event(with_event)
    with_event.says("1")
    assert with_event.heard()[-1] == "screening-times-event"
    assert with_event.times() == [
        "3 2026-12-01 11:00 held",
        "1 2026-12-01 09:00 held",
        "2 2026-12-02 14:00 held",
    ]
    assert "Station Practice, 12 Station Road" in with_event.last().body
    with_event.says("3")
    assert with_event.visits() == [("2026-12-01 11:00", "booked")]
    [visit] = with_event.all(Visit)
    assert visit.campaign_id is not None
    assert len([row for row in with_event.all(Offer) if row.state == "held"]) == 0


def test_other_times_have_no_event(with_event: Talk) -> None:
    _invite_to_event(with_event)
    with_event.says("1")
    with_event.says("4")
    assert with_event.heard()[-1] == "screening-times"
    assert "3 2026-12-01 11:00 held" not in with_event.times()


def test_an_event_that_filled_in_between_gets_times_of_the_clinic(with_event: Talk) -> None:
    _invite_to_event(with_event)
    with_event.says("1")
    with_event.clock.shift(3 * 3600)
    lapse_offers(with_event.db, with_event.settings)
    visits = [with_event.visit("2026-12-03 09:00"), with_event.visit("2026-12-03 10:00")]
    with with_event.db.write() as session:
        [slot] = [each for each in with_event.all(Slot) if each.clinician_id is None]
        for visit in visits:
            claim_place(session, slot.id or 0, 2, visit_id=visit.id, now=utc_now())
    with_event.says("3")
    assert with_event.heard()[-1] == "visit-times-gone"
    assert all(offer.clinic_id == with_event.clinic.id for offer in with_event.all(Offer) if offer.state == "held")


@pytest.mark.parametrize("person", [{"sex": "M"}, {"sex": "U"}])
def test_a_meeting_for_women_is_not_offered_to_others(with_event: Talk, person: dict[str, str]) -> None:
    other = with_event.person(language="en", phone="+447700900126", **person)
    _invite_to_event(other)
    other.says("1")
    assert other.heard()[-1] == "screening-times"


def test_a_no_is_thanked_and_five_after_it_asks_for_a_call(woman: Talk) -> None:
    invite(woman)
    woman.says("2")
    assert woman.heard() == [INVITED, "clinic-no-thanks"]
    assert [member.answer for member in woman.all(CampaignMember)] == ["no"]
    assert woman.all(Offer) == []
    woman.says("5")
    assert woman.inbox() == [("call-me", None)]


def test_nothing_free_puts_them_on_the_waiting_list_and_five_asks_for_a_call(talk: Talk) -> None:
    her = for_screening(talk).person(sex="F", language="ur", interpreter=True, phone="+447700900124")
    campaign = invite(her)
    her.says("1")
    assert her.heard() == [INVITED, "waiting-joined"]
    [request] = her.all(WaitingRequest)
    assert (request.patient_id, request.campaign_id, request.clinician_sex) == (her.patient.id, campaign.id, "F")
    assert her.questions()[-1] == ("talk", "open")
    her.says("5")
    assert her.inbox() == [("call-me", None)]
    assert her.heard()[-1] == "person-will-read"


def test_who_has_a_visit_to_come_in_the_clinic_is_staffs_to_answer(woman: Talk) -> None:
    invite(woman)
    woman.visit("2026-12-03 09:00")
    woman.says("1")
    assert woman.all(Offer) == []
    assert woman.inbox() == [("book", None)]


def test_a_visit_that_is_moved_or_missed_stays_the_campaigns(woman: Talk) -> None:
    campaign = invite(woman)
    woman.says("1")
    woman.says("1")
    woman.says("2")
    woman.says("1")
    assert woman.heard()[-1] == "visit-times"
    woman.says("2")
    [visit] = woman.all(Visit)
    assert visit.moved_from is not None
    assert visit.campaign_id == campaign.id
    assert not [row for row in woman.all(Offer) if row.campaign_id != campaign.id]
