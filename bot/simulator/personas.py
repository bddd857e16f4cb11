"""How a handset answers by itself. Which one does what depends on its number alone, so that runs compare.

The shares follow what a first campaign of its kind saw: of a hundred texts, 25 to 40 people said yes.
"""

import hashlib
from enum import Enum

from bot.simulator.options import asks, is_about_a_visit
from bot.simulator.phrases import PHRASES, Phrases, guess_language

ANSWERS_AT_MOST = 3
"""In an hour, so that a handset and a service never talk to each other for ever."""


class Persona(Enum):
    """What the person behind a handset is like; the value is their share in a thousand."""

    YES_BY_NUMBER = ("yes by number", 270)
    YES_BY_WORD = ("yes by word", 50)
    NO = ("no", 120)
    STOP = ("stop", 40)
    URGENT = ("urgent", 10)
    OTHER_LANGUAGE = ("other language", 20)
    FREE_TEXT = ("free text", 30)
    SILENT = ("silent", 460)

    @property
    def share(self) -> int:
        """How many in a thousand are so."""
        return self.value[1]


_ABOUT_VISITS: dict[Persona, tuple[str, ...]] = {
    Persona.YES_BY_NUMBER: ("1", "1", "1"),
    Persona.YES_BY_WORD: ("1", "1", "1"),
    Persona.NO: ("2", "1", "1"),
    Persona.STOP: ("2", "2"),
    Persona.URGENT: (),
    Persona.OTHER_LANGUAGE: ("4", "1", "1"),
    Persona.FREE_TEXT: ("5",),
    Persona.SILENT: (),
}
"""What somebody says to texts about a visit: comes, cannot come and takes another time, gives it up, wants a call."""


def persona_of(number: str, seed: str) -> Persona:
    """The person behind a number: always the same for one seed."""
    place = _draw(number, seed, "persona") * 1000
    for persona in Persona:
        place -= persona.share
        if place < 0:
            return persona
    return Persona.SILENT


def answer_to(body: str, number: str, seed: str, answered: int) -> str | None:
    """What the handset says to this text after so many answers in the last hour; None when nothing.

    Only a text that offers a numbered choice is answered, so receipts and emergency texts are not.
    """
    if answered >= ANSWERS_AT_MOST or not asks(body):
        return None
    persona = persona_of(number, seed)
    script = _ABOUT_VISITS[persona] if is_about_a_visit(body) else _script(persona, PHRASES[guess_language(body)])
    return script[answered] if answered < len(script) else None


def _script(persona: Persona, says: Phrases) -> tuple[str, ...]:
    """What somebody says to an invitation and what follows it."""
    scripts = {
        Persona.YES_BY_NUMBER: ("1", "1", "1"),
        Persona.YES_BY_WORD: (says.yes, says.yes, "1"),
        Persona.NO: ("2",),
        Persona.STOP: (says.stop,),
        Persona.URGENT: (says.urgent,),
        Persona.OTHER_LANGUAGE: ("9", "2", "1"),
        Persona.FREE_TEXT: (says.free,),
        Persona.SILENT: (),
    }
    return scripts[persona]


def wait_before_answer(number: str, seed: str, answered: int, delay: tuple[float, float]) -> float:
    """Seconds the person takes to answer, within `delay`."""
    shortest, longest = delay
    return shortest + (longest - shortest) * _draw(number, seed, f"wait {answered}")


def _draw(number: str, seed: str, what: str) -> float:
    digest = hashlib.sha256(f"{seed}|{what}|{number}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
