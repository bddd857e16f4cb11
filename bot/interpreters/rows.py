"""A row of an agency's list: who it is, or what is wrong with which cell. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.accounts.accounts import tidy_email
from bot.interpreters.hours import Hours, read_hours
from bot.lists.judging.cell_words import read_sex
from bot.lists.judging.row_reading import CellProblem
from bot.lists.reading.named_rows import NamedRow
from bot.organisations.naming import read_code_and_name
from bot.patients.phones import read_phone
from bot.refusals import Refused
from bot.texts.languages import find_language

CODE, NAME, SEX, PHONE, EMAIL, LANGUAGES = "Code", "Name", "Sex", "Phone", "Email", "Languages"
NOTICES = {
    "in_person_notice": "In Person Notice",
    "telephone_notice": "Telephone Notice",
    "video_notice": "Video Notice",
}
HOURS = "Hours"
HEADINGS: Mapping[str, Sequence[str]] = {
    CODE: ("Interpreter Code", "Interpreter"),
    NAME: ("Full Name", "Interpreter Name"),
    SEX: ("Gender",),
    PHONE: ("Mobile", "Mobile Telephone", "Telephone", "Phone Number"),
    EMAIL: ("Email Address", "E-mail"),
    LANGUAGES: ("Language",),
    NOTICES["in_person_notice"]: ("Face to Face Notice",),
    NOTICES["telephone_notice"]: ("Phone Notice",),
    NOTICES["video_notice"]: (),
    HOURS: ("Working Hours", "Availability"),
}
NEEDED = (CODE, NAME, LANGUAGES)
MOST_NOTICE = 24 * 60
"""Hours; nobody asks for more than two months."""
_HOURS_OF_NOTICE = re.compile(r"(\d{1,4})\s*(?:h|hrs?|hours?)?", re.IGNORECASE)


class InterpreterIn(NamedTuple):
    """An interpreter as a row describes them; `details` are columns of the table."""

    code: str
    details: Mapping[str, str | int | None]
    languages: tuple[str, ...]
    hours: tuple[Hours, ...]


@dataclass
class RowJudged:
    """What one row says; `interpreter` is None when it is rejected, and then the problems say why."""

    row: int
    interpreter: InterpreterIn | None = None
    problems: list[CellProblem] = field(default_factory=list)

    def problem(self, column: str, code: str, message: str) -> None:
        """Say something about a cell."""
        self.problems.append(CellProblem(self.row, column, code, message))


class _RejectedError(Exception):
    """Nothing of this row can be used."""


def judge_row(row: NamedRow, *, test_numbers: bool) -> RowJudged:
    """Read a row.

    :param test_numbers: whether the numbers that are set aside for drama count as phones.
    """
    judged = RowJudged(row.number)
    with suppress(_RejectedError):
        judged.interpreter = _read(row, judged, test_numbers)
    return judged


def _read(row: NamedRow, judged: RowJudged, test_numbers: bool) -> InterpreterIn:
    if row.fault is not None:
        _reject(judged, CODE, row.fault.code, row.fault.message)
    code, name = _code_and_name(row, judged)
    languages = _languages(row.cell(LANGUAGES), judged)
    details: dict[str, str | int | None] = {
        "name": name,
        "sex": _sex(row.cell(SEX), judged),
        "phone": _phone(row.cell(PHONE), judged, test_numbers),
        "email": _email(row.cell(EMAIL), judged),
        **{column: _notice(row.cell(heading), heading, judged) for column, heading in NOTICES.items()},
    }
    if all(details[column] is None for column in NOTICES):
        message = "No way of working is given. Write the hours of notice under at least one of the three, 0 for none."
        _reject(judged, NOTICES["in_person_notice"], "no-mode", message)
    return InterpreterIn(code, details, languages, _hours(row.cell(HOURS), judged))


def _reject(judged: RowJudged, column: str, code: str, message: str) -> None:
    judged.problem(column, code, message)
    raise _RejectedError


def _code_and_name(row: NamedRow, judged: RowJudged) -> tuple[str, str]:
    try:
        return read_code_and_name("interpreter", row.cell(CODE), row.cell(NAME))
    except Refused as refused:
        column = NAME if row.cell(CODE) and not row.cell(NAME) else CODE
        judged.problem(column, refused.code, refused.message)
        raise _RejectedError from None


def _languages(written: str, judged: RowJudged) -> tuple[str, ...]:
    """Tags in their order; one that is not known rejects the row, for nobody is asked in a language by guess."""
    words = [word.strip() for word in re.split(r"[;,|\n]", written) if word.strip()]
    if not words:
        _reject(judged, LANGUAGES, "no-language", "No language is given. Write at least one, such as Kurdish (Sorani).")
    found = {word: find_language(word) for word in words}
    unknown = [word for word, tag in found.items() if tag is None]
    if unknown:
        message = (
            f"{', '.join(unknown)}: no language we know by that name. Write it as in the language menu, or its tag."
        )
        _reject(judged, LANGUAGES, "unknown-language", message)
    return tuple(dict.fromkeys(tag for tag in found.values() if tag is not None))


def _sex(written: str, judged: RowJudged) -> str:
    sex = read_sex(written) if written else "U"
    if sex is None:
        judged.problem(SEX, "unknown-sex", f"{written} is not read as a sex (F, M or X). It is left open.")
    return sex or "U"


def _phone(written: str, judged: RowJudged, test_numbers: bool) -> str | None:
    reading = read_phone(written, test_numbers=test_numbers)
    if written and reading.number is None:
        judged.problem(
            PHONE, "phone-not-used", f"{written} is no UK mobile number. Texts to this interpreter cannot go."
        )
    return reading.number


def _email(written: str, judged: RowJudged) -> str | None:
    if not written:
        return None
    try:
        return tidy_email(written)
    except Refused as refused:
        judged.problem(EMAIL, refused.code, f"{refused.message} It is left out.")
        return None


def _notice(written: str, heading: str, judged: RowJudged) -> int | None:
    if not written:
        return None
    found = _HOURS_OF_NOTICE.fullmatch(written)
    if found is None or int(found[1]) > MOST_NOTICE:
        message = f"{written} is not a number of hours from 0 to {MOST_NOTICE}, so this way of working is left out."
        judged.problem(heading, "bad-notice", message)
        return None
    return int(found[1])


def _hours(written: str, judged: RowJudged) -> tuple[Hours, ...]:
    try:
        hours = tuple(read_hours(written))
    except ValueError as wrong:
        message = f"{wrong} is not read as hours. Write them as in: mon 08:30-11:00; thu 13:00-17:00"
        _reject(judged, HOURS, "bad-hours", message)
    if not hours:
        judged.problem(HOURS, "no-hours", "No working hours are given, so nobody can book this interpreter yet.")
    return hours


def without_those_named_twice(judged: Iterable[RowJudged]) -> tuple[list[RowJudged], int]:
    """Rows that name nobody a second time, and how many repeated another; one that says otherwise is rejected."""
    first: dict[str, InterpreterIn] = {}
    kept: list[RowJudged] = []
    repeated = 0
    for row in judged:
        found = row.interpreter
        before = first.setdefault(found.code, found) if found else None
        if found is None or before is found:
            kept.append(row)
        elif before == found:
            repeated += 1
        else:
            row.interpreter = None
            row.problem(CODE, "conflict", f"{found.code} stands in the file before, with other details. Keep one row.")
            kept.append(row)
    return kept, repeated
