"""Rows of the translator's queue, and what is in them."""

from pathlib import Path
from typing import Any

from sqlmodel import col, select

from bot.clock import utc_now
from bot.database import Database
from bot.tables.translation import Translation, TranslationModel
from bot.translation.engines import Model
from bot.translation.packages import TRIAL_FOLDER, TRIAL_FORM, contents_of, read_package, unpack
from bot.translation.requests import ask_for_translation


def ask(db: Database, words: str = "I have a fever", **changes: Any) -> int:
    """Queue words for the translator; gives the row's id."""
    values: dict[str, Any] = {"source": "en", "target": "ur", "purpose": "gist", "practice_id": None}
    with db.write() as session:
        return ask_for_translation(session, words, **(values | changes)).id or 0


def row(db: Database, translation_id: int) -> Translation:
    with db.read() as session:
        return session.get_one(Translation, translation_id)


def all_rows(db: Database) -> list[Translation]:
    with db.read() as session:
        return list(session.exec(select(Translation).order_by(col(Translation.id))))


def make_model(db: Database, source: str = "en", target: str = "ur", **changes: Any) -> TranslationModel:
    values: dict[str, Any] = {"version": "0.1", "sha256": "a" * 64, "contents": "b" * 64, "folder": "translate"}
    with db.write() as session:
        model = TranslationModel(from_language=source, to_language=target, installed_at=utc_now(), **(values | changes))
        session.add(model)
    return model


TO_URDU, TO_ENGLISH = (TRIAL_FOLDER / f"translate-{pair}-0_1.argosmodel" for pair in ("en_ur", "ur_en"))
"""The two packages for tests."""


def unpacked(folder: Path, path: Path) -> Model:
    """A package unpacked into a folder, as the model that is recorded for it."""
    package = read_package(path)
    place = folder / package.folder
    if not place.exists():
        unpack(package, folder).rename(place)
    pair = (package.from_language, package.to_language)
    return Model(*pair, package.version, package.sha256, contents_of(place), package.folder, TRIAL_FORM, trial=True)
