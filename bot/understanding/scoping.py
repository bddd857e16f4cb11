"""How words of danger are meant: denied, long past, told of the dead, or said for a laugh. Then a person looks, later.

What is red stays so in a clause of its own, whatever other clauses say: one cannot talk an alarm away by saying more.
"""

from collections.abc import Iterable

from bot.understanding.composing import SLIGHT, Told
from bot.understanding.concepts import BIT, DANGERS, bits_of
from bot.understanding.lexicon import without
from bot.understanding.word_lists import UrgentPhrase

_NEAR, _DATED_NEAR, _NOW_NEAR = 8, 5, 3
_DENIED_WITHIN, _AFTER_A_DENIAL = 1, 1
_OF_PEOPLE = bits_of("die|live|self|suicide|kill|hang|hit|rape|strangle|threaten|touch|force|lock")
_MAY_BE_ALIVE = bits_of("breath|wake|unconscious|move|floppy|blood")
_LEVELS = ("red", "paged", "amber")
_STANDING = 4
_LACKS = bits_of("not|cannot")
_UNWELL = bits_of("not|cannot|none|hard|stop|pain|again|want|die|end")
_FIGURE = bits_of("kill|die")
_LACKING = bits_of("stop|live|hopeless")
"""What a "no" makes worse: "no sense to live"."""
_DENIES_LAST = frozenset(
    {"tr", "hi", "ur", "pa-Guru", "pa-Arab", "bn", "ta", "ne", "gu", "fa", "prs", "ps", "ckb", "kmr", "am", "ti", "so"}
)
"""Languages whose "there is none" closes the sentence."""
Found = tuple[UrgentPhrase, list[int]]


def as_meant(found: Iterable[Found], told: Told, *, joking: bool) -> list[Found]:
    """The phrases, each at the level that the words around it leave; those that tell of a death as they are.

    The same words are lowered in every language or in none.
    """
    listed = list(found)
    ruled = {place for phrase, places in listed if phrase.concepts for place in places}
    alone = {places[0] for phrase, places in listed if len(places) == 1 and phrase.level in _LEVELS[:1]}
    meant = [
        phrase._replace(level="amber")
        if _denies_itself(phrase, places, alone)
        else _meant(phrase, places, told, ruled, joking=joking)
        for phrase, places in listed
    ]
    lowered = {
        tuple(places)
        for (before, places), after in zip(listed, meant, strict=True)
        if before.level != after.level == "amber"
    }
    return [
        (
            after._replace(level="amber")
            if after.level in _LEVELS and _goes_with(lowered, places, after, told)
            else after,
            places,
        )
        for (_, places), after in zip(listed, meant, strict=True)
    ]


def _goes_with(lowered: set[tuple[int, ...]], places: list[int], phrase: UrgentPhrase, told: Told) -> bool:
    """Whether these very words are lowered, or their "no" denies a longer phrase: "no difficulty breathing"."""
    if tuple(places) in lowered:
        return True
    within = range(places[0] + 1, places[-1] + 1)
    says_no = told.around(phrase.language).get(places[0], 0) & (_LACKS | BIT["none"])
    return bool(says_no) and any(len(other) > 1 and all(place in within for place in other) for other in lowered)


def _denies_itself(phrase: UrgentPhrase, places: list[int], alone: set[int]) -> bool:
    """Whether a rule of "not" has it before a word that is danger alone: "not suffocating" is no lack of breath."""
    return "not" in phrase.concepts and len(places) == 2 and places[1] in alone


def _meant(phrase: UrgentPhrase, places: list[int], told: Told, ruled: set[int], *, joking: bool) -> UrgentPhrase:
    if phrase.level not in _LEVELS:
        return phrase
    around = _Around(phrase, places, told)
    of_people = around.is_of_people()
    amber = around.is_denied(ruled) or (not of_people and (around.is_past() or around.is_of_the_dead()))
    scene = len(phrase.concepts) >= _STANDING
    figure = not phrase.concepts and around.is_a_figure()
    paged = not scene and (joking or around.is_joked() or figure)
    if amber or (paged and (figure or not of_people)):
        return phrase._replace(level="amber")
    return phrase._replace(level="paged") if phrase.level == "red" and (paged or around.is_past()) else phrase


