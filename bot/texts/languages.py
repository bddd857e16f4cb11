"""The languages people speak here: tags, names, direction, and how records name them.

Sources: the NHS "Main spoken language ..." SNOMED CT findings, the language labels of Census 2021,
BCP 47 tags, and names from Unicode CLDR where it has them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True)
class Language:
    """A language somebody may need.

    `tag` is BCP 47; `folder` is its folder under locales/; `snomed` are the concept ids of its "Main spoken
    language" findings; `aliases` are other names in records. `reads` is the tag of the written language to
    use when this one is spoken but has no common written form, else None.
    """

    tag: str
    english: str
    native: str
    right_to_left: bool
    folder: str
    snomed: tuple[str, ...]
    aliases: tuple[str, ...]
    reads: str | None = None


WORDED = (
    *("en", "pl", "ro", "ur", "pa-Guru", "bn", "ar", "so", "ru", "uk", "fa", "tr", "pt"),
    *("hu", "sk", "bg", "es", "gu", "ta", "pa-Arab", "ps", "ti", "ckb", "kmr", "zh-Hans"),
)
"""The languages that have all wording, English first; the language menu offers these."""

LIFELINES_ONLY = (
    *("am", "prs"),
    *("cs", "lt", "lv", "sq", "it", "fr", "zh-Hant", "hi", "ne", "tl", "vi", "sw", "cy", "el"),
)
"""The languages that have the lifelines and nothing else: a 999 text is read in 41 languages."""

_BY_SPEAKERS = (
    *("en", "ur", "pa-Guru", "pl", "ro", "ar", "bn", "ru", "ckb", "kmr", "sk", "hu", "ps", "es", "fa", "tr", "gu"),
    *("pt", "uk", "pa-Arab", "so", "bg", "ti", "zh-Hans", "ta"),
)
"""English, then by the share of people who speak it in Hastings and in Bradford (Census 2021, TS024), each town counted
the same; then those too few to be named there, who came later or live in some streets."""

OFFERED = tuple(sorted(WORDED, key=lambda tag: _BY_SPEAKERS.index(tag) if tag in _BY_SPEAKERS else len(_BY_SPEAKERS)))
"""The languages that have all wording in the order in which a person is asked to choose one."""

RATHER_TALKED = frozenset(["phr", "hnd", "syl", "kfr"])
"""Languages spoken much and written little: who speaks one may read the written one badly, so a call is offered."""

_RIGHT_TO_LEFT = frozenset(["ar", "ckb", "fa", "he", "hnd", "pa-Arab", "phr", "prs", "ps", "ur", "yi"])


def _language(
    tag: str, english: str, native: str, snomed: str = "", aliases: str = "", reads: str | None = None
) -> Language:
    """Build one row of the table; `snomed` is parted by spaces, `aliases` by commas."""
    return Language(
        tag=tag,
        english=english,
        native=native,
        right_to_left=tag in _RIGHT_TO_LEFT,
        folder=tag.replace("-", "_"),
        snomed=tuple(snomed.split()),
        aliases=tuple(alias.strip() for alias in aliases.split(",") if alias.strip()),
        reads=reads,
    )


_ALL = (
    _language("en", "English", "English", "315570003"),
    _language("bfi", "British Sign Language", "BSL", "415803005 520471000000105", "BSL user, sign language BSL, q4"),
    _language("pl", "Polish", "Polski", "315579002"),
    _language("ro", "Romanian", "Română", "698678003 698911000", "Rumanian, Moldovan, Moldavian"),
    _language("ur", "Urdu", "اردو", "315588006"),
    _language(
        "pa-Guru",
        "Punjabi (Gurmukhi)",
        "ਪੰਜਾਬੀ",
        "315581000",
        "pa, Punjabi, Panjabi, Panjabi Gurmukhi, Punjabi India, Indian Punjabi, Eastern Punjabi, Gurmukhi",
    ),
    _language(
        "pa-Arab",
        "Punjabi (Shahmukhi)",
        "پنجابی",
        aliases="pnb, pa-PK, Panjabi Shahmukhi, Punjabi Arabic, Panjabi Arabic, Punjabi Arabic script, "
        "Punjabi Urdu script, Punjabi Pakistan, Pakistani Punjabi, Western Punjabi, Western Panjabi, "
        "Shahmukhi",
    ),
    _language("pt", "Portuguese", "Português", "315580004", "Brazilian Portuguese, Portuguese Brazil, Brazilian"),
    _language("es", "Spanish", "Español", "315584008", "Castilian"),
    _language("ar", "Arabic", "العربية", "315566006", "arb, Arab"),
    _language("bn", "Bengali", "বাংলা", "315567002", "Bangla, Bengali with Sylheti and Chatgaya"),
    _language("syl", "Sylheti", "ছিলটি", "315586005", "Syleti, Silheti", reads="bn"),
    _language("gu", "Gujarati", "ગુજરાતી", "315572006", "Gujerati, Gujrati"),
    _language("kfr", "Kutchi", "કચ્છી", "315577000", "Kachchi, Katchi", reads="gu"),
    _language("it", "Italian", "Italiano", "407642001"),
    _language("ta", "Tamil", "தமிழ்", "315587001"),
    _language("fr", "French", "Français", "315571004"),
    _language("lt", "Lithuanian", "Lietuvių", "407656004"),
    _language(
        "zh-Hans",
        "Chinese (Simplified)",
        "简体中文",
        "970501000000106",
        "zh, zh-CN, zh-SG, Chinese, Simplified Chinese, 中文",
    ),
    _language("zh-Hant", "Chinese (Traditional)", "繁體中文", aliases="zh-TW, zh-HK, zh-MO, Traditional Chinese"),
    _language(
        "cmn",
        "Mandarin",
        "普通话",
        "315578005",
        "Mandarin Chinese, Chinese Mandarin, Putonghua",
        reads="zh-Hans",
    ),
    _language(
        "yue",
        "Cantonese",
        "廣東話",
        "315568007",
        "Cantonese Chinese, Chinese Cantonese, Yue Chinese",
        reads="zh-Hant",
    ),
    _language("hak", "Hakka", "客家話", "408523007", "Hakka Chinese, Chinese Hakka", reads="zh-Hant"),
    _language("tr", "Turkish", "Türkçe", "407657008"),
    _language("bg", "Bulgarian", "Български", "699945003"),
    _language("ru", "Russian", "Русский", "315582007"),
    _language("uk", "Ukrainian", "Українська", "407659006"),
    _language("fa", "Farsi", "فارسی", "395108007", "Persian, Persian or Farsi, Iranian, pes"),
    _language("prs", "Dari", "دری", "609093008", "fa-AF, Afghan Persian, Persian Afghanistan, Afghan Dari"),
    _language("hu", "Hungarian", "Magyar", "698900008", "Magyar"),
    _language("so", "Somali", "Soomaali", "315583002"),
    # Many records say no more than "Kurdish". Sorani and Kurmanji have different scripts: ask, never guess.
    _language("ku", "Kurdish", "Kurdî / کوردی", "395109004"),
    _language(
        "ckb",
        "Kurdish (Sorani)",
        "کوردیی ناوەندی",
        aliases="Sorani, Sorani Kurdish, Central Kurdish, ku-Arab, ku-IQ, ku-IR",
    ),
    _language(
        "kmr",
        "Kurdish (Kurmanji)",
        "Kurmancî",
        aliases="Kurmanji, Kurmanji Kurdish, Northern Kurdish, Badini, Bahdini, Kurdish Badini, ku-Latn, ku-TR",
    ),
    _language("ps", "Pashto", "پښتو", "408531002 970911000000104", "Pushto, Pushtu, Pashtu, Pakhto, pbu"),
    _language("ti", "Tigrinya", "ትግርኛ", "408533004", "Tigrigna"),
    _language("am", "Amharic", "አማርኛ", "408507007"),
    _language("om", "Oromo", "Oromoo", "698916005", "Oromiffa"),
    _language("sq", "Albanian", "Shqip", "407648002"),
    _language("sk", "Slovak", "Slovenčina", "698920009", "Slovakian"),
    _language("cs", "Czech", "Čeština", "315569004"),
    _language("lv", "Latvian", "Latviešu", "698909009"),
    _language("el", "Greek", "Ελληνικά", "407652002"),
    _language("vi", "Vietnamese", "Tiếng Việt", "407661002"),
    _language("hi", "Hindi", "हिन्दी", "315575008"),
    _language("ne", "Nepali", "नेपाली", "698676004", "Nepalese"),
    _language("tl", "Tagalog", "Tagalog", "408517002 503511000000100", "fil, Filipino, Tagalog or Filipino"),
    _language("ml", "Malayalam", "മലയാളം", "408529006"),
    _language("te", "Telugu", "తెలుగు", "698925004"),
    _language("mr", "Marathi", "मराठी", "698674001"),
    _language("si", "Sinhala", "සිංහල", "408518007", "Sinhalese, Singhalese"),
    _language("hnd", "Hindko", "ہندکو", "511841000000102", "hno", reads="ur"),
    _language(
        "phr",
        "Pahari",
        "پہاڑی",
        aliases="pmu, Mirpuri, Potwari, Pothwari, Pahari Mirpuri, Mirpuri Pahari, Pahari Potwari, "
        "Pakistani Pahari, Pakistani Pahari with Mirpuri and Potwari",
        reads="ur",
    ),
    _language("de", "German", "Deutsch", "407643006"),
    _language("nl", "Dutch", "Nederlands", "408528003 408520005", "Flemish"),
    _language("sl", "Slovenian", "Slovenščina", "698921008", "Slovene"),
    _language("hr", "Croatian", "Hrvatski", "407650005"),
    _language("bs", "Bosnian", "Bosanski", "970471000000104"),
    _language("sr", "Serbian", "Српски", "408535006"),
    _language("mk", "Macedonian", "Македонски", "698670005"),
    _language("et", "Estonian", "Eesti", "698659003"),
    _language("be", "Belarusian", "Беларуская", "698655009", "Byelorussian"),
    _language("ka", "Georgian", "ქართული", "698898006"),
    _language("hy", "Armenian", "Հայերեն", "698885002"),
    _language("rom", "Romani", "Romani čhib", "718512007", "Romany"),
    _language("he", "Hebrew", "עברית", "408524001", "iw"),
    _language("yi", "Yiddish", "ייִדיש", "698934009"),
    _language("th", "Thai", "ไทย", "408519004"),
    _language("ko", "Korean", "한국어", "407655000"),
    _language("ja", "Japanese", "日本語", "407654001"),
    _language("my", "Burmese", "မြန်မာ", "698891000"),
    _language("id", "Indonesian", "Indonesia", "698901007", "Bahasa Indonesia"),
    _language("ms", "Malay", "Melayu", "698672002", "Bahasa Melayu"),
    _language("sw", "Swahili", "Kiswahili", "315585009", "swh"),
    _language("sn", "Shona", "chiShona", "395110009"),
    _language("yo", "Yoruba", "Yorùbá", "315589003"),
    _language("ig", "Igbo", "Igbo", "408514009", "Ibo"),
    _language("ha", "Hausa", "Hausa", "315574007"),
    _language("ak", "Akan", "Akan", "408525000 698685004", "Twi, tw"),
    _language("ln", "Lingala", "Lingála", "408526004"),
    _language("lg", "Luganda", "Luganda", "408527008", "Ganda"),
    _language("cy", "Welsh", "Cymraeg", "408532009"),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({language.tag: language for language in _ALL})
"""Every language known here by its tag, those without wording too."""

_CODED_AS = {"pa-Arab": "pa-Guru", "ckb": "ku", "kmr": "ku", "zh-Hant": "zh-Hans"}
"""What SNOMED CT does not tell apart."""
_TERMS = {
    "bfi": "Uses British sign language (finding)",
    "pa-Guru": "Main spoken language Punjabi (finding)",
    "gu": "Main spoken language Gujerati (finding)",
    "zh-Hans": "Main spoken language Chinese (finding)",
    "rom": "Main spoken language Romany (finding)",
}
"""Terms that do not say the language as we do."""


@dataclass(frozen=True)
class RecordCode:
    """How a record says which language somebody speaks: the SNOMED CT concept id, and its term."""

    concept: str
    term: str


def record_code(tag: str | None) -> RecordCode | None:
    """The code for a language; None where there is none ("Pahari"), so that a record can only say it in words."""
    coded = LANGUAGES.get(_CODED_AS.get(tag or "", tag or ""))
    if coded is None or not coded.snomed:
        return None
    return RecordCode(coded.snomed[0], _TERMS.get(coded.tag, f"Main spoken language {coded.english} (finding)"))


_SEMANTIC_TAG = re.compile(r"\((finding|observable entity|qualifier value|situation)\)\s*$", re.IGNORECASE)
_KIND = "main|first|preferred|primary|home|usual|spoken|written"
_PREFIX = re.compile(
    rf"^(?:(?:(?:{_KIND}) )*language(?: spoken)?|main spoken|preferred method of communication|speaks|uses)(?: is)? "
)
_SUFFIX = re.compile(
    rf"(?: is| as)?(?: (?:{_KIND}))* (?:language|{_KIND})$| (?:speaking|speaker|interpreter (?:needed|required))$"
)
_TAG = re.compile(r"^([a-z]{2,3})(?: ([a-z]{4}))?(?: ([a-z]{2}|[0-9]{3}))?$")
_SEPARATOR = re.compile(r"/|;|,|\bor\b|\band\b|&", re.IGNORECASE)


def _key(word: str) -> str:
    """Fold case, accents of the Latin alphabet, punctuation and spaces, so that spellings meet."""
    decomposed = unicodedata.normalize("NFKD", word.strip()).casefold()
    letters = (char for char in decomposed if not "\u0300" <= char <= "\u036f")
    spaced = "".join(char if unicodedata.category(char)[0] in "LNM" else " " for char in letters)
    return " ".join(spaced.split())


def _names(language: Language) -> Iterator[str]:
    yield from (language.tag, language.english, language.native, *language.snomed, *language.aliases)


@cache
def _index() -> Mapping[str, str]:
    index: dict[str, str] = {}
    for language in LANGUAGES.values():
        for name in _names(language):
            if index.setdefault(_key(name), language.tag) != language.tag:
                raise ValueError(f"Two languages are called {name!r}.")
    return index


def _by_tag(key: str) -> str | None:
    """Read a BCP 47 tag, setting aside a region or script that says nothing to us."""
    match = _TAG.match(key)
    if match is None:
        return None
    base, script, region = match.groups()
    for parts in ((base, script, region), (base, script), (base, region), (base,)):
        tag = _index().get(" ".join(part for part in parts if part))
        if tag is not None:
            return tag
    return None


def _one(word: str) -> str | None:
    key = _key(_SEMANTIC_TAG.sub("", word.strip()))
    bare = _PREFIX.sub("", key)
    names = (key, bare, _SUFFIX.sub("", bare))
    return next((_index()[name] for name in names if name in _index()), None) or _by_tag(key)


def find_language(word: str) -> str | None:
    """Return the tag of the language a record means, or None when that is not certain.

    Understood: a name in English or in the language itself, an alias, a BCP 47 tag in any case (a region
    that makes no difference is ignored), a SNOMED CT concept id, and a SNOMED CT term such as "Main spoken
    language Polish (finding)", also written "Polish (main spoken language)". "Punjabi" alone is read as Gurmukhi
    and "Chinese" alone as simplified, as CLDR has it. Two names for one language ("Farsi/Persian") are one; two
    languages ("Farsi/Dari") are not certain, unless one of them is read in the other ("Bengali/Sylheti").
    """
    whole = _one(word)
    if whole is not None:
        return whole
    found = [_one(part) for part in _SEPARATOR.split(word)]
    tags = {tag for tag in found if tag is not None}
    if len(found) < 2 or None in found:
        return None
    if len(tags) == 1:
        return tags.pop()
    written = {LANGUAGES[tag].reads or tag for tag in tags}
    return written.pop() if len(written) == 1 and written & tags else None
