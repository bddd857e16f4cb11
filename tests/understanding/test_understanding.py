"""What people answer, and what we make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.normalise import normalise
from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import Reading
from tests.understanding.by_name import read_by_name

YES = {
    "en": ["Yes", "yes please", "YES!!", "yeah", "Sure"],
    "pl": ["tak", "TAK!", "Tak, proszę", "tak 😀", "Taaak"],
    "ro": ["da", "Da, vă rog", "DA!", "sunt de acord"],
    "ur": ["ہاں", "جی ہاں", "جی ہاں، شکریہ", "Ji haan", "haan ji", "HAAN", "haaaan", "han plz"],
    "pa-Guru": ["ਹਾਂ", "ਹਾਂ ਜੀ", "haan ji", "aho"],
    "bn": ["হ্যাঁ", "জি", "hae", "ji", "oy"],
    "ar": ["نعم", "نَعَم", "أيوه", "na3am", "aywa"],
    "so": ["haa", "Haa, fadlan", "haa mahadsanid"],
    "ru": ["да", "Да, спасибо", "ДА", "da"],
    "uk": ["так", "Так, дякую", "tak"],
    "fa": ["بله", "آره", "بله لطفا", "bale"],
    "tr": ["evet", "EVET", "Evet lütfen", "tabii"],
    "pt": ["sim", "Sim, por favor", "SIM!"],
}
NO = {
    "en": ["No", "no thanks", "No thank you!", "nope"],
    "pl": ["nie", "Nie, dziękuję", "NIE", "nie dziekuje"],
    "ro": ["nu", "Nu, mulțumesc", "nu multumesc"],
    "ur": ["نہیں", "جی نہیں", "nahi", "NAHIN", "nai", "nahi chahiye"],
    "pa-Guru": ["ਨਹੀਂ", "ਨਹੀਂ ਜੀ", "nahi", "nai ji"],
    "bn": ["না", "জি না", "na", "lagbe na"],
    "ar": ["لا", "لا شكرا", "la", "la shukran"],
    "so": ["maya", "Maya, mahadsanid"],
    "ru": ["нет", "Нет, спасибо", "net"],
    "uk": ["ні", "Ні, дякую", "нi"],
    "fa": ["نه", "نه ممنون", "na"],
    "tr": ["hayır", "HAYIR", "hayir", "Hayır, teşekkürler"],
    "pt": ["não", "nao", "Não, obrigada"],
}
STOP = {
    "en": ["stop", "STOP!", "please stop", "stop texting me", "do not text me"],
    "pl": ["zatrzymaj", "rezygnuję", "STOP prosze nie pisac wiecej", "nie pisz"],
    "ro": ["opriți", "nu mai trimite", "dezabonare", "Stop, va rog"],
    "ur": ["بند کریں", "روکیں", "band karo", "band kar dein", "mat bhejo", "mujhe msg mat bhejo"],
    "pa-Guru": ["ਬੰਦ ਕਰੋ", "ਰੋਕੋ", "band karo"],
    "bn": ["বন্ধ করুন", "থামান", "bondho koro"],
    "ar": ["توقف", "أوقف", "إلغاء", "wa2ef"],
    "so": ["jooji", "iska daa"],
    "ru": ["стоп", "хватит", "отписаться", "не пишите мне больше"],
    "uk": ["стоп", "зупинити"],
    "fa": ["توقف", "لغو", "laghv"],
    "tr": ["dur", "durdur", "iptal"],
    "pt": ["parar", "sair", "cancelar"],
}
URGENT = {
    "en": ["chest pain", "chest pian", "I cant breath", "I want to kill myself", "he hits me", "my baby is not moving"],
    "pl": ["boli mnie w klatce piersiowej", "ból w klatce", "nie mogę oddychać", "chcę się zabić", "mąż mnie bije"],
    "ro": ["mă doare în piept", "durere în piept", "nu pot să respir", "vreau să mor"],
    "ur": [
        "سینے میں درد",
        "سانس لینے میں مشکل",
        "خودکشی",
        "seene mein dard",
        "saans nahi aa rahi",
        "marna chahta hoon",
    ],
    "pa-Guru": ["ਛਾਤੀ ਵਿੱਚ ਦਰਦ", "ਸਾਹ ਨਹੀਂ ਆ ਰਿਹਾ", "ਖੁਦਕੁਸ਼ੀ", "chhati vich dard", "saah nahi aunda"],
    "bn": ["বুকে ব্যাথা", "শ্বাস নিতে অসুবিধা", "আত্মহত্যা", "buke betha", "shash nite parchi na"],
    "ar": ["ألم الصدر", "صعوبة في التنفس", "لا أستطيع التنفس", "انتحار", "زوجي يضربني"],
    "so": ["feera xanuun", "neefta waa igu adag tahay", "waxaan rabaa inaan is dilo", "xabadka ayaa i xanuunaya"],
    "ru": ["боль в груди", "тяжело дышать", "не могу дышать", "хочу умереть", "муж меня бьет"],
    "uk": ["біль у грудях", "не можу дихати", "самогубство"],
    "fa": ["درد قفسه سینه", "نمی‌توانم نفس بکشم", "خودکشی"],
    "tr": ["göğüs ağrısı", "göğsüm ağrıyor", "nefes alamıyorum", "intihar"],
    "pt": ["dor no peito", "não consigo respirar", "quero morrer", "suicídio"],
}
HARMLESS = (
    """
