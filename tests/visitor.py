"""Somebody at a browser without scripts: signs in, reads pages, fills in forms with their hidden token."""

import re
from typing import Any

import requests

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """One browser. Every answer below 400 is taken; others fail the test with what the page said."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._token = ""

    def sign_in(self, email: str, password: str) -> "Visitor":
        self.page("/sign-in")
        landed = self.press("/sign-in", email=email, password=password)
        assert "/sign-in" not in landed.url, "sign-in refused"
        return self

    def page(self, path: str) -> str:
        answer = self._session.get(self._address + path, timeout=30)
        assert answer.ok, (path, answer.status_code)
        if found := TOKEN.search(answer.text):
            self._token = found.group(1)
        return answer.text

    def press(self, path: str, files: Any = None, **fields: str) -> requests.Response:
        """Send a form and follow where it leads."""
        answer = self._session.post(
            self._address + path, data=fields | {"csrf_token": self._token}, files=files, timeout=60
        )
        assert answer.ok, (path, answer.status_code, re.sub(r"<[^>]+>|\s+", " ", answer.text)[-600:])
        return answer

    def status_of(self, path: str, fields: dict[str, str]) -> int:
        """What the service answers to a form, wherever it would lead."""
        form = fields | {"csrf_token": self._token}
        return self._session.post(self._address + path, data=form, timeout=60, allow_redirects=False).status_code
