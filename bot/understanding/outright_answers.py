"""A yes, a no or a wrong number that is said outright, whatever is told beside it.

"No thank you, the landlord has put in a new boiler": of such a reason no word need be known.
"""

from collections.abc import Sequence
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.marking import joined
from bot.understanding.reply import Reply
from bot.understanding.sensing import DENIES, Sense, moves_a_visit, plain_bits, sense_of, senses_of, steps_of
from bot.understanding.word_lists import Words

_FILLER, _NOT, _NO = BIT["filler"], BIT["not"], BIT["no"]
_REFUSED, _ASKED_FOR = bits_of("want agree come"), bits_of("want help agree book yes")
_TAKES_A_YES_BACK = _REFUSED | bits_of("help can")
_NO_REFUSAL = bits_of("if ask stop remove send message other interpreter wrong number start yes")
_NO_ACCEPTANCE = bits_of(
    "if ask stop remove send message change other wrong start interpreter cancel no have past now call"
)
_BEARS_OUT = bits_of("want agree help")
_WRITTEN_TO = bits_of("number person send")
_NEAR, _REACH = 2, 4


def refuses_outright(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a clause declines the invitation outright, and nothing in the reply asks for something."""
    if not reply.invited or reply.asks:
        return False
    senses = senses_of(reply.clauses, languages)
    if any(_takes_a_refusal_back(one.said) for one in senses):
        return False
    alone = not reply.pleads(reply.words) and reply.knows(reply.words, languages)  # "No. It is cold here"
    return any(_says_no(tuple(clause), languages, alone=alone) for clause in reply.clauses)


def _says_no(clause: Words, languages: frozenset[str], *, alone: bool) -> bool:
    """Whether it is a "no thank you", or "I do not want, need, agree, come".

    :param alone: whether a no that is all of a clause counts too.
    """
    steps = [(length, bits) for _, length, bits, _ in steps_of(clause, languages) if bits != _FILLER]
    noes = [length for length, bits in steps if bits & _NO and not bits & bits_of("yes can")]
    return any(length > 1 or (alone and len(steps) == 1) for length in noes) or _refuses([bits for _, bits in steps])


def _refuses(steps: Sequence[int]) -> bool:
    """Whether something is not wanted; what is wanted no more is something they had: "no more treatment"."""
    return _declines(steps, _REFUSED) and not joined(steps) & BIT["more"]


def _declines(steps: Sequence[int], what: int) -> bool:
    together = any(bits & _NOT and bits & what for bits in steps)
    return together or any(one & _NOT and other & what for one, other in pairwise(steps))


def _takes_a_refusal_back(steps: Sequence[int]) -> bool:
    """Whether something else is wished: "no, but I want to see the doctor"."""
    if plain_bits(steps) & _NO_REFUSAL or moves_a_visit(steps):
        return True
    asked = (place for place, bits in enumerate(steps) if bits & _ASKED_FOR and not bits & _FILLER)
    return any(not joined(steps[max(place - _NEAR, 0) : place + 2]) & DENIES for place in asked)


def accepts_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it opens with a yes that says what they want or agree to, before any reason.

    Where every word is known, the words themselves say whether it is one. "Yes, I shall ask my husband" is none yet.
    """
    clauses = [one.said for one in senses_of(reply.clauses, sense.asked) if one.said]
    steps = [bits for one in clauses for bits in one]
    reasons = len(clauses) > 1 or len(sense.unexplained) > _NEAR
    if not reply.invited or reply.asks or not reasons or plain_bits(steps) & _NO_ACCEPTANCE:
        return False
    if not steps or not steps[0] & BIT["yes"] or any(_declines(one, _TAKES_A_YES_BACK) for one in clauses):
        return False
    place = next((place for place, bits in enumerate(steps[:_REACH]) if bits & _BEARS_OUT), None)
    if place is None or any(reply.hedged(tuple(clause)) for clause in reply.clauses[:_NEAR]):
        return False  # "yes, but I have to ask my husband"
    return not joined(steps[: place + 1]) & (DENIES | bits_of("about person"))


def is_wrong_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it is "you have the wrong number", or "no Margaret here", which a person sees in any case."""
    plain = plain_bits(sense.said)
    of_a_visit = plain & BIT["time"] and plain & bits_of("come cancel")
    if reply.asks or reply.names.names or plain & bits_of("stop remove change cancel start visit") or of_a_visit:
        return False
    clauses = [one.said for one in senses_of(reply.clauses, sense.asked)]
    ours = bits_of("number send message call") & joined(sense.said)
    return any(_is_wrong(steps, ours) for steps in clauses) or (
        bool(plain & BIT["number"]) and _nobody_named(reply, sense)
    )


def _is_wrong(steps: Sequence[int], ours: int) -> bool:
    """Whether a clause says that the number is wrong, or whom they wrote to.

    :param ours: what the reply names of numbers and texts: "no such thing now" is of something else.
    """
    said = any(bits & BIT["wrong"] and (bits & BIT["number"] or (ours and bits & BIT["person"])) for bits in steps)
    both_ways = (pair for one, other in pairwise(steps) for pair in ((one, other), (other, one)))
    beside = any(one & BIT["wrong"] and other & _WRITTEN_TO for one, other in both_ways)
    return (said or beside) and not plain_bits(steps) & BIT["past"]


def _nobody_named(reply: Reply, sense: Sense) -> bool:
    """Whether a "no" stands right before a name that nobody knows: "there is no Margaret here"."""
    titled = reply.titled().intersection(sense.unexplained)
    words = reply.every_word
    return any(word in titled and sense_of((before,), sense.asked).any("not") for before, word in pairwise(words))
