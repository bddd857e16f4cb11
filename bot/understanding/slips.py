"""Slips of the thumb: which listed words a misspelt one may be, and which near ones are words of their own.

"Hearing" is no slip of "heaving", though one letter parts them: in the languages that `wordfreq` has counted, no word
that stands once or more in a million is held for a misspelling of another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bot.texts.languages import LANGUAGES
from bot.understanding.normalise import normalise
from bot.understanding.word_lists import ConceptTables, bits_by_tag

SHORTEST_MISSPELT_CONCEPT = 6
"""Letters of a word or stem of the concept tables for which a misspelt one may stand."""
_FUZZY_LENGTH = 5
_SHORTEST_MISSPELT = 4
_FUZZY_STEM, _FUZZY_ENDING = 7, 3
_COUNTED_AS = {"prs": "fa", "tl": "fil"}


def by_half(listed: Iterable[str], shortest: int = _SHORTEST_MISSPELT) -> dict[str, str]:
    """The words of so many letters or more by the halves that a slip of the thumb leaves, each of them one text."""
    found: dict[str, set[str]] = defaultdict(set)
    for word in listed:
        for half in _halves(word, len(word)) if len(word) >= shortest else ():
            found[half].add(word)
    return {half: " ".join(sorted(words)) for half, words in found.items()}


def misspelt_as(word: str, index: Mapping[str, str], shortest: int = _SHORTEST_MISSPELT) -> set[str]:
    """The words of such an index that one slip of the thumb parts from this one: the letters before it are right, or
    those after it.
    """
    lengths = range(max(len(word) - 1, shortest), len(word) + 2) if len(word) >= _SHORTEST_MISSPELT else ()
    found = [index[half] for length in lengths for half in _halves(word, length) if half in index]
    if not found:
        return set()
    alike = set(" ".join(found).split())
    near = extract(word, alike, scorer=OSA.distance, score_cutoff=1, limit=None)
    return {listed for listed, slips, _ in near if slips and _is_slip_of(word, listed)}


def _halves(written: str, length: int) -> tuple[str, str]:
    """The letters before, and those after, any slip by which these letters are a word of this length.

    Each says which end it is and the length. A slip may change two letters over, so the middle is in neither.
    """
    before = (length - 1) // 2
    return f"{length}{written[:before]}", f"{written[-(length - before - 1) :]}{length}"


def _is_slip_of(word: str, listed: str) -> bool:
    """Whether a letter more, less, other, or two changed over is a slip of the thumb in a word so long.

    In words under five letters only a changed-over pair counts ("pian").
    """
    size, wanted = len(word), len(listed)
    if size != wanted:
        return min(size, wanted) >= _FUZZY_LENGTH - 1 and wanted >= _FUZZY_LENGTH
    return size >= _FUZZY_LENGTH or sorted(word) == sorted(listed)


def danger_near(word: str, tables: ConceptTables) -> set[str]:
    """What the tables say of each word of danger that one slip parts from all of this one, or long stem from its
    beginning.
    """
    near = misspelt_as(word, tables.concept_by_half, SHORTEST_MISSPELT_CONCEPT)
    found = {tables.concept_words[listed] for listed in near if listed in tables.concept_words}
    for end in range(max(_FUZZY_STEM, len(word) - _FUZZY_ENDING), len(word)):
        near |= misspelt_as(word[:end], tables.concept_by_half, SHORTEST_MISSPELT_CONCEPT)
    return found.union(tables.concept_stems[listed] for listed in near if listed in tables.concept_stems)


def spelt_right(tables: ConceptTables, urgent_by_half: Mapping[str, str]) -> dict[str, str]:
    """The everyday words that could be held for a slip of one of danger, with the languages that they are of."""
    everyday: dict[str, list[str]] = defaultdict(list)
    for tag in LANGUAGES:
        for word in sorted(_everyday_words(tag)):
            everyday[word].append(tag)
    found = ((word, _taken_for_danger(word, tags, tables, urgent_by_half)) for word, tags in everyday.items())
    return {word: " ".join(tags) for word, tags in found if tags}


def _taken_for_danger(
    word: str, tags: list[str], tables: ConceptTables, urgent_by_half: Mapping[str, str]
) -> list[str]:
    """The languages of a word where it is a slip away from a phrase of any, or from a word of danger of their own."""
    if misspelt_as(word, urgent_by_half):
        return tags
    near = _languages_of(danger_near(word, tables))
    listed = _languages_of(tables.listed_as(word)) if near else near
    return [tag for tag in tags if tag in near and tag not in listed]


def _languages_of(listed: Iterable[str]) -> set[str]:
    return {tag for written in listed for tag, _ in bits_by_tag(written)}


def _everyday_words(tag: str) -> set[str]:
    """The words of a language that stand once or more in a million, in their plain form; none where nobody counted."""
    from wordfreq import available_languages, get_frequency_dict  # slow to load, and only asked when lists are made

    counted = _COUNTED_AS.get(tag, tag)
    listed = get_frequency_dict(counted, "small") if counted in available_languages("small") else {}
    plain = {normalise(word) for word in listed if len(word) >= SHORTEST_MISSPELT_CONCEPT}
    return {word for word in plain if len(word) >= SHORTEST_MISSPELT_CONCEPT and " " not in word}
