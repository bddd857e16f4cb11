"""What a person wants of an appointment, by the concepts of a reply: another time, none, a new one, or a call.

Whoever wishes one of these is asked again before anything is done, so other words may stand around it; a "not" about
the very thing, a question, a condition or the past says that the wish is none.
"""

from collections.abc import Callable, Iterator, Sequence

from bot.understanding.intents import BIT, bits_of
from bot.understanding.lexicon import without
from bot.understanding.reply import Intent, Reply
from bot.understanding.sensing import Sense, before, senses_of
from bot.understanding.word_lists import Words

Found = tuple[Intent, bool] | None
"""An intent, and whether it is sure; "none" is a doubt, None says nothing."""
DOUBT: Found = ("none", False)
BESIDE_A_NO = bits_of("no not want agree help visit me filler more can now past busy")
_REFUSES, _ASKS, _MAY_COME = BIT["not"], bits_of("can ask want other change book"), bits_of("can come")
_BESIDE_UNABLE = BESIDE_A_NO | bits_of("come time about because have")
TAKEN_BACK = bits_of("ask if past")
_BESIDE_A_CALL = bits_of("call filler time now")
_MOST_STRANGE = 4
_SHARE_STRANGE = 3
_SHORTEST_TOLD = 2
_SEVERAL = 2


def wanted(reply: Reply, sense: Sense) -> Found:
    """The wish of a reply, if any; sure where little else is said."""
    clauses = senses_of(told(reply, sense.asked), sense.asked)
    wished = next((intent for intent, is_wished in _WISHES if is_wished(sense, clauses)), None)
    if wished == "change" and not sense.any("change visit cancel") and _is_call(sense, clauses):
        wished = "call_me"  # "ring me after four"
    offered = reply.question is not None and reply.question.yes_no
    if wished is None and not offered and _comes_to_a_visit(sense):
        wished = "book"
    suits = wished in (None, "book") and _asks_for_what_suits(reply, sense)
    named = sense.any("visit") or not reply.invited  # "sorry, I cannot, I work that day"
    suits = suits or ((wished == "cancel" or (wished is None and named)) and _asks_for_another_day(reply, sense))
    wished = "change" if suits else wished
    if wished == "change" and reply.question is None and _is_first_asked_for(sense) and _is_book(sense, clauses):
        wished, suits = "book", False
    if wished in (None, "cancel") and _cannot_come(reply, sense):
        return "no", True
    if wished is None:
        return None
    if wished == "book" and offered and not sense.any("not") and _accepts(reply, sense):
        return None  # what was offered is an appointment
    if wished == "book" and (sense.any("stop") or (reply.invited and _opens_with_a_no(sense))):
        return DOUBT  # "STOP. I need a doctor", or "no, they gave me that test in May"
    if wished == "cancel" and sense.any("come") and not _stays_away(clauses):
        return DOUBT  # "I wanted to cancel, but I shall come"
    denied = _denied(clauses, sense, wished)
    asked = reply.asks and (wished == "cancel" and not sense.any("want can"))
    if denied or asked or (not suits and is_taken_back(wished, clauses)):
        return _refused_visit(sense, offered=offered) if denied else DOUBT
    bare = (
        wished != "book" or sense.any("book") or not sense.strange_beside("want")
    )  # "I have to drop this appointment"
    return wished, sense.explained or (bare and _little_else(reply, sense))


def _opens_with_a_no(sense: Sense) -> bool:
    first = next((bits for bits in sense.steps if bits & ~BIT["filler"]), 0)
    return bool(first & BIT["no"] and not first & (BIT["yes"] | BIT["filler"]))


def _accepts(reply: Reply, sense: Sense) -> bool:
    """ "Yes, book me", or to an invitation "put me down"."""
    return sense.any("yes agree") or (reply.invited and sense.has("book me") and not sense.any("visit time ask want"))


def _is_first_asked_for(sense: Sense) -> bool:
    """ "Can you fit me in on Thursday after the school run?" asks for one time, in place of no other."""
    times = sum(1 for bits in sense.steps if bits & BIT["time"])
    return times < _SEVERAL and not sense.any("change cancel not other") and sense.any("book visit")


