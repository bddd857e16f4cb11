"""`sessions` and `slots`: when clinicians work, and the times that come of it."""

from typing import BinaryIO

import click

from bot.appointments.timetable.sessions import Hours, add_session, change_session, end_session, list_sessions
from bot.appointments.timetable.slot_importing import LARGEST, SlotsImported, import_slots
from bot.appointments.timetable.slots import list_slots, make_slots, release_held_slots
from bot.appointments.timetable.withdrawing import withdraw_session
from bot.appointments.written_times import read_clock, read_day, read_from, read_until, read_weekdays
from bot.console import Command, Console, RowNumber, as_option, json_option, pass_console, say, say_lines
from bot.lists.judging.rows_counted import NOTHING_STORED, result_in_words

_SESSION_COLUMNS = ("session", "clinic", "clinician", "days", "from", "to", "start", "until", "every")
_SLOT_COLUMNS = ("slot", "clinic", "site", "clinician", "starts", "ends", "kind", "language", "state")


@click.group()
def sessions() -> None:
    """Hours of a clinician in a clinic that come again."""


_HOURS = (
    click.option("--days", required=True, metavar="mon,sat"),
    click.option("--from", "opens", required=True, metavar="09:00", help="On the clock in London."),
    click.option("--to", "closes", required=True, metavar="12:00"),
    click.option("--start", required=True, metavar="DATE", help="The first day it may be on."),
    click.option("--until", metavar="DATE", help="The last day it may be on."),
    click.option("--every", default=1, metavar="N", help="It comes every so many weeks."),
)


def _hours_options(command: Command) -> Command:
    """When a session is held."""
    for option in reversed(_HOURS):
        command = option(command)
    return command


def _hours(days: str, opens: str, closes: str, start: str, until: str | None, every: int) -> Hours:
    return Hours(
        weekdays=read_weekdays(days),
        opens=read_clock(opens),
        closes=read_clock(closes),
        starts_on=read_day(start),
        until=None if until is None else read_day(until),
        every=every,
    )


@sessions.command("add")
@click.option("--clinic", "clinic_code", required=True, metavar="CODE")
@click.option("--clinician", "clinician_code", metavar="CODE", help="Whose hours they are; nobody's at an event.")
@_hours_options
@as_option
@json_option
@pass_console
def add_command(
    console: Console,
    clinic_code: str,
    clinician_code: str | None,
    days: str,
    opens: str,
    closes: str,
    start: str,
    until: str | None,
    every: int,
    email: str | None,
    as_json: bool,
) -> None:
    """Add a session, and make its slots for twelve weeks."""
    hours = _hours(days, opens, closes, start, until, every)
    said = add_session(console.database, clinic_code, clinician_code, hours, console.actor(email))
    answer = {"session": said.session, "slots": said.slots}
    say(answer, as_json, f"Session {said.session} is there, with {said.slots} slots so far.")


@sessions.command("change")
@click.argument("session_id", type=RowNumber("session"), metavar="SESSION")
@_hours_options
@as_option
@json_option
@pass_console
def change_command(
    console: Console,
    session_id: int,
    days: str,
    opens: str,
    closes: str,
    start: str,
    until: str | None,
    every: int,
    email: str | None,
    as_json: bool,
) -> None:
    """Give a session other hours; free slots follow at once, booked ones are to be moved."""
    hours = _hours(days, opens, closes, start, until, every)
    said = change_session(console.database, session_id, hours, console.actor(email))
    words = f"{said.slots} slots were made and {said.withdrawn} withdrawn; {said.to_move} visits are to be moved."
    say(said.as_json(), as_json, f"Session {said.session} has other hours. {words}")


@sessions.command("end")
@click.argument("session_id", type=RowNumber("session"), metavar="SESSION")
@click.option("--after", metavar="DATE", help="Its last day; without one it is over now.")
@as_option
@json_option
@pass_console
def end_command(console: Console, session_id: int, after: str | None, email: str | None, as_json: bool) -> None:
    """End a session; its free slots go at once, booked ones are to be moved."""
    last = None if after is None else read_day(after)
    said = end_session(console.database, session_id, console.actor(email), last)
    words = f"{said.withdrawn} slots were withdrawn; {said.to_move} visits are to be moved."
    say(said.as_json(), as_json, f"Session {said.session} is over{f' after {last}' if last else ''}. {words}")


