"""One reply on its way to being understood: its words, what they mean to this person, and how it is taken."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal

from bot.understanding.intents import BIT
from bot.understanding.language_names import NamesFound, find_names
from bot.understanding.lexicon import (
    Meaning,
    first_words,
    languages_of,
    lexicon,
    longest_by_first,
    marked_within,
    meaning,
    without,
)
from bot.understanding.normalise import as_written, asks_a_question, clauses, normalise, sentence_ends
from bot.understanding.questions import QuestionKind
from bot.understanding.signature import without_signature
from bot.understanding.urgent import Found, Urgent, find_every_urgent, find_phrases, find_urgent, tells_of_a_death
from bot.understanding.word_lists import Words, bits_by_tag

Intent = Literal[
    "opt_out", "opt_in", "yes", "no", "choice", "book", "change", "cancel",
    "call_me", "wrong_number", "language", "help", "none",
]  # fmt: skip
INTENT_OF_KEY: dict[str, Intent] = {
    "yes": "yes", "want": "yes", "no": "no", "stop": "opt_out", "start": "opt_in", "help": "help", "who": "help",
    "book": "book",
    "change": "change", "cancel": "cancel", "call_me": "call_me", "wrong_number": "wrong_number",
    "language": "language",
}  # fmt: skip
WISHES: tuple[Intent, ...] = ("wrong_number", "language", "cancel", "change", "book", "call_me")
_ENOUGH_KNOWN = 1 / 3
_SHORTEST_NAME = 2
_LONGEST_MARKER = 3
_LAUGHING = frozenset("😂🤣😆😅😄😁😜😝🙃")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

TWILIO_OPT_OUT = frozenset(["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"])
TWILIO_OPT_IN = frozenset({"start", "unstop"})
TWILIO_HELP = frozenset({"help", "info"})


@dataclass(frozen=True)
class Interpretation:
    """What one step makes of a reply; `languages` are those whose words decided."""

    intent: Intent
    rule: str
    matched: str = ""
    confidence: float = 0.0
    choice: int | None = None
    languages: frozenset[str] = frozenset()
    romanised: bool = False
    to_person: bool = False


@dataclass(frozen=True, eq=False)
class Reply:
    """A reply with the person's recorded language and the question that is open, as `read_reply` was given them.

    `only_stops`: all of it is known to say that no more messages are wanted, so no word of it is danger.
    """

    text: str
    recorded: str | None
    question: QuestionKind | None
    choices: Collection[int] | None
    only_stops: bool = False

    @cached_property
    def _unsigned(self) -> str:
        return without_signature(self.text, self.own)

    @cached_property
    def _written(self) -> list[list[str]]:
        return clauses(self._unsigned)

    @cached_property
    def small(self) -> str:
        """The text in small letters with its accents."""
        return as_written(self.text)

    @cached_property
    def clauses(self) -> list[list[str]]:
        """The plain words of each clause, doubled letters as the lists spell them; a word spelt out is one word."""
        written = self._written
        letters = [word for clause in written for word in clause]
        if len(letters) > 1 and all(len(word) == 1 and word.isascii() and word.isalpha() for word in letters):
            written = [["".join(letters)]]  # "S.T.O.P"
        return [[lexicon().known_spelling(word, self.polite_languages) for word in clause] for clause in written]

    @cached_property
    def own(self) -> frozenset[str]:
        """The tags whose lists speak for this person."""
        return languages_of(self.recorded)

    @cached_property
    def polite_languages(self) -> frozenset[str] | None:
        """Whose politeness counts: the person's and English, or everybody's while no language is recorded."""
        return self.own | {"en"} if self.own else None

    @property
    def invited(self) -> bool:
        """Whether they answer an invitation: an "ok" accepts it, and nothing is booked yet."""
        return self.question is not None and self.question.ok_accepts

    @cached_property
    def asks(self) -> bool:
        """Whether a question mark stands in the text."""
        return asks_a_question(self.text)

    @cached_property
    def urgent(self) -> Urgent | None:
        """What cannot wait, if anything."""
        return None if self.only_stops else find_urgent(self._phrases, self._written, self.own)

    @cached_property
    def every_urgent(self) -> list[Urgent]:
        """All that cannot wait, the most urgent first."""
        return [] if self.only_stops else find_every_urgent(self._phrases, self._written, self.own)

    @cached_property
    def bereaved(self) -> str | None:
        """The words that tell of a death, if any."""
        return tells_of_a_death(self._phrases, self._written, self.own)

    @cached_property
    def _phrases(self) -> list[Found]:
        joking = not _LAUGHING.isdisjoint(self.text)
        own = self.own | {self.recorded} if self.recorded else self.own
        return find_phrases(self._written, own, sentence_ends(self._unsigned), joking=joking)

    @cached_property
    def every_word(self) -> Words:
        """All words, those of an urgent phrase among them."""
        return tuple(word for clause in self.clauses for word in clause)

    @cached_property
    def words(self) -> Words:
        """The words left to answer with, once the urgent ones are set aside."""
        used = self.urgent.used if self.urgent else frozenset()
        return tuple(word for place, word in enumerate(self.every_word) if place not in used)

    @cached_property
    def names(self) -> NamesFound:
        """The languages that the words name, and what else they say; "hindi" is a no to who speaks Tagalog."""
        refusing = tuple(word for word in self.words if _is_a_not(word, self.own))
        if not refusing:
            return find_names(self.words)
        found = find_names(tuple(word for word in self.words if word not in refusing))
        return replace(found, left=found.left + refusing)

    @cached_property
    def core(self) -> Words:
        """The words without greetings and thanks."""
        return without(self.words, "polite", self.polite_languages)

    def meaning(self, words: Words, keys: tuple[str, ...] | None = None, *, alone: bool = True) -> Meaning | None:
        """The one meaning of exactly these words to this person; `alone` when nothing beside them tells which it is."""
        return meaning(words, self.own, keys, numbers=self.question is not None, alone=self.small if alone else None)

    def opening(self, words: Words, keys: tuple[str, ...], *, polite: bool = False) -> Meaning | None:
        """The longest phrase of these keys that the words begin with; `polite` when thanks or the like go with them."""
        if not words or words[0] not in first_words(keys):
            return None
        for length in range(min(len(words), longest_by_first()[words[0]]), 0, -1):
            if words[:length] not in lexicon().phrases:
                continue
            meant = self.meaning(words[:length], keys, alone=length == len(words) and not polite)
            if meant is not None:
                return meant
        return None

    def titled(self) -> set[str]:
        """The words that are written as a name is, with a capital and small letters."""
        written = _WORD.findall(self.text)
        return {normalise(word) for word in written if word[0].isupper() and word[_SHORTEST_NAME - 1 :].islower()}

    def is_a_clause(self, words: Words) -> bool:
        """Whether punctuation, or the end of the text, sets exactly these words (and politeness) apart."""
        return any(without(tuple(clause), "polite", self.polite_languages) == words for clause in self.clauses)

    def knows(self, words: Words, languages: frozenset[str]) -> bool:
        """Whether enough of the words are known in these languages for what is said to be understood."""
        return lexicon().share_known(words, languages) >= _ENOUGH_KNOWN

    def hedged(self, words: Words, also: frozenset[str] = frozenset()) -> bool:
        """Whether a "but", "not", "if" or "maybe" of the person's language, English or those of `also` is there."""
        return self._has(words, "contrast", also)

    def asks_in_words(self, words: Words, also: frozenset[str] = frozenset()) -> bool:
        """Whether a "who", "what" or "why" is among the words: many people write no question mark."""
        return self._has(words, "asking", also)

    def pleads(self, words: Words, also: frozenset[str] = frozenset()) -> bool:
        """Whether the words tell of a need ("cold", "broken", "help")."""
        return self._has(words, "needing", also)

    def _has(self, words: Words, kind: str, also: frozenset[str]) -> bool:
        return marked_within(words, kind, self.own | also | {"en"}, _LONGEST_MARKER)


