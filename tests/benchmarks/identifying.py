"""Which language a text is in: how many of our own sentences are identified, and how long it takes.

The sentences were written for this table, as patients might text them, and played no part in making the lists. They
are few, and no native reader has seen them.
"""

import time
from collections.abc import Callable

from bot.texts.languages import LANGUAGES
from bot.understanding.language_id import Identified, identify
from tests.benchmarks.databases import Databases
from tests.benchmarks.reporting import Section
from tests.benchmarks.sizes import Sizes

SENTENCES = {
    "pl": "Dzień dobry, mam chore dziecko, kiedy mogę przyjść | jutro nie dam rady, pracuje do szostej",
    "ro": "Copilul meu are febră de două zile | as dori sa vorbesc cu un medic | maine lucrez pana la sase",
    "ur": "میرے بچے کو دو دن سے بخار ہے | کل شام کو فون کریں",
    "pa-Guru": "ਮੇਰੇ ਬੱਚੇ ਨੂੰ ਦੋ ਦਿਨ ਤੋਂ ਬੁਖਾਰ ਹੈ | ਕੱਲ੍ਹ ਸ਼ਾਮ ਨੂੰ ਫ਼ੋਨ ਕਰਨਾ",
    "bn": "আমার বাচ্চার দুই দিন ধরে জ্বর | কাল বিকেলে ফোন করবেন",
    "ar": "ابني عنده حرارة من يومين | اتصلوا بي غدا بعد الظهر",
    "so": "wiilkaygu laba maalmood ayuu qandho qabaa | berri galabtii i soo wac",
    "ru": "у ребёнка второй день температура | позвоните завтра вечером",
    "uk": "у дитини другий день температура, що робити | зателефонуйте завтра ввечері",
    "fa": "بچه‌ام دو روز است تب دارد | فردا عصر زنگ بزنید",
    "tr": "çocuğumun iki gündür ateşi var | yarın akşam beni arayın | yarin aksam arayabilir misiniz",
    "pt": "o meu filho tem febre há dois dias | liguem-me amanhã à tarde",
    "es": "mi hijo tiene fiebre desde hace dos días | llámenme mañana por la tarde",
    "it": "mio figlio ha la febbre da due giorni | chiamatemi domani pomeriggio",
    "fr": "mon fils a de la fièvre depuis deux jours | appelez-moi demain après-midi",
    "hu": "a fiamnak két napja láza van | hívjanak holnap délután",
    "sk": "môj syn má dva dni horúčku | zavolajte mi zajtra poobede",
    "cs": "syn má už dva dny horečku | zavolejte mi zítra odpoledne",
    "bg": "синът ми има температура от два дни | обадете ми се утре следобед",
    "lt": "mano sūnus jau dvi dienas karščiuoja | paskambinkite man rytoj po pietų",
    "lv": "manam dēlam divas dienas ir temperatūra | piezvaniet man rīt pēcpusdienā",
    "sq": "djali im ka temperaturë prej dy ditësh | më telefononi nesër pasdite",
    "el": "ο γιος μου έχει πυρετό δύο μέρες | πάρτε με αύριο το απόγευμα",
    "gu": "મારા દીકરાને બે દિવસથી તાવ છે | કાલે સાંજે ફોન કરજો",
    "ta": "என் மகனுக்கு இரண்டு நாளாக காய்ச்சல் | நாளை மாலை அழையுங்கள்",
    "hi": "मेरे बेटे को दो दिन से बुखार है | कल शाम को फ़ोन करें",
    "ne": "मेरो छोरालाई दुई दिनदेखि ज्वरो आएको छ | भोलि बेलुका फोन गर्नुहोस्",
    "ps": "زما زوی له دوو ورځو راهیسې تبه لري | سبا ماسپښین راته زنګ ووهئ",
    "ckb": "کوڕەکەم دوو ڕۆژە تای هەیە | سبەی ئێوارە پەیوەندیم پێوە بکەن",
    "kmr": "kurê min du roj in bi tayê ye | sibê êvarî telefonî min bikin | kure min nexwes e",
    "ti": "ወደይ ክልተ መዓልቲ ረስኒ ኣለዎ | ጽባሕ ድሕሪ ቀትሪ ደውሉለይ",
    "zh-Hans": "我儿子发烧两天了 | 明天下午给我打电话",
    "vi": "con trai tôi bị sốt hai ngày rồi | chiều mai gọi cho tôi",
    "tl": "dalawang araw nang may lagnat ang anak ko | tawagan ninyo ako bukas ng hapon",
    "sw": "mtoto wangu ana homa kwa siku mbili | nipigieni kesho mchana",
    "cy": "mae gan fy mab wres ers dau ddiwrnod | ffoniwch fi prynhawn yfory",
    "en": "my son has had a fever for two days | call me tomorrow afternoon | I work until six tomorrow",
}
ROMANISED = (
    "mere bete ko do din se bukhar hai | kal shaam ko phone karna | mere munde nu do din ton bukhar hai | "
    "amar cheler dui din dhore jor | kal bikele phone korben | sham ko kaam par hota hoon"
)


def run(_made: Databases, _sizes: Sizes) -> Section:
    """A table: how many sentences are identified, with the right record, a wrong one and none."""
    rows = [_row(what, hint) for what, hint in HINTS.items()]
    text = (
        f"{len(_sentences())} sentences in {len(SENTENCES)} languages, some without accents, as `languages identify` "
        "answers. They are few, and no native reader has seen them. Of "
        f"{len(_listed(ROMANISED))} in South Asian languages and Latin letters, of which none should be taken for "
        f"another language, {_romanised_wrong()} are. {_milliseconds():.2f} ms a text."
    )
    return Section("identifying", "Languages identified", text, ("record", "right", "wrong", "not sure"), rows)


HINTS: dict[str, Callable[[str], str | None]] = {
    "none": lambda _tag: None,
    "right": lambda tag: tag,
    "wrong (Polish, or Urdu)": lambda tag: "ur" if tag == "pl" else "pl",
}


def _row(what: str, hint: Callable[[str], str | None]) -> tuple[str, ...]:
    found = [(tag, identify(text, hint(tag))) for tag, text in _sentences()]
    right = sum(_is_right(tag, each) for tag, each in found)
    unsure = sum(each.language is None for _, each in found)
    of = len(found)
    return (what, f"{right} ({right / of:.0%})", f"{of - right - unsure}", f"{unsure}")


def _is_right(tag: str, found: Identified) -> bool:
    return found.language == tag or {found.language, tag} == {"fa", "prs"}


def _sentences() -> list[tuple[str, str]]:
    return [(tag, text) for tag, texts in SENTENCES.items() for text in _listed(texts)]


def _listed(texts: str) -> list[str]:
    return [text.strip() for text in texts.split("|")]


def _romanised_wrong() -> int:
    theirs = {tag for tag in ("ur", "hi", "pa-Guru", "pa-Arab", "bn", "syl", "gu", "ne") if tag in LANGUAGES}
    return sum(found not in theirs for text in _listed(ROMANISED) if (found := identify(text).language) is not None)


def _milliseconds() -> float:
    began = time.perf_counter()
    for _ in range(20):
        for _, text in _sentences():
            identify(text)
    return (time.perf_counter() - began) * 1000 / 20 / len(_sentences())
