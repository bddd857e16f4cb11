"""Somebody who writes Urdu, a model from Urdu into English, and a translator that says what it is told to."""

import pytest

from bot.database import Database
from tests.campaigns.conftest import Browser, app, browser
from tests.conversations.conftest import Conversation, clock, talk
from tests.translation.helpers import make_model

__all__ = ["Browser", "Conversation", "app", "browser", "clock", "talk"]


@pytest.fixture
def urdu(db: Database) -> None:
    """From Urdu into English there is a model."""
    make_model(db, "ur", "en")
