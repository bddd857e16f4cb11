"""What a reply means by its concepts, in any order of words: "not + send", "remove + number", "want + visit".

Used where no phrase of the lists is enough. What is acted on without asking (a stop, a yes, a no, a wrong number) must
be explained to the last word; a wish may have other words around it. Questions, conditions and what is past are not
the wish itself, and a slip of the thumb never makes a stop, a yes or a no.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from bot.understanding.asking import asks_only_who, asks_what_this_is, language, needs_help
from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon, without
from bot.understanding.marking import joined
from bot.understanding.reply import Interpretation, Reply, doubt, spans
from bot.understanding.scripts import is_han
from bot.understanding.sensing import Sense, marks_of, sense_of, steps_of
from bot.understanding.urgent import Urgent
from bot.understanding.wanted import BESIDE_A_NO, DOUBT, TAKEN_BACK, Found, by_clause, is_taken_back, told, wanted
from bot.understanding.word_lists import Words

_LONGEST, _LONGEST_WRONG_NUMBER = 16, 14
_LONG_ENOUGH = 4
_STOP_NUMBER = "0"
_STRANGE_BESIDE_A_NUMBER = 2
_STRANGE_BESIDE_A_STOP = 2
_PAIRS_OF_A_STOP = (
    ("not", "send message"), ("stop", "send message"), ("remove", "number me"), ("receive more", "message"),
)  # fmt: skip
_BESIDE_A_STOP = bits_of("not more stop send message receive remove number want call me mine no filler can")
_PARTS = bits_of("because so")
_WISHED_FOR = "start agree book cancel change interpreter help if wrong night"
_BESIDE_A_WHY = bits_of("ask who more send message receive me mine number call filler have past person")
_BESIDE_A_NUMBER = bits_of("not wrong mine person number me message send call no filler more")
_BESIDE_A_START = bits_of("start send message more receive me filler want can yes agree now number")
_BESIDE_A_YES = bits_of("yes agree want come help me filler can")
_WHAT_IS_OFFERED, _OF_A_TIME = bits_of("book visit"), bits_of("time me agree yes filler can")
_BESIDE_WHAT_THEY_HAVE = bits_of("have past no now me more filler about")
_DENIES = bits_of("not no")
_WHY = bits_of("about busy")
_NARROWED = TAKEN_BACK | bits_of("night")
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
    dropped = tuple(word for word in reply.words if word not in words)
    if sense_of(dropped, reply.own | {"en"}).any("visit"):  # "doctor sahib" is polite, and may be whom they want to see
        found = _meant(reply, reply.words)
        if found is not None and found.intent == "book":
            return found
    return _meant_politely(reply, words)


def _meant_politely(reply: Reply, words: Words) -> Interpretation | None:
    if reply.question is not None and reply.question.yes_no:
        left = without(words, "ok", reply.polite_languages)
        if left != words and reply.invited and _is_only_of_a_time(reply, left):
            return Interpretation("yes", _WHOLE, " ".join(words), 0.85, None, reply.own)
        words = left or words
    if len(words) > 1 and words[0] == _STOP_NUMBER:
        found = _meant(reply, words[1:])
        return found if found is None or found.intent == "opt_out" else doubt("concepts-in-doubt", words)
    return _meant(reply, words)


def _is_only_of_a_time(reply: Reply, words: Words) -> bool:
    """Whether what is said to be fine is the time: "theek hai, this time"."""
    sense = sense_of(words, reply.own | {"en"})
    return not reply.asks and sense.any("time") and sense.only(_OF_A_TIME)


def _meant(reply: Reply, words: Words) -> Interpretation | None:
    if reply.urgent or reply.bereaved:
        return None
    if not words:
        return None
    if _length(words) > _LONGEST:
        return _among_many(reply, words) if reply.own else None
    if reply.own:
        sense = sense_of(words, reply.own | {"en"})
        return _judge(reply, sense, words) if sense.every else None
    return _meant_by_whom(reply, words)


def _among_many(reply: Reply, words: Words) -> Interpretation | None:
    """Of a long reply a plain stop is read where all the rest tells why, and a wish, which a person sees too."""
    sense = sense_of(words, reply.own | {"en"})
    if _fills_a_part(reply, sense.asked):
        found: Found = ("opt_out", True)
    else:
        found = wanted(reply, sense) if not sense.any("stop send remove wrong") else None
    if found is None or found == DOUBT:
        return None
    return Interpretation(found[0], IN_SENTENCE, " ".join(words), 0.7, None, sense.languages)


def _length(words: Words) -> float:
    """How many words these are; a Chinese letter stands for half of one."""
    return sum(0.5 if is_han(word) else 1 for word in words)


def taken_back(reply: Reply, given: Interpretation) -> Interpretation | None:
    """A doubt where concepts of the person's language take back what the lists read: a question, an "if", the past."""
    if given.rule in _SURE or given.intent not in _TAKEN_BACK_BY_CONCEPTS:
        return None
    matched = set(given.matched.split()) if given.intent in ("cancel", "book") else set()
    sense = sense_of(
        tuple(word for word in reply.words if word not in matched), (reply.own or given.languages) | {"en"}
    )
    if given.intent == "opt_out":
        one_word = given.rule == "stop-in-clause" and " " not in given.matched
        of_a_visit = one_word and sense.any("visit")  # "I do not need the appointment, stop"
        back = (
            of_a_visit
            or _sends_something(reply, given)
            or _sends_to_another(sense)
            or sense.any("night")
            or _denies_a_stop(reply)
        )
        return doubt("stop-denied", reply.words) if back else None
    if given.intent == "yes":  # beside danger a "cannot" is about the danger
        opens = not reply.urgent and given.rule == "yes-opens-sentence"
        against = opens and sense.any("not no if ask past remove")
        return doubt("yes-with-doubt", reply.words) if against else None
    return doubt("wish-not-meant", reply.words) if is_taken_back(given.intent, sense) else None


