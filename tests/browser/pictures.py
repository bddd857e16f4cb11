"""Take the pictures of the documents: python -m tests.browser.pictures docs

It makes a demo in a folder of its own, lets everybody do what the documents tell of with the buttons they tell of, and
waits until answers have come in.
"""

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, FloatRect, Locator, Page, ViewportSize, expect
from sqlmodel import col, select

from bot.appointments.demo import GENERAL
from bot.assets import build_assets
from bot.clock import LONDON
from bot.tables.appointments import Visit
from bot.tables.patients import Patient, PhoneStatus
from tests.browser.chromium import NO_CHROMIUM, chromium, find_chromium
from tests.browser.small_png import make_small
from tests.lists.lists import cells, plain_list
from tests.world import World, wait_until

WIDE, TALL = 1280, 1480
NARROW, SHORT = 800, 620
"""Pixels: of the picture in the README, and at most of one that goes with a step."""
LARGEST = {"campaign": 100_000}
OTHERS = 60_000
"""Bytes of a picture."""
REFERRED, ANSWERED = 15, 30
LONGEST_WAIT = 120
PHONE = "+447700900977"
SIX_DIGITS = re.compile(r"^\d{6}$", re.MULTILINE)
A_LIST = (
    cells(Mobile_Telephone="07700 900201"),
    cells(NHS_Number="9990000085", Mobile_Telephone="07700 900202", Main_Language="Urdu"),
    cells(NHS_Number="9990000093", Mobile_Telephone="01632 960123", Main_Language="Klingon"),
    cells(NHS_Number="9990000094", Surname="Wrong-Number"),
)


@dataclass(frozen=True)
class Stage:
    """The demo, and a browser before it."""

    world: World
    browser: Browser

    @contextmanager
    def as_somebody(self, account: str, wide: bool = False) -> Iterator[Page]:
        """A window in which the demo's account of that name has signed in."""
        size = ViewportSize(width=WIDE if wide else NARROW, height=TALL if wide else SHORT)
        page = self.browser.new_page(base_url=self.world.url, viewport=size, locale="en-GB")
        page.goto("/sign-in")
        page.get_by_role("button", name=account).click()
        yield page
        page.close()


Take = Callable[[Stage, Path], None]
PICTURES: dict[str, Take] = {}
"""Every picture by its name, in the order in which they are taken: each goes on where the one before ended."""


def picture(name: str) -> Callable[[Take], Take]:
    def add(take: Take) -> Take:
        PICTURES[name] = take
        return take

    return add


def keep(page: Page, file: Path, down_to: Locator | None = None) -> None:
    """Keep the upper part of what the page is about, or what stands above a button and it."""
    page.mouse.move(0, 0)
    main = page.locator("main").bounding_box()
    button = down_to.bounding_box() if down_to else None
    assert main is not None
    top, bottom = main["y"], main["y"] + main["height"]
    if button is not None:
        top = max(top, button["y"] + button["height"] + 24 - SHORT)
    clip = FloatRect(x=0, y=top, width=NARROW, height=min(SHORT, bottom - top))
    page.screenshot(path=file, clip=clip, full_page=True)


