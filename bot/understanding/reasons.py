"""A reply in parts: which say something, and whether the others only tell why, or take it back."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import parted, without
from bot.understanding.reply import Reply
from bot.understanding.sensing import Sense, senses_of, steps_of
from bot.understanding.word_lists import Words

_REASONS, _BARE_NOT = bits_of("because so"), bits_of("not no filler")
_WISHED_FOR = "start agree book cancel change interpreter help if wrong night"


def partings(reply: Reply, languages: frozenset[str], *, bare_no: bool = False) -> Iterator[list[Sense]]:
    """A reply in parts: its clauses, once more where a "because" or a "so" stands; at each "please" too, and each "I".

    Many people write no full stop: "no thank you I have a new boiler". A "not" alone belongs to what follows,
    but where it may be a no (`bare_no`).
    """
    clauses = [tuple(clause) for clause in reply.clauses]
    polite = [part for clause in clauses for part in parted(clause, "polite", reply.polite_languages)]
    last: list[Sense] = []
    for pieces, opening in ((clauses, _REASONS), (polite, _REASONS), (polite, _REASONS | BIT["subject"])):
        parts = _as_parts(reply, pieces, opening, languages)
        if parts != last and (bare_no or pieces is clauses or not any(is_bare_not(one) for one in parts)):
            yield parts
        last = parts


def is_bare_not(part: Sense) -> bool:
    """Whether a part is a "not" or "no" and nothing else."""
    return part.any("not") and part.explained and not part.every & ~_BARE_NOT


def _as_parts(reply: Reply, pieces: Sequence[Words], opening: int, languages: frozenset[str]) -> list[Sense]:
    parts = (part for piece in pieces for part in _parts(piece, opening, languages))
    plain = (without(part, "polite", reply.polite_languages) for part in parts)
    return senses_of(filter(None, plain), languages)


def _parts(words: Words, opening: int, languages: frozenset[str]) -> Iterator[Words]:
    places = [place for place, _, bits, _ in steps_of(words, languages) if bits & opening]
    yield from (words[start:end] for start, end in pairwise((0, *places, len(words))))


def only_tell_why(reply: Reply, parts: Sequence[Sense]) -> bool:
    """Whether parts beside an answer tell why, and enough of their words are known for that to be said."""
    titled = reply.titled()
    words = tuple(word for one in parts for word in one.words if word not in titled)
    known = not words or reply.knows(words, reply.own | {"en"})
    return known and all(_tells_why(one) for one in parts)


def _tells_why(part: Sense) -> bool:
    """Whether a part beside a stop wishes nothing, narrows nothing and takes nothing back, whatever its words."""
    wishes = part.any(_WISHED_FOR) or part.says_yes or (part.any("want") and not part.any("not"))
    visit = part.any("visit time") and part.any("other want come can ask no")
    figures = all(word.isdecimal() for word in part.words)
    by_post = part.has("not send") and bool(part.unexplained)  # "do not send it by post, a text is enough"
    calls = part.any("call") and not part.any("number not past")
    return not (wishes or visit or figures or by_post or calls or part.has("send me") or not_to_stop(part.steps))


def not_to_stop(steps: Sequence[int]) -> bool:
    """Whether a "not" stands right before a stop, or is written into it: "do not stop", "arretez pas"."""
    forbids, stops = BIT["not"], BIT["stop"] | BIT["remove"]
    steps = [bits for bits in steps if bits != BIT["filler"]]
    near = (steps[max(place - 2, 0) : place + 2] for place, bits in enumerate(steps) if bits & stops)
    messages = any(bits & (BIT["send"] | BIT["want"] | BIT["more"]) for bits in steps)
    denied = any(bits & forbids and not bits & (BIT["send"] | BIT["want"]) for span in near for bits in span)
    if _unwanted_and_stopped(steps):
        return False
    if any(one & forbids and other & stops and not one & BIT["send"] for one, other in pairwise(steps)):
        return True  # "do not delete", in words that also say "do not want"
    return denied and not (messages and _stop_comes_first(steps))


def _unwanted_and_stopped(steps: Sequence[int]) -> bool:
    """Whether "messages not want stop": where the verb comes last, what is not wanted stands before it."""
    named = next((place for place, bits in enumerate(steps) if bits & BIT["message"]), len(steps))
    after = steps[named + 1 :]
    refused = next((place for place, bits in enumerate(after) if bits & BIT["not"]), len(after))
    wants = any(bits & BIT["want"] for bits in after[refused : refused + 2])
    return wants and bool(after) and bool(after[-1] & BIT["stop"]) and len(after) - refused > 1


def _stop_comes_first(steps: Sequence[int]) -> bool:
    """ "Stop, no more texts": the stop opens, and what is denied is the texts."""
    first = next((bits for bits in steps if bits & ~BIT["filler"]), 0)
    return bool(first & BIT["stop"]) and not first & BIT["not"]
