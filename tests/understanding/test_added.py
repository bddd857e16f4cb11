"""Words added since the files were made: read as those of the files, by a process or by one thread that tries them."""

import threading
from collections.abc import Iterator

import pytest

from bot.texts.check import ALL_LANGUAGES
from bot.understanding.added import DANGER, REPLIES, Word, edition_in_use, put_beside, trying
from bot.understanding.concepts import BIT
from bot.understanding.intents import CONCEPTS as INTENTS
from bot.understanding.lighting import light
from bot.understanding.marking import marks_by_language
from bot.understanding.reading import read_reply
from bot.understanding.tables import CONCEPTS, PHRASES, READ, as_shown, entries_of, key_of, meanings

PAIN = Word("pl", DANGER, "pain", "kwakwalg")
TEXT = "mam kwakwalgę w klatce piersiowej"


@pytest.fixture(autouse=True)
def _as_it_came() -> Iterator[None]:
    yield
    put_beside((), None)


def urgency(text: str, tag: str = "pl") -> str | None:
    return read_reply(text, tag).urgent


def test_a_word_counts_from_the_next_reply_and_no_more_once_it_is_gone() -> None:
    assert urgency(TEXT) is None
    put_beside([PAIN], "one")
    assert (urgency(TEXT), edition_in_use()) == ("red", "one")
    put_beside((), "two")
    assert (urgency(TEXT), edition_in_use()) == (None, "two")


@pytest.mark.parametrize(
    ("entry", "text", "found"),
    [
        ("kwakwalg", "kwakwalgami w klatce", True),
        ("=kwakwalg", "kwakwalgami w klatce", False),
        ("=kwakwalg", "kwakwalg w klatce", True),
        ("kwakwalg", "kwakwlag w klatce", True),
        ("kwa kwalg", "w klatce kwa kwalgi", True),
        ("kwa kwalg", "w klatce kwalgi kwa", False),
        ("kwa =kwalg", "w klatce kwa kwalgi", False),
    ],
)
def test_an_entry_matches_as_it_would_in_the_file(entry: str, text: str, found: bool) -> None:
    with trying([PAIN._replace(entry=entry)]):
        assert (urgency(text) == "red") is found


def test_a_word_is_its_languages_own() -> None:
    with trying([PAIN]):
        assert urgency("kwakwalg w klatce", "pl") == "red"
        assert urgency("I have kwakwalg in my chest since this morning", "en") is None


def test_one_entry_of_two_concepts_fills_two_sides_as_in_a_file() -> None:
    with trying([PAIN._replace(concept="head", entry="=kwakwalg"), PAIN._replace(entry="=kwakwalg")]):
        marks, _ = marks_by_language(["kwakwalg"], frozenset({"pl"}))
        assert any(bits == BIT["head"] | BIT["pain"] for bits in marks["pl"][0])


def test_a_word_of_a_language_that_puts_grammar_before_it_is_found_inside() -> None:
    with trying([Word("sw", DANGER, "pain", "kwakwalg")]):
        assert any("pain" in piece.concepts for piece in light("ninakwakwalga", "sw", DANGER))


def test_a_word_is_typed_in_latin_letters_as_one_of_the_file_is() -> None:
    typed = "zhuzhalka v grudi"
    assert urgency(typed, "ru") is None
    with trying([Word("ru", DANGER, "pain", "жужалк")]):
        assert urgency(typed, "ru") == "red"


def test_a_word_of_replies_makes_a_wish() -> None:
    text = "kwakwalgę wizytę"
    before = read_reply(text, "pl").intent
    with trying([Word("pl", REPLIES, "cancel", "kwakwalg")]):
        assert read_reply(text, "pl").intent == "cancel" != before


def test_what_one_thread_tries_no_other_reads_with() -> None:
    seen: list[str | None] = []
    with trying([PAIN]):
        other = threading.Thread(target=lambda: seen.append(urgency(TEXT)))
        other.start()
        other.join()
        assert urgency(TEXT) == "red"
    assert [*seen, urgency(TEXT)] == [None, None]


def test_trying_no_words_leaves_out_those_in_use() -> None:
    put_beside([PAIN], "one")
    with trying(()):
        assert urgency(TEXT) is None


@pytest.mark.parametrize("lists", READ)
def test_every_concept_has_a_meaning_in_words(lists: str) -> None:
    assert set(meanings(lists)) == set(CONCEPTS[lists])
    assert all(meaning.name and meaning.words for meaning in meanings(lists).values())
    assert set(INTENTS) == set(CONCEPTS[REPLIES])


def test_words_of_several_concepts_stand_in_the_row_of_each() -> None:
    rows = entries_of(REPLIES, "sw")
    assert "=msinitumie" in rows["not"]
    assert "=msinitumie" in rows["send"]


def test_an_entry_is_shown_without_its_marks() -> None:
    assert as_shown(DANGER, "=nie") == ("nie", True)
    assert as_shown(DANGER, "ból") == ("ból", False)
    assert as_shown(DANGER, "odeszły =wody") == ("odeszły wody", True)


@pytest.mark.parametrize(
    ("one", "other", "covers"),
    [
        ("bol", "bolesn", True),
        ("bolesn", "bol", False),
        ("=bol", "bol", False),
        ("=bol", "=ból", True),
        ("bol", "=bolesny", True),
        ("bol", "bol glow", False),
        ("bol glow", "bol głowy", True),
    ],
)
def test_an_entry_covers_what_it_matches_all_of(one: str, other: str, covers: bool) -> None:
    assert key_of(one).covers(key_of(other)) is covers


def test_a_sentence_lights_up_as_it_is_written() -> None:
    text = "Mąż ma BÓL, w klatce\npiersiowej!"
    pieces = light(text, "pl", DANGER)
    assert "".join(piece.written + piece.after for piece in pieces) == text
    lit = {piece.written: piece.concepts for piece in pieces if piece.concepts}
    assert "pain" in lit["BÓL,"]
    assert "chest" in lit["klatce"]


def test_chinese_lights_up_letter_by_letter() -> None:
    lit = [piece.written for piece in light("我胸口痛", "zh-Hans", DANGER) if piece.concepts]
    assert "胸" in lit
    assert "我" not in lit


@pytest.mark.parametrize("text", ["", " ", "👍", "...", "ሰላም ١٢", "a" * 500])
def test_anything_may_be_tried(text: str) -> None:
    for lists in READ:
        assert "".join(piece.written + piece.after for piece in light(text, "am", lists)) == text.lstrip()


def test_every_part_of_a_file_that_people_read_has_a_meaning() -> None:
    for tag in ALL_LANGUAGES:
        for lists in READ:
            assert set(entries_of(lists, tag)) - set(CONCEPTS[lists]) <= {"language", "not_named"}, tag


def test_a_whole_phrase_lights_up_where_it_stands() -> None:
    lit = {piece.written: piece.concepts for piece in light("Tak, poproszę", "pl", PHRASES)}
    assert "yes" in lit["Tak,"]
    assert "want" in lit["poproszę"]
