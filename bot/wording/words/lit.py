"""Sentences as their readers see them: the words lit up in which something was found, and what follows from it."""

from typing import NamedTuple

from bot.understanding.lighting import Piece, light
from bot.understanding.reading import Reading, read_reply
from bot.understanding.sentences import Sentence
from bot.understanding.tables import sentences_of

_EACH_KIND = 4
LEVELS = {
    "red": "Danger",
    "amber": "For a person to look at",
    "fine": "Only sounds like danger",
    "ordinary": "An everyday reply",
}
_INTENTS = {
    "opt_out": "stops the texts",
    "opt_in": "starts the texts again",
    "yes": "a yes",
    "no": "a no",
    "choice": "a number to choose by",
    "book": "wants an appointment",
    "change": "wants another time",
    "cancel": "cancels an appointment",
    "call_me": "wants to be phoned",
    "wrong_number": "a wrong number",
    "language": "wants another language",
    "help": "asks who we are or what this is",
    "none": "no answer that a computer may act on",
}


class Lit(NamedTuple):
    """A sentence with its words lit up, what it is, and what it is found to be; `colour` is red, amber or none."""

    pieces: list[Piece]
    meant: str
    found: str
    colour: str


def examples_of(tag: str, lists: str, concept: str) -> list[Lit]:
    """Some sentences in which the concept is found: of danger, and others."""
    danger: list[Lit] = []
    others: list[Lit] = []
    for sentence in sentences_of(tag):
        kind = danger if sentence.level == "red" else others
        if len(kind) < _EACH_KIND and any(concept in one.concepts for one in light(sentence.text, tag, lists)):
            kind.append(lit_up(sentence.text, tag, lists, sentence, concept))
    return [*danger, *others]


def lit_up(text: str, tag: str, lists: str, sentence: Sentence | None = None, only: str | None = None) -> Lit:
    """A text in a language with what its words are found to be, and what it is found to be.

    :param sentence: the one that it is, which says what it should be.
    :param only: a concept, when others stay dark.
    """
    pieces = light(text, tag, lists)
    if only:
        pieces = [one._replace(concepts=tuple({only} & set(one.concepts))) for one in pieces]
    found, colour = _found(read_reply(text, tag))
    return Lit(pieces, LEVELS.get(sentence.level, "") if sentence else "", found, colour)


def _found(reading: Reading) -> tuple[str, str]:
    if reading.urgent == "red":
        return "Red: the emergency text goes at once, and whoever is on duty is told", "red"
    if reading.paged:
        return "Whoever is on duty is told at once, without the emergency text", "amber"
    if reading.urgent == "amber":
        return "A person looks at it before others", "amber"
    return f"No danger; {_INTENTS[reading.intent]}", "none"
