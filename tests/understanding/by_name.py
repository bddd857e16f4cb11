"""Read replies under a question given by its name, as `replies read` does."""

from collections.abc import Collection

from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import Reading, read_reply


def read_by_name(
    text: str, language: str | None = None, question: str | None = None, *, choices: Collection[int] | None = None
) -> Reading:
    """What a reply says to the question of that name."""
    return read_reply(text, language, QUESTIONS[question] if question else None, choices=choices)
