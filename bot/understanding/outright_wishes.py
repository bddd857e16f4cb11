"""A wish about a visit, or for a call, that stands plainly among words that nothing else explains."""

from collections.abc import Sequence

from bot.understanding.intents import BIT, bits_of
from bot.understanding.marking import joined
from bot.understanding.reply import Intent, Reply
from bot.understanding.sensing import Sense, plain_bits, senses_of

_NOT = BIT["not"]
_NO_WISH = bits_of("stop remove wrong interpreter start")
_WRITES, _UNABLE = bits_of("send message"), bits_of("come can want")
_NEAR, _AMONG = 2, 3


def wishes_outright(reply: Reply, sense: Sense) -> Intent | None:
    """A call, another time, or no visit, where the wish stands plainly among words that nothing else explains.

    A person sees each of these, and the person who wrote is asked before anything is done.
    """
    clauses = [one.said for one in senses_of(reply.clauses, sense.asked)]
    every = plain_bits(bits for steps in clauses for bits in steps)
    if every & _NO_WISH:
        return None
    if not every & bits_of("cancel no past") and any(map(_calls, clauses)):
        return "call_me"
    if not every & (_WRITES | bits_of("cancel yes")) and any(map(_moves, clauses)):
        return "change"
    unable = any(bits & _NOT and bits & _UNABLE for steps in clauses for bits in steps)
    gives_up = unable and not reply.asks and not every & (_WRITES | bits_of("if ask who change other yes"))
    return "cancel" if gives_up and any(map(_cancels, clauses)) else None


def _calls(steps: Sequence[int]) -> bool:
    for place, bits in enumerate(steps):
        me = bits | joined(steps[max(place - 1, 0) : place + 2])
        denied = joined(steps[max(place - _NEAR, 0) : place + 2]) & _NOT
        if bits & BIT["call"] and me & BIT["me"] and not denied:
            return True
    return False


def _moves(steps: Sequence[int]) -> bool:
    return any(
        bits & BIT["change"]
        and not bits & bits_of("past not busy")
        and _near(steps, place, _AMONG) & bits_of("visit time")
        and _near(steps, place, _AMONG) & bits_of("can want time")
        and _is_meant(steps, place)
        for place, bits in enumerate(steps)
    )


def _cancels(steps: Sequence[int]) -> bool:
    of_a_visit = (
        place
        for place, bits in enumerate(steps)
        if bits & BIT["cancel"]
        and not bits & bits_of("remove not")
        and (_near(steps, place, _AMONG) & BIT["visit"] or _near(steps, place, 1) & BIT["time"])
    )
    past = plain_bits(steps) & BIT["past"]
    return not past and any(_is_meant(steps, place) and not _is_not_done(steps, place) for place in of_a_visit)


def _is_not_done(steps: Sequence[int], place: int) -> bool:
    """Whether a "not" closes it: "the appointment has cancelled been not"."""
    after = steps[place + 1 : place + 1 + _NEAR]
    named = bits_of("visit time")
    return any(bits & _NOT and all(one & named == 0 for one in after[:number]) for number, bits in enumerate(after))


def _near(steps: Sequence[int], place: int, reach: int) -> int:
    return joined((*steps[max(place - reach, 0) : place], *steps[place + 1 : place + reach + 1]))


def _is_meant(steps: Sequence[int], place: int) -> bool:
    """Whether no "not", and no word that nobody knows, stands right before a wish, and no past beside it."""
    before = steps[place - 1] if place else BIT["filler"]
    beside = plain_bits(steps[max(place - _NEAR, 0) : place + _NEAR + 1])
    return bool(before) and not before & _NOT and not beside & BIT["past"]
