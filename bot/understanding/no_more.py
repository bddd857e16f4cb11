"""No more texts, or texts again, by the concepts of a reply: "not + send", "remove + number", and why."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.marking import joined
from bot.understanding.outright import ASKS_FOR_TEXTS, says_please, starts_outright, stops_outright
from bot.understanding.reasons import not_to_stop, only_tell_why, partings
from bot.understanding.reply import Reply
from bot.understanding.sensing import DENIES, Sense, sense_of, senses_of
from bot.understanding.wanted import DOUBT, TAKEN_BACK, Found, by_clause

_LONG_ENOUGH = 4
STOP_NUMBER = "0"
_STRANGE_BESIDE_A_STOP = 2
_PAIRS_OF_A_STOP = (
    ("not", "send message"), ("stop", "send message"), ("remove", "number me"), ("receive more", "message"),
)  # fmt: skip
BESIDE_A_STOP = bits_of("not more stop send message receive remove number want call me mine no filler can")
_BESIDE_A_WHY = bits_of("ask who more send message receive me mine number call filler have past person")
_BESIDE_A_START = bits_of("start send message more receive me filler want can yes agree now number")
_STOPS, _GOES_ON = bits_of("not stop remove cancel"), bits_of("send message want receive me")
_WHY = bits_of("about busy")
_NARROWED = TAKEN_BACK | bits_of("night")


def no_more_texts(reply: Reply, sense: Sense) -> Found:
    """Whether all of it says to stop our texts, or a part does and the others tell why; a doubt where it may."""
    clauses = by_clause(reply, sense.asked)
    if not says_stop(sense, clauses):
        return None
    if sense.any("start") and _starts_again(reply, sense):
        return None
    if stop_with_reasons(reply, sense.asked) or stops_outright(reply, sense.asked):
        return "opt_out", True
    allowed = _beside_a_stop(sense)
    torn = sense.any("call") and sense.any("message send")  # "do not call, text me"
    torn = torn or sends_to_another(sense) or _wants_them_again(sense)
    asks = reply.asks and not _asks_kindly(sense)
    kept = any(not_to_stop(one.steps) or _is_kept(one) for one in clauses)
    back = asks or sense.every & _NARROWED or kept
    digits = any(word.isdecimal() and word != STOP_NUMBER for word in reply.words)
    sure = sense.only(allowed) or _stands_out(reply, sense, allowed)
    if back and _only_asks_why(clauses):
        return "opt_out", True
    return DOUBT if back or torn or digits or _is_missed(sense) or not sure else ("opt_out", True)


def _beside_a_stop(sense: Sense) -> int:
    """What may stand beside a stop; to "cancel" is to stop, where it is messages."""
    return BESIDE_A_STOP | (BIT["cancel"] if sense.any("message number") and not sense.any("visit") else 0)


def _only_asks_why(clauses: Sequence[Sense]) -> bool:
    """Whether one clause is a plain stop and the others no more than "why do you keep writing to me, who are you"."""
    stops = [one for one in clauses if one.any("stop remove not") and not one.every & _NARROWED]
    plain = stops and all(one.only(BESIDE_A_STOP) and not not_to_stop(one.steps) for one in stops)
    asking = [one for one in clauses if one not in stops]
    return bool(plain and asking) and all(one.any("ask who") and one.only(_BESIDE_A_WHY) for one in asking)


def _asks_kindly(sense: Sense) -> bool:
    """Whether a question opens with a "could you": it asks for what it names."""
    first = next((bits for bits in sense.steps if bits != BIT["filler"]), 0)
    return bool(first & BIT["can"]) and not first & BIT["not"]


def _stands_out(reply: Reply, sense: Sense, allowed: int) -> bool:
    """Whether a stop is so plain that a word or two nobody knows beside it ("system", "kindly") take nothing from it.

    One clause holds the pair side by side, every known word is of the same matter, and what is strange neither stands
    right by a "not" nor hedges, asks, pleads or wishes. "Do not write to my husband" may be of his texts alone.
    """
    strange = sense.unexplained
    if len(sense.steps) < _LONG_ENOUGH or len(strange) > min(_STRANGE_BESIDE_A_STOP, len(sense.steps) // 2):
        return False
    known = all(bits & (allowed | _WHY) for bits in sense.steps if bits)
    torn = reply.hedged(strange) or reply.asks_in_words(strange) or reply.pleads(strange)
    clauses = senses_of(reply.clauses, sense.asked)
    tight = any(one.near(*pair, 2, 2) for one in clauses for pair in _PAIRS_OF_A_STOP)
    torn = torn or any(one.near("send", "about", 1, 1) or one.near("about", "want", 2, 0) for one in clauses)
    about_us = sense.any("message number") or sense.has("send more")
    return known and not torn and tight and about_us and not sense.strange_beside("not stop")


def stop_with_reasons(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a part of the reply is a plain stop, and the others only tell why: "I moved, so take me off"."""
    if reply.asks or reply.names.names:
        return False
    return any(_stop_and_reasons(reply, parts) for parts in partings(reply, languages))


