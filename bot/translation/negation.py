"""Whether a sentence says no: the words each language denies with, looked for in its plain words.

Only languages whose words are sure have a row. In Somali "ma" also asks and "aan" also means I, so words alone settle
nothing there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.translation.keywords import TYPED
from bot.understanding.normalise import normalise


@dataclass(frozen=True)
class Negators:
    """`sure` words deny; `either` ones may go with a denial in another language or without ("until", "avoid")."""

    sure: re.Pattern[str]
    either: re.Pattern[str]


def _negators(sure: str, either: str = "") -> Negators:
    return Negators(*(re.compile(rf"(?<!\S)(?:{_alternatives(words)})(?!\S)") for words in (sure, either)))


def _alternatives(words: str) -> str:
    return "|".join(map(_pattern, words.split())) or r"(?!)"


def _pattern(word: str) -> str:
    """Letters in their plain form; "*" is any letters, "_" a space, and what stands in [] or () is a pattern already."""
    if "[" in word or "(" in word:
        return word
    pieces = (normalise(piece).replace(" ", r"\s") for piece in word.replace("_", " ").split("*"))
    return r"\S*".join(pieces)


NEGATORS: Mapping[str, Negators] = MappingProxyType(
    {
        "en": _negators(
            "not no never none nobody nothing nowhere neither nor without cannot cant dont doesnt didnt isnt arent "
            "wasnt werent wont wouldnt couldnt shouldnt mustnt havent hasnt hadnt neednt aint unable",
            "until unless avoid stop stopped refuse* un[a-z]+ in(?:correct|valid|accurate|sufficient) wrong hardly "
            "rarely only yet any anything anyone miss* lost fail* run_out less prevent* ran_out finished why "
            "closed free either full fine",
        ),
        "ur": _negators(
            "نہیں نہ مت بغیر بنا نہی ناممکن ناکام",
            "نا غیر کوئی کبھی منع پرہیز گریز ورنہ یا_نہیں کیوں جب_تک ختم بند روک* چھوڑ* غلط صرف ابھی",
        ),
        "pl": _negators(
            "nie nic nigdy nikt nikogo bez żaden żadn* brak ani niech_nie niemożliw*",
            "unika* dopóki póki jeszcze tylko",
        ),
        "ro": _negators("nu niciun* nici nimic nimeni niciodată fără n*am n*are n*ai", "evita* până doar încă"),
        "ru": _negators(
            "не нет нельзя без никогда никто никого ничего ни никак* невозможно нету", "пока избега* только еще"
        ),
        "uk": _negators(
            "не ні немає нема без ніколи ніхто нікого нічого жодн* неможливо не_можна",
            "поки уника* лише тільки ще доки",
        ),
        "tr": _negators(
            "değil yok hayır asla hiçbir* hiç olmadan olmaksızın [^\\W\\d]+(?:siz|suz) "
            "[^\\W\\d]{2,}m(?:iyor|uyor)[^\\W\\d]* [^\\W\\d]{2,}m(?:a|e)(?:z|zsiniz|zsin|zlar|zler|yin|yiniz|yecek|yacak|di|dik|"
            "dim|diniz|dilar|diler|mis|misti|mali|meli|malisiniz|melisiniz|yecegim|yacagim|yecegiz|yacagiz) "
            "[^\\W\\d]{2,}(?:may|mey)(?:in|iniz|acak|ecek|acag|eceg)[^\\W\\d]*",
            "[^\\W\\d]+m(?:adan|eden) [^\\W\\d]{2,}m(?:a|e) kadar sadece henuz",
        ),
        "pt": _negators("não nunca nada ninguém nenhum* sem jamais nem impossível", "evit* até apenas só ainda"),
        "ar": _negators("لا ولا فلا ألا لم لن ليس* غير بدون دون *عدم ما ليست لست لسنا", "إلا تجنب حتى فقط بعد"),
        "fa": _negators(
            "نه نمی* نمی نیست* نباید نباش* نکن* نخور* نده* نمان* نفرست* نخواه* نگذار* نبر* نیاور* نگو* نپرس* ننوش* نخر* نترس* نگیر* نرو* نیا نیای* نیامد* نشو* نشد* نزن* ندار* نداشت* نبود* "
            "نکرد* نتوان* نداد* بدون هیچ* هرگز بی",
            "تا فقط هنوز خودداری پرهیز غیر* مگر",
        ),
        "bn": _negators(r"(?<!কি\s)না নেই নয় নয়* *েনি *িনি *য়নি *ইনি ছাড়া কখনো_না নাই নন", "পর্যন্ত শুধু এখনও এড়ি* কোনো কোন"),
        "es": _negators(
            "no nunca nada nadie ningún ninguna ninguno sin tampoco jamás ni imposible", "evit* hasta solo sólo aún"
        ),
        "fr": _negators(
            "ne pas n*est n*a n*ont n*avez n*êtes n*oubliez jamais rien aucun* sans ni impossible non",
            "évit* jusqu* seul* encore personne plus",
        ),
        "it": _negators("non mai niente nulla nessun* senza né no impossibile", "evit* fino solo ancora finché"),
        "hi": _negators("नहीं नही न ना मत बिना कभी_नहीं", "तक सिर्फ केवल बच* कोई अभी"),
        "zh-Hans": _negators("不 没 无 别 勿 未 莫", "避 免 直 只 还 禁 停"),
        "zh-Hant": _negators("不 沒 無 別 勿 未 莫", "避 免 直 只 還 禁 停"),
        "hu": _negators("nem ne nincs nincsenek nélkül soha sem semmi senki sincs se tilos", "kerül* csak még amíg"),
        "bg": _negators("не няма без никога нито никой нищо никак* недейте", "избяг* само докато още"),
        "tl": _negators("hindi huwag wala walang ayaw", "iwas* lamang lang bago hangga*"),
        "pa-Arab": _negators("نہیں نئیں نہ نا بغیر بنا", "صرف تک جدوں کوئی ہالے کدے غیر خالی"),
        "pa-Guru": _negators("ਨਹੀਂ ਨਹੀ ਨਾ ਨਾਂ ਬਿਨਾਂ ਬਿਨਾ ਕਦੇ_ਨਹੀਂ ਬਗੈਰ", "ਸਿਰਫ਼ ਤੱਕ ਜਦੋਂ ਕੋਈ ਅਜੇ"),
    }
)
"""What each language denies with."""


def denies(sentence: str, language: str) -> bool | None:
    """Whether a sentence denies; None where its words leave it open or the language has none here."""
    negators = NEGATORS.get(language)
    if negators is None:
        return None
    words = normalise(TYPED.sub(" ", sentence))
    if negators.sure.search(words):
        return True
    return None if negators.either.search(words) else False
