"""Conditions of FHIR: whose they are, which SNOMED CT codes they have, and whether they are still so. Pure.

Source: HL7 FHIR STU3 and R4, "Condition"; STU3, which GP Connect sends, writes a status as a code by itself.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.lists.reading.fhir_values import codes_of_concept, objects_of, plain_words, text_of, words_of_concept

_SNOMED = ("http://snomed.info/sct", "https://snomed.info/sct", "urn:oid:2.16.840.1.113883.6.96")
_NOT_SO = re.compile(r"refuted|entered in error")
_ACTIVE = re.compile(r"active|recurrence|relapse")
_ENDED = re.compile(r"inactive|remission|resolved")
_ENDED_IN_WORDS = re.compile(r"(?<!not )(?<!not in )\b(?:inactive|remission|resolved)\b")


def condition_codes(condition: dict[str, Any], today: date) -> frozenset[str]:
    """The SNOMED CT codes of a Condition that the person has today; none of one refuted, mistaken or over."""
    if not _is_so(condition) or _is_over(condition, today):
        return frozenset()
    code = condition.get("code")
    codings = objects_of(code.get("coding")) if isinstance(code, dict) else []
    snomed = (coding for coding in codings if text_of(coding.get("system")).startswith(_SNOMED))
    return frozenset(value for coding in snomed if (value := text_of(coding.get("code"))))


def subject_names(condition: dict[str, Any]) -> Iterator[str]:
    """Everything by which a Condition refers to its Patient."""
    subject = condition.get("subject")
    if not isinstance(subject, dict):
        return
    if reference := text_of(subject.get("reference")):
        yield reference
        pieces = reference.split("/_history/")[0].split("/")
        if len(pieces) > 1 and pieces[-2] == "Patient":
            yield f"Patient/{pieces[-1]}"
    identifier = subject.get("identifier")
    if isinstance(identifier, dict) and (value := text_of(identifier.get("value"))):
        yield by_number(value)


def by_number(value: str) -> str:
    """How a Patient is referred to by an NHS number."""
    return "nhs:" + value.replace(" ", "")


def _is_so(condition: dict[str, Any]) -> bool:
    status = condition.get("verificationStatus")
    stated = [plain_words(word) for word in (*codes_of_concept(status), *words_of_concept(status))]
    return not any(_NOT_SO.search(word) for word in stated)


def _is_over(condition: dict[str, Any], today: date) -> bool:
    """By its clinical status; where there is none that we know, by whether it has an end."""
    status = condition.get("clinicalStatus")
    codes = [plain_words(code) for code in codes_of_concept(status)]
    if any(_ENDED.fullmatch(code) for code in codes):
        return True
    if any(_ACTIVE.fullmatch(code) for code in codes):
        return False
    words = [plain_words(word) for word in (*codes_of_concept(status), *words_of_concept(status))]
    return any(_ENDED_IN_WORDS.search(word) for word in words) or _has_ended(condition, today)


def _has_ended(condition: dict[str, Any], today: date) -> bool:
    ends = [(name, value) for name, value in condition.items() if name.startswith("abatement")]
    return any(_is_an_end(name, value, today) for name, value in ends)


def _is_an_end(name: str, value: Any, today: date) -> bool:
    if value in (None, "", False) or plain_words(text_of(value)) == "false":
        return False
    day = text_of(value)[:10]
    return not (name == "abatementDateTime" and day > today.isoformat()[: len(day)])
