"""What stands around a phrase of danger and makes less of it: the past, a film, a price, a cough of weeks, an "if"."""

from bot.understanding.composing import KIN, SAYS_LITTLE
from bot.understanding.concepts import BIT, DANGERS, bits_of
from bot.understanding.denying import DENIES_LAST, NEAR, OF_DEATH, SIGNS, Deniable
from bot.understanding.marking import joined

_DATED_NEAR, _NOW_NEAR = 5, 3
_MAY_BE_ALIVE = bits_of("breath|wake|unconscious|move|floppy|blood")
_IF_AFTER, _STORY_NEAR = 2, 14
_NOT_AWAKE = bits_of("unconscious|wake|breath")
_CUT, _SMALL_CUT = bits_of("cut|injury"), bits_of("cut|limb|wound|blood|injury|stop")
_NO_SMALL_CUT, _UNSTOPPED = bits_of("a-lot|pour|self|wrist|relative|child|weapon"), bits_of("not|cannot|hard")
_FIGURE, _HEART = bits_of("kill|die"), bits_of("heart|chest")
_OF_ONESELF, _NONE = bits_of("self|suicide"), bits_of("none|not|cannot")
_MONEY = bits_of("price|nuisance")  # where words of prices say too much, money is a nuisance
_MAY_BE_SLIGHT = SAYS_LITTLE | bits_of("breath|wheeze|pain|itch|rash|swell|dizzy|fever|throat|cough|pressure|high")
_OF_A_COUGH = bits_of("chest|feed")  # many languages have one word for chest and breast
_TAKEN, _NAMED = bits_of("swallow|pills|poison|battery"), bits_of("attack|die|kill")


