"""The command `replies read`: understand replies given as arguments or as lines of JSON."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from bot.attention.reasons import concepts_in_words
from bot.messaging.questions import known_questions
from bot.texts.languages import LANGUAGES
from bot.understanding.questions import QUESTIONS, QuestionKind
from bot.understanding.reading import Reading, read_reply

_UNSAID = frozenset(["bereaved", "by_another", "doubtful", "likely", "may_cancel", "named"])
"""What a reading knows for those who act on it; `rule` and `to_person` tell a reader as much."""
_INTENTS_IN_WORDS = {
    "opt_out": "They want no more texts.",
    "opt_in": "They want texts again.",
    "yes": "They say yes.",
    "no": "They say no.",
    "choice": "They choose number {choice}.",
    "book": "They want an appointment.",
    "change": "They want to change an appointment.",
    "cancel": "They want to cancel an appointment.",
    "call_me": "They want a phone call.",
    "wrong_number": "They say this is the wrong number.",
    "language": "They want another language.",
    "help": "They ask what this is.",
    "none": "We are not sure what they mean.",
}


@click.group("replies")
def replies() -> None:
    """Understand replies in any language."""


@replies.command("read")
@click.option("--language", metavar="TAG", help="The person's recorded language, as a BCP 47 tag.")
@click.option("--question", metavar="NAME", help=f"The open question: {', '.join(QUESTIONS)}.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@click.argument("text", required=False)
def read(language: str | None, question: str | None, as_json: bool, text: str | None) -> None:
    """Say what TEXT means. Without TEXT, read one JSON object a line and answer each with one line."""
    wrong = _wrong_context(language, question)
    if wrong is not None:
        raise click.UsageError(wrong)
    if text is None:
        sys.exit(_answer_lines(language, question))
    reading = _read(text, language, question)
    click.echo(_as_json(reading) if as_json else _in_words(reading))


def _answer_lines(language: str | None, question: str | None) -> int:
    """Answer every line of standard input, at once; return 1 when a line was refused, else 0."""
    status = 0
    for line in sys.stdin.buffer:
        try:
            answer = _answer_line(line, language, question)
        except ValueError as refusal:
            status = 1
            answer = json.dumps({"refused": "bad-line", "message": str(refusal)}, ensure_ascii=False)
        click.echo(answer)
        sys.stdout.flush()
    return status


def _answer_line(line: bytes, language: str | None, question: str | None) -> str:
    """Answer one line; raise ValueError with a sentence for its sender when it cannot be read."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("This line is not JSON. Send one JSON object a line.") from None
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        raise ValueError('This line has no text. Send {"text": "..."}, with "language" and "question" if known.')
    context = {"language": language, "question": question, **_context(given)}
    wrong = _wrong_context(context["language"], context["question"])
    if wrong is not None:
        raise ValueError(wrong)
    return _as_json(_read(given["text"], context["language"], context["question"]))


def _context(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in ("language", "question") if given.get(name) is not None}


def _wrong_context(language: object, question: object) -> str | None:
    if language is not None and (not isinstance(language, str) or language not in LANGUAGES):
        return f"We do not know the language {language!r}. Give a tag such as ur, pa-Guru or pl."
    if question is not None and (not isinstance(question, str) or question not in _question_kinds()):
        return f"There is no question {question!r}. The questions are {', '.join(_question_kinds())}."
    return None


def _read(text: str, language: str | None, question: str | None) -> Reading:
    return read_reply(text, language, _question_kinds()[question] if question else None).or_likely()


def _question_kinds() -> Mapping[str, QuestionKind]:
    return {**QUESTIONS, **{name: question.means for name, question in known_questions().items()}}


def _as_json(reading: Reading) -> str:
    shown = {name: value for name, value in asdict(reading).items() if name not in _UNSAID}
    return json.dumps(shown, ensure_ascii=False)


def _in_words(reading: Reading) -> str:
    sentences = [_INTENTS_IN_WORDS[reading.intent].format(choice=reading.choice)]
    if reading.urgent == "red":
        sentences.insert(0, "Urgent: this may be an emergency.")
    elif reading.paged:
        sentences.insert(0, "Urgent: a person must look at this now.")
    elif reading.urgent == "amber":
        sentences.insert(0, "Urgent: a person should look at this soon.")
    if reading.concepts:
        sentences.append(f"Found: {concepts_in_words(reading.concepts)}.")
    if reading.language is not None:
        sentences.append(f"Language: {LANGUAGES[reading.language].english}.")
    if reading.to_person:
        sentences.append("A person must see it.")
    return " ".join(sentences)
