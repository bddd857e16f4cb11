"""What is acted on though more is said, and what is left to a person though it begins like an answer."""

import pytest

from bot.texts.languages import LANGUAGES
from bot.understanding.intents import BIT
from bot.understanding.lexicon import lexicon
from bot.understanding.questions import QUESTIONS
from bot.understanding.reading import Reading, read_reply
from bot.understanding.word_lists import bits_by_tag

HELP_WORDS = sorted(
    (tag, word)
    for word, listed in lexicon().intent_words.items()
    for tag, bits in bits_by_tag(listed)
    if bits & BIT["help"]
)


VISIT = QUESTIONS["visit"]


def invited(text: str, language: str | None = None) -> Reading:
    return read_reply(text, language, QUESTIONS["invitation"])


@pytest.mark.parametrize("line", ["STOP", "0", "stop", "۰"])
@pytest.mark.parametrize(
    "signature",
    [
        "Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for Android", "Wysłane z iPhone’a",
        "Trimis de pe iPhone-ul meu", "Enviado desde mi iPhone", "Enviado do meu iPhone", "Envoyé de mon iPhone",
        "Inviato da iPhone", "Отправлено с iPhone", "Надіслано з iPhone", "iPhone’umdan gönderildi",
        "أرسلت من الـ iPhone", "Az iPhone-omról küldve", "Odesláno z iPhonu", "Von meinem iPhone gesendet",
        "Skickat från min iPhone",
    ],
)  # fmt: skip
def test_a_phones_signature_takes_nothing_from_a_stop(line: str, signature: str) -> None:
    for language in (None, "en", "pl", "ur"):
        assert invited(f"{line}\n\n{signature}", language).intent == "opt_out"


def test_a_signature_takes_nothing_from_an_answer_and_hides_nothing() -> None:
    assert invited("Tak\nWysłane z iPhone’a", "pl").intent == invited("1\nSent from my iPhone", "en").intent == "yes"
    assert invited("Yes\nbut my iPhone is broken", "en").to_person
    assert invited("Yes\nchest pain, sent from my iPhone", "en").urgent == "red"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("STOP Thanks, Oleksandr", "en"), ("STOP Thanks, Rose", "en"), ("STOP\nMaria", "en"), ("0 Thanks, Maria", "en"),
        ("STOP. Kind regards, John Smith", None), ("STOP Dziękuję, Anna", "pl"), ("STOP شکریہ فاطمہ", "ur"),
        ("stop sending text reminders", "en"), ("stop sending me appointment reminders", "ur"),
        ("no more reminders", "en"),
        ("STOP texting me please. I already told you", "en"), ("stop texting me I already told you", "en"),
        ("STOP!!! I told you before", "en"), ("Not interested. STOP", "en"),
        ("Hello, please stop texting. Regards, Ion", "ro"),
        ("Please stop texting me I am at work", "en"), ("can you please stop sending me texts?", "en"),
        ("We moved to Leeds. Please take me off your list", "en"), ("Proszę nie pisać więcej. Dziękuję, Anna", "pl"),
    ],
)  # fmt: skip
def test_a_clear_refusal_is_an_opt_out_whatever_is_said_beside_it(text: str, language: str | None) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("opt_out", False)


@pytest.mark.parametrize(
    "text",
    [
        "stop the pain", "got to STOP this", "I got to STOP this", "do not stop", "please don't stop", "never stop",
        "do not stop texting me", "STOP. The heating is off", "0. The heating is off", "STOP. I need a doctor",
        "STOP. Can you help me", "stop texting me, call me instead", "stop sending me bills",
        "stop sending nurse to my house",
        "Stop texting me until Monday",
        "can you stop it", "can you stop the pain", "should I stop texting?",
        "stop him", "mam dość tej zimy",
    ],
)  # fmt: skip
def test_a_stop_that_may_be_about_something_else_stays_with_a_person(text: str) -> None:
    for language in ("en", "pl", None):
        reading = invited(text, language)
        assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize("language", [None, "en", "pl", "uk", "cs"])