def _comes_to_a_visit(sense: Sense) -> bool:
    """ "Can I come to the nurse this week", "I have to go to the doctor"."""
    return sense.has("come visit") and sense.any("can want") and not sense.any("not no more") and not sense.says_yes


def _asks_for_another_day(reply: Reply, sense: Sense) -> bool:
    """ "I cannot come on Monday, is Thursday possible?"."""
    steps = sense.said
    refused = max((place for place, bits in enumerate(steps) if bits & _REFUSES), default=len(steps))
    comes = (place for place, bits in enumerate(steps) if place > refused and bits & BIT["come"])
    before, after = steps[:refused], steps[next(comes, refused) + 1 :]
    times = [place for place, bits in enumerate(after) if bits & BIT["time"]]
    asked = [place for place, bits in enumerate(after) if bits & _ASKS]
    later = bool(times and asked) and (asked[0] < times[-1] or any(bits & BIT["time"] for bits in before))
    return not sense.has("cancel") and (later or (len(times) > 1 and bool(asked or reply.asks)))


def _cannot_come(reply: Reply, sense: Sense) -> bool:
    """Whether they say that they cannot, to an invitation: nothing is booked yet that they could give up."""
    if not reply.invited or reply.asks or sense.says_yes:
        return False
    unable = sense.denies("come can", 1, 2) or any(bits & _REFUSES and bits & _MAY_COME for bits in sense.steps)
    known = all(bits & _BESIDE_UNABLE for bits in sense.steps if bits)
    return unable and known and _little_else(reply, sense)


def _asks_for_what_suits(reply: Reply, sense: Sense) -> bool:
    """ "I work then, is the afternoon possible?"."""
    may = sense.any("can") and not (reply.invited and sense.near("not", "can", 1, 1))  # "sorry, I cannot"
    several = sum(bool(one & BIT["time"]) for one in sense.steps) > 1
    either = may or several or sense.any("other ask want if") or reply.asks
    otherwise = sense.any("cancel send message stop") or sense.says_yes
    return sense.has("busy time") and either and not otherwise