def _sends_something(reply: Reply, given: Interpretation) -> bool:
    """Whether it is "do not send it, I shall collect it", which is of something else than texts."""
    if given.rule != "stop-in-clause" or not sense_of(tuple(given.matched.split()), reply.own | {"en"}).any("send"):
        return False
    sense = sense_of(reply.words, reply.own | {"en"})
    return not sense.any("message number receive more stop")


def only_stops(reply: Reply, urgent: Urgent) -> bool:
    """Whether each word is of "enough, stop sending these messages": "enough" ends no life.

    In the person's language, or in the one that danger was found in. Messages are named, but where it is amber.
    """
    named = "message send remove" if urgent.level == "amber" else "message"
    words = without(reply.every_word, "polite", reply.polite_languages)
    spoken = (tags | {"en"} for tags in (reply.own, urgent.languages) if tags)
    return _length(words) <= _LONGEST and any(_only_stops(reply, words, named, tags) for tags in spoken)


def _only_stops(reply: Reply, words: Words, named: str, languages: frozenset[str]) -> bool:
    if not all(bits & _BESIDE_A_STOP for _, _, bits, _ in steps_of(words, languages)):
        return False
    sense = sense_of(words, languages)
    clauses = by_clause(reply, languages)
    says = sense.any(named) and _says_stop(sense, clauses)
    return says and not any(_not_to_stop(one.steps) for one in clauses)


def _denies_a_stop(reply: Reply) -> bool:
    """Whether one clause asks not to stop, or a later one for texts; "not interested" in another takes nothing back."""
    senses = [sense_of(tuple(clause), reply.own | {"en"}) for clause in reply.clauses]
    return any(_not_to_stop(one.steps) for one in senses) or any(_asks_for_texts(one) for one in senses[1:])


def _asks_for_texts(sense: Sense) -> bool:
    """Whether it is "…, text me": what is stopped before it is something else."""
    return sense.has("send me") and not sense.any("not no stop remove more")


def _meant_by_whom(reply: Reply, words: Words) -> Interpretation | None:
    tags = {tag for word in words for tag, _ in marks_of(word)[0]} | {"en"}
    senses = (sense_of(words, frozenset({tag, "en"})) for tag in sorted(tags))
    found = [_judge(reply, sense, words) for sense in senses if sense.explained]
    first = next(iter(found), None)
    agreed = len({one and one.intent for one in found}) == 1 and len(words) > 1
    return first if agreed else None


def _judge(reply: Reply, sense: Sense, words: Words) -> Interpretation | None:
    plain = _without_reasons(reply, sense)
    for step in _STEPS:
        found = step(reply, sense if step is _stop else plain)
        if found is not None:
            intent, sure = found
            if intent == "none":
                return doubt("concepts-in-doubt", words)
            rule = _WHOLE if sure else IN_SENTENCE
            return Interpretation(intent, rule, " ".join(words), 0.85 if sure else 0.7, None, sense.languages)
    return None