@pytest.mark.parametrize("text", ["tak blah foo bar zork", "ere diboba balo yimetanyal bet zegto", "sim blah foo bar"])
def test_a_yes_before_words_nobody_knows_is_no_yes(text: str, language: str | None) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("yes blah foo bar zork", "en"),
        ("haan blah foo bar zork", "ur"),
        ("no, blah foo bar zork", "en"),
        ("da, бла фу", "ru"),
    ],
)
def test_the_persons_own_yes_or_no_needs_words_that_are_known_too(text: str, language: str) -> None:
    assert (invited(text, language).intent, invited(text, language).rule) == ("none", "words-nobody-knows")


def test_a_wish_before_words_nobody_knows_is_seen_by_a_person() -> None:
    assert invited("wrong number bale metagn bet zegto", "am").intent == "none"
    assert invited("no english bale metagn bet zegto heda dedebegn", "am").to_person
    assert not invited("sorry I don't speak English", "am").to_person


def test_a_yes_in_another_language_than_the_recorded_is_for_a_person() -> None:
    assert invited("tak, mam zimno w domu", "pl").intent == invited("tak, mam zimno w domu").intent == "yes"
    assert invited("tak, mam zimno w domu", "ro").to_person
    assert invited("yes it is very cold here", "ro").intent == "yes"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("dung", "vi"), ("dung", None), ("Đúng", "vi"), ("Đúng", None), ("tak", "cs"), ("Tak", "sk"), ("tak", "ru"),
        ("tak", "en"), ("tak", None), ("Tôi muộn", "vi"), ("dost", "ur"), ("naam", "ur"), ("son", None),
    ],
)  # fmt: skip
def test_a_word_of_two_meanings_is_never_acted_on_alone(text: str, language: str | None) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("none", True)


def test_a_denied_stop_in_the_words_of_the_language_is_no_stop() -> None:
    assert invited("stop nahi karna", "ur").to_person
    assert invited("n'arrêtez pas", "fr").to_person
    assert invited("my mum died I cant stop crying", "en").intent == "none"


def test_accents_tell_which_of_two_words_is_meant() -> None:
    assert {invited(text, tag).intent for text in ("dừng", "Dừng!") for tag in ("vi", None, "en")} == {"opt_out"}
    assert invited("tôi muốn", "vi").intent == "yes"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("my mum passed away", "en"), ("My husband died last week", "en"), ("She is no longer alive", "en"),
        ("I lost my husband", "en"), ("yes, my mum died last month", "en"), ("Wrong number, he has died", "en"),
        ("mój mąż nie żyje", "pl"), ("mama a murit", "ro"), ("ammi ka inteqal ho gaya", "ur"),
        ("امی کا انتقال ہو گیا", "ur"),
        ("توفيت امي", "ar"), ("annem vefat etti", "tr"), ("мама умерла", "ru"), ("мама померла", "uk"),
        ("minha mãe faleceu", "pt"), ("amar abba mara gesen", "bn"), ("আমার মা মারা গেছেন", "bn"), ("پدرم فوت کرد", "fa"),
        ("aabahay wuu geeriyooday", "so"), ("ਮੇਰੇ ਪਿਤਾ ਜੀ ਗੁਜ਼ਰ ਗਏ", "pa-Guru"), ("mon mari est décédé", "fr"),
        ("mi marido murió", "es"), ("anyám meghalt", "hu"), ("我妈妈去世了", "zh-Hans"), ("mẹ tôi đã qua đời", "vi"),
    ],
)  # fmt: skip
def test_a_bereaved_person_is_read_by_a_person_whatever_is_asked(text: str, language: str) -> None:
    for recorded in (language, None):
        reading = invited(text, recorded)
        assert (reading.intent, reading.rule, reading.bereaved, reading.to_person) == ("none", "bereaved", True, True)


@pytest.mark.parametrize(
    "text",
    ["my phone died", "boiler died", "the heating has died", "I died laughing", "my mum has not died", "lost my keys"],
)
def test_not_every_death_is_a_bereavement(text: str) -> None:
    assert not invited(text, "en").bereaved


UNPUNCTUATED = ("my husband passed away please stop sending these", "stop texting my dad he passed away")


