"""The translator for those who run the service: why it cannot work, and figures without a word of any text."""

from collections.abc import Iterator
from datetime import timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.clock import utc_now
from bot.figures import family
from bot.refusals import Fault
from bot.settings import Settings
from bot.tables.translation import Translation, TranslationModel
from bot.translation.claiming import oldest_waiting
from bot.translation.packages import pair_in_words

STUCK_AFTER = timedelta(minutes=5)
"""A text that has waited for so long says that no translator is at work."""
_WHAT_IS_WRONG = {
    "missing": "its files are not in the folder of packages",
    "changed": "its files are not those that were installed",
    "trial": "it was trained for tests, and live does not use it",
    "unreadable": "it cannot be loaded",
}


def translation_faults(session: Session, _settings: Settings) -> Iterator[Fault]:
    """A queue that stands still, and models that are not what was installed."""
    oldest = oldest_waiting(session)
    if oldest is not None and utc_now() - oldest > STUCK_AFTER:
        minutes = int((utc_now() - oldest).total_seconds() // 60)
        yield Fault(
            f"A text has waited {minutes} minutes for the translator.",
            f"A text has waited {minutes} minutes to be translated.",
            "Read the original, or phone an interpreter. Whoever runs the service starts the translator again.",
        )
    faulty = select(TranslationModel).where(col(TranslationModel.fault).is_not(None))
    for model in session.exec(faulty.order_by(col(TranslationModel.id))):
        direction = pair_in_words(model.from_language, model.to_language)
        wrong = what_is_wrong(model.fault)
        yield Fault(
            f"The model {model.from_language}-{model.to_language} is not used: {wrong}. Install its package again.",
            f"Nothing is translated from {direction}: the model was changed or lost.",
            "Whoever runs the service installs its package again.",
        )


def what_is_wrong(fault: str | None) -> str | None:
    """Why a model is not used, in words."""
    return None if fault is None else _WHAT_IS_WRONG[fault]


def translation_figures(session: Session) -> Iterator[GaugeMetricFamily]:
    """Translations by purpose and state, how long the oldest has waited, and the models."""
    counted = select(Translation.purpose, Translation.state, func.count()).group_by(
        col(Translation.purpose), col(Translation.state)
    )
    rows = [((purpose, state), float(count)) for purpose, state, count in session.exec(counted)]
    yield family("translations", "Translations by purpose and state", ["purpose", "state"], rows)
    failed = select(Translation.failure, func.count()).where(col(Translation.failure).is_not(None))
    why = [((str(reason),), float(count)) for reason, count in session.exec(failed.group_by(col(Translation.failure)))]
    yield family("translations_failed", "Texts without a translation, by reason", ["reason"], why)
    oldest = oldest_waiting(session)
    age = 0.0 if oldest is None else max(0.0, (utc_now() - oldest).total_seconds())
    yield GaugeMetricFamily("translation_queue_age_seconds", "The oldest text that waits", value=age)
    models = session.exec(select(TranslationModel.from_language, TranslationModel.to_language, TranslationModel.fault))
    used = [((source, target), float(fault is None)) for source, target, fault in models]
    yield family("translation_model_used", "1 when a model is what was installed", ["from", "to"], used)
