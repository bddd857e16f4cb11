"""What wordings say on the home page of whoever reads them."""

from collections import Counter
from collections.abc import Mapping

from sqlmodel import Session

from bot.accounts.memberships import Acting
from bot.tables.accounts import Role
from bot.texts.languages import LANGUAGES
from bot.web import Card, Place, counted
from bot.wording.rights import APPROVE
from bot.wording.waiting import LanguageLine, languages_by_people
from bot.wording.words.standing import words_that_wait

READERS = frozenset([Role.REVIEWER, Role.LEAD, Role.ADMIN])
TEXTS = Place("Texts", "/texts", READERS)
_LANGUAGES_SHOWN = 6


def review_cards(session: Session, acting: Acting) -> list[Card]:
    """For a reviewer each language that waits, by how many people wait for it; for others how many languages do."""
    if not acting.roles & READERS:
        return []
    waiting = [line for line in languages_by_people(session) if line.waiting]
    if Role.REVIEWER not in acting.roles:
        return [_all_of_them(waiting)]
    shown = [_of_a_language(line) for line in waiting[:_LANGUAGES_SHOWN]]
    return shown or [Card("Texts", "Every wording there is has been read.", TEXTS.path)]


def _of_a_language(line: LanguageLine) -> Card:
    texts = counted(line.waiting, "text waits", "texts wait")
    people = counted(line.people, "person reads", "people read")
    return Card(line.name, f"{texts} to be read. {people} {line.name} here.", f"{TEXTS.path}/{line.tag}")


def _all_of_them(waiting: list[LanguageLine]) -> Card:
    if not waiting:
        return Card("Texts", "Every wording there is has been read.", TEXTS.path)
    words = f"{counted(len(waiting), 'language has', 'languages have')} texts that wait to be read."
    return Card("Texts", words, TEXTS.path)


def word_cards(session: Session, acting: Acting) -> list[Card]:
    """The languages in which proposed words wait for a second reader."""
    if not acting.roles & APPROVE.roles:
        return []
    waiting = words_that_wait(session)
    by_language = Counter({tag: 0 for tag, _ in waiting})
    for (tag, _), number in waiting.items():
        by_language[tag] += number
    return [_of_words(tag, number, waiting) for tag, number in by_language.most_common(_LANGUAGES_SHOWN)]


def _of_words(tag: str, number: int, waiting: Mapping[tuple[str, str], int]) -> Card:
    lists = next(lists for of, lists in waiting if of == tag)
    words = f"{counted(number, 'proposed word waits', 'proposed words wait')} for a second reader."
    return Card(f"Words in {LANGUAGES[tag].english}", words, f"{TEXTS.path}/{tag}/words/{lists}")