Yes please, my house is cold|No thanks, we are warm enough|I will come on Monday|What time is it?|Who are you?
Thank you doctor|Can I come tomorrow at 3?|My boiler is broken|I need to bleed the radiators|The bills are killing me
I am fit and well|I had my chest xray, all fine|stop the pain|It is cold in here|I work nights, call after 4
heating is off|I have an appointment already|My heart is full of thanks|I had the flu jab|gas bill is too high
Is this free?|I moved to Leeds|My son can interpret|We went on strike|I cannot speak English
jest mi zimno w domu|dziekuje bardzo za pomoc|kiedy mam przyjsc|nie mowie po angielsku|mam wysokie rachunki
prosze o telefon po 15|czy to jest bezplatne|mulțumesc frumos|când pot veni|nu vorbesc engleza|casa este rece
cât costă|heating band hai|ghar bohat thanda hai|shukriya bhai|mujhe time chahiye|kal aa sakta hoon
bijli ka bill zyada hai
آپ کا شکریہ|گھر ٹھنڈا ہے|کل آ سکتا ہوں|ਧੰਨਵਾਦ ਜੀ|ਘਰ ਠੰਡਾ ਹੈ|ধন্যবাদ ভাই|ঘর খুব ঠান্ডা|কখন আসব|شكرا جزيلا
البيت بارد|متى الموعد|ما افهم انجليزي ممكن موعد|mahadsanid walaal|guriga waa qabow|спасибо большое|дома холодно
когда можно прийти|я не говорю по английски|дуже дякую|вдома холодно|خانه سرد است|خیلی ممنون|کی بیام
teşekkür ederim|ev çok soğuk|ne zaman gelebilirim|muito obrigado|a casa está fria|quando posso ir|não falo inglês
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


def _pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(language, text) for language, texts in table.items() for text in texts]


def invited(text: str, language: str | None = None) -> Reading:
    return read_by_name(text, language, "invitation")


@pytest.mark.parametrize(("language", "text"), _pairs(YES))
def test_a_yes_is_understood_however_it_is_written(language: str, text: str) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("yes", False)


@pytest.mark.parametrize(("language", "text"), _pairs(NO))
def test_a_no_is_a_no_and_never_a_stop(language: str, text: str) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("no", False)


@pytest.mark.parametrize(("language", "text"), _pairs(STOP))
def test_a_stop_is_honoured_in_the_persons_language(language: str, text: str) -> None:
    assert invited(text, language).intent == "opt_out"


@pytest.mark.parametrize("text", ["band karo", "zatrzymaj", "توقف", "стоп", "durdur", "jooji", "বন্ধ করুন"])
def test_a_bare_stop_word_is_honoured_whatever_language_is_recorded(text: str) -> None:
    assert {invited(text, language).intent for language in (None, "en", "pt")} == {"opt_out"}


