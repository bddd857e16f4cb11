"""What a reply means by its concepts, in any order of words: "not + send", "remove + number", "want + visit".

Used where no phrase of the lists is enough. What is acted on without asking (a stop, a yes, a no, a wrong number) must
be explained to the last word; a wish may have other words around it. Questions, conditions and what is past are not
the wish itself, and a slip of the thumb never makes a stop, a yes or a no.
"""

from collections.abc import Callable, Sequence

from bot.understanding.asking import asks_only_who, asks_what_this_is, language, needs_help
from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import lexicon, without
from bot.understanding.no_more import (
    BESIDE_A_STOP,
    STOP_NUMBER,
    no_more_texts,
    says_stop,
    sends_to_another,
    stop_with_reasons,
    texts_again,
)
from bot.understanding.outright import asks_for_something, starts_outright, stops_outright
from bot.understanding.outright_answers import accepts_outright, is_wrong_outright, refuses_outright
from bot.understanding.outright_wishes import wishes_outright
from bot.understanding.reasons import is_bare_not, not_to_stop, only_tell_why, partings
from bot.understanding.reply import Interpretation, Reply, doubt, spans
from bot.understanding.scripts import is_han
from bot.understanding.sensing import DENIES, Sense, marks_of, sense_of, senses_of, steps_of
from bot.understanding.urgent import Urgent
from bot.understanding.wanted import BESIDE_A_NO, DOUBT, Found, by_clause, is_taken_back, told, wanted
from bot.understanding.word_lists import Words

_LONGEST, _LONGEST_WRONG_NUMBER = 16, 14
_STRANGE_BESIDE_A_NUMBER = 2
_BESIDE_A_NUMBER = bits_of("not wrong mine person number me message send call no filler more")
_BESIDE_A_YES = bits_of("yes agree want come help me filler can")
_WHAT_IS_OFFERED, _OF_A_TIME = bits_of("book visit"), bits_of("time me agree yes filler can")
_BESIDE_WHAT_THEY_HAVE = bits_of("have past no now me more filler about")
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
    if len(words) > 1 and words[0] == STOP_NUMBER:
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
    """Of a long reply what is said outright is read, whatever tells why, and a wish, which a person sees too."""
    sense = sense_of(words, reply.own | {"en"})
    found = _outright(reply, sense)
    if found is None and not sense.any("stop send remove wrong"):
        found = wanted(reply, sense)
    if found is None or found == DOUBT:
        return None
    return Interpretation(found[0], IN_SENTENCE, " ".join(words), 0.7, None, sense.languages)


def _outright(reply: Reply, sense: Sense) -> Found:
    if stop_with_reasons(reply, sense.asked) or stops_outright(reply, sense.asked):
        return "opt_out", True
    if starts_outright(reply, sense):
        return "opt_in", True
    if is_wrong_outright(reply, sense):
        return "wrong_number", True
    return ("no", True) if refuses_outright(reply, sense.asked) else None


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
            or sends_to_another(sense)
            or sense.any("night")
            or _denies_a_stop(reply)
            or _wants_another_language(reply)
        )
        return doubt("stop-denied", reply.words) if back else None
    if given.intent == "yes":  # beside danger a "cannot" is about the danger
        opens = not reply.urgent and given.rule == "yes-opens-sentence"
        against = opens and sense.any("not no if ask past remove")
        return doubt("yes-with-doubt", reply.words) if against else None
    return doubt("wish-not-meant", reply.words) if is_taken_back(given.intent, [sense]) else None


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
    if not all(bits & BESIDE_A_STOP for _, _, bits, _ in steps_of(words, languages)):
        return False
    sense = sense_of(words, languages)
    clauses = by_clause(reply, languages)
    says = sense.any(named) and says_stop(sense, clauses)
    return says and not any(not_to_stop(one.steps) for one in clauses)


def _denies_a_stop(reply: Reply) -> bool:
    """Whether one clause asks not to stop, or a later one for texts; "not interested" in another takes nothing back."""
    senses = senses_of(reply.clauses, reply.own | {"en"})
    return any(not_to_stop(one.steps) for one in senses) or any(_asks_for_texts(one) for one in senses[1:])


def _wants_another_language(reply: Reply) -> bool:
    """ "Do not send me messages in English, send them in Urdu"."""
    senses = senses_of(reply.clauses, reply.own | {"en"}) if reply.names.names else []
    return any(asks_for_something(one.said) for one in senses[1:])


def _asks_for_texts(sense: Sense) -> bool:
    """Whether it is "…, text me": what is stopped before it is something else."""
    return sense.has("send me") and not sense.any("not no stop remove more")


