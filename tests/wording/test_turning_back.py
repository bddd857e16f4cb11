"""A wording turned back into English for its readers: asked for when somebody looks, once, and only a help."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.settings import Settings
from bot.tables.translation import WORDING, Translation, TranslationState
from bot.wording.standing import read_standing
from bot.wording.turning_back import TurnedBack, ask_to_turn_back, turned_back
from tests.translation.helpers import make_model


@pytest.fixture
def urdu(db: Database) -> None:
    make_model(db, "ur", "en")


def asked(db: Database) -> list[Translation]:
    with db.read() as session:
        return list(
            session.exec(select(Translation).where(Translation.purpose == WORDING).order_by(col(Translation.id)))
        )


def shown(db: Database, key: str = "help", tag: str = "ur") -> TurnedBack | None:
    with db.read() as session:
        return turned_back(session, read_standing(session, key, tag))


def finish(db: Database, **outcome: object) -> None:
    with db.write() as session:
        for one in session.exec(select(Translation)):
            for name, value in outcome.items():
                setattr(one, name, value)
            session.add(one)


@pytest.mark.usefixtures("urdu")
def test_who_looks_at_a_text_has_it_turned_back_once(db: Database, settings: Settings) -> None:
    for _ in range(2):
        ask_to_turn_back(db, settings, "help", "ur")
    (one,) = asked(db)
    assert (one.source_language, one.target_language, one.practice_id, one.message_id) == ("ur", "en", None, None)
    assert "Station Practice" in one.source
    assert "Station Practice" in (one.kept or "")
    assert shown(db) == TurnedBack(waits=True)
    finish(db, state=TranslationState.DONE, text="This is Station Practice.", done_at=utc_now())
    assert shown(db) == TurnedBack("This is Station Practice.")


@pytest.mark.usefixtures("urdu")
def test_one_that_failed_says_so_and_is_tried_again_later(db: Database, settings: Settings) -> None:
    ask_to_turn_back(db, settings, "help", "ur")
    finish(db, state=TranslationState.FAILED, failure="timed-out", done_at=utc_now())
    ask_to_turn_back(db, settings, "help", "ur")
    assert len(asked(db)) == 1
    assert shown(db) == TurnedBack(note="The translation took too long and was given up.")
    finish(db, done_at=utc_now() - timedelta(hours=1))
    ask_to_turn_back(db, settings, "help", "ur")
    assert len(asked(db)) == 2


@pytest.mark.parametrize("tag", ["en", "so", "hu"])
@pytest.mark.usefixtures("urdu")
def test_nothing_is_asked_where_there_is_nothing_to_turn_back_with(db: Database, settings: Settings, tag: str) -> None:
    ask_to_turn_back(db, settings, "help", tag)
    assert asked(db) == []
    assert shown(db, tag=tag) is None
