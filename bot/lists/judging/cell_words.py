"""What the words in a list's cells mean: sex, yes and no, registration, consent, codes, names. Pure."""

import re
from functools import lru_cache

from bot.patients.cells import plain_digits


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


SEXES = {
    "F": "f female woman girl 2",
    "M": "m male man boy 1",
    "X": "x indeterminate other nonbinary notspecified 9",
    "U": "u unknown notknown notrecorded notstated 0",
}
"""Words and the digits of the NHS Data Dictionary's "PERSON STATED GENDER CODE"."""

INTERPRETER_NEEDED, INTERPRETER_NOT_NEEDED = "315594003", "315595002"
BSL_INTERPRETER_NEEDED = "204331000000107"
"""SNOMED CT findings."""

_SEX_OF = {word: sex for sex, words in SEXES.items() for word in words.split()}
_YES = _words(
    f"y yes true 1 required needed interpreterrequired interpreterneeded {INTERPRETER_NEEDED} {BSL_INTERPRETER_NEEDED}",
)
_NO = _words(
    "n no false 0 none notrequired notneeded interpreternotrequired interpreternotneeded",
    f"nointerpreterrequired nointerpreterneeded {INTERPRETER_NOT_NEEDED}",
)
_NOT_STATED = _words("notrecorded unknown notknown na notstated notapplicable none")
_REGISTERED = _words("registered regular currentlyregistered fullyregistered")
_REFUSED = _words(
    "n no false 0 declined decline dissent dissented refused refuse withdrawn optedout optout noconsent",
    "consentdeclined consentrefused",
)
_AGREED = _words(
    "y yes true 1 consent consented consentgiven given agreed accepted granted optedin",
    "notrecorded unknown",
)
_ALIVE = _words("n no false 0 alive living na none null nan notdeceased notdead notapplicable")
_NOTHING = re.compile(r"[\s.\-\u2010-\u2015\u2212]*")
_DEAD = _words("y yes true 1 deceased dead died")
_KEPT_BY_SPREADSHEETS = 15  # digits of a number
_TURNS = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_SEMANTIC_TAG = re.compile(r"\(\s*(finding|qualifier value|situation)\s*\)\s*$", re.I)
_CODE = re.compile(r"(\d{6,18})(?:\.0+)?(?:\s*\|.*|\s+[^\d\s].*)?", re.DOTALL)
_PLAIN_CODES = re.compile(r"\d{6,15}(?:;\d{6,15})*", re.ASCII)
_CODE_LIKE = re.compile(r"(?<![\w.])(\d{6,18})(?:\.0+)?(?!\w)", re.ASCII)
_AROUND_CODES = re.compile(r"^[\W_]+|[\W_]+$")
_JOINED = re.compile(r"\s*([/&+,-])")
_AND = re.compile(r"and|or|plus|with", re.I)
_OTHER_CODE = re.compile(r"(?=\S*\d)\S+")
"""What a code of another kind looks like: one word with a digit in it, as "J45.9"."""
_INTERPRETER = re.compile(r"\binterpreter\b.*\b(?:needed|required)\b|\b(?:needs?|requires?)\b.*\binterpreter\b", re.I)
_DENIED = re.compile(r"\b(?:no|not|doesn['\u2019]?t)\s+(?:longer\s+|an?\s+)*(?:interpreter|need|requir)", re.I)
_DECILE = re.compile(r"0?[1-9]|10", re.ASCII)
_TITLE = re.compile(r"^(mr|mrs|ms|miss|mx|dr|prof|rev|master)\.?\s+(?=\S)", re.I)
_LATER_BYTE = (
    "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122\ufffd]"
)
_DAMAGED = re.compile(
    r"\ufffd|\?(?=\w)|(?<=\w)\?|\u00bf(?=\w)|(?<=\w)\u00bf"
    # UTF-8 read as Windows-1252, as a Macintosh's letters, as those of DOS
    rf"|[\u00c2-\u00df](?![\u2018\u2019]){_LATER_BYTE}|[\u00c3-\u00c5]{_LATER_BYTE}"
    rf"|[\u00e0-\u00ef]{_LATER_BYTE}{{2}}|\u00f0{_LATER_BYTE}{{3}}|\u221a(?=\S)|[\u2500-\u257f]"
    # letters written for a web page, a program or a letter
    r"|(?i:&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31}\d{0,2});|\\u[\da-f]{4}|%[\da-f]{2}|=[c-e][\da-f]=[89ab][\da-f])"
)
_TITLE_AFTER = re.compile(r"\s*\(\s*(mr|mrs|ms|miss|mx|dr|prof|rev|master)\.?\s*\)\s*$", re.I)


@lru_cache(maxsize=1024)
def _squash(word: str) -> str:
    return re.sub(r"[\W_]+", "", _SEMANTIC_TAG.sub("", word)).casefold()


def read_decile(word: str) -> int | None:
    """1 to 10; None when the word is no such number."""
    digits = plain_digits(word)
    return int(digits) if _DECILE.fullmatch(digits) else None


