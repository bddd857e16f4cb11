"""Translation packages as files: what is in one, what it becomes in the folder, and whether it is still that.

A package is a zip of one folder: metadata.json, a tokeniser and a CTranslate2 model. It comes from outside, so
nothing of it is trusted: not its paths, not its sizes, not the pair it says it is.
"""

import hashlib
import json
import lzma
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from bot.private_files import FOLDER, all_in
from bot.refusals import Refused
from bot.texts.languages import LANGUAGES
from bot.translation.codes import tag_of
from bot.translation.engines import Fault

METADATA = "metadata.json"
TRIAL_PACKAGES = frozenset(
    [
        "a4d0fe4e684a1e315561a81f3fa703964415afad4212535001312f174ef85579",
        "43a4e02ab5a31289357621d39e8af70c37d5d2fb42141e921e6fd3a8b0dbf8ea",
    ]
)
"""The two packages in tests/data/argos by their sha256: trained for tests, not for patients."""
TRIAL_MODELS = frozenset(
    [
        "b15f7b1afd059c28b7603923ac54cf9fb61747b99e32774119f38bfd12a65058",
        "133933dc1bda4416d22a3cc0493f6fa0dce83a36b65195f53ab07000b1a9b8e9",
    ]
)
"""The models in them by the sha256 of model.bin, whatever else they are packed with."""
TRIAL_FORM = "[1]"
"""What stands for a value in the input of both, as they were trained."""
TRIAL_FOLDER = Path(__file__).resolve().parents[2] / "tests" / "data" / "argos"
"""Where those two lie."""

TRIAL_LABEL = "trained for tests, not for patients"
"""Stands wherever one of those two is named."""

LARGEST_UNPACKED = 2 * 1024**3
SMALL_UNPACKED = 64 * 1024**2
MOST_GROWTH = 10
"""A package that is many times as large unpacked holds no model: the numbers in one hardly get smaller by zip."""
LONGEST_NAME = 100
MOST_FILES = 200
LARGEST_METADATA = 64 * 1024
_TOKENISERS = ("sentencepiece.model", "bpe.model")
_MODEL = "model/model.bin"
_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_NAMED_PAIR = re.compile(r"translate-([A-Za-z-]+)_([A-Za-z-]+?)(?:-[\d_.]+)?(?:\.argosmodel)?")
_NO_PART_OF_A_VERSION = re.compile(r"[^A-Za-z0-9._+-]")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
)
"""What reading a zip raises that is none, or that somebody made for the purpose."""
_ASK_AGAIN = "Get it again from where it came from."
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Package:
    """A package file that was looked through. Languages are tags of ours; `top` is the folder inside the zip.

    `trial`: the model in it was trained for tests, not for patients.
    """

    path: Path
    from_language: str
    to_language: str
    version: str
    sha256: str
    top: str
    trial: bool

    @property
    def folder(self) -> str:
        """What its folder is called here: no two contents have one name."""
        return f"{self.top}-{self.sha256[:8]}"


def read_package(path: Path) -> Package:
    """Look through a package file; nothing of it is written anywhere.

    :raises Refused: `no-package`, `bad-package` or `other-pair`, in a sentence.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            top = _refuse_unsafe(archive.infolist(), path.stat().st_size)
            metadata = _metadata(archive, top)
            damaged = archive.testzip()
            trial = damaged is None and _sha256(archive.open(f"{top}/{_MODEL}")) in TRIAL_MODELS
    except PermissionError:
        raise
    except _UNREADABLE as error:
        raise Refused(
            "no-package", f"{path.name} is no translation package, or not a whole one. {_ASK_AGAIN}"
        ) from error
    if damaged:
        raise Refused("bad-package", f"{path.name} is damaged. {_ASK_AGAIN}")
    pair = _pair(path.name, metadata)
    _refuse_other_names(path.name, top, str(metadata.get("code", "")), metadata)
    version = _NO_PART_OF_A_VERSION.sub("", str(metadata.get("package_version")))[:32] or "0"
    return Package(path, *pair, version, file_sha256(path), top, trial)


def _refuse_unsafe(members: list[zipfile.ZipInfo], size: int) -> str:
    """The one folder everything is in; `size` is that of the package, in bytes.

    :raises Refused: `bad-package`.
    """
    files = [member for member in members if not member.is_dir()]
    largest = min(LARGEST_UNPACKED, max(SMALL_UNPACKED, MOST_GROWTH * size))
    if len(files) > MOST_FILES or sum(member.file_size for member in files) > largest:
        raise Refused("bad-package", "The package would take up far more room than a model does; it is not unpacked.")
    tops = {_top(member) for member in members}
    names = {member.filename for member in files}
    if len(names) != len(files) or any(
        path.as_posix() in names for name in names for path in PurePosixPath(name).parents
    ):
        raise Refused("bad-package", "The package holds a file twice; nothing of it is unpacked.")
    if len(tops) != 1:
        raise Refused("no-package", "That is no translation package: it is not one folder with a model in it.")
    top = tops.pop()
    if not (
        {f"{top}/{METADATA}", f"{top}/{_MODEL}"} <= names and any(f"{top}/{name}" in names for name in _TOKENISERS)
    ):
        raise Refused(
            "no-package", f"That is no translation package: {METADATA}, the tokeniser or the model is missing."
        )
    return top


def _top(member: zipfile.ZipInfo) -> str:
    """The first step of a member's path, once it is known that the path leads nowhere else."""
    name = member.filename
    parts = PurePosixPath(name).parts
    is_link = (member.external_attr >> 16) & 0o170000 == 0o120000
    if is_link or "\\" in name or ":" in name or name.startswith("/") or ".." in parts or not parts:
        raise Refused("bad-package", "A path in the package leads out of its folder; nothing of it is unpacked.")
    if not _PLAIN_NAME.fullmatch(parts[0]) or not name.isprintable() or max(map(len, parts)) > LONGEST_NAME:
        raise Refused("bad-package", "A folder or file in the package has a name that no package has.")
    return parts[0]


