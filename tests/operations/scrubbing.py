"""Whether anything about a person is in what a whole installation wrote into its logs, or tells as figures."""

import re

import requests
from sqlmodel import select

from bot.tables.messaging import Message
from bot.tables.patients import Patient
from tests.world import World


def assert_nothing_personal_was_written(world: World) -> None:
    """No name, phone, NHS number or words of a text: in no log of any process, and in no figure."""
    written = "\n".join(path.read_text(errors="replace") for path in sorted(world.folder.glob("log-*.txt")))
    figures = requests.get(f"{world.url}/metrics", timeout=10)
    assert figures.ok
    assert "rule=/twilio/" in written or '"rule": "/twilio/' in written, "the logs are not those of the story"
    for source in (written, figures.text):
        for secret in _secrets(world):
            assert secret not in source, "something about a person"
        for name in _names(world):
            assert not re.search(rf"\b{re.escape(name)}\b", source), "a name"


def _secrets(world: World) -> set[str]:
    """Phones as stored and without their +44, NHS numbers, and every text, whole and its beginning."""
    with world.database.read() as session:
        people = session.exec(select(Patient.phone, Patient.nhs_number)).all()
        texts = session.exec(select(Message.body, Message.phone)).all()
    phones = {phone for phone, _ in people if phone} | {phone for _, phone in texts}
    words = {body[:40] for body, _ in texts if len(body) > 5}
    numbers = {number for _, number in people}
    return phones | {phone.removeprefix("+44") for phone in phones} | numbers | words


def _names(world: World) -> set[str]:
    with world.database.read() as session:
        people = session.exec(select(Patient.surname, Patient.given_name)).all()
    return {name for person in people for name in person if len(name) > 2}
