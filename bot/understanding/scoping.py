"""How words of danger are meant: denied, long past, told of the dead, or said for a laugh. Then a person looks, later.

What is red stays so in a clause of its own, whatever other clauses say: one cannot talk an alarm away by saying more.
"""

from collections.abc import Iterable, Mapping

from bot.understanding.around import Around
from bot.understanding.composing import Told
from bot.understanding.concepts import BIT, bits_of
from bot.understanding.denying import SIGNS, UNSAYS
from bot.understanding.word_lists import UrgentPhrase

_SAYS_IT_ALL = 3
_LEVELS = ("red", "paged", "amber")
_STANDING = 4
_OF_THINGS_TOO = bits_of("hard|breath|wheeze|cannot|strange|speak|crooked|drown")
_MORE_SIGNS = SIGNS & ~bits_of("child|relative|adult") | bits_of("not|cannot|now|sudden")
_LOWERING = bits_of(
    "none|not|past|well|dated|died|joke|price|nuisance|name|thing|slight|ex|almost|if|busy|want|cough|stop|story"
)
"""Without one of these around it, danger is meant as it is said."""
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
    says_no = told.around(phrase.language).get(places[0], 0) & UNSAYS
    return bool(says_no) and any(len(other) > 1 and all(place in within for place in other) for other in lowered)


def _denies_itself(phrase: UrgentPhrase, places: list[int], alone: set[int]) -> bool:
    """Whether a rule of "not" has it before a word that is danger alone: "not suffocating" is no lack of breath."""
    return "not" in phrase.concepts and len(places) == 2 and places[1] in alone


def _meant(phrase: UrgentPhrase, places: list[int], told: Told, taken: Taken, *, joking: bool) -> UrgentPhrase:
    if phrase.level not in _LEVELS:
        return phrase
    level = "paged" if phrase.level == "red" and _is_one_word(phrase, places, told) else phrase.level
    if joking or told.every(phrase.language) & _LOWERING:
        level = _lowered(_at(phrase, level), Around(phrase, places, told), taken, joking=joking)
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


def _lowered(phrase: UrgentPhrase, around: Around, taken: Taken, *, joking: bool) -> str:
    """The level that what stands around it leaves."""
    of_people, past = around.is_of_people(), around.is_past()
    if around.is_denied(*taken) or around.is_slight() or (not of_people and (past or around.is_of_the_dead())):
        return "amber"
    figure = not phrase.concepts and around.is_a_figure()
    told_of = not phrase.concepts and (around.is_told_of() or around.is_too_busy())
    scene = len(phrase.concepts) >= _STANDING
    told_of = told_of or around.is_in_a_story()
    light = not scene and (joking or around.is_joked() or around.is_nearly() or figure or told_of)
    if light and (figure or not of_people):
        return "amber"
    return "paged" if phrase.level == "red" and (light or past or around.is_less()) else phrase.level
