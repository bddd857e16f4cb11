"""Whether a "no" around a phrase of danger is about it: "no chest pain", "dard nahi hai", "no trouble breathing"."""

from collections.abc import Iterator

from bot.understanding.composing import OF_PEOPLE, SAYS_LITTLE, Told
from bot.understanding.concepts import BIT, DANGERS, bits_of
from bot.understanding.lexicon import without
from bot.understanding.marking import ENGLISH, joined
from bot.understanding.word_lists import UrgentPhrase

NEAR = 8
"""Within how many words what stands around a phrase counts."""
_THOUGHT_NEAR = 2
_DENIED_WITHIN, _AFTER_A_DENIAL = 1, 1
SIGNS = DANGERS & ~SAYS_LITTLE
"""The concepts of danger that say something by themselves."""
OF_DEATH = bits_of("die|kill|suicide|cut|hang")
_LACKS, UNSAYS = bits_of("not|cannot"), bits_of("not|cannot|none")
_UNWELL = bits_of("not|cannot|none|hard|stop|pain|again|want|die|end")
_NO = bits_of("not|none")
_IN_UNITS = bits_of("past|well|joke|price|nuisance|name|slight|busy|if")
_LACKING = bits_of("stop|live|hopeless")
"""What a "no" makes worse: "no sense to live"."""
DENIES_LAST = frozenset(
    {"tr", "hi", "ur", "pa-Guru", "pa-Arab", "bn", "ta", "ne", "gu", "fa", "prs", "ps", "ckb", "kmr", "am", "ti", "so"}
)
"""Languages whose "there is none" closes the sentence."""
_ASKS_AFTER_A_DENIAL = {"tr": "mu"}
"""The word by which "there is none" is a question in a language: Turkish "yok mu"."""
_MAY_DENY_WHAT_FOLLOWS = frozenset({"hi", "ur", "pa-Guru", "pa-Arab"})
"""Where one "not" alone after a sign may go with the next word: "dard nahi ja raha", the pain does not go."""


