"""Understand a reply: what the person means, whether it cannot wait, and whether a person must look.

Pure: text in, reading out. The order is opt-out, urgent, the answer to the open question, a wish, a person; any doubt
goes to a person. 0 is stop and 9 another language whatever is asked; what other numbers mean, the question says. The
single words Twilio itself acts on (STOP, CANCEL, END, ...) always opt out, because the number is then blocked whatever
the person meant (Twilio, Advanced Opt-Out).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal

from bot.understanding.language_names import in_order
from bot.understanding.lexicon import STOP_OR_CANCEL, by_common_words, lexicon, looks_romanised, without
from bot.understanding.likely import LIKELY, likely_intent
from bot.understanding.meant import IN_SENTENCE, OPEN_TO_CONCEPTS, meant, only_stops, taken_back
from bot.understanding.numbers import number
from bot.understanding.questions import QuestionKind
from bot.understanding.reply import TWILIO_OPT_OUT, Intent, Interpretation, Reply, answered, doubt
from bot.understanding.scripts import language_by_letters, script_of, scripts_written
from bot.understanding.sensing import sense_of
from bot.understanding.stopping import network_word, stop, stop_at_end, stop_in_clause
from bot.understanding.urgent import Urgent
from bot.understanding.wishes import (
    another_person,
    asks_who,
    language_in_sentence,
    language_misspelt,
    language_named,
    wish,
)
from bot.understanding.yes_no import (
    automatic,
    beside_danger,
    doubtful_word,
    nothing_to_read,
    opened_answer,
    whole_answer,
)

ONLY_POLITE = "only-polite"
CHATTER = (ONLY_POLITE, "ok-is-not-an-answer", "thumb")
"""Rules of replies that say thanks, hello or fine, and ask for nothing."""
NAMING = ("language-named", "language-in-sentence", "language-misspelt")
"""Rules of replies that name a language."""
_NETWORK_CANCEL = (("cancel",), ("end",))
"""Words the network takes for a stop that people use of appointments."""
_PERSON_ACTS = frozenset({"call_me", "wrong_number"})
_ASKED_BACK = frozenset({"book", "change", "cancel"})
_AMONG_OTHER_WORDS = frozenset({"wish-in-sentence", IN_SENTENCE})
_ACTED_ON = ("book", "cancel")
_WISHED = frozenset({"book", "change", "cancel", "call_me", "wrong_number", "language"})
_NOTHING: frozenset[str] = frozenset()
_INSTEAD_OF_A_YES = _WISHED | {"opt_out", "opt_in"}
_INSTEAD_OF_A_NO = frozenset({"opt_in", "opt_out"})
_STOPS, _BOOKS = frozenset({"opt_out"}), frozenset({"book"})
_OPEN_TO_A_GUESS = frozenset({"unclear", "concepts-in-doubt", "words-nobody-knows"})
"""Rules of doubt beside which it is said what is likely: the others know of a denial, a question or a plea."""
_STEPS: tuple[Callable[[Reply], Interpretation | None], ...] = (
    nothing_to_read,
    network_word,
    automatic,
    doubtful_word,
    stop,
    stop_in_clause,
    number,
    language_named,
    whole_answer,
    stop_at_end,
    another_person,
    opened_answer,
    asks_who,
    language_in_sentence,
    wish,
    language_misspelt,
)


@dataclass(frozen=True)
class Reading:
    """What a reply says.

    `language` is the reply's as far as it is sure (for the intent `language`, the one asked for, when it is named);
    `named` are the languages that a name in it may stand for, one or several ("Punjabi"), none when none is named;
    `script` is ISO 15924; `rule` names the step that decided and `matched` the plain words it decided by;
    `confidence` is 0 to 1; `to_person` says that a person on the staff must see it; `bereaved` that it tells of a
    death, also beside danger or a stop, where the rule is another; `doubtful` that nothing may be done on these words
    alone; `may_cancel` that a stop is said in words that give up an appointment as well. A wish about an appointment
    that other words stand around is seen by a person; one that is all of the reply is answered by times and asked
    about, where a capability grants it. Thanks and greetings that answer nothing need nobody. `concepts` are
    the danger concepts found, in English; `paged` says that a person must be told at once though no 999 text goes,
    `by_another` that the danger is a person, who may hold the phone. `likely` is what they probably want where the
    intent is none for want of certainty: it is told to whoever reads the reply, and nothing is done on it.
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
    bereaved: bool
    doubtful: bool
    named: tuple[str, ...] = ()
    may_cancel: bool = False
    concepts: tuple[str, ...] = ()
    paged: bool = False
    by_another: bool = False
    likely: Intent | None = None

    def or_likely(self) -> "Reading":
        """The reading as it is told to people: with what is likely in the place of an intent that is not known."""
        return replace(self, intent=self.likely, rule=LIKELY, likely=None) if self.likely else self


