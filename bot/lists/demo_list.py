"""The demo's list of made-up patients: seeded, so that every run makes the same people.

Languages other than English are in the proportions of Census 2021 (table TS024) for Hastings and Bradford,
each town counting the same; a third of the people have none recorded, as in real records.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate, chain, count
from random import Random

from nhs_number.validate import calculate_checksum

from bot.lists.demo_names import NAMES
from bot.lists.judging.cell_words import INTERPRETER_NEEDED, INTERPRETER_NOT_NEEDED
from bot.lists.reading.columns import PLAIN_LIST

SEED = 2026
WORDED_NAMES = (
    *("English", "Polish", "Romanian", "Urdu", "Punjabi", "Bengali", "Arabic"),
    *("Somali", "Russian", "Ukrainian", "Farsi", "Turkish", "Portuguese"),
)
"""Languages that have wording, the commonest: the first people of the list speak them and can be invited."""

_NEEDED = ("Y", INTERPRETER_NEEDED)
_SURE_PEOPLE = 2 * len(WORDED_NAMES)
_NOT_RECORDED = 1 / 3
_ENGLISH = 0.35
"""More than in the towns as a whole, fewer than in their most mixed wards, which this practice stands for."""

_HASTINGS = (
    4613,
    "Romanian 669 Polish 412 Russian 295 Kurdish 242 Arabic 223 Hungarian 174 Italian 157 Tagalog 144"
    " Spanish 141 Turkish 127 Bengali 125 Latvian 121 Czech 118 Portuguese 96 Farsi 92 Slovak 71"
    " Ukrainian 16",
)
_BRADFORD = (
    65208,
    "Urdu 15270 Punjabi 13558 Polish 5992 Bengali 3415 Slovak 3227 Pashto 2754 Arabic 2445 Gujarati 1762"
    " Romanian 1448 Pahari 1429 Czech 904 Kurdish 896 Latvian 825 Russian 751 Hungarian 659 Farsi 525",
)
_SMALLER = (1000, "Somali 12 Oromo 6 Ukrainian 12")
"""Too few in the census tables to be named there; those from Ukraine mostly came after it."""

_AGES = ((0, 15, 0.13), (16, 17, 0.02), (18, 39, 0.32), (40, 64, 0.33), (65, 99, 0.20))
SORANI = "Kurdish (Sorani)"
_INTERPRETERS_MOBILES = {900_743: 999_998, 900_746: 999_999, 900_750: 999_997}
"""Numbers that the demo's interpreters have, and what a person has in place of them."""
_MOBILES_ON_DUTY = {900_755: 999_996, 900_758: 999_995}
"""The same of who is on duty for the practice."""
_KEPT = {**_INTERPRETERS_MOBILES, **_MOBILES_ON_DUTY}
MOBILES_OF_INTERPRETERS = tuple(f"07700 {number:06d}" for number in _INTERPRETERS_MOBILES)
MOBILES_ON_DUTY = tuple(f"07700 {number:06d}" for number in _MOBILES_ON_DUTY)
_BREATHING = {"195967001": 0.30, "13645005": 0.12, "370221004": 0.02, "87433001": 0.02}
_BREATHING_YOUNG = {"233678006": 0.10, "195967001": 0.10}
BREATHING = frozenset((*_BREATHING, *_BREATHING_YOUNG))
"""SNOMED CT concepts of whom the demo's campaign looks for."""
_OTHER = {
    "38341003": 0.16,  # hypertension
    "44054006": 0.09,  # type 2 diabetes
    "35489007": 0.08,  # depression
    "396275006": 0.08,  # osteoarthritis
    "84114007": 0.02,  # heart failure
}


@dataclass(frozen=True)
class _Person:
    nhs_number: str
    surname: str
    given_name: str
    born: date
    sex: str
    phone: str
    language: str
    interpreter: str
    codes: str
    registration: str = "Registered"
    died: str = ""
    consent: str = ""

    def cells(self) -> list[str]:
        """In the order of the plain list."""
        values = vars(self) | {"born": f"{self.born:%d/%m/%Y}"}
        return list(values.values())


