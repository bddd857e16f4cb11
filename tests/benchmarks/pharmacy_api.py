"""Notices of a pharmacy by the JSON API: 500 in one batch, against the same one request each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask.testing import FlaskClient

from bot.app import create_app
from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.patients.person_codes import person_code_of
from bot.pharmacy.api import openapi_pages
from bot.pharmacy.api.limiting import Allowance, take_token
from bot.pharmacy.api.shapes import MOST_NOTICES
from bot.pharmacy.organising.keys import make_key
from bot.tables.organisations import Practice
from bot.tables.patients import Patient, PhoneStatus
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.factories import make_practice, nhs_number
from tests.pharmacy.organising.making import make_pharmacy

ONE_BY_ONE = 60
"""As many as a key may send in a minute."""
WARM_UP = 3


def run(made: Databases, sizes: Sizes) -> Section:
    """Notices a second, each of them a text that is queued."""
    figures = []
    for kind in (SQLITE, POSTGRESQL):
        ours, theirs = side_by_side(
            sizes.rounds,
            lambda _, kind=kind: apart(in_a_batch, made.new(kind)),
            lambda _, kind=kind: apart(one_by_one, made.new(kind)),
        )
        baseline = "one request each"
        figures.append(Figure("notices/batch", f"{MOST_NOTICES} notices", kind, baseline, ours, theirs, 10))
    text = (
        "Both sides ask the application itself, without a network: a key, its bucket, an Idempotency-Key, and for "
        f"every notice a text in Polish that is queued with its question. Singly {ONE_BY_ONE} are sent."
    )
    return section_of("pharmacy-api", "Notices of pharmacies by the API", text, figures)


def in_a_batch(url: str) -> Timed:
    """All in one request."""
    with asking(url, MOST_NOTICES + WARM_UP) as (client, people):
        send(client, "/batch", {"notices": [ready(code) for code in people[:WARM_UP]]}, 0)
        body = {"notices": [ready(code) for code in people[WARM_UP:]]}
        with stopwatch() as watch:
            verdicts = send(client, "/batch", body, 1)["verdicts"]
    assert [verdict["notice"]["state"] for verdict in verdicts] == ["queued"] * MOST_NOTICES
    return MOST_NOTICES, watch.seconds


def one_by_one(url: str) -> Timed:
    """The same, a request each."""
    with asking(url, ONE_BY_ONE + WARM_UP) as (client, people):
        for number, code in enumerate(people[:WARM_UP]):
            send(client, "", ready(code), number)
        with stopwatch() as watch:
            states = [send(client, "", ready(code), WARM_UP + n)["state"] for n, code in enumerate(people[WARM_UP:])]
    assert states == ["queued"] * ONE_BY_ONE
    return ONE_BY_ONE, watch.seconds


@contextmanager
def asking(url: str, people: int) -> Iterator[tuple[FlaskClient, list[str]]]:
    """A client with a key, and the codes of people who read Polish."""
    with opened(url) as db:
        practice = make_practice(db)
        pharmacy = make_pharmacy(db, practice)
        codes = codes_of_people(db, practice, people)
        client = create_app(settings_for(url), db).test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {make_key(db, pharmacy.code, CONSOLE)}"
        openapi_pages.take_token = counted_all_the_same  # type: ignore[attr-defined]
        yield client, codes


def counted_all_the_same(*asked: Any) -> Allowance:
    """The bucket is asked, and its answer does not count."""
    took = take_token(*asked)
    return Allowance(True, took.left, took.wait)


def codes_of_people(db: Database, practice: Practice, people: int) -> list[str]:
    """So many people, each with a phone of their own, in one transaction."""
    now = utc_now()
    own = {"practice_id": practice.id, "born": date(1960, 5, 12), "phone_status": PhoneStatus.OWN, "language": "pl"}
    with db.write() as session:
        made = [
            Patient(nhs_number=nhs_number(n), phone=f"+447700{100_000 + n}", created_at=now, updated_at=now, **own)
            for n in range(people)
        ]
        session.add_all(made)
        session.flush()
        return [person_code_of(session, person.id or 0) or "" for person in made]


def ready(code: str) -> dict[str, Any]:
    """A notice to somebody."""
    return {"kind": "ready", "person": {"code": code}}


def send(client: FlaskClient, path: str, body: Any, number: int) -> Any:
    """Post it, and give the answer."""
    answer = client.post(f"/api/v1/notices{path}", json=body, headers={"Idempotency-Key": f"{path}{number}"})
    assert answer.status_code in (200, 201), answer.get_data(as_text=True)
    return answer.get_json()
