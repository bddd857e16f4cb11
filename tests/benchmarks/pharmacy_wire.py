"""The NHS status wire over HTTP, against a bare Flask endpoint that checks a key and inserts two rows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from urllib.parse import urlsplit
from uuid import uuid4

from sqlmodel import col, func, select

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.database import Database
from bot.pharmacy.organising.keys import make_key
from bot.rows import insert_many
from bot.tables.patients import Patient
from bot.tables.pharmacy import PrescriptionUpdate
from tests.benchmarks.bare import TABLE
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened
from tests.benchmarks.load import fire
from tests.benchmarks.measuring import Figure, Sample, apart, side_by_side
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.webhooks import Served, served
from tests.factories import make_practice, nhs_number
from tests.pharmacy.organising.making import make_pharmacy
from tests.pharmacy.wire.tasks import ADDRESS, REQUEST_ID, a_task, bundle_of

CREATED = 201


@dataclass(frozen=True)
class Posted:
    """One bundle of one Task, with the key of the side that gets it."""

    key: str
    body: bytes

    def as_request(self, base: str) -> bytes:
        """The request as it goes over the wire."""
        head = [
            f"POST {ADDRESS} HTTP/1.1",
            f"Host: {urlsplit(base).netloc}",
            f"Authorization: Bearer {self.key}",
            f"X-Request-ID: {REQUEST_ID}",
            "Content-Type: application/fhir+json",
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join([*head, "", ""]).encode() + self.body


def run(made: Databases, sizes: Sizes) -> Section:
    """Requests a second; the aim is 0.5."""
    figures = [figure for kind in (SQLITE, POSTGRESQL) for figure in _figures(made, kind, sizes)]
    text = (
        "Eight connections, a bundle of one Task each, of a person whom a linked practice lists. Ours checks the key "
        "and every rule, finds the person and stores the update. The bare endpoint looks up the key, compares its hash "
        "and inserts two rows with SQLAlchemy Core, one transaction."
    )
    return section_of("pharmacy-wire", "The NHS status wire", text, figures)


def _figures(made: Databases, kind: str, sizes: Sizes) -> Iterator[Figure]:
    ours_url, bare_url, each = made.new(kind), made.new(kind), sizes.webhooks
    with opened(ours_url) as db:
        ours_key = _seed(db, each)
    with opened(bare_url) as db:
        bare_key = _seed(db, 1)
        TABLE.metadata.create_all(db.engine)
    with served("ours", ours_url) as ours, served("bare", bare_url) as bare:
        _round(ours, ours_key, each, 0)  # the first answers of a server pay for its imports
        _round(bare, bare_key, each, 0)
        ours_ran, bare_ran = side_by_side(
            sizes.rounds, partial(_round, ours, ours_key, each), partial(_round, bare, bare_key, each)
        )
    yield Figure("bundle of one Task", f"{each:,} requests", kind, "a bare endpoint", ours_ran, bare_ran, 0.5)
    with opened(ours_url) as db, db.read() as session:
        kept = select(func.count()).where(col(PrescriptionUpdate.patient_id).is_not(None))
        assert session.exec(kept).one() == each * (sizes.rounds + 1)


def _round(side: Served, key: str, each: int, _number: int) -> Sample:
    now = f"{utc_now():%Y-%m-%dT%H:%M:%SZ}"
    tasks = (a_task(nhs_number=nhs_number(person), at=now, task=str(uuid4())) for person in range(each))
    posts = [Posted(key, json.dumps(bundle_of(task)).encode()) for task in tasks]
    sample = apart(fire, side.url, posts, CREATED)
    return replace(sample, peak_mb=side.peak_mb())


def _seed(db: Database, people: int) -> str:
    """A pharmacy with a key and so many people of a linked practice."""
    practice, now = make_practice(db), utc_now()
    make_pharmacy(db, practice)
    everybody = [
        Patient(
            practice_id=practice.id or 0,
            nhs_number=nhs_number(index),
            born=date(1960, 1, 1),
            created_at=now,
            updated_at=now,
        ).model_dump(exclude={"id"})
        for index in range(people)
    ]
    with db.write() as session:
        insert_many(session, Patient, everybody)
    return make_key(db, "PRIORY", CONSOLE)
