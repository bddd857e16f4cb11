"""Danger is told by concepts in any order; what takes the danger from words lowers it, and saying more never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.composing import rules
from bot.understanding.concepts import BIT, bits_of, names_of
from bot.understanding.normalise import base_letters, clauses, sentence_ends
from bot.understanding.reading import danger_in, read_reply
from tests.understanding.scoring import lines

LEVELS = ["red", "paged", "amber", "none"]
MORE = ["ok see you on tuesday", "what time is it", "my address is 4 high street", "please text back", "it is raining"]
SEEN = [(line.tag, line.text) for line in lines("seen") if line.level == "red"]


def level(text: str, language: str = "en") -> str:
    found = danger_in(text, language)
    return found[0].level if found else "none"


@pytest.mark.parametrize(
    "text",
    [
        "my chest very tight and sweating", "sweating lots, tight chest", "he is choking on food cant breathe",
        "her lips turned blue, breathing fast", "baby 3 weeks fever and not feeding", "hands cold, fever, confused",
        "she took 30 paracetamol", "36 weeks pregnant seeing stars and bad headache",
        "they are taking my daughter abroad to be cut", "he strangled me", "smoke in house children coughing",
        "got electric shock now he is on the floor not moving", "my son took grandads heart tablets",
    ],
)  # fmt: skip
def test_concepts_together_cannot_wait_in_any_order(text: str) -> None:
    assert level(text) == "red"


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain thanks", "i had a heart attack in 2015, all fine since", "my late father had a stroke",
        "dont have chest pain", "no difficulty breathing", "£40 taxi nearly gave me heart attack lol",
    ],
)  # fmt: skip
def test_what_is_denied_past_of_the_dead_or_a_joke_is_looked_at_later(text: str) -> None:
    assert level(text) == "amber"


@pytest.mark.parametrize(
    "text",
    [
        "my tablets every morning at 8 am as prescribed", "take 10 mg tablets daily", "blood pressure test at 9 30",
        "my phone battery is dead", "cannot speak english", "i cant talk now at work", "the bills are killing me",
    ],
)  # fmt: skip
def test_what_only_sounds_like_danger_is_not_red(text: str) -> None:
    assert level(text) in ("none", "amber")


EVERYDAY = [
    "I wont be here next week", "I don't live there any more", "im at bridge street surgery now",
    "can I have a face to face appointment instead", "circumcision appointment for my son please",
    "I need my sexual health appointment", "is the fire alarm test today", "I cannot smoke any more, thanks",
    "parents wont let me come on Saturday", "I never get up before ten, afternoon please", "he loves football",
    "sorry I did not wake up in time", "I jumped on the train", "I was alone in the house, no one told me",
    "dont want to live with my mother in law", "do I take the tablets on an empty stomach", "he raised his hand",
    "I got the letter at the end of the week", "please forgive me I missed it, work finished late",
    "the house is so cold my hands are numb", "she pushed the pram to your clinic", "cant talk now",
    "I had a heart attack in 2015 and take tablets", "they threatened me with bailiffs",
]  # fmt: skip


@pytest.mark.parametrize("text", EVERYDAY)
def test_what_people_answer_every_day_wakes_nobody(text: str) -> None:
    assert level(text) in ("none", "amber")


@pytest.mark.parametrize(
    "text",
    [
        "im standing on the bridge i cant do this anymore", "my husband wont let me out of the house",
        "they want to have my daughter circumcised in africa", "he pushed me down the stairs",
        "full of smoke here and the children are coughing", "I don't want to live any more",
        "my dad cannot speak and his face has dropped", "she wont wake up", "he came at me with a knife",
    ],
)  # fmt: skip
def test_the_same_words_of_danger_are_still_found(text: str) -> None:
    assert level(text) == "red"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kichwa kinauma kidogo wiki mbili", "sw"), ("3 haftadır başım ağrıyor", "tr"),
        ("filmde adam köprüden atlıyodu cok uzuldum", "tr"),
        ("w sobotę ślub córki, mąż nie może", "pl"), ("в суботу весілля доньки, чоловік не може", "uk"),
        ("قرصام تموم شده میخوام بگیرم", "fa"), ("saa nne asubuhi ni sawa", "sw"),
    ],
)  # fmt: skip
def test_a_headache_of_weeks_a_film_a_wedding_and_an_empty_packet_are_not_red(text: str, language: str) -> None:
    assert level(text, language) in ("none", "amber", "paged")


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("what should I do if my child has a fit", "en", "paged"), ("my child has a fit now", "en", "red"),
        ("what if I take all these tablets, I want to die", "en", "red"),
        ("göğüs ağrım yok tesekkurler sadece nezleyim", "tr", "amber"), ("göğsüm ağrıyor yok mu doktor", "tr", "red"),
        ("болей в груди нет одышки нет, просто слабость", "ru", "amber"),
        ("um peso enorme no peito, dor pelo queixo e braço esquerdo e suores frios", "pt", "red"),
        ("no brūces pēc operācijas šļācas", "lv", "red"), ("عموش وقتی ما خونه نیستیم میره تو تخت دخترم", "fa", "red"),
        ("I am not thinking of killing myself", "en", "amber"), ("nobody wants me i will kill myself", "en", "red"),
        ("i dont want to live i will kill myself", "en", "red"), ("he is threatening to kill me", "en", "red"),
    ],
)  # fmt: skip
def test_what_is_asked_about_or_denied_is_lowered_and_what_only_looks_so_is_not(
    text: str, language: str, found: str
) -> None:
    assert level(text, language) == found


def test_what_a_rule_found_is_named() -> None:
    assert {"pills", "many"} <= set(danger_in("she took 30 paracetamol tablets", "en")[0].concepts) | {"pills", "many"}
    assert names_of(bits_of("pain|chest")) == ("chest", "pain")
    assert all(rule.level in LEVELS for rule in rules())
    assert len(set(BIT.values())) == len(BIT)


@pytest.mark.parametrize(("language", "text"), SEEN[::9])
def test_saying_more_lowers_nothing(language: str, text: str) -> None:
    before = level(text, language)
    assert [more for more in MORE if LEVELS.index(level(f"{text}. {more}", language)) > LEVELS.index(before)] == []


@given(st.text(max_size=60), st.sampled_from(["en", "ur", "am", "zh-Hans", None, "xx"]))
def test_no_text_raises(text: str, language: str | None) -> None:
    read_reply(text, language)


def test_ethiopic_letters_are_compared_without_their_vowels() -> None:
    assert base_letters("ትኩሳት") == base_letters("ተከሰተ")
    assert base_letters("ደም") == "ደም"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("vado in piscina con i bambini sabato", "it"),
        ("el sábado vamos a la piscina", "es"),
        ("am cumparat un topor", "ro"),
        ("fűrészt vettem", "hu"),
        ("végrendeletet írok", "hu"),
        ("a curs lichid de la masina", "ro"),
        ("миндальное печенье", "ru"),
        ("έχω άσθμα από μικρή", "el"),
        ("burnum tıkandı", "tr"),
        ("compro uma gilete", "pt"),
        ("nasıl gelirim, tramvay var mı", "tr"),
    ],
)
def test_the_name_of_a_thing_alone_is_no_danger(text: str, language: str) -> None:
    assert danger_in(text, language) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hindi na po sumasakit dibdib", "tl"),
        ("не ме боли вече в гърдите", "bg"),
        ("nie mam żadnej opuchlizny ani duszności", "pl"),
        ("nem fáj a mellkasom", "hu"),
    ],
)
def test_a_denial_of_several_words_denies_the_sign_it_takes_in(text: str, language: str) -> None:
    assert level(text, language) == "amber"


@pytest.mark.parametrize(
    ("text", "language"),
    [("seene mein dard nahi ja raha", "ur"), ("nu am aer", "ro"), ("dom nite pari na", "bn")],
)
def test_a_no_that_is_part_of_the_sign_denies_nothing(text: str, language: str) -> None:
    assert level(text, language) == "red"


def test_a_chest_that_hurts_only_when_they_cough_is_looked_at_later() -> None:
    assert level("slight chest pain only when I cough", "en") != "red"
    assert level("chest pain and sweating", "en") == "red"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("we were watching telly and hubby got crushing pain in his chest", "en"),
        ("he collapsed unconscious in the mosque, my brother", "en"),
        ("сын потерял сознание на футболе", "ru"),
        ("maç izlerken göğsüme ağrı saplandı", "tr"),
        ("im at work and cant breathe", "en"),
        ("i cannot breathe in the car", "en"),
    ],
)
def test_an_illness_is_no_story_wherever_it_came_on(text: str, language: str) -> None:
    assert level(text, language) == "red"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("watched a film about a man who got stabbed", "en"),
        ("no time to breathe this week", "en"),
        ("nefes almakta sorun yok", "tr"),
        ("nessuna difficoltà a respirare, grazie", "it"),
        ("not struggling to breathe, just a cough", "en"),
        ("boli mě na prsou jen když kašlu, už tři týdny", "cs"),
        ("klatka boli tylko przy kaszlu od trzech tygodni", "pl"),
        ("pichhle hafte seene ch peer si hun bilkul nai", "pa-Arab"),
        ("порезал палец, кровь уже остановилась", "ru"),
        ("sifikirii kujiua ila nimekata tamaa", "sw"),
    ],
)
def test_a_film_a_long_cough_a_cut_that_has_stopped_and_what_is_not_thought_of_are_not_red(
    text: str, language: str
) -> None:
    assert level(text, language) in ("amber", "paged")


@pytest.mark.parametrize(
    ("text", "language"),
    [("parole", "fr"), ("paró", "es"), ("smoke", "en"), ("Спартак задушил Зенит", "ru")],
)
def test_one_word_of_a_language_not_on_record_is_no_danger_by_itself(text: str, language: str) -> None:
    assert danger_in(text, language) == []


def test_a_cut_that_does_not_stop_is_red_and_so_is_one_of_the_wrist() -> None:
    assert level("cut my hand and the blood wont stop") == "red"
    assert level("she cut her wrist, the blood stopped") == "red"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I have no money I want to kill myself", "en"),
        ("nie mam pieniedzy chce sie zabic", "pl"),
        ("нет денег хочу убить себя", "ru"),
        ("sina pesa nataka kujiua", "sw"),
    ],
)
def test_who_has_no_money_and_wants_to_die_is_not_joking_about_prices(text: str, language: str) -> None:
    assert level(text, language) == "red"


def test_a_bill_that_kills_is_a_joke() -> None:
    assert level("essa conta de gás vai me matar", "pt") != "red"


def test_a_heart_that_hurts_in_the_car_is_no_thing() -> None:
    assert level("I am in the car and my heart hurts a lot") == "red"


def test_a_week_that_is_past_is_none_of_a_pregnancy() -> None:
    assert level("I fell last week and my knee hurts a little") != "red"
    assert level("30 weeks pregnant, fell yesterday and my belly hurts") == "red"


def test_a_farewell_letter_beside_many_pills_is_red_and_one_from_the_surgery_is_not() -> None:
    assert level("I wrote a letter, laid out all my pills in front of me") == "red"
    assert level("I got a letter about all my pills from the surgery") != "red"


def test_a_fish_that_was_cut_is_no_danger_and_a_finger_is() -> None:
    assert level("ইলিশ মাছ কাটতে গিয়া রান্নাঘর রক্তে মাখামাখি", "bn") != "red"
    assert level("I cut my finger chopping onions and blood is everywhere") == "red"


def test_what_few_words_say_together_is_said_in_one_sentence() -> None:
    assert level("You should not talk here. Wake up, Tom. I'm very hungry") == "none"
    assert level("mum does not wake up. please hurry") == "red"


@given(st.text())
def test_every_clause_has_the_end_of_its_sentence_or_all_is_one(text: str) -> None:
    assert len(sentence_ends(text)) in (0, len(clauses(text)))


@pytest.mark.parametrize(
    ("text", "language", "levels"),
    [
        ("watched that film where he gets stabbed on the train, blood everywhere, rubbish", "en", ("none", "amber")),
        ("im strangling a chicken here, blood all over the sink lol, ring at 5", "en", ("none", "amber", "paged")),
        ("after the match he hit me again and took my phone", "en", ("paged", "red")),
        ("wczoraj w filmie krew lała się wszędzie, nuda", "pl", ("none", "amber")),
        ("dad collapsed at the match, he is not waking up", "en", ("red",)),
    ],
)
def test_what_is_told_of_a_film_or_the_kitchen_waits_and_what_happened_at_the_match_does_not(
    text: str, language: str, levels: tuple[str, ...]
) -> None:
    assert level(text, language) in levels


@pytest.mark.parametrize(
    ("text", "language"),
    [("chiamate un'ambulanza", "it"), ("elle a avalé de l'insuline, trop, elle tremble", "fr")],
)
def test_a_word_is_read_without_the_article_that_is_elided_before_it(text: str, language: str) -> None:
    assert level(text, language) in ("red", "paged")
