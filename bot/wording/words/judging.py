"""What a change of words does to the sentences of a language: danger found, lost, and raised where there is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.understanding.added import REPLIES, Word, trying
from bot.understanding.reading import Reading, read_reply
from bot.understanding.sentences import Sentence
from bot.understanding.tables import sentences_of

RED, ORDINARY = "red", "ordinary"


@dataclass(frozen=True)
class Effect:
    """Of so many sentences, those that are read otherwise.

    `found` and `lost` are sentences of danger that are red now, or no more; `alarmed` are no danger and red now, and of
    those `everyday` are ordinary replies; `otherwise` are taken for another answer or wish.
    """

    sentences: int
    found: Sequence[Sentence]
    lost: Sequence[Sentence]
    alarmed: Sequence[Sentence]
    everyday: Sequence[Sentence]
    otherwise: Sequence[Sentence]

    @property
    def is_to_be_weighed(self) -> bool:
        """Whether somebody has to look at what it does before it is agreed to."""
        return bool(self.alarmed or self.otherwise)


def effect_of_adding(words: Sequence[Word], word: Word) -> Effect:
    """What one word more does to the sentences of its language, beside the words agreed to already."""
    return _effect(word, words, [*words, word])


def effect_of_taking_back(words: Sequence[Word], word: Word) -> Effect:
    """What it does to have one of these words no more."""
    return _effect(word, words, [other for other in words if other != word])


def _effect(word: Word, before: Iterable[Word], after: Iterable[Word]) -> Effect:
    sentences = sentences_of(word.language)
    both = list(zip(sentences, _read(sentences, word, before), _read(sentences, word, after), strict=True))
    newly = [sentence for sentence, was, now in both if not _is_red(was) and _is_red(now)]
    lost = [sentence for sentence, was, now in both if _is_red(was) and not _is_red(now) and sentence.level == RED]
    alarmed = [sentence for sentence in newly if sentence.level != RED]
    of_replies = word.lists == REPLIES
    return Effect(
        sentences=len(sentences),
        found=[sentence for sentence in newly if sentence.level == RED],
        lost=lost,
        alarmed=alarmed,
        everyday=[sentence for sentence in alarmed if sentence.level == ORDINARY],
        otherwise=[sentence for sentence, was, now in both if of_replies and was.intent != now.intent],
    )


def _read(sentences: Iterable[Sentence], word: Word, words: Iterable[Word]) -> list[Reading]:
    with trying(words):
        return [read_reply(sentence.text, word.language) for sentence in sentences]


def _is_red(reading: Reading) -> bool:
    return reading.urgent == RED
