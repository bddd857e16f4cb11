"""What a text is read for, and what it then says.

A reply is read before the transaction that acts on it, so that nobody waits for the reading. What it was read for is
looked at again inside: when that has changed, so may what the reply says.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.messaging.questions import known_questions
from bot.patients.phone_safety import one_language
from bot.understanding.reading import Reading, read_reply


@dataclass(frozen=True)
class ReadFor:
    """The people of the phone with the one language recorded for them, and the question that is open: its id and kind.

    `choices` are the numbers the question offers at that moment, where not every number of its kind counts.
    """

    people: tuple[int | None, ...]
    language: str | None
    question: tuple[int | None, str] | None
    choices: frozenset[int] | None

    @classmethod
    def of(cls, people: Iterable[tuple[int | None, str | None]], question: tuple[int | None, str] | None) -> "ReadFor":
        """People are given by id and recorded language."""
        known = tuple(people)
        offers = known_questions()[question[1]].offers if question else None
        return cls(
            people=tuple(person for person, _ in known),
            language=one_language(language for _, language in known),
            question=question,
            choices=frozenset(offers()) if offers else None,
        )


@dataclass(frozen=True)
class Heard:
    """What a text says to whom it was read for."""

    read_for: ReadFor
    reading: Reading


def hear(body: str, read_for: ReadFor) -> Heard:
    """Read a text."""
    question = known_questions()[read_for.question[1]].means if read_for.question else None
    return Heard(read_for, read_reply(body, read_for.language, question, choices=read_for.choices))