def _without_reasons(reply: Reply, sense: Sense) -> Sense:
    """What is said before a "because" in each clause: what follows tells why, and denies nothing."""
    if not sense.any("because"):
        return sense
    words = tuple(word for clause in told(reply, sense.asked) for word in clause)
    return sense_of(words, sense.asked)


def _stop(reply: Reply, sense: Sense) -> Found:
    clauses = by_clause(reply, sense.asked)
    if not _says_stop(sense, clauses):
        return None
    if sense.any("start") and _starts_again(reply, sense):
        return None
    if _fills_a_part(reply, sense.asked):
        return "opt_out", True
    allowed = _beside_a_stop(sense)
    torn = sense.any("call") and sense.any("message send")  # "do not call, text me"
    torn = torn or _sends_to_another(sense)
    asks = reply.asks and not _asks_kindly(sense)
    kept = any(_not_to_stop(one.steps) or _is_kept(one) for one in clauses)
    back = asks or sense.every & _NARROWED or kept
    digits = any(word.isdecimal() and word != _STOP_NUMBER for word in reply.words)
    sure = sense.only(allowed) or _stands_out(reply, sense, allowed)
    if back and _only_asks_why(clauses):
        return "opt_out", True
    return DOUBT if back or torn or digits or _is_missed(sense) or not sure else ("opt_out", True)


def _beside_a_stop(sense: Sense) -> int:
    """What may stand beside a stop; to "cancel" is to stop, where it is messages."""
    return _BESIDE_A_STOP | (BIT["cancel"] if sense.any("message number") and not sense.any("visit") else 0)


def _only_asks_why(clauses: Sequence[Sense]) -> bool:
    """Whether one clause is a plain stop and the others no more than "why do you keep writing to me, who are you"."""
    stops = [one for one in clauses if one.any("stop remove not") and not one.every & _NARROWED]
    plain = stops and all(one.only(_BESIDE_A_STOP) and not _not_to_stop(one.steps) for one in stops)
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
    clauses = [sense_of(tuple(clause), sense.asked) for clause in reply.clauses]
    tight = any(one.near(*pair, 2, 2) for one in clauses for pair in _PAIRS_OF_A_STOP)
    torn = torn or any(one.near("send", "about", 1, 1) or one.near("about", "want", 2, 0) for one in clauses)
    about_us = sense.any("message number") or sense.has("send more")
    return known and not torn and tight and about_us and not sense.strange_beside("not stop")


def _fills_a_part(reply: Reply, languages: frozenset[str]) -> bool:
    """Whether a part of the reply is a plain stop, and the others only tell why: "I moved, so take me off"."""
    if reply.asks or reply.names.names:
        return False
    parts = [sense_of(part, languages) for part in _parts(reply, languages)]
    stops = next((run for run in _runs(parts) if _is_plain_stop(reply, run)), ()) or _bare_stop(parts)
    return bool(stops) and _only_tell_why(reply, [one for one in parts if one not in stops])


def _parts(reply: Reply, languages: frozenset[str]) -> Iterator[Words]:
    """The clauses of a reply without its politeness, parted once more where a "because" or a "so" stands."""
    for clause in reply.clauses:
        places = [place for place, _, bits, _ in steps_of(tuple(clause), languages) if bits & _PARTS]
        for start, end in pairwise((0, *places, len(clause))):
            if words := without(tuple(clause[start:end]), "polite", reply.polite_languages):
                yield words


def _runs(parts: Sequence[Sense]) -> Iterator[Sequence[Sense]]:
    """Every part by itself, then every two of which the first says "I do not want" and the second what."""
    yield from ([one] for one in parts)
    yield from (two for two in pairwise(parts) if _is_unwanted(two[0]) and not two[1].any("not no stop remove"))


def _is_unwanted(part: Sense) -> bool:
    return part.has("not want") and not part.any("no") and part.only(_BESIDE_A_STOP)


def _is_plain_stop(reply: Reply, parts: Sequence[Sense]) -> bool:
    """Whether parts of a reply say nothing but to stop our texts."""
    sense = sense_of(tuple(word for one in parts for word in one.words), parts[0].asked)
    kept = any(_not_to_stop(one.steps) or _is_kept(one) for one in parts) or sense.every & _NARROWED
    allowed = _beside_a_stop(sense)
    plain = _is_about_us(sense) and (sense.only(allowed) or _stands_out(reply, sense, allowed))
    calls = sense.any("call") and sense.any("message send")
    other = _is_missed(sense) or _sends_to_another(sense) or calls
    return len(sense.steps) > 1 and not (kept or other) and plain and _says_stop(sense, parts)


