"""Where a sentence ends, in every script that is translated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.splitting import join_sentences, split_sentences


@pytest.mark.parametrize(
    ("words", "sentences"),
    [
        ("", []),
        ("  \n ", []),
        ("Please call us", ["Please call us"]),
        ("Please wait! OK?\nBye", ["Please wait!", "OK?", "Bye"]),
        ("Dr. Khan and Mrs. Patel will call. Thank you.", ["Dr. Khan and Mrs. Patel will call.", "Thank you."]),
        ("We are at No. 5 St. Anne Road. Come in.", ["We are at No. 5 St. Anne Road.", "Come in."]),
        ("The answer is no. Please wait.", ["The answer is no.", "Please wait."]),
        ("Ask for J. Smith. He is in.", ["Ask for J. Smith.", "He is in."]),
        ("At 9 a.m. please come.", ["At 9 a.m. please come."]),
        ("Come at 9 a.m. Bring this.", ["Come at 9 a.m.", "Bring this."]),
        ("Come at 10.30. Bring 5.5 ml.", ["Come at 10.30.", "Bring 5.5 ml."]),
        ("1. Bring it.\n2. Go.", ["1. Bring it.", "2. Go."]),
        ("See www.nhs.uk. Then call [1].", ["See www.nhs.uk.", "Then call [1]."]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("Wait... what?", ["Wait...", "what?"]),
        ("آپ آئیں۔کال کریں؟ ہاں", ["آپ آئیں۔", "کال کریں؟", "ہاں"]),
        ("۱۰۔۳۰ بجے آئیں۔", ["۱۰۔۳۰ بجے آئیں۔"]),
        ("मैं आऊँगा। धन्यवाद।", ["मैं आऊँगा।", "धन्यवाद।"]),
        ("请来。谢谢！好", ["请来。", "谢谢！", "好"]),
        ("እባክዎ ይደውሉ። አመሰግናለሁ።", ["እባክዎ ይደውሉ።", "አመሰግናለሁ።"]),
    ],
)
def test_a_text_is_cut_where_its_sentences_end(words: str, sentences: list[str]) -> None:
    assert split_sentences(words) == sentences


def test_what_became_of_them_is_joined_as_they_stood() -> None:
    words = "Dear Anna,\n\nplease call. Thank you.\nThe surgery"
    assert join_sentences(["Droga Anno,", "prosimy o telefon.", "Dziękujemy.", "Przychodnia"], words) == (
        "Droga Anno,\n\nprosimy o telefon. Dziękujemy.\nPrzychodnia"
    )


@pytest.mark.parametrize(
    ("words", "translated", "language", "joined"),
    [
        ("مجھے بخار ہے۔ کیا میں آؤں؟", ["I have a fever", "Can I come"], "en", "I have a fever. Can I come?"),
        ("Can I come? Thank you.", ["کیا میں آؤں", "شکریہ۔"], "ur", "کیا میں آؤں؟ شکریہ۔"),
        ("مجھے بخار ہے", ["I have a fever"], "en", "I have a fever"),
        ("Please call.", ["请来电"], "zh-Hans", "请来电。"),
    ],
)
def test_a_mark_that_the_model_forgot_is_put_back(
    words: str, translated: list[str], language: str, joined: str
) -> None:
    assert join_sentences(translated, words, language) == joined


def test_too_few_sentences_are_not_joined() -> None:
    with pytest.raises(ValueError, match="longer"):
        join_sentences(["Prosimy o telefon."], "Please call. Thank you.")


@given(st.text(alphabet='ab1 .!?۔।。\n"()', max_size=60))
def test_no_letter_is_lost(words: str) -> None:
    sentences = split_sentences(words)
    assert "".join("".join(sentences).split()) == "".join(words.split())
    assert "".join(join_sentences(sentences, words).split()) == "".join(words.split())
