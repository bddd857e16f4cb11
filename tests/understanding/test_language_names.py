"""Languages that people name: in which spellings, in which sentences, and what is no name."""

import pytest

from bot.texts.languages import LANGUAGES, WORDED
from bot.understanding.language_names import languages_named, misspelt, tags_of_name
from bot.understanding.lexicon import lexicon
from bot.understanding.normalise import normalise
from bot.understanding.reading import NAMING
from tests.understanding.by_name import read_by_name

SPELLINGS = {
    "pl": "polski | Polski. | polish | POLISH!! | polsku | po polsku | po polsku proszę | polsih | poilsh | polishh"
    " | i speak polish | mówię po polsku | mowie po polsku | tylko polski | in polish please | język polski | poland",
    "ro": "română | romana | Romanian | rumanian | limba română | in romana va rog | romaneste | vorbesc romaneste"
    " | romainian | moldovan | moldoveneasca | romanain | nu vorbesc engleza, doar romana | roumanian",
    "ur": "اردو | urdu | Urdu please | please urdu | oordoo | urdoo | ordu | send in urdu plz | urdu mein likhein"
    " | mujhe urdu mein bhejo | i can only read urdu | اردو میں | اردو زبان | speak Urdu",
    "pa-Guru": "ਪੰਜਾਬੀ | gurmukhi | punjabi gurmukhi | ਪੰਜਾਬੀ ਵਿੱਚ",
    "pa-Arab": "پنجابی | shahmukhi | pakistani punjabi | پنجابی میں",
    "bn": "বাংলা | bangla | bengali | bengoli | Bangali | banglay | bangladeshi | bangla please | bengalli | benagli",
    "syl": "sylheti | silheti | syleti | siloti | সিলেটি",
    "ar": "العربية | عربي | بالعربي | arabic | arabi | Arabic please | 3arabi | ana 3arabi | arbic | arabice | aarabi"
    " | text me in arabic | carabi | arabe | arapça | بالعربي من فضلك",
    "so": "soomaali | somali | af soomaali | afsoomaali | af somali | somaali | Somalian | somalli | soomaaliga",
    "ru": "русский | russian | по-русски | на русском пожалуйста | russkiy | po russki | rusian | russain | ruski",
    "uk": "українська | ukrainian | ukranian | ukrainska | українською | ukranain | украинский | ukrainina",
    "fa": "فارسی | farsi | farsee | persian | Farsi lotfan | به فارسی | parsi | iranian | persain",
    "prs": "دری | dari | daree | dari farsi | afghan persian",
    "tr": "türkçe | turkce | Turkish | türkçe lütfen | turkisch | turkihs | turkissh | turki | turkce yazin",
    "pt": "português | portugues | Portuguese | portugese | portuguees | em português | brazilian | falo português",
    "es": "español | espanol | Spanish | spansh | spanich | castellano | hablo español | solo español por favor",
    "fr": "français | francais | french | je parle français | frensh",
    "it": "italiano | italian | parlo italiano | italiana | itallian | in italian please",
    "hu": "magyar | magyarul | hungarian | magyarul kérem | hungarain",
    "sk": "slovenčina | slovak | slovakian | po slovensky | slovensky",
    "cs": "čeština | czech | cesky | česky prosím | chzech",
    "bg": "български | bulgarian | bulgarski | на български | bulgarain",
    "lt": "lietuvių | lithuanian | lietuviskai | lithuanain | lituanian",
    "lv": "latviešu | latvian | latviski | latvain",
    "sq": "shqip | albanian | flas shqip | albanain | ne shqip",
    "el": "ελληνικά | greek | ellinika | grek",
    "gu": "ગુજરાતી | gujarati | gujrati | gujerati | gujarathi | gujratti",
    "ta": "தமிழ் | tamil | tamizh | thamil",
    "hi": "हिन्दी | हिंदी | hindi | hindhi | hindi please",
    "ne": "नेपाली | nepali | nepalese | neplai",
    "ps": "پښتو | pashto | pushto | pashtu | pukhto | pusto",
    "ckb": "کوردیی ناوەندی | sorani | kurdi sorani | kurdish sorani | سۆرانی | soranî",
    "kmr": "kurmancî | kurmanci | kurmanji | ez kurmancî diaxivim | badini | bahdini | kurdi kurmanci | کرمانجی",
    "ti": "ትግርኛ | tigrinya | tigrigna | tigrinia | tigrniya | ብትግርኛ",
    "am": "አማርኛ | amharic | amarinya | amharick",
    "vi": "tiếng Việt | vietnamese | tieng viet | vietnam | vietnamees",
    "tl": "tagalog | filipino | pilipino | tagalo",
    "zh-Hans": "简体中文 | simplified chinese",
    "zh-Hant": "繁體中文 | traditional chinese",
    "yue": "cantonese | 广东话 | 廣東話 | cantonise",
    "cmn": "mandarin | 普通话 | mandarine",
    "sw": "kiswahili | swahili | swahilli",
    "yo": "yoruba | yorùbá",
    "de": "deutsch | german | nur auf deutsch | germann",
    "bfi": "BSL | sign language | british sign language",
    "en": "English | english please | i speak english | englsh",
}  # fmt: skip
SEVERAL = {
    ("pa-Guru", "pa-Arab"): "punjabi | Panjabi | I only speak Punjabi | punjabi vich likho | panjabbi",
    ("zh-Hans", "zh-Hant"): "chinese | 中文 | 我说中文 | Chinese please | chinesse",
    ("ckb", "kmr"): "Kurdish | kurdi | Kurdî | کوردی | kurdish language | I speak Kurdish | kürtçe | bi kurdî",
    ("ps", "prs"): "afghan | afghani",
    ("ur", "pa-Guru", "pa-Arab"): "urdu and punjabi",
    ("bn", "syl"): "bengali or sylheti",
    ("am", "ti"): "habesha",
    ("ro", "rom"): "romani",
}
NO_NAME = """
my Polish neighbour helps me | police | polite | person | a person please | green | angel | that | house | check |
finish | I don't speak Polish | not urdu | no arabic | Turkey trip next week | do you like Indian food | family |
the Spanish flu | yes | no | stop | so | it | 1 | my doctor is Nigerian | urdu nahi aati | nie polski | marathon |
is the Polish shop open | I had Chinese yesterday and now I feel sick | he is from Poland | thank you
"""


