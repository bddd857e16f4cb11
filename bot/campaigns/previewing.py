"""What people will read before anything is sent: the invitation in each language of the cohort, and its cost."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from bot.campaigns.groups import Share
from bot.campaigns.inviting import all_values, invitation_of
from bot.campaigns.next_batch import next_people
from bot.refusals import Refused
from bot.settings import Settings
from bot.tables.campaigns import Campaign, CampaignMember
from bot.tables.organisations import Practice
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.texts.parts import PENCE_PER_PART
from bot.wording.composing import ENGLISH, NotApprovedError, load_wordings, written


@dataclass(frozen=True)
class LanguagePreview:
    """The invitation of one language group. `wording` is the tag of the words, `own` whether they are theirs."""

    tag: str | None
    people: int
    body: str
    wording: str
    own: bool
    draft: bool
    parts: int
    text_key: str = ""

    @property
    def name(self) -> str:
        """The language as staff call it."""
        return language_name(self.tag)

    @property
    def right_to_left(self) -> bool:
        """Whether the wording runs from right to left."""
        return LANGUAGES[self.wording].right_to_left

    @property
    def to_read(self) -> tuple[str, str] | None:
        """The text and language in which a wording waits to be approved, so that the group reads its own."""
        if self.own and self.draft:
            return self.text_key, self.wording
        read = written(self.tag)
        return (self.text_key, read) if not self.own and read in ALL_LANGUAGES else None

    @property
    def all_parts(self) -> int:
        """Parts to everybody in the group."""
        return self.parts * self.people

    @property
    def pounds(self) -> float:
        """The estimated cost of the group, in pounds."""
        return self.all_parts * PENCE_PER_PART / 100


@dataclass(frozen=True)
class WordingPreview:
    """The language groups of a cohort that read exactly the same words; at least one."""

    readers: Sequence[LanguagePreview]

    @property
    def text(self) -> LanguagePreview:
        """The group whose words these are, else the largest that reads them."""
        return next((reader for reader in self.readers if reader.own), self.readers[0])

    @property
    def name(self) -> str:
        """The group whose words these are; where nobody has them as their own, all who read them."""
        return self.text.name if self.text.own else ", ".join(reader.name for reader in self.readers)

    @property
    def to_read(self) -> Sequence[LanguagePreview]:
        """The groups with a wording to approve or to write, each wording once."""
        by_wording: dict[tuple[str, str], LanguagePreview] = {}
        for reader in self.readers:
            if reader.to_read:
                by_wording.setdefault(reader.to_read, reader)
        return list(by_wording.values())

    @property
    def people(self) -> int:
        """People who read these words."""
        return sum(reader.people for reader in self.readers)

    @property
    def all_parts(self) -> int:
        """Parts to all of them."""
        return sum(reader.all_parts for reader in self.readers)

    @property
    def pounds(self) -> float:
        """The estimated cost, in pounds."""
        return sum(reader.pounds for reader in self.readers)


@dataclass(frozen=True)
class CampaignPreview:
    """All language groups of a campaign, the largest first, with the English everything is translated from."""

    english: str
    languages: Sequence[LanguagePreview]

    @property
    def wordings(self) -> Sequence[WordingPreview]:
        """Each wording once with all who read it: the English as it is first, then by number of people."""
        by_body: dict[str, list[LanguagePreview]] = {}
        for language in self.languages:
            by_body.setdefault(language.body, []).append(language)
        wordings = [WordingPreview(readers) for readers in by_body.values()]
        return sorted(wordings, key=lambda wording: (wording.text.body != self.english, -wording.people))

    @property
    def pounds(self) -> float:
        """The estimated cost of the whole cohort, in pounds."""
        return sum(language.pounds for language in self.languages)


@dataclass(frozen=True)
class BatchPreview:
    """What the next batch sends if it is released now: each language group of its people, the largest first."""

    languages: Sequence[LanguagePreview]

    @property
    def texts(self) -> int:
        """People who get a text."""
        return sum(language.people for language in self.languages)

    @property
    def parts(self) -> int:
        """Parts to all of them."""
        return sum(language.all_parts for language in self.languages)

    @property
    def pounds(self) -> float:
        """The estimated cost, in pounds."""
        return sum(language.pounds for language in self.languages)

    @property
    def drafts(self) -> Sequence[LanguagePreview]:
        """Groups whose words nobody has approved."""
        return [language for language in self.languages if language.own and language.draft]

    @property
    def in_english(self) -> Sequence[LanguagePreview]:
        """Groups with another language who get the English: there is no wording for them that may be sent."""
        return [language for language in self.languages if language.tag is not None and not language.own]


def preview_batch(
    session: Session, settings: Settings, campaign: Campaign, size: int, shares: Sequence[Share] = ()
) -> BatchPreview | None:
    """What releasing the next batch of that size would send at this moment; None when nothing may be said."""
    people = Counter(person.language for person in next_people(session, campaign, size, shares))
    try:
        return BatchPreview(_previews(session, settings, campaign, people.most_common()))
    except (NotApprovedError, Refused):
        return None


def language_name(tag: str | None) -> str:
    """A language in English, such as Polish; words for none recorded."""
    if tag is None:
        return "Not recorded"
    return LANGUAGES[tag].english if tag in LANGUAGES else tag


def preview_campaign(session: Session, settings: Settings, campaign: Campaign) -> CampaignPreview | None:
    """The invitation as each language group of the cohort would read it now; None when nothing may be said."""
    try:
        [english] = _previews(session, settings, campaign, [(ENGLISH, 0)])
        return CampaignPreview(english.body, _previews(session, settings, campaign, _groups(session, campaign)))
    except (NotApprovedError, Refused):
        return None


def _previews(
    session: Session, settings: Settings, campaign: Campaign, groups: Iterable[tuple[str | None, int]]
) -> list[LanguagePreview]:
    """The invitation as each group of people would read it now.

    :raises NotApprovedError: nothing may be said.
    :raises Refused: `no-practice-phone`.
    """
    invitation = invitation_of(session, campaign)
    key, values = invitation.text_key, all_values(session.get_one(Practice, campaign.practice_id), invitation)
    wordings = load_wordings(session, settings, key)
    texts = [(tag, people, wordings.compose(key, tag, values)) for tag, people in groups]
    return [
        LanguagePreview(tag, people, text.body, text.language, text.own, not text.approved, text.parts, key)
        for tag, people, text in texts
    ]


def what_is_missing(session: Session, campaign: Campaign) -> str | None:
    """What keeps any invitation of a campaign from being composed, beside its wording, and what to do about it."""
    try:
        all_values(session.get_one(Practice, campaign.practice_id), invitation_of(session, campaign))
    except Refused as refused:
        return refused.message
    return None


def _groups(session: Session, campaign: Campaign) -> list[tuple[str | None, int]]:
    statement = (
        select(col(CampaignMember.recorded_language), func.count())
        .where(col(CampaignMember.campaign_id) == campaign.id)
        .group_by(col(CampaignMember.recorded_language))
        .order_by(func.count().desc(), col(CampaignMember.recorded_language))
    )
    return [(row[0], row[1]) for row in session.execute(statement)]
