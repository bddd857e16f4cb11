"""What happens to notices is noted for the pharmacy's system in the same transaction, as it was then."""

import json

import pytest
from sqlmodel import Session

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.hooks.setting_up import end_webhook
from bot.pharmacy.notices.giving import Wanted, give_notices
from bot.pharmacy.notices.happening import Happened, happened
from bot.tables.messaging import State
from bot.tables.organisations import Pharmacy
from bot.tables.patients import Patient
from bot.tables.pharmacy import Notice, WebhookDelivery
from tests.messaging.helpers import change, opt_out, rows
from tests.pharmacy.hooks.system import System
from tests.pharmacy.notices.counting import statements
from tests.pharmacy.notices.world import Town


def noted(system: System) -> list[str]:
    return [each.type for each in system.rows()]


def test_without_a_webhook_nothing_is_kept(town: Town) -> None:
    town.says()
    town.later(minutes=1)
    with town.db.read() as session:
        assert rows(session, WebhookDelivery) == []


def test_a_text_that_went_and_arrived_is_said_twice_and_with_the_notice(system: System) -> None:
    notice = system.town.says()
    system.town.later(minutes=1)
    assert noted(system) == ["notice.sent"]
    change(system.db, system.town.texts()[0], state=State.DELIVERED)
    system.town.later(minutes=1)
    assert noted(system) == ["notice.sent", "notice.delivered"]
    [sent, _] = [json.loads(each.body) for each in system.rows()]
    assert sent == {"type": "notice.sent", "id": notice.public, "at": sent["at"], "answer": None}
    assert sent["at"].endswith("+00:00")


def test_a_text_that_arrived_before_we_looked_has_gone_first(system: System) -> None:
    system.town.says()
    change(system.db, system.town.texts()[0], state=State.DELIVERED)
    system.town.later(minutes=1)
    assert noted(system) == ["notice.sent", "notice.delivered"]


def test_a_text_that_cannot_be_delivered_is_failed(system: System) -> None:
    system.town.says()
    change(system.db, system.town.texts()[0], state=State.FAILED)
    system.town.later(minutes=1)
    assert noted(system) == ["notice.failed"]


def test_an_answer_is_said_as_it_was_then_and_each_one_of_several(system: System) -> None:
    notice = system.town.says()
    system.town.later(minutes=1)
    system.town.writes("1")
    with system.db.write() as session:
        again = session.get_one(Notice, notice.id)
        again.answer = "phone-me"
        happened(session, again, Happened.ANSWERED, utc_now())
    answers = [json.loads(each.body)["answer"] for each in system.rows() if each.type == "notice.answered"]
    assert answers == ["will-collect", "phone-me"]


def test_who_answers_sooner_than_we_look_has_had_it_first(system: System) -> None:
    notice = system.town.says()
    system.town.later(minutes=1)
    change(system.db, system.town.fresh(notice), state="queued")
    before = len(system.rows())
    system.town.writes("1")
    assert noted(system)[before:] == ["notice.sent", "notice.answered"]


def test_who_is_to_phone_instead_hears_so(system: System) -> None:
    system.town.says()
    system.town.later(minutes=1)
    opt_out(system.db, system.town.practice, system.town.person.phone, "all")
    system.town.says("problem", reason="please-phone")
    assert noted(system)[-1] == "notice.call-instead"


def test_what_is_rolled_back_is_not_said(system: System) -> None:
    def break_off(session: Session) -> None:
        pharmacy = session.get_one(Pharmacy, system.town.pharmacy.id)
        person = session.get_one(Patient, system.town.person.id)
        wanted = [Wanted(person, "ready")]
        [notice] = give_notices(session, system.settings, pharmacy, wanted, source="api", actor=CONSOLE, now=utc_now())
        happened(session, notice, Happened.SENT, utc_now())
        raise RuntimeError

    with pytest.raises(RuntimeError):
        system.db.write_with_retry(break_off)
    assert noted(system) == []


def test_who_has_ended_it_hears_nothing(system: System) -> None:
    end_webhook(system.db, "PRIORY", CONSOLE)
    system.town.says()
    system.town.later(minutes=1)
    assert noted(system) == []


def test_many_at_once_take_no_more_statements_than_one(system: System) -> None:
    town = system.town

    def called_instead(count: int) -> int:
        people = [town.somebody() for _ in range(count)]
        for person in people:
            town.says(person=person)
        for _ in people:  # the sender takes a few at a time
            town.later(minutes=1)
        for person in people:
            change(town.db, person, texting_refused=True)
        with town.db.write() as session:
            pharmacy = session.get_one(Pharmacy, town.pharmacy.id)
            wanted = [Wanted(session.get_one(Patient, each.id), "problem", "please-phone") for each in people]
            with statements(town.db) as run:
                give_notices(session, town.settings, pharmacy, wanted, source="api", actor=CONSOLE, now=utc_now())
                session.flush()
        return len(run)

    few, many = called_instead(3), called_instead(30)
    assert many <= few
    assert noted(system).count("notice.call-instead") == 33