def test_a_bereaved_person_who_wants_no_more_texts_gets_none_and_a_person_knows_why() -> None:
    for text in (
        "My mum passed away. please stop sending these",
        "STOP\nMy husband died in June",
        "0. my wife died",
        *UNPUNCTUATED,
    ):
        reading = invited(text, "en")
        assert (reading.intent, reading.bereaved, reading.to_person) == ("opt_out", True, True)
    danger = invited("my wife died and I want to die", "en")
    assert (danger.urgent, danger.rule, danger.bereaved) == ("red", "urgent", True)


@pytest.mark.parametrize("key", ["who", "bereaved", "automatic"])
def test_every_list_has_words_for_it(key: str) -> None:
    lists = lexicon()
    by_key = {sense.language for senses in lists.phrases.values() for sense in senses if sense.key == key}
    with_a_list = {sense.language for senses in lists.phrases.values() for sense in senses}
    urgent = [phrase for first in lists.urgent_by_first for phrase in lists.urgent_beginning(first)]
    assert by_key | {phrase.language for phrase in urgent if phrase.level == key} == with_a_list <= set(LANGUAGES)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("feeling very low dont see the point anymore", "en"), ("what is the point of living", "en"),
        ("nie widzę sensu", "pl"), ("nu mai văd rostul", "ro"), ("zindagi ka koi faida nahi", "ur"),
        ("не бачу сенсу", "uk"),
        ("não vejo sentido na vida", "pt"), ("hayatın anlamı yok", "tr"), ("je ne vois plus de sens", "fr"),
    ],
)  # fmt: skip
def test_a_person_without_hope_is_amber_at_least(text: str, language: str) -> None:
    assert {invited(text, recorded).urgent for recorded in (language, None, "en")} <= {"amber", "red"}


@pytest.mark.parametrize(
    "text",
    [
        "I dont see the point of this text",
        "gas meter very low",
        "feeling low on energy",
        "what is the point of this survey",
    ],
)
def test_a_low_meter_alarms_nobody(text: str) -> None:
    assert invited(text, "en").urgent is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I'm driving with Do Not Disturb While Driving turned on. I'll see your message when I get there.", "en"),
        ("(I'm not receiving notifications. If this is urgent, reply “urgent” to send a notification through with your "
         "original message.)", "en"),
        ("I'm driving right now.", "en"), ("Sorry, I can't talk right now.", "en"),
        ("Can't talk now. Call me later?", "en"),
        ("Can't talk now. What's up?", "en"), ("I’ll call you right back.", "en"), ("Auto-reply: yes", "en"),
        ("Je conduis et j'ai activé la fonction Ne pas déranger en voiture.", "fr"),
        ("Estoy conduciendo con 'No molestar al conducir' activado. Veré tu mensaje cuando llegue a mi destino.", "es"),
        ("(No recibo notificaciones. Si es urgente, responde “urgente” para que se envíe una notificación.)", "es"),
        ("Prowadzę samochód z włączoną funkcją Nie przeszkadzać.", "pl"),
        ("(Nie otrzymuję powiadomień. Jeśli to pilne, odpowiedz „pilne”, aby wysłać powiadomienie.)", "pl"),
        ("Sto guidando con la funzione Non disturbare alla guida attivata.", "it"), ("Я за рулем", "ru"),
        ("Şu anda araba kullanıyorum", "tr"), ("Estou a conduzir", "pt"), ("أنا أقود السيارة الآن", "ar"),
    ],
)  # fmt: skip
def test_a_phone_that_answers_by_itself_alarms_nobody_and_answers_nothing(text: str, language: str) -> None:
    for recorded in (language, None):
        for question in (None, *QUESTIONS.values()):
            reading = read_reply(text, recorded, question)
            assert (reading.intent, reading.urgent, reading.rule) == ("none", None, "automatic-reply")


def test_danger_beside_an_automatic_answer_is_danger() -> None:
    assert invited("I’m driving right now and have chest pain", "en").urgent == "red"
    assert invited("I'm driving. my inhaler ran out", "en").urgent == "amber"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sorry, who is this? New phone", "en"), ("Hi who is this please?", "ur"), ("ποιος είστε;", "el"),
        ("ki ez?", "hu"),
        ("kdo je to?", "cs"), ("c'est qui ?", "fr"), ("¿quién es?", "es"), ("chi è?", "it"), ("kas čia?", "lt"),
        ("ai đó?", "vi"), ("你是谁？", "zh-Hans"), ("कौन है?", "hi"), ("को हो?", "ne"), ("யார் இது?", "ta"),
        ("መን ኢኹም?", "ti"),
    ],
)  # fmt: skip
def test_who_is_this_gets_the_help_text_in_any_language(text: str, language: str) -> None:
    assert {(read.intent, read.to_person) for read in (invited(text, language), invited(text))} == {("help", False)}


