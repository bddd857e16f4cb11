"""Languages are found under the names that records use, and never guessed."""

import re

import pytest

from bot.texts.languages import LANGUAGES, WORDED, find_language, record_code

# "Main spoken language ..." findings of the NHS, as they appear in records.
FINDINGS = {
    "315579002": "pl", "698678003": "ro", "315581000": "pa-Guru", "315588006": "ur", "315580004": "pt",
    "315584008": "es", "315566006": "ar", "315567002": "bn", "315586005": "syl", "315572006": "gu",
    "407642001": "it", "315587001": "ta", "315571004": "fr", "407656004": "lt", "970501000000106": "zh-Hans",
    "315568007": "yue", "315578005": "cmn", "407657008": "tr", "699945003": "bg", "315582007": "ru",
    "407659006": "uk", "395108007": "fa", "609093008": "prs", "698900008": "hu", "315583002": "so",
    "395109004": "ku", "408531002": "ps", "970911000000104": "ps", "408533004": "ti", "408507007": "am",
    "407648002": "sq", "698920009": "sk", "315569004": "cs", "698909009": "lv", "407652002": "el",
    "407661002": "vi", "315575008": "hi", "698676004": "ne", "408517002": "tl", "408529006": "ml",
    "511841000000102": "hnd", "315570003": "en", "415803005": "bfi",
}  # fmt: skip


@pytest.mark.parametrize(("code", "tag"), FINDINGS.items())
def test_a_main_spoken_language_finding_is_its_language(code: str, tag: str) -> None:
    assert find_language(code) == tag


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("Main spoken language Polish (finding)", "pl"),
        ("Main spoken language Gujerati (finding)", "gu"),
        ("main spoken language is Urdu", "ur"),
        ("Uses British sign language (finding)", "bfi"),
        ("Preferred method of communication: British Sign Language (finding)", "bfi"),
        ("First language not English (finding)", None),
        ("Polish interpreter needed", "pl"),
        ("Somali language", "so"),
    ],
)
def test_a_snomed_term_is_read(words: str, tag: str | None) -> None:
    assert find_language(words) == tag


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("Gujerati", "gu"), ("Pushto", "ps"), ("Panjabi", "pa-Guru"), ("Punjabi", "pa-Guru"),
        ("Bengali/Bangla", "bn"), ("Farsi/Persian", "fa"), ("Persian or Farsi", "fa"), ("Nepalese", "ne"),
        ("Punjabi (Shahmukhi)", "pa-Arab"), ("Mirpuri", "phr"), ("Sylheti", "syl"), ("Filipino", "tl"),
        ("Pakistani Pahari (with Mirpuri and Potwari)", "phr"), ("Kurdish (Sorani)", "ckb"),
        ("Kurmanji", "kmr"), ("Chinese - Mandarin", "cmn"), ("Chinese (Cantonese)", "yue"),
        ("  POLSKI ", "pl"), ("Türkçe", "tr"), ("turkce", "tr"), ("العربية", "ar"), ("ਪੰਜਾਬੀ", "pa-Guru"),
    ],
)  # fmt: skip
def test_the_labels_of_real_lists_are_cleaned_up(words: str, tag: str) -> None:
    assert find_language(words) == tag


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("pl", "pl"), ("PL", "pl"), ("pl-PL", "pl"), ("pt_BR", "pt"), ("ur-PK", "ur"), ("pa", "pa-Guru"),
        ("pa-PK", "pa-Arab"), ("pa_arab", "pa-Arab"), ("pa-Arab-PK", "pa-Arab"), ("pnb", "pa-Arab"),
        ("fa-AF", "prs"), ("zh", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("pmu", "phr"),
        ("xx-YY", None), ("und", None),
    ],
)  # fmt: skip
def test_a_bcp_47_tag_is_read_in_any_case_and_a_region_that_says_nothing_is_ignored(
    words: str, tag: str | None
) -> None:
    assert find_language(words) == tag


