"""JSON and NDJSON to FHIR resources, one at a time: a long Bundle is never a tree in memory as a whole."""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from bot.lists.reading.rows import RowFault
from bot.refusals import Refused

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_EXPORT = "Export Patient and Condition as FHIR R4 JSON: one Bundle, or one resource a line (NDJSON)."
_DEEPEST_BUNDLE = 3


@dataclass(frozen=True)
class NumberedResource:
    """A resource and where it stood: the number of its line, or of its entry. Without one, `fault` says why."""

    number: int
    resource: dict[str, Any] | None
    full_url: str | None = None
    fault: RowFault | None = None


class _Pages:
    """Whether the last Bundle read said that another follows."""

    def __init__(self) -> None:
        self.more = False

    def note(self, links: Any) -> None:
        links = links if isinstance(links, list) else []
        self.more = any(isinstance(link, dict) and link.get("relation") == "next" for link in links)

    def refuse_if_more(self) -> None:
        if self.more:
            raise Refused(
                "more-pages",
                "This Bundle says that another page follows, so Patients or Conditions would be missing. "
                "Put all pages into one file, one Bundle a line.",
            )


def resources(content: bytes) -> Iterator[NumberedResource]:
    """Every resource of a Bundle, an array, one resource by itself, or NDJSON of any of these.

    :raises Refused: it is not JSON, is nested too deeply, or its last Bundle has another page after it.
    """
    text = _decode(content)
    lines = text.split("\n") if _is_ndjson(text) else None
    pages = _Pages()
    yield from _lines(lines, pages) if lines is not None else _document(text, pages)
    pages.refuse_if_more()


def _decode(content: bytes) -> str:
    try:
        return content.decode(json.detect_encoding(content))
    except UnicodeDecodeError:
        raise Refused("not-text", f"The file is not text that we can read. {_EXPORT}") from None


def _is_ndjson(text: str) -> bool:
    """Whether the first line that says something is a whole object, and others come after it.

    If it is broken, it must at least end as one, or the line after it be a resource.
    """
    first, _, others = text.lstrip("\ufeff \t\r\n").partition("\n")
    others = others.lstrip()
    if not others or _parsed(first) is not None:
        return bool(others)
    looks_so = others.startswith("{") and first.rstrip().endswith("}")
    return looks_so or "resourceType" in (_parsed(others.partition("\n")[0]) or {})


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _lines(lines: list[str], pages: _Pages) -> Iterator[NumberedResource]:
    for number, line in enumerate(lines, start=1):
        if not (text := line.strip("\ufeff \t\r")):
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            yield _bad(number, "This line is not JSON, or is nested too deeply. Export the file again.")
            continue
        yield from _unwrap(number, value, pages)


def _bad(number: int, message: str) -> NumberedResource:
    return NumberedResource(number, None, fault=RowFault("not-fhir", message, unusable=True))


def _unwrap(
    number: int, value: Any, pages: _Pages, full_url: str | None = None, depth: int = 0
) -> Iterator[NumberedResource]:
    """The resource, or those of a Bundle, all with the same number."""
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield _bad(number, "This is not a FHIR resource.")
    elif value["resourceType"] != "Bundle" or depth >= _DEEPEST_BUNDLE:
        yield NumberedResource(number, value, full_url)
    else:
        pages.note(value.get("link"))
        entries = value.get("entry")
        for entry in entries if isinstance(entries, list) else []:
            yield from _entry(number, entry, pages, depth + 1)


def _entry(number: int, entry: Any, pages: _Pages, depth: int = 1) -> Iterator[NumberedResource]:
    if isinstance(entry, dict) and "resource" not in entry and not entry.get("resourceType"):
        return  # an entry may say only what was done
    url = entry.get("fullUrl") if isinstance(entry, dict) else None
    resource = entry.get("resource", entry) if isinstance(entry, dict) else entry
    yield from _unwrap(number, resource, pages, url if isinstance(url, str) else None, depth)


def _document(text: str, pages: _Pages) -> Iterator[NumberedResource]:
    """One JSON value, walked: entries are decoded one by one and let go."""
    try:
        start = _skip(text, 1 if text.startswith("\ufeff") else 0)
        yield from _array(text, start, pages) if text[start : start + 1] == "[" else _object(text, start, pages)
    except RecursionError:
        raise Refused("too-deep", f"The file is nested far deeper than FHIR is. {_EXPORT}") from None
    except (ValueError, IndexError):
        raise Refused("not-json", f"The file is not whole: it is no valid JSON. {_EXPORT}") from None


def _object(text: str, at: int, pages: _Pages) -> Iterator[NumberedResource]:
    others: dict[str, Any] = {}
    at = _skip(text, _expect(text, at, "{"))
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if name == "entry" and text[at] == "[":
            at = yield from _array(text, at, pages)
        else:
            others[name], at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    if text[_skip(text, at + 1) :]:
        raise ValueError("more after the end")
    if others.get("resourceType") == "Bundle":
        pages.note(others.get("link"))
    else:
        yield from _unwrap(1, others, pages)


def _array(text: str, at: int, pages: _Pages) -> Generator[NumberedResource, None, int]:
    """The elements one by one; returns where the array ends."""
    at = _skip(text, _expect(text, at, "["))
    number = 0
    while text[at] != "]":
        value, at = _DECODER.raw_decode(text, at)
        number += 1
        yield from _entry(number, value, pages)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return at + 1


def _expect(text: str, at: int, mark: str) -> int:
    if text[at] != mark:
        raise ValueError(f"no {mark}")
    return at + 1


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