@sessions.command("list")
@click.option("--clinic", "clinic_code", required=True, metavar="CODE")
@json_option
@pass_console
def list_sessions_command(console: Console, clinic_code: str, as_json: bool) -> None:
    """One session a line, those that are over left out."""
    with console.database.read() as session:
        say_lines(list_sessions(session, clinic_code), as_json, _SESSION_COLUMNS)


@sessions.command("withdraw")
@click.option("--clinician", "clinician_code", required=True, metavar="CODE")
@click.option("--date", "day", required=True, metavar="DATE")
@click.option("--reason", required=True, help="Why; only staff read it.")
@as_option
@json_option
@pass_console
def withdraw_command(
    console: Console, clinician_code: str, day: str, reason: str, email: str | None, as_json: bool
) -> None:
    """A clinician is away on a day: move the visits, offer other times, or leave them to staff."""
    actor = console.actor(email)
    done = withdraw_session(console.database, console.settings, clinician_code, read_day(day), reason, actor)
    words = f"{done.moved} visits were moved, for {done.offered} times are offered, {done.to_staff} are left to staff"
    say(done.as_json(), as_json, f"{words}. {done.told} people were sent a text.")


@click.group()
def slots() -> None:
    """The times people can be booked in."""


@slots.command("make")
@click.option("--until", metavar="DATE", help="The last day; twelve weeks ahead by default.")
@as_option
@json_option
@pass_console
def make_command(console: Console, until: str | None, email: str | None, as_json: bool) -> None:
    """Make the slots of all sessions that are not there yet."""
    last = None if until is None else read_day(until)
    made = make_slots(console.database, console.settings, last, console.actor(email))
    left_out = ", ".join(f"{count} {why.replace('-', ' ')}" for why, count in made.left_out.items())
    say(made.as_json(), as_json, f"{made.made} slots were made. Left out: {left_out}.")


@slots.command("release")
@json_option
@pass_console
def release_command(console: Console, as_json: bool) -> None:
    """Open held slots to everybody whose time has come."""
    released = release_held_slots(console.database, console.settings)
    say({"released": released}, as_json, f"{released} held slots are open to everybody now.")


@slots.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--practice", "practice_code", required=True, metavar="CODE")
@click.option("--dry-run", is_flag=True, help="Look at the file and store nothing.")
@as_option
@json_option
@pass_console
def import_command(
    console: Console, file: BinaryIO, practice_code: str, dry_run: bool, email: str | None, as_json: bool
) -> None:
    """Take in slots of the practice's own system (CSV, .xlsx, FHIR R4 JSON) that are kept free there for us."""
    content = file.read(LARGEST + 1)
    actor = console.actor(email)
    result = import_slots(console.database, console.settings, practice_code, content, actor, dry_run=dry_run)
    say(result.as_json(), as_json, _sentences(result, dry_run))


def _sentences(result: SlotsImported, dry_run: bool) -> str:
    end = NOTHING_STORED if dry_run else f"{result.stored:,} slots are new or changed."
    return result_in_words(result, end, result.notes)


@slots.command("list")
@click.option("--clinic", "clinic_code", required=True, metavar="CODE")
@click.option("--from", "begin", metavar="TIME", help="A day or a time; today by default.")
@click.option("--to", "end", metavar="TIME", help="A day, that day included, or a time.")
@json_option
@pass_console
def list_command(console: Console, clinic_code: str, begin: str | None, end: str | None, as_json: bool) -> None:
    """One slot a line, with what has become of it."""
    since = None if begin is None else read_from(begin)
    before = None if end is None else read_until(end)
    with console.database.read() as session:
        say_lines(list_slots(session, clinic_code, since, before), as_json, _SLOT_COLUMNS)