def _meant_by_whom(reply: Reply, words: Words) -> Interpretation | None:
    tags = {tag for word in words for tag, _ in marks_of(word)} | {"en"}
    senses = (sense_of(words, frozenset({tag, "en"})) for tag in sorted(tags))
    found = [_judge(reply, sense, words) for sense in senses if sense.explained]
    first = next(iter(found), None)
    agreed = len({one and one.intent for one in found}) == 1 and len(words) > 1
    return first if agreed else None


def _judge(reply: Reply, sense: Sense, words: Words) -> Interpretation | None:
    plain = _without_reasons(reply, sense)
    steps = (step(reply, sense if step is no_more_texts else plain) for step in _STEPS)
    found = next((found for found in steps if found is not None), None)
    if found is None or found == DOUBT:
        found = _wished_or_refused(reply, sense) or found
    if found is None:
        return None
    intent, sure = found
    if intent == "none":
        return doubt("concepts-in-doubt", words)
    rule = _WHOLE if sure else IN_SENTENCE
    return Interpretation(intent, rule, " ".join(words), 0.85 if sure else 0.7, None, sense.languages)


def _wished_or_refused(reply: Reply, sense: Sense) -> Found:
    if wish := wishes_outright(reply, sense):
        return wish, False
    return ("no", True) if refuses_outright(reply, sense.asked) else None


def _without_reasons(reply: Reply, sense: Sense) -> Sense:
    """What is said before a "because" in each clause: what follows tells why, and denies nothing."""
    if not sense.any("because"):
        return sense
    words = tuple(word for clause in told(reply, sense.asked) for word in clause)
    return sense_of(words, sense.asked)


def _wrong_number(reply: Reply, sense: Sense) -> Found:
    wrong = sense.any("wrong") and sense.any("number person call") and _says_plainly(reply, sense, "wrong number")
    not_mine = sense.has("not mine number") or _nobody_of_that_name(reply, sense)
    if _only_of_a_wrong_number(reply, sense) or is_wrong_outright(reply, sense):
        return "wrong_number", True
    if not wrong and not not_mine:
        return None
    back = reply.asks or sense.any("ask if") or len(sense.steps) > _LONGEST_WRONG_NUMBER
    strange = _STRANGE_BESIDE_A_NUMBER if wrong or sense.any("person") else 1
    plain = sense.only(_BESIDE_A_NUMBER | BIT["past"], but=strange)
    return DOUBT if back or not plain else ("wrong_number", True)


def _only_of_a_wrong_number(reply: Reply, sense: Sense) -> bool:
    """Whether a clause says that the number is wrong and no more, and the others only tell why, as "I am not Anna"."""
    if not sense.any("wrong") or reply.asks or reply.names.names:
        return False
    return any(_wrong_number_and_reasons(reply, parts) for parts in partings(reply, sense.asked))


def _wrong_number_and_reasons(reply: Reply, parts: Sequence[Sense]) -> bool:
    wrong = [one for one in parts if one.any("wrong") and one.only(_BESIDE_A_NUMBER | BIT["past"])]
    others = [one for one in parts if one not in wrong]
    not_they = any(one.any("not no") and one.any("person mine") for one in others)
    named = not_they or any(one.any("number person") for one in wrong)
    return bool(wrong) and named and only_tell_why(reply, others)


def _says_plainly(reply: Reply, sense: Sense, names: str) -> bool:
    """Whether no clause that says what is wrong has a word nobody knows beside it."""
    clauses = senses_of(reply.clauses, sense.asked)
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
    refused = _refuses_in_a_part(reply, sense) or refuses_outright(reply, sense.asked)
    if refused or _has_it_already(reply, sense):
        return "no", True
    if accepts_outright(reply, sense):
        return "yes", True
    if reply.asks or sense.any("ask if"):
        return None
    no = sense.any("no") or (sense.any("not") and sense.any("want agree help now"))
    if no:
        refused = not sense.any("want help agree visit") or _refuses(reply)
        twice = sum(1 for bits in sense.steps if bits & DENIES) > 1 and not sense.any("help visit")
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
    return any(_no_and_reasons(reply, parts) for parts in partings(reply, sense.asked, bare_no=True))


def _no_and_reasons(reply: Reply, parts: Sequence[Sense]) -> bool:
    refuses = [one for one in parts if _is_plain_no(one) or (one is parts[0] and is_bare_not(one))]
    others = [one for one in parts if one not in refuses]
    torn = any(reply.pleads(one.words) or reply.hedged(one.words) or one.any("help send stop") for one in others)
    return bool(refuses) and not torn and only_tell_why(reply, others)


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
    senses = senses_of(reply.clauses, reply.own | {"en"})
    return all(sense.near("not no", "want help agree", 2, 2) for sense in senses if sense.any("want help agree visit"))


_STEPS: tuple[Callable[[Reply, Sense], Found], ...] = (
    no_more_texts, _wrong_number, language, texts_again, asks_only_who, needs_help, wanted, _answer, asks_what_this_is,
)  # fmt: skip