class Deniable:
    """A phrase of danger with what stands around it, in its own clauses."""

    def __init__(self, phrase: UrgentPhrase, places: list[int], told: Told) -> None:
        self.told, self.places, self.language = told, places, phrase.language
        self.first, self.last = places[0], places[-1]
        self.bits, self.every = told.around(phrase.language), told.every(phrase.language)
        self.clauses = {told.bounds[place] for place in places}
        self.said = joined(self.bits.get(place, 0) for place in places)

    def has(self, names: str, within: float = NEAR) -> bool:
        """Whether one of these concepts stands near, and is no part of the phrase."""
        return bool(self._near(bits_of(names), within))

    def _is_of(self, bits: int) -> bool:
        """Whether one of its words stands for one of these concepts."""
        return bool(self.said & bits)

    def _is_said(self, name: str) -> bool:
        """Whether a concept stands near, and no "not" right before it."""
        return any(not self.bits.get(place - 1, 0) & UNSAYS for place in self._near(BIT[name], NEAR))

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
        if any(self._negates(place, used) for place in self._near(BIT["not"], NEAR)) or self._is_not_wanted():
            return True
        if self._is_within_a_denial():
            return True
        return any(place not in ruled and self._denies(place, ruled) for place in self._near(BIT["none"], NEAR))

    def _negates(self, place: int, used: list[set[int]]) -> bool:
        """Whether a "not" stands before one word, or right before several: "I am not short of breath".

        Where it opens a clause in another language than English, it may be the "no" of an answer.
        """
        opens = place == 0 or self._bound(place - 1) != self._bound(place)
        part = any(whole.issuperset((place, *self.places)) for whole in used)
        right_before = place == self.first - 1 and not part and (self.language == ENGLISH or not opens)
        of_another = self._is_of_something_before_a_wish(place)
        return self._stands_before(place) and not of_another and (self.first == self.last or right_before)

    def _is_within_a_denial(self) -> bool:
        """Whether a denial of several words takes in one of its signs: "no longer hurts", "no trouble breathing".

        Where a denial closes what was said, only polite words may follow it: "dard nahi ja raha".
        """
        signs = {place for place in self.places if self.bits.get(place, 0) & SIGNS}
        within = (denial for denial in self._denials() if any(self._ends_within(place, denial) for place in signs))
        return not self.is_of_people() and any(self._may_close(denial) for denial in within)

    def _denials(self) -> Iterator[range]:
        """The places of each denial of several words."""
        return (range(at, at + size) for (at, bits), size in self.told.spans.items() if bits & BIT["none"] and size > 1)

    def _ends_within(self, place: int, denial: range) -> bool:
        """Whether a sign begins in a denial and goes no further: "nu am aer" is more than its "nu am"."""
        sizes = (size for (at, bits), size in self.told.spans.items() if at == place and bits & DANGERS)
        return place in denial and place + max(sizes, default=1) <= denial.stop

    def _may_close(self, denial: range) -> bool:
        end = self._bound(denial[-1])
        rest = [p for p in range(denial.stop, len(self.told.words)) if self._bound(p) == end]
        return self.language not in DENIES_LAST or self._says_no_more(rest)

    def _is_not_wanted(self) -> bool:
        """Whether a wish to die or to harm, or the thought of it, is what they say they do not have."""
        if not self._is_of(OF_DEATH):
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
        if self._is_of_money(place) or self._is_of_something_before_a_wish(place):
            return False
        if self.first < place < self.last:
            return not self.is_of_people() or not beside.isdisjoint(self.places)
        if self._stands_before(place):
            return True
        if place == self.last + 1 and self._closes(place):
            return True
        end = self._bound(self.last)
        after = range(self._last_of_unit(place) + 1, len(self.told.words))
        rest = [p for p in after if self.told.bounds[p] == end]
        far = place - self.last - 1 > _DENIED_WITHIN and not self._is_none_now(place)
        return place > self.last and self._bound(place) == end and not far and self._says_no_more(rest)

    def _is_of_money(self, place: int) -> bool:
        """Whether it is money that they say there is none of: who has none may want to die all the same."""
        beside = self.bits.get(place - 1, 0) | self.bits.get(self._last_of_unit(place) + 1, 0)
        return bool(beside & BIT["price"])

    def _is_of_something_before_a_wish(self, place: int) -> bool:
        """Whether a word stands between a "none" and a wish to die: "no food want to die" lacks the food."""
        wishes = [p for p in range(self.first - 2, self.first + 1) if self.bits.get(p, 0) & BIT["want"]]
        return self._is_of(OF_DEATH) and bool(wishes) and self._last_of_unit(place) + 1 < min(wishes)

    def _is_none_now(self, place: int) -> bool:
        """Whether a "there is none" that closes a clause is of now: "last week my chest hurt, at all now not"."""
        between = [self.bits.get(p, 0) for p in range(self.last + 1, place + 1)]
        return self.language in DENIES_LAST and bool(joined(between) & BIT["now"]) and not joined(between) & SIGNS

    def _closes(self, place: int) -> bool:
        """Whether a "there is none" ends what was said before it, whatever comes: "chest pain is not, only cough"."""
        last = self.language in DENIES_LAST and self._bound(place) == self._bound(self.last)
        lone = self.language in _MAY_DENY_WHAT_FOLLOWS and not self._is_unit(place, BIT["none"])
        return last and not lone

    def _is_a_lack(self, place: int) -> bool:
        bits = self.bits.get(place, 0)
        return bool(bits & _LACKS) and not bits & BIT["hard"]

    def _stands_before(self, place: int) -> bool:
        last = self.language in DENIES_LAST  # there it ends what was said before: "not well, chest pain"
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
        if any(self.bits.get(place, 0) & DANGERS & ~BIT["now"] for place in rest):
            return False
        said = without(tuple(self.told.words[place] for place in rest), "polite", None)
        return len(said) <= (_AFTER_A_DENIAL if self.language in DENIES_LAST else 0)

    def _is_well(self, rest: list[int]) -> bool:
        """Whether what follows only says that all is well: "no chest pain, breathing is fine"."""
        well = any(self.bits.get(place, 0) & BIT["well"] for place in rest)
        return well and not any(self.bits.get(place, 0) & _UNWELL for place in rest)

    def _near(self, wanted: int, within: float) -> list[int]:
        if not self.every & wanted:
            return []
        at, bounds = self.told.at, self.told.bounds
        low, high = at[self.first] - within, at[self.last] + within
        apart = [
            place
            for place, bits in self.bits.items()
            if bits & wanted and place not in self.places and low <= at[place] <= high and bounds[place] in self.clauses
        ]
        return apart if apart or not wanted & _IN_UNITS else self._units_from_within(wanted & _IN_UNITS)

    def _units_from_within(self, wanted: int) -> list[int]:
        """Where a concept of several words begins with a word of the phrase and says more: "no time to breathe"."""
        return [
            place
            for (place, bits), size in self.told.spans.items()
            if bits & wanted and place in self.places and not {*range(place, place + size)} <= {*self.places}
        ]

    def _bound(self, place: int) -> int:
        return self.told.bounds[place]
