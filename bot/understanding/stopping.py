"""No more texts: the words Twilio acts on, and the ways to say it in every language.

"NO" is not "STOP", "band hai" (is off) is not "band karo" (stop), and a stop inside a sentence about something else
goes to a person. Beside danger, a stop counts only in a clause of its own. A signature, a name or a telling-off beside
a stop takes nothing from it.
"""

from dataclasses import replace

from bot.understanding.lexicon import Meaning, lexicon, opening_of, without
from bot.understanding.reply import (
    TWILIO_HELP,
    TWILIO_OPT_IN,
    TWILIO_OPT_OUT,
    WISHES,
    Interpretation,
    Reply,
    doubt,
    interpreted,
    named_rule,
)
from bot.understanding.word_lists import Words

_LONGEST_REFUSAL = 8
_LATEST_START = 6
_LONGEST_NAME = 3
_LONGEST_THANKS = 5
_FEWEST_CLAUSES = 2


def network_word(reply: Reply) -> Interpretation | None:
    """A bare word that Twilio acts on itself: the number is blocked, or freed, whatever the person meant."""
    if len(reply.every_word) != 1:
        return None
    word = reply.every_word[0]
    if word in TWILIO_OPT_OUT:
        return Interpretation("opt_out", "network-word", word, 1.0)
    if word in TWILIO_OPT_IN:
        return Interpretation("opt_in", "network-word", word, 1.0)
    return Interpretation("help", "network-word", word, 1.0) if word in TWILIO_HELP else None


def stop(reply: Reply) -> Interpretation | None:
    """A stop that is the whole reply, or opens it with nothing but messages, or a refusal, after it."""
    whole = reply.meaning(reply.words) or reply.meaning(reply.core)
    if whole is not None:
        return interpreted(whole, named_rule(reply, whole, "stop-word")) if whole.key == "stop" else None
    words = without(reply.words, "polite", None)
    head = reply.opening(words, ("stop",))
    if head is None:
        return None
    if reply.urgent:
        return interpreted(head, "stop-opens-sentence", 0.9) if reply.is_a_clause(head.words) else None
    rest = words[len(head.words) :]
    if _denied_after(reply, head, rest) or lexicon().has(words, "doubtful"):
        return doubt("stop-denied", head.words + rest)
    if _is_refusal(reply, head, rest):
        return interpreted(head, "stop-opens-sentence", 0.9)
    if not reply.asks and _names_messages(head, rest) and _leaves_it_standing(reply, head, head.words, rest):
        return interpreted(head, "stop-opens-sentence", 0.85)
    return stop_in_clause(reply) or doubt("stop-in-sentence", head.words)


def _names_messages(head: Meaning, rest: Words) -> bool:
    """Whether a stop says that it means our texts: "stop texting my mum", but not "stop sending me bills"."""
    ours = len(rest) - len(without(rest, "stop_tail", None))
    return any(lexicon().has((word,), "message") for word in head.words + rest[:ours])


def _is_refusal(reply: Reply, head: Meaning, rest: Words) -> bool:
    if reply.asks:
        return False
    refuses = head.words[0] in TWILIO_OPT_OUT and _refuses(reply, rest) and not reply.pleads(rest, head.languages)
    return refuses or all_about_messages(rest) or signs_off(reply, rest)


def stop_in_clause(reply: Reply) -> Interpretation | None:
    """A stop that fills a clause of its own, and the others take nothing back: "He died. Please stop sending these"."""
    if reply.asks:
        return None
    meant = _stop_of_the_bereaved(reply) if reply.bereaved and not reply.urgent else None
    if meant is not None:
        return interpreted(meant, "stop-in-sentence", 0.85)
    places = range(len(reply.clauses)) if len(reply.clauses) >= _FEWEST_CLAUSES else ()
    return next((found for place in places if (found := _stop_filling_clause(reply, place)) is not None), None)


def _stop_filling_clause(reply: Reply, place: int) -> Interpretation | None:
    clause = tuple(reply.clauses[place])
    words = without(clause, "polite", None)
    head = reply.opening(words, ("stop",))
    if head is None or not all_about_messages(words[len(head.words) :]):
        return None
    others = tuple(word for other in reply.clauses[:place] + reply.clauses[place + 1 :] for word in other)
    rest = without(without(others, "polite", None), "stop_tail", None)
    if not _leaves_it_standing(reply, head, words, rest):
        return None
    matched = " ".join(without(clause, "polite", reply.polite_languages))
    return replace(interpreted(head, "stop-in-clause", 0.85), matched=matched)