class _Around:
    """What stands around a phrase, in its own clauses."""

    def __init__(self, phrase: UrgentPhrase, places: list[int], told: Told) -> None:
        self.told, self.places, self.language = told, places, phrase.language
        self.first, self.last = places[0], places[-1]
        self.bits, self.every = told.around(phrase.language), told.every(phrase.language)
        self.clauses = {told.bounds[place] for place in places}

    def has(self, names: str, within: float = _NEAR) -> bool:
        """Whether one of these concepts stands near, and is no part of the phrase."""
        return bool(self._near(bits_of(names), within))

    def is_joked(self) -> bool:
        """Whether it is said for a laugh; "not joking" is none."""
        return any(not self.bits.get(place - 1, 0) & (_LACKS | BIT["none"]) for place in self._near(BIT["joke"], _NEAR))

    def is_a_figure(self) -> bool:
        """Whether a price gives one a fit, or the cold or the queue is what kills."""
        kills = any(self.bits.get(place, 0) & _FIGURE for place in self.places)
        return self.has("price") or (kills and self.has("nuisance") and not self.has("relative|child|self"))

    def is_of_the_dead(self) -> bool:
        """Whether it tells how somebody died, who is not to be saved."""
        alive = any(self.bits.get(place, 0) & _MAY_BE_ALIVE for place in self.places)
        return not alive and self.has("died")

    def is_past(self) -> bool:
        """Whether it was long ago, and nothing says that it is back or is so now.

        A past tense alone says little: it needs a year, or that all is well.
        """
        dated = any(not self._is_of_a_date(place) for place in self._near(BIT["dated"], _DATED_NEAR))
        ago = self._near(BIT["past"], _NEAR)
        was = dated or any(self._is_unit(place, BIT["past"]) for place in ago) or (ago and self.has("well"))
        return bool(was) and not self.has("again") and not self._is_now()

    def is_of_people(self) -> bool:
        """Whether it is what was done, or is meant to be done: no less a danger for having been before."""
        return any(self.bits.get(place, 0) & _OF_PEOPLE for place in self.places)

    def _is_unit(self, place: int, wanted: int) -> bool:
        """Whether a concept is several words here."""
        return any(at == place and bits & wanted for at, bits in self.told.spans)

    def is_denied(self, ruled: set[int]) -> bool:
        """Whether "there is none" stands right before it, within it, or right after it at the end of a clause.

        What is one word alone ("suffocating") is denied by any "not" before it. "It does not stop" denies nothing.
        """
        if any(self.bits.get(place, 0) & _LACKING for place in self.places):
            return False
        if self.first == self.last and any(self._stands_before(place) for place in self._near(BIT["not"], _NEAR)):
            return True
        return any(place not in ruled and self._denies(place, ruled) for place in self._near(BIT["none"], _NEAR))

    def _denies(self, place: int, ruled: set[int]) -> bool:
        beside = {place - 1, place, place + 1} & {*ruled, *self.places}
        if any(self._is_a_lack(other) for other in beside):
            return False  # "I have no breath": part of a "no" that is danger itself
        if self.first < place < self.last or self._stands_before(place):
            return True
        end = self._bound(self.last)
        rest = [p for p in range(place + 1, len(self.told.words)) if self.told.bounds[p] == end]
        if place < self.last or self._bound(place) != end or place - self.last - 1 > _DENIED_WITHIN:
            return False
        return self._says_no_more(rest)

    def _is_a_lack(self, place: int) -> bool:
        bits = self.bits.get(place, 0)
        return bool(bits & _LACKS) and not bits & BIT["hard"]

    def _stands_before(self, place: int) -> bool:
        last = self.language in _DENIES_LAST  # there it ends what was said before: "not well, chest pain"
        near = 0 < self.first - place <= _DENIED_WITHIN + 2
        return near and not last and self._bound(place) == self._bound(self.first)

    def _says_no_more(self, rest: list[int]) -> bool:
        """Whether a "no" after the phrase is the end of it: what follows is polite, or the "no" of such a language."""
        if self._is_well(rest):
            return True
        if any(self.bits.get(place, 0) & DANGERS for place in rest):
            return False
        said = without(tuple(self.told.words[place] for place in rest), "polite", None)
        return len(said) <= (_AFTER_A_DENIAL if self.language in _DENIES_LAST - {"tr"} else 0)

    def _is_well(self, rest: list[int]) -> bool:
        """Whether what follows only says that all is well: "no chest pain, breathing is fine"."""
        well = any(self.bits.get(place, 0) & BIT["well"] for place in rest)
        return well and not any(self.bits.get(place, 0) & _UNWELL for place in rest)

    def _is_now(self) -> bool:
        """Whether a "now" goes with this phrase, or with other danger: not with "now I am fine"."""
        return any(self._goes_with_danger(place) for place in self._near(BIT["now"], _NEAR))

    def _goes_with_danger(self, now: int) -> bool:
        end = self._bound(now)
        rest = [p for p in range(now + 1, len(self.told.words)) if self.told.bounds[p] == end][:_NOW_NEAR]
        if any(self.bits.get(p, 0) & BIT["well"] for p in rest):
            return False
        beside = now + 1 == self.first or (now - 1 == self.last and not rest)
        return beside or any(self.bits.get(p, 0) & DANGERS & ~SLIGHT for p in rest if p not in self.places)

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
