"""A text in the pieces that are read: whole, and its sentences and stretches, or danger is lost among other words.

What somebody says in twelve words weighs little in the vector of fifty. Pure.
"""

import re
from collections.abc import Iterator

from bot.opinions.head import plain
from bot.translation.splitting import split_sentences

STRETCH, STEP, LONG = 12, 6, 18
"""Words in a stretch, between the beginnings of two, and in a sentence from which on it is read by stretches too."""
VERY_LONG = 120
"""Words of a sentence whose stretches do not overlap any more, so that it is read in time."""
SHORTEST = 8
"""Letters: what is shorter says nothing by itself."""
_WORD = re.compile(r"[\u3400-\u9fff]{1,2}|[^\s\u3400-\u9fff]+")
"""Two Chinese characters count as a word."""


def pieces_of(text: str) -> list[str]:
    """The pieces of a text as they are given to the model, the whole first; none of an empty one."""
    whole = plain(text)
    sentences = [plain(sentence) for sentence in split_sentences(text)]
    parts = [part for part in sentences if len(part) >= SHORTEST]
    parts += [stretch for sentence in sentences for stretch in _stretches(sentence)]
    return list(dict.fromkeys([whole, *parts])) if whole else []


def _stretches(sentence: str) -> Iterator[str]:
    words = list(_WORD.finditer(sentence))
    if len(words) <= LONG:
        return
    step = STEP if len(words) <= VERY_LONG else STRETCH
    for first in range(0, len(words) - STRETCH + step, step):
        last = min(first + STRETCH, len(words)) - 1
        yield sentence[words[first].start() : words[last].end()]
