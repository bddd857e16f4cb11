"""What a file is, by its first bytes: a list we read, or something to say one useful sentence about."""

import io
import re
import zipfile
from contextlib import suppress
from enum import StrEnum
from xml.parsers.expat import ExpatError, ParserCreate

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
_FHIR_AS_XML = "This is FHIR as XML; FHIR is read as JSON."
_ROOTS = {
    "http://hl7.org/fhir": _FHIR_AS_XML,
    "http://www.w3.org/1999/xhtml": "This is a web page.",
    "urn:schemas-microsoft-com:office:spreadsheet": "This is an Excel workbook as XML.",
}
"""What the namespace of an XML file's root says of it."""

_FHIR_NAMES = frozenset(("bundle", "patient", "condition", "parameters", "list"))
_WEB_PAGE = re.compile(rb"<(?:!doctype html|html|head|body|table|meta)\b", re.I)
_ENOUGH_MARKUP = 1 << 16
_BLANK = b"\xef\xbb\xbf\xff\xfe \t\r\n\0"


def file_kind_of(content: bytes) -> FileKind:
    """Tell what kind of list a file is.

    :raises Refused: it is empty, too large, or of a kind that holds no list we can read.
    """
    refuse_by_size(content)
    start = content[:4096].lstrip(_BLANK)
    if content.startswith(b"PK"):
        return _packed(content)
    if content.startswith(_OLE):
        raise _ole(content)
    for signature, sentence in _SIGNATURES.items():
        if content.startswith(signature):
            raise _not_a_list(sentence)
    if markup := _markup(content[:_ENOUGH_MARKUP].lstrip(_BLANK)):
        raise _not_a_list(markup)
    return FileKind.FHIR if start.startswith((b"{", b"[")) else FileKind.TEXT


def refuse_by_size(content: bytes) -> None:
    """:raises Refused: the file is empty or too large."""
    if len(content) > LARGEST_LIST:
        raise Refused("file-too-large", "The file is larger than 64 MB. Export fewer columns, or in two parts.")
    if not content[:4096].lstrip(_BLANK) and not content.strip(_BLANK):
        raise Refused("empty-file", f"The file is empty. {EXPORT}")


def _markup(start: bytes) -> str | None:
    """What a file that begins as XML or a web page is."""
    if not start.startswith((b"<", b"\0<")):
        return None
    if _WEB_PAGE.match(start):
        return "This is a web page."
    parser, roots = ParserCreate(namespace_separator=" "), list[str]()
    parser.StartElementHandler = lambda name, _: roots.append(name)
    with suppress(ExpatError, ValueError, LookupError):
        parser.Parse(start)
    if not roots:
        return "This is an XML file." if start[:5].lower() == b"<?xml" else None
    namespace, _, name = roots[0].rpartition(" ")
    if not namespace and name.rpartition(":")[2].lower() in _FHIR_NAMES:
        return _FHIR_AS_XML
    return _ROOTS.get(namespace, "This is an XML file.")


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
