"""What a reply means by its concepts, in any order of words: "not + send", "remove + number", "want + visit".

Used where no phrase of the lists is enough. What is acted on without asking (a stop, a yes, a no, a wrong number) must
be explained to the last word; a wish may have other words around it. Questions, conditions and what is past are not
the wish itself, and a slip of the thumb never makes a stop, a yes or a no.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon, without
from bot.understanding.reply import Intent, Interpretation, Reply, doubt, spans
from bot.understanding.sensing import Sense, marks_of, sense_of
from bot.understanding.word_lists import Words

_LONGEST, _LONGEST_WRONG_NUMBER = 16, 10
_LONG_ENOUGH = 4
_STOP_NUMBER = "0"
_STRANGE_BESIDE_A_NUMBER = 2
_STRANGE_BESIDE_A_STOP = 2
_PAIRS_OF_A_STOP = (
    ("not", "send message"), ("stop", "send message"), ("remove", "number me"), ("receive more", "message"),
)  # fmt: skip
_BESIDE_A_STOP = bits_of("not more stop send message receive remove number want call me mine no filler can")
_BESIDE_A_NUMBER = bits_of("not wrong mine person number me message send call no filler more")
_BESIDE_A_YES = bits_of("yes agree want come help me filler can")
_BESIDE_A_NO = bits_of("no not want agree help visit me filler more can")
_DENIES = bits_of("not no")
_TAKEN_BACK = bits_of("ask if past")
OPEN_TO_CONCEPTS = frozenset(
    {
        *("stop-in-sentence", "no-in-sentence", "no-with-doubt", "words-nobody-knows", "several-wishes"),
        *("stop-denied", "yes-with-doubt", "wrong-number-in-sentence"),
    }
)
"""Rules of doubt that a reading by concepts may settle."""
_SURE = ("number", "thumb", "network-word")
_TAKEN_BACK_BY_CONCEPTS = ("opt_out", "cancel", "book", "yes")
IN_SENTENCE = "concepts-in-sentence"
_WHOLE = "concepts"


def meant(reply: Reply) -> Interpretation | None:
    """What the concepts of a reply come to, in the person's language with English beside it.

    Who has no language recorded is understood where every language that explains all the words says the same.
    """
    words = without(reply.words, "polite", reply.polite_languages)
    if reply.question is not None and reply.question.yes_no:
        words = without(words, "ok", reply.polite_languages) or words
    if len(words) > 1 and words[0] == _STOP_NUMBER:
        found = _meant(reply, words[1:])
        return found if found is None or found.intent == "opt_out" else doubt("concepts-in-doubt", words)
    return _meant(reply, words)


def _meant(reply: Reply, words: Words) -> Interpretation | None:
    if reply.urgent or reply.bereaved:
        return None
    if not 0 < len(words) <= _LONGEST:
        return None
    if reply.own:
        sense = sense_of(words, reply.own | {"en"})
        return _judge(reply, sense, words) if sense.every else None
    return _meant_by_whom(reply, words)


def taken_back(reply: Reply, given: Interpretation) -> Interpretation | None:
    """A doubt where concepts of the person's language take back what the lists read: a question, an "if", the past."""
    if given.rule in _SURE or given.intent not in _TAKEN_BACK_BY_CONCEPTS:
        return None
    matched = set(given.matched.split()) if given.intent in ("cancel", "book") else set()
    sense = sense_of(
        tuple(word for word in reply.words if word not in matched), (reply.own or given.languages) | {"en"}
    )
    if given.intent == "opt_out":
        return doubt("stop-denied", reply.words) if _denies_a_stop(reply) else None
    if given.intent == "yes":  # beside danger a "cannot" is about the danger
        against = not reply.urgent and given.rule == "yes-opens-sentence" and sense.any("not no if ask past")
        return doubt("yes-with-doubt", reply.words) if against else None
    return doubt("wish-not-meant", reply.words) if _is_taken_back(given.intent, sense) else None


