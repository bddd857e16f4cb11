"""What a text costs, counted as the network does, and plain characters in place of costly ones."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts.parts import PartCount, count_parts, encoding_of, plain, split_parts

ESCAPED = "^{}[]~|\\€\f"
GSM_LETTERS = "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡AZÄÖÑÜ§¿azäöñüà" + ESCAPED
gsm_bodies = st.text(alphabet=st.sampled_from(GSM_LETTERS), max_size=700)
heavy_gsm_bodies = st.text(alphabet=st.sampled_from("ab€["), min_size=150, max_size=500)
any_bodies = st.text(max_size=400)
heavy_emoji_bodies = st.text(alphabet=st.sampled_from("aż😀🙏"), min_size=60, max_size=250)
bodies = st.one_of(gsm_bodies, heavy_gsm_bodies, any_bodies, heavy_emoji_bodies)


@pytest.mark.parametrize(
    ("body", "encoding", "units", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a", "GSM-7", 1, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("ż" * 70, "UCS-2", 70, 1),
        ("ż" * 71, "UCS-2", 71, 2),
        ("ż" * 134, "UCS-2", 134, 2),
        ("ż" * 135, "UCS-2", 135, 3),
        ("a" * 158 + "€", "GSM-7", 160, 1),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("a" * 151 + "€" + "a" * 153, "GSM-7", 306, 2),
        ("ż" * 68 + "😀", "UCS-2", 70, 1),
        ("ż" * 66 + "😀" + "ż" * 66, "UCS-2", 134, 3),
        ("ż" * 65 + "😀" + "ż" * 67, "UCS-2", 134, 2),
        ("a" * 159 + "ż", "UCS-2", 160, 3),
    ],
)
def test_parts_at_the_boundaries(body: str, encoding: str, units: int, parts: int) -> None:
    count = count_parts(body)
    assert (count.encoding, count.units, count.parts) == (encoding, units, parts)


@pytest.mark.parametrize("char", ESCAPED)
def test_an_escaped_character_counts_twice(char: str) -> None:
    assert count_parts(char) == PartCount("GSM-7", 2, 1)


@pytest.mark.parametrize("char", "çãąșğاবੴ漢’–\u00a0\x1b\t")
def test_one_character_outside_the_alphabet_turns_all_to_ucs_2(char: str) -> None:
    assert encoding_of("Hello " + char) == "UCS-2"


def test_half_a_surrogate_pair_is_still_counted() -> None:
    assert count_parts("\ud83d") == PartCount("UCS-2", 1, 1)


def units_of(body: str) -> list[tuple[str, bool]]:
    """Write out the units of a body one by one, each with whether it must stay with the next."""
    units: list[tuple[str, bool]] = []
    gsm = all(char in GSM_LETTERS or char in "BCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxy\r" for char in body)
    for char in body:
        pair = char in ESCAPED if gsm else ord(char) > 0xFFFF
        units += [(char, True), (char, False)] if pair else [(char, False)]
    return units


def brute_force_parts(body: str) -> int:
    units = units_of(body)
    gsm = encoding_of(body) == "GSM-7"
    if len(units) <= (160 if gsm else 70):
        return 1 if units else 0
    parts = 0
    while units:
        cut = min(len(units), 153 if gsm else 67)
        if units[cut - 1][1]:
            cut -= 1
        units = units[cut:]
        parts += 1
    return parts


@given(bodies)
def test_the_count_is_that_of_a_packer_written_out_unit_by_unit(body: str) -> None:
    assert count_parts(body).units == len(units_of(body))
    assert count_parts(body).parts == brute_force_parts(body)


@given(bodies)
def test_the_parts_joined_give_the_text_back_and_none_is_over_its_limit(body: str) -> None:
    parts = split_parts(body)
    encoding = encoding_of(body)
    limits = (160, 153) if encoding == "GSM-7" else (70, 67)
    assert "".join(parts) == body
    for part in parts:
        size = sum(2 if (c in ESCAPED if encoding == "GSM-7" else ord(c) > 0xFFFF) else 1 for c in part)
        assert 0 < size <= limits[len(parts) > 1]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("‘It’s’ “here” „tam”", '\'It\'s\' "here" "tam"'),
        ("9–10 — now", "9-10 - now"),
        ("a\u00a0b\u202fc\u2009d\te", "a b c d e"),
        ("wait…", "wait..."),
        ("a\u200bb\ufeffc\u200dd\u00ade", "abcde"),
        ("\u200f0163\u2066 4\u2069", "0163 4"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_costly_look_alikes_become_plain(body: str, expected: str) -> None:
    assert plain(body) == expected


@pytest.mark.parametrize(
    "body",
    ["Zażółć gęślą jaźń", "şıçğ", "ãõé", "می\u200cشود", "ক্\u200dয", "👩\u200d🔬", "ਸ਼ੁਕਰੀਆ", "উপায়", "їй"],
)
def test_accents_and_the_joiners_a_script_needs_stay(body: str) -> None:
    assert plain(body) == body


@given(bodies)
def test_plain_twice_is_plain_once_and_never_costs_more_encoding(body: str) -> None:
    once = plain(body)
    assert plain(once) == once
    assert not (encoding_of(body) == "GSM-7" and encoding_of(once) == "UCS-2")


@given(bodies)
def test_plain_loses_no_letter_and_no_mark(body: str) -> None:
    def letters(text: str) -> list[str]:
        decomposed = unicodedata.normalize("NFD", text.replace("\u02bc", "'"))
        return [char for char in decomposed if unicodedata.category(char)[0] in "LM"]

    assert letters(plain(body)) == letters(body)
