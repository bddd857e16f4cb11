"""What a pharmacy says becomes one text, in the person's language, or says why there is none."""

from datetime import date

import pytest
from sqlmodel import select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.messaging.questions import known_questions
from bot.patients.events import tell_of_changed_numbers
from bot.patients.told import note_death
from bot.pharmacy.notices import saying
from bot.pharmacy.notices.giving import Wanted, give_notices
from bot.pharmacy.notices.releasing import send_anyway
from bot.pharmacy.notices.withdrawing import withdraw_notice
from bot.refusals import Refused
from bot.tables.messaging import Message, OpenQuestion
from bot.tables.patients import Patient, PhoneStatus
from bot.tables.pharmacy import Notice, PharmacyHours
from tests.messaging.helpers import change, opt_out, rows
from tests.pharmacy.notices.counting import statements
from tests.pharmacy.notices.world import Town

KINDS = {
    "ready": "pharmacy-ready",
    "part-ready": "pharmacy-part-ready",
    "on-its-way": "pharmacy-on-its-way",
    "part-on-its-way": "pharmacy-part-on-its-way",
}


@pytest.mark.parametrize(("kind", "text"), KINDS.items())
def test_each_kind_has_its_text_under_the_practices_sender(town: Town, kind: str, text: str) -> None:
    notice = town.says(kind)
    [message] = town.texts()
    assert (message.text_key, message.kind, message.sender_id) == (text, "notice", town.practice.sender_id)
    assert message.body.startswith("Priory Pharmacy")
    assert (notice.state, notice.message_id, notice.why_none) == ("queued", message.id, None)


@pytest.mark.parametrize("reason", ["out-of-stock", "needs-doctor", "cannot-read", "please-phone"])
def test_each_problem_has_its_text(town: Town, reason: str) -> None:
    town.says("problem", reason=reason)
    assert town.said() == [f"pharmacy-{reason}"]


@pytest.mark.parametrize(
    ("kind", "reason"), [("problem", None), ("problem", "lost"), ("ready", "please-phone"), ("x", None)]
)
def test_a_reason_belongs_to_a_problem_alone(town: Town, kind: str, reason: str | None) -> None:
    with pytest.raises(Refused):
        town.says(kind, reason=reason)
    assert town.notices() == []


def test_a_pharmacy_that_delivers_says_so(town: Town) -> None:
    change(town.db, town.pharmacy, offers="delivery")
    town.says()
    assert town.said() == ["pharmacy-ready-or-delivered"]


def test_the_text_says_when_it_is_open_next(town: Town) -> None:
    reader = town.somebody(language=None)
    town.clock.move_to(utc_now().replace(day=28, hour=14))  # a Saturday, closed since 1pm
    town.says("ready", reader)
    [text] = town.texts(reader)
    assert "Monday 30 November" in text.body
    assert "9am" in text.body


def test_a_pharmacy_without_hours_says_that_something_is_ready_and_no_hours(town: Town) -> None:
    with town.db.write() as session:
        for hours in rows(session, PharmacyHours):
            session.delete(hours)
    assert town.says().why_none is None
    [text] = town.texts()
    assert "9:00" not in text.body
    assert town.pharmacy.address in text.body
    assert text.body.count("\n") == 6


def test_an_unknown_language_gets_english_and_a_line_that_offers_some_in_four_parts_at_most(town: Town) -> None:
    reader = town.somebody(language=None)
    for kind in KINDS:
        town.says(kind, reader)
    texts = town.texts(reader)
    assert all(text.language == "en" and "\n9 = " in text.body for text in texts)
    assert max(text.parts for text in texts) <= 4


def test_who_reads_english_gets_none_until_somebody_says_so(town: Town) -> None:
    reader = town.somebody(language="en")
    assert (town.says("ready", reader).why_none, town.texts(reader)) == ("english", [])
    assert town.says("ready", reader, send_anyway=True).state == "queued"


UNSAFE = {
    "unsafe": {"phone_status": PhoneStatus.UNSAFE},
    "shared": {"phone_status": PhoneStatus.SHARED},
    "failed": {"phone_status": PhoneStatus.FAILED},
    "without": {"phone": None, "phone_status": PhoneStatus.NONE},
    "a child's": {"born": date(2015, 5, 1), "phone_status": PhoneStatus.UNSAFE},
    "dead": {"deceased": True},
    "gone": {"registered": False},
    "refused": {"texting_refused": True},
}


@pytest.mark.parametrize("changes", UNSAFE.values(), ids=UNSAFE)
def test_no_text_is_possible_is_all_a_pharmacy_learns(town: Town, changes: dict[str, object]) -> None:
    person = town.somebody(**changes)
    notice = town.says("ready", person)
    assert town.stands(notice) | {"id": "", "created": ""} == {
        "id": "",
        "kind": "ready",
        "state": "not-texted",
        "created": "",
        "text": None,
        "why_none": "no-text-possible",
    }


def test_nobody_is_told_the_same_way(town: Town) -> None:
    with town.db.write() as session:
        wanted = [Wanted(None, "ready"), Wanted(None, "collected")]
        notices = give_notices(
            session, town.settings, town.pharmacy, wanted, source="api", actor=CONSOLE, now=utc_now()
        )
        assert [(each.state, each.why_none) for each in notices] == [("not-texted", "no-text-possible")] * 2


