"""What may be said now: wording a person has approved (in demo also drafts), filled with its values last."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from sqlmodel import Session, col, select

from bot.settings import Settings
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.languages import LANGUAGES
from bot.texts.parts import count_parts
from bot.texts.wording import Wording, fill, wording_for

ENGLISH = "en"
MENU_ROW = ("ur", "bn", "pl", "ar", "ro")
"""Languages named in the line under a text to a person whose language nobody has recorded."""

LINES = CALL_OFFER, LANGUAGE_LINE, CONFIRM_IN_ENGLISH = "call-offer", "language-line", "language-confirm-named"
"""Texts that stand under another."""
CONFIRM, WILL_READ = "language-confirm", "person-will-read"

Key = tuple[str, str, str]


class NotApprovedError(Exception):
    """Nothing may be said: not even the English has been approved."""


@dataclass(frozen=True)
class Composed:
    """A text ready to send. `language` is that of its wording; `own` says whether it is the person's."""

    body: str
    language: str
    digest: str
    parts: int
    own: bool


class Wordings:
    """The wording that may be sent at this moment; `approved` is None where drafts may be sent."""

    def __init__(self, approved: frozenset[Key] | None) -> None:
        self._approved = approved

    def allowed(self, key: str, tag: str) -> Wording | None:
        """The wording of a text in a language, if it may be sent."""
        wording = wording_for(key, tag)
        if wording is None or self._approved is None:
            return wording
        return wording if (key, tag, wording.digest) in self._approved else None

    def language_for(self, key: str, tag: str | None) -> str:
        """The language a person who reads `tag` will get this text in; English when there is none of their own."""
        written = _written(tag)
        return written if written and self.allowed(key, written) else ENGLISH

    def compose(self, key: str, tag: str | None, values: Mapping[str, str | int | date | time]) -> Composed:
        """Fill a text for a person who reads `tag` (None: nobody has recorded it).

        A person without wording of their own gets English, with the one-line call offer in their language when
        that may be sent. A question in which language to write has the same in English under it, for whoever helps.
        :raises NotApprovedError: not even the English may be sent.
        """
        language = self.language_for(key, tag)
        wording = self.allowed(key, language)
        if wording is None:
            raise NotApprovedError(key)
        text = catalogue()[key]
        body = fill(text, language, wording.body, values)
        own = language == _written(tag)
        if not own and (text.kind == "outreach" or (tag and key == WILL_READ)):
            body = "\n".join([body, *self._offer(tag)])
        if key == CONFIRM and tag and language != ENGLISH:
            body = "\n".join([body, *self._in_english(tag)])
        return Composed(body, language, wording.digest, count_parts(body).parts, own)

    def _offer(self, tag: str | None) -> list[str]:
        if tag is None:
            line = self.allowed(LANGUAGE_LINE, ENGLISH)
            names = " ".join(LANGUAGES[known].native for known in MENU_ROW)
            return [fill(catalogue()[LANGUAGE_LINE], ENGLISH, line.body, {"choices": names})] if line else []
        offer = self.allowed(CALL_OFFER, _written(tag) or ENGLISH)
        return [fill(catalogue()[CALL_OFFER], tag, offer.body, {})] if offer else []

    def _in_english(self, tag: str) -> list[str]:
        line = self.allowed(CONFIRM_IN_ENGLISH, ENGLISH)
        text = catalogue()[CONFIRM_IN_ENGLISH]
        return [fill(text, ENGLISH, line.body, {"language": name_in_english(tag)})] if line else []

    def draft_languages(self, key: str, approved: frozenset[Key]) -> list[str]:
        """Languages whose wording of this text nobody has approved yet."""
        wordings = ((tag, wording_for(key, tag)) for tag in LANGUAGES)
        return [tag for tag, wording in wordings if wording and (key, tag, wording.digest) not in approved]


def name_in_english(tag: str) -> str:
    """The language we write to somebody who named this one: "Bengali (Sylheti)" where it is written in another."""
    named, written = LANGUAGES[tag].english, LANGUAGES[LANGUAGES[tag].reads or tag].english
    return named if named == written else f"{written} ({named})"


def _written(tag: str | None) -> str | None:
    """The language to write in for one that is spoken, such as Bangla for Sylheti."""
    if tag is None or tag not in LANGUAGES:
        return tag
    return LANGUAGES[tag].reads or tag


def approvals_in_force(session: Session, text_key: str | None = None) -> frozenset[Key]:
    """All approvals not withdrawn (of one text and the lines that may go with it): text, language, digest."""
    statement = select(col(WordingApproval.text_key), col(WordingApproval.language), col(WordingApproval.digest)).where(
        col(WordingApproval.withdrawn_at).is_(None)
    )
    if text_key is not None:
        statement = statement.where(col(WordingApproval.text_key).in_((text_key, *LINES)))
    return frozenset((key, tag, digest) for key, tag, digest in session.exec(statement))


def load_wordings(session: Session, settings: Settings, text_key: str | None = None) -> Wordings:
    """What may be said now: in live approved wording only, in demo drafts too.

    :param text_key: the one text to be composed, if there is only one.
    """
    return Wordings(approvals_in_force(session, text_key) if settings.live else None)
