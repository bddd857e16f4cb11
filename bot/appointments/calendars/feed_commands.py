"""`interpreters feed` and `clinicians feed`: a calendar's secret address, told once."""

import click

from bot.appointments.calendars.feeds import make_clinicians_feed, make_interpreters_feed
from bot.console import Console, as_option, json_option, pass_console, say

_ONCE = "It is shown this once; an address there was before leads nowhere now. Add it to a calendar as a subscription:"


@click.command("feed")
@click.argument("code", metavar="CODE")
@as_option
@json_option
@pass_console
def interpreters_feed_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """A new address for an interpreter's calendar."""
    url = make_interpreters_feed(console.database, console.settings, code, console.actor(email))
    say({"url": url}, as_json, f"{_ONCE}\n{url}")


@click.command("feed")
@click.argument("code", metavar="CODE")
@as_option
@json_option
@pass_console
def clinicians_feed_command(console: Console, code: str, email: str | None, as_json: bool) -> None:
    """A new address for a clinician's calendar."""
    url = make_clinicians_feed(console.database, console.settings, code, console.actor(email))
    say({"url": url}, as_json, f"{_ONCE}\n{url}")
