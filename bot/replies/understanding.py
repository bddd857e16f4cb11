"""Understand a reply: what the person means, whether it cannot wait, and whether a person must look.

Pure: text in, reading out. The order is opt-out, urgent, the answer to the open question, a wish, a person; any doubt
goes to a person. Options are the same under every question: 1 yes, 2 no, 0 stop, 9 another language; lists of choices
start at 1. The single words Twilio itself acts on (STOP, CANCEL, END, ...) always opt out, because the number is then
blocked whatever the person meant (Twilio, Advanced Opt-Out).
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from bot.replies.normalise import THUMBS_DOWN, THUMBS_UP, asks_a_question, clauses, thumb
from bot.replies.scripts import language_by_letters, script_of
from bot.replies.urgent import Urgent, find_urgent
from bot.replies.words import (
    NUMBER_KEYS,
    Lexicon,
    Meaning,
    Words,
    by_common_words,
    languages_of,
    lexicon,
    looks_romanised,
    meaning,
    without,
)

Intent = Literal[
    "opt_out", "opt_in", "yes", "no", "choice", "book", "change", "cancel",
    "call_me", "wrong_number", "language", "help", "none",
]  # fmt: skip
QUESTIONS = ("invitation", "consent", "language", "slots", "pharmacy")

_TWILIO_OPT_OUT = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
_TWILIO_OPT_IN = frozenset({"start", "unstop"})
_TWILIO_HELP = frozenset({"help", "info"})
_LISTS = frozenset({"language", "slots"})
_WISHES: tuple[Intent, ...] = ("wrong_number", "language", "cancel", "change", "book", "call_me")
_INTENT_OF_KEY: dict[str, Intent] = {
    "yes": "yes", "want": "yes", "no": "no", "stop": "opt_out", "start": "opt_in", "help": "help", "book": "book",
    "change": "change", "cancel": "cancel", "call_me": "call_me", "wrong_number": "wrong_number",
    "language": "language",
}  # fmt: skip
_PERSON_ACTS = frozenset({"book", "change", "cancel", "call_me", "wrong_number", "none"})
_LONGEST_WISH = 14
_LONGEST_REFUSAL = 8


@dataclass(frozen=True)
class Reading:
    """What a reply says.

    `language` is the reply's as far as it is sure (for the intent `language`, the one asked for, when it is named);
    `script` is ISO 15924; `rule` names the step that decided and `matched` the plain words it decided by;
    `confidence` is 0 to 1; `to_person` says that a person on the staff must see it.
    """

    intent: Intent
    urgent: Literal["red", "amber"] | None
    choice: int | None
    language: str | None
    script: str | None
    romanised: bool
    rule: str
    matched: str
    confidence: float
    to_person: bool


@dataclass(frozen=True)
class _Verdict:
    intent: Intent
    rule: str
    matched: str = ""
    confidence: float = 0.0
    choice: int | None = None
    languages: frozenset[str] = frozenset()
    romanised: bool = False
    to_person: bool = False


@dataclass(frozen=True)
class _Reply:
    text: str
    recorded: str | None
    question: str | None
    choices: Collection[int] | None

    @cached_property
    def clauses(self) -> list[list[str]]:
        return [[lexicon().known_spelling(word) for word in clause] for clause in clauses(self.text)]

    @cached_property
    def own(self) -> frozenset[str]:
        return languages_of(self.recorded)

    @cached_property
    def heard(self) -> frozenset[str] | None:
        """Whose politeness counts: the person's and English, or everybody's while no language is recorded."""
        return self.own | {"en"} if self.own else None

    @cached_property
    def urgent(self) -> Urgent | None:
        return find_urgent(clauses(self.text), self.own)

    @cached_property
    def every_word(self) -> Words:
        return tuple(word for clause in self.clauses for word in clause)

    @cached_property
    def words(self) -> Words:
        """The words left to answer with, once the urgent ones are set aside."""
        used = self.urgent.used if self.urgent else frozenset()
        return tuple(word for place, word in enumerate(self.every_word) if place not in used)

    @cached_property
    def core(self) -> Words:
        """The words without greetings and thanks."""
        return _without_politeness(self.words, self.heard)

    def __hash__(self) -> int:
        return id(self)


def read_reply(
    text: str,
    language: str | None = None,
    question: str | None = None,
    *,
    choices: Collection[int] | None = None,
) -> Reading:
    """Understand one reply.

    `language` is the recorded tag of the person, `question` the question open on their phone (one of `QUESTIONS`) or
    None, `choices` the numbers that question offered when it was a list. Never raises, whatever the text.
    """
    reply = _Reply(text, language, question, choices)
    verdict = next((found for step in _STEPS if (found := step(reply)) is not None), None)
    return _reading(reply, verdict or _doubt("unclear"))


def _reading(reply: _Reply, verdict: _Verdict) -> Reading:
    urgent = reply.urgent
    if urgent is not None and verdict.intent == "none":
        verdict = _Verdict("none", "urgent", urgent.matched, 0.9, None, frozenset({urgent.language}), urgent.romanised)
    romanised = verdict.romanised or (
        verdict.languages <= {"en"} and (script_of(reply.text) == "Latn" and looks_romanised(reply.every_word))
    )
    return Reading(
        intent=verdict.intent,
        urgent="red" if urgent and urgent.level == "red" else "amber" if urgent else None,
        choice=verdict.choice,
        language=_language(reply, verdict),
        script=script_of(reply.text),
        romanised=romanised,
        rule=verdict.rule,
        matched=verdict.matched,
        confidence=verdict.confidence,
        to_person=verdict.to_person or urgent is not None or verdict.intent in _PERSON_ACTS,
    )


def _verdict(meant: Meaning, rule: str, share: float = 1.0) -> _Verdict:
    intent = _INTENT_OF_KEY.get(meant.key, "none")
    sure = round(meant.confidence * share, 2)
    return _Verdict(intent, rule, " ".join(meant.words), sure, None, meant.languages, meant.romanised)


def _doubt(rule: str, words: Iterable[str] = ()) -> _Verdict:
    return _Verdict("none", rule, " ".join(words), to_person=True)


# The steps, in the order they are asked.


def _nothing_to_read(reply: _Reply) -> _Verdict | None:
    lone = thumb(reply.text)
    if lone is not None and reply.question not in _LISTS:
        key: Intent = "yes" if lone == THUMBS_UP else "no"
        return _answered(reply, _Verdict(key, "thumb", lone, 0.9))
    return None if reply.clauses else _doubt("empty")


def _network_word(reply: _Reply) -> _Verdict | None:
    if len(reply.words) != 1:
        return None
    word = reply.words[0]
    if word in _TWILIO_OPT_OUT:
        return _Verdict("opt_out", "network-word", word, 1.0)
    if word in _TWILIO_OPT_IN:
        return _Verdict("opt_in", "network-word", word, 1.0)
    return _Verdict("help", "network-word", word, 1.0) if word in _TWILIO_HELP else None


def _number(reply: _Reply) -> _Verdict | None:
    numbers = [word for word in reply.words if word.isdecimal()]
    if not numbers:
        return _number_word(reply)
    rest = [word for word in reply.core if not word.isdecimal()]
    if len(numbers) == 1 and not rest:
        return _meaning_of_number(reply, numbers[0])
    if not rest:
        return _doubt("several-numbers", numbers)
    opening = [word for word in reply.clauses[0] if word not in _TWILIO_HELP]
    meant = _meaning(reply, tuple(rest), ("yes", "no"))
    if len(numbers) == 1 and reply.words[0] == numbers[0]:
        asked = _meaning_of_number(reply, numbers[0])
        if meant is not None:
            return asked if asked.intent == meant.key else _doubt("number-against-word", reply.words)
        if opening == numbers and not _has_doubt(reply, tuple(rest)) and len(numbers[0]) == 1:
            return asked
    return None


def _number_word(reply: _Reply) -> _Verdict | None:
    meant = _meaning(reply, reply.core, tuple(NUMBER_KEYS)) if reply.question and reply.own | {"en"} else None
    if meant is None or _meaning(reply, reply.core, ("yes", "no", "stop")) is not None:
        return None
    return _meaning_of_number(reply, str(NUMBER_KEYS[meant.key]))


def _meaning_of_number(reply: _Reply, written: str) -> _Verdict:
    number = int(written) if len(written) <= 2 else -1
    if written == "0":
        return _Verdict("opt_out", "number", written, 1.0)
    if written == "9":
        return _Verdict("language", "number", written, 1.0)
    if reply.question is None:
        return _doubt("number-without-question", [written])
    if reply.question in _LISTS:
        offered = number in (range(1, 9) if reply.choices is None else reply.choices)
    else:
        offered = reply.choices is not None and number in reply.choices
        if number in (1, 2):
            return _Verdict("yes" if number == 1 else "no", "number", written, 1.0)
    return _Verdict("choice", "number", written, 1.0, number) if offered else _doubt("number-not-offered", [written])


def _doubtful_word(reply: _Reply) -> _Verdict | None:
    doubtful = any(lexicon().has(words, "doubtful", reply.own) for words in (reply.words, reply.core) if reply.own)
    return _doubt("word-of-two-meanings", reply.words) if doubtful else None


def _stop(reply: _Reply) -> _Verdict | None:
    whole = _meaning(reply, reply.words) or _meaning(reply, reply.core)
    if whole is not None:
        return _verdict(whole, _rule(reply, whole, "stop-word")) if whole.key == "stop" else None
    words = _without_politeness(reply.words, None)
    head = _longest(reply, words, ("stop",), at_start=True)
    if head is None or reply.urgent or asks_a_question(reply.text):
        return _doubt("stop-in-sentence", head.words) if head is not None and not reply.urgent else None
    rest = words[len(head.words) :]
    if _all_about_messages(rest) or (head.words[0] in _TWILIO_OPT_OUT and _refuses(reply, rest)):
        return _verdict(head, "stop-opens-sentence", 0.9)
    return _doubt("stop-in-sentence", head.words)


def _stop_at_end(reply: _Reply) -> _Verdict | None:
    """A short "mujhe msg mat bhejo": nothing but messages and a stop phrase, wherever it stands."""
    for start in range(1, min(len(reply.core), 6)):
        tail = _longest(reply, reply.core[start:], ("stop",), at_start=True)
        around = reply.core[:start] + reply.core[start + len(tail.words) :] if tail else ()
        if tail is not None and _all_about_messages(around) and not asks_a_question(reply.text):
            return _verdict(tail, "stop-in-short-reply", 0.85)
    return None


def _language_named(reply: _Reply) -> _Verdict | None:
    lists = lexicon()
    for words in (reply.words, reply.core, without(reply.core, "language_around", None)):
        tag = lists.language_names.get(words)
        if tag is not None and not lists.entries(words, "yes"):
            return _Verdict("language", "language-named", " ".join(words), 0.95, None, frozenset({tag}))
    return None


def _whole_answer(reply: _Reply) -> _Verdict | None:
    meant = _meaning(reply, reply.words) or _meaning(reply, reply.core) or _repeated(reply)
    if meant is None or meant.key not in _INTENT_OF_KEY:
        return _agreeing(reply, meant)
    if meant.key not in ("yes", "want", "no"):
        return _verdict(meant, _rule(reply, meant, "wish"))
    if asks_a_question(reply.text):
        return _doubt("answer-with-question", meant.words)
    if meant.key != "no" and THUMBS_DOWN in reply.text:
        return _doubt("answer-against-thumb", meant.words)
    return _answered(reply, _verdict(meant, _rule(reply, meant, meant.key)))


def _agreeing(reply: _Reply, meant: Meaning | None) -> _Verdict | None:
    """A bare "ok" accepts an invitation; it is too little for a consent, and may be mere thanks elsewhere."""
    if meant is None or meant.key != "ok":
        return None
    if reply.question not in ("invitation", "pharmacy") or reply.words != meant.words or asks_a_question(reply.text):
        return _doubt("ok-is-not-an-answer", meant.words)
    return _Verdict("yes", "ok", " ".join(meant.words), 0.7, None, meant.languages, meant.romanised)


def _opened_answer(reply: _Reply) -> _Verdict | None:
    words = without(reply.core, "ok", reply.heard) or reply.core
    head = _longest(reply, words, ("yes", "no"), at_start=True)
    if head is None:
        return None
    rest = words[len(head.words) :]
    if _has_doubt(reply, rest):
        return _doubt(f"{head.key}-with-doubt", head.words)
    if head.key == "no" and not _plain_refusal(reply, head, rest):
        return _doubt("no-in-sentence", head.words)
    return _answered(reply, _verdict(head, f"{head.key}-opens-sentence", 0.85))


def _wish(reply: _Reply) -> _Verdict | None:
    if len(reply.words) > _LONGEST_WISH:
        return None
    found: dict[str, Meaning] = {}
    for start in range(len(reply.words)):
        meant = _longest(reply, reply.words[start:], _WISHES, at_start=True)
        alone = meant is not None and len(meant.words) == 1 and len(reply.core) > 3
        if meant is not None and not alone and not _denied(reply, start, meant):
            found.setdefault(meant.key, meant)
    if set(found) == {"call_me", "book"} or "wrong_number" in found or "language" in found:
        found = {key: found[key] for key in _WISHES if key in found and key != "book"}
        found = dict([next(iter(found.items()))])
    elif len(found) == 2 and "book" in found:  # "change my appointment" names what it changes
        found.pop("book")
    if len(found) > 1:
        return _doubt("several-wishes", found)
    return next((_verdict(meant, "wish-in-sentence", 0.85) for meant in found.values()), None)


_STEPS: tuple[Callable[[_Reply], _Verdict | None], ...] = (
    _nothing_to_read,
    _network_word,
    _doubtful_word,
    _stop,
    _number,
    _language_named,
    _whole_answer,
    _stop_at_end,
    _opened_answer,
    _wish,
)


# What words mean to this person.


def _meaning(reply: _Reply, words: Words, keys: tuple[str, ...] | None = None) -> Meaning | None:
    return meaning(words, reply.own, keys, numbers=reply.question is not None)


def _longest(reply: _Reply, words: Words, keys: tuple[str, ...], *, at_start: bool) -> Meaning | None:
    for length in range(min(len(words), lexicon().longest), 0, -1):
        meant = _meaning(reply, words[:length], keys)
        if meant is not None:
            return meant
    return None


def _repeated(reply: _Reply) -> Meaning | None:
    """Several phrases that all say the same: "yes yes", "ok haan", "no, I don't need help"."""
    words = without(reply.core, "ok", reply.heard)
    return next((head for key in ("yes", "no") if (head := _all_say(reply, words, key)) is not None), None)


def _all_say(reply: _Reply, words: Words, key: str) -> Meaning | None:
    """The first phrase, when the words fall wholly into phrases of this key."""
    for length in range(min(len(words), lexicon().longest), 0, -1):
        head = _meaning(reply, words[:length], ("yes", "no"))
        if head is None or head.key != key:
            continue
        if length == len(words) or _all_say(reply, words[length:], key) is not None:
            return head
    return None


def _rule(reply: _Reply, meant: Meaning, what: str) -> str:
    if meant.languages & reply.own:
        return f"{what}-romanised" if meant.romanised else f"{what}-own-language"
    return f"{what}-english" if "en" in meant.languages else f"{what}-other-language"


def _answered(reply: _Reply, verdict: _Verdict) -> _Verdict:
    """A yes or no where none was asked, or to a list of several, is understood but a person must see it."""
    several = reply.question == "slots" or (reply.question == "language" and len(reply.choices or (1, 2)) > 1)
    unasked = reply.question is None or (several and verdict.intent == "yes")
    return _Verdict(**{**vars(verdict), "to_person": verdict.to_person or unasked})


# What stands around an answer.


def _without_politeness(words: Words, languages: frozenset[str] | None) -> Words:
    return without(words, "polite", languages)


def _all_about_messages(words: Words) -> bool:
    lists: Lexicon = lexicon()
    return all(lists.has((word,), "stop_tail") or lists.has((word,), "polite") for word in words)


def _refuses(reply: _Reply, words: Words) -> bool:
    """Whether the words after a STOP refuse too ("STOP nie chce tego"), in at most a short sentence."""
    heads = (_longest(reply, words[start:], ("stop", "no"), at_start=True) for start in range(len(words)))
    return len(words) <= _LONGEST_REFUSAL and any(head is not None for head in heads)


def _has_doubt(reply: _Reply, rest: Words) -> bool:
    """A question, a "but", a "not" or a second answer after the first."""
    if asks_a_question(reply.text):
        return True
    languages = reply.own | {"en"}
    spans = [rest[i : i + n] for n in (1, 2, 3) for i in range(len(rest) - n + 1)]
    contrast = not reply.urgent and any(lexicon().marked(span, "contrast", languages) for span in spans)
    return contrast or any(_meaning(reply, span, ("no", "stop")) is not None for span in spans if span != ("na",))


def _plain_refusal(reply: _Reply, head: Meaning, rest: Words) -> bool:
    """A "no" set off by punctuation from a short rest that asks for nothing; "no heating" is not a refusal."""
    clause = _without_politeness(tuple(reply.clauses[0]), reply.heard)
    wants = any(_longest(reply, rest[i:], (*_WISHES, "yes"), at_start=True) for i in range(len(rest)))
    return clause == head.words and len(rest) <= _LONGEST_REFUSAL and not wants


def _denied(reply: _Reply, start: int, meant: Meaning) -> bool:
    end = start + len(meant.words)
    beside = (reply.words[max(start - 1, 0) : start], reply.words[end : end + 1])
    return any(span and lexicon().marked(span, "contrast", reply.own | {"en"}) for span in beside)


# Which language the reply is in.


def _language(reply: _Reply, verdict: _Verdict) -> str | None:
    if verdict.rule == "language-named":
        return next(iter(verdict.languages))
    by_letters = language_by_letters(reply.text, reply.recorded)
    if by_letters is not None:
        return by_letters
    own = sorted(verdict.languages & reply.own)
    if own and not set(verdict.matched.split()) <= _TWILIO_OPT_OUT:
        return reply.recorded if reply.recorded in own else own[0]
    by_words = by_common_words(reply.every_word, reply.own)
    if by_words is not None:
        return by_words
    sure = len(verdict.languages) == 1 and verdict.rule not in ("network-word", "number")
    return next(iter(verdict.languages)) if sure else None
