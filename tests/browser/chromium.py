"""The Chromium of this machine, and what every page must be: accessible, in the window, and served from here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

DESKTOP, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=375, height=740)
NO_CHROMIUM = "no Chromium on this machine: install the package chromium to run the browser tests"
_RUN_AXE = "axe.run({resultTypes: ['violations']}).then(({violations}) => ({violations}))"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """The Chromium of this machine; best the one that never has a window, as it does less beside the pages."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name) for name in names)
    return next((path for path in found if path), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """A browser without a window of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


def watch(page: Page, *addresses: str) -> list[str]:
    """A list that fills with script errors, console errors and requests to any other address."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    allowed = (*addresses, "data:")
    page.on("request", lambda asked: None if asked.url.startswith(allowed) else faults.append(asked.url))
    return faults


def open_window(browser: Browser, address: str, size: ViewportSize = DESKTOP) -> Page:
    """A window with a memory of its own."""
    context = browser.new_context(base_url=address, viewport=size, locale="en-GB", reduced_motion="reduce")
    return context.new_page()


def settled(page: Page) -> Page:
    """The page once it is there as a whole, for what is read or measured at once; `expect` waits by itself."""
    page.wait_for_load_state()
    return page


def assert_in_the_window(page: Page) -> None:
    """Nothing is wider than the window as it is."""
    wider = _wider_than_window(settled(page))
    assert wider <= 0, f"{page.url} is {wider}px wider than its window"


def tab_to(page: Page, wanted: Locator) -> None:
    """Go there with the Tab key alone, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"no key leads to {wanted} on {page.url}")


def press_enter(page: Page) -> None:
    """Press the Enter key and see where it leads: a page that fits the window."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert_in_the_window(page)


def assert_accessible(page: Page) -> None:
    """No finding of axe, and nothing wider than a desktop's or a phone's window."""
    _wider_than_window(settled(page))
    page.evaluate(AXE_SCRIPT)
    findings = AxeResults(page.evaluate(_RUN_AXE))
    assert findings.violations_count == 0, findings.generate_report()
    for width in at_both_widths(page):
        wider = _wider_than_window(page)
        assert wider <= 0, f"{page.url} is {wider}px wider than a window of {width}px"


def _wider_than_window(page: Page) -> int:
    """Pixels by which a page is wider, once its menu has folded: that is a moment after the window has changed."""
    for _ in range(20):
        wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider <= 0:
            break
        page.wait_for_timeout(100)
    return wider


def keep_pictures(page: Page, folder: Path, name: str) -> None:
    """Keep how a page looks at both widths."""
    for width in at_both_widths(page):
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)


def at_both_widths(page: Page) -> Iterator[int]:
    """A desktop's and a phone's width in pixels, the window that wide; afterwards it is as it was."""
    size = page.viewport_size
    for width in (DESKTOP, PHONE):
        page.set_viewport_size(width)
        yield width["width"]
    page.set_viewport_size(size or DESKTOP)
