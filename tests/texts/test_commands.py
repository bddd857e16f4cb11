"""With --json, JSON is the only thing on standard output; without, people can read it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.texts.catalogue import CatalogueError, catalogue
from bot.texts.check import ALL_LANGUAGES, Problem
from bot.texts.languages import WORDED
from bot.understanding.compiled import kept_lists
from bot.wording import text_commands as commands
from bot.wording.text_commands import texts


@pytest.fixture
def _compiled(shipped_locales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCALES_DIR", shipped_locales)


def run(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(texts, arguments, input=stdin, catch_exceptions=False)


@pytest.mark.usefixtures("_compiled")
def test_list_gives_one_object_a_line() -> None:
    listings = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [listing["text"] for listing in listings] == list(catalogue())
    assert {"text", "purpose", "slots", "cap", "languages"} <= set(listings[0])
    invitation = next(listing for listing in listings if listing["text"] == "fuel-poverty-invitation")
    assert set(invitation["slots"]) == {"practice", "partner", "practice_phone"}
    assert invitation["languages"] == list(WORDED)
    emergency = next(listing for listing in listings if listing["text"] == "emergency")
    assert emergency["languages"] == list(ALL_LANGUAGES)


@pytest.mark.usefixtures("_compiled")
def test_list_is_readable_without_json() -> None:
    assert "emergency (emergency, at most 1 part)" in run("list").stdout


@pytest.mark.usefixtures("_compiled")
def test_check_counts_texts_and_languages() -> None:
    result = run("check", "--json")
    answer = json.loads(result.stdout)
    assert (answer["languages"], answer["texts"]) == (len(ALL_LANGUAGES), len(catalogue()))
    assert result.exit_code == (1 if answer["problems"] else 0)


def test_check_without_compiled_wording_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCALES_DIR", tmp_path)
    result = run("check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"] == "wording-unreadable"
    assert "run make install" in run("check").stderr


def test_a_catalogue_that_cannot_be_read_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise CatalogueError("visit.toml: cap is missing.")

    monkeypatch.setattr(commands, "catalogue", broken)
    result = run("list", "--json")
    assert (result.exit_code, json.loads(result.stdout)["refused"]) == (1, "catalogue-unreadable")


def test_check_names_problems_and_exits_1(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("emergency", "pl", "over-cap", "It takes 2 parts.")
    monkeypatch.setattr(commands, "check_wordings", lambda locales_dir: [problem])
    result = run("check")
    assert result.exit_code == 1
    assert "emergency [pl] over-cap: It takes 2 parts." in result.stdout


def test_compile_counts_languages(shipped_locales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "LOCALES_DIR", shipped_locales)
    answer = json.loads(run("compile", "--json").stdout)
    assert answer == {
        "compiled": len(ALL_LANGUAGES) - 1,
        "reply_lists": len(list(shipped_locales.glob("*/replies.toml"))),
    }
    assert kept_lists(shipped_locales) is not None


def test_count_of_a_text() -> None:
    assert json.loads(run("count", "--json", "zł").stdout) == {"encoding": "UCS-2", "units": 2, "parts": 1}
    assert run("count", "€" * 80).stdout == "1 part: 160 units in GSM-7\n"
    assert json.loads(run("count", "--json", "").stdout)["parts"] == 0


def test_count_answers_each_line_of_standard_input() -> None:
    result = run("count", "--json", stdin='"Hi"\n"\\u20ac"\n"ż"\n')
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(a["encoding"], a["units"]) for a in answers] == [("GSM-7", 2), ("GSM-7", 2), ("UCS-2", 1)]
    assert result.exit_code == 0


@pytest.mark.parametrize("line", [b"Hi", b"5", b"", b"null", b'["Hi"]', b'"Hi', b'"\xff"', b"[" * 100_000])
def test_a_line_that_is_no_json_string_is_answered_on_its_line_and_exits_1(line: bytes) -> None:
    result = run("count", "--json", stdin=line + b'\n"Hi"\n')
    refusal, answer = (json.loads(answer) for answer in result.stdout.splitlines())
    assert refusal["refused"] == "not-json"
    assert answer["units"] == 2
    assert result.exit_code == 1


def test_a_process_can_converse_with_count() -> None:
    program = "from bot.wording.text_commands import texts; texts(['count', '--json'])"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        for units in (1, 2, 3):
            process.stdin.write(json.dumps("a" * units) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["units"] == units
        process.stdin.close()
        assert process.wait(timeout=10) == 0
