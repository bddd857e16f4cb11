"""Packages from Argos's own index: only because a person asked, and only where there is internet."""

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.refusals import Refused
from bot.texts.languages import LANGUAGES
from bot.translation.codes import argos_code
from bot.translation.requests import ENGLISH

INDEX = "https://raw.githubusercontent.com/argosopentech/argospm-index/main/index.json"
LARGEST_INDEX = 4 * 1024**2
LARGEST_PACKAGE = 1024**3
_SECONDS = 20
_PIECE = 1024 * 1024
Progress = Callable[[str, int], None]


def packages_of(tag: str) -> list[Mapping[str, Any]]:
    """The newest package of each direction between English and a language, as Argos's index lists them.

    :raises Refused: `no-internet`; `no-model` when Argos has none for both directions.
    """
    listed = _index()
    code = argos_code(tag)
    found = [_newest(listed, *pair) for pair in ((ENGLISH, code), (code, ENGLISH))]
    if None in found:
        raise Refused("no-model", f"Argos has no models for English and {LANGUAGES[tag].english}.")
    return [package for package in found if package is not None]


def _index() -> list[Any]:
    try:
        listed = json.loads(b"".join(_pieces(INDEX, LARGEST_INDEX)))
    except ValueError:
        raise _no_internet() from None
    return listed if isinstance(listed, list) else []


def _newest(listed: Sequence[Any], source: str, target: str) -> Mapping[str, Any] | None:
    of_pair = [
        each
        for each in listed
        if isinstance(each, dict) and (each.get("from_code"), each.get("to_code")) == (source, target)
    ]
    return max(of_pair, key=lambda each: _version(each.get("package_version")), default=None)


def _version(words: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(words).split(".") if part.isdigit())


def fetch_package(package: Mapping[str, Any], folder: Path, progress: Progress) -> Path:
    """Fetch a listed package into a folder; gives the file.

    :raises Refused: `no-internet`.
    """
    links = [link for link in package.get("links") or () if urlsplit(str(link)).scheme == "https"]
    if not links:
        raise _no_internet()
    target = folder / f"translate-{package['from_code']}_{package['to_code']}.argosmodel"
    with target.open("wb") as file:
        for piece in _pieces(str(links[0]), LARGEST_PACKAGE):
            file.write(piece)
            progress(target.name, file.tell())
    return target


def _pieces(url: str, most: int) -> Iterator[bytes]:
    """What lies at an address; https alone, and no more than it may be."""
    left = most
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "easy-to-reach"})  # noqa: S310 - https, see INDEX
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            while piece := answer.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise ValueError
                yield piece
    except (OSError, HTTPException, ValueError):
        raise _no_internet() from None


def _no_internet() -> Refused:
    return Refused(
        "no-internet",
        "Argos's list of packages cannot be reached from here. Get the package files where there is internet, bring "
        "them here, and install each by its file name.",
    )
