"""`python -m bot …`: every command, each imported only when it is run."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from bot import capabilities
from bot.capability import Command, imported, use
from bot.private_files import make_private_from_now_on


class Commands(click.Group):
    """Commands by name and help text; importing Twilio to count the parts of a text would be a waste."""

    @property
    def known(self) -> Mapping[str, Command]:
        """The commands of the roof and of every capability."""
        return {command.name: command for command in capabilities.PROCESSES} | dict(
            use(capabilities.CAPABILITIES).commands
        )

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(name for name in self.known if " " not in name)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(context):
            return None
        command: click.Command = imported(self.known[name].runs)
        if isinstance(command, click.Group):
            for other in self.known.values():
                group, _, own = other.name.partition(" ")
                if own and group == name:
                    command.add_command(imported(other.runs), own)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.known[name].help) for name in self.list_commands(context)])


@click.command(cls=Commands)
def bot() -> None:
    """Easy to Reach: people use the NHS by plain text message, in their own language."""


def main() -> None:
    """The entry of `python -m bot`."""
    make_private_from_now_on()
    if len(sys.argv) < 2 or sys.argv[1] == "--help":
        bot(prog_name="python -m bot")
    # What only says which commands there are need not know of settings and databases.
    from bot.console import Console, run

    run(bot, Console(_start_clock))


def _start_clock(*at_hand: Any) -> Any:
    from jobs.clock import start_clock

    return start_clock(*at_hand)
