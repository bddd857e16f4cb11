"""A stop, or texts again, said outright, whatever is told beside it: why, since when, how tired they are of it.

"Do not send me messages any more, my phone rings and the baby wakes": of such a reason no word need be known.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from bot.understanding.intents import BIT, bits_of
from bot.understanding.language_names import find_names
from bot.understanding.lexicon import lexicon
from bot.understanding.marking import joined
from bot.understanding.normalise import clauses_asked
from bot.understanding.reasons import not_to_stop
from bot.understanding.reply import Reply, spans
from bot.understanding.sensing import DENIES, Sense, moves_a_visit, plain_bits, sense_of, senses_of
from bot.understanding.word_lists import Words

_LONGEST, _BESIDE, _NEAR, _REACH = 4, 3, 2, 4
_SHORTEST_NUMBER, _SHORT = 5, 5
_NOT, _SEND, _MESSAGE, _MORE = BIT["not"], BIT["send"], BIT["message"], BIT["more"]
_TEXTS = _SEND | _MESSAGE
_WISHED_FOR = bits_of("start agree book interpreter help wrong")
_NO_DENIAL = bits_of("speak who")
_IN_A_CORE = bits_of("not more stop send message receive remove number want me mine no filler can person")
_WHOSE = bits_of("about past other person")
_ENDS_BY_ITSELF = bits_of("receive come past")
_ASKS = bits_of("ask who if")
_STOPS, _GOES_ON = bits_of("stop remove cancel"), bits_of("send receive message want")
_TOLD, _NO_START = bits_of("past now cancel other"), bits_of("change interpreter night book")
_ASKING = frozenset({"request", "stop_tail", "language_around"})
_CLAUSE_ENDS = BIT["so"]
_TURNS = bits_of("past now if because") | _CLAUSE_ENDS
ASKS_FOR_TEXTS = bits_of("want can receive agree")


class _Core(NamedTuple):
    """The steps of a clause, from the first to the last, that say to stop our texts, and all their bits."""

    first: int
    last: int
    every: int


def stops_outright(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a clause says to stop our texts, and nothing in the reply wishes for something else."""
    if any(_is_a_number(word) for word in reply.words) or sense_of(reply.words[:1], languages).says_yes:
        return False
    senses = senses_of(reply.clauses, languages)
    cores = [_core(sense.said) for sense in senses]
    if not any(cores) or any(cores[: clauses_asked(reply.text)]):  # "how much longer? stop it" asks before
        return False
    taken_off = all(core.every & BIT["remove"] for core in cores if core)
    if not taken_off and any(map(_names_a_language, senses)):
        return False
    return all(_leaves_it(sense, core) for sense, core in zip(senses, cores, strict=True))


def _names_a_language(sense: Sense) -> bool:
    """ "Send no more in English" asks for a language; that they read none may be why, in a clause of its own."""
    if not find_names(sense.words).names:
        return False
    return sense.any("send message") or not sense.denies("speak", 2, 2)


def _is_a_number(word: str) -> bool:
    return word.isdecimal() and len(word) >= _SHORTEST_NUMBER


def _core(steps: Sequence[int]) -> _Core | None:
    """The shortest run of steps that says to stop our texts."""
    runs = (
        _Core(first, first + size - 1, joined(steps[first : first + size]))
        for size in range(1, _LONGEST + 1)
        for first in range(len(steps) - size + 1)
    )
    return next((run for run in runs if _says_stop(steps, run)), None)


def _says_stop(steps: Sequence[int], run: _Core) -> bool:
    within = steps[run.first : run.last + 1]
    if run.every & BIT["past"] or not all(bits & _IN_A_CORE for bits in within):
        return False
    return _is_unsent(steps, run) or _is_stopped(steps, run) or _is_removed(steps, run)


def _is_unsent(steps: Sequence[int], run: _Core) -> bool:
    """Whether it is "do not send me messages", "I want no more texts"; "I get no messages" misses them.

    What stands right before a "do not send" may be what is not to be sent: "the letter do not send, text me".
    """
    before = steps[run.first - 1] if run.first else BIT["filler"]
    beside = joined(_around(steps, run, 2))
    if not run.every & _NOT or (beside & BIT["receive"] and not beside & BIT["want"]) or before & BIT["call"]:
        return False
    within = steps[run.first : run.last + 1]
    sends = any(bits & _SEND and (not bits & _MESSAGE or bits & _NOT) for bits in within)
    if before & _WHOSE and not within[0] & _SEND:
        return False  # "my husband does not want the messages"
    unsent = sends and run.every & (_MESSAGE | _MORE) and (bool(before) or not within[0] & _SEND)
    texts = run.every & _TEXTS == _TEXTS and run.every & bits_of("me more")
    wanted = any(bits & BIT["want"] and not (bits & BIT["no"] and run.every & _SEND) for bits in within)
    named = run.every & _MORE and not run.every & _SEND and before  # "received no more message" misses them
    unwanted = run.every & _MESSAGE and (wanted or named)
    return bool(unsent or texts or unwanted)


def _is_stopped(steps: Sequence[int], run: _Core) -> bool:
    """Whether it is "stop the messages", "stop writing to me"; no stop is "they have stopped", "stop sending bills"."""
    denied = run.every & (DENIES | BIT["cancel"])
    if not run.every & BIT["stop"] or denied or joined(_around(steps, run, 1)) & _ENDS_BY_ITSELF:
        return False
    if run.every & _MESSAGE:
        return True
    follows = steps[run.last + 1] if run.last + 1 < len(steps) else BIT["filler"]
    ours = run.first == run.last or run.every & bits_of("more me")
    return bool(run.every & _SEND and ours and follows and not follows & bits_of("about visit other"))