def demo_csv(people: int, seed: int = SEED, today: date | None = None) -> bytes:
    """The list of made-up people as a practice would export it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(PLAIN_LIST)
    writer.writerows(demo_people(people, seed, today))
    return text.getvalue().encode()


def demo_people(people: int, seed: int = SEED, today: date | None = None) -> Iterator[list[str]]:
    """Cells of so many made-up people, in the order of the plain list.

    NHS numbers begin with 999, which is never issued; mobiles are test numbers, 07700 900000-900999 first.

    :param today: ages are counted from this day; otherwise from 1 July 2026, so that the list never changes.
    """
    makers = _Maker(Random(seed), today or date(2026, 7, 1))  # noqa: S311 - made-up people, not secrets
    before: _Person | None = None
    for index in range(people):
        person = makers.sure_person(index) if index < _SURE_PEOPLE else makers.any_person(before)
        before = person if index >= _SURE_PEOPLE else None
        yield person.cells()


class _Maker:
    """Draws people; numbers are handed out once."""

    def __init__(self, random: Random, today: date) -> None:
        self._random = random
        self._today = today
        self._nhs_numbers = _nhs_numbers(random.randrange(1_000_000))
        self._mobiles = _mobiles()
        self._languages, self._weights = _language_weights()

    def sure_person(self, index: int) -> _Person:
        """An adult with asthma or COPD and a mobile of their own, who speaks a language that has wording."""
        language = WORDED_NAMES[index % len(WORDED_NAMES)]
        person = self._drawn(language, self._random.randint(25, 80), next(self._mobiles))
        return replace(person, language=language, codes=self._random.choice(("195967001", "13645005")))

    def any_person(self, before: _Person | None) -> _Person:
        """Somebody; now and then of the same household, on the same phone, as the person before."""
        if before is not None and before.phone.startswith("07") and self._chance(0.06):
            return self._relative(before)
        age = self._age()
        person = self._drawn(self._language(), age, self._phone())
        return self._with_a_twist(person, age)

    def _relative(self, before: _Person) -> _Person:
        age = self._random.randint(0, 17) if self._chance(0.6) else self._random.randint(18, 85)
        spoken = "Kurdish" if before.language == SORANI else before.language or "English"
        person = self._drawn(spoken, age, before.phone)
        return replace(person, surname=before.surname, language=before.language)

    def _drawn(self, spoken: str, age: int, phone: str) -> _Person:
        sex = self._random.choice("FM")
        women, men, surnames = NAMES[spoken]
        recorded = "" if self._chance(_NOT_RECORDED) else spoken
        person = _Person(
            nhs_number=next(self._nhs_numbers),
            surname=self._random.choice(surnames),
            given_name=self._random.choice(women if sex == "F" else men),
            born=self._born(age),
            sex=sex,
            phone=phone,
            language=recorded,
            interpreter=self._interpreter(spoken),
            codes=self._codes(age),
        )
        # No interpreter can be found for Kurdish: the Kurdish languages are not understood by each other's speakers.
        exactly = recorded == "Kurdish" and person.interpreter in _NEEDED
        return replace(person, language=SORANI) if exactly else person

    def _with_a_twist(self, person: _Person, age: int) -> _Person:
        draw = self._random.random()
        if draw < 0.015 or (age > 80 and draw < 0.10):
            died = self._today - timedelta(days=self._random.randint(20, 900))
            return replace(person, died=f"{max(died, person.born):%d/%m/%Y}")
        if draw > 0.98:
            return replace(person, registration="Deducted")
        return replace(person, consent="Declined") if draw > 0.955 else person

    def _codes(self, age: int) -> str:
        breathing = _BREATHING if age >= 18 else _BREATHING_YOUNG
        likely = breathing | (_OTHER if age >= 30 else {})
        return ";".join(code for code, share in likely.items() if self._chance(share))

    def _phone(self) -> str:
        draw = self._random.random()
        if draw < 0.91:
            return next(self._mobiles)
        return f"01632 960{self._random.randrange(1000):03d}" if draw < 0.95 else ""

    def _interpreter(self, spoken: str) -> str:
        if spoken == "English" or self._chance(0.4):
            return ""
        return self._random.choice(("Y", "Y", INTERPRETER_NEEDED, "N", INTERPRETER_NOT_NEEDED))

    def _language(self) -> str:
        if self._chance(_ENGLISH):
            return "English"
        return self._random.choices(self._languages, cum_weights=self._weights)[0]

    def _age(self) -> int:
        low, high, _ = self._random.choices(_AGES, weights=[share for _, _, share in _AGES])[0]
        return self._random.randint(low, high)

    def _born(self, age: int) -> date:
        return self._today - timedelta(days=int(365.25 * age) + self._random.randint(1, 364))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


def _language_weights() -> tuple[list[str], list[float]]:
    """Languages, and their shares added up as `random.choices` likes them."""
    shares: dict[str, float] = {}
    for whole, table in (_HASTINGS, _BRADFORD, _SMALLER):
        words = table.split()
        for name, people in zip(words[::2], words[1::2], strict=True):
            shares[name] = shares.get(name, 0) + int(people) / whole
    return list(shares), list(accumulate(shares.values()))


def _nhs_numbers(start: int) -> Iterator[str]:
    """Valid numbers of the range that is never issued, each once, in no visible order."""
    for index in count(start):
        body = f"999{index * 618_033 % 1_000_000:06d}"
        check = calculate_checksum(body)
        if check is not None and check < 10:
            yield f"{body}{check}"


def _mobiles() -> Iterator[str]:
    drama = range(900_000, 901_000)
    others = (number for number in range(min(_KEPT.values())) if number not in drama)
    numbers = (_KEPT.get(number, number) for number in chain(drama, others))
    return (f"07700 {number:06d}" for number in numbers)
