"""In any order of drafts, files, approvals, rejections, changes of the English and claims, nothing unapproved goes."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bot.audit import CONSOLE
from bot.database import Database
from bot.messaging.outbox import queue_text
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.accounts import actor_of
from bot.tables.messaging import Kind
from bot.texts.catalogue import Slot, Text, catalogue, slots_in
from bot.texts.wording import fill, wording_for
from bot.wording.approvals import approve_wordings, withdraw_approval
from bot.wording.composing import NotApprovedError, load_wordings
from bot.wording.drafting import reject_wording, write_draft
from bot.wording.faults import faults_of
from bot.wording.po_files import import_po
from bot.wording.standing import read_standing
from tests.factories import make_patient, make_practice
from tests.messaging.helpers import accept, claim, live, london, reload
from tests.wording.conftest import make_reviewer
from tests.wording.test_po_files import HEADER, entry

PHONE = "+447700900801"
SOURCES: Mapping[str, tuple[str, ...]] = {
    "call-offer": (
        catalogue()["call-offer"].source,
        "For help in English, send us 9.",
        "{practice}: for help in English, reply 9.",
    ),
    "emergency": (catalogue()["emergency"].source, "In an emergency, call 999. For urgent advice, call 111."),
}
BODIES: Mapping[str, tuple[str, ...]] = {
    "call-offer": (
        "مدد کے لیے 9 لکھ کر بھیجیں۔",
        "اردو میں مدد: 9 لکھیں۔",
        "منجانب {practice}: اردو میں مدد کے لیے 9 لکھیں۔",
    ),
    "emergency": ("ایمرجنسی میں 999 پر کال کریں۔ فوری مشورہ: 111۔", "ایمرجنسی: 999۔ فوری مشورہ: 111۔"),
}
NEEDED = {"call-offer": 1, "emergency": 2}
PRACTICE = Slot("practice", "name", "Station Practice")
keys = st.sampled_from(sorted(SOURCES))
people = st.integers(0, 2)
which = st.integers(0, 2)


class LifeOfWordings(RuleBasedStateMachine):
    """Two texts in Urdu, three people who read it, one person who is written to.

    `stands` is who stands by which body for which English, as far as anybody outside the service can know it.
    """

    empty_database: Callable[[], Database]

    def __init__(self) -> None:
        super().__init__()
        self.db = type(self).empty_database()
        self.clock = time_machine.travel(london("2026-11-24 10:00"), tick=False)
        self.clock.start()
        self.shipped = {key: (catalogue()[key].source, catalogue()[key].slots) for key in SOURCES}
        self.stands: dict[tuple[str, str, str], set[int | None]] = defaultdict(set)
        self.authors: dict[tuple[str, str], set[int | None]] = defaultdict(set)
        self.queued: dict[int | None, tuple[str, str, str]] = {}

    @initialize()
    def somebody_is_there(self) -> None:
        base = Settings(secret_key="a-long-secret-for-tests-of-no-value", database_url="sqlite:///unused.db")
        self.settings = live(base, send_window="00:00-24:00", send_days="all", sender_parts_per_second=1000)
        self.practice = make_practice(self.db)
        self.patient = make_patient(self.db, self.practice, language="ur", phone=PHONE)
        self.readers = [make_reviewer(self.db) for _ in range(3)]

    def teardown(self) -> None:
        for key, (source, slots) in self.shipped.items():
            set_source(catalogue()[key], source, slots)
        self.clock.stop()

    # What people do.

    @rule(key=keys, person=people, which=which)
    def somebody_writes(self, key: str, person: int, which: int) -> None:
        body, reader = BODIES[key][which % len(BODIES[key])], self.readers[person]
        try:
            write_draft(self.db, key, "ur", body, actor_of(reader))
        except Refused:
            return
        self.authors[key, body].add(reader.id)

    @rule(key=keys, which=which)
    def a_file_is_brought_in(self, key: str, which: int) -> None:
        body = BODIES[key][which % len(BODIES[key])]
        import_po(self.db, (HEADER + entry(key, body)).encode(), CONSOLE)

    @rule(key=keys, person=people)
    def somebody_approves(self, key: str, person: int) -> None:
        reader, read = self.readers[person], self._read(key)
        wrote = read is not None and reader.id in self.authors[key, read[0]]
        try:
            done = approve_wordings(self.db, [key], "ur", reader, digest=read[1] if read else None)
        except Refused:
            return
        if read is None or key not in (*done.keys, *done.needs):
            return
        assert not wrote, "approved what they wrote themselves"
        self.stands[key, catalogue()[key].source, read[0]].add(reader.id)

    @rule(key=keys, person=people)
    def somebody_turns_it_down(self, key: str, person: int) -> None:
        read = self._read(key)
        try:
            reject_wording(self.db, key, "ur", read[1] if read else "", "Not as we say it", self.readers[person])
        except Refused:
            return
        assert read
        self.stands.pop((key, catalogue()[key].source, read[0]), None)

    @rule(key=keys, person=people)
    def somebody_takes_it_back(self, key: str, person: int) -> None:
        withdraw_approval(self.db, key, "ur", self.readers[person])
        self.stands = defaultdict(set, {place: who for place, who in self.stands.items() if place[0] != key})

    @rule(key=keys, which=which)
    def the_english_changes(self, key: str, which: int) -> None:
        source = SOURCES[key][which % len(SOURCES[key])]
        set_source(catalogue()[key], source, {"practice": PRACTICE} if slots_in(source) else {})

    # What the service does.

    @rule(key=keys)
    def a_text_is_queued(self, key: str) -> None:
        words: dict[str, Any] = {"text_key": key, "language": "ur", "values": {}, "kind": Kind.NOTICE}
        try:
            with self.db.write() as session:
                message = queue_text(
                    session, self.settings, phone=PHONE, practice=self.practice, patient_id=self.patient.id, **words
                )
        except NotApprovedError:
            return
        said = [place for place in self._approved(key) if filled(place) == message.body]
        assert said, "queued, and nobody stands by it"
        self.queued[message.id] = said[-1]

    @rule()
    def what_is_due_is_claimed(self) -> None:
        for claimed in claim(self.db, self.settings):
            key = self.queued[claimed.message_id][0]
            assert claimed.body in {filled(place) for place in self._approved(key, any_slots=True)}
            accept(self.db, claimed)
        for message_id in self.queued:
            assert reload(self.db, message_id or 0).state != "queued"
        self.queued.clear()

    # What always holds.

    @invariant()
    def what_people_stand_by_can_be_said(self) -> None:
        if not hasattr(self, "settings"):
            return
        with self.db.read() as session:
            wordings = load_wordings(session, self.settings)
        for key in SOURCES:
            allowed = wordings.allowed(key, "ur")
            bodies = {body for _, _, body in self._approved(key)}
            assert (allowed is None) == (not bodies), "silenced, or said without anybody who stands by it"
            assert allowed is None or allowed.body in bodies

    def _approved(self, key: str, *, any_slots: bool = False) -> list[tuple[str, str, str]]:
        """What enough people stand by, whatever the English is today."""
        wanted = set(catalogue()[key].slots)
        return [
            place
            for place, who in self.stands.items()
            if place[0] == key and len(who) >= NEEDED[key] and (any_slots or slots_in(place[2]) == wanted)
        ]

    def _read(self, key: str) -> tuple[str, str] | None:
        """The body and the digest that somebody has before them who opens the page now."""
        with self.db.read() as session:
            candidate = read_standing(session, key, "ur").candidate
        return (candidate.wording.body, candidate.wording.digest) if candidate else None


def filled(place: tuple[str, str, str]) -> str:
    """A body as it is sent to the person of this test."""
    key, _, body = place
    slots = MappingProxyType({"practice": PRACTICE} if slots_in(body) else {})
    return fill(replace(catalogue()[key], slots=slots), "ur", body, dict.fromkeys(slots, "Station Practice"))


def set_source(text: Text, source: str, slots: Mapping[str, Slot]) -> None:
    """Change the English of a text, as another version of the service does."""
    object.__setattr__(text, "source", source)
    object.__setattr__(text, "slots", MappingProxyType(dict(slots)))
    wording_for.cache_clear()
    faults_of.cache_clear()


def test_no_order_of_events_lets_out_what_nobody_stands_by(sqlite_database: Callable[[], Database]) -> None:
    LifeOfWordings.empty_database = sqlite_database
    quick = settings(max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(LifeOfWordings, settings=quick)  # type: ignore[no-untyped-call]
