"""Processes: `serve` for one machine, `web` and `worker` for several, and the phone network."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
from sqlmodel import select

from bot.capability import imported, in_use
from bot.clock import LONDON, next_opening, utc_now
from bot.console import Console, need_postgresql, need_schema, pass_console
from bot.database import Database
from bot.migrations.running import migrate
from bot.operations.audit_check import begin_head
from bot.operations.locking import only_serve, writable_folder
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.organisations import Practice
from bot.texts.dates_in_words import format_date, format_time
from bot.translation.packages import TRIAL_LABEL

SENDER_PLACES = 8
WEB_THREADS = 8
DEMO_PATIENTS = 600


@click.command("migrate")
@pass_console
def migrate_command(console: Console) -> None:
    """Bring the database schema up to date; safe to run from several machines at once."""
    writable_folder(console.settings)
    migrate(console.settings.database_url)
    begin_head(console.database)
    click.echo("The database is up to date.", err=True)


def _check_port(host: str, port: int, variable: str = "PORT") -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise Refused(
                "port-in-use",
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: {variable}={port + 80}",
            ) from error


@click.command()
@click.option("--prepare", is_flag=True, help="First bring the schema up to date, and load the demo into an empty one.")
@pass_console
def serve(console: Console, prepare: bool) -> None:
    """Web, clock and sender in one process, and in demo the simulated phones. Ctrl-C ends it all."""
    settings = console.settings
    with ExitStack() as stack:
        stack.enter_context(only_serve(settings))
        if prepare:
            _prepare(settings, console.database)
        need_schema(console.database)
        _check_port(settings.host, settings.port)
        _end_at_signals()
        if _starts_simulator(settings):
            stack.enter_context(_simulated_phones(settings))
        _serve(console, stack)


def _prepare(settings: Settings, db: Database) -> None:
    from bot.demo import load_demo

    writable_folder(settings)
    migrate(settings.database_url)
    begin_head(db)
    with db.read() as session:
        empty = session.exec(select(Practice).limit(1)).first() is None
    if empty and not settings.live:
        click.echo("Making the demo practice ...", err=True)
        load_demo(db, settings, DEMO_PATIENTS)


def _starts_simulator(settings: Settings) -> bool:
    """In demo, unless TWILIO_API_URL names a network that is somewhere else or is running already."""
    if settings.live or settings.api_url != settings.own_simulator_url:
        return False
    return not (settings.twilio_api_url and _answers(settings.simulated_port))


def _answers(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def _serve(console: Console, stack: ExitStack) -> None:
    from bot.app import create_app
    from bot.bodies import limit_by_header
    from bot.conversations.warming import warm_up
    from bot.http_server import make_servers
    from bot.logs import set_up_logging

    settings, db = console.settings, console.database
    set_up_logging(settings)
    app = create_app(settings, db)
    warm_up(db, settings)
    server = make_servers(app, limit_by_header(app), WEB_THREADS, host=settings.host, port=settings.port)
    stack.callback(db.dispose)
    stack.callback(server.close)
    stack.enter_context(_sender(settings, db, SENDER_PLACES))
    stack.enter_context(_beside(in_use().bring("beside_texts"), settings, db))
    stack.enter_context(_translator(settings, db))
    stack.enter_context(_beside(in_use().bring("beside_translations"), settings, db))
    if console.start_clock:
        stack.callback(console.start_clock(db, console.settings).shutdown)
    _greet(settings, db)
    server.run()


def _end_at_signals() -> None:
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

    def end(_signal: int, _frame: FrameType | None) -> NoReturn:
        for number in signals:  # a second Ctrl-C must not break off what the first one ends in order
            signal.signal(number, signal.SIG_IGN)
        raise SystemExit(0)

    for number in signals:
        signal.signal(number, end)


@contextmanager
def _sender(settings: Settings, db: Database, places: int) -> Iterator[None]:
    from bot.messaging.sending import SendingLoop

    stop = threading.Event()
    thread = threading.Thread(
        target=SendingLoop(db, settings, concurrency=places).run, args=(stop,), name="sender", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=settings.twilio_timeout_seconds + 5)


@contextmanager
def _beside(makers: Iterable[Callable[..., Any]], settings: Settings, db: Database) -> Iterator[None]:
    """What capabilities have a worker or a translator do beside its own work, each in a thread of its own."""
    stop = threading.Event()
    works = [make(db, settings).run for make in makers]
    threads = [threading.Thread(target=run, args=(stop,), name="beside", daemon=True) for run in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=settings.twilio_timeout_seconds + 5)


@contextmanager
def _translator(settings: Settings, db: Database) -> Iterator[None]:
    from bot.messaging.heartbeats import say_alive
    from bot.translation.translator import Translator

    stop = threading.Event()
    work = Translator(db, settings, alive=lambda: say_alive(db, "translator")).run
    thread = threading.Thread(target=work, args=(stop,), name="translator", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=settings.twilio_timeout_seconds + 5)


@contextmanager
def _simulated_phones(settings: Settings) -> Iterator[None]:
    _check_port("127.0.0.1", settings.simulated_port, "SIMULATOR_PORT")
    command = [sys.executable, "-m", "bot", "simulator", "--end-with-parent"]
    child = subprocess.Popen(command, env=os.environ | _simulator_environment(settings))  # noqa: S603 - ourselves
    try:
        _wait_for_port(settings.simulated_port, child)
        yield
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()


def _simulator_environment(settings: Settings) -> dict[str, str]:
    return {"SIMULATOR_PORT": str(settings.simulated_port), "PORT": str(settings.port)}


def _wait_for_port(port: int, child: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        if _answers(port):
            return
        if child.poll() is not None:
            break
        time.sleep(0.05)
    raise Refused("simulator-did-not-start", "The simulated phones did not start; what they said is above.")


def _greet(settings: Settings, db: Database) -> None:
    """Where to look, whom to sign in as, what to press first."""
    from bot.accounts.demo import DEMO_PASSWORD, demo_accounts

    lines = [f"Easy to Reach is at {settings.base_url}  (stop it with Ctrl-C)"]
    if settings.rehearsal:
        lines.append("Rehearsal: live rules, but the phones are simulated. Nothing reaches a real phone.")
    if closed := _closed_until(settings):
        lines.append(closed)
    if not settings.live:
        lines += _demo_lines(
            settings,
            [f"{found.email} ({found.role})" for found in demo_accounts(db, settings)],
            DEMO_PASSWORD,
        )
        with db.read() as session:
            lines += [line for say in in_use().bring("first_words") for line in say(session, settings)]
    click.echo("\n".join(lines), err=True)


def _closed_until(settings: Settings) -> str | None:
    """Outside the sending hours, until when invitations wait: else nobody knows why nothing goes."""
    now = utc_now()
    opens = next_opening(now, settings, outreach=True)
    if opens <= now:
        return None
    wall = opens.astimezone(LONDON)
    until = f"{format_date(wall.date(), 'en')} at {format_time(wall.time(), 'en')}"
    return f"Outside the sending hours (SEND_WINDOW, SEND_DAYS): invitations wait until {until}."


def _demo_lines(settings: Settings, people: list[str], password: str) -> list[str]:
    who = f"{', '.join(people)}; password: {password}" if people else "nobody yet: run python -m bot demo load"
    return [
        f"The simulated phones are at {settings.own_simulator_url}  (made-up people; nothing reaches a real phone)",
        f"Sign in as {who}",
        "Press first: Campaigns, Plan a campaign, approve the first batch as lead, pick a phone and answer 1. Or "
        "Visits: book somebody who needs an interpreter, and answer 2 on their phone. README has a tour.",
        f"Wordings are drafts, and what translates Urdu was {TRIAL_LABEL}.",
    ]


@click.command()
@pass_console
def web(console: Console) -> None:
    """The pages and webhooks alone, under gunicorn; needs PostgreSQL."""
    settings = console.settings
    need_postgresql(settings, "web")
    need_schema(console.database)
    console.database.dispose()
    from bot.serving import run_gunicorn

    run_gunicorn(settings)


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), default=SENDER_PLACES, show_default=True)
@pass_console
def worker(console: Console, concurrency: int) -> None:
    """Claim, send and reconcile. SIGTERM: finish what is in hand, claim no more."""
    from bot.logs import set_up_logging
    from bot.messaging.sending import SendingLoop

    settings = console.settings
    need_postgresql(settings, "worker")
    need_schema(console.database)
    set_up_logging(settings)
    stop = _stop_at_signals()
    with _beside(in_use().bring("beside_texts"), settings, console.database):
        SendingLoop(console.database, settings, concurrency=concurrency).run(stop)


@click.command()
@pass_console
def translator(console: Console) -> None:
    """Translate what is asked for, on this machine. SIGTERM: leave what is in hand to others."""
    from bot.logs import set_up_logging
    from bot.messaging.heartbeats import say_alive
    from bot.translation.translator import Translator

    settings, db = console.settings, console.database
    need_postgresql(settings, "translator")
    need_schema(db)
    set_up_logging(settings)
    stop = _stop_at_signals()
    with _beside(in_use().bring("beside_translations"), settings, db):
        Translator(db, settings, alive=lambda: say_alive(db, "translator")).run(stop)


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    return stop


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Else SIMULATOR_PORT.")
@click.option("--end-with-parent", is_flag=True, hidden=True)
@pass_console
def simulator(console: Console, port: int | None, end_with_parent: bool) -> None:
    """The phone network alone, on this machine."""
    SimulatorConfig, run = imported("bot.simulator.config:SimulatorConfig"), imported("bot.simulator.server:run")
    settings = console.settings
    if settings.live and not settings.rehearsal:
        raise Refused("live", "There is no simulator in live. Set MODE=demo, or a loopback TWILIO_API_URL.")
    port = port or settings.simulated_port
    _check_port("127.0.0.1", port, "SIMULATOR_PORT")
    config = SimulatorConfig(
        host="127.0.0.1",
        port=port,
        store=_simulator_store(settings),
        account_sid=settings.account_sid,
        auth_token=settings.auth_token,
        service_url=settings.base_url,
        senders=frozenset(filter(None, (settings.sender_number, settings.sender_service))),
        own_opt_out=settings.twilio_opt_out == "twilio",
        answers_on=settings.simulator_answers == "on",
    )
    run(config, end_with_parent=end_with_parent)


def _simulator_store(settings: Settings) -> Path:
    """The network's own file: one for each database of the service, so that their ledgers can be compared."""
    short = hashlib.sha256(settings.database_url.encode()).hexdigest()[:8]
    return writable_folder(settings) / f"simulator-{short}.db"
