"""What no webhook told is learned from Twilio's list: a STOP while we were down, and how a text went on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import update

from bot.capability import Job, in_use
from bot.clock import utc_now
from bot.conversations import missed
from bot.conversations.missed import ask_after_silent_texts, receive_missed_texts
from bot.database import Database
from bot.messaging.twilio.gateway import Gateway, ListedText, LookUpFailed
from bot.settings import DEMO_SENDER, Settings
from bot.tables.campaigns import Campaign
from bot.tables.messaging import Direction, Kind, Message, State
from bot.tables.organisations import Practice, Sender
from bot.tables.patients import OptOut, Patient
from jobs.periodic import run_job
from tests.factories import text_in
from tests.messaging.helpers import (
    accept,
    attempts_of,
    call_back,
    claim_one,
    inbox,
    invite,
    london,
    queue_kind,
    reload,
    rows,
    with_changes,
)
from tests.simulator.conftest import ACCOUNT, NUMBER, TOKEN, Phones, Service
from tests.simulator.conftest import config as config
from tests.simulator.conftest import phones as phones
from tests.simulator.conftest import service as service

KEYS = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": TOKEN}


class Twilio(Gateway):
    """A gateway with a list that the test writes; None when nobody answers."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.list: list[ListedText] | None = []
        self.asked: list[tuple[datetime, str | None]] = []

    def since(self, moment: datetime, *, to: str | None = None) -> list[ListedText]:
        self.asked.append((moment, to))
        if self.list is None:
            raise LookUpFailed
        return [text for text in self.list if to in (None, text.to)]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london("2026-11-24 10:00"), tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def twilio(settings: Settings, clock: time_machine.Traveller) -> Twilio:
    return Twilio(settings)


def wrote(patient: Patient, body: str, sid: str = "SMmissed", **changes: object) -> ListedText:
    values = {"to": DEMO_SENDER, "service_sid": None, "created_at": utc_now() - timedelta(minutes=30)}
    values |= {"status": "received", "error_code": None}
    return ListedText(sid, True, str(patient.phone), body=body, **(values | changes))  # type: ignore[arg-type]


def change_senders(db: Database, **values: str | None) -> None:
    with db.write() as session:
        session.execute(update(Sender).values(**values))


def look(db: Database, settings: Settings, twilio: Twilio) -> int:
    return receive_missed_texts(db, settings, twilio, utc_now() - timedelta(hours=1))


def texts_received(db: Database) -> list[str]:
    with db.read() as session:
        return [message.body for message in rows(session, Message) if message.direction == Direction.IN]


