"""A practice, a person and a campaign to send texts about."""

from collections.abc import Iterator

import pytest

from bot.database import Database
from bot.messaging.twilio.gateway import Gateway
from bot.settings import Settings
from bot.tables.campaigns import Campaign
from bot.tables.organisations import Partner, Practice
from bot.tables.patients import Patient
from tests.factories import make_partner, make_patient, make_practice
from tests.messaging.helpers import make_campaign, with_changes
from tests.messaging.stand_in import Server, serving


@pytest.fixture
def practice(db: Database) -> Practice:
    return make_practice(db)


@pytest.fixture
def partner(db: Database, practice: Practice) -> Partner:
    return make_partner(db, practice)


@pytest.fixture
def campaign(db: Database, practice: Practice, partner: Partner) -> Campaign:
    return make_campaign(db, practice, partner)


@pytest.fixture
def alice(db: Database, practice: Practice) -> Patient:
    return make_patient(db, practice, language="en")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as served:
        yield served


@pytest.fixture
def gateway(settings: Settings, server: Server) -> Gateway:
    return Gateway(with_changes(settings, twilio_api_url=server.url, twilio_timeout_seconds=0.3))