@pytest.mark.parametrize(
    "text", ["yes who is this", "who is this? stop", "who is this, please call me", "who is this chest pain"]
)
def test_who_is_this_beside_an_answer_a_wish_or_danger_is_for_a_person(text: str) -> None:
    assert (invited(text, "en").intent, invited(text, "en").to_person) in {("none", True), ("call_me", True)}


@pytest.mark.parametrize("language", sorted({sense[0] for sense in HELP_WORDS}))
def test_a_plea_for_help_is_read_by_a_person_and_not_answered_with_what_this_is(language: str) -> None:
    for word in (word for tag, word in HELP_WORDS if tag == language):
        for text in (f"{word} please", f"please {word}", f"please {word} me"):
            reading = read_reply(text, language)
            assert (text, reading.intent, reading.doubtful) == (text, "none", True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I don't know how to answer this, I need help", "en"),
        ("sorry who is this, my daughter asked what this is about", "en"),
        ("why are you texting me", "en"),
        ("I don't understand this message", "en"),
        ("je ne sais pas comment répondre, j'ai besoin d'aide", "fr"),
        ("не понимаю что делать, нужна помощь", "ru"),
    ],
)
def test_who_is_at_a_loss_about_the_text_is_told_what_it_is(text: str, language: str) -> None:
    assert read_reply(text, language).intent == "help"


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("who are you? take me off your list", "en", "opt_out"),
        ("not me but my wife wants help", "en", "none"),
        ("je ne comprends pas l'anglais, j'ai besoin d'aide", "fr", "language"),
        ("no, I already have help, who is this", "en", "none"),
    ],
)
def test_what_else_they_say_is_not_lost_beside_a_need_of_help(text: str, language: str, intent: str) -> None:
    assert read_reply(text, language).intent == intent


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("بس دی نور پیغامونه بند کړئ", "ps"),
        ("بار بار پیغام بھیج کر پریشان نہ کریں", "ur"),
        ("melektachihun alfelgewm, ayilakulgn", "am"),
    ],
)
def test_a_stop_whose_every_word_is_known_is_no_danger(text: str, language: str) -> None:
    reading = read_reply(text, language)
    assert (reading.intent, reading.urgent) == ("opt_out", None)


def test_a_plain_stop_is_no_danger_in_a_language_that_is_not_on_record_either() -> None:
    assert read_reply("بس دی نور پیغامونه بند کړئ", "ro").urgent is None


@pytest.mark.parametrize("text", ["I need help", "help me please", "please help me", "can you help me"])
def test_a_plea_is_no_yes_where_nobody_offered_help(text: str) -> None:
    assert (read_reply(text, "en").intent, read_reply(text, "en").doubtful) == ("none", True)
    assert read_reply("HELP", "en").intent == "help"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("do not text me at night", "en"), ("please don't send me messages on Sundays", "en"),
        ("no messages in the evening please", "en"), ("stop texting me so early", "en"),
    ],
)  # fmt: skip
def test_no_texts_at_some_time_of_day_is_no_stop_of_all(text: str, language: str) -> None:
    reading = invited(text, language)
    assert (reading.intent, reading.to_person) == ("none", True)


@pytest.mark.parametrize(("text", "language"), [("tak", "cs"), ("tak tak", "cs"), ("tak", "sk")])
def test_a_yes_elsewhere_that_is_an_everyday_word_of_their_own_is_no_yes(text: str, language: str) -> None:
    assert (invited(text, language).intent, invited("tak", "pl").intent) == ("none", "yes")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Please cancel Tuesday, my husband can't drive me", "cancel"),
        ("I can't come because I do not have childcare, please cancel", "cancel"),
        ("can we do it in the afternoon, I work mornings", "change"),
        ("I need an appointment for my knee", "book"),
        ("do not cancel my appointment", "none"),
    ],
)
def test_a_reason_beside_a_wish_denies_nothing(text: str, intent: str) -> None:
    assert read_reply(text, "en").intent == intent


