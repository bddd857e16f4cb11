"""What may be said now: wording a person has approved (in demo also drafts), filled with its values last."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlmodel import Session

from bot.settings import Settings
from bot.texts.catalogue import Text, Value, catalogue
from bot.texts.languages import LANGUAGES, RATHER_TALKED
from bot.texts.parts import count_parts
from bot.texts.wording import Wording, fill, wording_for
from bot.wording.in_force import Place, approved_wordings, wordings_and_drafts

ENGLISH = "en"
MENU_ROW = ("ur", "bn", "pl", "ar", "ro")
"""Languages named in the line under a text to a person whose language nobody has recorded."""
MENU_ROW_IN_LATIN = "Urdu Bangla Polski Arabic Romana"
"""The same in letters that leave a long English text its 160 signs a part, where it would take too many parts."""

LINES = CALL_OFFER, TALK_OFFER, LANGUAGE_LINE, CONFIRM_IN_ENGLISH, BY_COMPUTER = (
    "call-offer",
    "talk-offer",
    "language-line",
    "language-confirm-named",
    "translated-by-computer",
)
"""Texts that stand under another."""
CONFIRM, WILL_READ = "language-confirm", "person-will-read"


class NotApprovedError(Exception):
    """Nothing may be said: not even the English has been approved."""


@dataclass(frozen=True)
class Composed:
    """A text ready to send. `language` is that of its wording; `own` says whether it is the person's.

    `approved`: people stand by the wording; else it is a draft. `line_digest`: that of the line under it, if any.
    """

    body: str
    language: str
    digest: str
    parts: int
    own: bool
    approved: bool
    line_digest: str | None = None


class Line(NamedTuple):
    """What stands under a text, and the wording it was made from."""

    body: str
    digest: str


class Wordings:
    """The wording that may be sent at this moment. `drafts` are those people wrote, None where none may be sent."""

    def __init__(self, approved: Mapping[Place, Wording], drafts: Mapping[Place, Wording] | None) -> None:
        self._approved = approved
        self._drafts = drafts

    def approved(self, key: str, tag: str) -> Wording | None:
        """The newest approved wording of a text in a language that has the slots the text has today."""
        return self._approved.get((key, tag))

    def allowed(self, key: str, tag: str) -> Wording | None:
        """The wording of a text in a language, if it may be sent."""
        approved = self.approved(key, tag)
        if approved or self._drafts is None:
            return approved
        return self._drafts.get((key, tag)) or wording_for(key, tag)

    def language_for(self, key: str, tag: str | None) -> str:
        """The language a person who reads `tag` will get this text in; English when there is none of their own."""
        own = written(tag)
        return own if own and self.allowed(key, own) else ENGLISH

    def compose(
        self, key: str, tag: str | None, values: Mapping[str, Value], *, offers_languages: bool = False
    ) -> Composed:
        """Fill a text for a person who reads `tag` (None: nobody has recorded it).

        Where a text would take more parts than it may, addresses in it end sooner: by one comma, and one more.
        A person without wording of their own gets English, with the one-line call offer in their language when
        that may be sent. A person who speaks a language that few write gets an invitation in the one they read, and a
        line that offers a call in theirs. A question in which language to write has the same in English under it, for
        whoever helps.
        :param offers_languages: who has no language on record gets the line that offers some, as in an invitation.
        :raises NotApprovedError: not even the English may be sent.
        """
        language = self.language_for(key, tag)
        wording = self.allowed(key, language)
        if wording is None:
            raise NotApprovedError(key)
        text = catalogue()[key]
        body = fill(text, language, wording.body, values)
        own = language == written(tag)
        under = self._under(text, language, tag, own=own)
        if offers_languages and tag is None:
            under = self._offer_within(body, text.cap)
        if under:
            body = f"{body}\n{under.body}"
        parts = count_parts(body).parts
        shorter = _with_shorter_places(text, values) if parts > text.cap else None
        if shorter is not None:
            return self.compose(key, tag, shorter, offers_languages=offers_languages)
        approved = self.approved(key, language) is not None
        line_digest = under.digest if under else None
        return Composed(body, language, wording.digest, parts, own, approved, line_digest)

    def _under(self, text: Text, language: str, tag: str | None, *, own: bool) -> Line | None:
        if not own and (text.kind == "outreach" or (tag and text.key == WILL_READ)):
            return self._offer(tag)
        if own and tag in RATHER_TALKED and text.kind == "outreach":
            return self._line(TALK_OFFER, language, {"language": LANGUAGES[tag].native})
        if text.key == CONFIRM and tag and language != ENGLISH:
            return self._line(CONFIRM_IN_ENGLISH, ENGLISH, {"language": name_in_english(tag)})
        return None

    def _offer(self, tag: str | None) -> Line | None:
        if tag is None:
            names = " ".join(LANGUAGES[known].native for known in MENU_ROW)
            return self._line(LANGUAGE_LINE, ENGLISH, {"choices": names})
        return self._line(CALL_OFFER, written(tag) or ENGLISH, {})

    def _offer_within(self, body: str, cap: int) -> Line | None:
        """The line that offers languages; in Latin letters where the text would take too many parts with their own."""
        own = self._offer(None)
        if own is None or count_parts(f"{body}\n{own.body}").parts <= cap:
            return own
        return self._line(LANGUAGE_LINE, ENGLISH, {"choices": MENU_ROW_IN_LATIN})

    def _line(self, key: str, tag: str, values: Mapping[str, str]) -> Line | None:
        wording = self.allowed(key, tag)
        return Line(fill(catalogue()[key], tag, wording.body, values), wording.digest) if wording else None


def _with_shorter_places(text: Text, values: Mapping[str, Value]) -> dict[str, Value] | None:
    """The values with each place but for what stands behind its last comma; None where no place has one."""
    shorter = {
        slot.name: str(values[slot.name]).rpartition(",")[0]
        for slot in text.slots.values()
        if slot.type == "place" and "," in str(values[slot.name])
    }
    return {**values, **shorter} if shorter else None


def name_in_english(tag: str) -> str:
    """The language we write to somebody who named this one: "Bengali (Sylheti)" where it is written in another."""
    named, read = LANGUAGES[tag].english, LANGUAGES[LANGUAGES[tag].reads or tag].english
    return named if named == read else f"{read} ({named})"


def written(tag: str | None) -> str | None:
    """The language to write in for one that is spoken, such as Bangla for Sylheti."""
    if tag is None or tag not in LANGUAGES:
        return tag
    return LANGUAGES[tag].reads or tag


def load_wordings(
    session: Session, settings: Settings, text_key: str | None = None, readers: Iterable[str | None] | None = None
) -> Wordings:
    """What may be said now: in live approved wording only, in demo drafts too.

    :param text_key: the one text to be composed, if there is only one.
    :param readers: the languages, as recorded, of all whom it is composed for, if they are known.
    """
    keys = None if text_key is None else (text_key, *LINES)
    tags = None if readers is None else {ENGLISH} | {own for tag in readers if (own := written(tag))}
    if settings.live:
        return Wordings(approved_wordings(session, keys, tags), None)
    return Wordings(*wordings_and_drafts(session, keys, tags))