@lru_cache(maxsize=20_000)
def _is_a_not(word: str, languages: frozenset[str]) -> bool:
    listed = bits_by_tag(lexicon().intent_words.get(word, ""))
    return any(tag in languages and bits & BIT["not"] for tag, bits in listed)


def spans(words: Words) -> list[Words]:
    """Every run of one to three words."""
    return [words[i : i + n] for n in (1, 2, 3) for i in range(len(words) - n + 1)]


def interpreted(meant: Meaning, rule: str, share: float = 1.0) -> Interpretation:
    """What a meaning comes to; `share` lowers how sure it is."""
    intent = INTENT_OF_KEY.get(meant.key, "none")
    sure = round(meant.confidence * share, 2)
    return Interpretation(intent, rule, " ".join(meant.words), sure, None, meant.languages, meant.romanised)


def doubt(rule: str, words: Iterable[str] = ()) -> Interpretation:
    """A person decides."""
    return Interpretation("none", rule, " ".join(words), to_person=True)


def named_rule(reply: Reply, meant: Meaning, what: str) -> str:
    """The rule's name with whose word it was: the person's, romanised, English, another's."""
    if meant.languages & reply.own:
        return f"{what}-romanised" if meant.romanised else f"{what}-own-language"
    return f"{what}-english" if "en" in meant.languages else f"{what}-other-language"


def answered(reply: Reply, given: Interpretation) -> Interpretation:
    """A yes or no where none was asked, or to a list of several, is understood but a person must see it."""
    settled = reply.question is not None and reply.question.settles(given.intent)
    return replace(given, to_person=given.to_person or not settled)
