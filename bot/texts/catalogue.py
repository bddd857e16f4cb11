"""The catalogue of texts: one TOML file a text, with its English source, its slots and its cap in parts."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from bot.texts.parts import plain

TEXTS_DIR = Path(__file__).resolve().parents[2] / "templates" / "texts"

Kind = Literal["emergency", "receipt", "answer", "question", "notice", "reminder", "alert", "outreach", "line", "page"]
SlotType = Literal["name", "place", "phone", "date", "day", "time", "number", "code", "choices", "times"]
Times = tuple[tuple[int, datetime], ...]
"""Moments on the wall clock in London, each with the number that chooses it, in the order of a text."""
Value = str | date | time | int | Times

SLOT = re.compile(r"\{([a-z][a-z_]*)\}")
_KEY = re.compile(r"[a-z][a-z0-9-]*")
_NEEDED = {"purpose": str, "kind": str, "cap": int, "text": str}
_OPTIONAL = {"lifeline": bool, "clinical": bool, "slots": dict}
_TYPE_NAMES = {str: "text in quotes", int: "a whole number", bool: "true or false", dict: "a table"}


class CatalogueError(Exception):
    """A file of the catalogue cannot be used; the message names the file and the fault."""


@dataclass(frozen=True)
class Slot:
    """A place in a text that is filled when it is sent. `example` is of the type the slot takes.

    One that is `optional` may have no value: then its line is left out.

    A `day` is a date of the next weeks, which is written without its year.
    """

    name: str
    type: SlotType
    example: Value
    optional: bool = False


@dataclass(frozen=True)
class Text:
    """A text of the catalogue.

    `cap` is the most SMS parts it may take, in any language, with the example values. A `lifeline` must be
    approved in English before anything can be planned; the wording of a `clinical` text is approved by two people.
    `source` is the English wording with {slots}.
    """

    key: str
    purpose: str
    kind: Kind
    cap: int
    lifeline: bool
    clinical: bool
    slots: Mapping[str, Slot]
    source: str


def slots_in(body: str) -> set[str]:
    """Return the names of the slots that appear in a body."""
    return set(SLOT.findall(body))


def has_stray_brace(body: str) -> bool:
    """Tell whether a body has a brace that belongs to no slot."""
    return any(brace in SLOT.sub("", body) for brace in "{}")


_DATES = ("date", "day")
_WANTED = {
    "date": "a date",
    "day": "a date",
    "time": "a time",
    "number": "a whole number",
    "times": "times with their numbers",
}


def value_fault(slot: Slot, value: Value) -> str | None:
    """Say what is wrong with the type of a value for a slot, or None when it fits."""
    if slot.type in _DATES:
        fits = isinstance(value, date) and not isinstance(value, datetime)
    elif slot.type == "time":
        fits = isinstance(value, time)
    elif slot.type == "number":
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif slot.type == "times":
        fits = isinstance(value, tuple) and bool(value)
    else:
        fits = isinstance(value, str) and bool(value.strip())
    wanted = _WANTED.get(slot.type, "words")
    return None if fits else f"slot {slot.name} needs {wanted}"


def _require(holds: bool, path: Path, fault: str) -> None:
    if not holds:
        raise CatalogueError(f"{path.name}: {fault}.")


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: not readable as TOML ({error}).") from error


def _check_fields(path: Path, data: Mapping[str, Any]) -> None:
    known = _NEEDED | _OPTIONAL
    for name in data:
        _require(name in known, path, f"unknown field {name}")
    for name in _NEEDED:
        _require(name in data, path, f"{name} is missing")
    for name, wanted in known.items():
        if name in data:
            _require(type(data[name]) is wanted, path, f"{name} must be {_TYPE_NAMES[wanted]}")


def _read_example(slot_type: str, example: Value) -> Value:
    if not isinstance(example, str):
        return example
    if slot_type in _DATES:
        return date.fromisoformat(example)
    if slot_type == "time":
        return time.fromisoformat(example)
    if slot_type == "times":
        numbered = (line.split(maxsplit=1) for line in example.strip().splitlines())
        return tuple((int(number), datetime.fromisoformat(moment)) for number, moment in numbered)
    return int(example) if slot_type == "number" else example


def _slot(path: Path, name: str, data: Any) -> Slot:
    whole = isinstance(data, dict) and {"type", "example"} <= set(data) <= {"type", "example", "optional"}
    _require(whole, path, f"slot {name} needs type, example, and may be optional")
    _require(data["type"] in get_args(SlotType), path, f"slot {name} has unknown type {data['type']}")
    try:
        example = _read_example(data["type"], data["example"])
    except ValueError as error:
        raise CatalogueError(f"{path.name}: slot {name} has an unreadable example ({error}).") from error
    slot = Slot(name, data["type"], example, data.get("optional") is True)
    fault = value_fault(slot, example)
    _require(fault is None, path, f"the example of {fault}")
    return slot


def _check_source(path: Path, source: str, slots: Mapping[str, Slot]) -> None:
    _require(bool(source.strip()), path, "text is empty")
    _require(source == plain(source), path, "text has curly quotes, long dashes or other marks to make plain")
    _require(not has_stray_brace(source), path, "text has a brace that belongs to no slot")
    unmatched = ", ".join(sorted(slots_in(source) ^ set(slots)))
    _require(not unmatched, path, f"text and [slots] do not have the same slots: {unmatched}")


def _text(path: Path) -> Text:
    data = _read(path)
    named_well = _KEY.fullmatch(path.stem) is not None
    _require(named_well, path, "the name must be small letters, digits and hyphens")
    _check_fields(path, data)
    _require(data["kind"] in get_args(Kind), path, f"unknown kind {data['kind']}")
    _require(data["cap"] >= 1, path, "cap must be 1 part or more")
    source = data["text"].strip("\n")
    slots = {name: _slot(path, name, slot) for name, slot in data.get("slots", {}).items()}
    _check_source(path, source, slots)
    return Text(
        key=path.stem,
        purpose=data["purpose"],
        kind=data["kind"],
        cap=data["cap"],
        lifeline=data.get("lifeline", False),
        clinical=data.get("clinical", False),
        slots=MappingProxyType(slots),
        source=source,
    )


def load_catalogue(folder: Path) -> Mapping[str, Text]:
    """Read every text of a folder, by key in alphabetical order.

    Raises CatalogueError, naming file and fault, when one of them cannot be used.
    """
    return MappingProxyType({path.stem: _text(path) for path in sorted(folder.glob("*.toml"))})


@cache
def catalogue() -> Mapping[str, Text]:
    """Return the texts of this service, by key; read once a process. Raises CatalogueError."""
    return load_catalogue(TEXTS_DIR)