@pytest.mark.parametrize("word", ["STOP", "stopall", "Unsubscribe", "CANCEL", "end", "Quit", "REVOKE", "optout"])
def test_the_words_twilio_acts_on_always_opt_out(word: str) -> None:
    assert read_by_name(word, "ur", "slots").intent == "opt_out"


@pytest.mark.parametrize("text", ["stop the pain", "stop my heating bill going up", "heating band karo do baje"])
def test_a_stop_about_something_else_goes_to_a_person(text: str) -> None:
    reading = invited(text, "ur")
    assert (reading.intent, reading.to_person) == ("none", True)


def test_band_hai_means_off_and_is_not_a_stop() -> None:
    assert invited("heating band hai", "ur").intent == "none"


@pytest.mark.parametrize(
    "digit", ["1", "1.", "(1)", "1)", " 1 ", "１", "1️⃣", "①", "١", "۱", "१", "১", "੧", "૧", "௧", "1 please", "፩"]
)
def test_one_is_yes_in_every_digit(digit: str) -> None:
    assert invited(digit, "en").intent == "yes"


@pytest.mark.parametrize(
    ("text", "question", "intent", "choice", "to_person"),
    [
        ("2", "consent", "no", None, False),
        ("0", None, "opt_out", None, False),
        ("۰", "slots", "opt_out", None, False),
        ("9", "invitation", "language", None, False),
        ("1", None, "none", None, True),
        ("3", "invitation", "none", None, True),
        ("3", "slots", "choice", 3, False),
        ("٣", "language", "choice", 3, False),
        ("12", "invitation", "none", None, True),
        ("1 2", "invitation", "none", None, True),
        ("1 yes", "invitation", "yes", None, False),
        ("1 no", "invitation", "none", None, True),
        ("2 days ago I fell", "invitation", "none", None, True),
        ("no 1", "invitation", "none", None, True),
    ],
)
def test_a_number_answers_only_what_was_asked(
    text: str, question: str | None, intent: str, choice: int | None, to_person: bool
) -> None:
    reading = read_by_name(text, "en", question)
    assert (reading.intent, reading.choice, reading.to_person) == (intent, choice, to_person)


def test_a_choice_must_be_one_of_those_offered() -> None:
    assert read_by_name("3", "en", "slots", choices=[1, 2]).intent == "none"
    assert read_by_name("12", "en", "language", choices=range(1, 14)).choice == 12


def test_a_long_yes_in_romanised_urdu_is_a_yes_though_the_heating_is_off() -> None:
    text = "Ji haan plz mujhe help chahiye heating band hai ghar mein, call after 3 bcz school run"
    reading = invited(text, "ur")
    assert (reading.intent, reading.language, reading.romanised, reading.urgent) == ("yes", "ur", True, None)


def test_a_yes_beside_something_urgent_stays_a_yes_and_goes_to_a_person() -> None:
    reading = invited("haa laakin feera xanuun baan hayaa and cant breathe since morning", "so")
    assert (reading.intent, reading.urgent, reading.to_person) == ("yes", "red", True)


@pytest.mark.parametrize("text", ["yes but not now", "yes?", "yes no", "no heating", "No problem", "yes 👎", "ok"])
def test_an_answer_with_a_doubt_goes_to_a_person(text: str) -> None:
    reading = read_by_name(text, "en", "consent")
    assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize("word", ["ne", "jo", "na", "da", "si"])
def test_a_word_of_two_meanings_goes_to_a_person_without_a_language(word: str) -> None:
    assert invited(word).intent == "none"


@pytest.mark.parametrize(("thumb", "intent"), [("👍", "yes"), ("👍🏽", "yes"), ("👎", "no"), ("🙏", "none")])
def test_a_thumb_alone_is_an_answer(thumb: str, intent: str) -> None:
    assert invited(thumb, "ur").intent == intent