def _is_removed(steps: Sequence[int], run: _Core) -> bool:
    """Whether it is "take my number off your list", and no number of somebody else, nor an old one."""
    before = steps[run.first - 1] if run.first else BIT["filler"]
    whose = not before or before & _WHOSE or (run.every & BIT["person"] and not run.every & BIT["mine"])
    beside = steps[max(run.first - 2, 0) : _end_of(steps, run)]
    denied = any(bits & DENIES and not bits & _NO_DENIAL for bits in beside)
    within = steps[run.first : run.last + 1]
    removed = any(bits & BIT["number"] and not bits & BIT["cancel"] for bits in within) and run.every & BIT["remove"]
    return bool(removed) and not denied and not whose


def _end_of(steps: Sequence[int], run: _Core) -> int:
    """Where it ends, with a "not" that closes the clause: one that goes on tells why, "delete it, I do not read"."""
    return run.last + 2 if run.last + 2 == len(steps) else run.last + 1


def _around(steps: Sequence[int], run: _Core, beside: int) -> Sequence[int]:
    return steps[max(run.first - beside, 0) : run.last + beside + 1]


def _leaves_it(sense: Sense, core: _Core | None) -> bool:
    """Whether a clause wishes for nothing else beside its core, and narrows it to no time and no condition."""
    steps = sense.said
    told = steps if core is None else steps[: _end_of(steps, core)]
    if any(bits & _WISHED_FOR and not bits & BIT["filler"] for bits in steps) or not_to_stop(told):
        return False
    if moves_a_visit(steps) or _gives_up_a_visit(steps) or (sense.any("if") and len(steps) <= _SHORT):
        return False
    if core is None:
        calls = sense.explained and bool(sense.every & BIT["call"])  # "call me instead"
        by_post = sense.every & (_NOT | _SEND) == _NOT | _SEND and not sense.explained  # "do not post the letter"
        return not (calls or by_post or asks_for_something(steps))
    beside = [*steps[: max(core.first - 1, 0)], *steps[core.last + 1 :]]
    asks = joined(_around(steps, core, _BESIDE)) & _ASKS
    return not (_is_of_a_time(steps, core) or asks or asks_for_something(beside))


def _is_of_a_time(steps: Sequence[int], core: _Core) -> bool:
    """Whether it is no texts at night that are asked for, or on a day."""
    if core.every & BIT["remove"]:
        return False
    beside, near = joined(_around(steps, core, 1)), joined(_around(steps, core, 2))
    night = (beside if core.every & _MORE else near) & BIT["night"]
    return bool(night or (beside & BIT["time"] and not core.every & bits_of("more stop")))


def _gives_up_a_visit(steps: Sequence[int]) -> bool:
    plain = plain_bits(steps)
    return bool(plain & BIT["cancel"] and not plain & BIT["remove"])


def asks_for_something(steps: Sequence[int]) -> bool:
    """Whether something is to be sent, is wanted, or they are to be phoned: "send it to my daughter"."""
    for place, bits in enumerate(steps):
        wished = bits & bits_of("send want") and not bits & (_MESSAGE | BIT["past"])
        if wished and not joined(steps[max(place - 2, 0) : place + 2]) & DENIES:
            return True
    call_me = bits_of("call me")
    return any(bits & call_me == call_me for bits in (*steps, *(one | other for one, other in pairwise(steps))))


def starts_outright(reply: Reply, sense: Sense) -> bool:
    """Whether it is "I had stopped them, but send them again, please", the start after any stop."""
    clauses = senses_of(reply.clauses, sense.asked)
    steps = [bits for one in clauses for bits in (*one.said, _CLAUSE_ENDS)]
    if reply.names.names or (reply.asks and not sense.any("can")) or plain_bits(steps) & _NO_START:
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
    wants = steps[place] & BIT["want"] and not joined(steps[max(place - _NEAR, 0) : place + 1]) & DENIES
    return bool(steps[place] & _TURNS or wants)


def _is_a_stop(steps: Sequence[int], place: int, bits: int) -> bool:
    """Whether a step stops, or a "not" stands there by what is sent or wanted."""
    near = joined(steps[place : place + _NEAR + 1])
    return bool(bits & _STOPS) or bool(bits & _NOT and near & _GOES_ON)


def _is_wanted_again(reply: Reply, steps: Sequence[int], place: int) -> bool:
    """Whether they ask for it: "and now you write again" complains."""
    near = steps[max(place - _NEAR, 0) : place + _REACH]
    twice = sum(1 for bits in near if bits & BIT["start"]) > 1  # "from now on start again"
    if steps[place] & BIT["filler"] and not joined(near) & _GOES_ON:
        return False  # "take me off, I am moving back home"
    asked = joined(near) & ASKS_FOR_TEXTS
    return bool(asked or twice or says_please(reply)) and bool(joined(steps) & _GOES_ON)


def says_please(reply: Reply) -> bool:
    """Whether a polite word is there that goes with what is asked for: who complains has none."""
    return any(_asks_politely(span) for span in spans(reply.every_word))


def _asks_politely(words: Words) -> bool:
    keys = {sense.key for sense in lexicon().senses(words)}
    return "polite" in keys and not keys.isdisjoint(_ASKING)
