"""What ships: every text in every language, whole, within its cap, in its own script."""

import re
from pathlib import Path

import polib
import pytest

from bot.conversations.safety import RECEIPTS
from bot.texts.catalogue import Text, catalogue, slots_in
from bot.texts.check import ALL_LANGUAGES, check_wordings
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY, WORDED
from bot.texts.parts import count_parts, encoding_of
from bot.texts.wording import LOCALES_DIR, Wording, example_values, fill, read_wording

SLOTS = {
    "fuel-poverty-invitation": "practice partner practice_phone",
    "fuel-poverty-consent": "practice partner",
    "fuel-poverty-referred": "practice partner partner_phone",
    "fuel-poverty-referred-no-phone": "practice partner",
    "fuel-poverty-waiting": "practice partner",
    "fuel-poverty-place-found": "practice partner",
    "fuel-poverty-partner-full": "practice partner practice_phone",
    "fuel-poverty-no-thanks": "practice",
    "fuel-poverty-not-shared": "practice",
    "emergency": "",
    "opt-out-receipt": "practice",
    "opt-out-receipt-all": "practice",
    "opt-in-receipt": "practice",
    "help": "practice practice_phone",
    "language-menu": "choices",
    "language-menu-page": "choices",
    "language-confirm": "",
    "language-confirm-named": "language",
    "language-set": "practice",
    "call-offer": "",
    "language-line": "choices",
    "person-will-read": "practice",
    "wrong-number": "",
    "staff-will-call": "practice date time",
    "staff-please-call": "practice practice_phone",
    "staff-please-text": "practice",
    "staff-it-is-us": "practice",
    "staff-changed-it": "practice",
    "staff-thank-you": "practice",
    "appointment-reminder": "practice date time place practice_phone",
}
LIFELINES = {
    *("emergency", "opt-out-receipt", "opt-out-receipt-all"),
    *("language-menu", "language-menu-page", "call-offer"),
}

every_wording = pytest.mark.parametrize(
    ("key", "tag"),
    [(key, tag) for key in SLOTS for tag in (ALL_LANGUAGES if key in LIFELINES else WORDED)],
)


def wording_of(key: str, tag: str, locales: Path) -> tuple[Text, Wording]:
    text = catalogue()[key]
    wording = read_wording(text, tag, locales)
    assert wording is not None, f"{key} has no wording in {tag}"
    return text, wording


def test_the_texts_the_service_sends_are_there_with_their_slots() -> None:
    found = {text.key: set(text.slots) for text in catalogue().values()}
    assert {key: found[key] for key in SLOTS} == {key: set(slots.split()) for key, slots in SLOTS.items()}


def test_the_lifelines_are_marked() -> None:
    assert {text.key for text in catalogue().values() if text.lifeline} == LIFELINES


@every_wording
def test_every_text_has_every_slot_in_every_language(key: str, tag: str, shipped_locales: Path) -> None:
    text, wording = wording_of(key, tag, shipped_locales)
    assert slots_in(wording.body) == set(text.slots)


@every_wording
def test_every_text_is_within_its_cap_in_every_language(key: str, tag: str, shipped_locales: Path) -> None:
    text, wording = wording_of(key, tag, shipped_locales)
    filled = fill(text, tag, wording.body, example_values(text))
    assert 1 <= count_parts(filled).parts <= text.cap


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
def test_the_emergency_text_is_one_part_with_both_numbers(tag: str, shipped_locales: Path) -> None:
    _, wording = wording_of("emergency", tag, shipped_locales)
    assert count_parts(wording.body).parts == 1
    assert {"999", "111"} <= set(re.findall(r"[0-9]+", wording.body))


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
@pytest.mark.parametrize("key", RECEIPTS.values())
def test_an_opt_out_receipt_names_the_way_back(key: str, tag: str, shipped_locales: Path) -> None:
    _, wording = wording_of(key, tag, shipped_locales)
    assert "START" in wording.body


@pytest.mark.parametrize("tag", ALL_LANGUAGES)
def test_the_two_receipts_say_two_things(tag: str, shipped_locales: Path) -> None:
    said = {wording_of(key, tag, shipped_locales)[1].body for key in RECEIPTS.values()}
    assert len(said) == len(RECEIPTS)


@pytest.mark.parametrize("tag", LIFELINES_ONLY)
def test_the_others_have_the_lifelines_and_nothing_else(tag: str, shipped_locales: Path) -> None:
    assert {text.key for text in catalogue().values() if read_wording(text, tag, shipped_locales)} == LIFELINES


@pytest.mark.parametrize("key", SLOTS)
def test_the_english_is_in_the_gsm_alphabet(key: str) -> None:
    assert encoding_of(catalogue()[key].source) == "GSM-7"


def test_a_check_of_all_that_ships_finds_nothing(shipped_locales: Path) -> None:
    assert check_wordings(catalogue(), shipped_locales) == []


@pytest.mark.parametrize("tag", ALL_LANGUAGES[1:])
def test_every_shipped_translation_is_marked_as_a_draft(tag: str) -> None:
    entries = polib.pofile(str(LOCALES_DIR / LANGUAGES[tag].folder / "LC_MESSAGES" / "texts.po"))
    assert entries
    assert all(entry.fuzzy for entry in entries)
