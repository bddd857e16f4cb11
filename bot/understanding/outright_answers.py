"""A no, texts again, or a wrong number that is said outright, whatever is told beside it.

"No thank you, the landlord has put in a new boiler": of such a reason no word need be known.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon
from bot.understanding.marking import joined
from bot.understanding.reasons import not_to_stop
from bot.understanding.reply import Intent, Reply, spans
from bot.understanding.sensing import DENIES, Sense, sense_of, steps_of
from bot.understanding.word_lists import Words

_FILLER, _NOT, _NO, _WANT = BIT["filler"], BIT["not"], BIT["no"], BIT["want"]
_REFUSED, _ASKED_FOR = bits_of("want agree come"), bits_of("want help agree book yes")
_TAKES_A_YES_BACK = _REFUSED | bits_of("help can")
_NO_REFUSAL = bits_of("if ask stop remove send message other interpreter wrong number start yes")
_NO_ACCEPTANCE = bits_of(
    "if ask stop remove send message change other wrong start interpreter cancel no have past now call"
)
_BEARS_OUT = bits_of("want agree help")
_STOPS, _GOES_ON = bits_of("stop remove cancel"), bits_of("send receive message want")
_TOLD = bits_of("past now cancel other")
_NO_START = bits_of("change interpreter night book")
_NO_WISH = bits_of("stop remove wrong interpreter start")
_WRITES, _UNABLE = bits_of("send message"), bits_of("come can want")
_WRITTEN_TO = bits_of("number person send")
_NEAR, _REACH = 2, 4
_ASKING = frozenset({"request", "stop_tail", "language_around"})
ASKS_FOR_TEXTS = bits_of("want can receive agree")
_CLAUSE_ENDS = BIT["so"]
_TURNS = bits_of("past now if because") | _CLAUSE_ENDS


def refuses_outright(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a clause declines the invitation outright, and nothing in the reply asks for something."""
    if not reply.invited or reply.asks:
        return False
    senses = [sense_of(tuple(clause), languages) for clause in reply.clauses]
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
    plain = [bits for bits in steps if not bits & _FILLER]
    moved = joined(plain) & BIT["change"] and joined(plain) & bits_of("visit time")
    if joined(plain) & _NO_REFUSAL or moved:
        return True
    asked = (place for place, bits in enumerate(steps) if bits & _ASKED_FOR and not bits & _FILLER)
    return any(not joined(steps[max(place - _NEAR, 0) : place + 2]) & DENIES for place in asked)


def accepts_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it opens with a yes that says what they want or agree to, before any reason.

    Where every word is known, the words themselves say whether it is one. "Yes, I shall ask my husband" is none yet.
    """
    clauses = [said for clause in reply.clauses if (said := sense_of(tuple(clause), sense.asked).said)]
    steps = [bits for one in clauses for bits in one]
    reasons = len(clauses) > 1 or len(sense.unexplained) > _NEAR
    if not reply.invited or reply.asks or not reasons or joined(_plain(steps)) & _NO_ACCEPTANCE:
        return False
    if not steps or not steps[0] & BIT["yes"] or any(_declines(one, _TAKES_A_YES_BACK) for one in clauses):
        return False
    place = next((place for place, bits in enumerate(steps[:_REACH]) if bits & _BEARS_OUT), None)
    if place is None or any(reply.hedged(tuple(clause)) for clause in reply.clauses[:_NEAR]):
        return False  # "yes, but I have to ask my husband"
    return not joined(steps[: place + 1]) & (DENIES | bits_of("about person"))


def starts_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it is "I had stopped them, but send them again, please", the start after any stop."""
    clauses = [sense_of(tuple(clause), sense.asked) for clause in reply.clauses]
    steps = [bits for one in clauses for bits in (*one.said, _CLAUSE_ENDS)]
    if reply.names.names or (reply.asks and not sense.any("can")) or joined(_plain(steps)) & _NO_START:
        return False
    stops = [place for place, bits in enumerate(steps) if _is_a_stop(steps, place, bits)]
    last = max(stops, default=-1)
    turns = next((place for place in range(max(last, 0), len(steps)) if _turns(steps, place)), len(steps))
    starts = [place for place, bits in enumerate(steps) if bits & BIT["start"] and place >= turns]
    told = stops or any(bits & _TOLD for bits in steps)
    kept = any(not_to_stop(one.steps) for one in clauses)
    return bool(told) and not kept and any(_is_wanted_again(reply, steps, place) for place in starts)