def _denies_a_stop(reply: Reply) -> bool:
    """Whether one clause asks not to stop, or a later one for texts; "not interested" in another takes nothing back."""
    senses = [sense_of(tuple(clause), reply.own | {"en"}) for clause in reply.clauses]
    return any(_not_to_stop(one.steps) for one in senses) or any(_asks_for_texts(one) for one in senses[1:])


def _asks_for_texts(sense: Sense) -> bool:
    """Whether it is "…, text me": what is stopped before it is something else."""
    return sense.has("send me") and not sense.any("not no stop remove more")


def _is_taken_back(wished: Intent, sense: Sense) -> bool:
    """Whether a question, a condition or the past says that the wish is none; "when can I come? I want to book" is."""
    deliberates = wished == "cancel" or not sense.any("want") or sense.near("ask", "want book", 1, 0)
    asks = sense.any("ask") and deliberates
    return asks or sense.any("if past")


def _meant_by_whom(reply: Reply, words: Words) -> Interpretation | None:
    tags = {tag for word in words for tag, _ in marks_of(word)[0]} | {"en"}
    senses = (sense_of(words, frozenset({tag, "en"})) for tag in sorted(tags))
    found = [_judge(reply, sense, words) for sense in senses if sense.explained]
    first = next(iter(found), None)
    agreed = len({one and one.intent for one in found}) == 1 and len(words) > 1
    return first if agreed else None


def _judge(reply: Reply, sense: Sense, words: Words) -> Interpretation | None:
    for step in (_stop, _start, _wrong_number, _language, _wish, _answer):
        found = step(reply, sense)
        if found is not None:
            intent, sure = found
            if intent == "none":
                return doubt("concepts-in-doubt", words)
            rule = _WHOLE if sure else IN_SENTENCE
            return Interpretation(intent, rule, " ".join(words), 0.85 if sure else 0.7, None, sense.languages)
    return None


_Found = tuple[Intent, bool] | None
_DOUBT: _Found = ("none", False)


def _stop(reply: Reply, sense: Sense) -> _Found:
    if not _says_stop(sense):
        return None
    allowed = _BESIDE_A_STOP | (bits_of("cancel") if sense.any("message number") and not sense.any("visit") else 0)
    torn = sense.any("call") and sense.any("message send")  # "do not call, text me"
    back = reply.asks or sense.every & _TAKEN_BACK or _not_to_stop(sense.steps) or _is_kept(reply, sense)
    digits = any(word.isdecimal() and word != _STOP_NUMBER for word in reply.words)
    sure = sense.only(allowed) or _stands_out(reply, sense, allowed)
    missing = sense.any("receive") and not sense.any("want stop remove send cancel")  # "I get no messages any more"
    return _DOUBT if back or torn or digits or missing or not sure else ("opt_out", True)


