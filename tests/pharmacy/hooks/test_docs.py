"""What docs/pharmacies.md shows works as it stands."""

import re
import threading
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path

import pytest

from bot.audit import CONSOLE
from bot.clock import utc_now
from bot.pharmacy.hooks.posting import Fault
from bot.pharmacy.hooks.setting_up import rotate_secret, send_test, set_address
from bot.pharmacy.hooks.showing import TYPES
from bot.pharmacy.notices.wording import ANSWERS
from tests.pharmacy.hooks.system import System

DOCS = (Path(__file__).resolve().parents[3] / "docs" / "pharmacies.md").read_text()


@pytest.fixture
def documented() -> Iterator[str]:
    """The address of the receiver that the documentation shows."""
    [source] = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    names: dict[str, object] = {"__name__": "receiver"}
    exec(source, names)  # noqa: S102 - our own documentation
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:  # type: ignore[arg-type]
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_its_receiver_takes_what_is_ours_once_and_refuses_all_else(
    system: System, documented: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_address(system.db, system.settings, "PRIORY", documented, CONSOLE)
    monkeypatch.setenv("SECRET", system.secret)
    send_test(system.db, "PRIORY", CONSOLE)
    system.tell()
    assert [state for state, _, _ in system.stands()] == ["delivered"]
    assert "webhook.test" in capsys.readouterr().out
    rotate_secret(system.db, system.settings, "PRIORY", CONSOLE)
    system.town.clock.move_to(utc_now().replace(hour=23))
    rotate_secret(system.db, system.settings, "PRIORY", CONSOLE)
    send_test(system.db, "PRIORY", CONSOLE)
    system.tell()
    assert system.stands()[-1] == ("waiting", 1, Fault.STATUS)
    assert system.rows()[-1].last_status == 401


def test_it_names_every_type_and_every_answer() -> None:
    part = DOCS.split("## Webhooks back")[1]
    for name in [*TYPES, *{answer for means in ANSWERS.values() for answer in means.values()}]:
        assert f"`{name}`" in part
