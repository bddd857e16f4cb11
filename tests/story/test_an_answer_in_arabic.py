"""Somebody whose language nobody recorded answers in Arabic, and staff write back: with texts that are ready where no
computer translates, in their own words where one does.

Over HTTP and the phone network, with the processes it really runs in and the translator's own child.
"""

import csv
import html
import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.factories import COPD, nhs_number
from tests.operations.scrubbing import assert_nothing_personal_was_written
from tests.story.test_the_whole_story import HEADER
from tests.visitor import Visitor
from tests.world import World, a_world, assert_ledger_is_the_database, wait_until

ARABIC, URDU = "+447700900301", "+447700900302"
SAID_IN_ARABIC = "ما افهم انجليزي ممكن موعد"
SAID_IN_URDU = "مجھے ایک سوال پوچھنا ہے، فون کریں"
GOES, IS_STOPPED = "Your test results are normal.", "Do not eat before your blood test."
NORMAL = "آپ کے ٹیسٹ کے نتائج نارمل ہیں۔"


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[World]:
    embedded = request.param == "sqlite"
    with a_world(tmp_path, new_database(request.param), LOG_LEVEL="debug") as world:
        for words in [("serve",)] if embedded else [("web",), ("clock",), ("worker",), ("translator",)]:
            world.start(*words)
        world.wait_for_pages()
        yield world


def test_an_answer_in_arabic(world: World) -> None:
    staff = people_of(world)
    import_the_list(world)
    invite(world)
    a_blank_language_gets_english_and_a_line(world)
    arabic_is_asked_back_before_it_is_stored(world)
    no_computer_translates_into_arabic(world, staff)
    own_words_go_in_urdu(world, staff)
    own_words_that_are_not_what_was_meant_do_not_go(world, staff)
    assert_ledger_is_the_database(world)
    assert_nothing_personal_was_written(world)
    assert world.command("audit", "verify")["ok"] is True


def people_of(world: World) -> Visitor:
    world.command("practices", "add", "HILL", "--name", "Hill Surgery", "--phone", "01632 960300")
    world.command("partners", "add", "WARM", "--name", "Warm Homes", "--places", "45", "--practice", "HILL")
    added = world.command("users", "add", "desk@example.org", "--role", "practice", "--organisation", "HILL")
    visitor, path = Visitor(world.url), added["link"].removeprefix(world.url)
    visitor.page(path)
    visitor.press(path, password="a long quiet winter", again="a long quiet winter")
    return visitor.sign_in("desk@example.org", "a long quiet winter")


