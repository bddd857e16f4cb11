"""`sites`, `clinicians`, `clinics` and `closures`: what is said once before anybody can be booked."""

import click

from bot.appointments.calendars.feed_commands import clinicians_feed_command
from bot.appointments.timetable.clinics import (
    ClinicRules,
    add_clinic,
    add_clinician,
    add_closure,
    add_site,
    remove_clinic,
    set_travel,
)
from bot.appointments.written_times import read_day
from bot.console import Console, as_option, json_option, pass_console, say
from bot.refusals import Refused
from bot.tables.appointments import ClinicPurpose

practice_option = click.option("--practice", "practice_code", required=True, metavar="CODE", help="Whose it is.")


@click.group()
def sites() -> None:
    """Places where people are seen."""


@sites.command("add")
@click.argument("code")
@practice_option
@click.option("--name", required=True, help="As people know it.")
@click.option("--address", required=True, help="As texts give it.")
@as_option
@json_option
@pass_console
def add_site_command(
    console: Console, code: str, practice_code: str, name: str, address: str, email: str | None, as_json: bool
) -> None:
    """Add a site, or change its name and address."""
    site = add_site(console.database, code, practice_code, name, address, console.actor(email))
    say({"code": site.code}, as_json, f"{site.name} is there as {site.code}.")


@sites.command("travel")
@click.argument("one")
@click.argument("other")
@click.argument("minutes", type=int)
@as_option
@json_option
@pass_console
def travel_command(console: Console, one: str, other: str, minutes: int, email: str | None, as_json: bool) -> None:
    """Say how many minutes it takes from one site to another, and back."""
    set_travel(console.database, one, other, minutes, console.actor(email))
    said = {"code": one, "to": other, "minutes": minutes}
    say(said, as_json, f"Between {one} and {other} it takes {minutes} minutes.")


@click.group()
def clinicians() -> None:
    """Clinicians of a practice."""


clinicians.add_command(clinicians_feed_command)


@clinicians.command("add")
@click.argument("code")
@practice_option
@click.option("--name", required=True)
@click.option("--sex", required=True, metavar="F|M|X", help="What a text says of them, and people may ask for.")
@as_option
@json_option
@pass_console
def add_clinician_command(
    console: Console, code: str, practice_code: str, name: str, sex: str, email: str | None, as_json: bool
) -> None:
    """Add a clinician, or change their name and sex."""
    clinician = add_clinician(console.database, code, practice_code, name, sex, console.actor(email))
    say({"code": clinician.code}, as_json, f"{clinician.name} is there as {clinician.code}.")


@click.group()
def clinics() -> None:
    """What is offered at a site, and by which rules."""


@clinics.command("add")
@click.argument("code")
@practice_option
@click.option("--site", "site_code", required=True, metavar="CODE")
@click.option("--purpose", required=True, metavar="|".join(ClinicPurpose))
@click.option("--slot-minutes", required=True, type=int, metavar="N", help="A multiple of 5.")
@click.option("--women-only", is_flag=True)
@click.option("--held", default="0", metavar="N|all", help="Slots of each session kept for interpreted visits.")
@click.option("--held-language", metavar="TAG", help="They are kept for this language alone.")
@click.option("--release-days", default=2, metavar="N", help="Working days before, at 8:00, they open to everybody.")
@click.option("--notice", default=0, metavar="HOURS", help="How long before its start a time can be booked.")
@click.option("--places", type=int, metavar="N", help="How many an event takes.")
@click.option("--bank-holidays", is_flag=True, help="It is open on them.")
@as_option
@json_option
@pass_console
def add_clinic_command(
    console: Console,
    code: str,
    practice_code: str,
    site_code: str,
    purpose: str,
    slot_minutes: int,
    women_only: bool,
    held: str,
    held_language: str | None,
    release_days: int,
    notice: int,
    places: int | None,
    bank_holidays: bool,
    email: str | None,
    as_json: bool,
) -> None:
    """Add a clinic, or change its rules; free slots follow them at once."""
    rules = ClinicRules(
        slot_minutes=slot_minutes,
        purpose=purpose.strip().lower(),
        women_only=women_only,
        held=_read_held(held),
        held_language=held_language,
        release_days=release_days,
        notice_hours=notice,
        places=places,
        bank_holidays=bank_holidays,
    )
    clinic = add_clinic(console.database, code, practice_code, site_code, rules, console.actor(email))
    say({"code": clinic.code}, as_json, f"The clinic {clinic.code} is there.")


def _read_held(written: str) -> int | None:
    """How many slots of each session are held; None for all."""
    word = written.strip().lower()
    if word == "all":
        return None
    if not (word.isascii() and word.isdigit() and len(word) <= 4):
        raise Refused("bad-clinic", f"{written} is no number of slots. Give a number, or the word all.")
    return int(word)


@clinics.command("remove")
@click.argument("code")
@as_option
@json_option
@pass_console
def remove_clinic_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """Take away a clinic that nobody was ever booked in."""
    remove_clinic(console.database, code, console.actor(email))
    say({"code": code}, as_json, f"The clinic {code} is gone.")


@click.group()
def closures() -> None:
    """Days on which a site is closed."""


@closures.command("add")
@click.option("--site", "site_code", required=True, metavar="CODE")
@click.option("--from", "first", required=True, metavar="DATE", help="The first day.")
@click.option("--to", "last", required=True, metavar="DATE", help="The last day.")
@as_option
@json_option
@pass_console
def add_closure_command(
    console: Console, site_code: str, first: str, last: str, email: str | None, as_json: bool
) -> None:
    """Close a site; its free slots are withdrawn, and visits on those days are to be moved."""
    days = read_day(first), read_day(last)
    fitted = add_closure(console.database, site_code, *days, console.actor(email))
    answer = {"code": site_code, "withdrawn": fitted.withdrawn, "to_move": fitted.to_move}
    sentence = f"{site_code} is closed from {days[0]} to {days[1]}: {fitted.withdrawn} slots were withdrawn."
    say(answer, as_json, f"{sentence} {fitted.to_move} visits are to be moved.")