def _sends_to_another(sense: Sense) -> bool:
    """ "Do not text me, text my daughter"."""
    steps = [bits for bits in sense.steps if bits != BIT["filler"]]
    sends = [place for place, bits in enumerate(steps) if bits & BIT["send"]]
    denied = [place for place in sends if joined(steps[max(place - 2, 0) : place + 1]) & BIT["not"]]
    return sense.any("about") and any(place > denied[0] for place in sends if denied and place not in denied)


def _is_missed(sense: Sense) -> bool:
    """ "I get no messages any more"."""
    return sense.any("receive") and not sense.any("want stop remove send cancel")


def _is_about_us(sense: Sense) -> bool:
    """Whether it is texts that are to stop: "do not send it, I shall collect it" is of something else."""
    return sense.any("message number receive me") or (sense.any("more") and not sense.any("have"))


def _bare_stop(parts: Sequence[Sense]) -> Sequence[Sense]:
    """A part that says stop and no more, where another names our texts: "daily these messages, I am tired, stop"."""
    bare = [one for one in parts if one.any("stop") and one.only(_BESIDE_A_STOP) and not one.any("not no")]
    named = any(one.any("message") and not one.any("visit") for one in parts if one not in bare)
    return bare[:1] if named else ()


def _only_tell_why(reply: Reply, parts: Sequence[Sense]) -> bool:
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
    return not (wishes or visit or figures or by_post or calls or part.has("send me") or _not_to_stop(part.steps))


def _says_stop(sense: Sense, clauses: Sequence[Sense]) -> bool:
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


def _not_to_stop(steps: Sequence[int]) -> bool:
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


def _start(reply: Reply, sense: Sense) -> Found:
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
    parts = [sense_of(part, sense.asked) for part in _parts(reply, sense.asked)]
    starts = [one for one in parts if one.any("start") and not one.any("stop not no")]
    others = [one for one in parts if one not in starts]
    plain = bool(starts) and all(one.only(_BESIDE_A_START | BIT["past"], but=1) for one in starts)
    past = all(one.any("past wrong") for one in others if one.any("stop not no cancel remove"))
    asks = reply.asks and not any(one.any("can") for one in starts)
    torn = any(one.any("ask if night change visit interpreter") for one in parts) or sense.says_yes
    return plain and past and not asks and not torn


def _wrong_number(reply: Reply, sense: Sense) -> Found:
    wrong = sense.any("wrong") and sense.any("number person call") and _says_plainly(reply, sense, "wrong number")
    not_mine = sense.has("not mine number") or _nobody_of_that_name(reply, sense)
    if _only_of_a_wrong_number(reply, sense):
        return "wrong_number", True
    if not wrong and not not_mine:
        return None
    back = reply.asks or sense.any("ask if") or len(sense.steps) > _LONGEST_WRONG_NUMBER
    strange = _STRANGE_BESIDE_A_NUMBER if wrong or sense.any("person") else 1
    plain = sense.only(_BESIDE_A_NUMBER | BIT["past"], but=strange)
    return DOUBT if back or not plain else ("wrong_number", True)


def _only_of_a_wrong_number(reply: Reply, sense: Sense) -> bool:
    """Whether a clause says that the number is wrong and no more, and the others only tell why, as "I am not Anna"."""
    if reply.asks or reply.names.names:
        return False
    parts = [sense_of(part, sense.asked) for part in _parts(reply, sense.asked)]
    wrong = [one for one in parts if one.any("wrong") and one.only(_BESIDE_A_NUMBER | BIT["past"])]
    others = [one for one in parts if one not in wrong]
    not_they = any(one.any("not no") and one.any("person mine") for one in others)
    named = not_they or any(one.any("number person") for one in wrong)
    return bool(wrong) and named and _only_tell_why(reply, others)


def _says_plainly(reply: Reply, sense: Sense, names: str) -> bool:
    """Whether no clause that says what is wrong has a word nobody knows beside it."""
    clauses = (sense_of(tuple(clause), sense.asked) for clause in reply.clauses)
    return not any(one.strange_beside(names) for one in clauses if one.any("wrong"))


