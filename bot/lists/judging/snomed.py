"""SNOMED CT identifiers. Pure."""

_KEPT_BY_SPREADSHEETS = 15  # digits of a number
_TURNS = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def is_rounded(code: str) -> bool:
    """Whether a spreadsheet has put zeros for the last digits of a long identifier, as its check digit shows."""
    lost = code[_KEPT_BY_SPREADSHEETS:]
    return bool(lost) and not lost.strip("0") and not has_check_digit(code)


def has_check_digit(code: str) -> bool:
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
