"""Take the picture of a campaign for the README: python -m tests.browser.picture docs/campaign.png

It makes a demo in a folder of its own, plans and approves with the buttons, and waits until answers have come in.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect

from bot.assets import build_assets
from tests.browser.chromium import NO_CHROMIUM, chromium, find_chromium
from tests.world import World, wait_until

SIZE = {"width": 1280, "height": 1480}
REFERRED, ANSWERED = 15, 30
LONGEST_WAIT = 120
LARGEST_FILE = 200_000


def main(file: Path) -> int:
    """Take the picture and say how large it is."""
    path = find_chromium()
    if path is None:
        print(NO_CHROMIUM, file=sys.stderr)
        return 1
    build_assets()
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder), f"sqlite:///{folder}/picture.db", {"SIMULATOR_ANSWERS": "on"})
        try:
            take_picture(world, path, file)
        finally:
            world.stop()
    size = file.stat().st_size
    print(f"{file}: {size // 1000} kB")
    return 0 if size <= LARGEST_FILE else 1


def take_picture(world: World, chromium_path: str, file: Path) -> None:
    """Plan and approve as the lead does, and take the page when it has come alive."""
    world.start_phones()
    world.start("serve", "--prepare")
    world.wait_for_pages()
    with chromium(chromium_path) as browser:
        page = browser.new_page(base_url=world.url, viewport=SIZE, locale="en-GB")
        page.goto("/sign-in")
        page.get_by_role("button", name="Lead clinician").click()
        page.get_by_role("button", name="Find the people").click()
        page.get_by_role("button", name="Approve batch 1").click()
        expect(page.get_by_role("status")).to_be_visible()
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


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Name the file, such as docs/campaign.png")
    sys.exit(main(Path(sys.argv[1]).resolve()))