def read_reply(
    text: str,
    language: str | None = None,
    question: QuestionKind | None = None,
    *,
    choices: Collection[int] | None = None,
) -> Reading:
    """Understand one reply.

    `language` is the recorded tag of the person, `question` what is asked on their phone or None, `choices` the numbers
    this very question offered when they are fewer than its kind allows. Never raises, whatever the text.
    """
    reply = _reply(text, language, question, choices)
    listed = next((found for step in _STEPS if (found := step(reply)) is not None), None)
    interpretation = _of_what_is_booked(reply, _by_concepts(reply, listed))
    if interpretation is not None and reply.urgent:
        interpretation = beside_danger(reply, interpretation)
    if reply.bereaved and (interpretation is None or interpretation.intent != "opt_out"):
        interpretation = doubt("bereaved", [reply.bereaved])
    return _reading(reply, interpretation or _only_polite(reply) or doubt("unclear"))


def _by_concepts(reply: Reply, listed: Interpretation | None) -> Interpretation | None:
    """Concepts settle what the lists leave open, and take back what a question, an "if" or the past takes back."""
    if listed is None or listed.rule in OPEN_TO_CONCEPTS:
        found = meant(reply)
        if found is None or (found.intent == "none" and listed is not None):
            return listed
        return answered(reply, found) if found.intent in ("yes", "no") else found
    if listed.rule == "wish-in-sentence":  # one word of it may be all that the lists have
        found = meant(reply)
        if found is not None and (found.intent in _WISHED or listed.intent in _ACTED_ON):
            return found
    offered = reply.question is not None and reply.question.yes_no
    over_an_offer = _BOOKS if listed.rule == "yes-opens-sentence" else _NOTHING  # "I want to see a doctor"
    over_a_yes = over_an_offer if offered else _INSTEAD_OF_A_YES
    instead = {"yes": over_a_yes, "no": _INSTEAD_OF_A_NO, "help": _STOPS}.get(listed.intent, _NOTHING)
    if instead:  # "hello, yes, I need an appointment"; "no, text me again"; "who are you? take me off the list"
        found = meant(reply)
        if found is not None and found.intent in instead:
            return found
    return taken_back(reply, listed) or listed


def _of_what_is_booked(reply: Reply, given: Interpretation | None) -> Interpretation | None:
    """Who cannot come to an invitation gives nothing up, for nothing is booked yet: it is a no."""
    if given is None or given.intent != "cancel" or not reply.invited:
        return given
    names_it = sense_of(reply.words, (reply.own or given.languages) | {"en"}).any("visit cancel remove")
    return given if names_it else replace(given, intent="no", to_person=given.rule in _AMONG_OTHER_WORDS)


def _only_polite(reply: Reply) -> Interpretation | None:
    """Thanks or a greeting in the person's language or English; in another it is for a person to see."""
    if not reply.every_word or reply.core:
        return None
    answers_elsewhere = lexicon().has(reply.words, "yes")  # "hi hi" in Turkish
    sure = reply.own and not reply.asks and not without(reply.words, "polite", reply.own | {"en"})
    sure = sure and not answers_elsewhere
    return Interpretation("none", ONLY_POLITE) if sure else doubt(ONLY_POLITE)


def danger_in(text: str, language: str | None = None) -> list[Urgent]:
    """Every phrase of a reply that cannot wait, with the languages that have it, the most urgent first.

    `language` is the recorded tag of the person. Never raises, whatever the text.
    """
    return _reply(text, language).every_urgent


