"""A practice, a person and a campaign to send texts about."""

import pytest

from bot.campaigns.tables import Campaign
from bot.database import Database
from bot.partners.tables import Partner
from bot.people.tables import Patient, Practice
from tests.factories import make_partner, make_patient, make_practice
from tests.messaging.helpers import make_campaign


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