@pytest.mark.parametrize(("language", "text"), _pairs(URGENT))
def test_what_cannot_wait_is_noticed_whatever_language_is_recorded(language: str, text: str) -> None:
    for recorded in (language, None, "en"):
        reading = invited(text, recorded)
        assert (reading.urgent, reading.to_person) == ("red", True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No chest pain thanks", "en"),
        ("I had chest pain last year", "en"),
        ("seene mein dard nahi", "ur"),
        ("mam anginę", "pl"),
        ("my inhaler ran out", "en"),
        ("no heating with a baby", "en"),
    ],
)
def test_what_is_denied_past_or_less_pressing_is_amber_and_never_ignored(text: str, language: str) -> None:
    reading = invited(text, language)
    assert (reading.urgent, reading.to_person) == ("amber", True)


def test_a_no_before_the_comma_does_not_lower_what_follows() -> None:
    assert invited("No, chest pain since morning", "en").urgent == "red"


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_replies_raise_no_alarm(text: str) -> None:
    assert len(HARMLESS) >= 60
    assert invited(text).urgent is None


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("I want to book an appointment", "en", "book"),
        ("ما افهم انجليزي ممكن موعد", None, "book"),
        ("mujhe appointment cancel karni hai", "ur", "cancel"),
        ("can I change my appointment?", "en", "change"),
        ("please call me", "ur", "call_me"),
        ("فون کریں", "ur", "call_me"),
        ("zadzwoń", "pl", "call_me"),
        ("wrong number", "pl", "wrong_number"),
        ("غلط نمبر", "ur", "wrong_number"),
        ("HELP", "ur", "help"),
        ("START", "pl", "opt_in"),
    ],
)
def test_a_wish_is_understood(text: str, language: str | None, intent: str) -> None:
    assert read_by_name(text, language).intent == intent


@pytest.mark.parametrize(
    ("text", "tag"), [("Polski", "pl"), ("urdu please", "ur"), ("speak Urdu", "ur"), ("বাংলা", "bn"), ("Arabic", "ar")]
)
def test_the_name_of_a_language_asks_for_it(text: str, tag: str) -> None:
    reading = read_by_name(text, None, "language")
    assert (reading.intent, reading.language) == ("language", tag)


@pytest.mark.parametrize(
    ("text", "script"), [("ہاں", "Arab"), ("ਹਾਂ", "Guru"), ("না", "Beng"), ("да", "Cyrl"), ("1", None)]
)
def test_the_script_is_told(text: str, script: str | None) -> None:
    assert invited(text).script == script


def test_urdu_letters_are_not_taken_for_arabic() -> None:
    assert invited("مجھے گھر میں ٹھنڈ لگتی ہے").language == "ur"
    assert invited("ما افهم انجليزي ممكن موعد").language == "ar"


@given(st.text(max_size=200), st.sampled_from([None, "ur", "pl", "xx"]), st.sampled_from([None, *QUESTIONS]))
def test_any_text_gives_a_reading(text: str, language: str | None, question: str | None) -> None:
    assert isinstance(read_by_name(text, language, question), Reading)


@given(st.text(max_size=100))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


def test_the_longest_message_is_read_without_trouble() -> None:
    assert invited("chest pain " * 145, "en").urgent == "red"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("option 1", "yes"), ("Reply 1", "yes"), ("number 2", "no"), ("Yes 1", "yes"), ("no 2", "no"),
        ("1 = yes, help me", "yes"), ("0 = no more texts", "opt_out"), ("9 = another language", "language"),
        ("0 = stop texts", "opt_out"), ("no more texts", "opt_out"), ("2=no", "no"), ("1 = no", "none"),
        ("1 = yes 2 = no", "none"), ("12 = yes", "none"),
        ("zero", "opt_out"),
        ("Yes 2", "none"), ("Yes 0", "none"), ("no 1", "none"), ("1?", "none"), ("0?", "none"),
        ("0. The heating is off", "none"), ("0 heating for 3 days", "none"), ("2 children and no money", "none"),
    ],
)  # fmt: skip
def test_a_number_beside_words_counts_only_when_they_say_the_same(text: str, intent: str) -> None:
    reading = read_by_name(text, "en", "invitation")
    assert (reading.intent, reading.to_person) == (intent, intent == "none")


