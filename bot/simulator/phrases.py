"""What simulated patients say, language by language, and how the language of a text is guessed.

For the demo only: these are drafts, and the service understands replies by word lists of its own.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Answers of one language; `tag` is BCP 47 and `name` its English name."""

    tag: str
    name: str
    yes: str
    no: str
    stop: str
    urgent: str
    free: str


PHRASES = {
    phrases.tag: phrases
    for phrases in (
        Phrases("en", "English", "yes", "no", "please stop texting me", "I have chest pain", "Can you call me?"),
        Phrases("pl", "Polish", "tak", "nie", "STOP prosze", "mam ból w klatce piersiowej", "Proszę zadzwonić"),
        Phrases("ro", "Romanian", "da", "nu", "nu mai trimite", "am durere în piept", "Puteți să mă sunați?"),
        Phrases("ur", "Urdu", "ji haan", "نہیں", "بند کریں", "سینے میں درد ہے", "کیا آپ فون کر سکتے ہیں؟"),
        Phrases("pa-Guru", "Panjabi", "ਹਾਂ", "ਨਹੀਂ", "ਬੰਦ ਕਰੋ", "ਛਾਤੀ ਵਿੱਚ ਦਰਦ", "ਮੈਨੂੰ ਫ਼ੋਨ ਕਰੋ"),
        Phrases("bn", "Bengali", "হ্যাঁ", "না", "বন্ধ করুন", "বুকে ব্যাথা", "আমাকে ফোন করুন"),
        Phrases("ar", "Arabic", "نعم", "لا", "توقف", "عندي ألم الصدر", "هل يمكنكم الاتصال بي؟"),
        Phrases("so", "Somali", "haa", "maya", "iska daa", "feera xanuun baan hayaa", "Ma i soo wici kartaa?"),
        Phrases("ru", "Russian", "да", "нет", "стоп", "боль в груди", "Позвоните мне, пожалуйста"),
        Phrases("uk", "Ukrainian", "так", "ні", "стоп", "біль у грудях", "Зателефонуйте мені"),
        Phrases("fa", "Farsi", "بله", "نه", "لغو", "درد قفسه سینه دارم", "لطفا با من تماس بگیرید"),
        Phrases("tr", "Turkish", "evet", "hayır", "durdur", "göğüs ağrısı var", "Beni arar mısınız?"),
        Phrases("pt", "Portuguese", "sim", "não", "parar por favor", "dor no peito", "Podem ligar-me?"),
    )
}

_SCRIPTS = (
    ("pa-Guru", re.compile(r"[\u0a00-\u0a7f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ur", re.compile(r"[ٹڈڑےںہھ]")),
    ("fa", re.compile(r"[پچژگکی]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("uk", re.compile(r"[іїєґІЇЄҐ]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_LATIN_LETTERS = {
    "pl": re.compile(r"[ąćęłńśźżĄĆĘŁŃŚŹŻ]"),
    "ro": re.compile(r"[ăâîșțşţĂÂÎȘȚ]"),
    "tr": re.compile(r"[ğışçöüĞİŞ]"),
    "pt": re.compile(r"[ãõáéíóúâêçÃÕÁÉÍÓÚ]"),
}
_LATIN_WORDS = {
    "en": "the you your reply yes stop call we can from for and please free help",
    "pl": "nie tak lub jest pani pana dla odpowiedz bezpłatnie może się na",
    "ro": "și sau nu da pentru este vă răspundeți gratuit poate din cu",
    "tr": "ve için evet bir bu size yazın ücretsiz olabilir ile",
    "pt": "não sim ou para responda uma pode você os com grátis de",
    "so": "haa maya waa ku iyo waxaa ka ama jawaab bilaash kara guriga caawin fadlan",
}


def guess_language(text: str) -> str:
    """The tag of the language a text most likely has, English when nothing tells."""
    for tag, letters in _SCRIPTS:
        if letters.search(text):
            return tag
    words = set(re.findall(r"\w+", text.casefold()))
    scores = {tag: len(words.intersection(known.split())) for tag, known in _LATIN_WORDS.items()}
    for tag, letters in _LATIN_LETTERS.items():
        scores[tag] += len(letters.findall(text))
    best = max(scores, key=lambda tag: scores[tag])
    return best if scores[best] else "en"
