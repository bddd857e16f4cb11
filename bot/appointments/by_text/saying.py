"""What may be said of a visit to whoever works on it: language, place and mode. Nothing of the person."""

from bot.appointments.by_text.telling import site_in_words
from bot.tables.appointments import Site
from bot.tables.interpreters import Mode
from bot.tables.organisations import Practice
from bot.texts.languages import LANGUAGES

_MODES = {Mode.IN_PERSON: "in person", Mode.TELEPHONE: "by phone", Mode.VIDEO: "by video"}


def language_in_words(tag: str | None) -> str:
    """A language by its English name; one that nobody recorded says so."""
    if tag is None:
        return "Language not recorded"
    return LANGUAGES[tag].english if tag in LANGUAGES else tag


def mode_in_words(mode: str) -> str:
    """How people meet: "in person", "by phone", "by video"."""
    return _MODES[Mode(mode)]


def place_of(site: Site | None, practice: Practice) -> str:
    """Where it is, as texts say it: the site's public name and address, else the practice's name."""
    return site_in_words(site) if site else practice.name
