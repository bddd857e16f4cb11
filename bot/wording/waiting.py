"""Who waits for which wording: people on the lists of practices, by the language that is recorded for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session, col, func, select

from bot.tables.patients import Patient
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES, LIFELINES_ONLY
from bot.wording.standing import Standing, WordingState, read_outline


@dataclass(frozen=True)
class LanguageLine:
    """How a language stands: texts by state, and how many people have it recorded."""

    tag: str
    people: int
    standings: Sequence[Standing]

    @property
    def name(self) -> str:
        """The language in English."""
        return LANGUAGES[self.tag].english

    @cached_property
    def waiting(self) -> int:
        """Texts that somebody may approve, those with a fault among them."""
        return sum(1 for standing in self.standings if standing.needed)

    @property
    def approved(self) -> int:
        """Texts whose wording is approved, for an earlier English too."""
        return sum(1 for standing in self.standings if standing.in_force)

    @cached_property
    def asked(self) -> Sequence[Standing]:
        """Texts of which the language should have a wording: of some languages only the lifelines."""
        return [one for one in self.standings if one.text.lifeline or self.tag not in LIFELINES_ONLY]

    @property
    def missing(self) -> int:
        """Texts of which the language should have a wording, and has none."""
        return sum(1 for standing in self.asked if standing.candidate is None)


def languages_by_people(session: Session) -> list[LanguageLine]:
    """Every language with texts: first those for which something waits, by how many people have the language."""
    people, standings = people_by_language(session), read_outline(session, ALL_LANGUAGES)
    size = len(standings) // len(ALL_LANGUAGES)
    lines = [
        LanguageLine(tag, people[tag], standings[at * size : (at + 1) * size]) for at, tag in enumerate(ALL_LANGUAGES)
    ]
    return sorted(lines, key=lambda line: (line.waiting == 0, -line.people, line.name))


def people_by_language(session: Session) -> Counter[str]:
    """People registered with a practice, by the language in which they read, as recorded."""
    statement = (
        select(col(Patient.language), func.count())
        .where(col(Patient.registered), ~col(Patient.deceased), col(Patient.language).is_not(None))
        .group_by(col(Patient.language))
    )
    people: Counter[str] = Counter()
    for tag, number in session.exec(statement):
        people[_read_by(tag or "")] += number
    return people


def _read_by(tag: str) -> str:
    known = LANGUAGES.get(tag)
    return known.reads or tag if known else tag


def people_waiting(standing: Standing, people: Counter[str]) -> int:
    """How many people wait for a wording of this text: none once it is approved."""
    return 0 if standing.state == WordingState.APPROVED else people[standing.language]


def next_to_read(standings: Sequence[Standing], user_id: int | None, after: str | None = None) -> Standing | None:
    """The next text of a language that waits for somebody like this person, beginning after the one of that key."""
    keys = [standing.text.key for standing in standings]
    start = keys.index(after) + 1 if after in keys else 0
    in_line = (*standings[start:], *standings[:start])
    return next((standing for standing in in_line if standing.may_be_approved_by(user_id)), None)