def _stop_and_reasons(reply: Reply, parts: Sequence[Sense]) -> bool:
    stops = next((run for run in _runs(parts) if _is_plain_stop(reply, run)), ()) or _bare_stop(parts)
    return bool(stops) and only_tell_why(reply, [one for one in parts if one not in stops])


def _runs(parts: Sequence[Sense]) -> Iterator[Sequence[Sense]]:
    """Every part by itself, then every two of which the first says "I do not want" and the second what."""
    yield from ([one] for one in parts)
    yield from (two for two in pairwise(parts) if _is_unwanted(two[0]) and not two[1].any("not no stop remove"))


def _is_unwanted(part: Sense) -> bool:
    return part.has("not want") and not part.any("no") and part.only(BESIDE_A_STOP)


def _is_plain_stop(reply: Reply, parts: Sequence[Sense]) -> bool:
    """Whether parts of a reply say nothing but to stop our texts."""
    sense = sense_of(tuple(word for one in parts for word in one.words), parts[0].asked)
    kept = any(not_to_stop(one.steps) or _is_kept(one) for one in parts) or sense.every & _NARROWED
    allowed = _beside_a_stop(sense)
    plain = _is_about_us(sense) and (sense.only(allowed) or _stands_out(reply, sense, allowed))
    calls = sense.any("call") and sense.any("message send")
    other = _is_missed(sense) or sends_to_another(sense) or _wants_them_again(sense) or calls
    return len(sense.steps) > 1 and not (kept or other) and plain and says_stop(sense, parts)


def sends_to_another(sense: Sense) -> bool:
    """ "Do not text me, text my daughter", "text not me but my son"."""
    steps = sense.said
    sends = [place for place, bits in enumerate(steps) if bits & BIT["send"]]
    denied = [place for place in sends if joined(steps[max(place - 2, 0) : place + 1]) & BIT["not"]]
    other = any(place > denied[0] for place in sends if denied and place not in denied)
    after = [place + 1 for place in sends if len(steps) > place + 2]
    not_me = any(steps[place] & BIT["not"] and steps[place + 1] & BIT["me"] for place in after)
    return sense.any("about") and (other or not_me)


def _wants_them_again(sense: Sense) -> bool:
    """ "I said not to write, but now I want to receive them"."""
    steps = sense.said
    wants = [
        place
        for place, bits in enumerate(steps)
        if bits & BIT["want"] and not joined(steps[max(place - 2, 0) : place + 1]) & DENIES
    ]
    after = steps[wants[-1] + 1 :] if wants and joined(steps[: wants[-1]]) & BIT["not"] else []
    return any(bits & bits_of("receive start") for bits in after) and not joined(after) & bits_of("not stop remove")


def _is_missed(sense: Sense) -> bool:
    """ "I get no messages any more"."""
    return sense.any("receive") and not sense.any("want stop remove send cancel")


def _is_about_us(sense: Sense) -> bool:
    """Whether it is texts that are to stop: "do not send it, I shall collect it" is of something else."""
    return sense.any("message number receive me") or (sense.any("more") and not sense.any("have"))


