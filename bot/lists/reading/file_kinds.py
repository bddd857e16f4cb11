"""What a file is, by its first bytes: a list we read, or something to say one useful sentence about."""

import io
import zipfile
from enum import StrEnum

from bot.refusals import Refused

LARGEST_LIST = 64 * 1024 * 1024
"""Bytes; a practice of 100,000 patients is about a fifth of this."""

EXPORT = "Export it again as CSV UTF-8 (comma delimited), or save it as an Excel workbook (.xlsx)."

_TAKE_OFF = "Take the password off, and save the list as an Excel workbook (.xlsx) or as CSV UTF-8."


class FileKind(StrEnum):
    """The three kinds of file that can hold a list."""

    TEXT = "text"
    WORKBOOK = "workbook"
    FHIR = "fhir"


_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_SIGNATURES = {
    b"%PDF": "This is a PDF.",
    b"{\\rtf": "This is a Word document.",
    b"\x89PNG": "This is a picture.",
    b"\xff\xd8\xff": "This is a picture.",
    b"GIF8": "This is a picture.",
    b"II*\0": "This is a picture.",
    b"MM\0*": "This is a picture.",
    b"\x1f\x8b": "This file is compressed.",
    b"Rar!": "This file is compressed.",
    b"7z\xbc\xaf": "This file is compressed.",
    b"BZh": "This file is compressed.",
    b"SQLite format 3": "This is a database.",
    b"-----BEGIN PGP": "This file is encrypted.",
}
_IN_ARCHIVE = (
    ("word/", "This is a Word document."),
    ("ppt/", "This is a presentation."),
    ("xl/workbook.bin", "This is a binary Excel workbook (.xlsb)."),
    ("content.xml", "This is an OpenDocument file."),
)
_MARKUP = (
    (b"<!doctype html", "This is a web page."),
    (b"<html", "This is a web page."),
    (b"<?xml", "This is an XML file."),
    (b"<bundle", "This is FHIR as XML; as JSON we can read it."),
)
_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"


def file_kind_of(content: bytes) -> FileKind:
    """Tell what kind of list a file is.

    :raises Refused: it is empty, too large, or of a kind that holds no list we can read.
    """
    if len(content) > LARGEST_LIST:
        raise Refused("file-too-large", "The file is larger than 64 MB. Export fewer columns, or in two parts.")
    start = content[:4096].lstrip(_BLANK)
    if not start and not content.strip(_BLANK):
        raise Refused("empty-file", f"The file is empty. {EXPORT}")
    if content.startswith(b"PK"):
        return _packed(content)
    if content.startswith(_OLE):
        raise _ole(content)
    for signature, sentence in _SIGNATURES.items():
        if content.startswith(signature):
            raise _not_a_list(sentence)
    for beginning, sentence in _MARKUP:
        if start[:20].lower().startswith(beginning):
            raise _not_a_list(sentence)
    return FileKind.FHIR if start.startswith((b"{", b"[")) else FileKind.TEXT


def _not_a_list(sentence: str) -> Refused:
    return Refused("not-a-list", f"{sentence} It is not a list we can read. {EXPORT}")


def _ole(content: bytes) -> Refused:
    if _ENCRYPTED_STREAM in content:
        return Refused("not-a-list", f"This Excel workbook is protected by a password. {_TAKE_OFF}")
    return _not_a_list("This is an older Excel workbook (.xls), or another older Office file.")


def _packed(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise _not_a_list("This looks like an Excel workbook or another packed file, but it is damaged.") from None
    if any(member.flag_bits & 1 for member in members):
        raise Refused("not-a-list", f"This is a packed file with a password. {_TAKE_OFF}")
    names = [member.filename for member in members]
    if "xl/workbook.xml" in names:
        return FileKind.WORKBOOK
    for beginning, sentence in _IN_ARCHIVE:
        if any(name.startswith(beginning) for name in names):
            raise _not_a_list(sentence)
    raise Refused(
        "not-a-list",
        "This is a packed file (zip). Unpack it first, and upload the list that is in it, as CSV or .xlsx.",
    )
