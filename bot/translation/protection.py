"""What a model must not touch: values are taken out before it reads a sentence and put back after.

A token stands in for each value. No form of token is safe with a model that never saw it, so the form is found for
each model by trial (`probe`), a token that was lost or doubled is noticed (`restore`), and the checks judge the rest.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, count

from bot.texts.catalogue import SLOT, catalogue
from bot.texts.wording import wording_for
from bot.translation.splitting import split_sentences
from bot.translation.values import Span, render, spans_of_values

_TRIALS = 30
_WORTH_TRYING = 1 / 3  # what does not come through is noticed each time, and then the value itself is left
_FEWEST = 5
_LETTERS_OF_A_SENTENCE = 6
_IN_A_WORD = re.compile(r"\w")


@dataclass(frozen=True)
class TokenForm:
    """A way to write the stand-in of the first, second ... value; never with "_", which SentencePiece loses."""

    name: str
    before: str
    after: str
    first: int = 1

    def token(self, place: int) -> str:
        """The token of a value, `place` counted from 0."""
        return f"{self.before}{self.first + place}{self.after}"

    @property
    def pattern(self) -> re.Pattern[str]:
        """Any token of this form, with the spaces and native digits models put in."""
        before, after = (r"\s*".join(map(re.escape, part)) for part in (self.before, self.after))
        gap = r"\s*" if self.before and self.after else ""
        not_in, nor = (r"(?<!\w)", r"(?!\w)") if self.is_a_word else ("", r"(?!\d)")
        return re.compile(rf"{not_in}{before}{gap}(\d+){gap}{after}{nor}")

    @property
    def is_a_word(self) -> bool:
        """Whether a letter beside it would make it part of another word."""
        return not self.before or self.before.isalpha()

    def places(self, text: str) -> list[int]:
        """The places of the tokens in a text, in the order they stand."""
        return [int(found[1]) - self.first for found in self.pattern.finditer(text)]


TOKEN_FORMS = (
    TokenForm("[1]", "[", "]"),
    TokenForm("(1)", "(", ")"),
    TokenForm("X1X", "X", "X"),
    TokenForm("XX1XX", "XX", "XX"),
    TokenForm("#1", "#", ""),
    TokenForm("91", "", "", first=91),
)
"""Tried in this order by `probe`."""


@dataclass(frozen=True)
class Protected:
    """Words ready for a model, tokens in place of `values`, which are in the order they stood.

    `form` is None where no form survives: the values then stand in the words themselves.
    """

    words: str
    values: tuple[str, ...]
    form: TokenForm | None

    def expected(self, target: str) -> tuple[str, ...]:
        """Each value as it has to stand in the translation; without a form, as it was."""
        return tuple(render(value, target) for value in self.values) if self.form else self.values


def protect(words: str, form: TokenForm | None, kept: Sequence[str] = (), language: str = "en") -> Protected:
    """Take the values out of `words`: links, addresses, phones, numbers, dates, times, doses, keywords, quotes.

    `kept` are names and places that must not be translated. Something that looks like a token of this form already
    is a value too. Without a form the words stay as they are. `language` is that of the words.
    """
    spans = _spans(words, form, kept, language)
    values = tuple(words[start:end] for start, end in spans)
    if form is None:
        return Protected(words, values, None)
    pieces, at = list[str](), 0
    for place, (start, end) in enumerate(spans):
        pieces += [words[at:start], form.token(place)]
        at = end
    return Protected(_in_line([*pieces, words[at:]], form), values, form)


def _in_line(pieces: Sequence[str], form: TokenForm) -> str:
    """Words and tokens by turns as one text, with a space where a token would run into a word or the next token."""
    if not form.is_a_word:
        return "".join(pieces)
    whole = pieces[0]
    for after in pieces[1:]:
        runs_in = _IN_A_WORD.match(whole[-1:]) and _IN_A_WORD.match(after)
        whole += f" {after}" if runs_in else after
    return whole


def _spans(words: str, form: TokenForm | None, kept: Sequence[str], language: str) -> list[Span]:
    looks_like_one = (form.pattern,) if form and form.before else ()
    return spans_of_values(words, kept, looks_like_one, nouns_are_names=language != "de")


def restore(protected: Protected, translated: str, target: str | None = None) -> str | None:
    """Put the values back into what the model made of the words, or None when a token is lost, doubled or new.

    With a `target` language a date or a time is written as that language reads it. Without a form nothing was taken
    out, and the translation is returned as it is: whether the values are still there is for the checks.
    """
    form = protected.form
    if form is None:
        return translated
    if sorted(form.places(translated)) != list(range(len(protected.values))):
        return None
    values = [render(value, target) for value in protected.values]
    return form.pattern.sub(lambda found: values[int(found[1]) - form.first], translated)


def split_protected(protected: Protected) -> list[Protected]:
    """One of each sentence, the tokens of each counted from the first: models know small numbers best."""
    return [_renumbered(protected, sentence) for sentence in split_sentences(protected.words)]


def _renumbered(whole: Protected, sentence: str) -> Protected:
    form = whole.form
    if form is None:
        return Protected(sentence, tuple(value for value in whole.values if value in sentence), None)
    places = form.places(sentence)
    tokens = iter(range(len(places)))
    words = form.pattern.sub(lambda _: form.token(next(tokens)), sentence)
    return Protected(words, tuple(whole.values[place] for place in places), form)


def probe(translate_many: Callable[[list[str]], list[str]], language: str = "en") -> TokenForm | None:
    """Return the form of token that most often comes through a model whole, or None below a third of the trials.

    :param translate_many: translates a list of sentences written in `language`, in one go. What it is given are
        sentences of the service's own texts, with tokens in their slots.
    """
    trials = carriers(language)
    survived = {form: _survivors(form, trials, translate_many) for form in TOKEN_FORMS}
    best = max(TOKEN_FORMS, key=survived.__getitem__)
    return best if survived[best] >= len(trials) * _WORTH_TRYING else None


def _survivors(form: TokenForm, trials: Sequence[str], translate_many: Callable[[list[str]], list[str]]) -> int:
    carrying = [_with_tokens(form, trial) for trial in trials]
    translated = translate_many([words for words, _ in carrying])
    return sum(
        sorted(form.places(came)) == list(range(tokens)) for (_, tokens), came in zip(carrying, translated, strict=True)
    )


def _with_tokens(form: TokenForm, trial: str) -> tuple[str, int]:
    places = count()
    words = SLOT.sub(lambda _: form.token(next(places)), trial)
    return words, next(places)


@cache
def carriers(language: str) -> tuple[str, ...]:
    """Sentences of the texts of this service that have slots, in that language, English where it has too few."""
    wordings = (wording_for(key, language) for key in catalogue())
    sentences = chain.from_iterable(split_sentences(wording.body) for wording in wordings if wording)
    carrying = dict.fromkeys(sentence for sentence in sentences if _carries(sentence))
    return tuple(carrying)[:_TRIALS] if len(carrying) >= _FEWEST or language == "en" else carriers("en")


def _carries(sentence: str) -> bool:
    return bool(SLOT.search(sentence)) and sum(map(str.isalpha, SLOT.sub("", sentence))) >= _LETTERS_OF_A_SENTENCE
