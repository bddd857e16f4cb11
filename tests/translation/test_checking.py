"""What each check lets through and what it stops, and what a receptionist is told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.texts.languages import LANGUAGES
from bot.translation.checking import CHECKS, CheckResult, Pair, check_translation

Case = tuple[str, str, str]


def said(check: str, pair: Pair) -> str:
    """What a check tells about a pair when it stops it, else nothing."""
    return next((result.why for result in check_translation(pair) if result.check == check and not result.ok), "")


def of(source: str, text: str, **known: object) -> Pair:
    """English and Urdu, whichever way round the letters are."""
    outward = source.isascii() or not text.isascii()
    languages = ("en", "ur") if outward else ("ur", "en")
    return Pair(source, text, *languages, **known)  # type: ignore[arg-type]


NOTHING = ""

SLOTS = [
    ("Come to Park Road at 9am.", "Park Road پر 9:00 بجے آئیں۔", ("Park Road", "9:00"), NOTHING),
    ("Take 500 mg.", "500 mg لیں۔", ("500 mg",), NOTHING),
    ("Come on Monday 3 March.", "پیر 3 مارچ کو آئیں۔", ("پیر، 3 مارچ",), NOTHING),
    ("Come on Monday at 9am.", "پیر کو صبح 9 بجے آئیں۔", ("Monday", "9am"), NOTHING),
    (
        "Your prescription is ready at Station Pharmacy.",
        "آپ کا نسخہ تیار ہے۔",
        ("Station Pharmacy",),
        "The word Station Pharmacy is missing from the translation.",
    ),
    ("Take 500 mg.", "500 گولیاں لیں۔", ("500 mg",), "The number 500 mg is missing from the translation."),
    ("See www.nhs.uk.", "دیکھیں۔", ("www.nhs.uk",), "The link www.nhs.uk is missing from the translation."),
    (
        "Call Dr Khan, then Dr Khan again.",
        "Dr Khan کو کال کریں۔",
        ("Dr Khan", "Dr Khan"),
        "The word Dr Khan is missing from the translation.",
    ),
    (
        "Reply YES to confirm.",
        "تصدیق کے لیے YES یا منسوخ کرنے کے لیے [4] لکھ کر جواب دیں۔",
        (),
        "“[4]” is a mark of the machine and was left in the translation.",
    ),
    (
        "Call 999 if you have chest pain.",
        "Station Pharmacy999 آپ کے سینے میں درد ہے",
        (),
        "“Station” stands in the translation and not in the original.",
    ),
]


@pytest.mark.parametrize(("source", "text", "values", "why"), SLOTS)
def test_values_are_back_as_they_were(source: str, text: str, values: tuple[str, ...], why: str) -> None:
    assert said("slots", of(source, text, values=values)) == why


NUMBERS = [
    ("Come at 2.30pm.", "۱۴:۳۰ بجے آئیں۔", NOTHING),
    ("Come at 9am.", "صبح 9 بجے آئیں۔", NOTHING),
    ("It costs 1,000 pounds.", "۱۰۰۰ پاؤنڈ ہیں۔", NOTHING),
    ("Take two tablets.", "2 گولیاں لیں۔", NOTHING),
    ("Call +44 7700 900123.", "07700900123 پر کال کریں۔", NOTHING),
    ("Do not take more than 4 tablets a day.", "دن میں 4 سے زیادہ گولیاں نہ لیں۔", NOTHING),
    ("میں دو گولیاں لیتا ہوں", "I take 2 tablets", NOTHING),
    (
        "Please call 01632 960101 to cancel.",
        "براہ کرم 01620 پر کال کریں۔",
        "The phone number 01632 960101 is missing from the translation: 01620 stands there instead.",
    ),
    (
        "Please call 01632 960101 to cancel.",
        "منسوخ کرنے کے لیے کال کریں۔",
        "The phone number 01632 960101 is missing from the translation.",
    ),
    (
        "میرا نمبر 07249520595 ہے",
        "My number is 024509",
        "The phone number 07249520595 is missing from the translation: 024509 stands there instead.",
    ),
    (
        "In an emergency, call 999.",
        "ہنگامی صورت میں 9999 پر کال کریں۔",
        "The number 999 is missing from the translation: 9999 stands there instead.",
    ),
    ("Take two tablets.", "3 گولیاں لیں۔", "The number 3 stands in the translation and not in the original."),
    ("Take 2 tablets.", "دو گولیاں لیں۔", "The number 2 is missing from the translation."),
    ("Come at 9am.", "9pm پر آئیں۔", "The time 9am is missing from the translation: 9pm stands there instead."),
    (
        "Open from 8:30 to 17:00.",
        "17:00 سے 8:30 تک کھلا ہے۔",
        "The times 8:30 and 17:00 have changed places in the translation.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "why"), NUMBERS)
def test_numbers_are_the_same_on_both_sides(source: str, text: str, why: str) -> None:
    assert said("numbers", of(source, text)) == why


KEYWORDS = [
    ("Only take one tablet.", "صرف ایک گولی لیں۔", NOTHING),
    ("Please come before Tuesday.", "براہ کرم منگل سے پہلے آئیں۔", NOTHING),
    ("Reply STOP to opt out.", "پیغامات بند کرنے کے لیے STOP لکھ کر جواب دیں۔", NOTHING),
    ("Only take one tablet.", "ایک گولی لیں۔", "“only” is missing from the translation."),
    ("Do not eat before the test.", "ٹیسٹ میں کھانا نہ کھائیں۔", "“before” is missing from the translation."),
    ("Take it after food.", "کھانے سے پہلے لیں۔", "“after” is missing from the translation."),
    ("Please stop the tablets.", "براہ کرم گولیاں لیں۔", "“stop” is missing from the translation."),
    ("In an emergency, call 999.", "999 پر کال کریں۔", "“emergency” is missing from the translation."),
    ("Call 111.", "کال کریں۔", "The emergency number 111 is missing from the translation."),
    ("If you feel ill, call us.", "آپ بیمار ہیں، کال کریں۔", "“if” is missing from the translation."),
    (
        "Reply STOP to opt out.",
        "پیغامات بند کرنے کے لیے سٹاپ لکھ کر جواب دیں۔",
        "The word STOP is missing from the translation: people have to type it as it is.",
    ),
    ("میں صرف پیر کو آ سکتا ہوں", "I can come on Monday", "“only” is missing from the translation."),
    ("میں پیر کو آ سکتا ہوں", "I can come on Tuesday", "“Monday” is missing from the translation."),
    ("میری بیٹی کو بخار ہے", "My daughter has a fever", NOTHING),
    ("میرے بیٹے کو بخار ہے", "My son has a fever", NOTHING),
    ("میری بیٹی کو بخار ہے", "My son has a fever", "“daughter” is missing from the translation."),
    (
        "Please call the surgery.",
        "براہ کرم سرجری کو فون کریں، دوائیں ساتھ ہوں۔",
        "The translation speaks of “medicine”, and the original does not.",
    ),
    (
        "کیا میں پیر کو آ سکتا ہوں؟",
        "I can come on Monday",
        "The original asks a question, and the translation does not.",
    ),
]


@pytest.mark.parametrize(("source", "text", "why"), KEYWORDS)
def test_words_that_carry_the_meaning_are_there(source: str, text: str, why: str) -> None:
    assert said("keyword", of(source, text)) == why


IN_OTHER_LANGUAGES = [
    ("pl", "Proszę przyjść tylko w środę.", "Proszę przyjść w środę."),
    ("ro", "Vă rugăm să veniți doar miercuri.", "Vă rugăm să veniți miercuri."),
    ("ru", "Пожалуйста, приходите только в среду.", "Пожалуйста, приходите в среду."),
    ("uk", "Будь ласка, приходьте лише в середу.", "Будь ласка, приходьте в середу."),
    ("tr", "Lütfen sadece çarşamba günü gelin.", "Lütfen çarşamba günü gelin."),
    ("pt", "Por favor, venha só na quarta-feira.", "Por favor, venha na quarta-feira."),
    ("ar", "يرجى الحضور يوم الأربعاء فقط.", "يرجى الحضور يوم الأربعاء."),
    ("fa", "لطفا فقط چهارشنبه بیایید.", "لطفا چهارشنبه بیایید."),
    ("bn", "অনুগ্রহ করে শুধু বুধবার আসুন।", "অনুগ্রহ করে বুধবার আসুন।"),
    ("pa-Guru", "ਕਿਰਪਾ ਕਰਕੇ ਸਿਰਫ਼ ਬੁੱਧਵਾਰ ਆਓ।", "ਕਿਰਪਾ ਕਰਕੇ ਬੁੱਧਵਾਰ ਆਓ।"),
    ("so", "Fadlan kaalay arbaco kaliya.", "Fadlan kaalay arbaco."),
    ("es", "Por favor, venga solo el miércoles.", "Por favor, venga el miércoles."),
    ("fr", "Veuillez venir seulement mercredi.", "Veuillez venir mercredi."),
    ("it", "La preghiamo di venire solo mercoledì.", "La preghiamo di venire mercoledì."),
    ("hi", "कृपया केवल बुधवार को आएँ।", "कृपया बुधवार को आएँ।"),
    ("hu", "Kérjük, csak szerdán jöjjön.", "Kérjük, szerdán jöjjön."),
    ("bg", "Моля, елате само в сряда.", "Моля, елате в сряда."),
    ("tl", "Pumunta lamang po kayo sa Miyerkules.", "Pumunta po kayo sa Miyerkules."),
]


@pytest.mark.parametrize(("language", "good", "lost"), IN_OTHER_LANGUAGES)
def test_only_and_the_day_are_looked_for_in_each_worded_language(language: str, good: str, lost: str) -> None:
    source = "Please come only on Wednesday."
    assert said("keyword", Pair(source, good, "en", language)) == NOTHING
    assert said("keyword", Pair(source, lost, "en", language)) == "“only” is missing from the translation."
    assert said("keyword", Pair("Please come only on Friday.", good, "en", language)) == (
        "“Friday” is missing from the translation."
    )


COPIES = [
    ("Please call us on 01632 960101.", "براہ کرم 01632960101 پر کال کریں۔", NOTHING),
    ("GP, NHS, MRI, ECG, CT", "GP, NHS, MRI, ECG, CT", NOTHING),
    (
        "Your appointment has been cancelled.",
        "Your appointment has been cancelled.",
        "The translation is the original again, or half of it.",
    ),
    (
        "Please bring your medicines with you.",
        "براہ کرم bring your medicines with آئیں۔",
        "The translation is the original again, or half of it.",
    ),
    ("Please wait.", "Please wait.", "The translation is the original again."),
    ("پیغامات بند کریں", "پیغامات بند کریں", "The translation is the original again."),
]


@pytest.mark.parametrize(("source", "text", "why"), COPIES)
def test_the_original_is_no_translation(source: str, text: str, why: str) -> None:
    assert said("copy", Pair(source, text, "en", "ur")) == why


SCRIPTS = [
    ("ur", "آپ کا نسخہ NHS تیار ہے۔", NOTHING),
    ("pl", "Recepta jest gotowa.", NOTHING),
    ("bn", "আপনার প্রেসক্রিপশন তৈরি।", NOTHING),
    ("ja", "処方箋ができました。", NOTHING),
    ("ur", "Aap ka nuskha tayyar hai.", "The translation is not written in the letters of Urdu."),
    ("pl", "Рецепт готов.", "The translation is not written in the letters of Polish."),
    ("en", "Your نسخہ is تیار.", "The translation is not written in the letters of English."),
    ("pa-Guru", "آپ کا نسخہ تیار ہے۔", "The translation is not written in the letters of Punjabi (Gurmukhi)."),
]


@pytest.mark.parametrize(("language", "text", "why"), SCRIPTS)
def test_the_letters_are_those_of_the_language(language: str, text: str, why: str) -> None:
    assert said("script", Pair("Your prescription is ready.", text, "en", language)) == why


DETECTED = [
    ("pl", "Pana recepta jest gotowa do odbioru w aptece.", NOTHING),
    ("fa", "نسخه شما در داروخانه آماده تحویل است.", NOTHING),
    ("prs", "نسخه شما در داروخانه آماده تحویل است.", NOTHING),
    ("pl", "Ne mohu.", NOTHING),
    ("pl", "Il farmaco è pronto per il ritiro in farmacia.", "The translation looks like Italian, not like Polish."),
    ("uk", "Twój lek jest gotowy do odbioru w aptece.", "The translation looks like Polish, not like Ukrainian."),
    (
        "so",
        "Your medicine is ready to collect from the chemist.",
        "The translation looks like English, not like Somali.",
    ),
]


@pytest.mark.parametrize(("language", "text", "why"), DETECTED)
def test_the_detector_may_contradict_from_four_words(language: str, text: str, why: str) -> None:
    assert said("language", Pair("Your medicine is ready at the pharmacy.", text, "en", language)) == why


LENGTHS = [
    ("Your prescription is ready.", "آپ کا نسخہ تیار ہے۔", NOTHING),
    ("ہاں", "Yes, I will", NOTHING),
    (
        "Your appointment has been moved to another day because the doctor is ill.",
        "آپ کی اپائنٹمنٹ۔",
        "The translation is much shorter than the original: something was left out.",
    ),
    (
        "Please wait.",
        "براہ کرم انتظار کریں اور اپنی تمام دوائیں اور پاسپورٹ اپنے ساتھ لے کر آئیں۔",
        "The translation is much longer than the original: something was added.",
    ),
    ("Thank you. Please wait.", "شکریہ آپ کا۔", "The original has 2 sentences, the translation 1 sentence."),
    (
        "Please call us now.",
        "براہ کرم استعمال کریں۔ کال کریں۔",
        "The original has 1 sentence, the translation 2 sentences.",
    ),
]


@pytest.mark.parametrize(("source", "text", "why"), LENGTHS)
def test_nothing_was_cut_off_and_nothing_added(source: str, text: str, why: str) -> None:
    assert said("length", of(source, text)) == why


REPEATED = [
    ("Step by step.", "قدم بہ قدم۔", NOTHING),
    ("No, no, no!", "نہیں نہیں نہیں!", NOTHING),
    ("Thank you.", "شکریہ شکریہ شکریہ", "“شکریہ” is said over and over."),
    ("شکریہ", "Thank you you you you thank you you.", "“you” is said over and over."),
    ("👍", "HKUHKUHKUHKUHKU1", "“HKUHKUHKUHKUHKU” is said over and over."),
    ("میں آؤں گا", "I will come I will come I will come", "“i will come” is said over and over."),
]


@pytest.mark.parametrize(("source", "text", "why"), REPEATED)
def test_nothing_is_said_over_and_over(source: str, text: str, why: str) -> None:
    assert said("repetition", of(source, text)) == why


JUNK = [
    ("Please call (today).", "براہ کرم (آج) کال کریں۔", NOTHING),
    ("Choose: 1, 2 or 3:", "چنیں: 1، 2 یا 3:", NOTHING),
    ("سلام", ".", "There are no words in the translation."),
    ("Please wait.", "♪ انتظار ♪", "“♪” stands in the translation and not in the original."),
    ("Please wait.", "(ہنسی) انتظار", "“(” stands in the translation and not in the original."),
    ("Your child needs a vaccine.", "آپ کی کووڈ-", "The translation breaks off."),
    ("Do you smoke?", "کیا آپ کو 1:", "The translation breaks off."),
]


@pytest.mark.parametrize(("source", "text", "why"), JUNK)
def test_there_are_words_and_no_subtitles(source: str, text: str, why: str) -> None:
    assert said("junk", of(source, text)) == why


DENIALS = [
    ("ur", "Your test results are not normal.", "آپ کے نتائج نارمل نہیں ہیں۔", "آپ کے نتائج نارمل ہیں۔"),
    ("ur", "Please do not eat before the test.", "ٹیسٹ سے پہلے کھانا نہ کھائیں۔", "براہ کرم ٹیسٹ سے پہلے کھائیں۔"),
    ("pl", "Please do not come.", "Proszę nie przychodzić.", "Proszę przychodzić."),
    ("ro", "Please do not come.", "Vă rugăm să nu veniți.", "Vă rugăm să veniți."),
    ("ru", "Please do not come.", "Пожалуйста, не приходите.", "Пожалуйста, приходите."),
    ("uk", "Please do not come.", "Будь ласка, не приходьте.", "Будь ласка, приходьте."),
    ("tr", "Please do not come.", "Lütfen gelmeyin.", "Lütfen gelin."),
    ("pt", "Please do not come.", "Por favor, não venha.", "Por favor, venha."),
    ("ar", "Please do not come.", "يرجى عدم الحضور.", "يرجى الحضور."),
    ("fa", "Please do not come.", "لطفا نیایید.", "لطفا بیایید."),
    ("bn", "Please do not come.", "দয়া করে আসবেন না।", "দয়া করে আসবেন।"),
    ("es", "Please do not come.", "Por favor, no venga.", "Por favor, venga."),
    ("fr", "Please do not come.", "Veuillez ne pas venir.", "Veuillez venir."),
    ("it", "Please do not come.", "La preghiamo di non venire.", "La preghiamo di venire."),
    ("hi", "Please do not come.", "कृपया न आएँ।", "कृपया आएँ।"),
    ("zh-Hans", "Please do not come.", "请不要来。", "请来。"),
    ("zh-Hant", "Please do not come.", "請不要來。", "請來。"),
    ("hu", "Please do not come.", "Kérjük, ne jöjjön.", "Kérjük, jöjjön."),
    ("bg", "Please do not come.", "Моля, не идвайте.", "Моля, елате."),
    ("tl", "Please do not come.", "Huwag po kayong pumunta.", "Pumunta po kayo."),
    ("pa-Guru", "Please do not come.", "ਕਿਰਪਾ ਕਰਕੇ ਨਾ ਆਓ।", "ਕਿਰਪਾ ਕਰਕੇ ਆਓ।"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "source", "kept", "lost"), DENIALS)
def test_a_sentence_that_says_no_says_no_in_the_translation(language: str, source: str, kept: str, lost: str) -> None:
    assert said("negation", Pair(source, kept, "en", language)) == NOTHING
    assert said("negation", Pair(source, lost, "en", language)) == (
        f"The “not” of “{source}” is missing from the translation."
    )
    without = source.replace(" not", "").replace(" do ", " ")
    assert said("negation", Pair(without, kept, "en", language)) == (
        f"The translation of “{without}” says “not”, and the original does not."
    )


def test_each_sentence_keeps_its_own_denial() -> None:
    swapped = Pair("Do not come today. Come tomorrow.", "آج آئیں۔ کل نہ آئیں۔", "en", "ur")
    assert said("negation", swapped) == "The “not” of “Do not come today.” is missing from the translation."


ROUND_TRIPS = [
    ("Your prescription is ready.", "Your prescription is ready now.", NOTHING),
    ("Please wear a mask.", "The cat sat.", "Translated back it says something else: “The cat sat.”."),
    (
        "Take 4 tablets a day.",
        "Take 5 tablets a day.",
        "Translated back it reads “Take 5 tablets a day.”. The number 4 is missing from it: 5 stands there instead.",
    ),
    (
        "Your appointment has not been cancelled.",
        "Your appointment has been cancelled.",
        "Translated back it reads “Your appointment has been cancelled.”. "
        "The “not” of “Your appointment has not been cancelled.” is missing from it.",
    ),
    (
        "You can have a free check on Monday.",
        "You can have a free check on Sunday.",
        "Translated back it reads “You can have a free check on Sunday.”. “Monday” is missing from it.",
    ),
]


@pytest.mark.parametrize(("source", "back", "why"), ROUND_TRIPS)
def test_translated_back_it_says_the_same(source: str, back: str, why: str) -> None:
    assert said("round-trip", Pair(source, "آپ", "en", "ur", back)) == why


@pytest.mark.parametrize(("score", "ok"), [(None, True), (-0.05, True), (-0.6, True), (-0.61, False), (-2.0, False)])
def test_a_model_that_guesses_is_not_believed(score: float | None, ok: bool) -> None:
    why = said("score", Pair("Please wait.", "انتظار کریں۔", "en", "ur", score=score))
    assert why == ("" if ok else "The machine is not sure of this translation.")


def test_parts_are_counted_where_there_is_a_cap() -> None:
    assert said("parts", Pair("x", "م" * 71, "en", "ur", parts_cap=1)) == "It takes 2 parts, and may take 1."
    assert said("parts", Pair("x", "م" * 70, "en", "ur", parts_cap=1)) == ""
    assert "parts" not in [result.check for result in check_translation(Pair("x", "م", "en", "ur"))]


def test_every_check_answers_in_the_order_of_the_list() -> None:
    results = check_translation(Pair("Please wait.", "انتظار کریں۔", "en", "ur", "Please wait.", -0.1, parts_cap=1))
    assert [result.check for result in results] == list(CHECKS)
    assert all(result == CheckResult(result.check, True) for result in results)


def test_a_check_without_words_for_a_language_says_so_and_leaves_it_to_the_way_back() -> None:
    results = {
        result.check: result
        for result in check_translation(Pair("Do not come.", "Ná tar.", "en", "cy", "Do not come."))
    }
    assert results["negation"] == CheckResult(
        "negation", True, "This check has no words of Welsh: words such as not were not looked for."
    )


def test_without_a_way_back_nothing_passes_in_silence() -> None:
    assert said("negation", Pair("Do not come.", "Peidiwch â dod.", "en", "cy")) == (
        "This check has no words of Welsh: words such as not were not looked for. It was not translated back either."
    )
    assert said("keyword", Pair("Do not come.", "Peidiwch â dod.", "en", "cy")).endswith("not translated back either.")


def test_a_gist_of_such_a_language_is_shown_with_that_remark() -> None:
    assert said("negation", Pair("Ma imaan karo", "I cannot come", "so", "en")) == ""


any_text = st.text(max_size=60)


@settings(max_examples=300)
@given(any_text, any_text, st.sampled_from(sorted(LANGUAGES)), st.booleans(), st.none() | any_text)
def test_no_text_of_any_language_breaks_a_check(
    source: str, text: str, language: str, outward: bool, back: str | None
) -> None:
    languages = ("en", language) if outward else (language, "en")
    for result in check_translation(Pair(source, text, *languages, back, -0.2, (text[:3],), 2)):
        assert result.ok or result.why.endswith((".", "!", "?")), result
