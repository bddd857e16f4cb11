"""What a public page says, in every language in which all of it may be said.

Which languages those are depends on the wordings alone, never on who was asked: a language in the list tells of nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from bot.clock import LONDON
from bot.messaging.from_practice import practice_values
from bot.partners.purposes import ToldBack
from bot.said_and_done.hiding import Figures
from bot.settings import Settings
from bot.tables.organisations import Partner, Practice
from bot.texts.catalogue import Value, catalogue
from bot.texts.languages import LANGUAGES, WORDED, Language
from bot.texts.wording import fill
from bot.wording.composing import Wordings
from bot.wording.in_force import approved_wordings, wordings_and_drafts

COUNTED_ON = "done-counted"
ON_EVERY_PAGE = (
    *("done-heading", "done-intro", "done-asked", "done-answered", "done-helped", "done-not-reached"),
    *("done-with-what", "done-helped-by", "done-what-changed", "done-not-shown", "done-why-not-shown", "done-too-few"),
    *(COUNTED_ON, "done-questions", "done-languages"),
)
CHANGES_ANYWHERE = ("done-now-their-language", "done-now-interpreter", "done-now-we-phone")
"""What may have changed whatever a campaign is for."""


@dataclass(frozen=True)
class Content:
    """What a page says, in no language yet. `counted_at` is UTC; `changed` are keys of texts."""

    told: ToldBack
    practice: Practice
    partner: Partner | None
    figures: Figures
    counted_at: datetime
    changed: Sequence[str]

    @property
    def counted_on(self) -> date:
        """The day of the count, in London."""
        return self.counted_at.astimezone(LONDON).date()


@dataclass(frozen=True)
class Said:
    """A page in one language: `words` by the key of their text, the slots filled. `draft`: not all is approved."""

    language: Language
    words: Mapping[str, str]
    draft: bool


def changes_of(told: ToldBack) -> tuple[str, ...]:
    """The sentences on what changed that a lead may choose from, those of the purpose first."""
    return told.changes + CHANGES_ANYWHERE


def keys_of(told: ToldBack, changed: Iterable[str]) -> tuple[str, ...]:
    """The texts a page needs, whatever the numbers are."""
    return (*ON_EVERY_PAGE, told.title, *told.kinds.values(), *changed)


def load_page_wordings(session: Session, settings: Settings, keys: Iterable[str]) -> Wordings:
    """What may be shown now of these texts: in live approved wording only, in demo drafts too."""
    if settings.live:
        return Wordings(approved_wordings(session, keys, WORDED), None)
    return Wordings(*wordings_and_drafts(session, keys, WORDED))


def missing_words(wordings: Wordings, keys: Sequence[str]) -> dict[str, list[str]]:
    """By language, English first, the texts of a page that may not be shown; a page has the languages without any."""
    return {tag: [key for key in keys if wordings.allowed(key, tag) is None] for tag in WORDED}


def unapproved_words(wordings: Wordings, keys: Sequence[str], tag: str) -> list[str]:
    """The texts of a page whose wording in a language nobody has approved."""
    return [key for key in keys if wordings.approved(key, tag) is None]


def say_page(content: Content, wordings: Wordings, tag: str) -> Said | None:
    """A page in a language; None where not all of it may be said."""
    keys = keys_of(content.told, content.changed)
    allowed = {key: wordings.allowed(key, tag) for key in keys}
    words = {
        key: fill(catalogue()[key], tag, wording.body, _values(content, key))
        for key, wording in allowed.items()
        if wording is not None
    }
    if len(words) < len(allowed):
        return None
    return Said(LANGUAGES[tag], words, bool(unapproved_words(wordings, keys, tag)))


def _values(content: Content, key: str) -> Mapping[str, Value]:
    return {"date": content.counted_on} if key == COUNTED_ON else practice_values(content.practice, key)
