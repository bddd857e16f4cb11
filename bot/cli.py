"""`python -m bot …`: every command, each loaded only when it is asked for."""

import importlib
from typing import Any

import click

from bot.console import Console, run
from bot.database import Database

COMMANDS = {
    "serve": "bot.processes:serve",
    "web": "bot.processes:web",
    "worker": "bot.processes:worker",
    "simulator": "bot.processes:simulator",
    "clock": "jobs.clock:clock",
    "migrate": "bot.processes:migrate_command",
    "demo": "bot.demo:demo",
    "practices": "bot.organisations.commands:practices",
    "patients": "bot.lists.commands:patients",
    "partners": "bot.partners.commands:partners",
    "referrals": "bot.partners.referral_commands:referrals",
    "users": "bot.accounts.commands:users",
    "criteria": "bot.campaigns.commands:criteria",
    "campaign": "bot.campaigns.commands:campaign",
    "messages": "bot.messaging.commands:messages",
    "texts": "bot.wording.commands:texts",
    "replies": "bot.conversations.commands:replies",
    "audit": "bot.operations.audit_check:audit",
    "backup": "bot.operations.backup_commands:backup",
    "restore": "bot.operations.backup_commands:restore_command",
}


class Commands(click.Group):
    """Commands by name; importing Twilio to count the parts of a text would be a waste."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.command(cls=Commands)
def bot() -> None:
    """Easy to Reach: people use the NHS by plain text message, in their own language."""


def main() -> None:
    """The entry of `python -m bot`."""
    run(bot, Console(_start_clock))


def _start_clock(db: Database) -> Any:
    from jobs.clock import start_clock

    return start_clock(db)