def test_a_stop_that_no_webhook_brought_is_honoured_and_received_once(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    twilio.list = [wrote(alice, "STOP")]
    assert look(db, settings, twilio) == 1
    with db.read() as session:
        assert [row.phone for row in rows(session, OptOut)] == [alice.phone]
    assert look(db, settings, twilio) == 0
    assert texts_received(db) == ["STOP"]


def test_it_is_as_old_as_twilio_says(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    twilio.list = [wrote(alice, "hello")]
    look(db, settings, twilio)
    with db.read() as session:
        [message] = [row for row in rows(session, Message) if row.direction == Direction.IN]
    assert message.created_at == utc_now() - timedelta(minutes=30)


def test_what_was_written_before_a_question_does_not_answer_it(
    db: Database, settings: Settings, practice: Practice, alice: Patient, campaign: Campaign, twilio: Twilio
) -> None:
    twilio.list = [wrote(alice, "1")]
    invite(db, settings, practice, alice, campaign)
    claim_one(db, settings)
    assert look(db, settings, twilio) == 1
    assert inbox(db) == ["answered-too-soon"]


@pytest.mark.parametrize("body", ["START", "1", "call me please"])
def test_a_late_text_takes_nothing_back_that_a_newer_one_said(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio, body: str
) -> None:
    text_in(db, settings, alice.phone, "STOP")
    twilio.list = [wrote(alice, body)]
    assert look(db, settings, twilio) == 1
    assert inbox(db) == ["came-late"]
    with db.read() as session:
        assert [row.lifted_at for row in rows(session, OptOut)] == [None]


def test_danger_is_heard_however_late(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    text_in(db, settings, alice.phone, "hello")
    twilio.list = [wrote(alice, "I cannot breathe")]
    look(db, settings, twilio)
    assert "urgent" in inbox(db)


def test_a_text_that_came_by_itself_is_known(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    text_in(db, settings, alice.phone, "hello", sid="SMmissed")
    twilio.list = [wrote(alice, "hello")]
    assert look(db, settings, twilio) == 0
    assert texts_received(db) == ["hello"]


def test_a_text_that_may_still_come_by_itself_is_left_alone(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    twilio.list = [wrote(alice, "hello", created_at=utc_now() - timedelta(minutes=1))]
    assert look(db, settings, twilio) == 0


def test_what_went_to_another_number_of_the_account_is_not_ours(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    twilio.list = [wrote(alice, "hello", to="+447700900999"), wrote(alice, "hi", "SM2", to="+447700900999")]
    assert look(db, settings, twilio) == 0
    assert [to for _, to in twilio.asked] == [DEMO_SENDER]


def test_with_a_service_alone_the_whole_list_is_read_and_its_own_texts_taken(
    db: Database, settings: Settings, practice: Practice, alice: Patient, twilio: Twilio
) -> None:
    change_senders(db, number=None, service_sid="MG1")
    twilio.list = [
        wrote(alice, "ours", "SM1", to="+447700900998", service_sid="MG1"),
        wrote(alice, "theirs", "SM2", to="+447700900998", service_sid="MG2"),
        wrote(alice, "nobody's", "SM3", to="+447700900998"),
    ]
    assert look(db, settings, twilio) == 1
    assert texts_received(db) == ["ours"]
    assert [to for _, to in twilio.asked] == [None]


def test_the_phone_network_still_has_what_it_could_not_tell(
    db: Database, settings: Settings, practice: Practice, alice: Patient, phones: Phones, service: Service
) -> None:
    with time_machine.travel(london("2026-11-24 10:00")) as clock:
        service.answer = 500
        assert phones.text("STOP", str(alice.phone), to=NUMBER)["status"] == 500
        change_senders(db, number=NUMBER)
        network = with_changes(settings, twilio_api_url=phones.simulator.url, **KEYS)
        since = utc_now() - timedelta(hours=1)
        assert receive_missed_texts(db, settings, Gateway(network), since) == 0
        clock.shift(180)  # the network ends connections that were idle so long, hence another gateway
        assert receive_missed_texts(db, settings, Gateway(network), since) == 1
    assert texts_received(db) == ["STOP"]


@pytest.fixture
def silent(
    db: Database, settings: Settings, practice: Practice, alice: Patient, clock: time_machine.Traveller
) -> Message:
    """A text that Twilio took, and never spoke of again."""
    text = queue_kind(db, settings, practice, alice, Kind.NOTICE)
    accept(db, claim_one(db, settings), "SM7")
    clock.shift(3601)
    return text


def went_out(status: str, code: int | None = None, sid: str = "SM7") -> ListedText:
    made = utc_now() - timedelta(hours=1)
    return ListedText(sid, False, "+447700900123", "+447700900123", None, "words", made, status, code)


def test_a_text_whose_last_callback_was_lost_ends_as_twilio_says(db: Database, silent: Message, twilio: Twilio) -> None:
    twilio.list = [went_out("delivered"), went_out("delivered", sid="SMsomebody-elses")]
    assert ask_after_silent_texts(db, twilio) == 1
    assert reload(db, silent).state == State.DELIVERED
    [(since, _)] = twilio.asked
    assert since < attempts_of(db, silent)[0].started_at
    assert ask_after_silent_texts(db, twilio) == 0
    assert len(twilio.asked) == 1


def test_a_text_that_failed_without_a_callback_meets_its_remedy(db: Database, silent: Message, twilio: Twilio) -> None:
    twilio.list = [went_out("undelivered", 30007)]
    assert ask_after_silent_texts(db, twilio) == 1
    assert reload(db, silent).state == State.UNDELIVERED
    assert inbox(db) == ["not-delivered"]


@pytest.mark.parametrize("status", ["queued", "sending", "", "a-word-of-next-year"])
def test_what_is_no_further_changes_nothing(db: Database, silent: Message, twilio: Twilio, status: str) -> None:
    twilio.list = [went_out(status)]
    assert ask_after_silent_texts(db, twilio) == 0
    assert reload(db, silent).state == State.ACCEPTED


def test_a_callback_that_comes_after_all_says_nothing_new(db: Database, silent: Message, twilio: Twilio) -> None:
    twilio.list = [went_out("delivered")]
    ask_after_silent_texts(db, twilio)
    call_back(db, attempts_of(db, silent)[0].ref, "SM7", "delivered")
    assert reload(db, silent).state == State.DELIVERED


@pytest.mark.parametrize("listed", [timedelta(minutes=-30), timedelta(days=2)])
def test_twilio_is_not_asked_after_texts_too_young_or_too_old(
    db: Database, silent: Message, twilio: Twilio, clock: time_machine.Traveller, listed: timedelta
) -> None:
    clock.shift(listed)
    twilio.list = [went_out("delivered")]
    assert ask_after_silent_texts(db, twilio) == 0
    assert twilio.asked == []


@pytest.fixture
def job(twilio: Twilio, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(missed, "Gateway", lambda _: twilio)
    return next(job for job in in_use().jobs if job.name == missed.RECEIVE_MISSED)


def test_what_came_before_the_service_did_is_left_alone(
    db: Database, settings: Settings, practice: Practice, twilio: Twilio, job: Job
) -> None:
    run_job(db, settings, job)
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("away", "looks_back"),
    [
        (timedelta(minutes=5), timedelta(hours=1, minutes=5)),
        (timedelta(days=3), timedelta(days=3, hours=1)),
        (timedelta(days=30), timedelta(days=7)),
    ],
)
def test_the_job_reads_as_far_back_as_it_was_away_and_a_failure_is_no_run(
    db: Database,
    settings: Settings,
    practice: Practice,
    twilio: Twilio,
    job: Job,
    clock: time_machine.Traveller,
    away: timedelta,
    looks_back: timedelta,
) -> None:
    run_job(db, settings, job)
    clock.shift(away / 2)
    twilio.list = None
    with pytest.raises(LookUpFailed):
        run_job(db, settings, job)
    clock.shift(away / 2)
    twilio.list = []
    run_job(db, settings, job)
    since, _ = twilio.asked[-1]
    assert utc_now() - since == looks_back
