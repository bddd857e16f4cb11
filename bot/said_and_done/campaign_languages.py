"""In which languages a page can be read, and for whom of a campaign it cannot, and why: for its practice alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.said_and_done.page_words import load_page_wordings, missing_words, unapproved_words
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember
from bot.texts.languages import LANGUAGES, WORDED
from bot.wording.composing import ENGLISH, written


@dataclass(frozen=True)
class PageLanguage:
    """A language of a page, or one that people of the campaign read and the page does not have.

    `people` of the cohort read it. `drafts` are the texts nobody has approved; `left_out`: so the page is not in it.
    """

    tag: str
    people: int
    drafts: Sequence[str]
    left_out: bool

    @property
    def name(self) -> str:
        """The language as staff call it."""
        return LANGUAGES[self.tag].english

    @property
    def has_words(self) -> bool:
        """Whether there are page texts in this language at all."""
        return self.tag in WORDED


def page_languages(session: Session, settings: Settings, campaign: Campaign, keys: Sequence[str]) -> list[PageLanguage]:
    """Every language there are page texts in, and every other that people of the campaign read; most people first."""
    wordings = load_page_wordings(session, settings, keys)
    missing, readers = missing_words(wordings, keys), _readers(session, campaign)
    found = [
        PageLanguage(tag, readers[tag], unapproved_words(wordings, keys, tag), bool(missing[tag])) for tag in WORDED
    ]
    found += [PageLanguage(tag, readers[tag], keys, True) for tag in readers if tag not in WORDED]
    return sorted(found, key=lambda language: (-language.people, language.name))


def _readers(session: Session, campaign: Campaign) -> Counter[str]:
    """People of the cohort by the language they read; those for whom none is recorded read English here."""
    statement = (
        select(col(CampaignMember.recorded_language), func.count())
        .where(col(CampaignMember.campaign_id) == campaign.id)
        .group_by(col(CampaignMember.recorded_language))
    )
    readers: Counter[str] = Counter()
    for spoken, people in session.execute(statement):
        tag = written(spoken) or ENGLISH
        readers[tag if tag in LANGUAGES else ENGLISH] += people
    return readers
