"""JSON and NDJSON to FHIR resources, one at a time: a long Bundle is never a tree in memory as a whole."""

import json
import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.lists.reading.fhir_values import text_of
from bot.lists.reading.table import RowFault
from bot.refusals import Refused

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_EXPORT = "Export Patient and Condition as FHIR R4 JSON: one Bundle, or one resource a line (NDJSON)."
_DEEPEST_BUNDLE = 3
_MOST_MEMBERS = 1000  # of the outermost object; FHIR has some dozens


@dataclass(frozen=True)
class NumberedResource:
    """A resource and where it stood: the number of its line, or of its entry. Without one, `fault` says why.

    `place` numbers all of a file. `request` and `response` are what an entry says was done, in a Bundle that tells of
    changes; then the same resource may stand there in several versions.
    """

    number: int
    resource: dict[str, Any] | None
    full_url: str | None = None
    fault: RowFault | None = None
    request: Mapping[str, Any] | None = None
    response: Mapping[str, Any] | None = None
    place: int = 0

    @property
    def kind(self) -> str | None:
        """The type of the resource, also where only its deletion is told."""
        kind = self.resource.get("resourceType") if self.resource else None
        return kind if isinstance(kind, str) else self._told.partition("/")[0] or None

    @property
    def deleted(self) -> bool:
        """Whether it was deleted."""
        return self.request is not None and text_of(self.request.get("method")).upper() == "DELETE"

    @property
    def key(self) -> str | None:
        """Type and id by which versions of one resource are known; None where a file tells of no changes."""
        if self.request is None or self.fault:
            return None
        name = text_of(self.resource.get("id")) if self.resource else ""
        return f"{self.kind}/{name}" if name else self._told or self.full_url

    def without_content(self) -> "NumberedResource":
        """No more than tells which version it is: a long file is never in memory as a whole."""
        resource = self.resource or {}
        kept: dict[str, Any] = {name: resource[name] for name in ("resourceType", "id", "meta") if name in resource}
        return replace(self, resource=kept or None)

    def is_newer_than(self, other: "NumberedResource") -> bool:
        """By the times they were written, else by their versions, else as FHIR has it: the newest first."""
        for mine, theirs in zip(self._stamps(), other._stamps(), strict=True):
            if mine and theirs and mine != theirs:
                return mine > theirs
        return self.place < other.place

    @property
    def _told(self) -> str:
        """Type and id of the request's address, or of the entry's."""
        address = text_of((self.request or {}).get("url")) or self.full_url or ""
        pieces = address.split("?")[0].split("/_history/")[0].rstrip("/").split("/")
        return "/".join(pieces[-2:]) if len(pieces) > 1 else ""

    def _stamps(self) -> tuple[str, str]:
        meta = self.resource.get("meta") if self.resource else None
        meta = meta if isinstance(meta, dict) else {}
        written = text_of(meta.get("lastUpdated")) or text_of((self.response or {}).get("lastModified"))
        version = text_of(meta.get("versionId")) or text_of((self.response or {}).get("etag")).strip('W/"')
        return written[:19], version.zfill(20) if version.isdigit() else ""


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
    found = _lines(lines, pages) if lines is not None else _document(text, pages)
    for place, item in enumerate(found, 1):
        yield replace(item, place=place)
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


def _unwrap(number: int, value: Any, pages: _Pages, depth: int = 0, **entry: Any) -> Iterator[NumberedResource]:
    """The resource, or those of a Bundle, all with the same number.

    :param entry: what the entry around it says beside.
    """
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        yield _bad(number, "This is not a FHIR resource.")
    elif value["resourceType"] != "Bundle" or depth >= _DEEPEST_BUNDLE:
        yield NumberedResource(number, value, **entry)
    else:
        pages.note(value.get("link"))
        entries = value.get("entry")
        for entry in entries if isinstance(entries, list) else []:
            yield from _entry(number, entry, pages, depth + 1)


def _entry(number: int, entry: Any, pages: _Pages, depth: int = 1) -> Iterator[NumberedResource]:
    if not isinstance(entry, dict) or entry.get("resourceType"):
        yield from _unwrap(number, entry, pages, depth)
        return
    around: dict[str, Any] = {
        "full_url": entry["fullUrl"] if isinstance(entry.get("fullUrl"), str) else None,
        "request": entry["request"] if isinstance(entry.get("request"), dict) else None,
        "response": entry["response"] if isinstance(entry.get("response"), dict) else None,
    }
    if entry.get("resource") is not None:
        yield from _unwrap(number, entry["resource"], pages, depth, **around)
    elif around["request"] is not None:
        yield NumberedResource(number, None, **around)  # says only what was done


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
    members = 0
    while text[at] != "}":
        members += 1
        if members > _MOST_MEMBERS:
            raise Refused("not-fhir", f"The file has far more members than any FHIR resource. {_EXPORT}")
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