def test_a_wish_among_few_other_words_needs_nobody_and_one_among_many_does() -> None:
    assert not read_reply("I need an appointment for my knee please, Grace here", "en").to_person
    assert read_reply("book an appointment blah foo bar zork quux grmbl", "en").to_person


@pytest.mark.parametrize("text", ["who gave you my number, I am not Mrs Ahmed", "I am not Mrs Ahmed, wrong number"])
def test_who_says_whose_number_it_is_not_may_say_so_twice(text: str) -> None:
    assert read_reply(text, "en").intent == "wrong_number"


def test_who_already_has_what_is_offered_says_no_to_it_and_to_nothing_else() -> None:
    assert invited("I already have it, thanks", "en").intent == "no"
    assert read_reply("I already have it, thanks", "en", QUESTIONS["consent"]).intent == "none"


def test_an_everyday_word_of_their_own_tells_of_no_death_elsewhere() -> None:
    assert not invited("më mirë të flasim", "sq").bereaved
    assert invited("mirė", "lt").bereaved


@pytest.mark.parametrize(
    ("text", "language", "intent"),
    [
        ("I don't read them, stop texting me", "en", "opt_out"),
        ("where did you get my number, take me off your list", "en", "opt_out"),
        ("mmepata wapi namba yangu, nitoeni kwenye orodha", "sw", "opt_out"),
        ("मेरे पास ये सब पढ़ने का टाइम नहीं है, मैसेज करना बंद करें", "hi", "opt_out"),
        ("dont stop, i like your texts", "en", "none"), ("I don't need help, stop sending me bills", "en", "none"),
        ("हजुरले गलत नम्बरमा पठाउनुभयो, म त्यो मान्छे होइन", "ne", "wrong_number"),
    ],
)  # fmt: skip
def test_what_one_clause_denies_takes_nothing_from_the_next(text: str, language: str, intent: str) -> None:
    assert read_reply(text, language).intent == intent


def test_a_stop_beside_an_appointment_is_about_the_appointment() -> None:
    assert read_reply("waan bogsaday, ballanta uma baahni, jooji", "so").intent == "none"
    assert read_reply("STOP. I need a doctor", "en").intent == "none"


def test_politeness_that_names_a_doctor_may_be_whom_they_want_to_see() -> None:
    assert read_reply("ڈاکٹر صاحب سے ملنا ہے", "ur").intent == "book"
    assert read_reply("3ayez a7gez ma3ad", "ar").intent == "book"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("sorry i can't come, i'm working", "en"),
        ("sorry i cant, i work that day", "en"),
        ("λυπαμαι αλλα δεν μπορω, δουλευω εκεινη τη μερα", "el"),
        ("Köszi de most nem tudok elmenni", "hu"),
        ("tui hổng đi đâu, bận lắm", "vi"),
        ("ክመጽእ ኣይክእልን", "ti"),
    ],
)
def test_who_cannot_come_to_an_invitation_gives_nothing_up(text: str, language: str) -> None:
    assert invited(text, language).intent == "no"
    assert read_reply("i cannot come", "en", VISIT).intent == "cancel"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("can't come monday, is thursday possible", "en"),
        ("nao consigo ir na segunda, da para ser na quinta", "pt"),
        ("jumeraat ko nahi aa sakta, agle hafte rakh dein", "ur"),
    ],
)
def test_who_cannot_on_one_day_and_asks_for_another_wants_a_change(text: str, language: str) -> None:
    assert read_reply(text, language, VISIT).intent == "change"


def test_who_agrees_to_an_offer_and_asks_to_be_booked_says_yes() -> None:
    assert invited("συμφωνω κλειστε μου ραντεβου", "el").intent == "yes"
    assert invited("i agree, please book me in", "en").intent == "yes"


def test_a_doubled_letter_of_their_own_makes_no_word_of_another_language() -> None:
    assert lexicon().known_spelling("karaa", frozenset({"so", "en"})) == "karaa"
    assert read_reply("randevumu silmeyin", "tr", VISIT).intent != "cancel"