def _turns(steps: Sequence[int], place: int) -> bool:
    """Whether a step stands between a stop that was and a start that is wished; else "not" and "again" are one."""
    wants = steps[place] & _WANT and not joined(steps[max(place - _NEAR, 0) : place + 1]) & DENIES
    return bool(steps[place] & _TURNS or wants)


def _plain(steps: Sequence[int]) -> Iterator[int]:
    return (bits for bits in steps if not bits & _FILLER)


def _is_a_stop(steps: Sequence[int], place: int, bits: int) -> bool:
    """Whether a step stops, or a "not" stands there by what is sent or wanted."""
    near = joined(steps[place : place + _NEAR + 1])
    return bool(bits & _STOPS) or bool(bits & _NOT and near & _GOES_ON)


def _is_wanted_again(reply: Reply, steps: Sequence[int], place: int) -> bool:
    """Whether they ask for it: "and now you write again" complains."""
    near = steps[max(place - _NEAR, 0) : place + _REACH]
    twice = sum(1 for bits in near if bits & BIT["start"]) > 1  # "from now on start again"
    if steps[place] & _FILLER and not joined(near) & _GOES_ON:
        return False  # "take me off, I am moving back home"
    asked = joined(near) & ASKS_FOR_TEXTS
    return bool(asked or twice or says_please(reply)) and bool(joined(steps) & _GOES_ON)


def says_please(reply: Reply) -> bool:
    """Whether a polite word is there that goes with what is asked for: who complains has none."""
    return any(_asks_politely(span) for span in spans(reply.every_word))


def _asks_politely(words: Words) -> bool:
    keys = {sense.key for sense in lexicon().senses(words)}
    return "polite" in keys and not keys.isdisjoint(_ASKING)


def is_wrong_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it is "you have the wrong number", or "no Margaret here", which a person sees in any case."""
    plain = joined(_plain(sense.said))
    of_a_visit = plain & BIT["time"] and plain & bits_of("come cancel")
    if reply.asks or reply.names.names or plain & bits_of("stop remove change cancel start visit") or of_a_visit:
        return False
    clauses = [sense_of(tuple(clause), sense.asked).said for clause in reply.clauses]
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
    return (said or beside) and not joined(_plain(steps)) & BIT["past"]


def _nobody_named(reply: Reply, sense: Sense) -> bool:
    """Whether a "no" stands right before a name that nobody knows: "there is no Margaret here"."""
    titled = reply.titled().intersection(sense.unexplained)
    words = reply.every_word
    return any(word in titled and sense_of((before,), sense.asked).any("not") for before, word in pairwise(words))


def wishes_outright(reply: Reply, sense: Sense) -> Intent | None:
    """A call, another time, or no visit, where the wish stands plainly among words that nothing else explains.

    A person sees each of these, and the person who wrote is asked before anything is done.
    """
    clauses = [sense_of(tuple(clause), sense.asked).said for clause in reply.clauses]
    every = joined(bits for steps in clauses for bits in _plain(steps))
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
        and _near(steps, place, _REACH - 1) & bits_of("visit time")
        and _near(steps, place, _REACH - 1) & bits_of("can want time")
        and _is_meant(steps, place)
        for place, bits in enumerate(steps)
    )


def _cancels(steps: Sequence[int]) -> bool:
    of_a_visit = (
        place
        for place, bits in enumerate(steps)
        if bits & BIT["cancel"]
        and not bits & bits_of("remove not")
        and (_near(steps, place, _REACH - 1) & BIT["visit"] or _near(steps, place, 1) & BIT["time"])
    )
    past = joined(_plain(steps)) & BIT["past"]
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
    before = steps[place - 1] if place else _FILLER
    beside = joined(_plain(steps[max(place - _NEAR, 0) : place + _NEAR + 1]))
    return bool(before) and not before & _NOT and not beside & BIT["past"]