def _stands_out(reply: Reply, sense: Sense, allowed: int) -> bool:
    """Whether a stop is so plain that a word or two nobody knows beside it ("system", "kindly") take nothing from it.

    One clause holds the pair side by side, every known word is of the same matter, and what is strange neither stands
    right by a "not" nor hedges, asks, pleads or wishes.
    """
    strange = sense.unexplained
    if len(sense.steps) < _LONG_ENOUGH or len(strange) > min(_STRANGE_BESIDE_A_STOP, len(sense.steps) // 2):
        return False
    known = all(bits & allowed for bits in sense.steps if bits)
    torn = reply.hedged(strange) or reply.asks_in_words(strange) or reply.pleads(strange)
    clauses = (sense_of(tuple(clause), sense.asked) for clause in reply.clauses)
    tight = any(one.near(*pair, 2, 2) for one in clauses for pair in _PAIRS_OF_A_STOP)
    about_us = sense.any("message number") or sense.has("send more")
    return known and not torn and tight and about_us and not sense.strange_beside("not stop")


def _says_stop(sense: Sense) -> bool:
    ours = sense.any("message send")
    unwanted = sense.any("message receive") and sense.any("more want") and sense.near("not", "want more message", 3, 3)
    refused = sense.any("not") and (sense.near("not", "send", 3, 2) or unwanted or _not_called(sense))
    stopped = sense.any("stop") and (ours or sense.any("receive call"))
    removed = sense.any("remove") and sense.any("number message me")
    ended = sense.any("cancel") and sense.any("message") and not sense.any("visit")
    ended = ended or (sense.near("cancel", "number", 1, 1) and not sense.any("visit time"))
    return refused or stopped or removed or ended


def _not_called(sense: Sense) -> bool:
    return sense.has("call me") and not sense.any("wrong")


def _is_kept(reply: Reply, sense: Sense) -> bool:
    """Whether a "not" shares its clause with a "remove", however far apart: "I do not want you to delete my number"."""
    clauses = (sense_of(tuple(clause), sense.asked) for clause in reply.clauses)
    return any(one.any("remove") and _forbids(one) and not one.any("send message") for one in clauses)


def _forbids(sense: Sense) -> bool:
    return any(bits & BIT["not"] and not bits & (BIT["send"] | BIT["more"]) for bits in sense.steps)


def _not_to_stop(steps: Sequence[int]) -> bool:
    """Whether a "not" stands right before a stop, or is written into it: "do not stop", "arretez pas"."""
    forbids, stops = BIT["not"], BIT["stop"] | BIT["remove"]
    steps = [bits for bits in steps if bits != BIT["filler"]]
    near = (steps[max(place - 2, 0) : place + 2] for place, bits in enumerate(steps) if bits & stops)
    messages = any(bits & (BIT["send"] | BIT["want"] | BIT["more"]) for bits in steps)
    denied = any(bits & forbids and not bits & (BIT["send"] | BIT["want"]) for span in near for bits in span)
    if any(one & forbids and other & stops and not one & BIT["send"] for one, other in pairwise(steps)):
        return True  # "do not delete", in words that also say "do not want"
    return denied and not (messages and _stop_comes_first(steps))


def _stop_comes_first(steps: Sequence[int]) -> bool:
    """ "Stop, no more texts": the stop opens, and what is denied is the texts."""
    first = next((bits for bits in steps if bits & ~BIT["filler"]), 0)
    return bool(first & BIT["stop"]) and not first & BIT["not"]


def _start(reply: Reply, sense: Sense) -> _Found:
    if not (sense.any("start") and sense.any("send message more receive")) or sense.any("stop"):
        return None
    allowed = bits_of("start send message more receive me filler want can yes")
    kept = sense.any("not no") or reply.asks or sense.every & _TAKEN_BACK
    sure = sense.only(allowed | BIT["number"], but=1)
    return _DOUBT if kept or not sure else ("opt_in", True)


def _wrong_number(reply: Reply, sense: Sense) -> _Found:
    wrong = sense.any("wrong") and sense.any("number person call") and not sense.strange_beside("wrong number")
    not_mine = sense.has("not mine number") or _nobody_of_that_name(reply, sense)
    if not wrong and not not_mine:
        return None
    back = reply.asks or sense.any("ask if") or len(sense.steps) > _LONGEST_WRONG_NUMBER
    plain = sense.only(_BESIDE_A_NUMBER | BIT["past"], but=_STRANGE_BESIDE_A_NUMBER)
    return _DOUBT if back or not plain else ("wrong_number", True)


def _nobody_of_that_name(reply: Reply, sense: Sense) -> bool:
    """ "No Fatima lives here": a name told by its capital, between a "no" and where or who."""
    return sense.any("not no") and sense.any("person") and bool(reply.titled().intersection(sense.unexplained))


def _language(reply: Reply, sense: Sense) -> _Found:
    cannot = sense.has("not speak") and not sense.any("send message call visit book")
    wanted = sense.any("interpreter") and sense.any("want visit can speak") and not sense.any("not no past")
    return ("language", True) if (cannot or wanted) and not sense.any("ask if past") and not reply.asks else None


def _wish(reply: Reply, sense: Sense) -> _Found:
    wished = next((intent for intent, is_wished in _WISHES if is_wished(sense)), None)
    if wished is None:
        return None
    denied = _denied(sense, wished)
    asked = reply.asks and (wished == "cancel" and not sense.any("want can"))
    if wished == "book" and sense.any("yes") and reply.question is not None and reply.question.yes_no:
        return None  # what was offered is an appointment
    if denied or asked or _is_taken_back(wished, sense):
        return _refused_visit(sense) if denied else _DOUBT
    return wished, sense.explained


_VERBS: dict[Intent, str] = {
    "change": "change other", "book": "book want cancel", "call_me": "call", "cancel": "cancel",
}  # fmt: skip


def _denied(sense: Sense, wished: Intent) -> bool:
    """Whether a "not" is about the very thing, or about a word that no list has: "do not change", "ne skasovuyte".

    Who says "I cannot come, please change" denies nothing.
    """
    if wished in ("change", "cancel") and (sense.near("not", "come", 2, 2) or sense.has("not more visit")):
        return False
    before = 1 if wished == "change" and sense.any("can come") else 2
    return sense.near("not", _VERBS[wished], before, 2) or sense.strange_beside("not")


def _refused_visit(sense: Sense) -> _Found:
    """ "I do not want an appointment" is a no."""
    refused = sense.has("not want visit") and sense.only(_BESIDE_A_NO)
    return ("no", True) if refused and not sense.every & _TAKEN_BACK else _DOUBT


def _is_change(sense: Sense) -> bool:
    moved = sense.any("change") and sense.any("visit time want other can come")
    return moved or (sense.any("other") and sense.any("time visit"))


def _is_cancel(sense: Sense) -> bool:
    given_up = sense.any("cancel") and not sense.any("message send")
    stays_away = sense.near("not", "come", 2, 2) and not sense.any("send message call yes")
    no_longer = sense.has("not more visit") and not sense.any("message send call")
    return given_up or stays_away or no_longer


def _is_call(sense: Sense) -> bool:
    return sense.any("call") and sense.any("me want can") and not sense.any("not message send")


def _is_book(sense: Sense) -> bool:
    made = sense.any("book") and sense.any("visit want me can time")
    pleads = sense.any("help") and not sense.any("book")
    return made or (sense.has("visit want") and not sense.any("come") and not pleads)


_WISHES: tuple[tuple[Intent, Callable[[Sense], bool]], ...] = (
    ("change", _is_change),
    ("cancel", _is_cancel),
    ("call_me", _is_call),
    ("book", _is_book),
)


def _answer(reply: Reply, sense: Sense) -> _Found:
    """A yes or no that every word bears out; without a question it is for a person, as any answer then is."""
    if reply.asks or sense.every & _TAKEN_BACK:
        return None
    no = sense.any("no") or (sense.any("not") and sense.any("want agree help"))
    if no:
        refused = not sense.any("want help agree visit") or _refuses(reply)
        twice = sum(1 for bits in sense.steps if bits & _DENIES) > 1 and not sense.any("help visit")
        borne_out = sense.only(_BESIDE_A_NO, but=1 if twice else 0)
        return ("no", True) if refused and not sense.any("yes") and borne_out else None
    asked = reply.question is not None and reply.question.yes_no
    yes = (
        (sense.any("yes agree want") or (asked and sense.any("come")))
        and not sense.any("not")
        and not _hedged(reply, sense)
    )
    return ("yes", True) if yes and sense.only(_BESIDE_A_YES) else None


def _hedged(reply: Reply, sense: Sense) -> bool:
    """Whether the lists see a doubt in what stands beside a yes, or in several words of it ("got help")."""
    several = (span for span in spans(reply.words) if len(span) > 1)
    languages = reply.own | {"en"}
    return reply.hedged(sense.beside) or any(lexicon().marked(span, "contrast", languages) for span in several)


def _refuses(reply: Reply) -> bool:
    """Whether the "not" is about what is offered, in the same clause: "No. I need help" asks for it."""
    senses = (sense_of(tuple(clause), reply.own | {"en"}) for clause in reply.clauses)
    return all(sense.near("not no", "want help agree", 2, 2) for sense in senses if sense.any("want help agree visit"))
