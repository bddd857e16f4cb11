"""Pieces of FHIR, whatever shape the JSON has: text, objects, what a concept states, periods. Pure."""

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_LONGEST = 80


def text_of(value: Any) -> str:
    """A string or a number as text; of a list its first; anything else is none."""
    if isinstance(value, list):
        return text_of(value[0]) if value else ""
    return value.strip() if isinstance(value, str) else str(value) if type(value) in (int, float) else ""


def objects_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, or the one that stands without a list around it."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def word_of(value: Any) -> str:
    """What may be true or false, as a cell: Y, N, or whatever else stands there, so that nothing is overlooked."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    return text_of(value) or json.dumps(value)[:_LONGEST]


def codes_of_concept(value: Any) -> list[str]:
    """The codes of a concept, of a coding, or a code by itself (as STU3 writes a status)."""
    if isinstance(value, list):
        return [code for item in value for code in codes_of_concept(item)]
    if isinstance(value, dict):
        codes = [text_of(coding.get("code")) for coding in objects_of(value.get("coding"))]
        return [code for code in (*codes, text_of(value.get("code"))) if code]
    return [text_of(value)] if text_of(value) else []


def words_of_concept(value: Any) -> list[str]:
    """The words of a concept: of its codings, and its text."""
    concepts = objects_of(value)
    words = [text_of(coding.get("display")) for concept in concepts for coding in objects_of(concept.get("coding"))]
    words += [text_of(concept.get(name)) for concept in concepts for name in ("display", "text")]
    return [word for word in words if word]


def plain_words(word: str) -> str:
    """Without case and marks: "Entered-in-error" and "entered in error" are one."""
    return " ".join(re.sub(r"[\W_]+", " ", word).casefold().split())


def in_force(item: dict[str, Any], today: date) -> bool:
    """Whether today is within the item's period, both ends of which may be a year or a month alone."""
    period = item.get("period")
    if not isinstance(period, dict):
        return True
    start, end = text_of(period.get("start"))[:10], text_of(period.get("end"))[:10]
    day = today.isoformat()
    return start <= day[: len(start)] and (not end or end >= day[: len(end)])


def extensions_of(resource: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Extensions of that name as name and value, whichever body or version of FHIR published them."""
    for extension in objects_of(resource.get("extension")):
        if name in text_of(extension.get("url")).rpartition("/")[2]:
            yield flat(extension)


def flat(extension: dict[str, Any]) -> dict[str, Any]:
    """A complex extension as name and value; a simple one has its value under ''."""
    values = {text_of(part.get("url")): _value(part) for part in objects_of(extension.get("extension"))}
    return values | {"": _value(extension)}


def _value(part: dict[str, Any]) -> Any:
    return next((value for name, value in part.items() if name.startswith("value")), None)