def _metadata(archive: zipfile.ZipFile, top: str) -> Mapping[str, Any]:
    if archive.getinfo(f"{top}/{METADATA}").file_size > LARGEST_METADATA:
        raise ValueError(METADATA)
    read = json.loads(archive.read(f"{top}/{METADATA}"))
    if not isinstance(read, dict):
        raise ValueError(METADATA)
    return read


def _pair(name: str, metadata: Mapping[str, Any]) -> tuple[str, str]:
    if metadata.get("type", "translate") != "translate":
        raise Refused("no-package", f"{name} is a package of Argos, but not one that translates.")
    codes = [str(metadata.get("from_code") or ""), str(metadata.get("to_code") or "")]
    tags = [tag_of(code) for code in codes]
    if None in tags or tags[0] == tags[1]:
        raise Refused("other-pair", f"{name} is for {codes[0]!r} to {codes[1]!r}, which is no pair of ours.")
    return tags[0] or "", tags[1] or ""


def _refuse_other_names(name: str, top: str, code: str, metadata: Mapping[str, Any]) -> None:
    """A package that is called one pair and says it is another has been mixed up somewhere."""
    said = (metadata.get("from_code"), metadata.get("to_code"))
    for named in (name, top, code):
        found = _NAMED_PAIR.fullmatch(named)
        if found and found.groups() != said:
            raise Refused(
                "other-pair", f"{name}: {named} is the name of another pair than {said[0]} to {said[1]}. {_ASK_AGAIN}"
            )


def pair_in_words(from_language: str, to_language: str) -> str:
    """A direction in words, such as "English to Urdu"."""
    return f"{LANGUAGES[from_language].english} to {LANGUAGES[to_language].english}"


def unpack(package: Package, beside: Path) -> Path:
    """Unpack into a new folder beside those in use; whoever calls puts it in place or takes it away.

    :raises Refused: the package holds more than it said.
    """
    new = beside / f".new-{os.getpid()}-{package.sha256[:8]}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=FOLDER, parents=True)
    try:
        with zipfile.ZipFile(package.path) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    _unpack_one(archive, member, new / PurePosixPath(member.filename).relative_to(package.top))
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return new


def _unpack_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    left = member.file_size
    with archive.open(member) as source, target.open("xb") as file:
        while piece := source.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise Refused("bad-package", "The package holds more than it says; it is not unpacked.")
            file.write(piece)


def file_sha256(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return _sha256(file)


def _sha256(file: IO[bytes]) -> str:
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def contents_of(folder: Path) -> str:
    """One sha256 over the names and contents of every file in a folder."""
    found = hashlib.sha256()
    for name, path in sorted(_files(folder)):
        found.update(f"{name}\0{file_sha256(path)}\n".encode())
    return found.hexdigest()


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in all_in(folder):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def fault_of(folder: Path, contents: str, *, live: bool) -> Fault | None:
    """Why what lies in a folder is not to be loaded as the model that was installed there; None when it may be."""
    if not (folder / METADATA).is_file():
        return "missing"
    try:
        if contents_of(folder) != contents:
            return "changed"
        return "trial" if live and file_sha256(folder / _MODEL) in TRIAL_MODELS else None
    except FileNotFoundError:  # another process puts a new one in its place
        return "missing"