def import_the_list(world: World) -> None:
    """03/04 is the third of April; whose language is blank is no reason to leave anybody out."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(HEADER)
    for index, phone, language in ((0, ARABIC, ""), (1, URDU, "Urdu")):
        mobile = phone.replace("+44", "0")
        rows.writerow(
            [nhs_number(index), "Example", "Sam", "03/04/1985", "F", mobile, language, "", COPD, "Registered", "", ""]
        )
    file = world.folder / "list.csv"
    file.write_text(out.getvalue(), encoding="cp1252")
    assert world.command("patients", "import", str(file), "--practice", "HILL")["stored"] == 2
    people = world.command("patients", "list", "--practice", "HILL")
    assert {person["born"] for person in people} == {date(1985, 4, 3).isoformat()}
    assert {person["language"] for person in people} == {None, "ur"}


def invite(world: World) -> None:
    of = ("--practice", "HILL", "--purpose", "fuel-poverty", "--partner", "WARM")
    campaign = world.command("campaign", "plan", *of)["campaign"]
    world.command("campaign", "approve", str(campaign))
    wait_until(lambda: len(world.ledger()) == 2 and world.settled())


def last_to(world: World, phone: str) -> str:
    return [entry["body"] for entry in world.ledger() if entry["to"] == phone][-1]


def language_of(world: World, phone: str) -> str | None:
    people = world.command("patients", "list", "--practice", "HILL")
    found: str | None = next(person["language"] for person in people if person["phone"] == phone)
    return found


def a_blank_language_gets_english_and_a_line(world: World) -> None:
    assert last_to(world, ARABIC).startswith("Hill Surgery")
    assert last_to(world, ARABIC).splitlines()[-1].startswith("9 = اردو")


def arabic_is_asked_back_before_it_is_stored(world: World) -> None:
    before = len(world.ledger())
    world.text_in(ARABIC, SAID_IN_ARABIC)
    wait_until(lambda: len(world.ledger()) > before and world.settled())
    assert "العربية" in last_to(world, ARABIC)
    assert language_of(world, ARABIC) is None
    world.text_in(ARABIC, "1")
    wait_until(world.settled)
    assert language_of(world, ARABIC) == "ar"


def item_of(staff: Visitor, words: str) -> int:
    """The item of the inbox with these words."""
    rows = re.findall(r'href="/inbox/(\d+)".*?(?=href="/inbox/\d+"|</table>)', staff.page("/inbox"), re.DOTALL)
    found = [number for number in rows if words in html.unescape(staff.page(f"/inbox/{number}"))]
    return int(found[0])


def no_computer_translates_into_arabic(world: World, staff: Visitor) -> None:
    """It is said before anybody writes; a text that is ready goes in Arabic."""
    item = item_of(staff, SAID_IN_ARABIC)
    page = html.unescape(staff.page(f"/inbox/{item}/free-text"))
    assert "There is no computer translation into Arabic here." in page
    assert "<textarea" not in page
    chosen = staff.page(f"/inbox/{item}?text=staff-please-call")
    draft = dict(re.findall(r'name="(seen)" value="(\d+)"', chosen)) | {"key": "staff-please-call", "language": "ar"}
    before = len(world.ledger())
    staff.press(f"/inbox/{item}/answer", **draft, then="done")
    wait_until(lambda: len(world.ledger()) > before and world.settled())
    assert "01632960300" in last_to(world, ARABIC)


def own_words_go_in_urdu(world: World, staff: Visitor) -> None:
    """Written, translated by the translator's child, read back, ticked, sent, and on the phone word for word."""
    world.text_in(URDU, SAID_IN_URDU)
    wait_until(world.settled)
    item = item_of(staff, SAID_IN_URDU)
    path, page = written(staff, item, GOES)
    assert "This is what will be sent. It has not gone yet." in page
    before = len(world.ledger())
    [shown] = re.findall(r'name="shown" value="([0-9a-f]{64})"', page)
    staff.press(f"{path}/send", read="yes", shown=shown, then="open")
    wait_until(lambda: len(world.ledger()) > before and world.settled())
    first, words, *_, phone = last_to(world, URDU).split("\n")
    assert (first, words, phone) == ("Hill Surgery:", NORMAL, "01632960300")
    assert GOES in html.unescape(staff.page(f"/inbox/{item}"))


def written(staff: Visitor, item: int, words: str) -> tuple[str, str]:
    """Words given to the translator: where they are looked at, and the page once it has come to them."""
    [seen] = re.findall(r'name="seen" value="(\d+)"', staff.page(f"/inbox/{item}/free-text"))
    asked = staff.press(f"/inbox/{item}/free-text", words=words, seen=seen)
    path = f"/inbox/{item}/free-text/{asked.url.rsplit('/', 1)[1]}"
    return path, wait_until(lambda: settled_page(staff, path), within=60, every=0.5)


def settled_page(staff: Visitor, path: str) -> str:
    page = html.unescape(staff.page(path))
    return page if "data-settled" in page else ""


def own_words_that_are_not_what_was_meant_do_not_go(world: World, staff: Visitor) -> None:
    """A lost "not" is told, and nothing goes; the words stay in the form."""
    item = item_of(staff, SAID_IN_URDU)
    before = len(world.ledger())
    _, page = written(staff, item, IS_STOPPED)
    assert "It was not sent, and does not go like this" in page
    assert "is missing from the translation" in page
    assert f">{IS_STOPPED}</textarea>" in page
    assert 'name="shown"' not in page
    wait_until(world.settled)
    assert len(world.ledger()) == before
