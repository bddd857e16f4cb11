"""Packages that are none, or not what they say: made from a good one."""

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.translation.helpers import TO_URDU

TOP = "translate-en_ur-0_1"


def package(folder: Path, name: str = "translate-en_ur.argosmodel", **changes: str | bytes | None) -> Path:
    """A package with members changed, added or (None) left out; a name that begins with / or .. is written as it is."""
    path = folder / name
    with zipfile.ZipFile(TO_URDU) as good, zipfile.ZipFile(path, "w") as made:
        members: dict[str, str | bytes | None] = {each: good.read(each) for each in good.namelist()}
        for member, content in changes.items():
            members[member if member.startswith(("/", ".", "\\", "C:")) else f"{TOP}/{member}"] = content
        for member, content in members.items():
            if content is not None:
                made.writestr(member, content)
    return path


def metadata(**changes: str) -> str:
    """The metadata of the good one, changed."""
    with zipfile.ZipFile(TO_URDU) as good:
        return json.dumps(json.loads(good.read(f"{TOP}/metadata.json")) | changes)


def no_zip(folder: Path) -> Path:
    path = folder / "notes.argosmodel"
    path.write_text("These are notes.")
    return path


def truncated(folder: Path) -> Path:
    path = folder / "translate-en_ur.argosmodel"
    path.write_bytes(TO_URDU.read_bytes()[:-100_000])
    return path


def without_its_beginning(folder: Path) -> Path:
    path = folder / "translate-en_ur.argosmodel"
    path.write_bytes(TO_URDU.read_bytes()[1_600_000:])
    return path


def damaged(folder: Path) -> Path:
    """A byte in the middle of the model is another."""
    content = bytearray(TO_URDU.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path = folder / "translate-en_ur.argosmodel"
    path.write_bytes(content)
    return path


def link(folder: Path) -> Path:
    """A member that is a symbolic link to somewhere else."""
    path = package(folder)
    with zipfile.ZipFile(path, "a") as made:
        member = zipfile.ZipInfo(f"{TOP}/passwords")
        member.external_attr = 0o120777 << 16
        made.writestr(member, "/etc/passwd")
    return path


def twice(folder: Path) -> Path:
    """Two files of one name, and who unpacks first decides which it is."""
    path = package(folder)
    with zipfile.ZipFile(path, "a") as made, warnings.catch_warnings(action="ignore"):
        made.writestr(f"{TOP}/README.md", "another")
    return path


def swollen(folder: Path) -> Path:
    """It says what it holds: two hundred megabytes of nothing beside the model."""
    path = package(folder)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr(f"{TOP}/nothing", bytes(200 * 1024**2))
    return path


def bomb(folder: Path) -> Path:
    """A hundred megabytes of nothing in a few kilobytes, thirty times."""
    path = folder / "translate-en_ur.argosmodel"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        made.writestr(f"{TOP}/metadata.json", metadata())
        made.writestr(f"{TOP}/sentencepiece.model", b"")
        made.writestr(f"{TOP}/model/model.bin", bytes(64 * 1024**2))
    with zipfile.ZipFile(path) as made:
        content = path.read_bytes()
        size = made.getinfo(f"{TOP}/model/model.bin").file_size
    path.write_bytes(content.replace(size.to_bytes(4, "little"), (3 * 1024**3).to_bytes(4, "little")))
    return path


BAD: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "no zip": ("no-package", no_zip),
    "truncated": ("no-package", truncated),
    "without its beginning": ("no-package", without_its_beginning),
    "damaged": ("bad-package", damaged),
    "no metadata": ("no-package", lambda folder: package(folder, **{"metadata.json": None})),
    "no tokeniser": ("no-package", lambda folder: package(folder, **{"sentencepiece.model": None})),
    "no model": ("no-package", lambda folder: package(folder, **{"model/model.bin": None})),
    "metadata that is no JSON": ("no-package", lambda folder: package(folder, **{"metadata.json": "{"})),
    "metadata that is a list": ("no-package", lambda folder: package(folder, **{"metadata.json": "[]"})),
    "metadata without end": ("no-package", lambda folder: package(folder, **{"metadata.json": " " * 100_000})),
    "a package of another kind": (
        "no-package",
        lambda folder: package(folder, **{"metadata.json": metadata(type="sbd")}),
    ),
    "a language that is none": (
        "other-pair",
        lambda folder: package(folder, "x.argosmodel", **{"metadata.json": metadata(to_code="tlh")}),
    ),
    "one language": ("other-pair", lambda folder: package(folder, **{"metadata.json": metadata(to_code="en")})),
    "another pair than its folder says": (
        "other-pair",
        lambda folder: package(folder, "x.argosmodel", **{"metadata.json": metadata(to_code="pl")}),
    ),
    "another pair than its name says": ("other-pair", lambda folder: package(folder, "translate-en_pl.argosmodel")),
    "a path that climbs": ("bad-package", lambda folder: package(folder, **{"../../evil": "x"})),
    "a path from the root": ("bad-package", lambda folder: package(folder, **{"/tmp/evil": "x"})),
    "a path of Windows": ("bad-package", lambda folder: package(folder, **{"..\\evil": "x"})),
    "two folders": ("no-package", lambda folder: package(folder, **{"./evil/x": "x"})),
    "a link": ("bad-package", link),
    "a bomb": ("bad-package", bomb),
    "a swollen one": ("bad-package", swollen),
    "a file twice": ("bad-package", twice),
    "a file where a folder is": ("bad-package", lambda folder: package(folder, model="x")),
    "a name without end": ("bad-package", lambda folder: package(folder, **{"n" * 300: "x"})),
    "a name of two lines": ("bad-package", lambda folder: package(folder, **{"a\nb": "x"})),
}
"""What is wrong with it, the code of its refusal, and how it is made."""
