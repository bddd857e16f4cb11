"""Each fault a machine can see in a wording is found, and a good wording has none."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.texts.catalogue import Slot, Text, catalogue
from bot.texts.check import ALL_LANGUAGES, check_body, check_language, check_wordings
from bot.texts.compiling import compile_wordings
from bot.texts.wording import WordingError, compiled_path, read_wording

WritePo = Callable[[str, Mapping[tuple[str, str], str]], Path]

INVITATION = Text(
    key="invitation",
    purpose="Invite.",
    kind="outreach",
    cap=2,
    lifeline=False,
    clinical=False,
    slots={
        "practice": Slot("practice", "name", "Station Practice"),
        "phone": Slot("phone", "phone", "01632 960101"),
    },
    source="{practice}: free help. Emergency: 999, urgent: 111.\n1 = yes\n0 = no more\nText START.\n{phone}",
)
POLISH = "{practice}: pomoc. Nagły wypadek: 999, pilne: 111.\n1 = tak\n0 = koniec\nSMS START.\n{phone}"
URDU = "{practice}: مفت مدد۔ ایمرجنسی 999، فوری 111\n1 = ہاں\n0 = بند\nSTART لکھیں\n{phone}"


def codes(language: str, body: str) -> list[str]:
    return [problem.code for problem in check_body(INVITATION, language, body)]


@pytest.mark.parametrize(("language", "body"), [("en", INVITATION.source), ("pl", POLISH), ("ur", URDU)])
def test_a_good_wording_has_no_fault(language: str, body: str) -> None:
    assert codes(language, body) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{phone}", "", "slots-differ"),
        ("{phone}", "{phone} {fax}", "slots-differ"),
        ("{phone}", "{phone} {", "slots-differ"),
        ("{phone}", "{Phone}", "slots-differ"),
        ("1 = tak", "1 - tak", "options-differ"),
        ("1 = tak\n0 = koniec", "0 = koniec\n1 = tak", "options-differ"),
        ("999", "112", "numbers-differ"),
        ("111", "", "numbers-differ"),
        ("START", "POCZATEK", "keyword-lost"),
        ("pomoc", "pomoc ২", "native-digits"),
        ("pomoc", "„pomoc”", "not-plain"),
        ("pomoc", "pomoc\u00a0", "not-plain"),
        ("pomoc", "pоmoc", "wrong-script"),
        ("pomoc", "pomoc " * 30, "over-cap"),
        ("{phone}", "{phone} {phone}", "slots-differ"),
        ("Nagły wypadek: 999, pilne: 111", "Nagły wypadek: 111, pilne: 999", "numbers-differ"),
        ("999", "999 999", "numbers-differ"),
        ("1 = tak", "1 =", "options-differ"),
        ("1 = tak", "1 = koniec", "options-differ"),
        ("Nagły wypadek", "Free help, urgent", "untranslated"),
        ("pomoc", "pomoc\x07", "broken-character"),
        ("pomoc", "pomo\ufffd", "broken-character"),
        ("pomoc", "pomoc https://example.org", "link-added"),
        ("pomoc", "pomoc bit.ly/abc", "link-added"),
    ],
)
def test_a_fault_in_the_polish_wording_is_found(old: str, new: str, code: str) -> None:
    assert old in POLISH
    assert code in codes("pl", POLISH.replace(old, new))


def test_a_wording_left_in_english_is_found_in_every_script() -> None:
    assert codes("ur", INVITATION.source) == ["wrong-script", "untranslated"]
    assert codes("ru", INVITATION.source) == ["wrong-script", "untranslated"]
    assert codes("pl", INVITATION.source) == ["untranslated"]


@pytest.mark.parametrize(
    ("linked", "code"),
    [
        ("O badaniu: nhs.uk/cervical-screening", None),
        ("O badaniu (nhs.uk/cervical-screening).", None),
        ("O badaniu: lekarz", "link-lost"),
        ("O badaniu: nhs.uk/breast-screening", "link-lost"),
        ("O badaniu: nhs.uk/cervical-screening, bit.ly/abc", "link-added"),
        ("O badaniu: nhs.uk/cervical-screening-test", "link-added"),
        ("About the test: nhs.uk/cervical-screening", "untranslated"),
    ],
)
def test_a_wording_has_the_link_of_the_english_and_no_other(linked: str, code: str | None) -> None:
    text = replace(INVITATION, source=f"{INVITATION.source}\nAbout the test: nhs.uk/cervical-screening", cap=9)
    found = [problem.code for problem in check_body(text, "pl", f"{POLISH}\n{linked}")]
    assert found == [] if code is None else code in found


def test_the_wording_of_one_language_in_place_of_another_is_found(write_po: WritePo) -> None:
    for language in ("pl", "ro"):
        locales = write_po(language, {("invitation", INVITATION.source): POLISH})
    compile_wordings(locales)
    problems = check_wordings({"invitation": INVITATION}, locales, ["en", "pl", "ro"])
    assert [(p.language, p.code) for p in problems] == [("ro", "wrong-language")]


@pytest.mark.parametrize(
    ("language", "own", "neighbours"),
    [
        ("pa-Arab", "یکںےہٹڈڑ", "يك"),
        ("ps", "يیېۍئکګښږڼټډړ", "كہےٹ"),
        ("prs", "یکگچپۀ", "يكہے"),
        ("ckb", "یکێۆڕڵەڤ", "يكہے"),
        ("kmr", "êîûçşÊÎÛÇŞ", "ığöü"),
        ("zh-Hans", "请话电讯", "請話電訊"),
        ("zh-Hant", "請話電訊", "请话电讯"),
    ],
)
def test_letters_of_a_neighbouring_language_are_found(language: str, own: str, neighbours: str) -> None:
    assert "wrong-letter" not in codes(language, own)
    assert all("wrong-letter" in codes(language, own + letter) for letter in neighbours)


def test_arabic_letters_in_urdu_are_found() -> None:
    assert codes("ur", URDU.replace("ی", "ي")) == ["wrong-letter"]


@pytest.mark.parametrize(
    ("language", "own", "neighbours"),
    [
        ("bg", "още", "ещё"),
        ("cs", "můžete", "môžete"),
        ("sk", "môžete", "můžete"),
        ("hu", "időpont", "idõpont"),
        ("lt", "kalbą", "valodā"),
        ("lv", "valodā", "kalbą"),
        ("es", "no", "não"),
        ("it", "più", "más"),
        ("fr", "français", "español"),
    ],
)
def test_a_word_with_a_letter_of_a_neighbouring_language_is_found(language: str, own: str, neighbours: str) -> None:
    assert "wrong-letter" not in codes(language, POLISH.replace("pomoc", own))
    assert "wrong-letter" in codes(language, POLISH.replace("pomoc", neighbours))


def test_a_phone_number_inside_a_right_to_left_line_is_found() -> None:
    assert codes("ur", URDU.replace("\n{phone}", " {phone}")) == ["not-on-own-line"]
    assert codes("pl", POLISH.replace("\n{phone}", " {phone}")) == []


def test_english_outside_the_gsm_alphabet_is_found() -> None:
    assert "not-gsm-7" in codes("en", INVITATION.source.replace("free", "fręe"))


def test_a_blank_wording_is_empty_and_nothing_else() -> None:
    assert codes("pl", " \n") == ["empty"]


def test_a_missing_wording_is_a_problem_of_its_language(write_po: WritePo) -> None:
    locales = write_po("pl", {})
    compile_wordings(locales)
    problems = check_wordings({"invitation": INVITATION}, locales, ["en", "pl"])
    assert [(p.text, p.language, p.code) for p in problems] == [("invitation", "pl", "missing-wording")]


def test_of_a_language_with_the_lifelines_alone_no_other_text_is_asked(
    write_po: WritePo, shipped_locales: Path
) -> None:
    locales = write_po("cs", {})
    compile_wordings(locales)
    lifeline = replace(INVITATION, key="lifeline", lifeline=True)
    asked = check_wordings({"invitation": INVITATION, "lifeline": lifeline}, locales, ["cs"])
    assert [(p.text, p.code) for p in asked] == [("lifeline", "missing-wording")]
    assert [p.text for p in check_language([INVITATION, lifeline], "cs", shipped_locales)] == ["lifeline"]


@pytest.mark.parametrize("language", ALL_LANGUAGES)
@pytest.mark.parametrize(
    ("lost", "put", "code"),
    [("999", "", "numbers-differ"), ("111", "", "numbers-differ"), ("999", "112", "numbers-differ")],
)
def test_an_emergency_text_keeps_both_numbers_in_every_language(
    language: str, lost: str, put: str, code: str, shipped_locales: Path
) -> None:
    text = catalogue()["emergency"]
    wording = read_wording(text, language, shipped_locales)
    assert wording
    assert check_body(text, language, wording.body) == []
    assert code in [problem.code for problem in check_body(text, language, wording.body.replace(lost, put))]


@pytest.mark.parametrize("language", ALL_LANGUAGES)
def test_an_emergency_text_is_one_part_in_every_language(language: str, shipped_locales: Path) -> None:
    text = catalogue()["emergency"]
    wording = read_wording(text, language, shipped_locales)
    assert wording
    twice = f"{wording.body}\n{wording.body}"
    longer = re.sub("[0-9]", "", twice) + wording.body
    assert "over-cap" in [problem.code for problem in check_body(text, language, longer)]


def test_a_source_newer_than_its_compiled_form_is_a_problem(write_po: WritePo) -> None:
    locales = write_po("pl", {("invitation", INVITATION.source): POLISH})
    compile_wordings(locales)
    assert check_wordings({"invitation": INVITATION}, locales, ["pl"]) == []
    compiled = compiled_path("pl", locales)
    os.utime(compiled, (0, 0))
    assert [p.code for p in check_wordings({"invitation": INVITATION}, locales, ["pl"])] == ["not-compiled"]


def test_a_language_that_was_never_compiled_stops_the_check(tmp_path: Path) -> None:
    with pytest.raises(WordingError, match="make install"):
        check_wordings({"invitation": INVITATION}, tmp_path, ["pl"])
