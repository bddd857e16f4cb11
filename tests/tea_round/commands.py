"""One command."""

import click

from bot.console import json_option, say


@click.command()
@json_option
def tea(as_json: bool) -> None:
    """Put the kettle on."""
    say({"kettle": "on"}, as_json, "The kettle is on.")
