"""Answers by number: 1 yes, 2 no, 0 stop, 9 another language, and the numbers of a list."""

from bot.replies.reply import LISTS, TWILIO_HELP, Reply, Verdict, doubt
from bot.replies.words import NUMBER_KEYS
from bot.replies.yes_no import has_doubt

_LANGUAGES_OFFERED = range(1, 100)
_SLOTS_OFFERED = range(1, 9)


def number(reply: Reply) -> Verdict | None:
    """A number that is the whole reply, or opens it and nothing after it takes it back."""
    numbers = [word for word in reply.words if word.isdecimal()]
    if not numbers:
        return _number_word(reply)
    rest = tuple(word for word in reply.core if not word.isdecimal())
    if len(numbers) > 1:
        return None if rest else doubt("several-numbers", numbers)
    if not rest:
        return _meaning_of_number(reply, numbers[0])
    return _number_before_words(reply, numbers[0], rest) if reply.words[0] == numbers[0] else None


def _number_before_words(reply: Reply, written: str, rest: tuple[str, ...]) -> Verdict | None:
    asked = _meaning_of_number(reply, written)
    meant = reply.meaning(rest, ("yes", "no"))
    if meant is not None:
        return asked if asked.intent == meant.key else doubt("number-against-word", reply.words)
    alone = [word for word in reply.clauses[0] if word not in TWILIO_HELP] == [written]
    return asked if alone and len(written) == 1 and not has_doubt(reply, rest) else None


def _number_word(reply: Reply) -> Verdict | None:
    meant = reply.meaning(reply.core, tuple(NUMBER_KEYS)) if reply.question else None
    if meant is None or reply.meaning(reply.core, ("yes", "no", "stop")) is not None:
        return None
    return _meaning_of_number(reply, str(NUMBER_KEYS[meant.key]))


def _meaning_of_number(reply: Reply, written: str) -> Verdict:
    chosen = int(written) if len(written) <= 2 else -1
    if written == "0":
        return Verdict("opt_out", "number", written, 1.0)
    if written == "9":
        return Verdict("language", "number", written, 1.0)
    if reply.question is None:
        return doubt("number-without-question", [written])
    if reply.question not in LISTS and chosen in (1, 2):
        return Verdict("yes" if chosen == 1 else "no", "number", written, 1.0)
    if _is_offered(reply, chosen):
        return Verdict("choice", "number", written, 1.0, chosen)
    return doubt("number-not-offered", [written])


def _is_offered(reply: Reply, chosen: int) -> bool:
    """9 and 0 never stand for a choice, however they are written."""
    if chosen in (0, 9):
        return False
    if reply.choices is not None:
        return chosen in reply.choices
    assumed = {"language": _LANGUAGES_OFFERED, "slots": _SLOTS_OFFERED}
    return chosen in assumed.get(reply.question or "", ())