def listed(spellings: str) -> list[str]:
    return [each.strip() for each in spellings.split("|")]


CASES = [(name, (tag,)) for tag, names in SPELLINGS.items() for name in listed(names)] + [
    (name, tags) for tags, names in SEVERAL.items() for name in listed(names)
]


@pytest.mark.parametrize(("text", "tags"), CASES)
@pytest.mark.parametrize("question", ["invitation", "language", None])
def test_a_language_is_understood_by_its_name_in_any_spelling(
    text: str, tags: tuple[str, ...], question: str | None
) -> None:
    reading = read_by_name(text, None, question)
    assert (reading.intent, set(reading.named), reading.to_person) == ("language", set(tags), False)
    assert reading.language == (tags[0] if len(tags) == 1 else None)


def test_the_table_of_spellings_is_long() -> None:
    assert len({text for text, _ in CASES}) >= 250
    assert set(WORDED) <= set(SPELLINGS)


@pytest.mark.parametrize("text", listed(NO_NAME.replace("\n", " ")))
def test_what_is_no_name_of_a_language_asks_for_none(text: str) -> None:
    assert read_by_name(text, None, "invitation").rule not in NAMING


@pytest.mark.parametrize("text", ["chest pain, polish", "no pain but I speak polish and cannot breathe"])
def test_danger_comes_before_a_language(text: str) -> None:
    assert read_by_name(text).urgent == "red"


@pytest.mark.parametrize("text", ["STOP polish", "stop texting me in polish please", "0 polski"])
def test_a_stop_comes_before_a_language(text: str) -> None:
    assert read_by_name(text, "pl", "invitation").intent in ("opt_out", "none")


def test_the_recorded_language_is_meant_where_a_name_may_mean_it() -> None:
    assert read_by_name("punjabi", "pa-Arab").named == ("pa-Arab",)
    assert read_by_name("kurdish", "kmr").named == ("kmr",)


def test_english_named_to_say_that_one_has_none_is_not_asked_for() -> None:
    for text in ("no english", "I dont speak english", "nie mowie po angielsku", "ingilizce bilmiyorum"):
        assert read_by_name(text).named == ()
    assert read_by_name("i dont understand english i speak polish").named == ("pl",)


def test_a_name_is_never_a_word_that_answers() -> None:
    answers = {"yes", "no", "stop", "start", "ok", "want"}
    for words in lexicon().language_names.keys() - {("hindi",)}:
        assert not {sense.key for sense in lexicon().senses(words)} & answers, words


def test_hindi_is_a_language_but_to_who_speaks_tagalog_a_no() -> None:
    read = {tag: read_by_name("Hindi", tag, "invitation").intent for tag in ("hi", "en", None, "tl")}
    assert read == {"hi": "language", "en": "language", None: "language", "tl": "no"}


def test_every_name_is_of_a_language_we_know() -> None:
    assert {tag for tags in lexicon().language_names.values() for tag in tags} <= set(LANGUAGES)


def test_words_that_only_look_like_a_name_are_words_of_their_own() -> None:
    for word in lexicon().unlike_names:
        assert misspelt(word) == frozenset()
        assert not tags_of_name((word,))


def test_all_names_in_a_text_are_found_whatever_it_says() -> None:
    assert languages_named("yes but better in Romanian") == {"ro"}
    assert languages_named(normalise("no thank you")) == frozenset()
