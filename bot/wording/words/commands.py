"""`languages words`: what readers changed in the lists, for whoever makes a release."""

from typing import Any

import click

from bot.console import Console, json_option, pass_console, say_lines
from bot.refusals import Refused
from bot.tables.wording import WordProposal
from bot.texts.languages import LANGUAGES
from bot.wording.words.standing import words_for_a_release

_COLUMNS = ("language", "list", "concept", "change", "word", "why")


@click.command("words")
@click.option("--language", "tag", metavar="TAG", help="Such as ur or pa-Guru; all without it.")
@json_option
@pass_console
def words_command(console: Console, tag: str | None, as_json: bool) -> None:
    """List the words that readers added and the files lack, and those that readers ask to have taken away."""
    if tag is not None and tag not in LANGUAGES:
        raise Refused("unknown-language", f"There is no language {tag}. See: languages list")
    with console.database.read() as session:
        lines = [_line(proposal) for proposal in words_for_a_release(session, tag)]
    say_lines(lines, as_json, _COLUMNS)


def _line(proposal: WordProposal) -> dict[str, Any]:
    since = proposal.decided_at or proposal.proposed_at
    return {
        "language": proposal.language,
        "list": proposal.lists,
        "concept": proposal.concept,
        "change": proposal.change,
        "word": proposal.entry,
        "why": proposal.why,
        "since": since.isoformat(),
    }