class Around(Deniable):
    """What a phrase is said to be by the words around it."""

    def is_joked(self) -> bool:
        """Whether it is said for a laugh; "not joking" is none."""
        return self._is_said("joke")

    def is_a_figure(self) -> bool:
        """Whether a price gives one a fit, or the cold or the queue is what kills; who has no money may mean it."""
        if self._is_of(_OF_ONESELF) and self._has_no_money():
            return False
        nuisance = self._is_of(_FIGURE) and self.has("nuisance") and not self.has("relative|child|self")
        return self.has("price") or nuisance

    def _has_no_money(self) -> bool:
        spent = self._near(_MONEY, NEAR)
        return any(joined(self.bits.get(place + beside, 0) for beside in (-2, -1, 0, 1)) & _NONE for place in spent)

    def is_told_of(self) -> bool:
        """Whether a film is about it, or a car or a phone is what dies; what was swallowed is a thing as well.

        An illness of somebody they name is no story, wherever it came on.
        """
        ill = self._is_of_an_illness()
        named = self.has("name") and (self.is_of_people() or not ill)
        hurts = self._is_of(_HEART) and self._is_of(BIT["pain"])
        return named or (not hurts and not self._is_of(_TAKEN | BIT["cannot"]) and self.has("thing"))

    def is_in_a_story(self) -> bool:
        """Whether a film or a match is told of in the sentence, and nobody of their own is ill."""
        ill = self._is_of_an_illness() or self._is_of(_NOT_AWAKE)
        return (self.is_of_people() or not ill) and not self._is_now() and self._is_a_story_told()

    def _is_of_an_illness(self) -> bool:
        return self._is_of(BIT["chest"]) or bool(self._near(KIN, NEAR))

    def _is_a_story_told(self) -> bool:
        at = self.told.at
        return any(
            bits & BIT["story"]
            and at[self.first] - _STORY_NEAR <= at[place] <= at[self.last] + _STORY_NEAR
            and self.told.in_one_sentence(place, self.first)
            for place, bits in self.bits.items()
        )

    def is_too_busy(self) -> bool:
        """Whether there is no time to breathe; who cannot is ill, at work too."""
        return self._is_of(BIT["breath"]) and not self._is_of(BIT["cannot"]) and self.has("busy")

    def is_asked_of(self) -> bool:
        """Whether they ask what to do if it comes to that; who may harm themselves or is harmed asks of now.

        The "if" stands before, or closes it where verbs come last: "daura pare to".
        """
        if self.is_of_people() or self._is_of(_TAKEN) or self._is_now():
            return False
        closing = range(self.last + 1, self.last + 1 + _IF_AFTER if self.language in DENIES_LAST else 0)
        return any(place < self.first or place in closing for place in self._near(BIT["if"], NEAR))

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
        return not self._is_of(DANGERS & ~(may_be | (_SMALL_CUT if self._is_small_cut() else 0)))

    def _is_small_cut(self) -> bool:
        return bool(self.every & _CUT) and not self.every & _NO_SMALL_CUT

    def has_stopped(self) -> bool:
        """Whether a cut has stopped bleeding: nothing says that it does not."""
        stopped = self.every & BIT["blood"] and self.every & BIT["stop"] and not self.every & _UNSTOPPED
        if not stopped or not self._is_small_cut() or self._is_of(SIGNS & ~_SMALL_CUT) or self._is_back():
            return False
        return not any(bits & BIT["none"] and not self._is_unit(p, BIT["none"]) for p, bits in self.bits.items())

    def is_disclaimed(self) -> bool:
        """Whether death is what they do not think of, though they say that there is no hope."""
        if not self._is_of(BIT["hopeless"]):
            return False
        beside = 1 if self.language in DENIES_LAST else -1
        signs = [place for place in self.places if self.bits.get(place, 0) & OF_DEATH]
        within = {place for denial in self._denials() for place in denial}
        return any(p in within or self.bits.get(p + beside, 0) & BIT["none"] for p in signs)

    def is_less(self) -> bool:
        """Whether it can wait for a person, though not for long."""
        return self.is_asked_of() or self.is_over() or self.is_better() or self.has_stopped() or self.is_disclaimed()

    def is_over(self) -> bool:
        """Whether it is of somebody they have left."""
        return self.is_of_people() and self.has("ex") and not self._is_now()

    def is_better(self) -> bool:
        """Whether the rest of it, and what they say next, is that they are well now; of a stroke, that they are."""
        said = BIT["well"] if self._is_of(BIT["attack"]) else BIT["well"] | BIT["now"]
        return not self.is_of_people() and self._all_is_well(said)

    def is_of_the_dead(self) -> bool:
        """Whether it tells how somebody died, who is not to be saved."""
        died = [place for place in self._near(BIT["died"], NEAR) if not self.bits.get(place - 1, 0) & BIT["almost"]]
        return bool(died) and not self._is_of(_MAY_BE_ALIVE)

    def is_past(self) -> bool:
        """Whether it was long ago, and nothing says that it is back or is so now.

        A past tense alone says little: it needs a year, or that all is well.
        """
        dated = any(not self._is_of_a_date(place) for place in self._near(BIT["dated"], _DATED_NEAR))
        ago = self._near(BIT["past"], NEAR)
        was = dated or any(self._is_unit(place, BIT["past"]) for place in ago) or (ago and self.has("well"))
        return bool(was) and not self._is_back() and not self._is_now()

    def _is_back(self) -> bool:
        """Whether it is there again; "never again" is not."""
        return self._is_said("again")

    def _all_is_well(self, wanted: int) -> bool:
        """Whether the rest of its clause, or the next one, says all of this, and neither more than that all is well."""
        own = self._bound(self.last)
        rest = [p for p in range(self.last + 1, len(self.told.words)) if self._bound(p) <= own + 1]
        clauses = ([p for p in rest if self._bound(p) == bound] for bound in (own, own + 1))
        said = any(joined(self.bits.get(p, 0) for p in clause) & wanted == wanted for clause in clauses)
        return said and self._is_well(rest)

    def _is_now(self) -> bool:
        """Whether a "now" goes with this phrase, or with other danger: not with "now I am fine"."""
        return any(self._goes_with_danger(place) for place in self._near(BIT["now"], NEAR))

    def _goes_with_danger(self, now: int) -> bool:
        end = self._bound(now)
        rest = [p for p in range(now + 1, len(self.told.words)) if self.told.bounds[p] == end][:_NOW_NEAR]
        if any(self.bits.get(p, 0) & BIT["well"] for p in rest):
            return False
        beside = now + 1 == self.first or (now - 1 == self.last and not rest)
        return beside or any(self.bits.get(p, 0) & SIGNS for p in rest if p not in self.places)

    def _is_of_a_date(self, place: int) -> bool:
        """Whether the year closes a date in figures: a birthday or an appointment."""
        return place > 0 and self.told.words[place - 1].isdecimal()