def _reply(
    text: str,
    language: str | None,
    question: QuestionKind | None = None,
    choices: Collection[int] | None = None,
) -> Reply:
    """A reply, with what looks like danger set aside where all of it asks for no more messages."""
    reply = Reply(text, language, question, choices)
    return replace(reply, only_stops=True) if reply.urgent and only_stops(reply, reply.urgent) else reply


def _reading(reply: Reply, interpretation: Interpretation) -> Reading:
    urgent = reply.urgent
    if urgent is not None and interpretation.intent == "none":
        interpretation = _danger_alone(reply, urgent)
    script = script_of(reply.text)
    doubtful = interpretation.to_person or urgent is not None or reply.bereaved is not None
    return Reading(
        intent=interpretation.intent,
        urgent="red" if urgent and urgent.level == "red" else "amber" if urgent else None,
        choice=interpretation.choice,
        language=_language(reply, interpretation, script),
        script=script,
        romanised=interpretation.romanised or (script == "Latn" and _is_romanised(reply, interpretation.languages)),
        rule=interpretation.rule,
        matched=interpretation.matched,
        confidence=interpretation.confidence,
        to_person=doubtful or _needs_a_person(interpretation),
        bereaved=reply.bereaved is not None,
        doubtful=doubtful,
        named=in_order(interpretation.languages) if interpretation.rule in NAMING else (),
        may_cancel=interpretation.intent == "opt_out" and _may_cancel(tuple(interpretation.matched.split())),
        concepts=urgent.concepts if urgent else (),
        paged=urgent is not None and urgent.level == "paged",
        by_another=urgent is not None and urgent.by_another,
        likely=likely_intent(reply) if _is_open_to_a_guess(reply, interpretation) else None,
    )


def _is_open_to_a_guess(reply: Reply, given: Interpretation) -> bool:
    return given.rule in _OPEN_TO_A_GUESS and reply.urgent is None and reply.bereaved is None


def _needs_a_person(given: Interpretation) -> bool:
    among_others = given.intent in _ASKED_BACK and given.rule in _AMONG_OTHER_WORDS
    return among_others or given.intent in _PERSON_ACTS or (given.intent == "none" and given.rule != ONLY_POLITE)


def _is_romanised(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a text in Latin letters is in a language of other letters: by the words that decided, or by all of them.

    :param languages: whose words decided.
    """
    if any("Latn" in scripts_written(language) for language in languages - {"en"}):
        return False
    own = languages & reply.own - {"en"}
    return (bool(own) and len(languages) == len(own)) or looks_romanised(reply.every_word)


def _may_cancel(stop: tuple[str, ...]) -> bool:
    return stop in _NETWORK_CANCEL or lexicon().has(stop, STOP_OR_CANCEL)


def _danger_alone(reply: Reply, urgent: Urgent) -> Interpretation:
    """English words of danger ("heart attack") are used in many languages, so they do not tell whose the reply is."""
    borrowed = len(urgent.languages) > 1 and "en" in urgent.languages
    told = reply.own & {"en"} if borrowed else urgent.languages
    return Interpretation("none", "urgent", urgent.matched, 0.9, None, told, not borrowed and urgent.romanised)


def _is_of_one(interpretation: Interpretation) -> bool:
    """Whether the words that decided are several, and one language's alone: everyday words beside them say less."""
    return len(interpretation.languages) == 1 and " " in interpretation.matched


def _language(reply: Reply, interpretation: Interpretation, script: str | None) -> str | None:
    if interpretation.rule in NAMING:
        return next(iter(interpretation.languages)) if len(interpretation.languages) == 1 else None
    by_letters = language_by_letters(reply.text, script, reply.recorded)
    if by_letters is not None:
        return by_letters
    if interpretation.intent == "language" and _is_of_one(interpretation):
        return next(iter(interpretation.languages))
    own = sorted(interpretation.languages & reply.own)
    if own and not set(interpretation.matched.split()) <= TWILIO_OPT_OUT:
        return reply.recorded if reply.recorded in own else own[0]
    by_words = by_common_words(reply.every_word, reply.own)
    if by_words is not None:
        return by_words
    sure = len(interpretation.languages) == 1 and interpretation.rule not in ("network-word", "number")
    return next(iter(interpretation.languages)) if sure else None
