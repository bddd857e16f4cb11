"""A capability is a folder and one line: this one works in every process by being named in the tuple."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from bot import capabilities, capability
from bot.accounts.memberships import all_acting
from bot.app import create_app
from bot.audit import CONSOLE
from bot.cli import bot
from bot.console import Console
from bot.database import Database
from bot.home import cards_for, navigation_for
from bot.lists.importing import import_list
from bot.messaging.outbox import hold_messages, queue_text, release_held_messages
from bot.patients.optouts import record_opt_out
from bot.settings import Settings
from bot.tables.accounts import Role
from bot.tables.attention import InboxItem
from bot.tables.messaging import Kind, Message, State, Subject
from bot.tables.organisations import Practice
from bot.tables.patients import OptOutScope, Patient
from jobs.periodic import run_job
from tests.applications import browser_of
from tests.factories import make_account, make_patient, make_practice, text_in
from tests.lists.lists import cells, plain_list
from tests.messaging.helpers import reload, rows, send_all, with_changes
from tests.tea_round import pouring

NAMED = (*capabilities.CAPABILITIES, "tests.tea_round")


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The one line."""
    before = capability.in_use().packages
    monkeypatch.setattr(capabilities, "CAPABILITIES", NAMED)
    capability.use(NAMED)
    pouring.happened.clear()
    yield
    capability.use(before)


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def alice(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, language="en")


def bring(db: Database, settings: Settings, practice: Practice, alice: Patient, cup: int, **more: object) -> Message:
    """A text about a cup of tea."""
    values: dict[str, object] = {"text_key": "staff-thank-you", "values": {"practice": practice.name}}
    with db.write() as session:
        return queue_text(
            session,
            settings,
            language="en",
            phone=alice.phone or "",
            practice=practice,
            kind=Kind.NOTICE,
            subject=Subject("cup", cup),
            patient_id=alice.id,
            **(values | more),  # type: ignore[arg-type]
        )


def quick(settings: Settings) -> Settings:
    return with_changes(settings, sender_parts_per_second=1000, send_window="00:00-24:00", send_days="all")


def test_its_page_its_card_and_its_place_are_there_for_whom_it_names(
    db: Database, settings: Settings, practice: Practice
) -> None:
    lead, nurse = (make_account(db, role, practice=practice) for role in (Role.LEAD, Role.PRACTICE))
    app = create_app(settings, db)
    assert browser_of(app, lead).get("/tea").text == "The kettle is on."
    assert browser_of(app, nurse).get("/tea").status_code == 403
    assert "The kettle is on." in browser_of(app, lead).get("/").text
    assert "Tea" not in browser_of(app, nurse).get("/").text


def test_header_and_home_page_show_it_last(db: Database, practice: Practice) -> None:
    lead = make_account(db, Role.LEAD, practice=practice)
    with db.read() as session:
        (acting,) = all_acting(session, lead.id or 0)
        assert cards_for(session, acting)[-1].heading == "Tea"
    assert [place.label for place, _ in navigation_for(acting.roles, "/")][-1] == "Tea"


def test_its_command_is_listed_and_runs() -> None:
    assert "Tea for whoever waits." in CliRunner().invoke(bot, ["--help"]).stdout
    assert CliRunner().invoke(bot, ["tea", "--json"], obj=Console()).stdout == '{"kettle": "on"}\n'


def test_the_clock_runs_its_job(db: Database, settings: Settings) -> None:
    job = next(job for job in capability.in_use().jobs if job.name == "pour-tea")
    run_job(db, settings, job)
    assert pouring.happened == [("poured", "demo")]


@pytest.mark.parametrize(
    ("reply", "followed"),
    [("1", ("milk", Subject("cup", 7))), ("yes", ("milk", Subject("cup", 7))), ("3", ("sugar", 3))],
)
def test_its_question_is_answered_by_number_and_word(
    db: Database, settings: Settings, practice: Practice, alice: Patient, reply: str, followed: tuple[str, object]
) -> None:
    bring(db, settings, practice, alice, 7, question="milk")
    send_all(db, quick(settings))
    text_in(db, settings, alice.phone, reply)
    assert pouring.happened == [followed]
    with db.read() as session:
        reasons = [item.reason for item in rows(session, InboxItem)]
    assert reasons == (["wants-milk"] if followed[0] == "milk" else [])


def test_a_number_its_question_does_not_offer_goes_to_a_person(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    bring(db, settings, practice, alice, 7, question="milk")
    send_all(db, quick(settings))
    text_in(db, settings, alice.phone, "5")
    assert pouring.happened == []


def test_a_wish_it_takes_goes_to_it_and_not_to_a_person(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    text_in(db, settings, alice.phone, "Please call me")
    assert pouring.happened == [("cup", "call_me")]
    text_in(db, settings, alice.phone, "I want to book an appointment because my chest hurts")
    assert pouring.happened == [("cup", "call_me")]  # danger is a person's


def test_its_guard_holds_and_cancels_its_own_texts_alone(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    cups = [bring(db, settings, practice, alice, cup) for cup in (7, pouring.HELD_CUP, pouring.SPILT_CUP)]
    send_all(db, quick(settings))
    states = [(reload(db, text).state, reload(db, text).reason) for text in cups]
    assert states[1:] == [(State.HELD, None), (State.CANCELLED, "spilt")]
    assert states[0][0] not in (State.HELD, State.CANCELLED, State.QUEUED)


def test_texts_about_its_subject_are_held_and_released_by_it(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    first, second = (bring(db, settings, practice, alice, cup) for cup in (7, 8))
    with db.write() as session:
        assert hold_messages(session, Subject("cup", 7), Kind.NOTICE) == 1
    assert [reload(db, text).state for text in (first, second)] == [State.HELD, State.QUEUED]
    with db.write() as session:
        assert release_held_messages(session, Subject("cup", 7), Kind.NOTICE) == 1


def test_a_subject_nobody_brings_is_refused(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with pytest.raises(ValueError, match="no capability has texts about a saucer"), db.write() as session:
        queue_text(
            session,
            settings,
            text_key="staff-thank-you",
            language="en",
            values={"practice": practice.name},
            phone=alice.phone or "",
            practice=practice,
            subject=Subject("saucer", 1),
        )


def test_it_hears_of_opt_outs_deaths_and_changed_numbers(
    db: Database, settings: Settings, practice: Practice, alice: Patient
) -> None:
    with db.write() as session:
        phone = alice.phone or ""
        record_opt_out(session, practice_id=practice.id or 0, phone=phone, scope=OptOutScope.ALL, source="staff")
    row = cells(NHS_Number=alice.nhs_number, Mobile_Telephone="07700 900999", Date_of_Death="01/11/2026")
    import_list(
        db,
        settings,
        practice.code,
        plain_list(row),
        selected_for=None,
        dry_run=False,
        actor=CONSOLE,
        file_name="list.csv",
    )
    assert pouring.happened == [("opted out", "all"), ("died", [alice.id]), ("moved", [alice.id])]


def test_two_capabilities_cannot_bring_one_name() -> None:
    twice = capability.Capabilities(("tests.tea_round", "tests.tea_round"))
    with pytest.raises(RuntimeError, match="two capabilities bring"):
        twice.commands  # noqa: B018