@pytest.mark.parametrize(("text", "tag"), [("3 اردو", "ur"), ("1 Polski", "pl")])
def test_a_line_of_the_language_menu_sent_back_names_that_language(text: str, tag: str) -> None:
    reading = read_by_name(text, None, "language")
    assert (reading.intent, reading.language) == ("language", tag)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("nie rezygnuję", "pl"), ("nu opriti", "ro"), ("не стоп", "ru"), ("لا توقف الرسائل", "ar"), ("não parem", "pt"),
        ("no paren", "es"), ("বন্ধ করবেন না", "bn"), ("bondho korben na", "bn"), ("ha joojin", "so"),
        ("don't stop texting me", "en"), ("messages band nahi karna", "ur"),
    ],
)  # fmt: skip
def test_a_stop_that_is_denied_goes_to_a_person(text: str, language: str) -> None:
    for recorded in (language, None, "en"):
        reading = read_by_name(text, recorded, "invitation")
        assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("yes who is this", "en"), ("yes what do you want", "en"), ("yes please delete my data", "en"),
        ("yeah right", "en"),
        ("why not tell me first", "en"), ("ji kaun", "ur"), ("ji boliye", "ur"), ("tak a ile to kosztuje", "pl"),
        ("да кто это", "ru"), ("да ну", "ru"), ("da cine sunteti", "ro"), ("نعم مين معي", "ar"),
    ],
)  # fmt: skip
def test_a_yes_that_asks_without_a_question_mark_goes_to_a_person(text: str, language: str) -> None:
    for question in ("invitation", "consent"):
        reading = read_by_name(text, language, question)
        assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize(
    "text", ["No. I need help", "No! Please help", "No. My heating is broken", "No, it is so cold"]
)
def test_a_no_that_pleads_is_no_refusal(text: str) -> None:
    assert read_by_name(text, "en", "invitation").intent == "none"


@pytest.mark.parametrize(("text", "intent"), [("S.T.O.P", "opt_out"), ("s t o p", "opt_out"), ("Y.E.S.", "yes")])
def test_a_word_spelt_out_is_that_word(text: str, intent: str) -> None:
    assert read_by_name(text, "en", "invitation").intent == intent


@pytest.mark.parametrize("word", ["hej", "are", "так", "هو"])
def test_a_yes_that_is_another_word_elsewhere_counts_only_for_those_whose_language_it_is(word: str) -> None:
    assert read_by_name(word, None, "invitation").intent == "none"
    assert read_by_name("так", "uk", "invitation").intent == read_by_name("hej", "sk", "invitation").intent == "yes"


def test_a_word_of_a_strange_language_in_a_sentence_is_no_wish() -> None:
    reading = read_by_name("boli mnie głowa", "pl", "invitation")  # my head hurts; "boli" is a language in Panjabi
    assert (reading.intent, reading.to_person) == ("none", True)


def test_a_figure_of_speech_hides_no_danger_beside_it() -> None:
    assert read_by_name("a stroke of luck", "en").urgent is None
    assert read_by_name("a stroke of luck, but now I have chest pain", "en").urgent == "red"
    assert read_by_name("killing myself. Laughing matter it is not", "en").urgent == "red"


def test_a_call_for_help_beside_danger_asks_for_no_information() -> None:
    reading = read_by_name("CHEST PAIN HELP", "en", "invitation")
    assert (reading.intent, reading.urgent) == ("none", "red")


def test_many_tablets_are_an_overdose_and_a_daily_dose_is_none() -> None:
    assert read_by_name("I took 20 paracetamol", "en").urgent == "red"
    assert read_by_name("I took 2 paracetamol", "en").urgent is None
    assert read_by_name("9" * 5000, "en", "slots").to_person


@pytest.mark.parametrize(
    ("body", "intent"),
    [
        ("no", "none"),
        ("no dobrze", "none"),
        ("no dobrze dziękuję", "none"),
        ("no tak", "yes"),
        ("No thank you", "no"),
        ("nie", "no"),
    ],
)
def test_polish_no_is_no_refusal_and_english_no_thank_you_is(body: str, intent: str) -> None:
    assert read_by_name(body, "pl", "invitation").intent == intent
