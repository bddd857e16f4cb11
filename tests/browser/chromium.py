"""The Chromium of this machine, and what every page must be: accessible, in the window, and served from here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

DESKTOP, PHONE = (1280, 900), (375, 740)
NO_CHROMIUM = "no Chromium on this machine: install the package chromium to run the browser tests"
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
    """The Chromium of this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
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


def assert_accessible(page: Page) -> None:
    """No finding of axe, and nothing wider than the window."""
    findings = Axe().run(page)
    assert findings.violations_count == 0, findings.generate_report()
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{page.url} is {width}px wider than the window"
