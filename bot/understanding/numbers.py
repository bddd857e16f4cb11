"""Answers by number: 1 yes, 2 no, 0 stop, 9 another language, and the numbers of a list."""

import re

from bot.understanding.language_names import tags_of_name
from bot.understanding.lexicon import NUMBER_KEYS, without
from bot.understanding.normalise import HAN
from bot.understanding.reply import INTENT_OF_KEY, TWILIO_HELP, Interpretation, Reply, doubt
from bot.understanding.stopping import all_about_messages, signs_off
from bot.understanding.word_lists import Words
from bot.understanding.yes_no import has_doubt

_ECHOED = ("yes", "want", "no", "stop", "language")
_LONGEST_ECHO = 5  # "1 = yes, help me": the line of the text sent back
_LINE_OF_OURS = re.compile(r"\s*\d\s*=\s*\S")
_OPTION = re.compile(r"(?<!\d)\d\s*=")


def number(reply: Reply) -> Interpretation | None:
    """A number that is the whole reply ("option 1" too), or stands beside words that do not take it back."""
    numbers = [word for word in reply.words if word.isdecimal()]
    if not numbers:
        return _number_word(reply)
    rest = tuple(word for word in without(reply.core, "number_label", None) if not word.isdecimal())
    if len(numbers) > 1:
        return _line_chosen(reply, numbers[0]) or (None if rest else doubt("several-numbers", numbers))
    if reply.question and reply.question.of_languages and tags_of_name(rest):
        return None  # a line of the menu sent back: the name says it
    if rest:
        return _line_chosen(reply, numbers[0]) or _number_beside_words(reply, numbers[0], rest)
    asked = _meaning_of_number(reply, numbers[0])
    return doubt("number-with-question", numbers) if reply.asks and asked.intent != "language" else asked


def _line_chosen(reply: Reply, written: str) -> Interpretation | None:
    """The choice of one line of a list of ours sent back, whatever it says: "2 = Thursday 3 December 2026, 2pm"."""
    if reply.asks or not _LINE_OF_OURS.match(reply.text) or len(_OPTION.findall(reply.text)) > 1:
        return None
    asked = _meaning_of_number(reply, written)
    return asked if asked.intent == "choice" else None


def _number_beside_words(reply: Reply, written: str, rest: Words) -> Interpretation | None:
    asked = _meaning_of_number(reply, written)
    first = reply.words[0] == written
    meant = reply.meaning(rest, _ECHOED) or (reply.opening(rest, _ECHOED) if first else None)
    if meant is not None and meant.words == rest:
        return asked if asked.intent == INTENT_OF_KEY[meant.key] else doubt("number-against-word", reply.words)
    if first and not reply.asks and _LINE_OF_OURS.match(reply.text):
        return asked  # whatever its words: "0 = no more texts" says "no", and what we wrote ourselves is no doubt
    if not first or len(written) > 1 or has_doubt(reply, rest):
        return None
    if meant is not None and asked.intent == INTENT_OF_KEY[meant.key] and _length(rest) <= _LONGEST_ECHO:
        return asked
    alone = [word for word in reply.clauses[0] if word not in TWILIO_HELP] == [written]
    if asked.intent == "opt_out" and signs_off(reply, without(rest, "polite", None)):  # "0 Thanks, Maria"
        return asked
    more = asked.intent == "opt_out" and not all_about_messages(rest) and not reply.bereaved
    return asked if alone and not more else None  # "0. The heating is off" stops nothing


def _length(words: Words) -> float:
    """How many words they are; a Han character is half of one."""
    return sum(0.5 if HAN.match(word) else 1 for word in words)


def _number_word(reply: Reply) -> Interpretation | None:
    meant = reply.meaning(reply.core, tuple(NUMBER_KEYS)) if reply.question else None
    if meant is None or tags_of_name(reply.core) or reply.meaning(reply.core, ("yes", "no", "stop")) is not None:
        return None
    return _meaning_of_number(reply, str(NUMBER_KEYS[meant.key]))


def _meaning_of_number(reply: Reply, written: str) -> Interpretation:
    chosen = int(written) if len(written) <= 2 else -1
    if written == "0":
        return Interpretation("opt_out", "number", written, 1.0)
    if written == "9":
        return Interpretation("language", "number", written, 1.0)
    if reply.question is None:
        return doubt("number-without-question", [written])
    if reply.question.yes_no and chosen in (1, 2):
        return Interpretation("yes" if chosen == 1 else "no", "number", written, 1.0)
    if reply.question.is_choice(chosen, reply.choices):
        return Interpretation("choice", "number", written, 1.0, chosen)
    return doubt("number-not-offered", [written])
