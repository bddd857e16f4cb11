"""Danger among other words is read by itself too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.opinions.head import Head, Layer, Opinion, plain
from bot.opinions.pieces import LONG, STRETCH, VERY_LONG, pieces_of

WORDS = [f"word{number}" for number in range(400)]


def test_a_short_text_is_one_piece() -> None:
    assert pieces_of("My chest HURTS") == ["my chest hurts"]
    assert pieces_of(" ") == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I come on Monday. my chest hurts", ["i come on monday.", "my chest hurts"]),
        ("میں پیر کو آؤں گا۔ میرے سینے میں درد ہے", ["میں پیر کو آؤں گا۔", "میرے سینے میں درد ہے"]),
        ("ok. it hurts so much", ["it hurts so much"]),
    ],
)
def test_of_several_sentences_each_is_read(text: str, sentences: list[str]) -> None:
    assert pieces_of(text) == [plain(text), *sentences]


def test_a_long_sentence_is_read_in_stretches_that_overlap() -> None:
    assert len(pieces_of(" ".join(WORDS[:LONG]))) == 1
    stretches = pieces_of(" ".join(WORDS[: LONG + 1]))[1:]
    assert stretches == [" ".join(WORDS[first : min(first + STRETCH, LONG + 1)]) for first in (0, 6, 12)]


def test_chinese_has_no_spaces_and_is_read_in_stretches_too() -> None:
    assert len(pieces_of("我" * 36)) == 1
    assert [len(piece) for piece in pieces_of("".join(chr(0x4E00 + at) for at in range(48)))] == [48, 24, 24, 24]


@given(st.text(max_size=1600))
def test_every_text_has_its_pieces_and_not_too_many(text: str) -> None:
    pieces = pieces_of(text)
    assert pieces[:1] == [plain(text)][: len(pieces)]
    assert "" not in pieces
    assert len(pieces) == len(set(pieces))


def test_a_very_long_text_is_read_in_time() -> None:
    assert len(pieces_of(" ".join(WORDS[: VERY_LONG + 60]))) <= 1 + (VERY_LONG + 60) // STRETCH + 1


def test_a_text_is_as_dangerous_as_the_worst_of_its_pieces() -> None:
    head = Head("a" * 64, "b" * 64, 0.5, 0.9, 0.2, danger=Layer([1.0, 0.0], 0), by_another=Layer([0.0, 1.0], 0))
    harmless, danger, harm = [-9.0, 9.0], [9.0, -9.0], [1.0, 9.0]
    assert head.weigh([]) == Opinion(0, 0)
    assert head.weigh([harmless, danger]) == head.weigh([danger])
    assert head.level(head.weigh([harmless, danger])) == "red"
    assert not head.is_by_another(head.weigh([harmless, danger])), "what is no danger tells of no harm"
    assert head.is_by_another(head.weigh([danger, harm]))
