"""Sentences: models translate one at a time, so a text is cut where its sentences end and joined again after."""

import re
from collections.abc import Sequence

_MARKS = r".!?…؟۔।॥።。！？"
_CLOSING = r"\"'”’»)\]」』）"
_END = re.compile(
    rf"""
      [ \t]*\n\s*                                                # a line
    | (?<=[.!?…])[{_CLOSING}]*(?P<spaced>\s+)                    # marks that need a space after them
    | (?<=[؟۔।॥።。！？])(?![{_MARKS}{_CLOSING}])(?P<bare>\s*)     # marks that need none
    """,
    re.X,
)
_NOT_AFTER = re.compile(
    r"(?:\b(?:(?i:Drs?|Mrs?|Ms|Mx|Prof|Rev|St|Rd|Ave|approx|e\.g|i\.e|vs)|[A-Z])|(?:^|\n)\s*\d{1,2})\.$"
)
_NOT_BEFORE_A_NUMBER = re.compile(r"\b(?:Nos?|Tel|Ext)\.$", re.I)
_ENDED = re.compile(rf"[{_MARKS}][{_CLOSING}]*\s*$")
_ASKED = re.compile(rf"[?؟？][{_CLOSING}]*\s*$")
_END_MARKS = {
    **dict.fromkeys(("ur", "pa-Arab"), ("؟", "۔")),
    **dict.fromkeys(("ar", "fa", "prs", "ps", "ckb"), ("؟", ".")),
    **dict.fromkeys(("hi", "bn", "ne", "pa-Guru"), ("?", "।")),
    **dict.fromkeys(("zh-Hans", "zh-Hant", "ja"), ("？", "。")),
    **dict.fromkeys(("am", "ti"), ("?", "።")),
}
_TIME_OF_DAY = re.compile(r"\b[ap]\.m\.$", re.I)


def split_sentences(words: str) -> list[str]:
    """Return the sentences of a text in order, trimmed, none of them empty.

    A line ends one; so do the marks of Latin, Arabic, Indian, Chinese and Ethiopic writing, with no space after
    them where that script leaves none. "Dr.", "No.", an initial, the number of a list and what stands between
    digits end none.
    """
    return [sentence for sentence, _ in _cut(words)]


def join_sentences(sentences: Sequence[str], words: str, language: str = "en") -> str:
    """Join what became of the sentences of `words` with the line breaks that were between them, else a space.

    A sentence whose end the model forgot is given the mark of `language`, that of a question where it was one.
    Raises ValueError when there are not as many as `split_sentences(words)` gives.
    """
    cut = _cut(words)
    ended = [_ended(sentence, was, language) for sentence, (was, _) in zip(sentences, cut, strict=True)]
    return "".join(sentence + gap for sentence, (_, gap) in zip(ended, cut, strict=True)).strip()


def _ended(sentence: str, was: str, language: str) -> str:
    if not sentence or not _ENDED.search(was) or _ENDED.search(sentence):
        return sentence
    question, stop = _END_MARKS.get(language, ("?", "."))
    return sentence + (question if _ASKED.search(was) else stop)


def _cut(words: str) -> list[tuple[str, str]]:
    """Each sentence with the gap after it: line breaks as they were, or one space."""
    cut, start = [], 0
    for gap in _END.finditer(words):
        if gap.end() > start and _ends_here(words, start, gap):
            cut.append((words[start : gap.end()], "\n" * gap[0].count("\n") or " "))
            start = gap.end()
    cut.append((words[start:], ""))
    return [(sentence.strip(), gap) for sentence, gap in cut if sentence.strip()]


def _ends_here(words: str, start: int, gap: re.Match[str]) -> bool:
    if "\n" in gap[0]:
        return True
    if gap["bare"] is not None:
        return not _between_digits(words, gap)
    before, after = words[start : gap.start()], words[gap.end() : gap.end() + 1]
    if _TIME_OF_DAY.search(before):
        return after.isupper()
    return not (_NOT_AFTER.search(before) or (after.isdigit() and _NOT_BEFORE_A_NUMBER.search(before)))


def _between_digits(words: str, gap: re.Match[str]) -> bool:
    before, after = words[gap.start() - 2 : gap.start() - 1], words[gap.end() : gap.end() + 1]
    return not gap[0] and before.isdigit() and after.isdigit()