@picture("first-day-organisations")
def organisations(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Administrator") as page:
        page.goto("/organisations")
        keep(page, file)


@picture("first-day-accounts")
def accounts(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Administrator") as page:
        page.goto("/accounts")
        keep(page, file, down_to=page.locator("main button:visible").last)


@picture("first-day-list")
def a_list(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Lead clinician") as page:
        page.goto("/lists")
        winter = FilePayload(name="winter.csv", mimeType="text/csv", buffer=plain_list(*A_LIST))
        page.locator("input[type=file]").set_input_files(winter)
        page.get_by_role("button", name="Look at the list").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Check the list before it is stored")
        keep(page, file)


@picture("first-day-approve")
def approve(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Lead clinician") as page:
        page.goto("/campaigns")
        page.get_by_role("button", name="Find the people").click()
        button = page.get_by_role("button", name="Approve batch 1")
        expect(button).to_be_visible()
        keep(page, file, down_to=button)
        button.click()
        expect(page.get_by_role("status")).to_be_visible()


@picture("campaign")
def campaign(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Lead clinician", wide=True) as page:
        page.goto("/campaigns/1")
        wait_until(lambda: has_come_alive(page), within=LONGEST_WAIT, every=1)
        page.reload()
        page.screenshot(path=file)


def has_come_alive(page: Page) -> bool:
    """Whether enough people have answered; the page keeps itself fresh."""
    figures = page.locator(".etr-figure")
    answered, referred = (
        figures.filter(has=page.get_by_text(name, exact=True)).locator("strong") for name in ("Answered", "Referred")
    )
    return int(answered.inner_text()) >= ANSWERED and int(referred.inner_text()) >= REFERRED


@picture("first-day-inbox")
def inbox(stage: Stage, file: Path) -> None:
    stage.world.text_in(PHONE, "seene mein dard")
    with stage.as_somebody("Care coordinator") as page:
        page.goto("/inbox")
        keep(page, file)


@picture("first-day-urgent")
def urgent(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Care coordinator") as page:
        page.goto("/inbox")
        page.locator("main a[href*='/inbox/']").first.click()
        keep(page, file)


@picture("first-day-referrals")
def referrals(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Citizens Advice adviser") as page:
        page.goto("/referrals")
        keep(page, file)


@picture("interpreters-day")
def a_day_of_a_clinic(stage: Stage, file: Path) -> None:
    with stage.as_somebody("Care coordinator") as page:
        page.goto(f"/clinics/{GENERAL}/{fullest_day(stage.world)}")
        keep(page, file)


@picture("interpreters-portal")
def an_interpreter_books(stage: Stage, file: Path) -> None:
    """For somebody who reads out the number that comes to their phone."""
    person = somebody_who_speaks(stage.world, "pa-Guru")
    code = stage.world.command("people", "code", person.nhs_number, "--practice", "STATION")["code"]
    with stage.as_somebody("Nadia Hussain, interpreter") as page:
        page.goto("/interpreter/join?again=1")
        page.get_by_label("Code of the person").fill(code)
        page.get_by_role("button", name="Send the number").click()
        page.get_by_label("Number").fill(number_on_phone(stage.world, person.phone or ""))
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Free times")
        keep(page, file)


def fullest_day(world: World) -> date:
    """The day on which most visits of the demo are."""
    with world.database.read() as session:
        starts = session.exec(select(Visit.starts)).all()
    return Counter(moment.astimezone(LONDON).date() for moment in starts).most_common(1)[0][0]


def somebody_who_speaks(world: World, language: str) -> Patient:
    """Somebody with a phone who needs an interpreter of that language, and has no visit yet."""
    visited = select(Visit.patient_id).where(Visit.patient_id == Patient.id).exists()
    people = select(Patient).where(Patient.language == language, col(Patient.interpreter).is_(True), ~visited)
    with world.database.read() as session:
        found = session.exec(people.where(Patient.phone_status == PhoneStatus.OWN).order_by(col(Patient.id))).first()
    assert found is not None
    return found


def number_on_phone(world: World, phone: str) -> str:
    """The one-time number that the phone got last."""

    def numbers() -> list[str]:
        bodies = (text["body"] for text in world.ledger() if text["to"] == phone)
        return [number for body in bodies for number in SIX_DIGITS.findall(body)]

    return wait_until(numbers)[-1]


@contextmanager
def stage(chromium_path: str) -> Iterator[Stage]:
    """A demo whose phones answer, until the pictures are taken."""
    build_assets()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), f"sqlite:///{folder}/picture.db", {"SIMULATOR_ANSWERS": "on"})
        try:
            world.start_phones()
            world.start("serve", "--prepare")
            world.wait_for_pages()
            with chromium(chromium_path) as browser:
                yield Stage(world, browser)
        finally:
            world.stop()


def main(folder: Path) -> int:
    """Take all of them and say how large each is."""
    path = find_chromium()
    if path is None:
        print(NO_CHROMIUM, file=sys.stderr)
        return 1
    with stage(path) as ready:
        for name, take in PICTURES.items():
            take(ready, folder / f"{name}.png")
            make_small(folder / f"{name}.png")
    sizes = {name: (folder / f"{name}.png").stat().st_size for name in PICTURES}
    too_large = [name for name, size in sizes.items() if size > LARGEST.get(name, OTHERS)]
    for name, size in sizes.items():
        print(f"{folder / name}.png: {size // 1000} kB{', too large' if name in too_large else ''}")
    return int(bool(too_large))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the folder, such as docs")
    sys.exit(main(Path(sys.argv[1]).resolve()))