def _little_else(reply: Reply, sense: Sense) -> bool:
    """Whether the words no list has beside a wish are names, or few that plead, hedge and ask nothing.

    Whoever wishes something about an appointment is asked again before anything is done.
    """
    titled = reply.titled()
    strange = tuple(word for word in sense.unexplained if word not in titled)
    most = min(_MOST_STRANGE, max(1, len(sense.steps) // _SHARE_STRANGE))
    return len(strange) <= most and not (reply.pleads(strange) or reply.hedged(strange) or reply.asks_in_words(strange))


_VERBS: dict[Intent, str] = {
    "change": "change other", "book": "book want cancel", "call_me": "call", "cancel": "cancel",
}  # fmt: skip


def _denied(clauses: Sequence[Sense], sense: Sense, wished: Intent) -> bool:
    """Whether a "not" is about the very thing, or about a word that no list has: "do not change", "ne skasovuyte".

    What stands in another clause is not ("cancel Tuesday, my husband can't drive me"), and who says "I cannot come,
    please change" denies nothing.
    """
    if wished in ("change", "cancel") and (_stays_away(clauses) or _needs_no_longer(sense, clauses)):
        return False
    if wished == "cancel" and sense.has("want visit") and sense.nearer("not", "visit", "cancel"):
        return False  # "I do not want the appointment, cancel it"
    verbs, most = _VERBS[wished], 1 if wished == "change" and sense.any("can come") else 2
    senses = [one for one in clauses if one.any(verbs)]
    return any(one.near("not", verbs, most, 2) or one.strange_beside("not", but="can") for one in senses or [sense])


def _refused_visit(sense: Sense, *, offered: bool) -> Found:
    """ "I do not want the appointment" is a no to an offer of one, and where none was made gives one up."""
    beside = BESIDE_A_NO if offered else BESIDE_A_NO | bits_of("time about")
    refused = sense.has("not want visit") and sense.only(beside)
    return ("no" if offered else "cancel", True) if refused and not sense.every & TAKEN_BACK else DOUBT


def _stays_away(clauses: Sequence[Sense]) -> bool:
    """Whether a clause says that they do not come; the "not" of "do not cancel, I shall come" is about the other."""
    return any(
        one.near("not", "come", 2, 2) and (not one.any("cancel") or one.nearer("not", "come", "cancel"))
        for one in clauses
    )


def _needs_no_longer(sense: Sense, clauses: Sequence[Sense]) -> bool:
    return sense.any("visit") and any(one.has("not more") and one.any("visit want") for one in clauses)


def _is_change(sense: Sense, clauses: Sequence[Sense]) -> bool:
    moved = sense.any("change") and sense.any("visit time want other can come")
    given = sense.near("other", "person", 1, 1)  # "give my place to another patient"
    among = clauses if sense.any("cancel") else [sense]  # "cancel it, I feel better"
    return moved or (not given and any(one.any("other") and one.any("time visit") for one in among))


def _is_cancel(sense: Sense, clauses: Sequence[Sense]) -> bool:
    given_up = sense.any("cancel") and not sense.any("message send")
    if given_up and sense.unexplained and not sense.any("visit time come"):
        return False  # who knows what is to be cancelled
    stays_away = _stays_away(clauses) and not sense.any("send message call") and not sense.says_yes
    stays_away = stays_away and not sense.strange_beside("not")  # "there is no point in coming"
    no_longer = _needs_no_longer(sense, clauses) and not sense.any("message send call")
    denied = any(bits & BIT["remove"] and bits & BIT["not"] for bits in sense.steps)
    removed = sense.has("remove visit") and not denied and not sense.any("message send number")
    return given_up or stays_away or no_longer or removed


def _is_call(sense: Sense, clauses: Sequence[Sense]) -> bool:
    """ "Call me", "I am no good at texting, give me a ring": the "not" of another clause denies no call."""
    if any(one.denies("send message", 2, 2) and one.any("more message") for one in clauses):
        return False
    asked = (one for one in clauses if one.any("call") and not one.any("not message send"))
    return any(one.any("me want can other") or one.only(_BESIDE_A_CALL) for one in asked)


def _is_book(sense: Sense, _clauses: Sequence[Sense]) -> bool:
    verb = any(bits & BIT["book"] and not bits & BIT["visit"] for bits in sense.steps)
    made = sense.any("book") and sense.any("visit want me can time" if verb else "want can")
    made = made and (sense.any("visit time") or not sense.any("who"))  # "I do not understand what to do"
    pleads = sense.any("help") and not sense.any("book")
    no_longer = sense.near("more", "want", 1, 1)
    deliberates = len(sense.unexplained) > 1 and sense.strange_beside("want")  # "I want to ... about the visit"
    wants = sense.has("visit want") and not sense.any("come") and not deliberates
    return made or (wants and not pleads and not no_longer)


_WISHES: tuple[tuple[Intent, Callable[[Sense, Sequence[Sense]], bool]], ...] = (
    ("change", _is_change),
    ("cancel", _is_cancel),
    ("call_me", _is_call),
    ("book", _is_book),
)


def is_taken_back(wished: Intent, clauses: Sequence[Sense]) -> bool:
    """Whether a question, a condition or the past says that the wish is none.

    "When can I come? I want to book" is one, and so is "what other day can it be"; "I want to ask" is none. What is
    past takes back only a wish of the same clause: "I am back home, cancel it".
    """
    wants = any(one.any("want") and not one.near("ask", "want book", 1, 1) for one in clauses)
    another = wished == "change" and any(one.any("can other") for one in clauses)
    asks = (wished == "cancel" or not (wants or another)) and any(one.any("ask who") for one in clauses)
    wishing = [one for one in clauses if one.any(_VERBS.get(wished, ""))] or clauses
    past = any(one.any("past") for one in wishing)
    return asks or past or (wished != "call_me" and any(one.any("if") for one in clauses))


def told(reply: Reply, languages: frozenset[str]) -> Iterator[Words]:
    """The clauses of a reply without its politeness, each up to a "because": what follows denies and wishes nothing."""
    for place, clause in enumerate(reply.clauses):
        words = before(tuple(clause), "because", languages, least=0 if place else _SHORTEST_TOLD)
        if plain := without(words, "polite", reply.polite_languages):
            yield plain


def by_clause(reply: Reply, languages: frozenset[str]) -> list[Sense]:
    """Each clause by itself, without its politeness, in these languages."""
    clauses = (without(tuple(clause), "polite", reply.polite_languages) for clause in reply.clauses)
    return senses_of(filter(None, clauses), languages)
