"""The English of what people wrote, as staff read it under the words themselves: labelled, with what was checked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from bot.gists.asking import Heard, newest_gists
from bot.gists.lifting import danger_in_gist
from bot.gists.reporting import Reported, reports_of
from bot.settings import Settings
from bot.tables.translation import Failure, Translation, TranslationModel, TranslationState
from bot.texts.languages import LANGUAGES
from bot.translation.requests import ENGLISH, can_translate, may_be_translated

WAITS = "English by computer is being made."
_INSTEAD = "Ask somebody who reads it, or phone the person."
_MIXED = f"It is part English and part other letters, which a computer does not translate. {_INSTEAD}"
_UNREPORTED = Reported()


@dataclass(frozen=True)
class Gist:
    """What is said under a text: its `english`, or in `note` why there is none.

    `waits`: it is being made. `ok`: all checks hold; `concerns`: what they found, in plain words. `danger`: urgent
    words that only the English has; `urgent`: their own words have some, whatever the English says. `id` is that of the
    translation; `trial`: the model was trained for tests, not for patients.
    """

    note: str = ""
    waits: bool = False
    id: int = 0
    english: str = ""
    ok: bool | None = None
    concerns: Sequence[str] = ()
    danger: Sequence[str] = ()
    urgent: bool = False
    trial: bool = False
    reported: Reported = _UNREPORTED


@dataclass(frozen=True)
class Reader:
    """Who looks: somebody of a practice, or of a partner at a text that this practice handed on."""

    practice_id: int
    user_id: int


def gists_of(session: Session, settings: Settings, heard: Sequence[Heard], reader: Reader) -> Mapping[int, Gist]:
    """What stands under each of these texts, by its number; texts that need nothing under them are left out."""
    asked = newest_gists(session, [one.message.id or 0 for one in heard if one.written.language])
    reports = reports_of(session, [each.id or 0 for each in asked.values()], reader.practice_id, reader.user_id)
    why = {tag: _why_not(session, settings, tag) for tag in {one.language for one in heard if one.language}}
    for_tests = _for_tests(session) if asked else frozenset()
    shown = {
        one.message.id or 0: _gist(one, asked.get(one.message.id or 0), why.get(one.language or ""), reports)
        for one in heard
    }
    return {
        number: replace(gist, trial=bool(gist.english) and asked[number].source_language in for_tests)
        for number, gist in shown.items()
        if gist
    }


def _for_tests(session: Session) -> frozenset[str]:
    """The languages whose model into English was trained for tests, not for patients."""
    trial = select(TranslationModel.from_language).where(
        TranslationModel.to_language == ENGLISH, col(TranslationModel.trial)
    )
    return frozenset(session.exec(trial))


def english_of(session: Session, message_ids: Sequence[int], reader: Reader) -> Mapping[int, Gist]:
    """The English there is of these texts, by their numbers: for a list, without what its checks and words say."""
    made = {number: each for number, each in newest_gists(session, message_ids).items() if each.text}
    reports = reports_of(session, [each.id or 0 for each in made.values()], reader.practice_id, reader.user_id)
    for_tests = _for_tests(session) if made else frozenset()
    return {
        number: Gist(
            english=each.text or "",
            ok=each.ok,
            trial=each.source_language in for_tests,
            reported=reports.get(each.id or 0, _UNREPORTED),
        )
        for number, each in made.items()
    }


def _gist(heard: Heard, asked: Translation | None, why_not: str | None, reports: Mapping[int, Reported]) -> Gist | None:
    written = heard.written
    if written.romanised:
        return Gist(_in_latin_letters(written.language))
    if written.mixed:
        return Gist(_MIXED)
    if written.language is None:
        return None
    if asked is None:
        return Gist(why_not) if why_not else None
    if asked.state == TranslationState.DONE and asked.text:
        return _made(heard, asked, reports.get(asked.id or 0, _UNREPORTED))
    if asked.state == TranslationState.FAILED:
        note = _why_failed(asked)
        return Gist(note) if note else None
    return Gist(WAITS, waits=True)


def _made(heard: Heard, asked: Translation, reported: Reported) -> Gist:
    urgent = heard.reading is not None and heard.reading.urgent is not None
    return Gist(
        id=asked.id or 0,
        english=asked.text or "",
        ok=asked.ok,
        concerns=[check["why"] for check in json.loads(asked.checks or "[]") if not check["ok"] and check["why"]],
        danger=[] if urgent else danger_in_gist(asked.text),
        urgent=urgent,
        reported=reported,
    )


def _why_not(session: Session, settings: Settings, language: str) -> str | None:
    """Why nobody asked for the English of a text in that language; None when it could be had."""
    if may_be_translated(session, settings, language):
        return None
    if can_translate(session, language, ENGLISH):
        return f"Computer translation from {_name(language)} is not switched on here. {_INSTEAD}"
    return _no_model(language)


def _why_failed(asked: Translation) -> str:
    notes: Mapping[str | None, str] = {
        Failure.NO_MODEL: _no_model(asked.source_language),
        Failure.TIMED_OUT: "The computer took too long over it, so there is no English.",
        Failure.TOO_LONG: "It is too long for the computer, so there is no English.",
        Failure.ENGINE_FAILED: "The computer could not make English of it.",
        Failure.ROMANISED: _in_latin_letters(asked.source_language),
    }
    return notes.get(asked.failure, "")


def _in_latin_letters(language: str | None) -> str:
    return f"It looks like {_name(language)} in English letters, which a computer does not translate. {_INSTEAD}"


def _no_model(language: str) -> str:
    return f"There is no computer translation from {_name(language)} here. {_INSTEAD}"


def _name(language: str | None) -> str:
    known = LANGUAGES.get(language or "")
    return known.english if known else "another language"
