"""Which language to write in: asked by number, stored only once the person has said so."""

from datetime import timedelta

from bot.attention.items import ask_a_person
from bot.capability import in_use
from bot.conversations.exchange import Exchange, acknowledge, let_know, say
from bot.messaging.questions import Question, close_question
from bot.patients.told import note_language
from bot.tables.messaging import OpenQuestion
from bot.tables.patients import FROM_PATIENT
from bot.texts.languages import LANGUAGES, WORDED
from bot.understanding.questions import OTHER_LANGUAGE, QuestionKind


def menu() -> dict[int, str]:
    """The numbers of the language menu, the same for everybody: 9 stays "another language"."""
    numbers = (number for number in range(1, len(WORDED) + 2) if number != OTHER_LANGUAGE)
    return dict(zip(numbers, WORDED, strict=False))


def menu_lines() -> str:
    """The menu as a text shows it, each language by its own name."""
    return "\n".join(f"{number} {LANGUAGES[tag].native}" for number, tag in menu().items())


def offer_languages(exchange: Exchange) -> None:
    """Send the language menu, a question of its own with its own numbers."""
    say(
        exchange,
        "language-menu",
        {"choices": menu_lines()},
        question="language",
        subject=exchange.question.subject if exchange.question else None,
    )


def choose_language(exchange: Exchange, question: OpenQuestion) -> None:
    """A number of the menu: that language from now on. 9: theirs is not there, so a person calls."""
    tag = menu().get(exchange.reading.choice or 0)
    if tag:
        set_language(exchange, question, tag)
        return
    close_question(exchange.session, question, exchange.now)
    ask_a_person(exchange.session, exchange.message, "another-language")
    let_know(exchange, "other")
    acknowledge(exchange)


def name_language(exchange: Exchange, question: OpenQuestion | None = None) -> None:
    """A language by its name, or a wish for another one: store the one named, else ask.

    That a wish ("I speak no English") is written in a language does not say that it is theirs: they are asked.
    """
    named = exchange.reading.language if exchange.reading.rule == "language-named" else None
    if question and question.kind == LANGUAGE.name and named not in WORDED:
        choose_language(exchange, question)
    elif named in WORDED and named:
        set_language(exchange, question, named)
    elif may_ask_language(exchange) and named is None:
        ask_to_confirm_language(exchange)
    else:
        offer_languages(exchange)


def may_ask_language(exchange: Exchange) -> bool:
    """Nobody has recorded a language, and the person surely wrote in one we can write."""
    reading = exchange.reading
    return (
        exchange.patient is not None
        and exchange.patient.language is None
        and reading.language in WORDED
        and reading.language != "en"
    )


def ask_to_confirm_language(exchange: Exchange) -> None:
    """Ask, in the language they seem to write, whether to write in it; only a yes is stored."""
    say(
        exchange,
        "language-confirm",
        language=exchange.reading.language,
        question="language-confirm",
        subject=exchange.question.subject if exchange.question else None,
        detail=exchange.reading.language,
    )


def confirm_language(exchange: Exchange, question: OpenQuestion) -> None:
    """Yes, write to me in this language."""
    set_language(exchange, question, question.detail or "en")


def set_language(exchange: Exchange, question: OpenQuestion | None, tag: str) -> None:
    """Store what the person told us, and ask again, in their language, what they had been asked."""
    if exchange.patient is None:
        return
    note_language(exchange.session, exchange.patient, tag, FROM_PATIENT, exchange.now)
    if question:
        close_question(exchange.session, question, exchange.now)
    if not _ask_again(exchange, tag):
        say(exchange, "language-set", language=tag)


def _ask_again(exchange: Exchange, tag: str) -> bool:
    """Whether a capability asked again, in their language, what it had asked them."""
    return any(asked_again(exchange, tag) for asked_again in in_use().bring("after_language"))


LANGUAGE = Question(
    means=QuestionKind("language", yes_no=False, choices=None, of_languages=True),
    lasts=timedelta(days=14),
    answers={"choice": choose_language, "language": lambda exchange, question: name_language(exchange, question)},
    offers=lambda: menu(),
)
LANGUAGE_CONFIRM = Question(
    means=QuestionKind("language-confirm"),
    lasts=timedelta(days=14),
    answers={"yes": confirm_language, "no": lambda exchange, _question: offer_languages(exchange)},
)
