"""`languages identify`: which language a text is in, given as an argument or as lines of JSON."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

import click

from bot.console import json_option
from bot.texts.languages import LANGUAGES
from bot.understanding.language_id import Identified, identify


@click.command("identify")
@click.option("--language", metavar="TAG", help="The language recorded for whoever wrote it: a hint.")
@json_option
@click.argument("text", required=False)
def identify_command(language: str | None, as_json: bool, text: str | None) -> None:
    """Say which language TEXT is in. Without TEXT, read one JSON line a text and answer each with one line."""
    wrong = _wrong_tag(language)
    if wrong is not None:
        raise click.UsageError(wrong)
    if text is None:
        sys.exit(_answer_lines(language))
    found = identify(text, language)
    click.echo(_as_json(found) if as_json else _in_words(found))


def _answer_lines(language: str | None) -> int:
    """Answer every line of standard input, at once; 1 when a line was refused, else 0."""
    status = 0
    for line in sys.stdin.buffer:
        try:
            answer = _as_json(identify(*_read_line(line, language)))
        except ValueError as refusal:
            status = 1
            answer = json.dumps({"refused": "bad-line", "message": str(refusal)}, ensure_ascii=False)
        click.echo(answer)
        sys.stdout.flush()
    return status


def _read_line(line: bytes, language: str | None) -> tuple[str, str | None]:
    """The text of a line and the language recorded for whoever wrote it.

    :raises ValueError: with a sentence for its sender.
    """
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("This line is not JSON. Send one JSON string or object a line.") from None
    told = {"text": given} if isinstance(given, str) else given
    if not isinstance(told, Mapping) or not isinstance(told.get("text"), str):
        raise ValueError('This line has no text. Send "..." or {"text": "..."}, with "language" if one is recorded.')
    recorded = language if told.get("language") is None else told["language"]
    wrong = _wrong_tag(recorded)
    if wrong is not None:
        raise ValueError(wrong)
    return told["text"], recorded


def _wrong_tag(language: object) -> str | None:
    if language is None or (isinstance(language, str) and language in LANGUAGES):
        return None
    return f"We do not know the language {language!r}. Give a tag such as ur, pa-Guru or pl."


def _as_json(found: Identified) -> str:
    return json.dumps(asdict(found), ensure_ascii=False)


def _in_words(found: Identified) -> str:
    if found.language is None:
        return "We are not sure which language this is."
    return f"{LANGUAGES[found.language].english}, {found.confidence:.0%} sure."