def test_the_same_again_within_a_day_waits_until_somebody_says_that_it_goes(town: Town) -> None:
    first, second = town.says(), town.says()
    assert (second.state, second.duplicate_of) == ("held", first.id)
    assert town.stands(second)["why_none"] == "held-duplicate"
    assert town.says("problem", reason="please-phone").state == "queued"
    with town.db.write() as session:
        released = send_anyway(session, town.settings, session.get_one(Notice, second.id), CONSOLE, utc_now())
        assert released.state == "queued"
    with town.db.write() as session, pytest.raises(Refused, match="does not wait"):
        send_anyway(session, town.settings, session.get_one(Notice, second.id), CONSOLE, utc_now())
    assert town.said() == ["pharmacy-ready", "pharmacy-please-phone", "pharmacy-ready"]


def test_to_send_anyway_ends_the_one_that_waits(town: Town) -> None:
    town.says()
    held, third = town.says(), town.says(send_anyway=True)
    assert (town.fresh(held).state, third.state, len(town.texts())) == ("withdrawn", "queued", 2)


def test_a_day_later_the_same_is_said_again(town: Town) -> None:
    town.says()
    town.later(hours=25)
    assert town.says().state == "queued"


def test_many_are_said_in_as_many_statements_as_one_and_the_same_twice_is_held(town: Town) -> None:
    people = [town.somebody() for _ in range(20)]
    one = _statements(town, [Wanted(people[0], "ready")])
    many = _statements(town, [Wanted(person, "ready") for person in [*people[1:], people[1]]])
    assert many <= one + 1  # the second to one person is given the number of the first
    assert [notice.state for notice in town.notices()] == ["queued"] * 20 + ["held"]
    first, last = town.notices()[1], town.notices()[-1]
    assert last.duplicate_of == first.id
    with town.db.read() as session:
        assert len(rows(session, Message)) == len(rows(session, OpenQuestion)) == 20


def _statements(town: Town, wanted: list[Wanted]) -> int:
    with statements(town.db) as counted, town.db.write() as session:
        give_notices(session, town.settings, town.pharmacy, wanted, source="api", actor=CONSOLE, now=utc_now())
    return len(counted)


def test_where_the_text_fails_nothing_of_the_notice_is_kept(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: there is no moment at which a notice is stored and its text is not."""

    def dies(*_given: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(saying, "queue_each", dies)
    with pytest.raises(KeyboardInterrupt):
        town.says()
    with town.db.read() as session:
        assert [*rows(session, Notice), *rows(session, Message)] == []


def test_what_is_taken_back_while_it_waits_does_not_go(town: Town) -> None:
    notice = town.says()
    for _ in range(2):
        with town.db.write() as session:
            withdraw_notice(session, session.get_one(Notice, notice.id), CONSOLE, utc_now())
    town.later(minutes=1)
    assert [text.state for text in town.texts()] == ["cancelled"]
    assert town.stands(notice)["state"] == "withdrawn"
    with town.db.read() as session:
        assert [question.state for question in rows(session, OpenQuestion)] == ["expired"]


def test_what_has_gone_cannot_be_taken_back(town: Town) -> None:
    notice = town.says()
    town.later(minutes=1)
    with town.db.write() as session, pytest.raises(Refused, match="has gone already"):
        withdraw_notice(session, session.get_one(Notice, notice.id), CONSOLE, utc_now())


def test_who_wants_no_invitations_hears_from_the_pharmacy_all_the_same(town: Town) -> None:
    opt_out(town.db, town.practice, town.person.phone, "outreach")
    assert town.says().state == "queued"


def test_who_wants_no_texts_is_phoned_by_a_pharmacy_that_has_texted_them_before(town: Town) -> None:
    stranger = town.somebody()
    town.says()
    town.later(minutes=1)
    waiting = town.says("problem", reason="please-phone")
    for person in (town.person, stranger):
        opt_out(town.db, town.practice, person.phone, "all")
    assert town.fresh(waiting).why_none == "call-instead"
    assert town.says("on-its-way").why_none == "call-instead"
    assert town.says("ready", stranger).why_none == "no-text-possible"


def test_who_dies_gets_nothing_that_waits(town: Town) -> None:
    notice = town.says()
    with town.db.write() as session:
        note_death(session, session.get_one(Patient, town.person.id), None, CONSOLE)
    assert town.stands(notice)["why_none"] == "no-text-possible"
    town.later(minutes=1)
    assert town.said() == []


def test_a_text_that_waits_follows_the_person_to_their_new_number(town: Town) -> None:
    notice = town.says()
    change(town.db, town.person, phone="+447700900555")
    with town.db.write() as session:
        tell_of_changed_numbers(session, [town.person.id or 0])
    town.later(seconds=30)
    assert [(text.phone, text.state) for text in town.texts()][1:] == [("+447700900555", "accepted")]
    assert town.stands(notice)["state"] == "sent"


def test_collected_is_no_text_and_keeps_back_one_that_has_not_gone(town: Town) -> None:
    ready, collected = town.says(), town.says("collected")
    assert (town.fresh(ready).state, collected.why_none) == ("withdrawn", "nothing-to-say")
    assert town.said() == []


def test_the_question_is_ours(town: Town) -> None:
    town.says()
    with town.db.read() as session:
        [question] = session.exec(select(OpenQuestion)).all()
    assert question.kind in known_questions()
    assert (question.detail, question.subject_kind) == ("pharmacy-ready", "notice")
