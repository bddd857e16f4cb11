"""What danger is made of, and what takes the danger from it: concepts, each a bit of a number.

They are the same in every language; `language`, the name of one, and `dated`, a year in figures, stand in no table.
Which words stand for which concept is data of each language (`locales/<folder>/danger.toml`). There, `word` is any
word that begins so, `=word` that word alone, and two words or more are a unit, all but the last of them whole; with a
"=" before the first or the last that one is whole too.
"""

from functools import lru_cache

DANGER = (
    *("chest", "heart", "pain", "pressure", "breath", "cannot", "not", "hard", "fast", "stop", "blood", "a-lot"),
    *("vomit", "face", "crooked", "limb", "numb", "speak", "strange", "sudden", "see", "head", "swallow", "pills"),
    *("poison", "battery", "many", "child", "pregnant", "womb", "move", "waters", "labour", "fall", "unconscious"),
    *("fit", "wake", "swell", "throat", "allergy", "sting", "fever", "stiff", "neck", "rash", "no-fade", "floppy"),
    *("blue", "sweat", "clutch", "want", "die", "live", "end", "self", "cut", "wrist", "jump", "high", "hang"),
    *("relative", "hit", "kill", "threaten", "strangle", "rape", "force", "touch", "lock", "weapon", "burn", "marry"),
    *("cut-girl", "alone", "hopeless", "burden", "goodbye", "now"),
    *("attack", "suicide", "confused", "shiver", "cold", "pour", "wound", "injury", "stuck", "wheeze", "shut"),
    *("floor", "feed", "cry", "white", "stars", "weeks", "bruise", "hungry", "afraid", "secret", "passport", "bed"),
    *("belt", "operation", "tracks", "stand", "decided", "letter", "ambulance", "fire", "drown", "electric"),
    *("accident", "insulin", "black", "abroad", "adult", "food", "itch", "dizzy", "cough", "lump", "sad"),
)
SCOPE = (
    *("none", "past", "year", "well", "died", "joke", "price", "nuisance", "habit", "thing", "name", "care", "busy"),
    *("thanks", "if", "again", "unit", "language", "dated", "slight", "ex", "almost", "story", "kitchen"),
)
CONCEPTS = (*DANGER, *SCOPE)
BIT = {name: 1 << place for place, name in enumerate(CONCEPTS)}
DANGERS = (1 << len(DANGER)) - 1
"""The bits of what may be danger, beside those of what tells how it is meant."""


@lru_cache(maxsize=1024)
def bits_of(names: str) -> int:
    """The bits of concepts whose names are parted by "|".

    :raises KeyError: there is no such concept.
    """
    found = 0
    for name in names.split("|"):
        found |= BIT[name.strip()]
    return found


@lru_cache(maxsize=4096)
def names_of(bits: int) -> tuple[str, ...]:
    """The names of concepts by their bits."""
    return tuple(name for name, bit in BIT.items() if bits & bit)