def _bare_stop(parts: Sequence[Sense]) -> Sequence[Sense]:
    """A part that says stop and no more, where another names our texts: "daily these messages, I am tired, stop"."""
    bare = [one for one in parts if one.any("stop") and one.only(BESIDE_A_STOP) and not one.any("not no")]
    named = any(one.any("message") and not one.any("visit") for one in parts if one not in bare)
    return bare[:1] if named else ()


def says_stop(sense: Sense, clauses: Sequence[Sense]) -> bool:
    """Whether something of it may be a stop of our texts."""
    ours = sense.any("message send")
    unwanted = sense.any("message receive") and sense.any("more want") and sense.near("not", "want more message", 3, 3)
    unsent = any(one.denies("send", 3, 2) and not one.any("wrong") for one in clauses)  # "not she, you sent it wrongly"
    refused = sense.any("not") and (unsent or unwanted or any(_not_called(one) for one in clauses))
    stopped = sense.any("stop") and (ours or sense.any("receive call"))
    removed = any(one.any("remove") and (one.any("number message") or _removes_me(one)) for one in clauses)
    ended = sense.any("cancel") and sense.any("message") and not sense.any("visit")
    ended = ended or (sense.near("cancel", "number", 1, 1) and not sense.any("visit time"))
    return refused or stopped or removed or ended


def _removes_me(sense: Sense) -> bool:
    return sense.any("me") and not sense.any("visit")


def _not_called(sense: Sense) -> bool:
    return sense.has("not call me") and not sense.any("wrong")


def _is_kept(clause: Sense) -> bool:
    """Whether a "not" stands with a "remove", however far apart: "I do not want you to delete my number"."""
    return clause.any("remove") and _forbids(clause) and not clause.any("send message")


def _forbids(sense: Sense) -> bool:
    return any(bits & BIT["not"] and not bits & (BIT["send"] | BIT["more"]) for bits in sense.steps)


def texts_again(reply: Reply, sense: Sense) -> Found:
    """Whether they want our texts again, after a stop too."""
    if not (sense.any("start") and sense.any("send message more receive number")):
        return None
    if _starts_again(reply, sense):
        return "opt_in", True
    if sense.any("stop"):
        return None
    kept = sense.any("not no") or reply.asks or sense.every & TAKEN_BACK
    return DOUBT if kept or not sense.only(_BESIDE_A_START, but=1) else ("opt_in", True)


def _starts_again(reply: Reply, sense: Sense) -> bool:
    """ "I had stopped your texts by accident, start them again": the stop is past, and in a part of its own."""
    if sense.says_yes:
        return False
    in_parts = any(_starts_in(reply, parts) for parts in partings(reply, sense.asked))
    return in_parts or _starts_after_a_stop(reply, sense) or starts_outright(reply, sense)


def _starts_after_a_stop(reply: Reply, sense: Sense) -> bool:
    """ "I told you to stop the messages but now I want them again", with no full stop between."""
    steps = sense.said
    stops = max((place for place, bits in enumerate(steps) if bits & _STOPS), default=len(steps))
    before, after = joined(steps[:stops]), joined(steps[stops + 1 :])
    asked = after & ASKS_FOR_TEXTS or says_please(reply)  # "and now you write again" complains
    again = after & BIT["start"] and after & _GOES_ON and asked
    told = (before | joined(steps[stops : stops + 1])) & BIT["past"] or after & BIT["now"]
    torn = reply.asks or sense.any("night ask change visit interpreter") or not sense.any("message send receive")
    return bool(again and told) and not torn and reply.knows(sense.words, sense.asked)


def _starts_in(reply: Reply, parts: Sequence[Sense]) -> bool:
    starts = [one for one in parts if one.any("start") and not one.any("stop not no")]
    others = [one for one in parts if one not in starts]
    plain = bool(starts) and all(one.only(_BESIDE_A_START | BIT["past"], but=1) for one in starts)
    past = all(one.any("past wrong") for one in others if one.any("stop not no cancel remove"))
    asks = reply.asks and not any(one.any("can") for one in starts)
    torn = any(one.any("ask if night change visit interpreter") for one in parts)
    return plain and past and not asks and not torn
