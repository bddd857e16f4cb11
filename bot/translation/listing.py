"""Every language with what it has here: wording, approvals, lifelines, models, and whether a machine may translate."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.settings import Settings
from bot.tables.translation import TranslationModel
from bot.tables.wording import WordingApproval
from bot.texts.catalogue import catalogue
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, WORDED
from bot.texts.wording import wording_for
from bot.translation.engines import Model
from bot.translation.figures import what_is_wrong
from bot.translation.models import model_of
from bot.translation.packages import TRIAL_LABEL
from bot.translation.requests import is_on
from bot.understanding.coverage import coverage_of


def list_languages(session: Session, settings: Settings) -> Iterator[dict[str, Any]]:
    """One dict a language: those with wording in their order, then others that have a model.

    `wording` and `approved` count texts, `lists` words and phrases of replies, `danger` concepts of danger that have
    words. `model` names the models of both directions, `chrf` is the lower of their scores once both are scored;
    `models` has each with its fault.
    """
    approved = _approved(session)
    models = list(session.exec(select(TranslationModel).order_by(col(TranslationModel.id))))
    wordless = [tag for tag in LANGUAGES if tag not in (*WORDED, *LIFELINES_ONLY) and _models_of(tag, models)]
    for tag in (*WORDED, *LIFELINES_ONLY, *wordless):
        own = _models_of(tag, models)
        usable = [model for model in own if model.fault is None]
        known = coverage_of(tag)
        scores = [model.chrf for model in usable if model.chrf is not None]
        yield {
            "language": tag,
            "name": LANGUAGES[tag].english,
            "wording": sum(wording_for(key, tag) is not None for key in catalogue()),
            "approved": approved.get(tag, 0),
            "lifelines": all(wording_for(text.key, tag) for text in catalogue().values() if text.lifeline),
            "lists": known.phrases,
            "danger": known.concepts,
            "model": ", ".join(label(model_of(model)) for model in usable) or None,
            "chrf": min(scores) if scores and len(scores) == len(usable) else None,
            "on": is_on(session, settings, tag),
            "models": [_shown(model) for model in own],
        }


def label(model: Model) -> str:
    """A model as people see it; one that was trained for tests never without saying so."""
    return f"{model.name} ({TRIAL_LABEL})" if model.trial else model.name


def _models_of(tag: str, models: Sequence[TranslationModel]) -> list[TranslationModel]:
    if tag == "en":
        return []
    return [model for model in models if tag in (model.from_language, model.to_language)]


def _shown(model: TranslationModel) -> dict[str, Any]:
    return {
        "from": model.from_language,
        "to": model.to_language,
        "version": model.version,
        "sha256": model.sha256,
        "chrf": model.chrf,
        "trial": model.trial,
        "problem": what_is_wrong(model.fault),
    }


def _approved(session: Session) -> Mapping[str, int]:
    """How many texts of each language as many people stand by as it takes."""
    found = (
        select(col(WordingApproval.language), col(WordingApproval.text_key))
        .where(col(WordingApproval.withdrawn_at).is_(None))
        .group_by(col(WordingApproval.language), col(WordingApproval.text_key), col(WordingApproval.digest))
        .having(func.count() >= func.min(col(WordingApproval.needed)))
    )
    return Counter(language for language, _ in set(session.exec(found).all()))
