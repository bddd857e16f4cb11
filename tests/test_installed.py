"""Where what `make install` makes is not there, every start says so in a sentence, and no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.capabilities import CAPABILITIES, PROCESSES
from bot.capability import use

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted({command.name for command in PROCESSES} | set(use(CAPABILITIES).commands))
WITHOUT = "import runpy, sys; sys.modules[sys.argv.pop(1)] = None; runpy.run_module('bot', run_name='__main__')"
"""Runs `python -m bot` where one package is not to be had."""


def python(*words: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("words", [(), ("--help",), *((name,) for name in NAMES)], ids=str)
def test_a_python_without_the_packages_names_what_to_run(words: tuple[str, ...]) -> None:
    done = python("-S", "-m", "bot", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "make install" in done.stderr
    assert ".venv/bin/python -m bot" in done.stderr


def test_with_json_it_is_a_refusal() -> None:
    done = python("-S", "-m", "bot", "texts", "list", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["refused"] == "not-installed"


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("click", ["--help"]),
        ("sqlalchemy", ["migrate"]),
        ("pydantic_settings", ["serve"]),
        ("babel.messages.mofile", ["texts", "compile"]),
        ("apscheduler", ["clock"]),
    ],
)
def test_one_package_that_is_missing_is_named(package: str, words: list[str]) -> None:
    done = python("-c", WITHOUT, package, *words)
    assert done.returncode == 1
    assert done.stderr.startswith(package)
    assert "make install" in done.stderr


def test_a_python_that_is_too_old_is_told_which_one_is_needed() -> None:
    older = "import runpy, sys; sys.version_info = (3, 9, 1); runpy.run_module('bot', run_name='__main__')"
    done = python("-c", older)
    assert done.returncode == 1
    assert done.stderr.startswith("This is Python 3.9; 3.11 or newer is needed.")


def test_a_module_of_ours_that_is_missing_is_a_fault_and_not_explained_away(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WITHOUT, "bot.texts.parts", "texts", "count", "x"]
    done = subprocess.run(
        words, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 70
    assert "make install" not in done.stderr
