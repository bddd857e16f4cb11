"""Sending through a server that takes 50 ms, against a bare threaded loop of the twilio library."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from requests.adapters import HTTPAdapter
from sqlmodel import col, func, select
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bot.database import Database
from bot.logs import set_up_logging
from bot.messaging.sending import SendingLoop
from bot.tables.messaging import Attempt, Message, Outcome, State
from tests.benchmarks.databases import POSTGRESQL, SQLITE, Databases, opened, settings_for
from tests.benchmarks.measuring import Figure, Timed, apart, side_by_side, stopwatch
from tests.benchmarks.reporting import Section, section_of
from tests.benchmarks.seeding import BODY, phone_of, seed_people, seed_texts
from tests.benchmarks.sizes import Sizes
from tests.benchmarks.stand_in import stand_in

DELAY, THREADS = 0.05, 16
FASTEST = 1000


def run(made: Databases, sizes: Sizes) -> Section:
    """Texts a second on both databases; the aim is 0.8 of the bare loop."""
    figures = []
    with stand_in(DELAY) as server:
        for kind in (SQLITE, POSTGRESQL):
            ours, theirs = side_by_side(
                sizes.rounds,
                lambda _, kind=kind: apart(send_all, made.new(kind), server.url, sizes.dispatched),
                lambda _: apart(bare_loop, server.url, sizes.dispatched),
            )
            size, baseline = f"{sizes.dispatched:,} texts", f"a loop of {THREADS} threads without a database"
            figures.append(Figure("dispatch", size, kind, baseline, ours, theirs, aim=0.8))
    text = (
        f"A server that answers after {DELAY * 1000:.0f} ms, {THREADS} threads. Ours claims, re-checks, commits before "
        "each POST, and commits what came of it; the loop only posts. The sender's rate is set out of the way, and "
        "only warnings are logged."
    )
    return section_of("dispatch", "Dispatch", text, figures)


def send_all(url: str, server: str, texts: int) -> Timed:
    """Send everything that is queued with a worker of ours; the time ends when the last outcome is committed."""
    settings = settings_for(url, twilio_api_url=server, sender_parts_per_second=FASTEST, log_level="warning")
    set_up_logging(settings)
    with opened(url) as db:
        seed_texts(db, seed_people(db, texts, all_invited=True), texts, state=State.QUEUED)
        stop = threading.Event()
        loop = threading.Thread(target=SendingLoop(db, settings, concurrency=THREADS).run, args=(stop,))
        with stopwatch() as watch:
            loop.start()
            while _unfinished(db):
                time.sleep(0.02)
        stop.set()
        loop.join()
        with db.read() as session:
            accepted = select(func.count()).where(col(Attempt.outcome) == Outcome.ACCEPTED)
            assert session.exec(accepted).one() == texts
    return texts, watch.seconds


def _unfinished(db: Database) -> bool:
    with db.read() as session:
        left = select(col(Message.id)).where(col(Message.state).in_((State.QUEUED, State.SENDING))).limit(1)
        return session.exec(left).first() is not None


def bare_loop(server: str, texts: int) -> Timed:
    """What the twilio library alone can do with as many threads."""
    http = TwilioHttpClient(timeout=10)
    http.session.trust_env = False
    http.session.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=THREADS))
    client = Client("AC" + "0" * 32, "token", http_client=http, environment={"_": ""})
    client.api.base_url = server

    def send(index: int) -> str:
        callback = f"http://127.0.0.1:8000/twilio/status/{index}"
        created = client.messages.create(
            from_="+441632960001", to=phone_of(index), body=BODY, status_callback=callback, smart_encoded=False
        )
        return str(created.sid)

    with stopwatch() as watch, ThreadPoolExecutor(THREADS) as pool:
        sids = set(pool.map(send, range(texts)))
    assert len(sids) == texts
    return texts, watch.seconds