def _nobody_of_that_name(reply: Reply, sense: Sense) -> bool:
    """ "No Fatima lives here": a name beside a "no" and where or who, told by its capital where letters have any."""
    capitals = any(letter.isupper() or letter.islower() for letter in reply.text)
    named = reply.titled().intersection(sense.unexplained) if capitals else len(sense.unexplained) == 1
    clauses = by_clause(reply, sense.asked)
    said = sense.any("person") or sense.has("number more")  # "no longer the number of ..."
    theirs = any(one.has("not number") and one.unexplained and one.only(_BESIDE_A_NUMBER, but=1) for one in clauses)
    return sense.any("not no") and bool(named) and (said or theirs)


def _answer(reply: Reply, sense: Sense) -> Found:
    """A yes or no that every word bears out; without a question it is for a person, as any answer then is."""
    if _has_it_already(reply, sense) or _refuses_in_a_part(reply, sense):
        return "no", True
    if reply.asks or sense.any("ask if"):
        return None
    no = sense.any("no") or (sense.any("not") and sense.any("want agree help now"))
    if no:
        refused = not sense.any("want help agree visit") or _refuses(reply)
        twice = sum(1 for bits in sense.steps if bits & _DENIES) > 1 and not sense.any("help visit")
        borne_out = sense.only(_beside_a_no(sense), but=1 if twice else 0)
        return ("no", True) if refused and not sense.says_yes and borne_out else None
    asked = reply.question is not None and reply.question.yes_no
    if sense.any("help") and not asked:  # nobody offered any
        return DOUBT
    agreed = sense.any("yes agree") and (reply.invited or sense.any("visit me"))  # "yes, book me in"
    put_down = sense.any("me") and not sense.any("visit time")  # "put me down"
    booked = asked and sense.any("book") and (agreed or put_down)
    yes = (
        (sense.any("yes agree want") or (asked and sense.any("come")) or booked)
        and not sense.any("not past who")
        and not _hedged(reply, sense)
    )
    allowed = _BESIDE_A_YES | (_WHAT_IS_OFFERED if booked else 0)
    return ("yes", True) if yes and sense.only(allowed) else None


def _beside_a_no(sense: Sense) -> int:
    """What may stand beside a no: what is not wanted, or "my mother has had it"."""
    had = BIT["have"] | BIT["about"] if sense.any("have") else 0
    return BESIDE_A_NO | had | (BIT["about"] if sense.near("not", "want", 1, 1) else 0)


def _refuses_in_a_part(reply: Reply, sense: Sense) -> bool:
    """Whether a part of an answer to an invitation is a plain no, and the others only tell why."""
    if not reply.invited or reply.asks or not sense.any("not no"):
        return False
    parts = [sense_of(part, sense.asked) for part in _parts(reply, sense.asked)]
    refuses = [one for one in parts if _is_plain_no(one)]
    others = [one for one in parts if one not in refuses]
    torn = any(reply.pleads(one.words) or reply.hedged(one.words) or one.any("help send stop") for one in others)
    return bool(refuses) and not torn and _only_tell_why(reply, others)


def _is_plain_no(part: Sense) -> bool:
    refuses = part.any("no") or part.denies("want agree come can", 1, 2)
    return refuses and part.only(_beside_a_no(part)) and not part.says_yes and not part.any("past")


def _has_it_already(reply: Reply, sense: Sense) -> bool:
    """ "I already have it", to an offer."""
    return reply.invited and not reply.asks and sense.any("have") and sense.only(_BESIDE_WHAT_THEY_HAVE)


def _hedged(reply: Reply, sense: Sense) -> bool:
    """Whether the lists see a doubt in what stands beside a yes, or in several words of it ("got help")."""
    several = (span for span in spans(reply.words) if len(span) > 1)
    languages = reply.own | {"en"}
    return reply.hedged(sense.beside) or any(lexicon().marked(span, "contrast", languages) for span in several)


def _refuses(reply: Reply) -> bool:
    """Whether the "not" is about what is offered, in the same clause: "No. I need help" asks for it."""
    senses = (sense_of(tuple(clause), reply.own | {"en"}) for clause in reply.clauses)
    return all(sense.near("not no", "want help agree", 2, 2) for sense in senses if sense.any("want help agree visit"))


_STEPS: tuple[Callable[[Reply, Sense], Found], ...] = (
    _stop, _wrong_number, language, _start, asks_only_who, needs_help, wanted, _answer, asks_what_this_is,
)  # fmt: skip