def read_sex(word: str) -> str | None:
    """`F`, `M`, `X` or `U`; None when the word is not known."""
    return _SEX_OF.get(_squash(word))


def concept(word: str) -> str:
    """The concept id of "315579002 |Main spoken language Polish|" or "315579002.0"; any other word as it is."""
    match = _CODE.fullmatch(word)
    return match[1] if match else word


@lru_cache(maxsize=1024)
def read_interpreter(word: str) -> bool | None:
    """Whether an interpreter is needed; None when the word says neither."""
    squashed = _squash(concept(word))
    if squashed in _NO:
        return False
    if squashed in _YES:
        return True
    return not _DENIED.search(word) if _INTERPRETER.search(word) else None


def is_not_stated(word: str) -> bool:
    """Whether a word says no more than a blank cell: "Not Recorded", "-"."""
    squashed = _squash(word)
    return not squashed or squashed in _NOT_STATED


def is_registered(word: str) -> bool:
    """Whether a registration status means that the person is on the practice's list today."""
    return _squash(word) in _REGISTERED


def read_refusal(word: str) -> bool | None:
    """Whether texting is refused; None when the word is not known."""
    squashed = _squash(word)
    if squashed in _REFUSED:
        return True
    return False if squashed in _AGREED or _NOTHING.fullmatch(word) else None


def means_alive(word: str) -> bool:
    """Whether a cell about death says that there was none."""
    return _NOTHING.fullmatch(word) is not None or _squash(word) in _ALIVE


def means_dead_undated(word: str) -> bool:
    """Whether a cell says that the person died, without saying when."""
    return _squash(word) in _DEAD


def read_codes(cell: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The SNOMED CT concept ids of a cell, parted by `;` or otherwise, and the pieces that are none.

    A code may be followed by its term. Nothing else of the cell is left out without being among the pieces.
    """
    if _PLAIN_CODES.fullmatch(cell):
        return tuple(cell.split(";")), ()
    codes: list[str] = []
    others: list[str] = []
    for piece in re.split(r"[;\n]", plain_digits(cell)):
        if _AROUND_CODES.sub("", piece):
            _read_piece(piece, codes, others)
    return tuple(codes), tuple(others)


def _read_piece(piece: str, codes: list[str], others: list[str]) -> None:
    """Codes one after the other, each with what stands between it and the next."""
    found = list(_CODE_LIKE.finditer(piece))
    if not found or _AROUND_CODES.sub("", piece[: found[0].start()]):
        others.append(piece.strip())
        return
    before = ""
    ends = [match.start() for match in found[1:]]
    for match, end in zip(found, [*ends, len(piece)], strict=True):
        code, after = match[1], piece[match.end() : end]
        in_term = re.search(r"[^\W\d_]", before) is not None
        known = not _is_rounded(code) and (not in_term or _has_check_digit(code))
        (codes if known else others).append(code)
        others.extend(_swallowed(after))
        before = after


def _swallowed(after: str) -> list[str]:
    """What follows a code and is neither its term nor a mere separator: a number, or something joined to it."""
    text = _AROUND_CODES.sub("", after)
    if not re.search(r"[^\W\d_]", text):
        return [text] if text else []
    joined = _JOINED.match(after)
    if joined is None or _AND.fullmatch(text):
        return []
    return [text] if joined[1] in "/&+" or _OTHER_CODE.fullmatch(text) else []


def _is_rounded(code: str) -> bool:
    """Whether a spreadsheet has put zeros for the last digits of a long identifier, as its check digit shows."""
    lost = code[_KEPT_BY_SPREADSHEETS:]
    return bool(lost) and not lost.strip("0") and not _has_check_digit(code)


def _has_check_digit(code: str) -> bool:
    """Whether the last digit is the one that Verhoeff's scheme gives, as in every SNOMED CT identifier."""
    check = 0
    for place, char in enumerate(reversed(code)):
        digit = int(char)
        for _ in range(place % 8):
            digit = _TURNS[digit]
        check = _combine(check, digit)
    return check == 0


def _combine(first: int, second: int) -> int:
    """The product in the group of a pentagon's turns (0 to 4) and reflections (5 to 9)."""
    turn = first + second if first < 5 else first - second
    return turn % 5 + (5 if (first < 5) != (second < 5) else 0)


def is_damaged(name: str) -> bool:
    """Whether a program on the way knew no such letter: "?ukasz", "MÃ¼ller", "O&#39;Brien"."""
    return not (name.isascii() and name.isalpha()) and _DAMAGED.search(name) is not None


def split_name(full_name: str) -> tuple[str, str]:
    """Surname and given name of "SMITH, John (Mr)" or "Mr John Smith"."""
    name = _TITLE_AFTER.sub("", full_name)
    if "," in name:
        surname, given = name.split(",", 1)
        return surname.strip(), _TITLE.sub("", given.strip())
    given, _, surname = _TITLE.sub("", name).rpartition(" ")
    return surname, given.strip()
