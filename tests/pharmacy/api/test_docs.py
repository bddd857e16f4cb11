"""The curl lines of docs/pharmacies.md work as they stand, against the service on a port."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from bot.clock import utc_now
from bot.tables.pharmacy import TellPharmacy
from tests.pharmacy.api.program import Program
from tests.pharmacy.notices.world import Town

PAGE = Path(__file__).resolve().parents[3] / "docs" / "pharmacies.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("## The JSON API")[2].partition("\n## ")[0]


@pytest.fixture
def site(program: Program) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, program.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def lines() -> list[str]:
    """Each curl command of the section, in its order."""
    blocks = re.findall(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    return [line for block in blocks for line in re.split(r"\n(?=curl )", block.strip())]


def test_every_curl_line_works(town: Town, program: Program, site: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not here")
    with town.db.write() as session:
        session.add(TellPharmacy(patient_id=town.person.id or 0, yes=True, source="text", said_at=utc_now()))
    known = os.environ | {"SITE": site, "KEY": program.key, "PERSON": program.code, "NO_PROXY": "*"}
    answers: list[Any] = []
    for line in lines():
        known["ID"] = answers[0]["id"] if answers else ""
        ran = subprocess.run(["sh", "-c", line], env=known, capture_output=True, text=True, check=True, timeout=60)
        answers.append(json.loads(ran.stdout))
    first, anyway, batch, seen, withdrawn, need, reported = answers
    assert (first["state"], anyway["state"], seen["id"]) == ("queued", "queued", first["id"])
    assert [verdict["status"] for verdict in batch["verdicts"]] == [201, 201]
    assert (withdrawn["state"], need["language"], reported["state"]) == ("withdrawn", "pl", "waiting")
