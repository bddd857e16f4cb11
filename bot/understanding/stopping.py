"""No more texts: the words Twilio acts on, and the ways to say it in every language.

"NO" is not "STOP", "band hai" (is off) is not "band karo" (stop), and a stop inside a sentence about something else
goes to a person. Beside danger, a stop counts only in a clause of its own.
"""

from bot.understanding.lexicon import Meaning, Words, lexicon, without
from bot.understanding.reply import (
    TWILIO_HELP,
    TWILIO_OPT_IN,
    TWILIO_OPT_OUT,
    Interpretation,
    Reply,
    doubt,
    interpreted,
    named_rule,
)

_LONGEST_REFUSAL = 8
_LATEST_START = 6


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
    if _denied_after(reply, head, rest):
        return doubt("stop-denied", head.words + rest)
    refuses = head.words[0] in TWILIO_OPT_OUT and _refuses(reply, rest) and not reply.pleads(rest, head.languages)
    if not reply.asks and (all_about_messages(rest) or refuses):
        return interpreted(head, "stop-opens-sentence", 0.9)
    return doubt("stop-in-sentence", head.words)


def stop_at_end(reply: Reply) -> Interpretation | None:
    """A short "mujhe msg mat bhejo": nothing but messages and a stop phrase, wherever it stands."""
    for start in range(1, min(len(reply.core), _LATEST_START)):
        tail = reply.opening(reply.core[start:], ("stop",))
        around = reply.core[:start] + reply.core[start + len(tail.words) :] if tail else ()
        if tail is None or not all_about_messages(around) or reply.asks:
            continue
        if reply.hedged(reply.core[start - 1 : start], tail.languages) and not reply.is_a_clause(tail.words):
            return doubt("stop-denied", reply.core)  # "nie rezygnuje": I am not giving up
        return interpreted(tail, "stop-in-short-reply", 0.85)
    return None


def all_about_messages(words: Words) -> bool:
    """Whether the words say no more than "me", "these messages", "please"."""
    return all(lexicon().has((word,), "stop_tail") or lexicon().has((word,), "polite") for word in words)


def _denied_after(reply: Reply, head: Meaning, rest: Words) -> bool:
    """Whether a "not" ends what a stop begins, as languages say it whose verb comes last ("bondho korben na")."""
    return head.words[0] not in TWILIO_OPT_OUT and reply.hedged(rest[-1:], head.languages)


def _refuses(reply: Reply, words: Words) -> bool:
    """Whether the words after a STOP refuse too ("STOP nie chce tego"), in at most a short sentence."""
    heads = (reply.opening(words[start:], ("stop", "no")) for start in range(len(words)))
    return len(words) <= _LONGEST_REFUSAL and any(head is not None for head in heads)
