"""How words of danger are meant: denied, long past, told of the dead, or said for a laugh. Then a person looks, later.

What is red stays so in a clause of its own, whatever other clauses say: one cannot talk an alarm away by saying more.
"""

from collections.abc import Iterable, Mapping

from bot.understanding.composing import KIN, OF_PEOPLE, SAYS_LITTLE, Told
from bot.understanding.concepts import BIT, DANGERS, bits_of
from bot.understanding.lexicon import without
from bot.understanding.marking import ENGLISH, joined
from bot.understanding.word_lists import UrgentPhrase

_SAYS_IT_ALL = 3
_NEAR, _DATED_NEAR, _NOW_NEAR, _THOUGHT_NEAR = 8, 5, 3, 2
_DENIED_WITHIN, _AFTER_A_DENIAL = 1, 1
_MAY_BE_ALIVE = bits_of("breath|wake|unconscious|move|floppy|blood")
_LEVELS = ("red", "paged", "amber")
_STANDING = 4
_IF_AFTER = 2
_OF_THINGS_TOO = bits_of("hard|breath|wheeze|cannot|strange|speak|crooked|drown")
_MORE_SIGNS = DANGERS & ~SAYS_LITTLE & ~bits_of("child|relative|adult") | bits_of("not|cannot|now|sudden")
_SMALL_CUT, _NO_SMALL_CUT = bits_of("cut|limb|wound|blood|injury"), "a-lot|pour|self|wrist|relative|child"
_LACKS, _UNSAYS = bits_of("not|cannot"), bits_of("not|cannot|none")
_UNWELL = bits_of("not|cannot|none|hard|stop|pain|again|want|die|end")
_FIGURE = bits_of("kill|die")
_OF_DEATH = bits_of("die|kill|suicide|cut|hang")
_NO = bits_of("not|none")
_LOWERING = bits_of("none|not|past|well|dated|died|joke|price|nuisance|name|thing|slight|ex|almost|if|busy|want|cough")
"""Without one of these around it, danger is meant as it is said."""
_MAY_BE_SLIGHT = SAYS_LITTLE | bits_of("breath|wheeze|pain|itch|rash|swell|dizzy|fever|throat|cough|pressure|high")
_OF_A_COUGH = bits_of("chest|feed")  # many languages have one word for chest and breast
_TAKEN, _NAMED = bits_of("swallow|pills|poison|battery"), bits_of("attack|die|kill")
_LACKING = bits_of("stop|live|hopeless")
"""What a "no" makes worse: "no sense to live"."""
_DENIES_LAST = frozenset(
    {"tr", "hi", "ur", "pa-Guru", "pa-Arab", "bn", "ta", "ne", "gu", "fa", "prs", "ps", "ckb", "kmr", "am", "ti", "so"}
)
"""Languages whose "there is none" closes the sentence."""
_ASKS_AFTER_A_DENIAL = {"tr": "mu"}
"""The word by which "there is none" is a question in a language: Turkish "yok mu"."""
_MAY_DENY_WHAT_FOLLOWS = frozenset({"hi", "ur", "pa-Guru", "pa-Arab"})
"""Where one "not" alone after a sign may go with the next word: "dard nahi ja raha", the pain does not go."""
Found = tuple[UrgentPhrase, list[int]]
Taken = tuple[set[int], list[set[int]]]
"""The places of what a rule found that is urgent, and of each phrase of more than one word."""


def as_meant(found: Iterable[Found], told: Told, *, joking: bool) -> list[Found]:
    """The phrases, each at the level that the words around it leave; those that tell of a death as they are.

    The same words are lowered in every language or in none.
    """
    listed = list(found)
    ruled = {place for phrase, places in listed if phrase.concepts and phrase.level != _LEVELS[-1] for place in places}
    used = [set(places) for _, places in listed if len(places) > 1]
    alone = {places[0] for phrase, places in listed if len(places) == 1 and phrase.level in _LEVELS[:1]}
    meant = [
        _at(phrase, "amber")
        if _denies_itself(phrase, places, alone)
        else _meant(phrase, places, told, (ruled, used), joking=joking)
        for phrase, places in listed
    ]
    lowered, paged = (_now_at(level, listed, meant) for level in ("amber", "paged"))
    return [
        (_at(phrase, _as_the_others(phrase, places, lowered, paged, told)), places)
        for phrase, (_, places) in zip(meant, listed, strict=True)
    ]


