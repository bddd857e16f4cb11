"""Yes and no in words, to whatever was asked; any doubt around them goes to a person."""

from bot.understanding.lexicon import Meaning, lexicon, looks_romanised, opening_of, without
from bot.understanding.normalise import THUMBS_DOWN, THUMBS_UP, thumb
from bot.understanding.reply import (
    INTENT_OF_KEY,
    WISHES,
    Intent,
    Interpretation,
    Reply,
    answered,
    doubt,
    interpreted,
    named_rule,
    spans,
)
from bot.understanding.sensing import sense_of
from bot.understanding.wishes import wish
from bot.understanding.word_lists import Words

_LONGEST_REFUSAL = 8
_SHORT = 2  # letters: "ye" is yes in English and "this" in Urdu


def nothing_to_read(reply: Reply) -> Interpretation | None:
    """A thumb alone is an answer; no words at all are for a person."""
    lone = thumb(reply.text)
    if lone is not None and (reply.question is None or reply.question.yes_no):
        key: Intent = "yes" if lone == THUMBS_UP else "no"
        return answered(reply, Interpretation(key, "thumb", lone, 0.9))
    return None if reply.clauses else doubt("empty")


def doubtful_word(reply: Reply) -> Interpretation | None:
    """A word that says yes and no in the person's own language, alone or first; "no thank you" is longer, and clear."""
    if not reply.own:
        return None
    head = reply.opening(reply.words, ("yes", "no"))
    opens = head.words if head else ()
    spoken = (opens,) if len(opens) > 1 else (opens, reply.words, reply.core)
    doubtful = any(
        lexicon().has(words, "doubtful", reply.own) and not lexicon().is_spelt_out(words, reply.small)
        for words in spoken
    )
    return doubt("word-of-two-meanings", reply.words) if doubtful else None


def automatic(reply: Reply) -> Interpretation | None:
    """A phone that answers by itself ("I'm driving"): nobody has read our text, so it answers nothing."""
    head = opening_of(reply.core, "automatic") or opening_of(reply.every_word, "automatic")
    return doubt("automatic-reply", head) if head else None


def whole_answer(reply: Reply) -> Interpretation | None:
    """The whole reply is one phrase of the lists, politeness aside."""
    meant = reply.meaning(reply.words) or reply.meaning(reply.core) or _repeated(reply)
    if meant is None or meant.key not in INTENT_OF_KEY:
        return _agreeing(reply, meant)
    if meant.key == "help" and _pleads_for_help(reply):
        return doubt("plea", meant.words)
    if meant.key == "wrong_number" and reply.asks:
        return doubt("wrong-number-with-question", meant.words)
    if meant.key not in ("yes", "want", "no"):
        return interpreted(meant, named_rule(reply, meant, "wish" if meant.key in WISHES else meant.key))
    if meant.key == "want" and reply.urgent:  # "I want to" is left over from "I want to kill myself"
        return None
    if reply.asks:
        return doubt("answer-with-question", meant.words)
    if meant.key != "no" and THUMBS_DOWN in reply.text:
        return doubt("answer-against-thumb", meant.words)
    return answered(reply, interpreted(meant, named_rule(reply, meant, meant.key)))


def _pleads_for_help(reply: Reply) -> bool:
    """Whether "help me please" is a plea and not the keyword, which stands alone: a person reads it."""
    return len(reply.every_word) > 1 and sense_of(reply.every_word, reply.own | {"en"}).any("help")


def opened_answer(reply: Reply) -> Interpretation | None:
    """A yes, or a no set off by punctuation, with more after it."""
    words = without(reply.core, "ok", reply.polite_languages) or reply.core
    head = reply.opening(words, ("yes", "no"), polite=words != reply.words)
    if head is None or _too_short_to_open(reply, head):
        return None
    rest = words[len(head.words) :]
    if has_doubt(reply, rest, head.languages) or reply.asks_in_words(head.words):  # "why not tell me first"
        return doubt(f"{head.key}-with-doubt", head.words)
    if head.key == "no" and not _plain_refusal(reply, head, rest):
        meant = wish(reply)  # "nu pot veni" opens with a no and cancels
        return meant if meant is not None and meant.intent == "cancel" else doubt("no-in-sentence", head.words)
    if not _understood(reply, head):
        return doubt("words-nobody-knows", head.words)
    return answered(reply, interpreted(head, f"{head.key}-opens-sentence", 0.85))


