"""What people answer: kept, thanked for, and whoever wants a call is on the pharmacy's list."""

import pytest
from sqlmodel import select

from bot.pharmacy.notices.telling import may_tell
from bot.tables.pharmacy import TellPharmacy
from tests.messaging.helpers import change, inbox
from tests.pharmacy.notices.world import Town
from tests.pharmacy.organising.making import make_pharmacy

TELL = "tell-pharmacy"


@pytest.mark.parametrize(
    ("body", "answer", "text"),
    [
        ("1", "will-collect", "pharmacy-thanks"),
        ("2", "somebody-else", "pharmacy-thanks"),
        ("5", "phone-me", "pharmacy-will-phone"),
        ("please call me", "phone-me", "pharmacy-will-phone"),
        ("proszę zadzwonić", "phone-me", "pharmacy-will-phone"),
    ],
)
def test_an_answer_to_ready_is_kept_and_thanked_for(town: Town, body: str, answer: str, text: str) -> None:
    notice = town.says()
    town.later(minutes=1)
    town.writes(body)
    assert (town.fresh(notice).answer, town.stands(notice)["state"]) == (answer, "answered")
    assert town.said() == ["pharmacy-ready", text, TELL]
    town.later(minutes=1)
    assert town.stands(notice)["state"] == "answered"


def test_two_means_delivery_where_the_pharmacy_delivers(town: Town) -> None:
    change(town.db, town.pharmacy, offers="delivery")
    notice = town.says()
    town.later(minutes=1)
    town.writes("2")
    assert town.fresh(notice).answer == "deliver"


def test_under_a_problem_one_is_i_will_phone_and_there_is_no_two(town: Town) -> None:
    notice = town.says("problem", reason="out-of-stock")
    town.later(minutes=1)
    town.writes("2")
    assert town.fresh(notice).answer is None
    town.writes("1")
    assert town.fresh(notice).answer == "will-phone"


def test_under_what_is_brought_there_is_five_alone(town: Town) -> None:
    notice = town.says("on-its-way")
    town.later(minutes=1)
    town.writes("1")
    assert town.fresh(notice).answer is None
    town.writes("5")
    assert town.fresh(notice).answer == "phone-me"


def test_danger_goes_before_the_question(town: Town) -> None:
    notice = town.says()
    town.later(minutes=1)
    town.writes("chest pain")
    assert "emergency" in town.said()
    assert town.fresh(notice).answer is None


def test_stop_is_stop_and_nothing_is_answered(town: Town) -> None:
    notice = town.says()
    town.later(minutes=1)
    town.writes("0")
    assert town.fresh(notice).answer is None
    assert town.says("on-its-way").state in ("queued", "not-texted")


def test_whether_the_pharmacy_may_know_the_language_is_asked_once_after_the_first_answer(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    town.writes("1")
    town.later(minutes=1)
    town.writes("1")
    with town.db.read() as session:
        [said] = session.exec(select(TellPharmacy)).all()
    assert (said.yes, said.source, said.patient_id) == (True, "text", town.person.id)
    town.says("problem", reason="please-phone")
    town.later(minutes=1)
    town.writes("1")
    assert town.said().count(TELL) == 1


def test_a_yes_is_for_the_pharmacy_that_was_named_alone(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    town.writes("1")
    town.later(minutes=1)
    town.writes("1")
    other = make_pharmacy(town.db, town.practice, code="SEASIDE")
    with town.db.read() as session:
        assert may_tell(session, town.person.id or 0, town.pharmacy.id)
        assert not may_tell(session, town.person.id or 0, other.id)


def test_a_no_is_kept_as_well(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    town.writes("1")
    town.later(minutes=1)
    town.writes("2")
    with town.db.read() as session:
        assert [said.yes for said in session.exec(select(TellPharmacy))] == [False]


def test_nobody_is_asked_whose_language_is_not_known(town: Town) -> None:
    reader = town.somebody(language=None)
    town.says("ready", reader)
    town.later(minutes=1)
    town.writes("1", reader)
    assert TELL not in town.said(reader)


def test_a_language_that_is_named_is_kept_and_the_notice_is_said_again_in_it(town: Town) -> None:
    reader = town.somebody(language=None)
    notice = town.says("ready", reader)
    town.later(minutes=1)
    town.writes("9", reader)
    town.later(minutes=1)
    town.writes("Polski", reader)
    town.later(minutes=1)
    if "language-confirm" in town.said(reader):
        town.writes("1", reader)
        town.later(minutes=1)
    assert town.said(reader)[0] == town.said(reader)[-1] == "pharmacy-ready"
    town.writes("5", reader)
    assert town.fresh(notice).answer == "phone-me"


def test_words_that_are_not_clear_come_to_the_practice(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    town.writes("my neighbour has a blue bicycle")
    assert inbox(town.db) == ["not-understood"]