def _now_at(level: str, listed: Iterable[Found], meant: Iterable[UrgentPhrase]) -> set[tuple[int, ...]]:
    """The words of the phrases that were lowered to a level."""
    both = zip(listed, meant, strict=True)
    return {tuple(places) for (before, places), after in both if before.level != after.level == level}


def _as_the_others(
    phrase: UrgentPhrase, places: list[int], lowered: set[tuple[int, ...]], paged: set[tuple[int, ...]], told: Told
) -> str:
    """The level of a phrase where the same words are lowered in another language."""
    if phrase.level in _LEVELS and _goes_with(lowered, places, phrase, told):
        return "amber"
    together = len(places) > 1 and tuple(places) in paged
    return "paged" if phrase.level == "red" and together else phrase.level


def _goes_with(lowered: set[tuple[int, ...]], places: list[int], phrase: UrgentPhrase, told: Told) -> bool:
    """Whether these very words are lowered, or their "no" denies a longer phrase: "no difficulty breathing"."""
    if tuple(places) in lowered:
        return True
    within = range(places[0] + 1, places[-1] + 1)
    says_no = told.around(phrase.language).get(places[0], 0) & _UNSAYS
    return bool(says_no) and any(len(other) > 1 and all(place in within for place in other) for other in lowered)


def _denies_itself(phrase: UrgentPhrase, places: list[int], alone: set[int]) -> bool:
    """Whether a rule of "not" has it before a word that is danger alone: "not suffocating" is no lack of breath."""
    return "not" in phrase.concepts and len(places) == 2 and places[1] in alone


def _meant(phrase: UrgentPhrase, places: list[int], told: Told, taken: Taken, *, joking: bool) -> UrgentPhrase:
    if phrase.level not in _LEVELS:
        return phrase
    level = "paged" if phrase.level == "red" and _is_one_word(phrase, places, told) else phrase.level
    if joking or told.every(phrase.language) & _LOWERING:
        level = _lowered(_at(phrase, level), _Around(phrase, places, told), taken, joking=joking)
    return _at(phrase, level)


def _at(phrase: UrgentPhrase, level: str) -> UrgentPhrase:
    return phrase if phrase.level == level else phrase._replace(level=level)


def _is_one_word(phrase: UrgentPhrase, places: list[int], told: Told) -> bool:
    """Whether one word of the lists is all there is of it, in a clause that says more: it may be the name of a film.

    A stroke or a heart attack is none: "my mother had a stroke" says all there is to say. Of a rule that one word
    fills only what many things do ("choked", "mumbles") is so, and where the reply has no other sign.
    """
    clause, around = told.bounds.count(told.bounds[places[0]]), told.around(phrase.language)
    if len(places) > 1 or clause <= _SAYS_IT_ALL or around.get(places[0], 0) & BIT["attack"]:
        return False
    if not phrase.concepts:
        return True
    return not bits_of("|".join(phrase.concepts)) & ~_OF_THINGS_TOO and not _has_more_signs(places[0], around)


def _has_more_signs(but: int, around: Mapping[int, int]) -> bool:
    return any(bits & _MORE_SIGNS for place, bits in around.items() if place != but)


def _lowered(phrase: UrgentPhrase, around: "_Around", taken: Taken, *, joking: bool) -> str:
    """The level that what stands around it leaves."""
    of_people, past = around.is_of_people(), around.is_past()
    if around.is_denied(*taken) or around.is_slight() or (not of_people and (past or around.is_of_the_dead())):
        return "amber"
    figure = not phrase.concepts and around.is_a_figure()
    told_of = not phrase.concepts and (around.is_told_of() or around.is_too_busy())
    scene = len(phrase.concepts) >= _STANDING
    light = not scene and (joking or around.is_joked() or around.is_nearly() or figure or told_of)
    if light and (figure or not of_people):
        return "amber"
    return (
        "paged"
        if phrase.level == "red" and (light or past or around.is_asked_of() or around.is_over() or around.is_better())
        else phrase.level
    )