def _understood(reply: Reply, head: Meaning) -> bool:
    """Whether an answer is of the person's language or English, and enough of what stands beside it is known.

    Who has no language recorded has that of the answer, if another word of it is there.
    """
    beside = tuple(word for word in reply.words if word not in head.words)
    if reply.own:
        languages = reply.own | {"en"}
        return not head.languages.isdisjoint(languages) and reply.knows(beside, languages)
    speaks = [tag for tag in head.languages if tag == "en" or any(lexicon().is_of(word, tag) for word in beside)]
    return any(reply.knows(beside, frozenset({tag, "en"})) for tag in speaks)


def has_doubt(reply: Reply, rest: Words, languages: frozenset[str] = frozenset()) -> bool:
    """A question, a "but", a "not" or a second answer after the first; `languages` are those of the first."""
    if reply.asks or reply.asks_in_words(rest, languages) or (not reply.urgent and reply.hedged(rest, languages)):
        return True
    remaining = _without_faults(rest, reply.own | languages | {"en"})
    others = (span for span in spans(remaining) if span != ("na",))
    return any(reply.meaning(span, ("no", "stop"), alone=False) is not None for span in others)


def _without_faults(words: Words, languages: frozenset[str]) -> Words:
    """The words but for pairs that tell of a need: in "heating band hai" (is off) the "band" stops nothing."""
    faults = [i for i in range(len(words) - 1) if lexicon().marked(words[i : i + 2], "needing", languages)]
    return tuple(word for i, word in enumerate(words) if i not in faults and i - 1 not in faults)


def beside_danger(reply: Reply, given: Interpretation) -> Interpretation | None:
    """What is left of an answer when the same reply tells of danger.

    Words between those of the danger answer nothing: "dor no peito" holds an English "no", "mar jana chahundi haan" a
    Panjabi "yes", and "are convulsii" opens with a Farsi one. A yes or no must open the reply, in the person's language
    or English, or stand in a clause of its own; a stop, in its own clause; a wish, in a known language.
    """
    words = tuple(given.matched.split())
    if given.intent == "help":  # "chest pain help" asks for no information
        return None
    if given.rule in ("number", "thumb") or reply.is_a_clause(words):
        return given
    understood = bool(given.languages & (reply.own | {"en"}))
    if given.intent in ("yes", "no"):
        opens = without(reply.every_word, "polite", reply.polite_languages)[: len(words)] == words
        return given if opens and understood else None
    return given if understood and given.intent not in ("opt_out", "opt_in", "wrong_number") else None


def _agreeing(reply: Reply, meant: Meaning | None) -> Interpretation | None:
    """A bare "ok" accepts an invitation; it is too little for a consent, and may be mere thanks elsewhere."""
    if meant is None or meant.key != "ok":
        return None
    if not reply.invited or reply.words != meant.words or reply.asks:
        return doubt("ok-is-not-an-answer", meant.words)
    return Interpretation("yes", "ok", " ".join(meant.words), 0.7, None, meant.languages, meant.romanised)


def _repeated(reply: Reply) -> Meaning | None:
    """Several phrases that all say the same: "yes yes", "ok haan", "no, I don't need help"."""
    words = without(reply.core, "ok", reply.polite_languages)
    return next((head for key in ("yes", "no") if (head := _all_say(reply, words, key)) is not None), None)


def _all_say(reply: Reply, words: Words, key: str) -> Meaning | None:
    """The first phrase, when the words fall wholly into phrases of this key."""
    for length in range(min(len(words), lexicon().longest), 0, -1):
        head = reply.meaning(words[:length], ("yes", "no"))
        if head is None or head.key != key:
            continue
        if length == len(words) or _all_say(reply, words[length:], key) is not None:
            return head
    return None


def _too_short_to_open(reply: Reply, head: Meaning) -> bool:
    """One or two letters of a language that is not the reply's say too little, unless punctuation sets them off."""
    if len(head.words) > 1 or len(head.words[0]) > _SHORT or reply.is_a_clause(head.words):
        return False
    elsewhere = not head.romanised and looks_romanised(reply.every_word)
    return elsewhere or not head.languages & reply.own


def _plain_refusal(reply: Reply, head: Meaning, rest: Words) -> bool:
    """A "no" set off by punctuation from a short rest that asks for nothing; "no heating" is not a refusal."""
    clause = without(tuple(reply.clauses[0]), "polite", reply.polite_languages)
    wants = any(reply.opening(rest[i:], (*WISHES, "yes", "want", "help")) for i in range(len(rest)))
    set_apart = clause == head.words and len(rest) <= _LONGEST_REFUSAL
    return set_apart and not wants and not reply.pleads(rest, head.languages)
