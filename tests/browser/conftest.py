"""A real browser before the real application: served by waitress on a free port of this machine."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from waitress.server import create_server

from bot.app import create_app
from bot.assets import build_assets
from bot.database import Database
from bot.settings import Settings
from bot.staff.tables import Role
from tests.browser.chromium import NO_CHROMIUM, chromium, find_chromium, keep_pictures, open_window, watch
from tests.staff.conftest import PASSWORD, World
from tests.staff.conftest import world as world

SignInAs = Callable[[Role], None]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    with chromium(path) as launched:
        yield launched


@pytest.fixture
def address(db: Database, settings: Settings) -> Iterator[str]:
    """Where the application is served; its webhooks and links carry the same address."""
    build_assets()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = create_app(settings.model_copy(update={"port": port}), db)
    server = create_server(app, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.close()
    thread.join(timeout=5)


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """A fresh browser window; a script error fails the test."""
    window = open_window(browser, address)
    faults = watch(window, address)
    yield window
    _keep_picture(request, window)
    window.context.close()
    assert not [fault for fault in faults if "status of 4" not in fault]


@pytest.fixture
def sign_in_as(page: Page, world: World) -> SignInAs:
    """Sign in as the account of a role, the way a person does."""

    def sign_in(role: Role) -> None:
        page.goto("/sign-in")
        page.get_by_label("Email address").fill(f"{role}@example.org")
        page.get_by_role("textbox", name="Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", level=1).wait_for()

    return sign_in


def _keep_picture(request: pytest.FixtureRequest, page: Page) -> None:
    """With SCREENSHOTS=folder, keep how the page looked at the end of the test, at both widths."""
    if folder := os.environ.get("SCREENSHOTS"):
        keep_pictures(page, Path(folder), request.node.name)