class _Around:
    """What stands around a phrase, in its own clauses."""

    def __init__(self, phrase: UrgentPhrase, places: list[int], told: Told) -> None:
        self.told, self.places, self.language = told, places, phrase.language
        self.first, self.last = places[0], places[-1]
        self.bits, self.every = told.around(phrase.language), told.every(phrase.language)
        self.clauses = {told.bounds[place] for place in places}
        self.said = joined(self.bits.get(place, 0) for place in places)

    def has(self, names: str, within: float = _NEAR) -> bool:
        """Whether one of these concepts stands near, and is no part of the phrase."""
        return bool(self._near(bits_of(names), within))

    def is_joked(self) -> bool:
        """Whether it is said for a laugh; "not joking" is none."""
        return self._is_said("joke")

    def is_a_figure(self) -> bool:
        """Whether a price gives one a fit, or the cold or the queue is what kills."""
        return self.has("price") or (
            self._is_of(_FIGURE) and self.has("nuisance") and not self.has("relative|child|self")
        )

    def is_told_of(self) -> bool:
        """Whether a film is about it, or a car or a phone is what dies; what was swallowed is a thing as well.

        An illness of somebody they name is no story, wherever it came on.
        """
        ill = bool(self._near(KIN, _NEAR)) or self._is_of(BIT["chest"])
        named = self.has("name") and (self.is_of_people() or not ill)
        return named or (not self._is_of(_TAKEN) and self.has("thing"))

    def is_too_busy(self) -> bool:
        """Whether there is no time to breathe."""
        return self._is_of(BIT["breath"]) and self.has("busy")

    def is_asked_of(self) -> bool:
        """Whether they ask what to do if it comes to that; who may harm themselves or is harmed asks of now.

        The "if" stands before, or closes it where verbs come last: "daura pare to".
        """
        if self.is_of_people() or self._is_of(_TAKEN) or self._is_now():
            return False
        closing = range(self.last + 1, self.last + 1 + _IF_AFTER if self.language in _DENIES_LAST else 0)
        return any(place < self.first or place in closing for place in self._near(BIT["if"], _NEAR))

    def is_nearly(self) -> bool:
        """Whether a match, or a bill, nearly did it: who nearly fainted is ill all the same."""
        return self._is_of(_NAMED) and self.has("almost")

    def is_slight(self) -> bool:
        """Whether it is a little short of breath on the stairs, or an itch: what can wait for the day.

        A small cut of the kitchen is, and a chest that hurts only when they cough, or has hurt so for weeks.
        """
        of_a_cough = self._is_of(BIT["chest"]) and self.has("cough") and bool(self.every & BIT["weeks"])
        if not (of_a_cough or self.has("slight")) or self._is_now():
            return False
        may_be = _MAY_BE_SLIGHT | (_OF_A_COUGH if self.has("cough") else 0)
        small_cut = self._is_of(BIT["cut"]) and not self.has(_NO_SMALL_CUT) and not self._is_of(bits_of(_NO_SMALL_CUT))
        return not self._is_of(DANGERS & ~(may_be | (_SMALL_CUT if small_cut else 0)))

    def is_over(self) -> bool:
        """Whether it is of somebody they have left."""
        return self.is_of_people() and self.has("ex") and not self._is_now()

    def is_better(self) -> bool:
        """Whether the rest of it, and what they say next, is that they are well now; of a stroke, that they are."""
        said = BIT["well"] if self._is_of(BIT["attack"]) else BIT["well"] | BIT["now"]
        return not self.is_of_people() and self._all_is_well(said)

    def is_of_the_dead(self) -> bool:
        """Whether it tells how somebody died, who is not to be saved."""
        died = [place for place in self._near(BIT["died"], _NEAR) if not self.bits.get(place - 1, 0) & BIT["almost"]]
        return bool(died) and not self._is_of(_MAY_BE_ALIVE)

    def _is_of(self, bits: int) -> bool:
        """Whether one of its words stands for one of these concepts."""
        return bool(self.said & bits)

    def is_past(self) -> bool:
        """Whether it was long ago, and nothing says that it is back or is so now.

        A past tense alone says little: it needs a year, or that all is well.
        """
        dated = any(not self._is_of_a_date(place) for place in self._near(BIT["dated"], _DATED_NEAR))
        ago = self._near(BIT["past"], _NEAR)
        was = dated or any(self._is_unit(place, BIT["past"]) for place in ago) or (ago and self.has("well"))
        return bool(was) and not self._is_back() and not self._is_now()

    def _is_back(self) -> bool:
        """Whether it is there again; "never again" is not."""
        return self._is_said("again")

    def _is_said(self, name: str) -> bool:
        """Whether a concept stands near, and no "not" right before it."""
        return any(not self.bits.get(place - 1, 0) & _UNSAYS for place in self._near(BIT[name], _NEAR))

    def is_of_people(self) -> bool:
        """Whether it is what was done, or is meant to be done: no less a danger for having been before."""
        return self._is_of(OF_PEOPLE)

    def _is_unit(self, place: int, wanted: int) -> bool:
        """Whether a concept is several words here."""
        return any(at == place and bits & wanted for at, bits in self.told.spans)

    def is_denied(self, ruled: set[int], used: list[set[int]]) -> bool:
        """Whether "there is none" stands right before it, within it, or right after it at the end of a clause.

        What is one word alone ("suffocating") is denied by any "not" before it. "It does not stop" denies nothing.
        """
        if self._is_of(_LACKING):
            return False
        if any(self._negates(place, used) for place in self._near(BIT["not"], _NEAR)) or self._is_not_wanted():
            return True
        if self._is_within_a_denial():
            return True
        return any(place not in ruled and self._denies(place, ruled) for place in self._near(BIT["none"], _NEAR))

    def _negates(self, place: int, used: list[set[int]]) -> bool:
        """Whether a "not" stands before one word, or right before several: "I am not short of breath".

        Where it opens a clause in another language than English, it may be the "no" of an answer.
        """
        opens = place == 0 or self._bound(place - 1) != self._bound(place)
        part = any(whole.issuperset((place, *self.places)) for whole in used)
        right_before = place == self.first - 1 and not part and (self.language == ENGLISH or not opens)
        return self._stands_before(place) and (self.first == self.last or right_before)

    def _is_within_a_denial(self) -> bool:
        """Whether a denial of several words takes in one of its signs: "no longer hurts", "no trouble breathing".

        Where a denial closes what was said, only polite words may follow it: "dard nahi ja raha".
        """
        signs = {place for place in self.places if self.bits.get(place, 0) & DANGERS & ~SAYS_LITTLE}
        denials = (
            range(at, at + size) for (at, bits), size in self.told.spans.items() if bits & BIT["none"] and size > 1
        )
        within = (denial for denial in denials if any(self._ends_within(place, denial) for place in signs))
        return not self.is_of_people() and any(self._may_close(denial) for denial in within)

    def _ends_within(self, place: int, denial: range) -> bool:
        """Whether a sign begins in a denial and goes no further: "nu am aer" is more than its "nu am"."""
        sizes = (size for (at, bits), size in self.told.spans.items() if at == place and bits & DANGERS)
        return place in denial and place + max(sizes, default=1) <= denial.stop

    def _may_close(self, denial: range) -> bool:
        end = self._bound(denial[-1])
        rest = [p for p in range(denial.stop, len(self.told.words)) if self._bound(p) == end]
        return self.language not in _DENIES_LAST or self._says_no_more(rest)

    def _is_not_wanted(self) -> bool:
        """Whether a wish to die or to harm, or the thought of it, is what they say they do not have."""
        if not self._is_of(_OF_DEATH):
            return False
        wishes = [place for place in self.places if self.bits.get(place, 0) & BIT["want"]]
        if wishes:
            return any(self._says_no_beside(place) for place in wishes)
        thoughts = self._near(BIT["want"], _THOUGHT_NEAR)
        return bool(thoughts) and all(self._says_no_beside(place) for place in thoughts)

    def _says_no_beside(self, place: int) -> bool:
        return any(self.bits.get(place + beside, 0) & _NO for beside in (-1, 0, 1))

    def _denies(self, place: int, ruled: set[int]) -> bool:
        beside = {place - 1, place, place + 1} & {*ruled, *self.places}
        if not self._is_unit(place, BIT["well"]) and any(self._is_a_lack(other) for other in beside):
            return False  # "I have no breath": part of a "no" that is danger itself; "no problem" is none
        if self.told.words[place + 1 : place + 2] == [_ASKS_AFTER_A_DENIAL.get(self.language)]:
            return False
        if self.first < place < self.last:
            return not self.is_of_people() or not beside.isdisjoint(self.places)
        if self._stands_before(place):
            return True
        if place == self.last + 1 and self._closes(place):
            return True
        end = self._bound(self.last)
        rest = [p for p in range(place + 1, len(self.told.words)) if self.told.bounds[p] == end]
        if place < self.last or self._bound(place) != end or place - self.last - 1 > _DENIED_WITHIN:
            return False
        return self._says_no_more(rest)

    def _closes(self, place: int) -> bool:
        """Whether a "there is none" ends what was said before it, whatever comes: "chest pain is not, only cough"."""
        last = self.language in _DENIES_LAST and self._bound(place) == self._bound(self.last)
        lone = self.language in _MAY_DENY_WHAT_FOLLOWS and not self._is_unit(place, BIT["none"])
        return last and not lone

    def _is_a_lack(self, place: int) -> bool:
        bits = self.bits.get(place, 0)
        return bool(bits & _LACKS) and not bits & BIT["hard"]

    def _stands_before(self, place: int) -> bool:
        last = self.language in _DENIES_LAST  # there it ends what was said before: "not well, chest pain"
        near = place < self.first <= self._last_of_unit(place) + _DENIED_WITHIN + 2
        return near and not last and self._bound(place) == self._bound(self.first)

    def _last_of_unit(self, place: int) -> int:
        """Where the longest denial that begins here ends: "never thought of"."""
        lengths = (size for (at, bits), size in self.told.spans.items() if at == place and bits & BIT["none"])
        return place + max(lengths, default=1) - 1

    def _says_no_more(self, rest: list[int]) -> bool:
        """Whether a "no" after the phrase is the end of it: what follows is polite, or the "no" of such a language."""
        if self._is_well(rest):
            return True
        next_none = next((number for number, place in enumerate(rest[:3]) if self.bits.get(place, 0) & BIT["none"]), 0)
        if next_none:
            return self._says_no_more(rest[next_none + 1 :])
        if any(self.bits.get(place, 0) & DANGERS for place in rest):
            return False
        said = without(tuple(self.told.words[place] for place in rest), "polite", None)
        return len(said) <= (_AFTER_A_DENIAL if self.language in _DENIES_LAST else 0)

    def _is_well(self, rest: list[int]) -> bool:
        """Whether what follows only says that all is well: "no chest pain, breathing is fine"."""
        well = any(self.bits.get(place, 0) & BIT["well"] for place in rest)
        return well and not any(self.bits.get(place, 0) & _UNWELL for place in rest)

    def _all_is_well(self, wanted: int) -> bool:
        """Whether the rest of its clause, or the next one, says all of this, and neither more than that all is well."""
        own = self._bound(self.last)
        rest = [p for p in range(self.last + 1, len(self.told.words)) if self._bound(p) <= own + 1]
        clauses = ([p for p in rest if self._bound(p) == bound] for bound in (own, own + 1))
        said = any(joined(self.bits.get(p, 0) for p in clause) & wanted == wanted for clause in clauses)
        return said and self._is_well(rest)

    def _is_now(self) -> bool:
        """Whether a "now" goes with this phrase, or with other danger: not with "now I am fine"."""
        return any(self._goes_with_danger(place) for place in self._near(BIT["now"], _NEAR))

    def _goes_with_danger(self, now: int) -> bool:
        end = self._bound(now)
        rest = [p for p in range(now + 1, len(self.told.words)) if self.told.bounds[p] == end][:_NOW_NEAR]
        if any(self.bits.get(p, 0) & BIT["well"] for p in rest):
            return False
        beside = now + 1 == self.first or (now - 1 == self.last and not rest)
        return beside or any(self.bits.get(p, 0) & DANGERS & ~SAYS_LITTLE for p in rest if p not in self.places)

    def _is_of_a_date(self, place: int) -> bool:
        """Whether the year closes a date in figures: a birthday or an appointment."""
        return place > 0 and self.told.words[place - 1].isdecimal()

    def _near(self, wanted: int, within: float) -> list[int]:
        if not self.every & wanted:
            return []
        at, bounds = self.told.at, self.told.bounds
        low, high = at[self.first] - within, at[self.last] + within
        return [
            place
            for place, bits in self.bits.items()
            if bits & wanted and place not in self.places and low <= at[place] <= high and bounds[place] in self.clauses
        ]

    def _bound(self, place: int) -> int:
        return self.told.bounds[place]
