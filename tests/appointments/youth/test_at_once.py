"""Phones and texts at the same moment: the claim decides, and nobody is told of a time that somebody else has."""

from concurrent.futures import ThreadPoolExecutor

from tests.appointments.youth.walls import HERS, Wall
from tests.factories import text_in
from tests.messaging.helpers import texts_to

PHONES = [f"+4477009001{number}" for number in range(60, 66)]


def at_once(wall: Wall, texts: list[tuple[str, str]]) -> None:
    with ThreadPoolExecutor(len(texts)) as together:
        list(together.map(lambda text: text_in(wall.db, wall.settings, *text), texts))
    wall.sent()


def test_six_phones_for_one_time_get_one_visit(wall: Wall) -> None:
    for phone in PHONES:
        wall.says(f"{wall.code} 2", phone)
        wall.says("1", phone)
    at_once(wall, [(phone, "0101") for phone in PHONES])
    last = sorted(str(texts_to(wall.db, phone)[-1].text_key) for phone in PHONES)
    assert last == ["poster-booked", *["poster-time-gone"] * 5]
    [visit] = wall.visits()
    assert sorted(start.stage for start in wall.starts()) == ["booked", *["gone"] * 5]
    assert wall.told(visit.phone or "")[-1] == "poster-booked"


def test_a_birthday_that_comes_twice_at_once_books_once(wall: Wall) -> None:
    wall.says(f"{wall.code} 2")
    wall.says("1")
    at_once(wall, [(HERS, "1205")] * 4)
    assert len(wall.visits()) == 1
    assert wall.told().count("poster-booked") == 1
