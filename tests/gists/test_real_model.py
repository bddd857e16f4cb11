"""Once with the Urdu package itself: a reply comes in, the translator's child makes English of it, staff read it."""

from pathlib import Path

import pytest

from bot.audit import CONSOLE
from bot.database import Database
from bot.settings import Settings
from bot.translation.installing import install_package
from bot.translation.translator import Translator
from tests.factories import make_patient, make_practice, text_in
from tests.gists.helpers import gist_of, items
from tests.translation.helpers import TO_ENGLISH

ROOT = Path(__file__).resolve().parents[2]


def test_a_reply_in_urdu_is_read_in_english(
    db: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    here = settings.model_copy(update={"argos_packages_dir": str(tmp_path / "argos")})
    install_package(db, here, TO_ENGLISH, CONSOLE)
    patient = make_patient(db, make_practice(db), language="ur")
    fever = text_in(db, here, patient.phone, "مجھے بخار ہے")
    late = text_in(db, here, patient.phone, "میں پیر کو نہیں آ سکتا")
    translator = Translator(db, here)
    try:
        translator.round()
    finally:
        translator._engine.close()
    shown = gist_of(db, here, fever)
    assert shown is not None
    assert "fever" in shown.english
    assert (shown.trial, bool(shown.id)) == (True, True)
    missed = gist_of(db, here, late)
    assert missed is not None
    assert "Monday" in missed.english
    assert all(urgency is None for _, urgency, _ in items(db))
