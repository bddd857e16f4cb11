"""A real browser before the real application: served by waitress on a free port of this machine."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from waitress.server import create_server

from bot.assets import build_assets
from bot.database import Database
from bot.settings import Settings
from bot.tables.accounts import Role
from tests.accounts.conftest import SignIn
from tests.accounts.conftest import signed_in as signed_in
from tests.accounts.conftest import world as world
from tests.applications import application
from tests.browser.chromium import NO_CHROMIUM, chromium, find_chromium, keep_pictures, open_window, watch

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


class Served:
    """One server for all tests of a process, each with the application it sets."""

    app: Flask

    def __init__(self) -> None:
        self.server = create_server(self, host="127.0.0.1", port=0, threads=4)
        self.port = int(self.server.effective_port)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.app(environ, start_response)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    build_assets()
    served = Served()
    threading.Thread(target=served.server.run, daemon=True).start()
    yield served
    served.server.close()


@pytest.fixture
def app(served: Served, db: Database, settings: Settings) -> Flask:
    """The application, served; its webhooks and links carry the address under which the browser asks for it."""
    served.app = application(settings.model_copy(update={"port": served.port}), db)
    return served.app


@pytest.fixture
def address(served: Served, app: Flask) -> str:
    """Where the application is served."""
    return f"http://127.0.0.1:{served.port}"


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
def sign_in_as(page: Page, address: str, signed_in: SignIn) -> SignInAs:
    """Give the window the session of an account of that role."""

    def sign_in(role: Role) -> None:
        session = signed_in(role).get_cookie("easy-to-reach")
        assert session is not None
        page.context.add_cookies([{"name": session.key, "value": session.value, "url": address}])

    return sign_in


def _keep_picture(request: pytest.FixtureRequest, page: Page) -> None:
    """With SCREENSHOTS=folder, keep how the page looked at the end of the test, at both widths."""
    if folder := os.environ.get("SCREENSHOTS"):
        keep_pictures(page, Path(folder), request.node.name)