def _stop_of_the_bereaved(reply: Reply) -> Meaning | None:
    """A stop of several words anywhere: who has lost somebody is not made to ask twice."""
    for start in range(len(reply.words)):
        head = reply.opening(reply.words[start:], ("stop",))
        if head is None or len(head.words) == 1 or lexicon().has(head.words, "vague_stop"):
            continue
        if not reply.hedged(reply.words[max(start - 1, 0) : start], head.languages):
            return head
    return None


def _leaves_it_standing(reply: Reply, head: Meaning, clause: Words, rest: Words) -> bool:
    """Whether what stands beside a stop takes nothing back and asks for nothing.

    A stop that does not say of what ("stop it") may be about anything: beside it, only a refusal or a death will do.
    """
    if signs_off(reply, rest):
        return True
    keys = (*WISHES, "yes", "want", "help", "start")
    accepted = without(rest, "no", None)  # "not interested" wants nothing
    wants = any(reply.opening(accepted[start:], keys) is not None for start in range(len(accepted)))
    numbers = any(word.isdecimal() for word in rest)
    if wants or numbers or reply.pleads(rest, head.languages) or reply.asks_in_words(rest, head.languages):
        return False
    if reply.bereaved or _refuses(reply, rest):
        return True
    vague = len(clause) == 1 or lexicon().has(clause, "vague_stop")
    known = reply.knows(rest, reply.own | head.languages | {"en"})
    return not vague and known and not reply.hedged(rest, head.languages)


def signs_off(reply: Reply, words: Words) -> bool:
    """Whether the words after a stop are no more than a signature, or a name under thanks or in a clause of its own."""
    if opening_of(words, "signature"):
        return len(words) <= _LONGEST_REFUSAL
    if not 0 < len(words) <= _LONGEST_NAME or any(word.isdecimal() for word in words):
        return not words
    strange = not any(lexicon().is_ordinary(word) for word in words)
    if _stands_under_thanks(reply, words):
        return strange or reply.titled().issuperset(words)
    return strange and without(tuple(reply.clauses[-1]), "polite", None) == words


def _stands_under_thanks(reply: Reply, words: Words) -> bool:
    before = reply.every_word[: -len(words)]
    thanks = any(lexicon().has(before[-length:], "polite") for length in range(1, min(len(before), _LONGEST_THANKS)))
    return thanks and reply.every_word[-len(words) :] == words


def stop_at_end(reply: Reply) -> Interpretation | None:
    """A short "mujhe msg mat bhejo": nothing but messages and a stop phrase, wherever it stands."""
    asked = len(opening_of(reply.core, "request"))  # "can you stop texting me?" asks nothing
    for start in range(1, min(len(reply.core), _LATEST_START)):
        tail = reply.opening(reply.core[start:], ("stop",))
        if tail is None:
            continue
        after = reply.core[start + len(tail.words) :]
        requested = start == asked and _names_messages(tail, after)
        around = after if requested else reply.core[:start] + after
        if not all_about_messages(around) or (reply.asks and not requested):
            continue
        if reply.hedged(reply.core[start - 1 : start], tail.languages) and not reply.is_a_clause(tail.words):
            return doubt("stop-denied", reply.core)  # "nie rezygnuje": I am not giving up
        return interpreted(tail, "stop-in-short-reply", 0.85)
    return None


def all_about_messages(words: Words) -> bool:
    """Whether the words say no more than "me", "these messages", "please"."""
    return not without(without(words, "stop_tail", None), "polite", None)


def _denied_after(reply: Reply, head: Meaning, rest: Words) -> bool:
    """Whether a "not" ends what a stop begins, as languages say it whose verb comes last ("bondho korben na")."""
    return head.words[0] not in TWILIO_OPT_OUT and reply.hedged(rest[-1:], head.languages)


def _refuses(reply: Reply, words: Words) -> bool:
    """Whether the words after a STOP refuse too ("STOP nie chce tego"), in at most a short sentence."""
    heads = (reply.opening(words[start:], ("stop", "no")) for start in range(len(words)))
    return len(words) <= _LONGEST_REFUSAL and any(head is not None for head in heads)
