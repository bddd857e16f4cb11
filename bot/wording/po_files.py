"""The wordings of a language as a PO file, for Weblate, Poedit and other tools of translators, and back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

import polib
from sqlmodel import Session

from bot.audit import Actor
from bot.database import Database
from bot.refusals import Refused
from bot.tables.wording import Origin
from bot.texts.catalogue import Text, catalogue
from bot.texts.check import ALL_LANGUAGES
from bot.texts.languages import LANGUAGES
from bot.wording.drafting import add_draft, refuse_english, tidied
from bot.wording.faults import faults_of
from bot.wording.rights import require_known, require_may_write
from bot.wording.standing import Standing, read_standings

LARGEST_PO = 960 * 1024
"""Bytes; all wordings of a language are a tenth of that."""
MOST_ENTRIES = 2000
_PROJECT = "Easy to Reach"
_CHARSET = re.compile(r"charset=([\w.:-]+)", re.IGNORECASE)
_OURS = ("UTF-8", "UTF8", "CHARSET")
"""Charsets that a header may name; CHARSET stands in a file that nobody has begun."""


@dataclass(frozen=True)
class PoProblem:
    """What is wrong with one entry: the line it begins in, which part of it, and what to do."""

    row: int
    column: str
    code: str
    message: str


@dataclass
class PoImport:
    """What became of a file: entries that have a wording, each counted once; `stored` are new drafts."""

    language: str
    rows: int = 0
    accepted: int = 0
    fixed: int = 0
    rejected: int = 0
    duplicates: int = 0
    stored: int = 0
    problems: list[PoProblem] = field(default_factory=list)

    def answer(self) -> dict[str, object]:
        """The counts and the problems, for programs."""
        counts = ("rows", "accepted", "fixed", "rejected", "duplicates", "stored")
        return {name: getattr(self, name) for name in counts} | {"problems": [asdict(one) for one in self.problems]}


def export_po(session: Session, tag: str) -> tuple[bytes, int]:
    """A PO file with every text in a language, and how many texts that are; what is not approved is fuzzy.

    :raises Refused: a language that has no texts.
    """
    require_known((), tag)
    file = polib.POFile(wrapwidth=120)
    file.metadata = {
        "Project-Id-Version": _PROJECT,
        "Language": LANGUAGES[tag].folder,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    file.extend(_entry(standing) for standing in read_standings(session, [tag]))
    return str(file).encode(), len(file)


def _entry(standing: Standing) -> polib.POEntry:
    text, candidate = standing.text, standing.candidate
    fuzzy = ["fuzzy"] if candidate and standing.needed else []
    return polib.POEntry(
        msgctxt=text.key,
        msgid=text.source,
        msgstr=candidate.wording.body if candidate else "",
        comment="\n".join(_comments(text)),
        flags=fuzzy + (["python-brace-format"] if text.slots else []),
    )


def _comments(text: Text) -> Iterator[str]:
    yield text.purpose
    yield f"At most {text.cap} SMS {'part' if text.cap == 1 else 'parts'}."
    for slot in text.slots.values():
        yield f"{{{slot.name}}}: {slot.type}, such as {slot.example}."


def import_po(db: Database, content: bytes, actor: Actor, tag: str | None = None) -> PoImport:
    """Keep the wordings of a PO file as drafts, entry by entry; what is wrong is left out, with the reason.

    :param tag: the language it has to be of; None takes that of its header.
    :raises Refused: a file that is none of this project, of another language, too large, or not to be read.
    """
    file = _read(content)
    language = _language_of(file, tag)
    with db.write() as session:
        actor, practice_id = require_may_write(session, actor)
        standings = {standing.text.key: standing for standing in read_standings(session, [language])}
        result = PoImport(language)
        kept: set[str] = set()
        for entry in file:
            if not (entry.msgstr.strip() or entry.obsolete or entry.msgid_plural):
                continue
            body = _judge(entry, standings, kept, result)
            if body is not None:
                add_draft(session, entry.msgctxt, language, body, Origin.IMPORT, actor, practice_id)
    return result


def _read(content: bytes) -> polib.POFile:
    if len(content) > LARGEST_PO:
        raise Refused("too-large", "The file is larger than 960 KB. All wordings of a language take a tenth of that.")
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("not-utf-8", "The file is not in UTF-8. Save it with that encoding, and try again.") from None
    if "msgid" not in words or "\0" in words:
        raise _no_po("there is no msgid in it")
    try:
        # With a line of its own in front, no file of that name is opened in the place of these words.
        file = polib.pofile(f"\n{words}", encoding="utf-8")
    except (OSError, ValueError, IndexError, AttributeError) as error:
        line = re.search(r"line (\d+)", str(error))
        raise _no_po(f"line {int(line[1]) - 1} is not as it should be" if line else "it is broken") from None
    return _of_this_project(file)


def _no_po(why: str) -> Refused:
    return Refused(
        "not-po", f"This is no PO file that can be read: {why}. Export the language, and begin from that file."
    )


def _of_this_project(file: polib.POFile) -> polib.POFile:
    charset = _CHARSET.search(file.metadata.get("Content-Type", ""))
    if charset and charset[1].upper() not in _OURS:
        message = f"The header of the file says {charset[1]}. Save it in UTF-8, and let the header say so."
        raise Refused("not-utf-8", message)
    if len(file) > MOST_ENTRIES:
        raise Refused("too-many-entries", f"The file has more than {MOST_ENTRIES:,} entries, so it is not one of ours.")
    if not any(entry.msgctxt in catalogue() for entry in file):
        message = "None of its entries is a text of this service (msgctxt): it is of another project."
        raise Refused("other-project", message)
    return file


def _language_of(file: polib.POFile, wanted: str | None) -> str:
    written = file.metadata.get("Language", "").strip()
    by_name: Mapping[str, str] = {tag.casefold(): tag for tag in ALL_LANGUAGES}
    tag = by_name.get(written.replace("_", "-").casefold())
    if tag is None:
        named = f"the language {written}" if written else "no language"
        message = f'The header of the file names {named}. Write one that has texts, such as "Language: ur".'
        raise Refused("unknown-language", message)
    if wanted is not None and tag != wanted:
        message = f"The file is in {LANGUAGES[tag].english}. Upload it on the page of that language."
        raise Refused("other-language", message)
    refuse_english(tag)
    return tag


def _judge(entry: polib.POEntry, standings: Mapping[str, Standing], kept: set[str], result: PoImport) -> str | None:
    """Count one entry; gives its wording where that is to be kept."""
    result.rows += 1
    body = tidied(entry.msgstr)
    problems = list(_problems(entry, body, standings, kept, result.language))
    if problems:
        result.rejected += 1
        result.problems += problems
        return None
    kept.add(entry.msgctxt)
    if standings[entry.msgctxt].says_today(body):
        result.duplicates += 1
        return None
    result.stored += 1
    if body == entry.msgstr:
        result.accepted += 1
    else:
        result.fixed += 1
        message = "Curly quotes, long dashes, hard spaces or spaces at the ends of lines were made plain."
        result.problems.append(PoProblem(_line(entry), "msgstr", "made-plain", message))
    return body


def _problems(
    entry: polib.POEntry, body: str, standings: Mapping[str, Standing], kept: set[str], tag: str
) -> Iterator[PoProblem]:
    if refusal := _why_not_read(entry, standings, kept):
        yield PoProblem(_line(entry), *refusal)
        return
    for fault in faults_of(entry.msgctxt, tag, body):
        yield PoProblem(_line(entry), "msgstr", fault.code, fault.message)


def _why_not_read(
    entry: polib.POEntry, standings: Mapping[str, Standing], kept: set[str]
) -> tuple[str, str, str] | None:
    """Column, code and sentence where the entry as such is not one of ours."""
    standing = standings.get(entry.msgctxt or "")
    if entry.obsolete:
        return "msgid", "obsolete", "The entry is marked as obsolete (#~), so it was left out."
    if standing is None:
        return "msgctxt", "unknown-text", f"There is no text {entry.msgctxt or 'without a msgctxt'} in this service."
    if entry.msgid_plural:
        return "msgid_plural", "plural", "No text has plural forms here: each is one sentence for one person."
    if entry.msgid != standing.text.source:
        message = "Its English is not that of today. Export the language again, and translate from there."
        return "msgid", "source-differs", message
    if entry.msgctxt in kept:
        return "msgctxt", "repeated", "The text stands in the file before this line already; that one was taken."
    return None


def _line(entry: polib.POEntry) -> int:
    """Where the entry begins in the file as it was given."""
    return max((entry.linenum or 0) - 1, 1)