def test_farsi_and_dari_and_mandarin_and_cantonese_are_kept_apart() -> None:
    assert find_language("Farsi") != find_language("Dari")
    assert find_language("Mandarin") != find_language("Cantonese")


@pytest.mark.parametrize("words", ["", "Not Recorded", "Klingon", "Farsi/Dari", "English, Polish", "other", "/"])
def test_what_is_not_certain_is_no_language(words: str) -> None:
    assert find_language(words) is None


def test_a_spoken_language_beside_the_one_it_is_read_in_is_read_in_that() -> None:
    assert find_language("Bengali/Sylheti") == "bn"


def test_every_name_of_every_language_finds_it() -> None:
    for language in LANGUAGES.values():
        for name in (language.tag, language.english, language.native, *language.snomed, *language.aliases):
            assert find_language(name) == language.tag, name


def test_a_spoken_language_is_read_in_a_language_that_is_known() -> None:
    assert LANGUAGES["syl"].reads == "bn"
    assert LANGUAGES["phr"].reads == "ur"
    assert LANGUAGES["yue"].reads == "zh-Hant"
    assert all(language.reads in LANGUAGES for language in LANGUAGES.values() if language.reads)


def test_right_to_left_languages_are_marked() -> None:
    for tag in ("ar", "ur", "fa", "prs", "ps", "ckb", "pa-Arab"):
        assert LANGUAGES[tag].right_to_left
    assert not LANGUAGES["pa-Guru"].right_to_left


def test_every_language_with_wording_is_known_and_its_folder_is_a_plain_name() -> None:
    assert set(WORDED) <= set(LANGUAGES)
    assert LANGUAGES["pa-Guru"].folder == "pa_Guru"
    assert all(re.fullmatch(r"[A-Za-z_]+", language.folder) for language in LANGUAGES.values())


@pytest.mark.parametrize(
    "words",
    [
        *("Arabic (main spoken)", "Arabic (main spoken language)", "Main spoken language Arabic", "Arabic language"),
        *(
            "Main spoken language: Arabic",
            "Arabic - main spoken language",
            "Arabic (first language)",
            "Spoken Language Arabic",
        ),
        *(
            "Arabic (main spoken language) (finding)",
            "Arabic as main language",
            "Language: Arabic",
            "Arabic (main)",
            "Arabic (main)",
            "Main language is Arabic",
        ),
    ],
)
def test_the_forms_of_practice_systems_name_their_language(words: str) -> None:
    assert find_language(words) == "ar"


@pytest.mark.parametrize(
    ("tag", "concept", "term"),
    [
        ("pl", "315579002", "Main spoken language Polish (finding)"),
        ("pa-Guru", "315581000", "Main spoken language Punjabi (finding)"),
        ("pa-Arab", "315581000", "Main spoken language Punjabi (finding)"),
        ("ckb", "395109004", "Main spoken language Kurdish (finding)"),
        ("kmr", "395109004", "Main spoken language Kurdish (finding)"),
        ("zh-Hant", "970501000000106", "Main spoken language Chinese (finding)"),
        ("yue", "315568007", "Main spoken language Cantonese (finding)"),
        ("syl", "315586005", "Main spoken language Sylheti (finding)"),
        ("gu", "315572006", "Main spoken language Gujerati (finding)"),
        ("bfi", "415803005", "Uses British sign language (finding)"),
        ("prs", "609093008", "Main spoken language Dari (finding)"),
        ("en", "315570003", "Main spoken language English (finding)"),
    ],
)
def test_a_record_says_a_language_by_its_code(tag: str, concept: str, term: str) -> None:
    code = record_code(tag)
    assert code is not None
    assert (code.concept, code.term) == (concept, term)


@pytest.mark.parametrize("tag", ["phr", "xx", None])
def test_what_has_no_code_is_given_none(tag: str | None) -> None:
    assert record_code(tag) is None
