"""Which language to write in: asked by number or asked back by name, stored only once the person has said so.

By number all we write are offered, those most people here speak first, on pages of eight: 9 brings the next page, and
on the last a person's call.

A name is asked back before it is stored, in its language and in English, for a name is misread and misspelt, and a
helper may have typed it. Two ways need no asking back: a number of the menu (or its line), and a language that is
recorded already. A name for several languages is asked by number. Where we have no texts in it, a person calls.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from bot.attention.items import ask_a_person
from bot.capability import in_use
from bot.conversations.exchange import Exchange, acknowledge, let_know, say
from bot.conversations.languages_told import tell_of_language
from bot.messaging.questions import Question, close_question
from bot.patients.told import note_language
from bot.tables.messaging import OpenQuestion
from bot.tables.patients import FROM_PATIENT
from bot.texts.languages import LANGUAGES, OFFERED, WORDED
from bot.understanding.language_names import languages_named
from bot.understanding.normalise import normalise
from bot.understanding.questions import OTHER_LANGUAGE, QuestionKind
from bot.wording.composing import CONFIRM, CONFIRM_IN_ENGLISH, ENGLISH, WILL_READ, load_wordings, name_in_english

_A_PAGE = 8
_GOES_ON = "..."
"""After the languages of a menu, in what is kept of it: another page follows."""


def menu(tags: Collection[str] = WORDED) -> dict[int, str]:
    """The numbers of a language menu, the same for everybody: 9 stays "another language"."""
    numbers = (number for number in range(1, len(tags) + 2) if number != OTHER_LANGUAGE)
    return dict(zip(numbers, tags, strict=False))


def menu_lines(choices: Mapping[int, str]) -> str:
    """A menu as a text shows it, each language by its own name."""
    return "\n".join(f"{number} {LANGUAGES[tag].native}" for number, tag in choices.items())


def choices_of(question: OpenQuestion) -> dict[int, str]:
    """What the numbers of this very menu stand for: a page of what we write, or the languages that a name may mean.

    A menu of before there were pages kept nothing and had all of them.
    """
    return menu([tag for tag in question.detail.split() if tag != _GOES_ON]) if question.detail else menu()


def has_texts(tag: str) -> bool:
    """Whether we can write to somebody who speaks this language, in it or in the one it is written in."""
    return (LANGUAGES[tag].reads or tag) in WORDED


def offer_languages(exchange: Exchange, among: Sequence[str] = (), *, after: str | None = None) -> None:
    """Send a page of the language menu, a question of its own with its own numbers.

    :param among: the languages of a wide name; when it is empty, all we write.
    :param after: the last language of the page before.
    """
    left = among or _offered_after(after)
    page, goes_on = left[:_A_PAGE], len(left) > _A_PAGE
    say(
        exchange,
        "language-menu-page" if goes_on else "language-menu",
        {"choices": menu_lines(menu(page))},
        question="language",
        subject=exchange.question.subject if exchange.question else None,
        detail=" ".join([*page, _GOES_ON] if goes_on else page),
    )


def _offered_after(tag: str | None) -> Sequence[str]:
    return OFFERED[OFFERED.index(tag) + 1 :] if tag in OFFERED else OFFERED


def choose_language(exchange: Exchange, question: OpenQuestion) -> None:
    """A number of the menu: that language from now on. 9: the next page; after the last, a person calls."""
    choices = choices_of(question)
    tag = choices.get(exchange.reading.choice or 0)
    if tag:
        set_language(exchange, question, tag)
        return
    if question.detail and question.detail.endswith(_GOES_ON):
        offer_languages(exchange, after=list(choices.values())[-1])
        return
    close_question(exchange.session, question, exchange.now)
    ask_a_person(exchange.session, exchange.message, "another-language")
    let_know(exchange, "other")
    acknowledge(exchange)


def name_language(exchange: Exchange, question: OpenQuestion | None = None) -> None:
    """A language by its name, or a wish for another one.

    That a wish ("I speak no English") is written in a language does not say that it is theirs: they are asked.
    """
    named = exchange.reading.named
    if len(named) > 1:
        offer_languages(exchange, named)
    elif named:
        take_name(exchange, named[0])
    elif question and question.kind == LANGUAGE.name:
        choose_language(exchange, question)
    elif may_ask_language(exchange):
        ask_to_confirm_language(exchange, exchange.written_in or ENGLISH)
    else:
        offer_languages(exchange)


def take_name(exchange: Exchange, tag: str) -> None:
    """One language by its name: stored when it was asked about or is on record, else asked back."""
    question = exchange.question
    if exchange.patient and exchange.patient.language == tag:
        set_language(exchange, question if question and question.kind in _OURS else None, tag)
    elif question and (_is_line_of(question, exchange.message.body, tag) or _asks_about(question, tag)):
        set_language(exchange, question, tag)
    elif has_texts(tag):
        ask_to_confirm_language(exchange, tag)
    else:
        _leave_to_an_interpreter(exchange, tag)


def _is_line_of(question: OpenQuestion, body: str, tag: str) -> bool:
    """Whether a text is a line of this menu, sent back as it stands there, with its number or without."""
    if question.kind != LANGUAGE.name or tag not in choices_of(question).values():
        return False
    words = normalise(body).split()
    numbers = [int(word) for word in words if word.isdecimal()]
    fits = all(choices_of(question).get(number) == tag for number in numbers)
    return fits and [word for word in words if not word.isdecimal()] == normalise(LANGUAGES[tag].native).split()


def _asks_about(question: OpenQuestion, tag: str) -> bool:
    return question.kind == LANGUAGE_CONFIRM.name and question.detail == tag


def _leave_to_an_interpreter(exchange: Exchange, tag: str) -> None:
    """We have no texts in it: a person calls, and the person hears so in English, with what we have of theirs."""
    ask_a_person(exchange.session, exchange.message, "another-language")
    let_know(exchange, "other")
    say(exchange, WILL_READ, language=tag)


def may_ask_language(exchange: Exchange) -> bool:
    """Nobody has recorded a language, and the person seems to write in one we can write."""
    written = exchange.written_in
    return (
        exchange.patient is not None
        and exchange.patient.language is None
        and written not in (None, ENGLISH)
        and has_texts(written or ENGLISH)
    )


def ask_to_confirm_language(exchange: Exchange, tag: str) -> None:
    """Ask whether to write in a language, in it and in English; only a yes is stored.

    Where its own wording may not be sent, the English one goes alone, and names it.
    """
    wordings = load_wordings(exchange.session, exchange.settings, CONFIRM)
    in_it = tag == ENGLISH or wordings.language_for(CONFIRM, tag) != ENGLISH
    say(
        exchange,
        CONFIRM if in_it else CONFIRM_IN_ENGLISH,
        {} if in_it else {"language": name_in_english(tag)},
        language=tag if in_it else ENGLISH,
        question=LANGUAGE_CONFIRM.name,
        subject=exchange.question.subject if exchange.question else None,
        detail=tag,
    )


def confirm_language(exchange: Exchange, question: OpenQuestion) -> None:
    """Yes, write to me in this language; a yes that names another one is none."""
    others = languages_named(exchange.message.body)
    if question.detail is None or (others and question.detail not in others):
        offer_languages(exchange)
        return
    set_language(exchange, question, question.detail)


def set_language(exchange: Exchange, question: OpenQuestion | None, tag: str) -> None:
    """Store what the person told us, tell the practice, and ask again, in their language, what they had been asked."""
    if exchange.patient is None:
        return
    if exchange.patient.language != tag:
        tell_of_language(exchange.session, exchange.message)
    note_language(exchange.session, exchange.patient, tag, FROM_PATIENT, exchange.now)
    if question:
        close_question(exchange.session, question, exchange.now)
    if not has_texts(tag):
        _leave_to_an_interpreter(exchange, tag)
    elif not _ask_again(exchange, tag):
        say(exchange, "language-set", language=tag)


def _ask_again(exchange: Exchange, tag: str) -> bool:
    """Whether a capability asked again, in their language, what it had asked them."""
    return any(asked_again(exchange, tag) for asked_again in in_use().bring("after_language"))


LANGUAGE = Question(
    means=QuestionKind("language", yes_no=False, choices=None, of_languages=True),
    lasts=timedelta(days=14),
    answers={"choice": choose_language, "language": lambda exchange, question: name_language(exchange, question)},
    offers=choices_of,
)
LANGUAGE_CONFIRM = Question(
    means=QuestionKind("language-confirm"),
    lasts=timedelta(days=14),
    answers={"yes": confirm_language, "no": lambda exchange, _question: offer_languages(exchange)},
    asked_in=lambda question: question.detail,
)
_OURS = (LANGUAGE.name, LANGUAGE_CONFIRM.name)
