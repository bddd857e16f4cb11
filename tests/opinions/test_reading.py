"""A reply is read a second time, once, whatever its reader does, and nobody waits for it."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import col

from bot.clock import utc_now
from bot.database import Database
from bot.messaging.heartbeats import say_alive
from bot.opinions import reader
from bot.opinions.claiming import MOST_ATTEMPTS, READ_WITHIN, claim_opinions
from bot.opinions.figures import opinion_figures, opinion_notes
from bot.opinions.head import Opinion
from bot.opinions.raising import record_opinion
from bot.opinions.reader import SecondReader, beat_of
from bot.opinions.restored import set_aside, settle
from bot.settings import Settings
from bot.tables.opinions import SecondOpinion
from bot.translation.apart import Apart
from tests.duty.conftest import CHEST_PAIN, FIRST
from tests.messaging.helpers import texts_to
from tests.opinions.conftest import HEAD, Duty, Rounds, opinions
from tests.opinions.stand_in_child import FAULTY
from tests.world import wait_until

RED, HARMLESS = "red kettle", "blue kettle"


def notes(db: Database, settings: Settings) -> list[str]:
    with db.read() as session:
        return [note.line for note in opinion_notes(session, settings)]


def states(db: Database) -> list[str]:
    return [opinion.state for opinion in opinions(db)]


def test_a_reply_is_read_once(duty: Duty, read_all: Rounds) -> None:
    duty.says(HARMLESS)
    assert states(duty.db) == ["queued"]
    assert read_all() == 1
    assert read_all() == 0
    [read] = opinions(duty.db)
    assert (read.state, read.attempts, read.raised, read.danger, read.head) == ("read", 1, None, 0, HEAD.name)


def test_what_is_red_already_or_has_no_word_needs_no_opinion(duty: Duty) -> None:
    duty.says(CHEST_PAIN)
    duty.says("1")
    duty.says("👍 2!")
    assert opinions(duty.db) == []


def test_who_is_on_duty_is_no_patient_and_is_not_read(duty: Duty) -> None:
    duty.on_duty(FIRST)
    duty.says("red kettle, I phoned her", phone=FIRST)
    assert opinions(duty.db) == []


def test_with_no_reader_at_work_a_reply_is_answered_as_ever(duty: Duty) -> None:
    duty.says("please phone me, the kettle")
    heard = [text.text_key for text in texts_to(duty.db, duty.patient.phone or "")]
    duty.settings = duty.settings.model_copy(update={"second_opinion": "off"})
    before = len(heard)
    duty.clock.shift(timedelta(hours=13))
    duty.says("please phone me, the kettle")
    assert [text.text_key for text in texts_to(duty.db, duty.patient.phone or "")][before:] == heard
    assert states(duty.db) == ["queued"], "what is off asks for nothing"
    assert [(item.reason, item.urgency) for item in duty.items()] == [("call-me", None)] * 2


def test_what_waited_for_a_dead_reader_is_read_when_one_is_back_and_old_things_are_not(
    duty: Duty, read_all: Rounds
) -> None:
    duty.on_duty(FIRST)
    duty.says(RED)
    duty.clock.shift(timedelta(minutes=30))
    duty.says(RED)
    duty.clock.shift(READ_WITHIN - timedelta(minutes=29))
    assert read_all() == 1
    assert states(duty.db) == ["queued", "read"]
    assert [item.urgency for item in duty.items() if item.reason == "second-opinion"] == ["red"]
    assert read_all() == 0


def test_a_reader_that_was_killed_leaves_its_claim_to_the_next(duty: Duty, read_all: Rounds) -> None:
    duty.says(RED)
    [left] = claim_opinions(duty.db, 8, 60)
    assert read_all() == 0
    duty.clock.shift(61)
    assert read_all() == 1
    assert [opinion.attempts for opinion in opinions(duty.db)] == [2]
    assert not record_opinion(duty.db, duty.settings, left, Opinion(1, 0), HEAD), "the first comes too late"
    assert len([item for item in duty.items() if item.reason == "second-opinion"]) == 1


def test_what_can_never_be_recorded_is_left_alone_after_some_times(duty: Duty) -> None:
    duty.says(RED)
    for _ in range(MOST_ATTEMPTS):
        assert len(claim_opinions(duty.db, 8, 60)) == 1
        duty.clock.shift(61)
    assert claim_opinions(duty.db, 8, 60) == []


def test_of_many_readers_each_takes_its_own(duty: Duty) -> None:
    for _ in range(12):
        duty.says(HARMLESS)
    with ThreadPoolExecutor(4) as readers:
        claims = [claim for found in readers.map(lambda _: claim_opinions(duty.db, 4, 60), range(6)) for claim in found]
    assert len(claims) == len({claim.message_id for claim in claims})
    assert len(claims) >= 4


def test_the_newest_comes_first(duty: Duty) -> None:
    for _ in range(3):
        duty.says(HARMLESS)
        duty.clock.shift(1)
    newest = max(opinion.message_id for opinion in opinions(duty.db))
    assert [claim.message_id for claim in claim_opinions(duty.db, 1, 60)] == [newest]


@pytest.mark.parametrize("trouble", ["it dies", "it hangs", "secret"])
def test_a_reply_at_which_the_child_fails_takes_no_other_with_it(
    duty: Duty, read_all: Rounds, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    for body in (RED, f"the kettle, {trouble}", HARMLESS):
        duty.says(body)
    read_all()
    assert states(duty.db) == ["read", "failed", "read"]
    assert [opinion.raised for opinion in opinions(duty.db)] == ["red", None, None]
    assert "kettle" not in caplog.text


@pytest.mark.usefixtures("child")
def test_where_the_model_is_missing_replies_wait_and_readyz_says_so(db: Database, duty: Duty) -> None:
    duty.says(RED)
    child = Apart(FAULTY, seconds=5)
    try:
        assert not SecondReader(db, duty.settings, child).round()
    finally:
        child.close()
    assert states(db) == ["queued"]
    assert notes(db, duty.settings) == [
        "There is no second opinion, and replies are read by rules alone: its model is not installed here (there is "
        "none for every machine)."
    ]


@pytest.mark.usefixtures("child")
def test_a_child_that_cannot_start_is_noted(db: Database, settings: Settings) -> None:
    child = Apart(["/bin/false"], seconds=5)
    assert not SecondReader(db, settings, child).round()
    assert "its process dies or hangs" in notes(db, settings)[0]


def test_readyz_says_whether_there_is_one(db: Database, duty: Duty) -> None:
    assert "no translator is at work" in notes(db, duty.settings)[0]
    say_alive(db, beat_of(None))
    assert notes(db, duty.settings) == []
    duty.clock.shift(61)
    assert "no translator is at work" in notes(db, duty.settings)[0]
    say_alive(db, beat_of(None))
    duty.says(HARMLESS)
    duty.clock.shift(59)
    say_alive(db, beat_of(None))
    assert notes(db, duty.settings) == []
    duty.clock.shift(1)
    assert notes(db, duty.settings) == ["A reply has waited 1 minutes for a second opinion."]
    say_alive(db, beat_of("changed"))
    assert "another one than its head was made for" in notes(db, duty.settings)[0]
    off = duty.settings.model_copy(update={"second_opinion": "off"})
    assert notes(db, off) == ["The second opinion is off: replies are read by rules alone."]


def test_figures_count_what_came_of_it(duty: Duty, read_all: Rounds) -> None:
    for body in (RED, "kettle, may be", HARMLESS):
        duty.says(body)
    read_all()
    duty.says(HARMLESS)
    with duty.db.read() as session:
        counted, _ = opinion_figures(session)
    assert {tuple(sample.labels.values()): sample.value for sample in counted.samples} == {
        ("read", "red"): 1,
        ("read", "paged"): 1,
        ("read", "none"): 1,
        ("queued", "none"): 1,
    }


def test_a_backup_gives_back_what_a_reader_had(duty: Duty) -> None:
    duty.says(HARMLESS)
    claim_opinions(duty.db, 8, 60)
    with duty.db.write() as session:
        assert (settle(session), set_aside(session, [])) == (0, 0)
    assert states(duty.db) == ["queued"]


@pytest.fixture
def wall(duty: Duty) -> Iterator[None]:
    """The clock runs while threads are at work."""
    with time_machine.travel(utc_now(), tick=True):
        yield


@pytest.mark.usefixtures("wall")
def test_a_new_reply_is_read_within_five_seconds(duty: Duty, child: Apart) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=SecondReader(duty.db, duty.settings, child).run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: not notes(duty.db, duty.settings), within=20)
        duty.says(RED)
        began = time.monotonic()
        wait_until(lambda: states(duty.db) == ["read"], within=5, every=0.05)
        assert time.monotonic() - began < 5
    finally:
        stop.set()
        thread.join(10)
    assert child.child_id is None


def test_what_is_off_starts_nothing(db: Database, settings: Settings, child: Apart) -> None:
    off = settings.model_copy(update={"second_opinion": "off"})
    SecondReader(db, off, child).run(threading.Event())
    assert child.child_id is None


def test_a_database_that_is_away_ends_no_reader(
    db: Database, settings: Settings, child: Apart, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, calls = threading.Event(), []

    def away(_db: Database) -> bool:
        calls.append(1)
        if len(calls) > 1:
            stop.set()
        raise OSError("the database is away")

    monkeypatch.setattr(reader, "anything_due", away)
    monkeypatch.setattr(reader, "IDLE", 0.01)
    SecondReader(db, settings, child).run(stop)
    assert len(calls) == 2


def test_words_that_were_erased_meanwhile_say_nothing(duty: Duty, read_all: Rounds) -> None:
    message = duty.says(RED)
    with duty.db.write() as session:
        session.execute(update(type(message)).where(col(type(message).id) == message.id).values(body=""))
    read_all()
    assert [opinion.raised for opinion in opinions(duty.db)] == [None]
    assert isinstance(opinions(duty.db)[0], SecondOpinion)


def test_what_could_not_be_recorded_is_read_again_at_once(
    duty: Duty, read_all: Rounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Database] = []

    def fails_once(db: Database, *more: Any) -> bool:
        tries.append(db)
        if len(tries) == 1:
            raise OSError("the disk is full")
        return record_opinion(db, *more)

    monkeypatch.setattr(reader, "record_opinion", fails_once)
    duty.says(RED)
    assert read_all() == 2
    assert [(opinion.state, opinion.raised, opinion.attempts) for opinion in opinions(duty.db)] == [("read", "red", 2)]
