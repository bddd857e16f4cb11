"""Somebody with an account at the counter of a pharmacy, and what they do there."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.audit import Actor
from bot.database import Database
from bot.patients.person_codes import make_person_code
from bot.pharmacy.counter.searching import Entered, look_for
from bot.settings import Settings
from bot.tables.accounts import Role, UserAccount, actor_of
from bot.tables.patients import Patient
from tests.applications import application, browser_of
from tests.factories import make_account
from tests.pharmacy.notices.world import Town


@dataclass
class Counter:
    """An account of the pharmacy of a town, and its browser."""

    town: Town
    account: UserAccount
    client: FlaskClient

    @property
    def actor(self) -> Actor:
        return actor_of(self.account)

    @property
    def db(self) -> Database:
        return self.town.db

    def signs_in(self) -> None:
        """A new session, for another time of day."""
        self.client = browser_of(self.client.application, self.account)

    def code_of(self, person: Patient | None = None) -> str:
        with self.db.write() as session:
            return make_person_code(session, (person or self.town.person).id or 0)

    def looks_for(self, **entered: str) -> str | None:
        return look_for(self.db, self.town.pharmacy.code, Entered(**entered), self.actor)

    def finds(self, person: Patient | None = None) -> str:
        """A search that finds somebody by code."""
        found = self.looks_for(code=self.code_of(person))
        assert found is not None
        return found

    def posts(self, path: str, **form: Any) -> TestResponse:
        return self.client.post(path, data=form)

    def sends(self, what: str = "ready", person: Patient | None = None, **form: str) -> TestResponse:
        """Found by code, chosen, sent; gives the page that follows."""
        return self.client.post(
            f"/pharmacy/tell/{self.finds(person)}/send", data={"what": what, **form}, follow_redirects=True
        )


def make_counter(db: Database, settings: Settings, town: Town) -> Counter:
    account = make_account(db, Role.PHARMACY, pharmacy=town.pharmacy)
    return Counter(town, account, browser_of(application(settings, db, tokens=False), account))


def words(answer: TestResponse) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
